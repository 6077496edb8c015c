"""Settings, and the only reader of the environment. Loaded by the commands that need them (`triage run`).

One module per topic. Every setting's docstring says what it means and why its default is what it is; its unit stands in
the field. `deploy/docs/settings.md` is generated from them (`python -m bot.settings.reference`). They are built when
they are first asked for: `triage match` only looks whether one of them is set (`bot.settings.quick`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bot.settings.load import Settings, check_tokens, load_settings

__all__ = ["Settings", "check_tokens", "load_settings"]


def __getattr__(name: str) -> Any:
    """The names above. Building the settings costs 50 ms, which commands without any need not pay."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from bot.settings import load  # noqa: PLC0415

    return getattr(load, name)
