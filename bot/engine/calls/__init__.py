"""Failed calls in any text: how a call failed, and to where. `read_failed_calls` is the way in."""

from bot.engine.calls.reading import CallReader, read_failed_calls

__all__ = ["CallReader", "read_failed_calls"]
