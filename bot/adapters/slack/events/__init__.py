"""What comes in from Slack: messages, commands, presses, forms."""
