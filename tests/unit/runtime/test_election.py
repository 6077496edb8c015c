"""The election: one leader at a time, whatever the lock, the network, the clocks and the process do."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.errors import ClusterUnreachable, StoreError
from bot.runtime.election import Elector, Timing
from bot.runtime.observed_lease import LeaseRecord, ObservedLease
from tests.unit.schedule_fakes import Clock, MemoryClaims

AWAY = ClusterUnreachable("The API server gives no answer.", "Check the network.")


class Server:
    """Keeps the lease, with compare-and-swap, for all candidates of a test."""

    def __init__(self) -> None:
        self.record: LeaseRecord | None = None
        self.writes = 0

    def put(self, record: LeaseRecord) -> LeaseRecord:
        self.writes += 1
        self.record = replace(record, version=str(self.writes), acquires=False)
        return self.record


class Wire:
    """One candidate's way to the server. `away`: no request gets through; `mute`: they do, and no answer comes back."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.away = self.mute = False

    def read(self) -> LeaseRecord | None:
        self._fail()
        return self.server.record

    def create(self, record: LeaseRecord) -> LeaseRecord | None:
        self._fail()
        return None if self.server.record else self.server.put(record)

    def replace(self, record: LeaseRecord) -> LeaseRecord | None:
        if self.away:
            raise AWAY
        there = self.server.record
        if there is None or there.version != record.version:
            return None
        written = self.server.put(record)
        self._fail()
        return written

    def _fail(self) -> None:
        if self.away or self.mute:
            raise AWAY


class Candidate:
    """A replica with a clock of its own."""

    def __init__(self, name: str, server: Server, claims: MemoryClaims) -> None:
        self.clock = Clock()
        self.wire = Wire(server)
        self.changes: list[int | None] = []
        lock = ObservedLease(self.wire, name, 15, self.clock.seconds)
        self.elector = Elector(lock, claims.begin_term, self.clock.seconds, on_change=self.changes.append)

    @property
    def leads(self) -> bool:
        return self.elector.term() is not None


class Race:
    def __init__(self) -> None:
        self.server, self.claims = Server(), MemoryClaims()
        self.a, self.b = (Candidate(name, self.server, self.claims) for name in "ab")

    def pass_time(self, seconds: float, *ticking: Candidate) -> None:
        """All clocks go on; these candidates are awake and tick every two seconds."""
        for _ in range(int(seconds / 2)):
            for one in (self.a, self.b):
                one.clock.advance(2)
            for one in ticking:
                one.elector.tick()
            assert not (self.a.leads and self.b.leads), "two leaders"


def test_one_leads_and_goes_on_leading() -> None:
    race = Race()
    race.pass_time(120, race.a, race.b)
    assert (race.a.leads, race.b.leads) == (True, False)
    assert race.a.changes == [1]


def test_a_killed_leader_is_followed_when_its_lease_has_run_out_and_not_before() -> None:
    race = Race()
    race.pass_time(10, race.a, race.b)
    race.pass_time(14, race.b)
    assert not race.b.leads
    race.pass_time(6, race.b)
    assert race.b.leads
    assert race.b.elector.term() == 2
    assert race.server.record is not None
    assert race.server.record.transitions == 1


def test_a_stopped_leader_finds_itself_deposed_before_anybody_else_leads() -> None:
    race = Race()
    race.pass_time(10, race.a, race.b)
    race.pass_time(12, race.b)
    assert not race.a.leads, "without a single tick of its own"
    race.pass_time(8, race.b)
    assert race.b.leads
    race.a.elector.tick()
    assert race.a.changes == [1, None]
    race.pass_time(60, race.a, race.b)
    assert race.b.leads


@pytest.mark.parametrize("how", ["away", "mute"])
def test_a_leader_without_answers_stops_leading_in_time(how: str) -> None:
    race = Race()
    race.pass_time(10, race.a, race.b)
    setattr(race.a.wire, how, True)
    race.pass_time(12, race.a, race.b)
    assert not race.a.leads
    assert race.a.elector.trouble() == str(AWAY)
    race.pass_time(30, race.a, race.b)
    if how == "away":
        assert race.b.leads, "nobody renews any more"
    setattr(race.a.wire, how, False)
    race.pass_time(60, race.a, race.b)
    assert race.a.leads != race.b.leads


def test_a_short_loss_of_answers_changes_nothing() -> None:
    race = Race()
    race.pass_time(10, race.a, race.b)
    race.a.wire.mute = True
    race.pass_time(4, race.a, race.b)
    race.a.wire.mute = False
    race.pass_time(60, race.a, race.b)
    assert race.a.leads
    assert race.a.changes == [1]


def test_a_leader_that_ends_gives_the_lease_back_at_once() -> None:
    race = Race()
    race.pass_time(10, race.a, race.b)
    race.a.elector.release()
    assert not race.a.leads
    race.b.elector.tick()
    assert race.b.leads


def test_clocks_that_differ_make_no_second_leader() -> None:
    race = Race()
    race.b.clock.advance(3600)
    race.pass_time(120, race.a, race.b)
    assert (race.a.leads, race.b.leads) == (True, False)


def test_who_gets_no_term_from_the_database_does_not_lead_and_keeps_nobody_else_from_it() -> None:
    race = Race()

    def no_database() -> int:
        raise StoreError("The database cannot be reached.", "Start it.")

    race.a.elector = Elector(
        ObservedLease(race.a.wire, "a", 15, race.a.clock.seconds), no_database, race.a.clock.seconds
    )
    race.a.elector.tick()
    assert not race.a.leads
    race.b.elector.tick()
    assert race.b.leads


def test_times_that_could_make_two_leaders_are_refused() -> None:
    with pytest.raises(ValueError, match="doubt itself"):
        Timing(lease_seconds=10, sure_seconds=10, retry_seconds=2)
