"""Changes in the store, on both databases: what goes in comes out, and of many hands one moves it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest

from bot.adapters.store.store import Store
from bot.domain.changes import MOVES, Change
from bot.domain.errors import StoreError
from tests.databases import StoreCase
from tests.store_samples import ANNA, BEN, CLEO, NOW, S, a_change, a_remedy

PATH = (S.PREVIEWED, S.REQUESTED, S.APPROVED, S.CLAIMED, S.APPLIED, S.VERIFYING, S.NOT_FIXED, S.ROLLED_BACK)


def kept(store: Store, **fields: Any) -> Change:
    change = a_change(**fields)
    store.changes.add(change, "triage")
    return change


def moved(store: Store, change: Change, *states: S, **fields: Any) -> Change:
    for state in states:
        after = store.changes.move(change, state, "ANNA", **fields)
        assert after is not None
        change = after
    return change


def test_a_change_comes_back_as_it_was_kept(store: Store) -> None:
    change = kept(store, requester=ANNA, approvers=(BEN,), claimed_at=NOW, verify_until=NOW, owner="a", owned_until=NOW)
    assert store.changes.get(change.id) == change
    assert store.changes.get("another") is None


def test_each_move_is_kept_with_its_fields_one_transition_and_one_audit_entry(
    database: StoreCase, store: Store
) -> None:
    change = kept(store)
    for state in PATH:
        after = store.changes.move(change, state, "ANNA", f"to {state}", outcome=f"now {state}")
        assert after is not None
        assert (after.state, after.version, after.outcome) == (state, change.version + 1, f"now {state}")
        assert store.changes.get(change.id) == after
        change = after
    rows = database.execute("SELECT from_state, to_state, detail FROM transitions ORDER BY version")
    assert [tuple(row) for row in rows] == [
        (before, after, f"to {after}") for before, after in zip((S.OFFERED, *PATH), PATH, strict=False)
    ]
    entries = store.audit.entries(about=change.id)
    assert [entry.event for entry in entries] == [f"change.{state}" for state in (S.OFFERED, *PATH)]
    assert entries[-1].detail["from"] == S.NOT_FIXED
    assert entries[-1].detail["target"] == "deployment/api-server"
    assert store.audit.verify().broken is None


@pytest.mark.parametrize("to", sorted(set(S) - MOVES[S.OFFERED]))
def test_a_move_there_is_not_is_refused_and_leaves_no_trace(store: Store, to: S) -> None:
    change = kept(store)
    with pytest.raises(ValueError, match="cannot go"):
        store.changes.move(change, to, "ANNA")
    assert store.changes.get(change.id) == change
    assert len(store.audit.entries()) == 1


def test_an_old_version_moves_nothing_and_audits_nothing(store: Store) -> None:
    change = kept(store)
    assert store.changes.move(change, S.PREVIEWED, "ANNA") is not None
    assert store.changes.move(change, S.EXPIRED, "triage") is None
    assert store.changes.update(change, owner="late") is None
    assert [entry.event for entry in store.audit.entries()] == ["change.offered", "change.previewed"]


def test_an_unknown_field_is_an_error_not_a_loss(store: Store) -> None:
    change = kept(store)
    with pytest.raises(ValueError, match="ownr"):
        store.changes.update(change, ownr="me")
    with pytest.raises(ValueError, match="no move"):
        store.changes.update(change, state=S.APPROVED)


def test_an_id_is_used_once(store: Store) -> None:
    change = kept(store)
    with pytest.raises(StoreError, match="already"):
        store.changes.add(change, "triage")
    assert len(store.audit.entries()) == 1


def test_a_heartbeat_is_not_audited_and_of_two_that_take_over_one_succeeds(store: Store) -> None:
    change = kept(store)
    first = store.changes.update(change, owner="a", owned_until=NOW + timedelta(seconds=30))
    assert first is not None
    assert store.changes.update(change, owner="b", owned_until=NOW + timedelta(seconds=30)) is None
    assert store.changes.get(change.id) == first
    assert len(store.audit.entries()) == 1


def test_a_person_approves_once(store: Store) -> None:
    change = moved(store, kept(store, requester=ANNA, approvals_needed=2), S.PREVIEWED, S.REQUESTED)
    once = store.changes.approve(change, BEN)
    assert once is not None
    assert once.approvers == (BEN,)
    assert store.changes.approve(once, BEN.model_copy(update={"name": "somebody else"})) is None
    assert store.changes.approve(change, CLEO) is None, "an old version"
    twice = store.changes.approve(once, CLEO)
    assert twice is not None
    assert store.changes.get(change.id) == twice
    assert [entry.by for entry in store.audit.entries() if entry.event == "change.approval"] == ["T1/BEN", "T1/CLEO"]


def test_what_waits_for_no_approval_gets_none(store: Store) -> None:
    with pytest.raises(ValueError, match="waits for no approval"):
        store.changes.approve(kept(store), BEN)


def test_what_is_due_comes_earliest_first_and_what_is_over_never(store: Store) -> None:
    for number, minutes in enumerate((5, 1, 3, 60)):
        kept(store, number=number, due_at=NOW + timedelta(minutes=minutes))
    kept(store, number=4, due_at=None)
    kept(store, number=5, due_at=NOW, cluster="prod-us")
    moved(store, kept(store, number=6, due_at=NOW), S.EXPIRED)
    at = NOW + timedelta(minutes=5)
    assert [change.id for change in store.changes.due(at)] == ["change-5", "change-1", "change-2", "change-0"]
    assert [change.id for change in store.changes.due(at, cluster="prod-eu")] == ["change-1", "change-2", "change-0"]
    assert [change.id for change in store.changes.due(at, 1)] == ["change-5"]
    assert not store.changes.due(NOW - timedelta(seconds=1))


def test_changes_of_an_incident_come_oldest_first_and_no_incident_has_none(store: Store) -> None:
    kept(store, number=2, offered_at=NOW + timedelta(seconds=1))
    kept(store, number=1)
    kept(store, number=3, incident="")
    assert [change.id for change in store.changes.of_incident("incident-1")] == ["change-1", "change-2"]
    assert not store.changes.of_incident("")


def test_changes_offered_in_one_moment_come_in_the_order_in_which_they_were_added(store: Store) -> None:
    for name in ("m", "z", "a", "k"):
        added = kept(store, id=name)
    moved(store, added, S.SUPERSEDED)
    assert [change.id for change in store.changes.of_incident("incident-1")] == ["m", "z", "a", "k"]


def test_budgets_count_what_was_claimed_by_whom_and_on_what(store: Store) -> None:
    elsewhere = a_remedy(target="deployment/web")
    rows: list[dict[str, Any]] = [
        {"requester": ANNA, "claimed_at": NOW},
        {"requester": ANNA, "claimed_at": NOW, "remedy": elsewhere},
        {"requester": BEN, "claimed_at": NOW},
        {"requester": ANNA.model_copy(update={"team": "T2"}), "claimed_at": NOW, "namespace": "other"},
        {"requester": ANNA, "claimed_at": NOW - timedelta(hours=2)},
        {"requester": ANNA, "claimed_at": None},
    ]
    for number, row in enumerate(rows):
        kept(store, number=number, **row)
    count = store.changes.count(ANNA, "prod-eu/onyx/deployment/api-server", NOW - timedelta(hours=1))
    assert (count.by_person, count.by_workload, count.in_all) == (2, 2, 4)


def test_a_remedy_that_did_not_help_is_counted_also_when_it_was_rolled_back(store: Store) -> None:
    done = (S.PREVIEWED, S.REQUESTED, S.APPROVED, S.CLAIMED)
    moved(store, kept(store, number=1), *done, S.APPLIED, S.VERIFYING, S.NOT_FIXED, S.ROLLED_BACK)
    moved(store, kept(store, number=2), *done, S.FAILED)
    moved(store, kept(store, number=3), *done, S.APPLIED, S.VERIFYING, S.FIXED)
    moved(store, kept(store, number=4, undoes="change-1"), *done, S.FAILED)
    moved(store, kept(store, number=5, incident="incident-2"), *done, S.FAILED)
    moved(store, kept(store, number=6, remedy=a_remedy(id="restart-api")), *done, S.FAILED)
    assert store.changes.useless("incident-1", "raise-memory-api", "deployment/api-server") == 2
    assert store.changes.useless("", "raise-memory-api", "deployment/api-server") == 0


def test_of_many_threads_on_two_replicas_one_claims(database: StoreCase) -> None:
    replicas = [database.open(), database.open()]
    change = moved(replicas[0], kept(replicas[0]), S.PREVIEWED, S.REQUESTED, S.APPROVED)
    start = Barrier(16)

    def click(number: int) -> bool:
        start.wait()
        return replicas[number % 2].changes.move(change, S.CLAIMED, f"U{number}") is not None

    with ThreadPoolExecutor(16) as pool:
        assert sum(pool.map(click, range(16))) == 1
    events = [entry.event for entry in replicas[1].audit.entries()]
    assert events.count("change.claimed") == 1
    assert replicas[1].audit.verify().broken is None


FORGERIES = {
    "an approval is put in": """UPDATE changes
        SET body = replace(body, '"approvers":[]', '"approvers":[{"user":"U9"}]')""",
    "another patch is put in": """UPDATE changes SET body = replace(body, '"namespace":"', '"namespace":"kube-')""",
    "the seal of another row is put in": """UPDATE changes SET seal = (SELECT seal FROM changes WHERE id = 'other')
        WHERE id = 'change-1'""",
    "the content of another row is put in": """UPDATE changes SET seal = (SELECT seal FROM changes WHERE id = 'other'),
        body = (SELECT body FROM changes WHERE id = 'other') WHERE id = 'change-1'""",
    "it has no seal": "UPDATE changes SET seal = '' WHERE id = 'change-1'",
    "its seal is no hash": "UPDATE changes SET seal = 'é' WHERE id = 'change-1'",
}


@pytest.mark.parametrize("how", FORGERIES)
def test_what_somebody_has_written_past_the_program_is_not_read(database: StoreCase, how: str) -> None:
    store = database.open()
    other = kept(store, id="other", incident="i2", due_at=NOW)
    kept(store, incident="i1", due_at=NOW)
    database.execute(FORGERIES[how])
    with pytest.raises(StoreError, match="change-1 was edited in the database"):
        store.changes.get("change-1")
    with pytest.raises(StoreError, match="edited in the database"):
        store.changes.of_incident("i1")
    expected = [other] if "WHERE" in FORGERIES[how] else []
    assert list(store.changes.due(NOW)) == expected


def test_a_database_in_memory_serves_many_threads(tmp_path: object) -> None:
    from bot.adapters.store.store import open_store  # noqa: PLC0415
    from tests.databases import Clock  # noqa: PLC0415

    store = open_store("sqlite://", Clock())
    change = moved(store, kept(store), S.PREVIEWED, S.REQUESTED, S.APPROVED)
    with ThreadPoolExecutor(16) as pool:
        won = list(pool.map(lambda number: store.changes.move(change, S.CLAIMED, f"U{number}"), range(64)))
    assert sum(result is not None for result in won) == 1
    store.close()
