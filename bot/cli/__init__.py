"""The command line: `triage`. Parses arguments, prints, and turns errors into sentences and exit codes.

Imports of vendors happen inside the commands that need them, so that `triage match` starts at once.
"""

from __future__ import annotations

import gc
import sys
import traceback
from argparse import Namespace
from collections.abc import Sequence
from typing import NoReturn

from bot.cli.arguments import WrongUsage, build_parser
from bot.cli.output import OutputLost, complain, print_error, print_warning
from bot.domain.errors import TriageError
from bot.settings.misspelt import warnings

INTERRUPTED = 130
BROKEN_PROGRAM = 70
"""An error that is none of ours: a defect of this program. Not 1, which says that a fault was found."""
OUTPUT_LOST = 74
"""Standard output could not be written, so nobody was told the result."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code. Never shows a traceback for an error of ours."""
    given = list(sys.argv[1:] if argv is None else argv)
    as_json = wants_json(given)
    try:
        return _run(given, as_json=as_json)
    except OutputLost as error:
        if not error.reader_left:
            complain(f"triage: The result could not be written to standard output: {error}.\n")
        return OUTPUT_LOST
    except KeyboardInterrupt:
        return INTERRUPTED


def _run(given: list[str], *, as_json: bool) -> int:
    try:
        arguments = build_parser().parse_args(given)
        _warn(arguments)
        return int(arguments.run(arguments))
    except WrongUsage as error:
        if as_json:
            print_error(error, as_json=True)
        else:
            complain(error.text())
        return error.exit_code
    except TriageError as error:
        print_error(error, as_json=as_json)
        return error.exit_code
    except (OutputLost, BrokenPipeError):
        raise
    except Exception as error:  # noqa: BLE001 - the process ends here: told as a defect, not as a fault of the cluster
        return _told_as_a_defect(error, as_json=as_json)


def _told_as_a_defect(error: Exception, *, as_json: bool) -> int:
    complain(traceback.format_exc())
    told = TriageError(
        f"Triage itself failed ({type(error).__name__}); this says nothing about the cluster.",
        "Please report it with the lines above; `triage --version` says which version it is.",
    )
    print_error(told, as_json=as_json)
    return BROKEN_PROGRAM


def _warn(arguments: Namespace) -> None:
    """Tell of misspelt variables, which would be ignored in silence. Not while a shell asks for completions."""
    if getattr(arguments, "quiet", False):
        return
    for sentence in warnings():
        print_warning(sentence)


def wants_json(given: Sequence[str]) -> bool:
    """Whether these arguments ask for JSON, whatever else may be wrong with them."""
    pairs = zip(given, [*given, ""][1:], strict=True)
    return any(
        word in ("-ojson", "-o=json", "--output=json") or (word in ("-o", "--output") and value == "json")
        for word, value in pairs
    )


def entry() -> NoReturn:
    """The console script. Imports make many objects that all stay: collecting among them is a tenth of the start."""
    gc.set_threshold(50_000, 20, 20)
    sys.exit(main())
