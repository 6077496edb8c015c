"""The catalogue of facts and the checks hold together: what playbooks may name is what checks yield, with that type."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from pathlib import Path

import pytest

from bot.diagnosis.snapshot import decode_snapshot
from bot.domain.facts import Check, Gap
from bot.engine.binding import bind
from bot.engine.checks.every import run_checks
from bot.playbook.app_schema import AppPlaybook
from bot.playbook.catalogue import FACTS, ScopeKind
from bot.playbook.facts.spec import FactSpec
from tests.support.shipped import shipped_playbooks

VIEWS = sorted((Path(__file__).parents[2] / "views").glob("*.json.gz"))
TYPES = {"bool": bool, "int": int, "float": float, "str": str, "set": frozenset, "time": datetime}
PLAYBOOKS = shipped_playbooks()
ONYX = PLAYBOOKS.apps["onyx"]


@cache
def checks_of(path: Path) -> tuple[Check, ...]:
    view = decode_snapshot(path.read_bytes(), path.name, "onyx").view
    return run_checks(bind(ONYX, view), (), PLAYBOOKS.symptoms_of("onyx"))


def spec_of(app: AppPlaybook, name: str) -> FactSpec | None:
    scope, _, rest = name.partition(".")
    if scope == "symptoms":
        return FACTS["symptom"].get(rest.partition(".")[2]) or FactSpec("str", "paste", "a field")
    return FACTS[kind_of(app, scope)].get(rest)


def kind_of(app: AppPlaybook, scope: str) -> ScopeKind:
    if scope in app.routes:
        return "route"
    if scope in app.components:
        return "dependency" if app.components[scope].role == "dependency" else "workload"
    return "app"


@pytest.mark.parametrize("path", VIEWS, ids=lambda path: path.name.removesuffix(".json.gz"))
def test_every_fact_of_a_check_is_in_the_catalogue_with_its_type(path: Path) -> None:
    for check in checks_of(path):
        for name, value in check.facts.items():
            spec = spec_of(ONYX, name)
            assert spec is not None, name
            assert isinstance(value, Gap) or type(value) is TYPES[spec.type], (name, value)
            assert check.id.endswith(spec.check), (check.id, name)


UNSEEN: dict[ScopeKind, set[str]] = {
    "workload": set(),
    "dependency": {"log.reason"},
    "route": {"policies.rejects", "entrance.missing", "entrance.text"},
    "app": set(),
}
"""No recorded view has a dependency's log, tells its network's plug-in, or has an Ingress; `tests/nearmiss` does."""


def test_some_real_view_yields_every_fact_of_the_catalogue() -> None:
    """With a value: a fact that a check leaves out is a gap in its answer, and would be one in every view."""
    seen: dict[ScopeKind, set[str]] = {"workload": set(), "dependency": set(), "route": set(), "app": set()}
    for check in (check for path in VIEWS for check in checks_of(path)):
        for name, value in check.facts.items():
            scope, _, rest = name.partition(".")
            if not isinstance(value, Gap) and scope != "symptoms":
                seen[kind_of(ONYX, scope)].add(rest)

    assert {kind: set(FACTS[kind]) - names for kind, names in seen.items()} == UNSEEN
