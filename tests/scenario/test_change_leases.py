"""Leases of changes go by what each process sees, never by another machine's clock, and nothing is denied unfenced."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.adapters.store.store import open_store
from bot.changes.deps import LEASE
from bot.changes.ports import Impersonation
from bot.changes.service import ChangeService
from bot.domain.changes import Change, ChangeState, Write
from bot.domain.errors import ClusterError
from tests.scenario.crashing import ANNA, Clock, Life, Theatre, policy_in
from tests.scenario.tiny_cluster import TinyCluster

S = ChangeState
DENIED = "nothing was changed"


class Pausing:
    """A writer whose process stands still at a moment of a write: before it is sent, or as it is on its way."""

    def __init__(self, cluster: TinyCluster, meanwhile: Callable[[], object], *, sent: bool) -> None:
        self._cluster, self._meanwhile, self._sent = cluster, meanwhile, sent
        self.paused = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._cluster, name)

    def apply(self, acting_as: Impersonation | None, write: Write, change_id: str) -> None:
        if not self.paused:
            self.paused = True
            self._meanwhile()
            if self._sent:
                self._cluster.fences.clear()  # it was carried out before anybody could fence it, and seen by nobody
        self._cluster.apply(acting_as, write, change_id)


@pytest.fixture
def theatre(tmp_path: Path) -> Theatre:
    clock = Clock()
    return Theatre(Life("one object"), open_store("sqlite://", clock), clock, policy_in(tmp_path))


def press(theatre: Theatre, service: ChangeService) -> None:
    (change,) = service.offer(theatre.diagnose(), incident_id="i1", details={}).changes
    previewed = service.preview(change.id, ANNA)
    service.request(change.id, ANNA, getattr(previewed, "change").digest)  # noqa: B009  it may be a refusal


def only(theatre: Theatre) -> Change:
    (change,) = theatre.changes()
    return change


@pytest.mark.parametrize("skew", [timedelta(seconds=85), timedelta(seconds=95), timedelta(days=1), timedelta(days=-1)])
def test_a_clock_that_is_wrong_takes_nothing_from_somebody_who_works(theatre: Theatre, skew: timedelta) -> None:
    wrong: Callable[[], datetime] = lambda: theatre.clock.now + skew  # noqa: E731
    other = theatre.process(clock=wrong)

    def the_other_ticks() -> None:
        for _ in range(30):
            theatre.clock.now += timedelta(seconds=1)
            other.tick(wrong())
            assert only(theatre).state is S.CLAIMED

    press(theatre, theatre.process(writer=Pausing(theatre.cluster, the_other_ticks, sent=False)))
    assert only(theatre).state is S.VERIFYING
    assert DENIED not in only(theatre).outcome
    assert len(theatre.cluster.effects) == 1


def test_a_dead_process_is_followed_when_its_lease_has_been_seen_to_stand(theatre: Theatre) -> None:
    other = theatre.process()
    states = []

    def the_other_waits() -> None:
        for _ in range(int(LEASE.total_seconds()) + 5):
            theatre.clock.now += timedelta(seconds=1)
            other.tick(theatre.clock.now + LEASE)
            states.append(only(theatre).state)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        press(theatre, theatre.process(writer=Pausing(theatre.cluster, the_other_waits, sent=False)))
    assert states[60] is S.CLAIMED
    assert states[-1] is S.FAILED
    assert DENIED in only(theatre).outcome
    assert theatre.cluster.fences, "it is denied only behind a fence"


def given_up_by_another(theatre: Theatre, *, sent: bool) -> None:
    """A process stands still in the middle of its write, until another one has given the change up."""
    other = theatre.process()

    def meanwhile() -> None:
        for _ in range(int(LEASE.total_seconds()) + 5):
            theatre.clock.now += timedelta(seconds=1)
            other.tick(theatre.clock.now + LEASE)
        assert only(theatre).state is S.FAILED

    press(theatre, theatre.process(writer=Pausing(theatre.cluster, meanwhile, sent=sent)))


def test_a_process_that_wakes_up_after_it_was_given_up_finds_a_fence(theatre: Theatre) -> None:
    given_up_by_another(theatre, sent=False)
    assert theatre.cluster.effects == []
    assert only(theatre).state is S.FAILED
    assert DENIED in only(theatre).outcome


def test_a_write_that_took_effect_after_it_was_given_up_is_owned_up_to_and_verified(theatre: Theatre) -> None:
    given_up_by_another(theatre, sent=True)
    assert len(theatre.cluster.effects) == 1
    change = only(theatre)
    assert change.state is S.VERIFYING
    assert "nothing was changed" not in change.outcome
    events = [entry.event for entry in theatre.store.audit.entries(about=change.id)]
    assert events[-4:] == ["change.failed", "late", "change.applied", "change.verifying"]
    theatre.wait(theatre.process())
    assert only(theatre).state is S.FIXED
    assert theatre.store.audit.verify().broken is None


def test_without_a_fence_nobody_says_that_nothing_was_changed(theatre: Theatre) -> None:
    class Unfenced(TinyCluster):
        def fence(self, acting_as: Impersonation | None, write: Write, change_id: str) -> bool:  # noqa: ARG002  the port has it
            raise ClusterError("It may not.", "Let it.")

    theatre.cluster = Unfenced(theatre.clock, configmap_env="wrong", deployment_web="wrong")
    given_up_by_another(theatre, sent=False)
    change = next(one for one in theatre.changes())
    assert change.state is S.VERIFYING, "the late write took effect, and is looked after"
    entries = theatre.store.audit.entries(about=change.id)
    assert all(DENIED not in str(entry.detail) for entry in entries)


def test_a_lease_that_was_written_too_long_before_the_write_is_written_anew(theatre: Theatre) -> None:
    leases = []

    class SlowStore:
        def __getattr__(self, name: str) -> Any:
            call = getattr(theatre.store.changes, name)

            def answer(*arguments: Any, **fields: Any) -> Any:
                if name == "update" and fields.get("owner"):
                    leases.append(fields["owned_until"])
                    theatre.clock.now += timedelta(seconds=60 if len(leases) == 1 else 0)
                return call(*arguments, **fields)

            return answer

    press(theatre, theatre.process(store=SlowStore()))
    assert len(leases) == 2
    assert only(theatre).state is S.VERIFYING
