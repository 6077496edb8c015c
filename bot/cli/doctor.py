"""`triage doctor`: what works and what does not. Registered in `bot.cli.arguments`. Changes nothing."""

from __future__ import annotations

from argparse import Namespace, _SubParsersAction
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.cli.output import print_json, print_text

DOCTOR = (
    "Looks at everything the bot needs, with the settings it would run with: tokens and scopes, database and audit "
    "chain, playbooks, policy, monitors, model, clusters, rights per namespace, clocks. Changes nothing."
)
EXIT_CODES = "exit codes: 0 nothing failed, 1 something failed, 3 the settings themselves are wrong"
FAILED = 1


def add(sub: _SubParsersAction[Any]) -> None:
    """Register `triage doctor`."""
    parser = sub.add_parser("doctor", help="what works and what does not", description=DOCTOR, epilog=EXIT_CODES)
    parser.add_argument(
        "-n", "--namespace", action="append", default=[], metavar="NS", help="look at the rights there; may be repeated"
    )
    parser.add_argument("--config", type=Path, metavar="FILE", help="settings file (default: $TRIAGE_CONFIG)")
    parser.add_argument("--context", metavar="NAME", help="context of the kubeconfig (default: its current one)")
    parser.add_argument("--kubeconfig", metavar="FILE", help="kubeconfig (default: $KUBECONFIG or ~/.kube/config)")
    parser.add_argument("-o", "--output", choices=("text", "json"), default="text", help="how to print (default: text)")
    parser.set_defaults(run=run)


def run(arguments: Namespace) -> int:
    """`triage doctor`."""
    from bot.bootstrap.doctor import Doctor, lenient_boundary  # noqa: PLC0415 - every client of the program, a second to import
    from bot.runtime.doctor import examine, is_well, report, text  # noqa: PLC0415
    from bot.settings import load_settings  # noqa: PLC0415

    settings = load_settings(config=arguments.config, context=arguments.context, kubeconfig=arguments.kubeconfig)
    boundary = lenient_boundary(settings)
    doctor = Doctor(settings, lambda: datetime.now(UTC), tuple(arguments.namespace), boundary)
    results = examine(doctor.checks(), boundary)
    if arguments.output == "json":
        print_json(report(results))
    else:
        print_text(text(results))
    return 0 if is_well(results) else FAILED
