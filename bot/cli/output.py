"""Printing: results to standard output, errors and progress to standard error."""

from __future__ import annotations

import json
import sys
from typing import Any

from bot.cli.hiding import safe_boundary
from bot.domain.errors import FilesRejected, TriageError

SCHEMA = "triage/v1"


def print_json(data: Any) -> None:
    """One JSON document."""
    json.dump(data, sys.stdout, indent=2, ensure_ascii=False)
    sys.stdout.write("\n")
    sys.stdout.flush()


def print_text(text: str) -> None:
    """Text; what the terminal's encoding cannot show is replaced, not fatal."""
    encoding = sys.stdout.encoding or "utf-8"
    sys.stdout.write(text.encode(encoding, "replace").decode(encoding) + "\n")
    sys.stdout.flush()


def progress(sentence: str) -> None:
    """What is being done, for a person who waits at a terminal; silent in scripts."""
    if sys.stderr.isatty():
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
        sys.stderr.write(f"{problem}\n")
    sys.stderr.write(f"triage: {message}\n        {remedy}\n")
