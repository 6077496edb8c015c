"""What a playbook may name: facts, checks, components and routes. Built from the catalogue and the app.

Used by the lint. A generic playbook speaks of `workload.pods.ready`, an app's own of `api.pods.ready`; both lead to the
same entry of the catalogue.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.playbook.app_schema import AppPlaybook
from bot.playbook.catalogue import CHECKS, FACTS, ScopeKind
from bot.playbook.facts.spec import FactSpec
from bot.playbook.schema import SymptomPlaybook
from bot.yamlfile.spelling import listed, unknown

GENERIC_SCOPES: tuple[ScopeKind, ...] = (
    "workload",
    "route",
    "dependency",
    "app",
    "service",
    "edge",
    "ingress",
    "autoscaler",
)
SYMPTOMS = "symptoms"
RESERVED = ("workload", "route", "dependency", "app", SYMPTOMS)
"""Names that no component and no route may have: they begin the names of other facts."""

_FIELD = FactSpec("str", "paste", "A field of a symptom.")
_GROUP = re.compile(r"\\.|\(\?P?<([^>=!]*)>", re.DOTALL)


def group_names(pattern: str) -> list[str]:
    """Names of the groups of a regular expression, in order, repeated ones included."""
    if "(?P<" not in pattern and "(?<" not in pattern:
        return []
    return [match[1] for match in _GROUP.finditer(pattern) if match[1] is not None]


def fields_of(symptom: SymptomPlaybook) -> frozenset[str]:
    """The fields that any of its signatures can capture."""
    patterns = [signature.pattern for signature in symptom.signatures if signature.pattern]
    patterns += [part.pattern for signature in symptom.signatures for part in signature.parts]
    return frozenset(name for pattern in patterns for name in group_names(pattern))


@dataclass(frozen=True)
class Vocabulary:
    """The names that mean something in one playbook.

    `scopes` maps the first part of a fact's name to its kind; `symptoms` maps the ids of the app's symptoms to their
    fields, and is None in a generic playbook. `generic` is the kind a generic playbook is for. `certain` (for symptoms:
    `certain_symptoms`) is False when a file that could define more names could not be read.
    """

    scopes: Mapping[str, ScopeKind]
    targets: frozenset[str] = frozenset()
    symptoms: Mapping[str, frozenset[str]] | None = None
    generic: str | None = None
    certain: bool = True
    certain_symptoms: bool = True
    checks: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        checks = {f"{name}.{check}" for name, kind in self.scopes.items() for check in CHECKS[kind]}
        object.__setattr__(self, "checks", frozenset(checks | set(CHECKS["symptom"])))

    def fact(self, name: str) -> FactSpec | str | None:
        """The fact of this name, or why there is none; None when it cannot be told."""
        scope, _, rest = name.partition(".")
        if scope == SYMPTOMS and scope not in self.scopes:
            return self._symptom_fact(name, rest)
        kind = self.scopes.get(scope)
        if kind is None:
            return self._unknown_scope(scope) if self.certain else None
        spec = FACTS[kind].get(rest)
        return spec or unknown("fact", name, [f"{scope}.{known}" for known in FACTS[kind]])

    def _unknown_scope(self, scope: str) -> str:
        if self.generic:
            known = listed([f"{name}." for name in self.scopes], "or")
            return (
                f"a generic playbook for a {self.generic} knows only facts that begin with {known}, not with `{scope}.`"
            )
        if scope in GENERIC_SCOPES:
            return f"`{scope}.` belongs in generic playbooks; begin the fact with a component or route of this app"
        return unknown("component or route", scope, self.scopes)

    def _symptom_fact(self, name: str, rest: str) -> FactSpec | str | None:
        if self.symptoms is None:
            return "a generic playbook knows no symptoms; put the cause into the symptom's own playbook"
        identifier, _, question = rest.partition(".")
        if identifier not in self.symptoms:
            return unknown("symptom", identifier, self.symptoms) if self.certain_symptoms else None
        if question.startswith("field."):
            wanted = question.removeprefix("field.")
            fields = self.symptoms[identifier]
            return _FIELD if wanted in fields else unknown("field", wanted, fields)
        known = [f"{SYMPTOMS}.{identifier}.{item}" for item in FACTS["symptom"]]
        return FACTS["symptom"].get(question) or unknown(
            "fact", name, [*known, f"{SYMPTOMS}.{identifier}.field.<name>"]
        )


def generic_vocabulary(kind: ScopeKind) -> Vocabulary:
    """What a generic playbook for this kind may name."""
    scopes: dict[str, ScopeKind] = {kind: kind, "app": "app"}
    targets = frozenset() if kind == "app" else frozenset({"{" + kind + "}"})
    return Vocabulary(scopes, targets, generic=kind)


def app_vocabulary(
    app: AppPlaybook, symptoms: Mapping[str, frozenset[str]], certain: bool = True, certain_symptoms: bool = True
) -> Vocabulary:
    """What the playbooks of an app may name. `symptoms` are its symptoms with their fields."""
    scopes: dict[str, ScopeKind] = dict.fromkeys(app.routes, "route")
    for name, component in app.components.items():
        scopes[name] = "dependency" if component.role == "dependency" else "workload"
    scopes["app"] = "app"
    return Vocabulary(
        scopes, frozenset({*app.components, *app.routes}), symptoms, certain=certain, certain_symptoms=certain_symptoms
    )
