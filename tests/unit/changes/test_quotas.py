"""A preview says when the namespace's quotas would stop the pods of a changed workload."""

from __future__ import annotations

from typing import Any

import pytest

from bot.changes.quotas import quota_warnings

Object = dict[str, Any]


def _workload(memory: str, replicas: int, running: int) -> Object:
    container = {"name": "api", "resources": {"limits": {"memory": memory, "cpu": "1"}}}
    spec = {"replicas": replicas, "template": {"spec": {"containers": [container]}}}
    return {"spec": spec, "status": {"replicas": running}}


def _quota(hard: Object, used: Object, **spec: Any) -> Object:
    return {"metadata": {"name": "team"}, "spec": spec, "status": {"hard": hard, "used": used}}


@pytest.mark.parametrize(
    ("before", "after", "quota", "words"),
    [
        (
            _workload("2Gi", 2, 2),
            _workload("4Gi", 2, 2),
            _quota({"limits.memory": "6Gi"}, {"limits.memory": "4Gi"}),
            "allows limits.memory 6Gi in all, and with this change the namespace would need 8Gi",
        ),
        (
            _workload("2Gi", 2, 2),
            _workload("3Gi", 2, 2),
            _quota({"memory": "6Gi"}, {"memory": "4Gi"}),
            "has no room for one more pod beside the old ones",
        ),
        (
            _workload("2Gi", 2, 2),
            _workload("3Gi", 2, 2),
            _quota({"limits.memory": "12Gi"}, {"limits.memory": "4Gi"}),
            "",
        ),
        (_workload("2Gi", 0, 0), _workload("2Gi", 3, 0), _quota({"pods": "4"}, {"pods": "2"}), "would need 5"),
        (_workload("2Gi", 0, 0), _workload("2Gi", 1, 0), _quota({"pods": "4"}, {"pods": "2"}), ""),
        (_workload("2Gi", 0, 0), _workload("2Gi", 3, 0), _quota({"limits.cpu": "2500m"}, {}), "would need 3"),
        (_workload("2Gi", 2, 2), _workload("2Gi", 1, 2), _quota({"pods": "1"}, {"pods": "2"}), ""),
        (_workload("2Gi", 0, 0), _workload("2Gi", 3, 0), _quota({"pods": "1"}, {}, scopes=["BestEffort"]), ""),
        (_workload("2Gi", 0, 0), _workload("2Gi", 3, 0), _quota({"services": "0"}, {"services": "0"}), ""),
    ],
)
def test_a_quota_that_stops_the_pods_is_named(before: Object, after: Object, quota: Object, words: str) -> None:
    found = " ".join(quota_warnings(before, after, [quota]))
    assert (words in found) if words else found == ""
