"""Settings, and the only reader of the environment. Loaded by the commands that need them (`triage run`).

One module per topic. Every setting's docstring says what it means and why its default is what it is; its unit stands in
the field. `deploy/docs/settings.md` is generated from them (`python -m bot.settings.reference`).
"""

from __future__ import annotations

from bot.settings.load import Settings, check_tokens, load_settings

__all__ = ["Settings", "check_tokens", "load_settings"]
