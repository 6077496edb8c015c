"""Which remedies of a diagnosis get a button, and why the others get none.

Called with each new diagnosis of an incident. It reads the objects and asks the cluster's access reviews; nothing is
offered that nobody could do. Offers of an older diagnosis end.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.changes import messages
from bot.changes.deps import SERVICES, SINCE, ChangeDeps, stamp_of
from bot.changes.gates import Refused
from bot.changes.journal import BOT, Overtaken
from bot.changes.policy.access_request import ChangeScope, RequestedChange
from bot.changes.policy.crowd import Members, nobody_knows, too_few
from bot.changes.results import Code, Offers, Withheld
from bot.domain.changes import Change, ChangeState, Person
from bot.domain.diagnosis import Cause, CauseVerdict, Diagnosis
from bot.domain.errors import ParameterRefused, StoreError, TriageError
from bot.domain.remedies import Remedy

_S = ChangeState
_UNUSED = frozenset({_S.OFFERED, _S.PREVIEWED})
_IN_USE = frozenset({_S.REQUESTED, _S.APPROVED, _S.CLAIMED, _S.APPLIED, _S.VERIFYING})


def offer(
    deps: ChangeDeps,
    diagnosis: Diagnosis,
    incident_id: str,
    details: Mapping[str, Any],
    members: Members = nobody_knows,
) -> Offers:
    """New offers for the confirmed root causes. A database that does not answer is a reason like others."""
    found = list(_remedies(diagnosis))
    try:
        earlier = deps.journal.store.of_incident(incident_id) if incident_id else ()
        supersede(deps, earlier, diagnosis)
        fitting = _Fitting(
            deps, ChangeScope(diagnosis.app, diagnosis.cluster, diagnosis.namespace), earlier, incident_id, members
        )
        return _offers(fitting, diagnosis, found, details)
    except StoreError as exc:
        reason = f"Nothing can be changed now: {messages.words_of(exc)}"
        return Offers(withheld=tuple(Withheld(remedy, reason) for _, remedy in found))


def _remedies(diagnosis: Diagnosis) -> Iterator[tuple[Cause, Remedy]]:
    """What would change something, each once: two causes may name the same remedy."""
    seen: set[tuple[str, str]] = set()
    for cause in diagnosis.root_causes:
        for remedy in cause.remedies if cause.verdict is CauseVerdict.CONFIRMED else ():
            if remedy.steps and (remedy.id, remedy.target) not in seen:
                seen.add((remedy.id, remedy.target))
                yield cause, remedy


def supersede(deps: ChangeDeps, earlier: Sequence[Change], diagnosis: Diagnosis) -> None:
    """Offers of the diagnosis before end, and so do requests whose cause is gone: nobody should approve those now."""
    roots = {cause.id for cause in diagnosis.root_causes}
    for change in earlier:
        cause_gone = change.state in (_S.REQUESTED, _S.APPROVED) and change.cause not in roots
        if change.state not in _UNUSED and not cause_gone:
            continue
        outcome = "The cause is not found any more." if cause_gone else "A newer diagnosis has taken its place."
        try:
            deps.journal.finish(change, _S.SUPERSEDED, outcome)
        except Overtaken:
            # Somebody presses it at this very moment, and was first: then it is in use.
            continue


@dataclass(frozen=True)
class _Fitting:
    """What decides whether a remedy is offered."""

    deps: ChangeDeps
    place: ChangeScope
    earlier: Sequence[Change]
    incident_id: str
    members: Members


def _offers(
    fitting: _Fitting, diagnosis: Diagnosis, found: Sequence[tuple[Cause, Remedy]], details: Mapping[str, Any]
) -> Offers:
    deps = fitting.deps
    changes: list[Change] = []
    withheld: list[Withheld] = []
    for cause, remedy in found:
        try:
            offered = _offerable(fitting, remedy)
        except Refused as no:
            withheld.append(Withheld(remedy, no.refusal.sentence))
            continue
        others = tuple(item.id for item in diagnosis.root_causes if item.id != cause.id)
        now = deps.clock()
        expires = now + deps.authority.limits().offer
        change = Change(
            id=deps.new_id(),
            app=diagnosis.app,
            cluster=diagnosis.cluster,
            namespace=diagnosis.namespace,
            cause=cause.id,
            other_causes=others,
            remedy=offered,
            incident=fitting.incident_id,
            offered_at=now,
            expires_at=expires,
            due_at=expires,
            details={**details, "before": diagnosis.headline, **_began(diagnosis), **_reachable(offered, diagnosis)},
        )
        changes.append(deps.journal.add(change, BOT))
    return Offers(tuple(changes), tuple(withheld))


def _reachable(remedy: Remedy, diagnosis: Diagnosis) -> dict[str, list[str]]:
    """The Services that a URL may lead to, where the remedy sets one."""
    return {SERVICES: list(diagnosis.services)} if any(one.name == "url" for one in remedy.parameters) else {}


def _began(diagnosis: Diagnosis) -> dict[str, str]:
    """Since when the app is down, for the outcome: after the fix the cluster records only the fix's own rollout."""
    return {SINCE: diagnosis.since.isoformat()} if diagnosis.since is not None else {}


def _offerable(about: _Fitting, remedy: Remedy) -> Remedy:
    """The remedy as it may be offered, with capped parameters. Raises `Refused` with the reason for the card."""
    deps, place = about.deps, about.place
    if closed := deps.authority.closed():
        raise Refused(Code.CLUSTER_DENIES, closed)
    _not_used_already(deps, remedy, about.earlier, about.incident_id)
    roles = deps.authority.roles(place, RequestedChange.of(remedy))
    if not roles:
        raise Refused(Code.CLUSTER_DENIES, f"The policy lets nobody do this for {place.app} in {place.namespace}.")
    _enough_people(about, remedy)
    try:
        fitting = deps.authority.fitted(remedy, place)
    except ParameterRefused as exc:
        raise Refused(Code.WRONG_VALUE, messages.words_of(exc)) from exc
    if fitting is None:
        problem = deps.authority.problem(remedy, place)
        raise Refused(Code.WRONG_VALUE, f"The policy's bounds leave nothing to offer. {problem}".strip())
    _possible(deps, fitting, place, roles)
    return fitting


def _enough_people(about: _Fitting, remedy: Remedy) -> None:
    """Whether there is somebody to ask for it and enough others to agree."""
    authority = about.deps.authority
    needed = authority.approvals_needed(remedy)
    if needed and too_few(authority.holders(about.place, RequestedChange.of(remedy)), about.members, needed + 1):
        raise Refused(
            Code.NOBODY_AGREES,
            f"It takes {needed + 1} people who may do this, one of them to ask, and the policy names fewer. "
            "Whoever looks after the policy file can change that.",
        )


def _not_used_already(deps: ChangeDeps, remedy: Remedy, earlier: Sequence[Change], incident_id: str) -> None:
    for change in earlier:
        if change.state in _IN_USE and (change.remedy.id, change.remedy.target) == (remedy.id, remedy.target):
            who = messages.name(change.requester)
            raise Refused(Code.UNDER_WAY, f"{who} has asked for it already; see the card of that change.")
    tries = deps.journal.store.useless(incident_id, remedy.id, remedy.target) if incident_id else 0
    if tries >= deps.authority.limits().withdraw_after:
        raise Refused(Code.FINISHED, f"It has not helped {tries} times in this incident, so it is not offered again.")


def _possible(deps: ChangeDeps, remedy: Remedy, place: ChangeScope, roles: Sequence[str]) -> None:
    """Whether the objects are there, and the cluster would let one of the roles write them."""
    targets = [step.target for step in remedy.steps]
    if len(set(targets)) < len(targets):
        raise Refused(Code.CLUSTER_REFUSES, "It would change the same object twice; that is not supported.")
    try:
        writer = deps.writer_to(place.cluster)
        stamp = stamp_of(deps.clock())
        writes = [writer.prepare(step, place.namespace, stamp) for step in remedy.steps]
        reasons: list[str] = []
        for role in roles:
            answers = [writer.may(deps.authority.acting_as(role, Person(user="")), write) for write in writes]
            if all(answer.allowed for answer in answers):
                return
            reasons += [answer.reason for answer in answers if not answer.allowed]
    except TriageError as exc:
        raise Refused(Code.CLUSTER_UNKNOWN, messages.words_of(exc)) from exc
    words = " ".join(dict.fromkeys(reason for reason in reasons if reason))
    whom = "" if deps.authority.own_rights else "The cluster allows it to none of the roles. "
    raise Refused(Code.CLUSTER_DENIES, f"{whom}{words}".strip())
