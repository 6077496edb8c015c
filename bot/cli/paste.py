"""Reads a paste from a file or standard input."""

from __future__ import annotations

import sys
from pathlib import Path

from bot.domain.errors import UsageError
from bot.engine.match.decode import decode

MAX_BYTES = 64 * 1024 * 1024


def read_paste(name: str) -> str:
    """The text of a file, or of standard input for `-`. Raises `UsageError` or `PasteRejected` with what to do."""
    if name == "-":
        if sys.stdin.isatty():
            sys.stderr.write("Paste the error, then press Ctrl-D.\n")
        return decode(sys.stdin.buffer.read(MAX_BYTES + 1))
    path = Path(name)
    try:
        with path.open("rb") as file:
            return decode(file.read(MAX_BYTES + 1))
    except IsADirectoryError as exc:
        raise UsageError(f"{name} is a directory.", "Name a file, or - for standard input.") from exc
    except FileNotFoundError as exc:
        raise UsageError(f"There is no file {name}.", "Name a file that exists, or - for standard input.") from exc
    except PermissionError as exc:
        raise UsageError(f"{name} may not be read.", "Change its permissions, or paste it on standard input.") from exc
    except OSError as exc:
        raise UsageError(
            f"{name} cannot be read: {exc.strerror}.", "Name another file, or - for standard input."
        ) from exc
