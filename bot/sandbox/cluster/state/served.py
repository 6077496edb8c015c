"""Which API versions a Kubernetes release serves, as far as the simulated cluster has the kinds.

By the deprecation guide: https://kubernetes.io/docs/reference/using-api/deprecation-guide/
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from bot.sandbox.cluster.state.kinds import KINDS, Kind

DEFAULT = "1.33"
RELEASES = ("1.20", "1.28", DEFAULT, "1.37")
_SINCE = {
    ("discovery.k8s.io/v1", "EndpointSlice"): 21,
    ("policy/v1", "PodDisruptionBudget"): 21,
    ("batch/v1", "CronJob"): 21,
    ("autoscaling/v2", "HorizontalPodAutoscaler"): 23,
    ("authentication.k8s.io/v1", "SelfSubjectReview"): 28,
}
"""The minor release from which a kind is served, where that is later than 1.20."""
_OLDER = {
    ("policy/v1", "PodDisruptionBudget"): ("v1beta1", 24),
    ("batch/v1", "CronJob"): ("v1beta1", 24),
    ("autoscaling/v2", "HorizontalPodAutoscaler"): ("v2beta2", 25),
}
"""Older versions of the same shape, and the last minor release that serves them."""


def kinds_of(release: str) -> tuple[Kind, ...]:
    """The kinds that this release serves."""
    minor = int(release.partition(".")[2])
    return tuple(_served(KINDS, minor))


def _served(kinds: Iterable[Kind], minor: int) -> Iterable[Kind]:
    for kind in kinds:
        name = (kind.api_version, kind.kind)
        if minor >= _SINCE.get(name, 0):
            yield kind
        older, last = _OLDER.get(name, ("", 0))
        if minor <= last:
            yield replace(kind, version=older, store_as=kind.qualified)
