"""What an object tells of a write: that it was carried out, that it was not, that it was given up. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.adapters.kube.write.objects import annotations_of, metadata_of
from bot.adapters.kube.write.preparing import RESTARTED_AT
from bot.changes.patches.merge import is_said
from bot.changes.patches.undo import FENCE_ANNOTATION
from bot.domain.changes import Write

Json = Mapping[str, Any]
_NOT_COMPARED = ("metadata", "apiVersion", "kind")


def says(write: Write, item: Json) -> bool:
    """Whether the object says what the write says, its own metadata aside."""
    return is_said({field: value for field, value in write.body.items() if field not in _NOT_COMPARED}, item)


def says_before(write: Write, item: Json) -> bool:
    """Whether the same object still says what the write would have replaced. Its generation does not tell: an API
    server raises that of a Deployment for a mere annotation, such as the fence.
    """
    same = metadata_of(item).get("uid") == write.uid and not metadata_of(item).get("deletionTimestamp")
    return same and bool(write.before) and is_said(write.before, item) and not says(write, item)


def fences_of(item: Json) -> list[str]:
    """The changes that were given up before they were sent to this object: none of them may still be."""
    return [mark for mark in annotations_of(item).get(FENCE_ANNOTATION, "").split(",") if mark]


def is_restart(write: Write) -> bool:
    """Whether a write does nothing but restart."""
    template = (write.body.get("spec") or {}).get("template") if isinstance(write.body.get("spec"), Mapping) else None
    return template is not None and dict(write.body) == {
        "spec": {"template": {"metadata": {"annotations": {RESTARTED_AT: restarted_at(template)}}}}
    }


def restarted_at(template: Json) -> str:
    """When a pod template was last told to restart; empty: never."""
    return str(annotations_of(template).get(RESTARTED_AT, ""))
