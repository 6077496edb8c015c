"""Turns the causes of playbooks into hypotheses about one app: generic ones filled in for each component and route."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.playbook.app_schema import AppPlaybook
from bot.playbook.conditions import All, AnyOf, Condition, Not
from bot.playbook.failed_calls.rules import table
from bot.playbook.schema import CausedBy, CauseSpec, CausesPlaybook, Makes, RemedySpec, SymptomPlaybook

PLACEHOLDERS = ("workload", "route", "dependency", "service", "edge", "ingress", "autoscaler")

_TABLE_SCOPES = ("workload", "route")
"""What the conditions in the table of causes and failures are about, whatever the cause is about."""

_ARTICLE = re.compile(r"\b[Tt]he (?=\{workload\.(?:label|restarts\.who)\})")

Discovered = Mapping[str, Sequence[str]]
"""The scopes that only a discovered app has, by their kind."""


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """One possible cause of trouble in this app. `component` is the component or route it is about, empty for the
    app.
    """

    spec: CauseSpec
    component: str
    hurts: frozenset[str] | None = None
    """For a dependency: the components that need it. Only their troubles can follow from it."""
    reaches: tuple[str, ...] = ()
    """In a discovered app: everything that its calls lead through, nearest first."""
    symptom: str = ""
    """For an app's own cause: the symptom whose playbook has it."""


def hypotheses(
    app: AppPlaybook,
    generic: Iterable[CausesPlaybook],
    symptoms: Iterable[SymptomPlaybook],
    discovered: Discovered | None = None,
    only: Collection[str] | None = None,
) -> tuple[Hypothesis, ...]:
    """All hypotheses for an app, in the order of playbooks, components and routes.

    `only`: of a discovered app, the scopes of which some check does not pass; nothing can be wrong with the others.
    """
    found: list[Hypothesis] = []
    bare = discovered is not None
    for playbook in generic:
        if playbook.discovered and discovered is None:
            continue
        for scope, prefix in _scopes(app, playbook.for_, discovered or {}):
            if only is not None and scope and scope not in only:
                continue
            needed_by = frozenset(app.components[scope].needed_by) if playbook.for_ == "dependency" else None
            found += [
                Hypothesis(instantiate(cause, playbook.for_, scope, prefix, bare=bare), scope, needed_by)
                for cause in playbook.causes
            ]
    for symptom in symptoms:
        found += [
            Hypothesis(
                _own(cause, app, found), cause.breaks if cause.breaks in app.components else "", symptom=symptom.id
            )
            for cause in symptom.causes
            if symptom.app == app.id
        ]
    return tuple(found)


def _own(cause: CauseSpec, app: AppPlaybook, generic: Sequence[Hypothesis]) -> CauseSpec:
    """An app's own cause with the failures that it makes: its own, or those of the causes it leads to."""
    if cause.makes is not None:
        kind = "route" if cause.breaks in app.routes else "workload"
        return cause.model_copy(update={"makes": bound_makes(cause.makes, kind, cause.breaks or "")})
    entries = [entry for item in generic if item.spec.id in cause.leads_to for entry in _passed_on(item.spec)]
    return cause.model_copy(update={"makes": tuple(entries)}) if entries else cause


def _passed_on(consequence: CauseSpec) -> Iterator[Makes]:
    """What a cause makes through what it leads to.

    That nothing accepts calls is seen in the pods: it is made only where it is seen. Answers that do not come are not.
    """
    if consequence.makes is None or isinstance(consequence.makes, str):
        return
    seen = consequence.confirm
    if consequence.likely is not None:
        seen = AnyOf(any=(seen, consequence.likely))
    for entry in consequence.makes:
        if "response-timeout" in entry.fits:
            yield entry
        else:
            when = seen if entry.when is None else All(all=(entry.when, seen))
            yield entry.model_copy(update={"when": when})


def bound_makes(makes: str | tuple[Makes, ...] | None, kind: str, scope: str) -> tuple[Makes, ...] | None:
    """The entries of a row, or a cause's own, with facts of this component or route."""
    if makes is None:
        return None
    entries = table().get(makes, ()) if isinstance(makes, str) else makes
    bound = []
    for entry in entries:
        when = entry.when
        for placeholder in {kind, *_TABLE_SCOPES} if when is not None else ():
            when = bound_condition(when, placeholder, scope) if when is not None else None
        bound.append(entry if when is None else entry.model_copy(update={"when": when}))
    return tuple(bound)


def _scopes(app: AppPlaybook, kind: str, discovered: Discovered) -> list[tuple[str, str]]:
    """(scope, prefix of cause ids) of everything a generic playbook is about."""
    match kind:
        case "workload":
            return [(name, "") for name, item in app.components.items() if item.role == "service"]
        case "dependency":
            return [(name, "") for name, item in app.components.items() if item.role == "dependency"]
        case "route":
            return [(name, "" if item.primary else f"{name}-") for name, item in app.routes.items()]
        case "app":
            return [("", "")]
        case _:
            return [(name, "") for name in discovered.get(kind, ())]


def instantiate(cause: CauseSpec, kind: str, scope: str, prefix: str = "", *, bare: bool = False) -> CauseSpec:
    """The cause with `{workload}` and `workload.` (or route, dependency) replaced by the name it is about.

    `bare`: its label is the name of an object, and takes no article.
    """
    if kind not in PLACEHOLDERS:
        return cause
    bound = _Placed(kind, scope, bare)
    return cause.model_copy(
        update={
            "id": prefix + bound.text(cause.id),
            "title": bound.text(cause.title),
            "title_if_likely": bound.text(cause.title_if_likely),
            "sentence": bound.text(cause.sentence),
            "confirm": bound_condition(cause.confirm, kind, scope),
            "likely": bound.condition(cause.likely),
            "refute": bound.condition(cause.refute),
            "when": bound.condition(cause.when),
            "breaks": bound.maybe(cause.breaks),
            "caused_by": tuple(bound.upstream(item) for item in cause.caused_by),
            "makes": bound_makes(cause.makes, kind, scope),
            "leads_to": tuple(bound.text(item) for item in cause.leads_to),
            "shared": bound.text(cause.shared),
            "separated_by": tuple(
                item.replace(f"{kind}.", f"{scope}.", 1) if item.startswith(f"{kind}.") else item
                for item in cause.separated_by
            ),
            "remedies": tuple(bound.remedy(item) for item in cause.remedies),
        }
    )


@dataclass(frozen=True, slots=True)
class _Placed:
    """Parts of a generic cause with the placeholder `kind` replaced by `scope`, the name of what it is about."""

    kind: str
    scope: str
    bare: bool = False

    def text(self, value: str) -> str:
        if self.bare:
            value = _ARTICLE.sub("", value)
        return value.replace(f"{{{self.kind}}}", self.scope).replace(f"{{{self.kind}.", f"{{{self.scope}.")

    def maybe(self, value: str | None) -> str | None:
        return self.text(value) if value else None

    def condition(self, value: Condition | None) -> Condition | None:
        return None if value is None else bound_condition(value, self.kind, self.scope)

    def upstream(self, value: CausedBy) -> CausedBy:
        return value.model_copy(
            update={
                "cause": self.maybe(value.cause),
                "breaks": self.maybe(value.breaks),
                "when": self.condition(value.when),
            }
        )

    def remedy(self, value: RemedySpec) -> RemedySpec:
        return value.model_copy(
            update={
                "id": self.text(value.id),
                "title": self.text(value.title),
                "acts_on": self.maybe(value.acts_on),
                "note": self.text(value.note),
                "command": self.text(value.command),
                "when": self.condition(value.when),
            }
        )


def bound_condition(condition: Condition, kind: str, scope: str) -> Condition:
    """The condition with facts of the placeholder scope renamed to facts of this component or route."""
    if isinstance(condition, All):
        return All.model_construct(all=tuple(bound_condition(item, kind, scope) for item in condition.all))
    if isinstance(condition, AnyOf):
        return AnyOf.model_construct(any=tuple(bound_condition(item, kind, scope) for item in condition.any))
    if isinstance(condition, Not):
        return Not.model_construct(not_=bound_condition(condition.not_, kind, scope))
    if condition.fact.startswith(f"{kind}."):
        return condition.model_copy(update={"fact": scope + condition.fact[len(kind) :]})
    return condition
