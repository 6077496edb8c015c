"""Every kind that makes pods, in one table: how kubectl names it, where it is listed, how it is restarted.

A new kind is a row here and its list in `bot.domain.view` (its name in `Resource`, a field of `View`); what is listed,
decoded, put in order, printed as a missing right and understood in a message follows from the row. Where its numbers
stand elsewhere than a Deployment's, a line in `bot.adapters.kube.read.decode` brings them there.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.domain.view import Resource


@dataclass(frozen=True, slots=True)
class WorkloadKind:
    """One kind. `plural` is its name in a URL and in a Role, and of its list in the view; `groups` the API group and
    version, best first; `names` all words for it that kubectl takes.

    `every_time`: it is listed for every question, others only for one about a namespace or a workload. A cluster that
    does not serve its API has none of them. `often_owned`: another kind of the table makes most of them. `runs_once`:
    its pods are meant to end, so that none being there is no outage. `restartable`: `kubectl rollout restart` takes it.
    """

    kind: str
    plural: Resource
    groups: tuple[str, ...]
    names: tuple[str, ...]
    every_time: bool = False
    often_owned: bool = False
    runs_once: bool = False
    restartable: bool = False

    @property
    def label(self) -> str:
        """Its list, as a person calls it: `stateful sets`."""
        return f"{re.sub(r'(?<=[a-z])(?=[A-Z])', ' ', self.kind).lower()}s"

    @property
    def api_group(self) -> str:
        """The group as a Role names it; empty for the core."""
        return self.groups[0].split("/")[1] if self.groups[0].startswith("apis/") else ""


APPS, BATCH = "apis/apps/v1", "apis/batch/v1"

WORKLOAD_KINDS: Mapping[str, WorkloadKind] = {
    row.kind: row
    for row in (
        WorkloadKind(
            "Deployment",
            "deployments",
            (APPS,),
            ("deployment", "deployments", "deploy"),
            every_time=True,
            restartable=True,
        ),
        WorkloadKind(
            "StatefulSet",
            "statefulsets",
            (APPS,),
            ("statefulset", "statefulsets", "sts"),
            every_time=True,
            restartable=True,
        ),
        WorkloadKind("DaemonSet", "daemonsets", (APPS,), ("daemonset", "daemonsets", "ds"), restartable=True),
        WorkloadKind(
            "ReplicaSet",
            "replicasets",
            (APPS,),
            ("replicaset", "replicasets", "rs"),
            every_time=True,
            often_owned=True,
        ),
        WorkloadKind("Job", "jobs", (BATCH,), ("job", "jobs"), often_owned=True, runs_once=True),
        WorkloadKind(
            "CronJob", "cronjobs", (BATCH, "apis/batch/v1beta1"), ("cronjob", "cronjobs", "cj"), runs_once=True
        ),
        WorkloadKind("Pod", "pods", ("api/v1",), ("pod", "pods", "po"), every_time=True, often_owned=True),
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


def list_of(kind: str) -> Resource:
    """The list in which objects of this kind stand. One that is not in the table is met as a Deployment is."""
    row = WORKLOAD_KINDS.get(kind)
    return row.plural if row is not None else "deployments"
