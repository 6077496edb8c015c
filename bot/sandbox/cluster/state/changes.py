"""What one write does to one object: patch types, which parts a subresource may touch, and whether anything changed.

Used by `state.registry` and the /scale handler. Pure functions on JSON values.
"""

from __future__ import annotations

from typing import Any

from bot.sandbox.cluster.state import patches, status
from bot.sandbox.cluster.state.kinds import Kind
from bot.sandbox.cluster.state.values import Object, clone

JSON_PATCH = "application/json-patch+json"
MERGE_PATCH = "application/merge-patch+json"
STRATEGIC_PATCH = "application/strategic-merge-patch+json"
APPLY_PATCH = "application/apply-patch+yaml"
PATCH_TYPES = (JSON_PATCH, MERGE_PATCH, STRATEGIC_PATCH, APPLY_PATCH)


def patched(old: Object, media: str, body: Any) -> Object:
    """The object after a patch. Raises a 415 StatusError for a type that is none of PATCH_TYPES."""
    if media not in PATCH_TYPES:
        raise status.unsupported_media(media, ", ".join(PATCH_TYPES))
    if media == JSON_PATCH:
        return patches.json_patch(old, body)
    if not isinstance(body, dict):
        raise status.bad_request("the patch must be an object")
    if media == MERGE_PATCH:
        return patches.merge_patch(clone(old), body)  # type: ignore[no-any-return]  # an object patched by an object
    if media == STRATEGIC_PATCH:
        return patches.strategic_merge(clone(old), body)  # type: ignore[no-any-return]
    return patches.apply_configuration(clone(old), body)


def isolated(kind: Kind, old: Object, new: Object, subresource: str) -> Object:
    """A write to /status changes only the status; any other write never does."""
    if subresource == "status":
        meta = {
            **old["metadata"],
            **{key: new["metadata"][key] for key in ("resourceVersion",) if key in new["metadata"]},
        }
        return {**clone(old), "metadata": clone(meta), "status": new.get("status", {})}
    if kind.has_status:
        new.pop("status", None)
        if "status" in old:
            new["status"] = old["status"]
    return new


def keep_cluster_ip(kind: Kind, old: Object, new: Object) -> None:
    """A Service keeps its address when a write leaves it out."""
    if kind.storage != "services":
        return
    for field in ("clusterIP", "clusterIPs"):
        if field in old["spec"] and not new["spec"].get(field):
            new["spec"][field] = old["spec"][field]


def without_owner(child: Object, uid: str) -> Object:
    """The child without its reference to this owner."""
    meta = dict(child["metadata"])
    meta["ownerReferences"] = [ref for ref in meta.get("ownerReferences") or [] if ref["uid"] != uid]
    return {**child, "metadata": meta}


def spec_part(item: Object) -> Object:
    """What counts for metadata.generation: everything but metadata and status."""
    return {key: value for key, value in item.items() if key not in ("metadata", "status")}


def same(old: Object, new: Object) -> bool:
    """Whether a write changed nothing; then it gets no new resourceVersion."""

    def bare(item: Object) -> Object:
        meta = {
            key: value for key, value in item["metadata"].items() if key not in ("managedFields", "resourceVersion")
        }
        return {**item, "metadata": meta}

    return bare(old) == bare(new)
