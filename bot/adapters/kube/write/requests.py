"""A write as the API server is asked for it: the request itself, and the review whether it is allowed. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.adapters.kube.access.write_connection import WriteRequest
from bot.adapters.kube.write.kinds import WritableKind, kind_of
from bot.adapters.kube.write.objects import metadata_of
from bot.changes.patches.undo import stamped
from bot.changes.ports import Impersonation
from bot.domain.changes import Write

Json = Mapping[str, Any]


def request_of(write: Write, item: Json | None, headers: Mapping[str, str], mark: str) -> WriteRequest:
    """The request that carries out a write on the object as it is now (None: there is none), marked with the change."""
    kind: WritableKind = kind_of(write)
    if item is None:
        body = stamped(write.body, mark)
        return WriteRequest("POST", kind.list_path(write.namespace), headers=headers, body=body)
    path, version = kind.path(write.namespace, write.name), metadata_of(item)["resourceVersion"]
    if write.deletes:
        conditions = {"uid": write.uid, "resourceVersion": version}
        return WriteRequest("DELETE", path, headers=headers, body={**write.body, "preconditions": conditions})
    body = stamped(write.body, mark)
    body["metadata"]["resourceVersion"] = version
    return WriteRequest("PATCH", path, headers=headers, body=body, content_type=write.content_type)


def attributes_of(write: Write) -> dict[str, str]:
    """What a review of rights is asked about: the verb and the object."""
    kind = kind_of(write)
    verb = "create" if write.creates else "delete" if write.deletes else "patch"
    attributes = {"namespace": write.namespace, "verb": verb, "group": kind.group, "resource": kind.plural}
    if not write.creates:
        attributes["name"] = write.name
    return attributes


def review_of(attributes: Mapping[str, str]) -> dict[str, Any]:
    """The body of a review of one's own rights."""
    return {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SelfSubjectAccessReview",
        "spec": {"resourceAttributes": dict(attributes)},
    }


def denied(acting_as: Impersonation | None, write: Write) -> str:
    """Why there is no button: who may not do it, as the cluster says."""
    verb = "create" if write.creates else "delete" if write.deletes else "change"
    who = f"the role {acting_as.role}" if acting_as is not None else "this account"
    return f"The cluster does not let {who} {verb} {write.target} in {write.namespace}."
