"""How far a rollout is: what `kubectl rollout status` says of an object, and why it cannot go on where that is known.

Pure; used by `writer`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.changes.ports import Rollout

Json = Mapping[str, Any]


def rollout_of(kind: str, item: Json) -> Rollout:
    """The rollout of an object of this kind; done at once for kinds that roll nothing out."""
    if kind == "Deployment":
        return _deployment(item)
    if kind == "StatefulSet":
        return _stateful_set(item)
    return Rollout(done=True, sentence="In force.")


def _counts(item: Json, *names: str) -> tuple[int, ...]:
    status = item.get("status") or {}
    return tuple(int(status.get(name) or 0) for name in names)


def _condition(item: Json, kind: str) -> Json:
    conditions = (item.get("status") or {}).get("conditions") or []
    found: Json = next((entry for entry in conditions if entry.get("type") == kind), {})
    return found


def _is_observed(item: Json) -> bool:
    (observed,) = _counts(item, "observedGeneration")
    return observed >= int(item["metadata"].get("generation") or 0) and observed > 0


def _deployment(item: Json) -> Rollout:
    if not _is_observed(item):
        return Rollout(done=False, sentence="Waiting for the change to be taken up.", observed=False)
    if item["spec"].get("paused"):
        return Rollout(done=False, sentence="The Deployment is paused; nothing is rolled out until it is resumed.")
    progressing, refused = _condition(item, "Progressing"), _condition(item, "ReplicaFailure")
    why = f" Pods cannot be created: {refused.get('message', '')}" if refused.get("status") == "True" else ""
    if progressing.get("reason") == "ProgressDeadlineExceeded":
        return Rollout(done=False, sentence=f"The rollout exceeded its progress deadline.{why}", failed=True)
    wanted = int(item["spec"].get("replicas", 1))
    replicas, updated, available = _counts(item, "replicas", "updatedReplicas", "availableReplicas")
    if updated < wanted:
        return Rollout(done=False, sentence=f"{updated} of {wanted} new replicas have been updated.{why}")
    if replicas > updated:
        return Rollout(done=False, sentence=f"{replicas - updated} old replicas are about to end.{why}")
    if available < updated:
        return Rollout(done=False, sentence=f"{available} of {updated} updated replicas are available.{why}")
    return Rollout(done=True, sentence=f"Rolled out: {available} of {wanted} replicas are available.")


def _stateful_set(item: Json) -> Rollout:
    strategy = item["spec"].get("updateStrategy") or {}
    if strategy.get("type") == "OnDelete":
        return Rollout(done=True, sentence="Its pods take the change only when somebody deletes them (OnDelete).")
    if not _is_observed(item):
        return Rollout(done=False, sentence="Waiting for the change to be taken up.", observed=False)
    wanted = int(item["spec"].get("replicas", 1))
    ready, updated = _counts(item, "readyReplicas", "updatedReplicas")
    if ready < wanted:
        return Rollout(done=False, sentence=f"{ready} of {wanted} pods are ready.")
    partition = int((strategy.get("rollingUpdate") or {}).get("partition") or 0)
    if partition and updated < wanted - partition:
        return Rollout(done=False, sentence=f"{updated} of {wanted - partition} new pods have been updated.")
    status = item.get("status") or {}
    if not partition and status.get("updateRevision") != status.get("currentRevision"):
        return Rollout(done=False, sentence=f"{updated} of {wanted} pods have the new revision.")
    return Rollout(done=True, sentence=f"Rolled out: {ready} of {wanted} pods are ready.")
