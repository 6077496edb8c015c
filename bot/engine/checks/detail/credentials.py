"""What can be said of a refused password without reading a Secret: who takes it from where, and since when. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

from bot.engine.binding import Binding, BoundComponent
from bot.engine.checks.containers import clock_time, runs

_SECRETIVE = re.compile(r"(?i)pass|pwd|secret|token|cred|auth|key|user|login|dsn|ur[il]")


def credentials_in_words(binding: Binding, component: BoundComponent) -> str:
    """`It takes DB_PASSWORD from Secret db; deployment/db takes POSTGRES_PASSWORD from it too and was started later…`.

    Empty if it takes no such variable from a Secret.
    """
    own = dict(_secrets(component))
    if not own:
        return ""
    said = ", ".join(f"{variable} from Secret {name}" for name, variable in own.items())
    text = f"It takes {said}"
    # What is called and refuses others is the one that has the password; what only calls it too has it as well.
    for other in sorted(_called(binding, component), key=lambda item: not refuses_others(binding, item)):
        theirs = dict(_secrets(other))
        target = other.workload.target if other.workload else other.spec.label
        shared = next((name for name in theirs if name in own), "")
        begun, their_start = _started(component), _started(other)
        if shared and begun and their_start and their_start > begun:
            return (
                f"{text}, as {target} does, which was started at {clock_time(their_start)}, after it "
                f"({clock_time(begun)}): if Secret {shared} was changed between, it holds the old password"
            )
        if shared:
            return f"{text}, as {target} does"
        if theirs:
            name, variable = next(iter(theirs.items()))
            return f"{text}; {target} takes {variable} from Secret {name}: they have to hold the same password"
    return text


def credentials_source(component: BoundComponent) -> str:
    """The Secrets that its credentials come from: one fault where they are wrong. Its own name if there are none."""
    return ", ".join(sorted({f"Secret {name}" for name, _ in _secrets(component)})) or component.name


_ASK_PASSWORDS = frozenset({1433, 1521, 3306, 5432, 5672, 6379, 9042, 9200, 11211, 15672, 27017})
"""Ports on which databases, brokers and caches are called."""


def refuses_others(binding: Binding, component: BoundComponent) -> bool:
    """Whether it is the one that refuses: others call it, and it calls nothing itself, or is called as databases are.

    Settings that all programs share name what a database does not call.
    """
    graph = binding.graph
    if graph is None:
        return False
    called = [service for service in graph.services.values() if component.name in service.picked and service.callers]
    if called and is_asked_as_databases_are(binding, component):
        return True
    return bool(called) and not any(edge.service or edge.foreign for edge in graph.edges_of(component.name))


def is_asked_as_databases_are(binding: Binding, component: BoundComponent) -> bool:
    """Whether a Service leads to it at a port of databases, brokers or caches, whoever calls there."""
    graph = binding.graph
    leading = [item for item in graph.services.values() if component.name in item.picked] if graph else []
    return any(port.port in _ASK_PASSWORDS for item in leading if item.service for port in item.service.spec.ports)


def callers_of(binding: Binding, component: BoundComponent) -> tuple[str, ...]:
    """The components that call it."""
    graph = binding.graph
    services = graph.services.values() if graph else ()
    return tuple(dict.fromkeys(name for item in services if component.name in item.picked for name in item.callers))


def _called(binding: Binding, component: BoundComponent) -> Iterator[BoundComponent]:
    graph = binding.graph
    for edge in graph.edges_of(component.name) if graph else ():
        for name in graph.behind(edge) if graph else ():
            if name in binding.components:
                yield binding.components[name]


def _secrets(component: BoundComponent) -> Iterator[tuple[str, str]]:
    """(Secret, variable) for each variable that may be a credential, later containers over earlier ones."""
    for box in component.template.containers if component.template else ():
        for entry in box.env:
            reference = entry.value_from.secret_key_ref if entry.value_from else None
            if reference is not None and _SECRETIVE.search(entry.name):
                yield reference.name, entry.name


def _started(component: BoundComponent) -> datetime | None:
    starts = [run.started_at for run in runs(component.pods) if run.started_at is not None and not run.init]
    return min(starts, default=None)
