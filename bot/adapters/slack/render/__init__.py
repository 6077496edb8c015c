"""How things look in Slack: blocks, modals, the Home tab. Pure."""
