"""`triage discover`: what runs in a namespace, and who calls whom. Registered in `bot.cli.arguments`."""

from __future__ import annotations

import argparse
from argparse import Namespace, _SubParsersAction
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import yaml

from bot.cli.output import print_json, print_text
from bot.domain.errors import UsageError

if TYPE_CHECKING:
    from bot.domain.view import View

DISCOVER = (
    "Works out from the cluster which workloads a namespace has and who calls whom, with the place that says so: "
    "variables, ConfigMaps, commands, Ingresses and failed calls in logs. `-o playbook` prints the app.yaml of a "
    "playbook to start from. Changes nothing."
)
FORMATS = ("text", "json", "mermaid", "playbook")


def add(
    sub: _SubParsersAction[Any], options: Callable[[argparse.ArgumentParser], None], look: Callable[..., View]
) -> None:
    """Register `triage discover`. `options` adds those of a cluster, `look` reads the namespace."""
    parser = sub.add_parser("discover", help="what runs in a namespace, and who calls whom", description=DISCOVER)
    parser.add_argument("app", nargs="?", metavar="NAMESPACE", help="the namespace; also as -n NAME")
    parser.add_argument("-n", "--namespace", metavar="NS", help="the same")
    parser.add_argument("--snapshot", metavar="FILE", help="draw this snapshot instead of a cluster; - reads stdin")
    parser.add_argument("--timeout", type=float, default=20, metavar="SECONDS", help="longest time for one look")
    parser.add_argument("-o", "--output", choices=FORMATS, default="text", help="how to print (default: text)")
    options(parser)
    parser.set_defaults(run=lambda arguments: run(arguments, look), playbooks=None, release=None)


def run(arguments: Namespace, look: Callable[..., View]) -> int:
    """`triage discover`."""
    view = _view(arguments, look)
    from bot.engine.discovery.discover import discover  # noqa: PLC0415 - only once the cluster has answered
    from bot.engine.discovery.drawing import graph_json, graph_mermaid, graph_text, playbook_of  # noqa: PLC0415

    found = discover(view)
    if arguments.output == "json":
        print_json(graph_json(found))
    elif arguments.output == "mermaid":
        print_text(graph_mermaid(found))
    elif arguments.output == "playbook":
        if not found.components:
            raise UsageError(f"Nothing runs in namespace {view.namespace}.", "Name another one.")
        print_text(yaml.safe_dump(playbook_of(found), sort_keys=False, allow_unicode=True, width=110).rstrip())
    else:
        print_text(graph_text(found))
    return 0


def _view(arguments: Namespace, look: Callable[..., View]) -> View:
    """The view of the namespace that the arguments name, or the saved one."""
    name = (arguments.app or arguments.namespace or "").removeprefix("namespace/")
    if arguments.snapshot is not None:
        return _saved(arguments, name)
    if not name:
        raise UsageError("Which namespace shall be looked at?", "Name it: triage discover NAMESPACE.")
    arguments.app, arguments.namespace = f"namespace/{name}", None
    return look(arguments)


def _saved(arguments: Namespace, name: str) -> View:
    """What the file holds. Imports nothing that could reach a cluster."""
    from bot.cli.snapshots import load  # noqa: PLC0415

    if arguments.context or arguments.kubeconfig:
        raise UsageError("--snapshot looks at no cluster.", "Leave out --context and --kubeconfig.")
    view = load(arguments.snapshot).view
    if name and name != view.namespace:
        message = f"{arguments.snapshot} is of namespace {view.namespace}, not of {name}."
        raise UsageError(message, "Leave out the name.")
    return view
