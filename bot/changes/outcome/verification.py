"""Looks, on a schedule, whether an applied change has helped: the rollout, then the same checks that found the cause.

Called by the ticker for changes in `verifying`; reads only. It never says “fixed” at the first good look: a container
that is killed after a quarter of a minute looks well before that.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.changes import messages
from bot.changes.deps import SINCE, UNCERTAIN, ChangeDeps
from bot.changes.journal import seconds
from bot.changes.outcome.judgement import CausePresence, Judgement, judge
from bot.changes.ports import Rollout
from bot.diagnosis.outage import Outage, with_outage
from bot.domain.changes import Change, ChangeState
from bot.domain.diagnosis import Diagnosis
from bot.domain.errors import StoreError, TriageError

STABLE_FOR = seconds(15)
"""How long everything must look well, at every look, before it counts as fixed."""

QUIET_FOR = seconds(60)
"""The same where the cause is ruled out, but something else cannot be seen: no fault may turn up meanwhile."""

UNDO_WAITS = seconds(20)
"""How long the rollout of an undo is waited for. What was broken before may never become ready, and need not."""

_SCHEDULE = ((2, 2), (7, 5), (17, 10), (32, 15))
_SLOWEST = 30


def verify(deps: ChangeDeps, change: Change) -> Change:
    """One look, and what follows from it. The caller owns the change. Raises `Overtaken` and `StoreError`."""
    try:
        writer = deps.writer_to(change.cluster)
        rollouts = [writer.rollout(write) for write in change.writes]
    except TriageError as exc:
        return _blind(deps, change, exc)
    if change.undoes:
        return _undone(deps, change, rollouts)
    failed = next((item for item in rollouts if item.failed), None)
    if failed is not None:
        return deps.journal.finish(change, ChangeState.FAILED, messages.rollout_failed(failed.sentence))
    waiting = next((item for item in rollouts if not item.done), None)
    if waiting is not None:
        return _rolling(deps, change, waiting)
    try:
        diagnosis = deps.diagnose(change.cluster, change.app, str(change.details.get("place") or change.namespace))
    except StoreError:
        raise
    except TriageError as exc:
        return _blind(deps, change, exc)
    return _looked(deps, change, diagnosis)


def _undone(deps: ChangeDeps, change: Change, rollouts: Sequence[Rollout]) -> Change:
    """It is taken back once the controllers have seen it; whether the pods come up again is another matter."""
    unseen = next((item for item in rollouts if not item.observed), None)
    if unseen is not None:
        return _rolling(deps, change, unseen)
    waiting = next((item for item in rollouts if item.failed), None) or next(
        (item for item in rollouts if not item.done), None
    )
    enough_at = (change.claimed_at or deps.clock()) + UNDO_WAITS
    if waiting is not None and not waiting.failed and deps.clock() < enough_at:
        return _again(deps, change, messages.progress(waiting.sentence), enough_at=enough_at)
    outcome = messages.undone(change, waiting.sentence if waiting is not None else "")
    return deps.journal.finish(change, ChangeState.FIXED, outcome)


def _outage(change: Change) -> Outage:
    """What the diagnosis that offered the change knew of the outage."""
    since = change.details.get(SINCE)
    return Outage(change.offered_at, datetime.fromisoformat(str(since)) if since else None)


def _looked(deps: ChangeDeps, change: Change, diagnosis: Diagnosis) -> Change:
    now, judgement = deps.clock(), judge(change, diagnosis)
    diagnosis = with_outage(diagnosis, _outage(change), change.calm_since)
    since = (change.calm_since or now) if judgement.stable or judgement.quiet else None
    enough = STABLE_FOR if judgement.stable else QUIET_FOR
    if since is not None and (now - since >= enough or _late(change, now)):
        return _fixed(deps, change, diagnosis, judgement)
    if _late(change, now):
        return _time_is_up(deps, change, diagnosis, judgement)
    outcome = messages.stable(diagnosis.headline) if since else messages.progress(diagnosis.headline)
    return _again(deps, change, outcome, since, since and since + enough)


def _fixed(deps: ChangeDeps, change: Change, diagnosis: Diagnosis, judgement: Judgement) -> Change:
    before = str(change.details.get("before") or "")
    outcome = messages.fixed(before, diagnosis.headline, judgement.others)
    details = {**change.details, "after": diagnosis.headline}
    return deps.journal.finish(change, ChangeState.FIXED, outcome, details=details)


def _time_is_up(deps: ChangeDeps, change: Change, diagnosis: Diagnosis, judgement: Judgement) -> Change:
    """Gone for certain counts as fixed even where another fault is there now, or not everything can be seen."""
    if judgement.certain:
        return _fixed(deps, change, diagnosis, judgement)
    there = judgement.presence is CausePresence.THERE
    outcome = (messages.still_there if there else messages.unclear)(diagnosis.headline, _minutes(change))
    details = {**change.details, "after": diagnosis.headline, **({} if there else {UNCERTAIN: True})}
    return deps.journal.finish(change, ChangeState.NOT_FIXED, outcome, details=details)


def _rolling(deps: ChangeDeps, change: Change, rollout: Rollout) -> Change:
    if _late(change, deps.clock()):
        outcome = messages.not_rolled_out(change, rollout.sentence, _minutes(change))
        return deps.journal.finish(change, ChangeState.NOT_FIXED, outcome)
    return _again(deps, change, messages.progress(rollout.sentence))


def _blind(deps: ChangeDeps, change: Change, error: TriageError) -> Change:
    """Nothing could be seen this time."""
    if _late(change, deps.clock()):
        outcome = messages.not_seen(change, messages.words_of(error), _minutes(change))
        details = {**change.details, UNCERTAIN: True}
        return deps.journal.finish(change, ChangeState.NOT_FIXED, outcome, details=details)
    return _again(deps, change, messages.progress(f"It cannot be checked just now: {messages.words_of(error)}"))


def _again(
    deps: ChangeDeps,
    change: Change,
    outcome: str,
    calm_since: datetime | None = None,
    enough_at: datetime | None = None,
) -> Change:
    """Look once more, at the latest when it would have been well for long enough."""
    now = deps.clock()
    at = now + _pause(now - (change.claimed_at or now))
    if enough_at is not None:
        at = min(at, max(enough_at, now + seconds(2)))
    if change.verify_until is not None:
        at = max(min(at, change.verify_until), now + seconds(1))
    return deps.journal.later(change, at, outcome=outcome, calm_since=calm_since)


def _pause(elapsed: timedelta) -> timedelta:
    """Often in the beginning, when most changes show their effect; then every half minute."""
    for until, pause in _SCHEDULE:
        if elapsed < seconds(until):
            return seconds(pause)
    return seconds(_SLOWEST)


def _late(change: Change, now: datetime) -> bool:
    return change.verify_until is None or now >= change.verify_until


def _minutes(change: Change) -> float:
    if change.verify_until is None or change.claimed_at is None:
        return 0
    return (change.verify_until - change.claimed_at).total_seconds() / 60
