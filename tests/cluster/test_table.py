"""The table itself, without a cluster: rows that could not be prepared, or that mean nothing, are found early."""

import re

import pytest

from tests.cluster.fault import Fault
from tests.cluster.faults import FAULTS
from tests.cluster.stage import waves

CAUSES = frozenset(
    {f"api-{what}" for what in ("scaled-to-zero", "quota-exceeded", "unschedulable", "image-pull-failing", "not-ready")}
    | {f"api-{what}" for what in ("config-missing", "crash-looping", "oom-killed", "liveness-killing", "rollout-stuck")}
    | {
        "api-not-listening",
        "api-not-responding",
        "api-overloaded",
        "dependency-down",
        "service-missing",
        "service-selector-mismatch",
    }
    | {"service-port-mismatch", "internal-url-missing", "internal-url-wrong", "internal-url-stale"}
    | {"network-policy-blocks", "dns-failing", "api-path-prefix"}
)


def test_every_row_has_a_namespace_of_its_own() -> None:
    names = [f.namespace for f in FAULTS]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[a-z0-9-]{1,63}", name) for name in names)


def test_every_cause_that_one_app_can_show_has_a_row() -> None:
    assert frozenset().union(*(f.causes for f in FAULTS)) >= CAUSES


@pytest.mark.parametrize("fault", FAULTS, ids=[f.id for f in FAULTS])
def test_a_row_is_a_fault_with_causes_or_a_state_without(fault: Fault) -> None:
    assert bool(fault.causes) == (fault.verdict == "fault_found")
    kinds = [o["kind"] for o in fault.app().objects]
    assert kinds.count("Deployment") >= 2


def test_waves_keep_the_order_and_never_exceed_the_room() -> None:
    cut = waves(FAULTS, 40)
    assert [f for wave in cut for f in wave] == list(FAULTS)
    assert len(cut) > 1
    assert [len(w) for w in waves(FAULTS, 10_000)] == [len(FAULTS)]
