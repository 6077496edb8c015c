"""Under the field guard: every kind of remedy is applied and taken back by the real writer, and nothing is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.changes.results import Code, Refusal, Undoing
from bot.domain.changes import ChangeState
from bot.playbook.remedy_kinds import REMEDY_KINDS
from bot.sandbox.cluster.state.validators import Admission
from tests.scenario.changing import POLICY, as_admin, person, stage
from tests.support.guard import validator

pytestmark = pytest.mark.slow

FAULT_OF = {
    "restart": "api-not-responding",
    "scale_up": "api-scaled-to-zero",
    "raise_memory": "api-oom-killed",
    "fix_probe": "api-liveness-killing",
    "roll_back": "api-image-pull-failing",
    "restart_caller": "internal-url-stale",
    "set_config": "internal-url-wrong",
    "fix_service_selector": "service-selector-mismatch",
    "fix_service_port": "service-port-mismatch",
    "create_service": "service-missing",
    "allow_route": "network-policy-blocks",
}
"""A fault for which each kind is offered. Of the others, `raise_cpu` and `relax_probe` write fields that
`tests/unit/changes/test_field_guard.py` has."""
ADMINS = {kind for kind, one in REMEDY_KINDS.items() if one.risk.value == "high"}
EVERYTHING = POLICY.replace("allow_route]", "allow_route, fix_service_port, create_service]").replace(
    "high: 1", "high: 0"
)


@pytest.mark.parametrize("kind", FAULT_OF)
def test_what_a_remedy_writes_and_takes_back_passes(kind: str, tmp_path: Path) -> None:
    who, asked = as_admin() if kind in ADMINS else person(), list[Admission]()

    def judge(one: Admission) -> str:
        asked.extend([one] if one.user.startswith("triage:") else [])
        return validator(one)

    with stage(FAULT_OF[kind], tmp_path, policy=EVERYTHING) as made:
        made.cluster.registry.validators.append(judge)
        try:
            done = made.until_done(made.requested(kind, who).id)
            assert done.state is ChangeState.FIXED, done.outcome
            assert done.role == ("admin" if kind in ADMINS else "operator")
            written = len(asked)
            assert written >= 2, "the dry run and the write"
            answer = made.service.undo(done.id, who)
            if kind in ("restart", "restart_caller"):
                assert isinstance(answer, Refusal)
                assert answer.code is Code.NOTHING_TO_UNDO
                return
            assert isinstance(answer, Undoing), answer
            back = made.until_done(answer.change.id)
            assert made.change(done.id).state is ChangeState.ROLLED_BACK, back.outcome
            assert len(asked) > written
        finally:
            made.cluster.registry.validators.clear()


def test_what_the_guard_refuses_is_told_in_its_words_before_anything_is_asked_for(tmp_path: Path) -> None:
    """A policy that gives an operator what the guard keeps for admins."""
    policy = EVERYTHING.replace("create_service]", "create_service, roll_back]")
    with stage("api-image-pull-failing", tmp_path, policy=policy) as made:
        made.cluster.registry.validators.append(validator)
        try:
            answer = made.service.preview(made.offered("roll_back").id, person())
            assert isinstance(answer, Refusal)
            assert answer.code is Code.CLUSTER_REFUSES
            assert "field guard" in answer.sentence
            assert made.writes() == []
        finally:
            made.cluster.registry.validators.clear()
