"""`triage discover`: what runs in a namespace, and who calls whom. Registered in `bot.cli.arguments`."""

from __future__ import annotations

import argparse
from argparse import Namespace, _SubParsersAction
from collections.abc import Callable
from typing import Any

import yaml

from bot.cli.output import print_json, print_text
from bot.domain.errors import UsageError

DISCOVER = (
    "Works out from the cluster which workloads a namespace has and who calls whom, with the place that says so: "
    "variables, ConfigMaps, commands, Ingresses and failed calls in logs. `-o playbook` prints the app.yaml of a "
    "playbook to start from. Changes nothing."
)
FORMATS = ("text", "json", "mermaid", "playbook")


def add(
    sub: _SubParsersAction[Any], options: Callable[[argparse.ArgumentParser], None], look: Callable[..., Any]
) -> None:
    """Register `triage discover`. `options` adds those of a cluster, `look` reads the namespace."""
    parser = sub.add_parser("discover", help="what runs in a namespace, and who calls whom", description=DISCOVER)
    parser.add_argument("app", nargs="?", metavar="NAMESPACE", help="the namespace; also as -n NAME")
    parser.add_argument("-n", "--namespace", metavar="NS", help="the same")
    parser.add_argument("--timeout", type=float, default=20, metavar="SECONDS", help="longest time for one look")
    parser.add_argument("-o", "--output", choices=FORMATS, default="text", help="how to print (default: text)")
    options(parser)
    parser.set_defaults(run=lambda arguments: run(arguments, look), playbooks=None, release=None)


def run(arguments: Namespace, look: Callable[..., Any]) -> int:
    """`triage discover`."""
    name = arguments.app or arguments.namespace
    if not name:
        raise UsageError("Which namespace shall be looked at?", "Name it: triage discover NAMESPACE.")
    arguments.app, arguments.namespace = f"namespace/{name.removeprefix('namespace/')}", None
    view = look(arguments)
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
