"""What an incident is about, as one text: the same for a paste, a monitor and another replica.

Used by whoever opens incidents or mutes them. Holds neither pod names nor wording: both change while it is the same.
"""

from __future__ import annotations

from collections.abc import Iterable

from bot.domain.diagnosis import Cause, Diagnosis

NOT_FOUND = "not found"


def incident_key(diagnosis: Diagnosis) -> str:
    """The key of a whole diagnosis: its root causes with their workloads, in no particular order.

    Something harmless beside a fault makes it no other incident.
    """
    faults = tuple(cause for cause in diagnosis.root_causes if not cause.benign)
    return _key(diagnosis, faults or diagnosis.root_causes)


def cause_key(diagnosis: Diagnosis, cause: Cause) -> str:
    """The key of one cause of a diagnosis; equal to `incident_key` when it is the only root cause."""
    return _key(diagnosis, (cause,))


def workload_of(diagnosis: Diagnosis, cause: Cause) -> str:
    """The workload (`deployment/api-server`) a cause is about; its component's name where none was found."""
    found = diagnosis.components.get(cause.component, "")
    return cause.component if found in ("", NOT_FOUND) else found


def _key(diagnosis: Diagnosis, causes: Iterable[Cause]) -> str:
    about = sorted(f"{cause.id}@{workload_of(diagnosis, cause)}" for cause in causes)
    return " ".join((f"{diagnosis.cluster}/{diagnosis.namespace}/{diagnosis.app}", *about))
