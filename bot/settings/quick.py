"""Whether a setting may be set at all, without building the settings: for commands that start at once.

It may say yes for nothing (a settings file that says nothing of it), and then the settings themselves decide. It never
says no where they would say something.
"""

from __future__ import annotations

import os
from pathlib import Path

DOTENV = Path(".env")
"""As in `bot.settings.load`."""


def may_be_set(*variables: str) -> bool:
    """Whether the environment or `.env` mentions one of these variables, or a settings file that could set them."""
    wanted = (*variables, "TRIAGE_CONFIG")
    if any(name.upper() in wanted and value for name, value in os.environ.items()):  # noqa: TID251
        return True
    try:
        said = DOTENV.read_text(encoding="utf-8", errors="replace").upper()
    except OSError:
        return False
    return any(name in said for name in wanted)
