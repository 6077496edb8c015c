"""Words about changes for people in Slack: labels of buttons, who did what, what would be changed. Pure.

Used by everything here that shows a change. Names are shown as Slack states them, and never decide anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bot.changes.deps import UNCERTAIN
from bot.changes.patches.diff import differences
from bot.changes.policy.model import Policy
from bot.changes.ports import Preview
from bot.changes.results import Previewed
from bot.domain.changes import Change, ChangeState, Person, Write
from bot.domain.remedies import Remedy
from bot.incidents.plain_text import one_line
from bot.playbook.remedy_kinds import REMEDY_KINDS
from bot.redaction import Redactor

_S = ChangeState
NAME_CHARACTERS = 40
_OVER: Mapping[ChangeState, str] = {
    _S.REQUESTED: "Waiting for approval",
    _S.APPROVED: "Waiting for approval",
    _S.CLAIMED: "Applying",
    _S.APPLIED: "Applying",
    _S.VERIFYING: "Checking whether it helped",
    _S.FIXED: "Fixed",
    _S.NOT_FIXED: "Not fixed",
    _S.FAILED: "Failed",
    _S.ROLLED_BACK: "Taken back",
    _S.EXPIRED: "Expired",
    _S.REFUSED: "Not approved",
    _S.SUPERSEDED: "Overtaken",
}


def label(remedy: Remedy) -> str:
    """What a button says; the dots say that it does nothing yet."""
    values = {parameter.name: parameter.value for parameter in remedy.parameters}
    known = REMEDY_KINDS.get(remedy.kind)  # a row of a newer version may name another kind
    form = known.button if known is not None else ""
    try:
        short = form.format(object=one_line(remedy.target.partition("/")[2], 30), **values)
    except KeyError:
        short = ""
    return f"{short or one_line(remedy.title, 70)} …"


def person_name(person: Person | None) -> str:
    """A person's name; the id where Slack told none."""
    if person is None:
        return "somebody"
    return one_line(person.name or person.user, NAME_CHARACTERS)


def people_names(people: Iterable[Person]) -> str:
    """Several names."""
    return ", ".join(person_name(person) for person in people)


def who(change: Change) -> str:
    """Who asked for it, and who agreed: from the database, never from a log."""
    said = f"{'asked' if change.approvals_needed else 'pressed'} by {person_name(change.requester)}"
    return f"{said}, approved by {people_names(change.approvers)}" if change.approvers else said


def state_words(change: Change) -> str:
    """Where it is, as a label."""
    if change.state is _S.FIXED and not change.undoes:
        return "What was done"  # that it is fixed stands in the card's first line
    if change.undoes and change.state in (_S.FIXED, _S.NOT_FIXED):
        return "Undone" if change.state is _S.FIXED else "Undone, still failing"
    if change.state is _S.NOT_FIXED and change.details.get(UNCERTAIN):
        return "Not confirmed"
    if change.state in (_S.REQUESTED, _S.APPROVED) and not change.approvals_needed:
        return "Applying"
    return _OVER.get(change.state, "Offered")


def preview_lines(previewed: Previewed) -> list[str]:
    """What the dry run changes, field by field, each object after its name. Secrets are hidden in it."""
    lines: list[str] = []
    for step, fields in zip(previewed.steps, previewed.fields, strict=True):
        lines += [f"{_object(step.write)}:", *([f"  {field}" for field in fields] or ["  says all of this already"])]
    return lines


def asked_lines(change: Change, redactor: Redactor) -> list[str]:
    """The fields that were asked for, as they are written: from the change itself, which is what is approved."""
    lines: list[str] = []
    for write in change.writes:
        step = Preview(write, before=write.before, after=write.body)
        fields = [str(field) for field in differences(step, redactor) if field.asked]
        lines += [f"{write.target}: {field}" for field in fields] or [_object(write)]
    return lines


def _object(write: Write) -> str:
    verb = " (is created)" if write.creates else " (is deleted)" if write.deletes else ""
    return f"{write.target} in {write.namespace}{verb}"


def approvals_words(change: Change) -> str:
    """How many others must agree."""
    needed = change.approvals_needed
    if needed == 0:
        return "no approval is needed"
    return "1 other person must approve it" if needed == 1 else f"{needed} other people must approve it"


def bounds_hint(policy: Policy | None, name: str, current: str) -> str:
    """Between what a value may be, as the policy writes it, and what it is now."""
    bound = policy.ranges.get(name) if policy is not None else None
    said = [f"From {bound.least_text} to {bound.most_text}."] if bound is not None else []
    if current:
        said.append(f"Now {one_line(current, 60)}.")
    return " ".join(said)
