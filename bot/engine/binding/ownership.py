"""Which pods and ReplicaSets belong to a workload, by owner references; by names where ReplicaSets were not read. Pure.

Called by the binding. A namespace may hold thousands of pods of others: they are sorted by owner once, not gone through
for every component.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from bot.domain.kubernetes import OwnerReference, Pod, Workload
from bot.engine.binding.inferred import is_unread, uid_of, without_revision


def owned_by(item: Pod | Workload, owner: Workload) -> bool:
    """Whether `owner` controls the item."""
    controller = item.metadata.controller
    return controller is not None and _is(controller, owner)


class PodsByOwner:
    """The pods of a view, found by what controls them."""

    def __init__(self, pods: Iterable[Pod]) -> None:
        self._by_uid: dict[str, list[tuple[int, Pod]]] = defaultdict(list)
        self._by_name: dict[str, list[tuple[int, Pod]]] = defaultdict(list)
        self._alone: list[tuple[int, Pod]] = []
        for place, pod in enumerate(pods):
            controller = pod.metadata.controller
            if controller is None:
                self._alone.append((place, pod))
                continue
            self._by_uid[controller.uid].append((place, pod))
            self._by_name[_workload_name(controller)].append((place, pod))
            if "deploymentconfig" in pod.metadata.labels:
                self._by_name[pod.metadata.labels["deploymentconfig"]].append((place, pod))

    def of(self, workload: Workload, sets: tuple[Workload, ...]) -> tuple[Pod, ...]:
        """The pods of a workload with these ReplicaSets, in the view's order."""
        uids = {uid_of(item) for item in (workload, *sets)} | {""}  # "": references without a uid go by name
        near = [found for uid in uids for found in self._by_uid.get(uid, ())]
        near += self._alone if workload.kind == "Pod" else self._by_name.get(workload.metadata.name, ())
        places = {place: pod for place, pod in near if _belongs(pod, workload, sets)}
        return tuple(places[place] for place in sorted(places))


def _workload_name(controller: OwnerReference) -> str:
    """A ReplicaSet is named after its Deployment."""
    return controller.name.rpartition("-")[0] if controller.kind == "ReplicaSet" else controller.name


def _is(reference: OwnerReference, owner: Workload) -> bool:
    if reference.kind != owner.kind:
        return False
    return reference.uid == uid_of(owner) if reference.uid else reference.name == owner.metadata.name


def _belongs(pod: Pod, workload: Workload, sets: tuple[Workload, ...]) -> bool:
    controller = pod.metadata.controller
    if controller is None:
        return workload.kind == "Pod" and _is_one_with(pod, workload)
    if workload.kind == "DeploymentConfig":
        return pod.metadata.labels.get("deploymentconfig") == workload.metadata.name
    if any(_is(controller, item) for item in (workload, *sets)):
        return True
    unread_set = not sets or is_unread(workload)
    named = _workload_name(controller) == workload.metadata.name
    return unread_set and named and workload.spec.selector.matches(pod.metadata.labels)


def _is_one_with(pod: Pod, workload: Workload) -> bool:
    """Whether a pod that nothing controls is the one that stands for such pods, or bears its labels."""
    labels = workload.spec.selector.match_labels
    if pod.metadata.name == workload.metadata.name:
        return True
    return bool(labels) and without_revision(pod.metadata.labels) == labels
