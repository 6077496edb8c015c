"""The generic playbooks together: what a dependency that is down explains, and what is a second fault beside it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml

from bot.domain.diagnosis import CauseVerdict
from bot.domain.facts import FactValue, Gap, GapReason
from bot.engine.judge.hypotheses import hypotheses
from bot.engine.judge.verdicts import judge_all
from bot.playbook.app_schema import AppPlaybook
from bot.playbook.schema import CausesPlaybook

KUBERNETES = Path(__file__).parents[3] / "playbooks" / "kubernetes"
GAP = Gap(GapReason.FORBIDDEN, "it", verb="list", resource="pods", namespace="onyx")

APP = AppPlaybook.model_validate(
    {
        "schema": "triage/playbook/v1",
        "kind": "app",
        "id": "shop",
        "title": "Shop",
        "description": "An app.",
        "components": {
            "api": {"label": "API", "find": [{"name": "api"}], "port": 8080, "health": "/health"},
            "db": {"label": "database", "role": "dependency", "find": [{"name": "db"}], "needed_by": ["api"]},
        },
    }
)
WELL: dict[str, FactValue | Gap] = {
    "api.found": True,
    "api.desired": 1,
    "api.pods.total": 1,
    "api.pods.serving": False,
    "api.scheduling.failing": False,
    "api.image.pull_failing": False,
    "api.config.missing": False,
    "api.creation.failing": False,
    "api.creation.quota_exceeded": False,
    "api.rollout.stuck": False,
    "api.node.lost": False,
    "api.node.shared": False,
    "api.restarts.unstable": False,
    "api.restarts.crashing": False,
    "api.restarts.reason": "no recorded end",
    "api.oom.killed": False,
    "api.readiness.configured": True,
    "api.readiness.failing": False,
    "api.readiness.failure": "none",
    "api.readiness.on_service_port": True,
    "api.readiness.message": "",
    "api.liveness.killing": False,
    "api.liveness.failure": "none",
    "api.liveness.on_service_port": True,
    "api.liveness.message": "",
    "api.log.started": False,
    "api.log.overloaded": False,
    "api.log.own_reason": False,
    "api.health.outcome": "ok",
    "api.called.succeeding": False,
    "api.called.heard": True,
    "api.pods.starting": False,
    "db.node.shared": False,
    "db.dependency.down": True,
    "db.dependency.logged": False,
    "db.dependency.external": False,
    "db.dependency.hurts": True,
    "db.dependency.passing": False,
    "db.dependency.reached": False,
}
CRASHED: Mapping[str, FactValue] = {
    "restarts.unstable": True,
    "restarts.crashing": True,
    "restarts.reason": "exit code 1",
}
KILLED: Mapping[str, FactValue] = {
    "restarts.unstable": True,
    "restarts.reason": "exit code 137",
    "liveness.killing": True,
}


def readiness(failure: str, message: str, *, on_service_port: bool = True) -> dict[str, FactValue]:
    return {
        "readiness.failing": True,
        "readiness.failure": failure,
        "readiness.message": f"Readiness probe failed: {message}",
        "readiness.on_service_port": on_service_port,
    }


def liveness(failure: str, message: str, *, on_service_port: bool = True) -> dict[str, FactValue]:
    return {
        **KILLED,
        "liveness.failure": failure,
        "liveness.message": f"Liveness probe failed: {message}",
        "liveness.on_service_port": on_service_port,
    }


STATUS = "HTTP probe failed with statuscode: "
REFUSED = "dial tcp 10.85.0.44:8080: connect: connection refused"


def confirmed_together(api: Mapping[str, FactValue], **db: FactValue | Gap) -> set[str]:
    """What the real workload and dependency playbooks confirm, with the database down unless `db` says otherwise."""
    generic = [
        CausesPlaybook.model_validate(yaml.safe_load((KUBERNETES / f"{name}.yaml").read_text()))
        for name in ("workloads/workload", "network/dependency")
    ]
    facts = WELL | {f"api.{name}": value for name, value in api.items()}
    facts |= {f"db.dependency.{name}": value for name, value in db.items()}
    found = judge_all(hypotheses(APP, generic, ()), facts, ())
    return {item.spec.id for item in found if item.verdict is CauseVerdict.CONFIRMED}


DB_EXPLAINS: Mapping[str, tuple[str, Mapping[str, FactValue]]] = {
    "a crash loop": ("api-crash-looping", CRASHED),
    "a port that is not opened": ("api-not-listening", {"health.outcome": "refused", **readiness("refused", REFUSED)}),
    "an answer that does not come": ("api-not-responding", {"health.outcome": "timed_out"}),
    "readiness answered with 503": ("api-not-ready", readiness("http_error", f"{STATUS}503")),
    "a slow start cut short": ("api-liveness-killing", liveness("refused", REFUSED)),
    "liveness answered with 500": ("api-liveness-killing", liveness("http_error", f"{STATUS}500")),
}


@pytest.mark.parametrize("name", DB_EXPLAINS)
def test_a_dependency_that_is_down_is_the_one_cause_of(name: str) -> None:
    consequence, api = DB_EXPLAINS[name]
    assert confirmed_together(api) == {"dependency-down"}
    assert confirmed_together(api, down=False) == {consequence}


DB_DOES_NOT_EXPLAIN: Mapping[str, tuple[str, Mapping[str, FactValue]]] = {
    "a kill for memory": ("api-oom-killed", {"restarts.unstable": True, "oom.killed": True}),
    "a readiness path that is not there": ("api-not-ready", readiness("http_error", f"{STATUS}404")),
    "a readiness probe on another port": ("api-not-ready", readiness("refused", REFUSED, on_service_port=False)),
    "a liveness path that is not there": ("api-liveness-killing", liveness("http_error", f"{STATUS}404")),
    "a liveness probe on another port": ("api-liveness-killing", liveness("refused", REFUSED, on_service_port=False)),
    "an image that cannot be pulled": ("api-image-pull-failing", {"image.pull_failing": True}),
}


@pytest.mark.parametrize("name", DB_DOES_NOT_EXPLAIN)
def test_a_dependency_that_is_down_is_a_second_fault_beside(name: str) -> None:
    other, api = DB_DOES_NOT_EXPLAIN[name]
    assert confirmed_together(api) == {"dependency-down", other}


def test_what_crashes_of_itself_is_a_second_fault_beside_a_dependency_that_is_down() -> None:
    assert confirmed_together(CRASHED | {"log.own_reason": True}) == {"dependency-down", "api-crash-looping"}


def test_what_is_not_ready_for_a_moment_explains_nothing() -> None:
    assert confirmed_together(CRASHED, passing=True) == {"api-crash-looping"}


def test_a_dependency_that_may_not_be_looked_at_does_not_take_the_blame_for_a_crash() -> None:
    assert confirmed_together(CRASHED, down=GAP, logged=True) == {"api-crash-looping"}
