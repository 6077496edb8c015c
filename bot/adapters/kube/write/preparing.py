"""Makes a step concrete: the exact body that will be sent, and what of the object it would change.

Pure; used by `writer`, which has read the objects. It refuses what would have to be kept with a secret in it: a write
is stored with the values it replaces, for the way back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from bot.adapters.kube.write.kinds import WritableKind
from bot.adapters.kube.write.objects import annotations_of, content_of, generation_of, metadata_of
from bot.changes.patches.merge import UnclearList, is_said, two_way, way_back
from bot.changes.patches.undo import CHANGE_ANNOTATION
from bot.domain.changes import Write
from bot.domain.errors import ObjectChanged, WriteRefused
from bot.domain.remedies import Step, StepKind
from bot.redaction import Redactor
from bot.redaction.tokens import TOKEN

Json = Mapping[str, Any]

STRATEGIC_MERGE = "application/strategic-merge-patch+json"
JSON = "application/json"
RESTARTED_AT = "kubectl.kubernetes.io/restartedAt"
REVISION = "deployment.kubernetes.io/revision"
HASH_LABEL = "pod-template-hash"
CHECKSUM = "checksum/"
"""How charts begin the annotations with which pods notice a changed ConfigMap or Secret: hashes, and no secrets."""
NOT_ROLLED_BACK = frozenset({
    "kubectl.kubernetes.io/last-applied-configuration",
    REVISION,
    "deployment.kubernetes.io/revision-history",
    "deployment.kubernetes.io/desired-replicas",
    "deployment.kubernetes.io/max-replicas",
    "deprecated.deployment.rollback.to",
    CHANGE_ANNOTATION,
})  # fmt: skip
"""Annotations that belong to the Deployment and not to a revision: as in kubectl, and our own."""


def patch_of(
    step: Step, kind: WritableKind, item: Json, stamp: str, replica_sets: Callable[[], Sequence[Json]]
) -> Json:
    """The strategic merge patch of a step about an object that is there. Raises `WriteRefused`."""
    if step.kind is StepKind.PATCH:
        if not step.patch:
            raise WriteRefused(f"The remedy for {step.target} changes nothing.", "Correct it in the playbook.")
        return step.patch
    if not kind.has_template:
        raise WriteRefused(f"{step.target} runs no pods, so there is nothing to restart.", "Correct the playbook.")
    if step.kind is StepKind.RESTART:
        if item["spec"].get("paused"):
            raise WriteRefused(
                f"{step.target} is paused, so a restart would not happen.", f"`kubectl rollout resume {step.target}`."
            )
        return {"spec": {"template": {"metadata": {"annotations": {RESTARTED_AT: stamp}}}}}
    if kind.kind != "Deployment":
        raise WriteRefused(
            f"Triage rolls back Deployments only, and {step.target} is none.", f"`kubectl rollout undo {step.target}`."
        )
    return roll_back_patch(step.target, item, replica_sets())


def roll_back_patch(target: str, deployment: Json, replica_sets: Sequence[Json]) -> Json:
    """What `kubectl rollout undo` does: the pod template and annotations of the revision before the newest.

    `replica_sets` are those of the namespace. Only what differs is in the patch. Raises `WriteRefused`.
    """
    if deployment["spec"].get("paused"):
        raise WriteRefused(f"{target} is paused, so it cannot be rolled back.", f"`kubectl rollout resume {target}`.")
    uid = metadata_of(deployment).get("uid")
    own = [
        item
        for item in replica_sets
        if any(
            owner.get("uid") == uid and owner.get("controller")
            for owner in metadata_of(item).get("ownerReferences") or ()
        )
    ]
    revisions = sorted(own, key=revision_of, reverse=True)
    if len(revisions) < 2:
        raise WriteRefused(f"{target} has no earlier revision.", "Correct the fault, or roll back by other means.")
    previous = revisions[1]
    wanted = _without_hash(previous["spec"]["template"])
    template = two_way(_without_hash(deployment["spec"]["template"]), wanted)
    if not template:
        raise WriteRefused(
            f"{target} says already what revision {revision_of(previous)} said.", "Look for another cause."
        )
    have, want = annotations_of(deployment), annotations_of(previous)
    kept = {name: value for name, value in have.items() if name in NOT_ROLLED_BACK}
    own_words = {name: value for name, value in want.items() if name not in NOT_ROLLED_BACK}
    changed = two_way(have, {**own_words, **kept})
    patch: dict[str, Any] = {"spec": {"template": template}}
    return {**patch, "metadata": {"annotations": changed}} if changed else patch


def revision_of(item: Json) -> int:
    """The revision of a ReplicaSet; 0 when it says none."""
    text = annotations_of(item).get(REVISION, "0")
    return int(text) if text.isdecimal() else 0


def _without_hash(template: Json) -> Json:
    metadata = dict(template.get("metadata") or {})
    metadata["labels"] = {name: text for name, text in (metadata.get("labels") or {}).items() if name != HASH_LABEL}
    return {**template, "metadata": metadata}


def patch_write(kind: WritableKind, namespace: str, item: Json, patch: Json, redactor: Redactor) -> Write:
    """The write of a patch to this object. Raises `WriteRefused` for what cannot be taken back, or kept."""
    metadata = metadata_of(item)
    target = f"{kind.kind.lower()}/{metadata['name']}"
    if metadata.get("deletionTimestamp"):
        raise WriteRefused(f"{target} is being deleted.", "Wait until it is gone, and check again.")
    try:
        before = way_back(patch, item)
    except UnclearList as exc:
        raise WriteRefused(f"{target}: {exc}, so a patch cannot tell them apart.", "Change it by hand.") from exc
    _refuse_secrets(target, (patch, before), redactor)
    return Write(
        api_version=kind.api_version,
        kind=kind.kind,
        namespace=namespace,
        name=metadata["name"],
        body=patch,
        content_type=STRATEGIC_MERGE,
        uid=metadata["uid"],
        generation=generation_of(item),
        resource_version=metadata["resourceVersion"],
        content=content_of(item),
        before=before,
    )


def creation(kind: WritableKind, namespace: str, name: str, body: Json, redactor: Redactor) -> Write:
    """The write that creates this object. Raises `WriteRefused` for kinds that no remedy creates, and for secrets."""
    target = f"{kind.kind.lower()}/{name}"
    if not kind.creatable:
        raise WriteRefused(f"Triage does not create {target}.", "Create it by hand.")
    _refuse_secrets(target, (body,), redactor)
    metadata = {**(body.get("metadata") or {}), "name": name, "namespace": namespace}
    whole = {**body, "apiVersion": kind.api_version, "kind": kind.kind, "metadata": metadata}
    return Write(
        api_version=kind.api_version, kind=kind.kind, namespace=namespace, name=name, body=whole, content_type=JSON
    )


def deletion(kind: WritableKind, namespace: str, item: Json, created: Json) -> Write:
    """The write that deletes what a change created. `created` is what it sent, with the change's mark.

    Raises `ObjectChanged` when the object is another one, or somebody has changed it since.
    """
    metadata = metadata_of(item)
    target = f"{kind.kind.lower()}/{metadata['name']}"
    mark = annotations_of(created).get(CHANGE_ANNOTATION, "")
    says_the_same = is_said({field: created[field] for field in ("spec", "data") if field in created}, item)
    if not kind.creatable or not mark or annotations_of(item).get(CHANGE_ANNOTATION) != mark or not says_the_same:
        raise ObjectChanged(f"{target} is not what was created here any more.", "Look at it, and delete it by hand.")
    options = {"apiVersion": "v1", "kind": "DeleteOptions", "preconditions": {"uid": metadata["uid"]}}
    kept = {name: metadata[name] for name in ("name", "namespace", "labels") if name in metadata}
    return Write(
        api_version=kind.api_version,
        kind=kind.kind,
        namespace=namespace,
        name=metadata["name"],
        body={**options, "propagationPolicy": "Background"},
        content_type=JSON,
        uid=metadata["uid"],
        generation=generation_of(item),
        resource_version=metadata["resourceVersion"],
        content=content_of(item),
        before={"metadata": kept, "spec": created.get("spec") or {}},
    )


def _refuse_secrets(target: str, kept: Sequence[Json], redactor: Redactor) -> None:
    """Raises `WriteRefused` when what would be kept holds a secret, or what would be sent a token in place of one."""
    for name in (name for value in kept for name in _secret_values(value, redactor)):
        raise WriteRefused(
            f"The change of {target} touches {name}, whose value looks like a secret: Triage keeps no such values.",
            "Change it by hand.",
        )


def _secret_values(value: Any, redactor: Redactor, name: str = "") -> Iterator[str]:
    """Names of values that look like secrets: by their name, or because a URL carries credentials."""
    if isinstance(value, Mapping):
        if isinstance(value.get("name"), str) and isinstance(value.get("value"), str):
            yield from _secret_values(value["value"], redactor, value["name"])
        for key, item in value.items():
            if key not in ("name", "value") and not key.startswith(CHECKSUM):
                yield from _secret_values(item, redactor, key)
    elif isinstance(value, list):
        for item in value:
            yield from _secret_values(item, redactor, name)
    elif isinstance(value, str) and (TOKEN.search(value) or redactor.value(name, value) != value):
        yield name or "a value"
