"""The HTTP server: a bot's endpoints, and the page for a person."""
