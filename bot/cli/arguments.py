"""Which commands there are and what they take; `--help` of each says it all."""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path
from typing import Any, NoReturn

from bot.cli import apply, audit, authoring, commands, completion, discover, doctor, playbooks, policy
from bot.cli.hiding import safe_boundary
from bot.cli.output import print_text
from bot.domain.errors import UsageError
from bot.version import VERSION
from bot.yamlfile.spelling import nearest

EXIT_CODES = "exit codes: 0 healthy or recovered, 1 fault found, 2 inconclusive, 3 wrong usage or configuration"


class WrongUsage(UsageError):
    """What was typed fits no command. Exit code 3: 2, argparse's own, means an inconclusive diagnosis."""

    def __init__(self, message: str, program: str, usage: str) -> None:
        super().__init__(message, f"Try: {program} --help")
        self.program = program
        self.usage = usage

    def text(self) -> str:
        """For a terminal: how it is used, what is wrong, where to read more."""
        return f"{self.usage}{self.program}: {self.message}\n{self.remedy}\n"


class Parser(argparse.ArgumentParser):
    """Raises `WrongUsage` instead of leaving the program, so that it can be told as JSON too."""

    def error(self, message: str) -> NoReturn:
        hide = safe_boundary().text  # it quotes what was typed
        if message.endswith("required: COMMAND"):  # nothing was typed: what there is says more than what is missing
            raise WrongUsage("Which command?", self.prog, f"{self.format_help()}\n")
        raise WrongUsage(hide(with_suggestion(message)), self.prog, self.format_usage())

    def _print_message(self, message: str, _file: Any = None) -> None:
        """Help goes the way of every result, so that a full disk or a closed pipe is noticed."""
        if message:
            print_text(message.rstrip("\n"))


def with_suggestion(message: str) -> str:
    """argparse's words for a choice that does not exist, with the one that was probably meant."""
    found = re.search(r"invalid choice: '([^']*)' \(choose from (.+)\)$", message)
    if found is None:
        return message
    choices = [name.strip().strip("'") for name in found[2].split(",")]
    meant = nearest(found[1], choices)
    return f"{message}; did you mean {meant}?" if meant else message


def build_parser() -> argparse.ArgumentParser:
    """The whole command line."""
    parser = Parser(
        prog=completion.program_name(),
        description="Names the root cause of a Kubernetes incident, with the evidence, and says what it could not see.",
    )
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    parser.add_argument("--version", action="version", version=f"triage {VERSION} (Python {python})")
    sub = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    _run(sub.add_parser("run", help="start the bot: Slack if its tokens are set, else the sandbox", description=RUN))
    _match(sub.add_parser("match", help="recognise known errors in a text, offline", description=MATCH))
    _diagnose(sub.add_parser("diagnose", help="diagnose an app on a cluster", description=DIAGNOSE, epilog=EXIT_CODES))
    _apply(apply.add(sub, commands.apply))
    _snapshot(sub.add_parser("snapshot", help="save what a diagnosis would look at", description=SNAPSHOT))
    discover.add(sub, _cluster, commands.view_of)
    authoring.add(playbooks.add(sub), _looking, commands.diagnosis_of)
    policy.add(sub)
    audit.add(sub)
    doctor.add(sub)
    completion.add(sub, build_parser)
    return parser


RUN = (
    "Starts the bot. With SLACK_BOT_TOKEN and SLACK_APP_TOKEN set it connects to Slack and reads the current "
    "kubeconfig's cluster (or the one it runs in). Without them it starts the sandbox: a Slack-like page on this "
    "machine and a simulated cluster with a broken Onyx; nothing leaves the machine. `.env` is read if it is there."
)
MATCH = "Finds known errors in a pasted log or message. Needs no cluster and no network."
DIAGNOSE = (
    "Reads the cluster with your kubeconfig's rights, changes nothing, and names the root cause. "
    "Give the pasted error with --paste to have it explained."
)
SNAPSHOT = (
    "Reads the cluster as `diagnose` does and saves what it saw in a file, with secrets replaced by tokens. "
    "`triage diagnose APP --snapshot FILE` replays it anywhere, without the cluster, to the same diagnosis."
)


class _Named(argparse.Action):
    """What is asked about in one word, or in two as kubectl takes them: `deployment front` is `deployment/front`."""

    def __call__(
        self, parser: argparse.ArgumentParser, namespace: argparse.Namespace, values: Any, _: str | None = None
    ) -> None:
        if len(values) > 2:
            parser.error(f"one question is about one thing, and here are {len(values)}: {', '.join(values)}")
        setattr(namespace, self.dest, "/".join(values) or None)


def _cluster(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--context", metavar="NAME", help="context of the kubeconfig (default: its current one)")
    parser.add_argument(
        "--exec",
        action="store_true",
        default=None,
        dest="allow_exec",
        help="also ask the calling container for its URL variable, by exec (not read-only; default: off)",
    )
    parser.add_argument("--kubeconfig", metavar="FILE", help="kubeconfig (default: $KUBECONFIG or ~/.kube/config)")


def _run(parser: argparse.ArgumentParser) -> None:
    _cluster(parser)
    parser.add_argument("--config", type=Path, metavar="FILE", help="settings file (default: $TRIAGE_CONFIG)")
    playbooks.own_playbooks(parser)
    parser.add_argument("--port", type=int, metavar="N", help="port of the sandbox page (default: 8765, or a free one)")
    parser.set_defaults(run=commands.run)


def _match(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "file", nargs="?", default="-", metavar="FILE", help="the text; - or nothing reads standard input"
    )
    parser.add_argument("--app", metavar="APP", help="look for errors of this app only")
    playbooks.common(parser)
    parser.set_defaults(run=commands.match)


def _diagnose(parser: argparse.ArgumentParser) -> None:
    _looking(parser)
    parser.add_argument("--all-checks", action="store_true", help="print every check, not only those that fail")
    parser.add_argument(
        "--explain", action="store_true", help="let the configured language model put it in plain words, below it"
    )
    parser.add_argument("--show-sent", action="store_true", help="with --explain: print what the model was sent")
    parser.set_defaults(run=commands.diagnose)


def _looking(parser: argparse.ArgumentParser) -> None:
    """What to diagnose: an app on a cluster or in a snapshot, with a paste."""
    _subject(parser)
    parser.add_argument("--snapshot", metavar="FILE", help="diagnose this snapshot instead of a cluster; - reads stdin")
    parser.add_argument("--paste", metavar="FILE", help="a pasted error to explain; - reads standard input")
    _cluster(parser)
    playbooks.common(parser)


def _apply(parser: argparse.ArgumentParser) -> None:
    _subject(parser)
    _cluster(parser)
    playbooks.common(parser)


def _subject(parser: argparse.ArgumentParser) -> None:
    """What to look at and where, for commands that read a cluster."""
    parser.add_argument(
        "app",
        nargs="*",
        action=_Named,
        metavar="APP",
        help="the app, e.g. onyx (`triage playbooks list` names all), a namespace (namespace/NAME, or only -n NAME), "
        "or an object in one: deployment/NAME, pod/NAME, job/NAME, service/NAME and so on, with kubectl's short forms",
    )
    parser.add_argument(
        "-n", "--namespace", metavar="NS", help="its namespace (default: found; of a workload: the context's)"
    )
    parser.add_argument("--release", metavar="NAME", help="which one, if the namespace holds several of the app")
    parser.add_argument(
        "--timeout",
        type=float,
        default=20,
        metavar="SECONDS",
        help="longest time for one look at the cluster (default: 20)",
    )


def _snapshot(parser: argparse.ArgumentParser) -> None:
    _subject(parser)
    parser.add_argument(
        "-f", "--file", required=True, metavar="FILE", help="where to save it; packed if it ends with .gz; - is stdout"
    )
    parser.add_argument("--force", action="store_true", help="overwrite the file if it is there")
    _cluster(parser)
    playbooks.common(parser)
    parser.set_defaults(run=commands.snapshot)
