"""The causes an app has: its own, and the generic ones filled in with its components and routes.

Used by the lint, and holds to the ids that `bot.engine.judge.hypotheses` makes (a test compares them):
`{workload}-oom-killed` is `api-oom-killed` for the component `api`; the route cause `service-missing` keeps its plain
id for the primary route and is `web-to-search-service-missing` for another. Fills in ids only, and evaluates nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bot.playbook.app_schema import AppPlaybook
from bot.playbook.loaded import LoadedPlaybook, PlaybookSet
from bot.playbook.schema import CauseSpec, CausesPlaybook, SymptomPlaybook
from bot.yamlfile.positions import Path

DISCOVERED = ("service", "edge", "ingress", "autoscaler")
"""Kinds of which an app with a playbook has none."""


@dataclass(frozen=True, slots=True)
class InstanceScope:
    """What a generic playbook is filled in with: a kind (`workload`, `route`…) and the name that replaces it."""

    kind: str
    name: str = ""
    primary: bool = False

    def fill(self, text: str) -> str:
        """The text with `{workload}` (or `{route}`, `{dependency}`) replaced by the name."""
        return text.replace("{" + self.kind + "}", self.name) if self.name else text

    def cause_id(self, spec_id: str) -> str:
        """The id that a cause has here."""
        filled = self.fill(spec_id)
        return f"{self.name}-{filled}" if self.kind == "route" and not self.primary else filled


@dataclass(frozen=True, slots=True)
class Instance:
    """One cause of one app. `id` and `breaks` are filled in; `steps` lead to its definition in `file`."""

    id: str
    breaks: str | None
    spec: CauseSpec
    scope: InstanceScope
    file: LoadedPlaybook
    steps: Path


def scopes(app: AppPlaybook, kind: str) -> tuple[InstanceScope, ...]:
    """What a generic playbook for this kind is filled in with in an app."""
    if kind == "route":
        return tuple(InstanceScope(kind, name, route.primary) for name, route in app.routes.items())
    if kind == "app":
        return (InstanceScope(kind),)
    if kind in DISCOVERED:
        return ()
    role = "dependency" if kind == "dependency" else "service"
    names = [name for name, component in app.components.items() if component.role == role]
    return tuple(InstanceScope(kind, name) for name in (*names, *(app.others if role == "service" else ())))


def instances(playbooks: PlaybookSet, app: AppPlaybook) -> Iterator[Instance]:
    """Every cause of the app, in order of files, components and definitions."""
    for file in playbooks.files:
        if isinstance(file.playbook, SymptomPlaybook) and file.playbook.app == app.id:
            yield from _of(file, file.playbook.causes, (InstanceScope("symptom"),))
        elif isinstance(file.playbook, CausesPlaybook) and not file.playbook.discovered:
            yield from _of(file, file.playbook.causes, scopes(app, file.playbook.for_))


def _of(
    file: LoadedPlaybook, causes: tuple[CauseSpec, ...], filled_in: tuple[InstanceScope, ...]
) -> Iterator[Instance]:
    for scope in filled_in:
        for index, spec in enumerate(causes):
            breaks = scope.fill(spec.breaks) if spec.breaks else None
            yield Instance(scope.cause_id(spec.id), breaks, spec, scope, file, ("causes", index))
