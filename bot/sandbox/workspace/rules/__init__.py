"""What Slack demands of blocks, elements and rich text, in its own words."""
