"""Printing: results to standard output, errors and progress to standard error."""

from __future__ import annotations

import json
import sys
from typing import Any

from bot.domain.errors import PlaybooksRejected, TriageError

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
    """The error and what to do next. With JSON output, also as JSON on standard output."""
    problems = error.problems if isinstance(error, PlaybooksRejected) else ()
    if as_json:
        body = {"message": error.message, "remedy": error.remedy, "problems": list(problems)}
        print_json({"schema": SCHEMA, "error": body})
    for problem in problems:
        sys.stderr.write(f"{problem}\n")
    sys.stderr.write(f"triage: {error.message}\n        {error.remedy}\n")
