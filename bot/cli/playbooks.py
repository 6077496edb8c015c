"""`triage playbooks`: checks, lists, describes and drafts playbooks."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from bot.cli.output import print_json, print_text
from bot.domain.errors import ConfigurationError
from bot.playbook.location import default_playbooks

if TYPE_CHECKING:
    from bot.playbook.loaded import PlaybookSet

FAILED = 1


def playbooks_check(arguments: Namespace) -> int:
    """`triage playbooks check`: every mistake, then every case."""
    from bot.diagnosis.cases import run_cases  # noqa: PLC0415

    directory = arguments.directory or arguments.playbooks
    playbooks = load(directory)
    results = list(run_cases(playbooks))
    if arguments.redaction is not None:
        from bot.redaction import load_site_rules  # noqa: PLC0415

        load_site_rules(arguments.redaction)
    failed = [item for item in results if item.problems]
    if arguments.output == "json":
        rows = [{"file": item.file, "case": item.name, "problems": list(item.problems)} for item in failed]
        print_json({"schema": "triage/v1", "playbooks": len(playbooks.files), "cases": len(results), "failed": rows})
    else:
        for item in failed:
            print_text(f"{item.file}: {item.name}: {'; '.join(item.problems)}")
        passed = len(results) - len(failed)
        print_text(f"{len(playbooks.files)} playbooks, {len(results)} cases: {passed} passed, {len(failed)} failed")
    return FAILED if failed else 0


def playbooks_draft(arguments: Namespace) -> int:
    """`triage playbooks draft`: a playbook from an unknown error, by the language model."""
    from bot.cli.wording import draft  # noqa: PLC0415

    return draft(arguments, load(arguments.playbooks))


def playbooks_list(arguments: Namespace) -> int:
    """`triage playbooks list`: the catalogue."""
    from bot.diagnosis.listing import listing, listing_text  # noqa: PLC0415

    playbooks = load(arguments.playbooks)
    if arguments.output == "json":
        print_json(listing(playbooks))
    else:
        print_text(listing_text(playbooks))
    return 0


def playbooks_schema(_arguments: Namespace) -> int:
    """`triage playbooks schema`: JSON Schema of a playbook file."""
    from bot.playbook.json_schema import json_schema  # noqa: PLC0415

    print_json(json_schema())
    return 0


def load(directory: Path | None, *, quick: bool = False) -> PlaybookSet:
    """The playbooks to use. `quick` trusts those that come with the program: they have passed `playbooks check`."""
    from bot.playbook.loader import load, load_checked  # noqa: PLC0415

    chosen = directory or default_playbooks()
    if not chosen.is_dir():
        raise ConfigurationError(f"There is no directory {chosen} with playbooks.", "Name one with --playbooks.")
    return load_checked(chosen) if quick and directory is None else load(chosen)
