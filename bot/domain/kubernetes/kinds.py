"""Every kind that makes pods, in one table: how kubectl names it, where it is listed, how it is restarted.

A new kind is a row here, a field of `bot.domain.view.View` for its list, and (where its numbers stand elsewhere than a
Deployment's) a line at the door, `bot.adapters.kube.read.field_filter`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WorkloadKind:
    """One kind. `plural` is its name in a URL and in a Role, `group` the API group and version, best first.

    `names` are all words for it that kubectl takes. `listed`: it is a list of the view. `runs_once`: its pods are meant
    to end, so that none being there is no outage. `restartable`: `kubectl rollout restart` takes it. `rolls_back`:
    `kubectl rollout undo` does.
    """

    kind: str
    plural: str
    groups: tuple[str, ...]
    names: tuple[str, ...]
    runs_once: bool = False
    restartable: bool = False
    rolls_back: bool = False


APPS, BATCH = "apis/apps/v1", "apis/batch/v1"

WORKLOAD_KINDS: Mapping[str, WorkloadKind] = {
    row.kind: row
    for row in (
        WorkloadKind("Deployment", "deployments", (APPS,), ("deployment", "deployments", "deploy"), False, True, True),
        WorkloadKind("StatefulSet", "statefulsets", (APPS,), ("statefulset", "statefulsets", "sts"), False, True, True),
        WorkloadKind("DaemonSet", "daemonsets", (APPS,), ("daemonset", "daemonsets", "ds"), False, True, True),
        WorkloadKind("ReplicaSet", "replicasets", (APPS,), ("replicaset", "replicasets", "rs")),
        WorkloadKind("Job", "jobs", (BATCH,), ("job", "jobs"), True),
        WorkloadKind("CronJob", "cronjobs", (BATCH, "apis/batch/v1beta1"), ("cronjob", "cronjobs", "cj"), True),
        WorkloadKind("Pod", "pods", ("api/v1",), ("pod", "pods", "po")),
    )
}
KIND_OF_WORD: Mapping[str, str] = {name: row.kind for row in WORKLOAD_KINDS.values() for name in row.names}
"""From any word that kubectl takes to the kind."""


def runs_once(kind: str) -> bool:
    """Whether pods of this kind are meant to end. A kind that is not in the table is meant to run on."""
    row = WORKLOAD_KINDS.get(kind)
    return row is not None and row.runs_once


def restartable(kind: str) -> bool:
    """Whether `kubectl rollout restart` takes this kind."""
    row = WORKLOAD_KINDS.get(kind)
    return row is not None and row.restartable
