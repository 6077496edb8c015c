"""The answer to a question about a policy. Made by `decision`, shown by adapters, which render the ids in it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.changes.policy.model import Holder
from bot.domain.remedies import Risk


class DenialReason(StrEnum):
    """Why somebody may not."""

    NOT_MEMBER = "not_member"
    """A guest, an external person, a bot, of another workspace, deactivated, or not known to be none of these."""
    NO_POLICY = "no_policy"
    """No policy is in force: none is configured, or its file is missing or broken."""
    DISABLED = "disabled"
    """The kill switch is set."""
    NO_ROLE = "no_role"
    """The person holds no role at all."""
    WRONG_SCOPE = "wrong_scope"
    """Their roles may do this, but elsewhere."""
    KIND_NOT_GRANTED = "kind_not_granted"
    """Their roles may do other things here."""
    ROLE_TOO_LOW = "role_too_low"
    """The playbook asks for an admin."""
    OWN_REQUEST = "own_request"
    """Nobody approves what they asked for themselves."""
    ALREADY_APPROVED = "already_approved"
    """Nobody counts twice."""
    OUT_OF_BOUNDS = "out_of_bounds"
    """A value is not within the policy's bounds."""
    FROZEN = "frozen"
    """A freeze is on."""
    BUDGET_PERSON = "budget_person"
    """This person has done as much as one may within the hour."""
    BUDGET_WORKLOAD = "budget_workload"
    """This object has been changed as often as it may be within the hour."""
    BUDGET_TOTAL = "budget_total"
    """As much has been done as may be done within the hour."""


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer. Sentences are plain text; people, groups and channels are in `holders`, by id.

    role:       the role to act as: the least powerful one that may; empty when refused, and at the command line
    roles:      all of theirs that may, the least powerful first
    risk:       the class that counts
    approvals_needed: how many other people must agree
    code, reason: why not
    next_step:  what can be done about it; it ends in `holders` being named, if there are any
    holders:    who could do it, without the person and, for an approval, without the requester
    """

    allowed: bool
    risk: Risk
    approvals_needed: int
    role: str = ""
    roles: tuple[str, ...] = ()
    code: DenialReason | None = None
    reason: str = ""
    next_step: str = ""
    holders: tuple[Holder, ...] = ()
