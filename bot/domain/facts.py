"""Facts and gaps: what a check found out, and what it could not find out.

A missing answer is never health: whoever reads a fact gets its value or a `Gap` with the reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal

FactValue = bool | int | float | str | frozenset[str] | datetime
"""A typed value a check yields. A set holds names or reasons; a time is timezone-aware."""

FactType = Literal["bool", "int", "float", "str", "set", "time"]


class GapReason(StrEnum):
    """Why something could not be seen."""

    FORBIDDEN = "forbidden"
    """The account may not read it; `Gap` names the verb, the resource and the namespace."""
    TIMED_OUT = "timed_out"
    FAILED = "failed"
    """The API server answered with an error other than forbidden, or the connection broke."""
    ABSENT = "absent"
    """The thing itself is not there, so there is nothing to measure."""
    MALFORMED = "malformed"
    """The answer could not be understood."""
    NOT_READ = "not_read"
    """It was not asked for: nobody needed it, or it may not be asked."""
    CUT_OFF = "cut_off"
    """A limit of this program cut it off: there is more than it reads."""


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that could not be seen, and why.

    `what` completes the sentence "Could not check …"; `verb`, `resource` and `namespace` are set when a permission is
    missing, so that the Role that would grant it can be written.
    """

    reason: GapReason
    what: str
    detail: str = ""
    verb: str = ""
    resource: str = ""
    namespace: str = ""

    def sentence(self) -> str:
        """The gap in words, for a person."""
        if self.reason is GapReason.FORBIDDEN:
            where = f" in {self.namespace}" if self.namespace else " (cluster-wide)"
            return f"{self.what}: this account may not {self.verb} {self.resource}{where}"
        words = {
            GapReason.TIMED_OUT: "the API server did not answer in time",
            GapReason.FAILED: "the read failed",
            GapReason.ABSENT: "there is nothing to look at",
            GapReason.MALFORMED: "the answer could not be understood",
            GapReason.NOT_READ: "it was not read",
            GapReason.CUT_OFF: "there is more than this program reads",
        }[self.reason]
        return f"{self.what}: {words}" + (f" ({self.detail})" if self.detail else "")


def unseen(found: Iterable[Gap | None]) -> tuple[Gap, ...]:
    """What could not be seen, each once: what is not there, or was never asked for, is nobody's loss."""
    real = (gap for gap in found if gap is not None and gap.reason not in (GapReason.ABSENT, GapReason.NOT_READ))
    return tuple(dict.fromkeys(real))


class CheckStatus(StrEnum):
    """The answer of a check: `unknown` means a gap, never health."""

    PASS = "pass"
    FAIL = "fail"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Check:
    """One read-only question and its answer.

    `summary` is the answer as a sentence, `command` the kubectl command by which a person gets the same answer.
    `facts` maps fact names (`api.pods.ready`) to a value or a gap. `nothing_to_check`: it passes because there is
    nothing of which it could be asked (no pod, no health path, no paste), which is no good news.
    """

    id: str
    status: CheckStatus
    summary: str
    command: str
    gap: Gap | None = None
    facts: Mapping[str, FactValue | Gap] = field(default_factory=dict)
    nothing_to_check: bool = False
