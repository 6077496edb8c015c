"""Running the bot: who leads, what is done when, what is counted, what is wrong."""
