"""Everything that is due without anybody pressing: expiry, recovery, looking whether a change has helped.

Called by the service's ticker each second or two, on every replica. A change is worked on by whoever gets its lease by
compare-and-swap; the others leave it alone.
"""

from __future__ import annotations

import logging
from datetime import datetime

from bot.changes.deps import LEASE, LOOK_LEASE, ChangeDeps, past
from bot.changes.gates import expire
from bot.changes.journal import Overtaken, seconds
from bot.changes.outcome.recovery import recover
from bot.changes.outcome.verification import verify
from bot.domain.changes import WAITING, Change, ChangeState
from bot.domain.errors import StoreError, TriageError
from bot.runtime.logs import about_incident

PER_TICK = 10
"""Changes looked at in one call: each may take a second or two."""
READ = 50
"""Due changes that are read: those that others work on are left out."""
AFTER_TROUBLE = seconds(15)

_log = logging.getLogger(__name__)


def tick(deps: ChangeDeps, now: datetime) -> int:
    """Move on what is due, and say how many changes were looked at. Raises `StoreError`."""
    looked_at = 0
    for change in deps.journal.store.due(now, READ):
        if not past(now, change.due_at) or not deps.is_ours(change) or not _is_free(deps, change):
            continue
        if looked_at == PER_TICK:
            break
        looked_at += 1
        try:
            with about_incident(change.incident):
                _step(deps, change)
        except Overtaken:
            continue  # another replica has it
    return looked_at


def _is_free(deps: ChangeDeps, change: Change) -> bool:
    """Whether nobody works on it: it was let go of, or this process has seen it stand still for a whole lease. What
    another machine's clock has written into the row does not count.
    """
    stood = deps.observed.stood_for(change)
    if change.state in WAITING or not change.owner:
        return True
    return stood >= (LOOK_LEASE if change.state is ChangeState.VERIFYING else LEASE)


def _step(deps: ChangeDeps, change: Change) -> Change:
    if change.state in WAITING:
        if past(deps.clock(), change.expires_at):
            return expire(deps, change)
        return deps.journal.touch(change, due_at=change.expires_at)
    lease = LOOK_LEASE if change.state is ChangeState.VERIFYING else LEASE
    owned = deps.journal.lease(change, deps.owner, deps.clock() + lease)
    try:
        return verify(deps, owned) if change.state is ChangeState.VERIFYING else recover(deps, change, owned)
    except (Overtaken, StoreError):
        raise
    except TriageError as exc:
        # The step could not even be begun (no kubeconfig, for instance); it is not lost, and others must not wait.
        _log.warning("change %s: %s", change.id, exc)
        return deps.journal.later(owned, deps.clock() + AFTER_TROUBLE, owned_until=change.owned_until)
