"""Attacks on changes: to do something late, twice, as somebody else, or beyond what was allowed at that moment."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from threading import Barrier, Lock
from typing import Any

import pytest

from bot.adapters.store.store import open_store
from bot.changes.actor import Actor
from bot.changes.authority import OwnRights
from bot.changes.journal import Journal
from bot.changes.ports import Permission
from bot.changes.results import Approved, Declined, Previewed, Refusal, Requested, Undoing
from bot.changes.service import ChangeService
from bot.domain.changes import Change, ChangeState, Person, Write
from bot.domain.errors import ClusterUnreachable, StoreError
from tests.databases import StoreCase
from tests.scenario.crashing import ANNA, BEN, Clock, Life, Theatre, policy_in
from tests.scenario.tiny_cluster import TinyCluster

S = ChangeState
TEAM = "T0HOME0000"
HOLDERS = "users: [U0ANNA0000, U0BEN00000]"
FREEZE = 'freeze: [{name: now, from: "2026-03-01", until: "2026-03-09", zone: UTC}]\napprovals:'


def member(user: str, **facts: Any) -> Actor:
    known = {"is_full_member": True, "original": True, "channel": "C0INCIDENT", **facts}
    return Actor(Person(user=user, team=known.pop("team", TEAM), name=known.pop("name", "")), **known)


@pytest.fixture
def theatre(tmp_path: Path) -> Iterator[Theatre]:
    clock = Clock()
    made = Theatre(Life("two objects", steps=2), open_store("sqlite://", clock), clock, policy_in(tmp_path))
    yield made
    made.store.close()


def previewed(theatre: Theatre, service: ChangeService | None = None, incident: str = "i1") -> Change:
    service = service or theatre.process()
    (change,) = service.offer(theatre.diagnose(), incident_id=incident, details={}).changes
    answer = service.preview(change.id, ANNA)
    assert isinstance(answer, Previewed), answer
    return answer.change


def requested(theatre: Theatre, needed: int) -> Change:
    theatre.set_policy("{low: 0,", f"{{low: {needed},")
    change = previewed(theatre)
    answer = theatre.process().request(change.id, ANNA, change.digest)
    assert isinstance(answer, Requested), answer
    return answer.change


def now(theatre: Theatre, change: Change) -> Change:
    found = theatre.store.changes.get(change.id)
    assert found is not None
    return found


class At:
    """Something that happens right before the first call of this method of a store or a writer."""

    def __init__(self, real: Any, method: str, deed: Callable[[], object]) -> None:
        self._real, self._method, self._deeds = real, method, [deed]

    def __getattr__(self, name: str) -> Any:
        call = getattr(self._real, name)
        if name != self._method:
            return call

        def answer(*arguments: Any, **fields: Any) -> Any:
            while self._deeds:
                self._deeds.pop()()
            return call(*arguments, **fields)

        return answer


@dataclass(frozen=True)
class Stricter:
    """How a policy gets stricter at the worst moment."""

    claim: str
    old: str
    new: str


STRICTER = (
    Stricter("the kill switch is set", "enabled: true", "enabled: false"),
    Stricter("a freeze begins", "approvals:", FREEZE),
    Stricter("the role is taken away", HOLDERS, "users: [U0CARL0000]"),
    Stricter("an approval is asked for", "{low: 0,", "{low: 1,"),
    Stricter("the kind is taken out", "may: [low, medium, high]", "may: [high]"),
    Stricter("the file breaks", "kind: policy", "kind: polity"),
)


@pytest.mark.parametrize("stricter", STRICTER, ids=lambda item: item.claim)
@pytest.mark.parametrize("moment", ["unchanged", "move"])
def test_a_policy_that_gets_stricter_between_the_gates_and_the_claim_is_obeyed(
    theatre: Theatre, stricter: Stricter, moment: str
) -> None:
    change = previewed(theatre)

    def strike() -> None:
        theatre.set_policy(stricter.old, stricter.new)

    writer = At(theatre.cluster, moment, strike) if moment == "unchanged" else None
    store = At(theatre.store.changes, moment, strike) if moment == "move" else None
    answer = theatre.process(writer=writer, store=store).request(change.id, ANNA, change.digest)
    assert theatre.cluster.effects == [], answer
    assert now(theatre, change).state in (S.FAILED, S.REQUESTED)
    theatre.wait(theatre.process())
    assert theatre.cluster.effects == []


@pytest.mark.parametrize("stricter", STRICTER, ids=lambda item: item.claim)
def test_a_request_that_was_made_before_the_policy_got_stricter_is_not_carried_out(
    theatre: Theatre, stricter: Stricter
) -> None:
    change = requested(theatre, 1)
    old, new = (text.replace("{low: 0,", "{low: 1,").replace("{low: 1,}", "") for text in (stricter.old, stricter.new))
    theatre.set_policy(old, "{low: 2," if stricter.claim == "an approval is asked for" else new)
    answer = theatre.process().approve(change.id, BEN)
    assert isinstance(answer, Refusal), answer
    theatre.wait(theatre.process())
    assert theatre.cluster.effects == []


def test_an_approval_of_somebody_who_has_lost_the_role_since_does_not_count(theatre: Theatre) -> None:
    theatre.set_policy(HOLDERS, "users: [U0ANNA0000, U0BEN00000, U0CARL0000]")
    change = requested(theatre, 2)
    assert isinstance(theatre.process().approve(change.id, BEN), Approved)
    theatre.set_policy("U0BEN00000, U0CARL0000]", "U0CARL0000]")
    answer = theatre.process().approve(change.id, member("U0CARL0000"))
    assert isinstance(answer, Refusal)
    assert answer.code == "superseded"
    assert theatre.cluster.effects == []


def test_the_rest_of_a_change_is_not_made_under_another_policy(theatre: Theatre) -> None:
    change = previewed(theatre)
    cut_off = Failing(theatre.cluster, at=1)
    answer = theatre.process(writer=cut_off).request(change.id, ANNA, change.digest)
    assert isinstance(answer, Requested)
    assert len(theatre.cluster.effects) == 1
    theatre.set_policy(HOLDERS, "users: [U0BEN00000]")
    theatre.wait(theatre.process())
    assert len(theatre.cluster.effects) == 1
    assert "the policy has changed" in now(theatre, change).outcome


class Failing:
    """A writer whose write number `at` cannot be sent."""

    def __init__(self, cluster: TinyCluster, at: int) -> None:
        self._cluster, self._at, self._sent = cluster, at, 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._cluster, name)

    def apply(self, acting_as: Any, write: Write, change_id: str) -> None:
        self._sent += 1
        if self._sent - 1 == self._at:
            raise ClusterUnreachable("The API server refuses connections.", "Is it running?")
        self._cluster.apply(acting_as, write, change_id)


def test_a_press_in_time_to_which_the_cluster_answers_too_late_changes_nothing(theatre: Theatre) -> None:
    change = requested(theatre, 1)

    def sleep() -> None:
        theatre.clock.now += timedelta(minutes=11)

    answer = theatre.process(writer=At(theatre.cluster, "may", sleep)).approve(change.id, BEN)
    assert isinstance(answer, Refusal)
    assert answer.code == "expired"
    assert theatre.cluster.effects == []
    assert now(theatre, change).state is S.EXPIRED


def test_looking_at_it_again_and_again_keeps_no_old_offer_alive(theatre: Theatre) -> None:
    service = theatre.process()
    change = previewed(theatre, service)
    looks = []
    for _ in range(4):
        theatre.clock.now += timedelta(minutes=20)
        looks.append(service.preview(change.id, ANNA))
    assert [isinstance(look, Previewed) for look in looks] == [True, True, False, False]
    assert now(theatre, change).state is S.EXPIRED


def test_another_display_name_makes_nobody_another_person(theatre: Theatre) -> None:
    change = requested(theatre, 1)
    renamed = member("U0ANNA0000", name="Somebody Else")
    own = theatre.process().approve(change.id, renamed)
    assert isinstance(own, Refusal)
    assert own.code == "own_request"
    assert isinstance(theatre.process().decline(change.id, renamed), Declined)


LOOKALIKES = {
    "in lower case": member("u0anna0000"),
    "with an invisible character": member("U0ANNA0000\u200b"),
    "with a Cyrillic letter": member("U0\u0410NNA0000"),
    "with a blank": member(" U0ANNA0000"),
    "with a line end": member("U0ANNA0000\n"),
    "as a pattern": member("U*"),
    "empty": member(""),
    "the display name": member("U0EVE00000", name="U0ANNA0000"),
    "the user group": member("U0EVE00000", groups=frozenset({"U0ANNA0000", ""})),
    "the channel": member("U0EVE00000", channel="U0ANNA0000"),
    "nowhere": member("U0EVE00000", channel=""),
    "without a team": member("U0ANNA0000", team=""),
    "nothing known": Actor(Person(user="U0ANNA0000", team=TEAM)),
}


@pytest.mark.parametrize("how", LOOKALIKES)
def test_an_id_that_only_looks_like_somebodys_gives_no_right(theatre: Theatre, how: str) -> None:
    change = previewed(theatre)
    for answer in (
        theatre.process().preview(change.id, LOOKALIKES[how]),
        theatre.process().request(change.id, LOOKALIKES[how], change.digest),
        theatre.process().undo(change.id, LOOKALIKES[how]),
    ):
        assert isinstance(answer, Refusal)
        assert answer.code in ("no_role", "not_member", "copied_message")
    assert theatre.cluster.effects == []
    assert now(theatre, change).state is S.PREVIEWED


FORGED = {
    "an approver is put in": ('"approvers":[]', '"approvers":[{"user":"U0BEN00000","team":"T0HOME0000","name":""}]'),
    "the need of approvals is taken out": ('"approvals_needed":1', '"approvals_needed":0'),
    "the risk is edited": ('"risk":"low"', '"risk":"medium"'),
    "another namespace is written to": ('"namespace":"onyx","name"', '"namespace":"kube-system","name"'),
    "the expiry is put off": ('"expires_at":"2026', '"expires_at":"2036'),
    "it is approved": ('"state":"requested"', '"state":"approved"'),
}


@pytest.mark.parametrize("how", FORGED)
def test_what_somebody_has_edited_in_the_database_is_not_carried_out(theatre: Theatre, how: str) -> None:
    change = requested(theatre, 1)
    old, new = FORGED[how]
    with theatre.store.database.engine.begin() as connection:
        body = connection.exec_driver_sql("SELECT body FROM changes WHERE id = ?", (change.id,)).scalar_one()
        assert old in body
        connection.exec_driver_sql("UPDATE changes SET body = ?", (body.replace(old, new),))
    for who in (ANNA, BEN):
        answer = theatre.process().approve(change.id, who)
        assert isinstance(answer, Refusal)
        assert "edited in the database" in answer.sentence
    assert isinstance(theatre.process().request(change.id, ANNA, change.digest), Refusal)
    theatre.clock.now += timedelta(minutes=30)
    theatre.process().tick(theatre.clock.now)
    assert theatre.cluster.effects == []


@pytest.mark.parametrize("thorough", [False, True])
def test_an_older_row_that_is_put_back_into_the_database_repeats_nothing(theatre: Theatre, thorough: bool) -> None:
    change = previewed(theatre)
    columns = "version, state, due_at, owned_until, claimed_at, requester_user, requester_team, body, seal"
    marks = ", ".join(f"{name.strip()} = ?" for name in columns.split(","))
    engine = theatre.store.database.engine
    with engine.begin() as connection:
        old = tuple(connection.exec_driver_sql(f"SELECT {columns} FROM changes").one())
    service = theatre.process()
    service.request(change.id, ANNA, change.digest)
    theatre.wait(service)
    done = list(theatre.cluster.effects)
    with engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE changes SET {marks}", old)
        if thorough:
            connection.exec_driver_sql("DELETE FROM transitions")
    assert isinstance(theatre.process().request(change.id, ANNA, change.digest), Refusal)
    theatre.clock.now += timedelta(hours=1)
    with suppress(StoreError):  # that row can go nowhere
        theatre.process().tick(theatre.clock.now)
    assert theatre.cluster.effects == done


def by_hand(theatre: Theatre, user: str, writer: Any = None) -> ChangeService:
    """The command line of this user, on a database that others use too."""
    journal = Journal(theatre.store.changes, theatre.store.audit)
    own = OwnRights(None, user)
    return ChangeService(journal, lambda _: writer or theatre.cluster, own, theatre.diagnose, theatre.clock)


def test_a_command_does_not_finish_with_its_own_rights_what_somebody_else_began(theatre: Theatre) -> None:
    alice = Actor(Person(user="alice"), original=True)
    begun = by_hand(theatre, "alice", Failing(theatre.cluster, at=1))
    (change,) = begun.offer(theatre.diagnose(), incident_id="", details={}).changes
    answer = begun.preview(change.id, alice)
    assert isinstance(answer, Previewed)
    begun.request(change.id, alice, answer.change.digest)
    assert len(theatre.cluster.effects) == 1
    theatre.clock.now += timedelta(minutes=2)
    by_hand(theatre, "bob").tick(theatre.clock.now)
    theatre.process().tick(theatre.clock.now)
    assert len(theatre.cluster.effects) == 1
    again = by_hand(theatre, "alice")
    again.tick(theatre.clock.now)
    assert len(theatre.cluster.effects) == 1, "what was sent before may still arrive: it has not watched it yet"
    theatre.clock.now += timedelta(seconds=30)
    again.tick(theatre.clock.now)
    assert len(theatre.cluster.effects) == 2


def test_two_who_take_the_same_change_back_at_once_do_it_once(theatre: Theatre) -> None:
    change = previewed(theatre)
    service = theatre.process()
    service.request(change.id, ANNA, change.digest)
    theatre.wait(service)
    done = len(theatre.cluster.effects)
    other = theatre.process()
    seen: list[object] = []
    racing = At(theatre.store.changes, "add", lambda: seen.append(other.undo(change.id, BEN)))
    answer = theatre.process(store=racing).undo(change.id, ANNA)
    assert isinstance(seen[0], Undoing)
    assert isinstance(answer, Refusal)
    theatre.wait(service)
    assert len(theatre.cluster.effects) == done + 2


class Counting(TinyCluster):
    """A cluster where each change writes to an object of its own, so that only the budget can stop it."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock, configmap_env="wrong", deployment_web="wrong")
        self._lock = Lock()
        self.applied: list[str] = []

    def may(self, acting_as: Any, write: Write) -> Permission:  # noqa: ARG002  the port has it
        return Permission(allowed=True)

    def unchanged(self, write: Write) -> bool:  # noqa: ARG002  the port has it
        return True

    def apply(self, acting_as: Any, write: Write, change_id: str) -> None:  # noqa: ARG002  the port has it
        with self._lock:
            self.applied.append(change_id)


PRESSES = 8


@pytest.mark.parametrize("limit", ["per_person_per_hour", "per_workload_per_hour", "per_hour"])
def test_presses_at_the_same_moment_never_exceed_a_budget(database: StoreCase, limit: str, tmp_path: Path) -> None:
    clock = Clock()
    stores = [database.open(), database.open()]
    theatre = Theatre(Life("one object"), stores[0], clock, policy_in(tmp_path))
    budgets = {"per_person_per_hour": 100, "per_workload_per_hour": 100, "per_hour": 100, limit: 2}
    text = ", ".join(f"{name}: {most}" for name, most in budgets.items())
    theatre.set_policy("approvals:", f"budgets: {{{text}}}\napprovals:")
    cluster = Counting(clock)
    ready = [previewed(theatre, theatre.process(writer=cluster), f"i{number}") for number in range(PRESSES)]
    services = [theatre.process(writer=cluster, store=store.changes) for store in stores]
    start = Barrier(PRESSES)

    def press(number: int) -> object:
        start.wait(120)
        return services[number % 2].request(ready[number].id, ANNA, ready[number].digest)

    with ThreadPoolExecutor(PRESSES) as pool:
        answers = list(pool.map(press, range(PRESSES)))
    assert len(cluster.applied) == len(set(cluster.applied))
    assert len(cluster.applied) <= 2, answers
