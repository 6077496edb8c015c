"""`python -m bot` is the same command as `triage`."""

from bot.cli import entry

entry()
