"""The bot in Slack. Only this package imports slack_bolt and slack_sdk; `bot.py` is where to start reading."""
