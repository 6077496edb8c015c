"""The way back of a write, as a step like any other: it is prepared, previewed, permitted and applied as one.

Pure. Called by the change service when somebody presses “roll back”. Undo the writes of a change in reverse order.
"""

from __future__ import annotations

from typing import Any

from bot.domain.changes import Write
from bot.domain.remedies import Step, StepKind

CHANGE_ANNOTATION = "triage/change"
"""Carries the id of the change that wrote the object last, on the object itself and not on its pods."""


FENCE_ANNOTATION = "triage/fence"
"""The changes that were given up before they were sent, on the object: it has a new version, so that requests made for
the old one are refused, and who wakes up and reads it anew finds its own change there. It stays: nobody knows for how
long a process may stand still."""


def inverse(write: Write, change_id: str) -> Step:
    """The step that takes back this write of this change.

    A patch is taken back field by field: what was absent is removed again, what others changed stays. A created object
    is deleted, but only while it is the one that this change created and still says the same.
    """
    if write.before is None:
        return Step(StepKind.DELETE, write.target, stamped(write.body, change_id))
    if write.deletes:
        return Step(StepKind.CREATE, write.target, write.before)
    return Step(StepKind.PATCH, write.target, write.before)


def stamped(body: Any, change_id: str) -> dict[str, Any]:
    """The body with the change's mark in the object's annotations."""
    metadata = dict(body.get("metadata") or {})
    annotations = {**(metadata.get("annotations") or {}), CHANGE_ANNOTATION: change_id}
    return {**body, "metadata": {**metadata, "annotations": annotations}}
