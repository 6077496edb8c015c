"""The command line: `triage`. Parses arguments, prints, and turns errors into sentences and exit codes.

Imports of vendors happen inside the commands that need them, so that `triage match` starts at once.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Sequence
from typing import NoReturn

from bot.cli.arguments import build_parser
from bot.cli.output import print_error
from bot.domain.errors import TriageError

INTERRUPTED = 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code. Never shows a traceback for an error of ours."""
    arguments = build_parser().parse_args(argv)
    try:
        return int(arguments.run(arguments))
    except TriageError as error:
        print_error(error, as_json=getattr(arguments, "output", "text") == "json")
        return error.exit_code
    except BrokenPipeError:
        # The reader of our output has gone (`| head`); nobody is left to tell.
        sys.stderr.close()
        return 0
    except KeyboardInterrupt:
        return INTERRUPTED


def entry() -> NoReturn:
    """The console script. Imports make many objects that all stay: collecting among them is a tenth of the start."""
    gc.set_threshold(50_000, 20, 20)
    sys.exit(main())
