"""What `ChangeService` answers. Adapters turn it into messages; nothing here decides."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.changes.patches.diff import FieldChange
from bot.changes.policy.model import Holder
from bot.changes.ports import Preview
from bot.domain.changes import Change
from bot.domain.remedies import Remedy


class Code(StrEnum):
    """Why a press came to nothing. What the policy says has the policy's own codes (`policy.decision.DenialReason`)."""

    UNKNOWN = "unknown_change"
    COPIED = "copied_message"
    EXPIRED = "expired"
    SUPERSEDED = "superseded"
    DECLINED = "declined"
    ALREADY_REQUESTED = "already_requested"
    UNDER_WAY = "under_way"
    FINISHED = "finished"
    OVERTAKEN = "overtaken"
    NOT_PREVIEWED = "not_previewed"
    OTHER_PREVIEW = "other_preview"
    NOT_REQUESTED = "not_requested"
    OBJECT_CHANGED = "object_changed"
    WRONG_VALUE = "wrong_value"
    REQUESTER_GONE = "requester_gone"
    REQUESTER_UNKNOWN = "requester_unknown"
    NOBODY_AGREES = "nobody_could_agree"
    BUSY_WORKLOAD = "busy_workload"
    CLUSTER_DENIES = "cluster_denies"
    CLUSTER_REFUSES = "cluster_refuses"
    CLUSTER_UNKNOWN = "cluster_unknown"
    NOTHING_TO_UNDO = "nothing_to_undo"
    AUDIT_UNWRITABLE = "audit_unwritable"
    STORE_DOWN = "store_down"
    RESOLVED = "incident_resolved"
    UNFINISHED = "unfinished"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Nothing was done; the permission that others may still use is as it was.

    code:     for programs and tests
    sentence: for the person alone: what happened and what to do next
    who_can:  who could do it, by the policy; adapters render the ids
    change:   the change as it is now, if there is one
    """

    code: str
    sentence: str
    who_can: tuple[Holder, ...] = ()
    change: Change | None = None


@dataclass(frozen=True, slots=True)
class Withheld:
    """A remedy that gets no button, and why, in a sentence."""

    remedy: Remedy
    reason: str


@dataclass(frozen=True, slots=True)
class Offers:
    """What may be pressed, and what may not and why."""

    changes: tuple[Change, ...] = ()
    withheld: tuple[Withheld, ...] = ()


@dataclass(frozen=True, slots=True)
class Previewed:
    """A dry run on the server, write by write. `change.digest` is what a request must name.

    steps:    as the cluster answered, secrets and all: nobody shows them
    fields:   what would change, for each step; these and `warnings` are for people, with secrets hidden
    """

    change: Change
    steps: tuple[Preview, ...]
    fields: tuple[tuple[FieldChange, ...], ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Accepted:
    """The press counted. `change` says what came of it, `sentence` says it for people."""

    change: Change
    sentence: str


class Requested(Accepted):
    """Waits for approvals, or is already being checked."""


class Approved(Accepted):
    """One approval more; with the last one, the change was made."""


class Declined(Accepted):
    """The request is withdrawn or turned down."""


class Undoing(Accepted):
    """`change` is the new change that takes the other back."""
