"""Remedies: which ones fit a cause, with steps, parameters, patch and kubectl command. Pure; nothing here writes."""

from bot.engine.remedies.parameters import with_parameters
from bot.engine.remedies.propose import remedies_of

__all__ = ["remedies_of", "with_parameters"]
