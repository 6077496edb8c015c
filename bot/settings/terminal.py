"""What the terminal asks for: colour or none, how wide. Read from the environment that every terminal program reads."""

from __future__ import annotations

import os
import shutil
from typing import TextIO

UNKNOWN_WIDTH = 110
"""Columns where nothing says how wide the output is: a file, a pipe."""
NARROWEST = 40
WIDEST = 160
"""Longer lines of prose are hard to read, however wide the terminal is."""


def wants_colour(stream: TextIO) -> bool:
    """Whether colour is welcome: a terminal that is not dumb, and no `NO_COLOR` (https://no-color.org)."""
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("CLICOLOR_FORCE", "0") != "0" or os.environ.get("FORCE_COLOR", "0") != "0":
        return True
    return stream.isatty() and os.environ.get("TERM", "") not in ("", "dumb")


def width(stream: TextIO) -> int:
    """Columns to write in: `COLUMNS`, else the terminal's, else `UNKNOWN_WIDTH`."""
    asked = os.environ.get("COLUMNS", "").isdigit()
    columns = shutil.get_terminal_size((UNKNOWN_WIDTH, 24)).columns if asked or stream.isatty() else UNKNOWN_WIDTH
    return max(NARROWEST, min(columns, WIDEST))
