"""A resource at the end of the scheduler's sentence is named without the full stop, and its amount is found."""

from __future__ import annotations

import pytest

from bot.engine.checks.detail.placement import _INSUFFICIENT


@pytest.mark.parametrize(
    ("message", "resources"),
    [
        ("0/3 nodes are available: 3 Insufficient memory. preemption: 0/3 nodes are available.", ["memory"]),
        ("0/3 nodes are available: 1 Insufficient cpu, 2 Insufficient memory.", ["cpu", "memory"]),
        ("0/3 nodes are available: 3 Insufficient nvidia.com/gpu.", ["nvidia.com/gpu"]),
    ],
)
def test_resources_that_lack(message: str, resources: list[str]) -> None:
    assert _INSUFFICIENT.findall(message) == resources
