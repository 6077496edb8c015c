"""The gates that a press passes, in this order: look up, who is it, role, cluster RBAC, object unchanged.

Called by `previewing`, `clicking` and `undoing`. Each gate returns what it found or raises `Refused`, and takes nothing
from others who may still press. A gate that cannot be asked is closed.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from bot.changes import messages
from bot.changes.actor import Actor
from bot.changes.deps import ChangeDeps, past, place_of
from bot.changes.journal import BOT
from bot.changes.policy.access_request import Act, RequestedChange, question_about
from bot.changes.policy.crowd import too_few
from bot.changes.policy.decision import Decision, DenialReason
from bot.changes.policy.model import Holder, HolderKind
from bot.changes.ports import ClusterWriter, Count
from bot.changes.results import Code, Refusal
from bot.domain.changes import WAITING, Change, ChangeState, Person, Write
from bot.domain.errors import ClusterError, ObjectChanged, ObjectGone, TriageError

_S = ChangeState


class Refused(TriageError):
    """A gate is closed. Never leaves the change service: it becomes the `Refusal` it carries."""

    def __init__(self, code: str, sentence: str, who_can: Sequence[Holder] = (), change: Change | None = None) -> None:
        super().__init__(sentence, "")
        self.refusal = Refusal(code, sentence, tuple(who_can), change)


def look_up(deps: ChangeDeps, change_id: str, actor: Actor) -> Change:
    """The change that the button is about."""
    change = deps.journal.store.get(change_id)
    if change is None:
        raise Refused(Code.UNKNOWN, f"I no longer know what this button was for. {messages.CHECK_AGAIN}")
    if not actor.original:
        raise Refused(
            Code.COPIED,
            "This is a copy of the message: its buttons do nothing. Use the card in the channel where it was posted.",
            change=change,
        )
    return change


def somebody_could_agree(deps: ChangeDeps, change: Change, actor: Actor) -> None:
    """Whether enough others could approve it: nobody should wait for what nobody can give."""
    needed = deps.authority.approvals_needed(change.remedy)
    holders = deps.authority.holders(place_of(change), RequestedChange.of(change.remedy))
    asking = frozenset({actor.person.user})

    def members(holder: Holder) -> frozenset[str] | None:
        return actor.members.get(holder.id) if holder.kind is HolderKind.GROUP else None

    if too_few(holders, members, needed, asking):
        raise Refused(Code.NOBODY_AGREES, messages.nobody_agrees(needed), change=change)


def allowed(deps: ChangeDeps, change: Change, actor: Actor, act: Act) -> Decision:
    """Who it is, and by which roles they may: the policy's word."""
    if act is Act.APPROVE and change.requester is None:
        act = Act.REQUEST
    now = deps.clock()
    person = change.requester if act is Act.APPROVE and change.requester else actor.person
    since = now - deps.authority.limits().budget_window
    count = deps.journal.store.count(person, change.workload_key, since)
    decision = deps.authority.decide(question_about(change, actor, count, now, act))
    if not decision.allowed:
        sentence = f"{decision.reason} {decision.next_step}".strip()
        raise Refused(decision.code.value if decision.code else "", sentence, decision.holders, change)
    return decision


def in_state(deps: ChangeDeps, change: Change, states: Collection[ChangeState]) -> None:
    """Whether it is still where this press makes sense. One that is too late expires now."""
    if change.state in WAITING and past(deps.clock(), change.expires_at):
        change = expire(deps, change)
    if change.state not in states:
        code, sentence = _where_it_is(change)
        waits = change.state is _S.REQUESTED
        who_can = deps.authority.holders(place_of(change), RequestedChange.of(change.remedy)) if waits else ()
        others = [holder for holder in who_can if change.requester is None or holder.id != change.requester.user]
        raise Refused(code, sentence, others, change)


_LOST = frozenset(
    {
        DenialReason.NOT_MEMBER,
        DenialReason.NO_ROLE,
        DenialReason.WRONG_SCOPE,
        DenialReason.KIND_NOT_GRANTED,
        DenialReason.ROLE_TOO_LOW,
    }
)
"""What is wrong with a person, and not with the moment."""


def still_asked_for(deps: ChangeDeps, change: Change, actor: Actor) -> None:
    """Whether the one who asked still may ask: a request of somebody who has left or lost the role is void."""
    asked = actor.requester
    if asked is None:
        return
    who = messages.name(change.requester)
    if asked.unknown:
        sentence = f"Nothing was done: I cannot find out now whether {who}, who asked for this, still may. Try again."
        raise Refused(Code.REQUESTER_UNKNOWN, sentence, change=change)
    decision = deps.authority.decide(question_about(change, asked, Count(0, 0, 0), deps.clock(), Act.REQUEST))
    if decision.allowed or decision.code not in _LOST:
        return
    outcome = f"Void: {who}, who asked for this, may not change this any more; nothing was changed."
    change = deps.journal.finish(change, ChangeState.REFUSED, outcome)
    raise Refused(Code.REQUESTER_GONE, f"{outcome} {messages.CHECK_AGAIN}", change=change)


def expire(deps: ChangeDeps, change: Change) -> Change:
    """Nobody may act on it any more. Raises `Overtaken`."""
    return deps.journal.finish(change, ChangeState.EXPIRED, messages.expired(change))


def _where_it_is(change: Change) -> tuple[Code, str]:
    """Why a press comes at the wrong moment."""
    who = messages.name(change.requester)
    state = change.state
    if state is _S.OFFERED:
        return Code.NOT_PREVIEWED, "Look at the preview first: it shows what would change."
    if state is _S.PREVIEWED:
        return Code.NOT_REQUESTED, "Nobody has asked for this yet, so there is nothing to decide."
    if state in (_S.REQUESTED, _S.APPROVED):
        return (
            Code.ALREADY_REQUESTED,
            f"{who} has asked for this already. {messages.awaited(change, change.approvals_needed)}",
        )
    if state in (_S.CLAIMED, _S.APPLIED, _S.VERIFYING):
        return Code.UNDER_WAY, f"This is already under way, asked for by {who}. {change.outcome}".strip()
    if state is _S.EXPIRED:
        return Code.EXPIRED, f"Too late. {change.outcome} {messages.CHECK_AGAIN}"
    if state is _S.SUPERSEDED:
        return Code.SUPERSEDED, f"This is out of date: {change.outcome} {messages.CHECK_AGAIN}"
    if state is _S.REFUSED:
        return Code.DECLINED, f"{change.outcome} {messages.CHECK_AGAIN}"
    return Code.FINISHED, f"This was done already, asked for by {who}. {change.outcome}".strip()


def allowed_by_cluster(
    deps: ChangeDeps,
    writer: ClusterWriter,
    change: Change,
    writes: Sequence[Write],
    roles: Sequence[str],
    person: Person,
) -> str:
    """The first role with which the cluster lets this person write all of it: its own access review, asked now."""
    reasons: list[str] = []
    unknown = False
    for role in roles or ("",):
        answers = [writer.may(deps.authority.acting_as(role, person), write) for write in writes]
        no = next((answer for answer in answers if not answer.allowed), None)
        if no is None:
            return role
        unknown = unknown or not no.known
        reasons.append(no.reason)
    words = " ".join(dict.fromkeys(reason for reason in reasons if reason))
    if unknown:
        sentence = f"Nothing was done: the cluster does not say whether you may. {words}".strip()
        raise Refused(Code.CLUSTER_UNKNOWN, sentence, change=change)
    who = "" if deps.authority.own_rights else "The policy allows it, but the cluster's own RBAC does not. "
    sentence = f"Nothing was done. {who}{words}".strip()
    raise Refused(Code.CLUSTER_DENIES, sentence, change=change)


def unchanged(deps: ChangeDeps, writer: ClusterWriter, change: Change) -> None:
    """Whether every object is still the one that was previewed; if not, the change is superseded."""
    stale = [write for write in change.writes if not _is_unchanged(writer, write)]
    if stale:
        outcome = f"{messages.targets(stale)} has changed since the preview."
        change = deps.journal.finish(change, ChangeState.SUPERSEDED, outcome, BOT)
        raise Refused(Code.OBJECT_CHANGED, f"Nothing was done: {outcome} {messages.CHECK_AGAIN}", change=change)


def _is_unchanged(writer: ClusterWriter, write: Write) -> bool:
    try:
        return writer.unchanged(write)
    except (ObjectGone, ObjectChanged):
        return False


def not_busy(deps: ChangeDeps, change: Change) -> None:
    """Whether nothing else is being written for this incident at this moment."""
    for other in deps.journal.store.of_incident(change.incident) if change.incident else ():
        if other.id != change.id and other.state in (_S.CLAIMED, _S.APPLIED):
            who = messages.name(other.requester)
            sentence = (
                f"{messages.title(other.remedy)} by {who} is being applied at this moment. Wait until it is done."
            )
            raise Refused(Code.BUSY_WORKLOAD, sentence, change=change)


def same_rules(deps: ChangeDeps, change: Change) -> None:
    """Whether the policy is still the one under which it was asked for and agreed to; if not, it is superseded."""
    if change.rules != deps.authority.rules():
        outcome = f"The policy has changed since {messages.name(change.requester)} asked for it."
        change = deps.journal.finish(change, ChangeState.SUPERSEDED, outcome, BOT)
        raise Refused(Code.SUPERSEDED, f"Nothing was done: {outcome} {messages.CHECK_AGAIN}", change=change)


def cluster_silent(error: ClusterError, change: Change | None = None) -> Refused:
    """The answer when the cluster cannot be asked: nothing was done."""
    return Refused(Code.CLUSTER_UNKNOWN, f"Nothing was done. {messages.words_of(error)}", change=change)
