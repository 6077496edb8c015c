"""`triage policy`: checks the file that says who may change what, and prints its JSON Schema.

Registered in `bot.cli.arguments`. Talks to nobody: neither Slack nor a cluster is asked whether the ids exist.
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace, _SubParsersAction
from pathlib import Path
from typing import Any

from bot.cli.output import SCHEMA, print_json, print_text
from bot.domain.errors import UsageError

POLICY = (
    "The policy is the YAML file that says who may change what, where, how far and when. Without one, or with a broken "
    "one, nobody may change anything. deploy/policy/policy.yaml explains every field."
)


def add(sub: _SubParsersAction[Any]) -> None:
    """Register `triage policy` and its commands."""
    parser = sub.add_parser("policy", help="check the policy that says who may change what", description=POLICY)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    checking = commands.add_parser("check", help="find every mistake", description="Checks a policy.")
    checking.add_argument("file", nargs="?", type=Path, metavar="FILE", help="default: the one TRIAGE_POLICY names")
    _output(checking)
    checking.set_defaults(run=check)
    schema = commands.add_parser("schema", help="JSON Schema of a policy, for editors", description="Prints it.")
    _output(schema)
    schema.set_defaults(run=print_schema)


def _output(parser: ArgumentParser) -> None:
    parser.add_argument("-o", "--output", choices=("text", "json"), default="text", help="how to print (default: text)")


def check(arguments: Namespace) -> int:
    """`triage policy check`: every mistake, else what may not be meant."""
    from bot.changes.policy.loader import load  # noqa: PLC0415 - pydantic models cost time to build
    from bot.changes.policy.views import notes  # noqa: PLC0415

    path = arguments.file or _configured()
    policy = load(path)
    remarks = notes(policy)
    if arguments.output == "json":
        roles = sorted(policy.roles)
        print_json({"schema": SCHEMA, "file": str(path), "digest": policy.digest, "roles": roles, "notes": remarks})
    else:
        for remark in remarks:
            print_text(f"note: {remark}")
        names = ", ".join(sorted(policy.roles)) or "none"
        print_text(f"{path}: no mistakes. Roles: {names}.")
    return 0


def _configured() -> Path:
    from bot.settings import load_settings  # noqa: PLC0415

    path = load_settings().policy
    if path is None:
        raise UsageError("No policy is named.", "Say `triage policy check FILE`, or set TRIAGE_POLICY.")
    return path


def print_schema(_arguments: Namespace) -> int:
    """`triage policy schema`: JSON Schema of a policy file."""
    from bot.changes.policy.schema import json_schema  # noqa: PLC0415

    print_json(json_schema())
    return 0
