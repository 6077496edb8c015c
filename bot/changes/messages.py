"""The sentences of changes: what happened, what it means, what to do next. Pure; adapters escape and lay them out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.domain.changes import Change, Person, Write
from bot.domain.errors import TriageError
from bot.domain.remedies import Remedy

CHECK_AGAIN = "Check again: a new diagnosis offers what fits now."
UNDO_HINT = "What was done can be taken back with “Undo”."


def name(person: Person | None) -> str:
    """A person's name for a sentence; adapters that can mention people do it from the change's own fields."""
    if person is None:
        return "somebody"
    return person.name or person.user


def clock(moment: datetime) -> str:
    """A time of day, with its zone."""
    return moment.strftime("%H:%M:%S %Z").strip()


def words_of(error: TriageError) -> str:
    """An error as part of a longer text."""
    return f"{_stopped(error.message)} {error.remedy}".strip()


def title(remedy: Remedy) -> str:
    """What the remedy does, in quotation marks."""
    return f"“{remedy.title}”"


def targets(writes: Sequence[Write]) -> str:
    """The objects, in order."""
    return ", ".join(write.target for write in writes)


def applied(change: Change) -> str:
    """All writes took effect."""
    return f"Applied to {targets(change.writes)}."


def verifying(change: Change) -> str:
    """The time of looking begins."""
    return f"{applied(change)} Looking whether it helped."


def outcome_unknown(write: Write, error: TriageError) -> str:
    """A write got no answer."""
    return f"It is not known yet whether {write.target} was changed: {words_of(error)} The cluster is asked again."


def waiting_to_finish(write: Write, error: TriageError) -> str:
    """A later write could not be sent."""
    return f"Not finished yet: {write.target} could not be changed. {words_of(error)} It is tried again."


def stopped(change: Change, done: Sequence[Write], why: str) -> str:
    """What was and what was not done, and why."""
    if not done:
        return f"Not applied; nothing was changed. {why}"
    left = [write for write in change.writes if write not in done]
    if not left:
        return f"{applied(change)} {why}"
    return f"Only partly applied. Done: {targets(done)}. Not done: {targets(left)}. {why} {UNDO_HINT}"


def cannot_be_told(change: Change, done: Sequence[Write], unknown: Sequence[Write]) -> str:
    """The cluster does not say whether a write took effect."""
    looks = "; ".join(f"kubectl -n {write.namespace} get {write.target} -o yaml" for write in unknown)
    certain = f" Done: {targets(done)}." if done else ""
    return (
        f"It cannot be told whether {targets(unknown)} was changed: no answer came, and the object does not show it. "
        f"Look yourself: {looks} (annotation triage/change: {change.id}).{certain}"
    )


def not_certain(change: Change) -> str:
    """Nothing took effect so far, and it cannot be made certain that nothing will."""
    looks = "; ".join(f"kubectl -n {write.namespace} get {write.target} -o yaml" for write in change.writes)
    return (
        f"Not applied, as far as the cluster shows: {targets(change.writes)} does not carry the change. The process "
        f"that was to send it has stopped, and it cannot be made certain that no request of it arrives later. If one "
        f"does, this says so. Look yourself: {looks} (annotation triage/change: {change.id})."
    )


def late(change: Change) -> str:
    """A write took effect after its change had been given up."""
    return f"{applied(change)} It took effect late, after it had been given up: what was said before is not true."


def late_in_part(change: Change, done: Sequence[Write]) -> str:
    """The same, for some of its writes."""
    return stopped(change, done, "It took effect late, after it had been given up.")


NEVER_SENT = "The bot stopped before it could apply it, and does not apply it late by itself."


def not_finished(why: str) -> str:
    """Why the rest of a change is not made after a crash."""
    return f"The bot stopped in the middle, and did not go on afterwards: {why}."


def rollout_failed(sentence: str) -> str:
    """The new pods do not come up."""
    return f"Failed: {_stopped(sentence)} {UNDO_HINT}"


def fixed(before: str, after: str, others: Sequence[str]) -> str:
    """The cause is gone."""
    said = f"Fixed. Before: {_stopped(before)} Now: {_stopped(after)}" if before else f"Fixed. Now: {_stopped(after)}"
    return f"{said} Another fault remains: {', '.join(others)}." if others else said


def still_there(headline: str, minutes: float) -> str:
    """The time is up, and the cause has not gone."""
    return f"Not fixed: {_span(minutes)} later the cause is still there. {_stopped(headline)} {UNDO_HINT}"


def unclear(headline: str, minutes: float) -> str:
    """The time is up, and nobody can say."""
    return (
        f"It cannot be confirmed that this has fixed it: {_span(minutes)} later the cause can be neither shown nor "
        f"ruled out. {_stopped(headline)} {UNDO_HINT}"
    )


def not_rolled_out(change: Change, sentence: str, minutes: float) -> str:
    """The time is up, and the rollout is not done."""
    if change.undoes:
        return f"{undone(change)} But its controller has not taken it up within {_span(minutes)}: {_stopped(sentence)}"
    return f"Not fixed: the rollout has not finished within {_span(minutes)}. {_stopped(sentence)} {UNDO_HINT}"


def not_seen(change: Change, error: str, minutes: float) -> str:
    """The time is up, and the cluster could not be looked at."""
    if change.undoes:
        return f"{undone(change)} But its rollout could not be seen for {_span(minutes)}. {error}"
    return f"Applied, but it could not be checked within {_span(minutes)} whether it helped. {error} {UNDO_HINT}"


def progress(sentence: str) -> str:
    """What is still awaited."""
    return f"Applied. {_stopped(sentence)}"


def stable(headline: str) -> str:
    """It looks well; it must stay so for a moment."""
    return f"Applied. {_stopped(headline)} Watching for a moment whether it stays so."


def taken_back(undo: Change) -> str:
    """The original of an undo."""
    return f"It has been taken back by {name(undo.requester)}."


def undone(change: Change, not_ready: str = "") -> str:
    """The end of an undo. `not_ready` says how far the rollout is, when it is not finished."""
    said = f"Taken back: {targets(change.writes)} as before."
    return f"{said} Note: its pods are not all ready yet. {_stopped(not_ready)}" if not_ready else said


def _span(minutes: float) -> str:
    if minutes < 1:
        return f"{round(minutes * 60)} seconds"
    return "1 minute" if round(minutes) == 1 else f"{round(minutes)} minutes"


def _stopped(text: str) -> str:
    text = text.strip()
    return text if not text or text[-1] in ".!?…”)" else f"{text}."


def expired(change: Change) -> str:
    """Nobody acted in time."""
    if change.requester is None:
        return "Expired: nobody asked for it in time. Nothing was changed."
    return f"Expired: {name(change.requester)} asked for it, and it was not done in time. Nothing was changed."


def nobody_agrees(needed: int) -> str:
    """That a request would wait in vain, and who could change that."""
    others = "somebody else" if needed == 1 else f"{needed} others"
    return (
        f"Nothing was asked for: the policy wants {others} to approve it, and names too few other people who may. "
        "Whoever looks after the policy file can give one more person the role, or ask for fewer approvals."
    )


def awaited(change: Change, needed: int) -> str:
    """Who is still missing."""
    missing = needed - len(change.approvers)
    if missing <= 0:
        return "Everybody has agreed."
    people = "1 other person" if missing == 1 else f"{missing} other people"
    return f"{people} must approve it by {clock(change.expires_at)}."
