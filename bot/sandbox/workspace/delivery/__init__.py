"""What Slack sends to an app, and on which way: Socket Mode or HTTP."""
