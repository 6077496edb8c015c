"""Printing: results to standard output, errors and progress to standard error."""

from __future__ import annotations

import json
import os
import sys
from typing import Any

from bot.cli.hiding import safe_boundary
from bot.domain.errors import FilesRejected, TriageError

SCHEMA = "triage/v1"


class OutputLost(Exception):
    """Standard output takes nothing more: closed, full, or its reader has gone. The command's result is not told."""

    def __init__(self, reason: str, *, reader_left: bool = False) -> None:
        super().__init__(reason)
        self.reader_left = reader_left


def print_json(data: Any) -> None:
    """One JSON document. Raises `OutputLost`."""
    _write(json.dumps(data, indent=2, ensure_ascii=False) + "\n")


def print_text(text: str) -> None:
    """Text; what the terminal's encoding cannot show is replaced, not fatal. Raises `OutputLost`."""
    _write(text + "\n")


def _write(text: str) -> None:
    stream = sys.stdout
    if stream is None or stream.closed:  # `triage … >&-` starts without one
        raise OutputLost("it is closed")
    encoding = stream.encoding or "utf-8"
    try:
        stream.write(text.encode(encoding, "replace").decode(encoding))
        stream.flush()
    except BrokenPipeError as exc:
        _discard()
        raise OutputLost("its reader has gone", reader_left=True) from exc
    except (OSError, ValueError) as exc:
        _discard()
        raise OutputLost(getattr(exc, "strerror", None) or str(exc)) from exc


def _discard() -> None:
    """Let the interpreter's last flush go nowhere: it would complain with a traceback and an exit code of its own."""
    try:
        descriptor = sys.stdout.fileno()
    except (OSError, ValueError, AttributeError):
        return  # a stream of a test, or one that is closed
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, descriptor)
    os.close(nowhere)


def print_warning(text: str) -> None:
    """Something that is probably not meant, and stops nothing."""
    complain(f"triage: {safe_boundary().text(text)}\n")


def progress(sentence: str) -> None:
    """What is being done, for a person who waits at a terminal; silent in scripts."""
    if sys.stderr is not None and sys.stderr.isatty():
        sys.stderr.write(f"{sentence} …\n")


def print_error(error: TriageError, *, as_json: bool) -> None:
    """The error and what to do next. With JSON output, also as JSON on standard output.

    Errors quote what people typed and what servers said: secrets in them are hidden.
    """
    hide = safe_boundary().text
    problems = [hide(problem) for problem in error.problems] if isinstance(error, FilesRejected) else []
    message, remedy = hide(error.message), hide(error.remedy)
    if as_json:
        print_json({"schema": SCHEMA, "error": {"message": message, "remedy": remedy, "problems": problems}})
    for problem in problems:
        complain(f"{problem}\n")
    complain(f"triage: {message}\n        {remedy}\n")


def complain(text: str) -> None:
    """To standard error; where that is closed too, nobody is left to tell."""
    if sys.stderr is None:
        return
    try:
        sys.stderr.write(text)
        sys.stderr.flush()
    except (OSError, ValueError):
        return
