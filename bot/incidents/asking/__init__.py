"""What somebody means who speaks to the bot: a small grammar, no model."""
