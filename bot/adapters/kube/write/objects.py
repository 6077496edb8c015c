"""Reads single objects for the writer, over the connection that can only GET.

An object is read as a list of one (`fieldSelector=metadata.name=…`): that needs no right the bot does not have for its
diagnosis anyway, and an answer without it says for certain that it is not there. No role is impersonated: whether a
write took effect must be found out after a crash too, when nobody is there in whose name to ask.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from bot.adapters.kube.access.failures import AnswerTooLarge, NoAnswer, api_status, shorten
from bot.adapters.kube.access.session import Bounds, Session
from bot.adapters.kube.write.kinds import WritableKind
from bot.domain.changes import Write
from bot.domain.errors import ClusterError, ClusterUnreachable

Json = Mapping[str, Any]
MAX_BYTES = 8 * 1024 * 1024
REPLICA_SETS = "/apis/apps/v1/namespaces/{}/replicasets"
QUOTAS = "/api/v1/namespaces/{}/resourcequotas"


def read_object(session: Session, kind: WritableKind, namespace: str, name: str) -> Json | None:
    """The object, or None when it is not there. Raises `ClusterError`."""
    found = read_items(session, kind.list_path(namespace), {"fieldSelector": f"metadata.name={name}"})
    item = next((item for item in found if item["metadata"].get("name") == name), None)
    return {**item, "apiVersion": kind.api_version, "kind": kind.kind} if item is not None else None


def read_items(session: Session, path: str, query: Mapping[str, str]) -> list[dict[str, Any]]:
    """The objects of a list. Raises `ClusterError`, with the missing right or the failure."""
    try:
        answer = session.get(path, list(query.items()), bounds=Bounds(MAX_BYTES))
    except (NoAnswer, AnswerTooLarge) as exc:
        raise ClusterUnreachable(f"The object could not be read: {exc.message}", exc.remedy) from exc
    if not answer.ok:
        status = api_status(answer.body)
        words = shorten(status.message) if status else f"HTTP {answer.status}"
        raise ClusterError(
            f"The object could not be read ({words}).", "Let this account list such objects, as deploy/rbac does."
        )
    try:
        items = json.loads(answer.body)["items"] or []
        return [item for item in items if isinstance(item["metadata"], dict)]
    except (ValueError, KeyError, TypeError) as exc:
        raise ClusterUnreachable(
            "What answers is not a Kubernetes API server.", "Check the server address and what stands in between."
        ) from exc


def read_all(
    session: Session, path: str, namespace: str, labels: Mapping[str, str] | None = None
) -> list[dict[str, Any]]:
    """All objects of a list in the namespace that have these labels; `path` is REPLICA_SETS or QUOTAS.

    In one page: with some left out, a roll-back would go to the wrong revision. Raises `ClusterError`.
    """
    query = {"labelSelector": ",".join(f"{key}={value}" for key, value in labels.items())} if labels else {}
    return read_items(session, path.format(quote(namespace, safe="")), query)


def metadata_of(item: Json) -> Json:
    """The object's metadata."""
    found: Json = item.get("metadata") or {}
    return found


def annotations_of(item: Json) -> Mapping[str, str]:
    """The object's annotations."""
    found: Mapping[str, str] = metadata_of(item).get("annotations") or {}
    return found


def generation_of(item: Json) -> int:
    """metadata.generation; 0 for a kind without one."""
    return int(metadata_of(item).get("generation") or 0)


def content_of(item: Json) -> str:
    """SHA-256 over what the object says: everything but its metadata and status. Empty for a kind with generations."""
    if generation_of(item):
        return ""
    said = {field: value for field, value in item.items() if field not in ("metadata", "status")}
    return hashlib.sha256(json.dumps(said, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def is_unchanged(write: Write, item: Json | None) -> bool:
    """Whether the object says what it said when the write was prepared. Its status and annotations do not count."""
    if item is None or write.creates:
        return item is None and write.creates
    same = metadata_of(item).get("uid") == write.uid and not metadata_of(item).get("deletionTimestamp")
    return same and (generation_of(item), content_of(item)) == (write.generation, write.content)
