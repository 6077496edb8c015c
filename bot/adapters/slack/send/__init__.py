"""What goes out to Slack: the Web API, the queue with Slack's rates, private answers."""
