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
from bot.playbook.catalogue import FACTS
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
    if scope in app.routes:
        return FACTS["route"].get(rest)
    if scope in app.components:
        role = app.components[scope].role
        return FACTS["dependency" if role == "dependency" else "workload"].get(rest)
    return FACTS["app"].get(rest)


@pytest.mark.parametrize("path", VIEWS, ids=lambda path: path.name.removesuffix(".json.gz"))
def test_every_fact_of_a_check_is_in_the_catalogue_with_its_type(path: Path) -> None:
    for check in checks_of(path):
        for name, value in check.facts.items():
            spec = spec_of(ONYX, name)
            assert spec is not None, name
            assert isinstance(value, Gap) or type(value) is TYPES[spec.type], (name, value)
            assert check.id.endswith(spec.check), (check.id, name)


def test_some_real_view_yields_every_fact_of_the_catalogue() -> None:
    seen = {name for path in VIEWS for check in checks_of(path) for name in check.facts}

    assert {f"api.{name}" for name in FACTS["workload"]} <= seen
    assert {f"postgres.{name}" for name in FACTS["dependency"]} <= seen
    assert {f"web-to-api.{name}" for name in FACTS["route"]} <= seen
    assert {f"app.{name}" for name in FACTS["app"]} <= seen
