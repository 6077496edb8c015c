"""What monitors, the elector and housekeeping keep in the store, on both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

from bot.adapters.store.retention import PERIODS
from bot.adapters.store.schema.tables import metadata
from bot.adapters.store.store import Store
from bot.domain.incidents import IncidentState
from bot.monitors.ports import Claim, ClaimState
from bot.monitors.state import Finding
from bot.runtime.observed_lease import LeaseRecord
from tests.databases import StoreCase
from tests.store_samples import NOW, S, a_button, a_change, a_question, a_received, an_incident

FRESH, UNFINISHED, REFUSED = (Claim(state) for state in (ClaimState.FRESH, ClaimState.UNFINISHED, ClaimState.REFUSED))


def test_an_effect_is_claimed_once_and_its_result_is_remembered(store: Store) -> None:
    assert store.claims.claim("announce", 1, "a") == FRESH
    assert store.claims.claim("announce", 1, "b") == REFUSED
    assert store.claims.done("announce", 1, "incident-1")
    assert store.claims.claim("announce", 2, "b") == Claim(ClaimState.DONE, "incident-1")


def test_a_newer_leader_takes_an_unfinished_effect_over_and_the_old_one_is_told(store: Store) -> None:
    assert store.claims.claim("announce", 1, "a") == FRESH
    assert store.claims.claim("announce", 2, "b") == UNFINISHED
    assert not store.claims.done("announce", 1, "too late")
    assert store.claims.done("announce", 2, "mine")


def test_a_leader_of_the_past_gets_nothing(store: Store) -> None:
    old, new = store.claims.begin_term(), store.claims.begin_term()
    assert new > old
    assert store.claims.claim("never tried", old, "a") == REFUSED
    assert store.claims.claim("never tried", new, "b") == FRESH
    assert store.claims.claim("with a term of its own", new + 5, "c") == FRESH
    assert store.claims.begin_term() == new + 6


def test_what_is_given_back_may_be_claimed_again_at_once(store: Store) -> None:
    assert store.claims.claim("digest", 1, "a") == FRESH
    store.claims.release("digest", 1, tried=False)
    assert store.claims.claim("digest", 1, "b") == FRESH
    store.claims.release("digest", 1, tried=True)
    assert store.claims.claim("digest", 1, "c") == UNFINISHED
    store.claims.release("digest", 0, tried=False)
    assert store.claims.claim("digest", 1, "d") == REFUSED


def test_of_many_threads_one_claims_an_effect(database: StoreCase) -> None:
    replicas = [database.open(), database.open()]
    start = Barrier(8)

    def claim(number: int) -> Claim:
        start.wait()
        return replicas[number % 2].claims.claim("announce", 1, str(number))

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(claim, range(8))).count(FRESH) == 1


def test_findings_are_saved_by_compare_and_swap(store: Store) -> None:
    first = Finding(monitor="onyx", key="k1", first_seen=NOW, last_seen=NOW)
    saved = store.findings.save(first)
    assert saved is not None
    assert store.findings.save(first) is None, "there is one already"
    seen = store.findings.save(saved.model_copy(update={"last_seen": NOW + timedelta(minutes=1)}))
    assert seen is not None
    assert store.findings.save(saved) is None, "an old version"
    other = store.findings.save(Finding(monitor="onyx", key="k0", first_seen=NOW, last_seen=NOW, closed_at=NOW))
    assert store.findings.of_monitor("onyx") == [other, seen]
    assert store.findings.touched_since(NOW + timedelta(seconds=1)) == [seen]
    store.findings.remove(saved)
    store.findings.remove(seen)
    assert store.findings.of_monitor("onyx") == [other]
    assert not store.findings.of_monitor("another")


def test_the_lease_is_written_by_compare_and_swap(store: Store) -> None:
    assert store.leases.read() is None
    created = store.leases.create(LeaseRecord("a", 0, 15, acquires=True))
    assert created is not None
    assert store.leases.create(LeaseRecord("b", 0, 15)) is None
    assert store.leases.read() == created
    renewed = store.leases.replace(created)
    assert renewed is not None
    assert store.leases.replace(created) is None
    taken = store.leases.replace(LeaseRecord("b", 1, 15, renewed.version))
    assert taken is not None
    assert store.leases.read() == taken == LeaseRecord("b", 1, 15, taken.version)
    assert store.leases.replace(LeaseRecord("c", 2, 15, "no version")) is None


def test_every_table_has_a_period_or_a_reason_to_stay() -> None:
    by_setting = {"incidents", "views", "changes", "transitions", "approvals", "feedback"}
    with_others, for_ever = {"button_cards"}, {"audit", "leases", "fences"}
    assert set(metadata.tables) == set(PERIODS) | by_setting | with_others | for_ever


def test_retention_removes_what_is_old_and_over_and_nothing_else(database: StoreCase, store: Store) -> None:
    keep, clock = timedelta(days=90), database.clock
    store.incidents.open(an_incident(1, state=IncidentState.RESOLVED, closed_at=NOW))
    store.incidents.keep_view("incident-1", b"view")
    store.incidents.open(an_incident(2))
    for number in (1, 2):
        store.changes.add(a_change(number), "triage")
    expired = store.changes.move(a_change(1), S.EXPIRED, "triage")
    assert expired is not None
    store.incidents.feedback("incident-1", "U1", "helpful", {}, b"")
    store.incidents.mute("k", "U1", NOW)
    store.seen.first_time({"a", "b"})
    token = store.buttons.issue(a_button())
    store.questions.put(a_question())
    store.inbox.receive(a_received(), {"post:1"})
    store.inbox.heard("T1", NOW)
    store.claims.claim("e", 1, "a")
    store.findings.save(Finding(monitor="onyx", key="k", first_seen=NOW, last_seen=NOW))
    assert set(store.retention.purge(keep).values()) <= {0, 1}, "only the mute is over"
    clock.go_on(days=89)
    store.retention.purge(keep)
    assert store.changes.get("change-1") == expired
    assert store.incidents.view_of("incident-1") == b"view"
    assert store.incidents.muted(NOW - timedelta(days=1)) == {}
    clock.go_on(days=1)
    removed = store.retention.purge(keep)
    assert {name for name, count in removed.items() if count} == {"incidents", "changes", "feedback"}
    assert store.incidents.get("incident-2") is not None
    assert store.changes.get("change-2") is not None
    assert store.buttons.find(token) is None
    gone = (
        "views",
        "transitions",
        "buttons",
        "button_cards",
        "questions",
        "inbox",
        "hearing",
        "claims",
        "findings",
        "seen_events",
        "mutes",
    )
    assert {name: database.execute(f"SELECT count(*) FROM {name}")[0][0] for name in gone} == dict.fromkeys(gone, 0)
    assert len(store.audit.entries()) == 3
    assert store.audit.verify().broken is None


def test_much_that_is_old_goes_in_many_small_transactions(database: StoreCase, store: Store) -> None:
    store.seen.first_time({f"event:{number}" for number in range(600)})
    database.clock.go_on(days=2)
    assert store.retention.purge(timedelta(days=90))["seen_events"] == 600


def test_a_healthy_store_says_so(database: StoreCase, store: Store) -> None:
    health = store.health()
    assert (health.ready, health.reachable, health.version) == (True, True, health.expected)
    assert (health.problem, health.audit_problem) == ("", "")
    assert health.backend == ("sqlite" if database.kind == "sqlite" else "postgresql")
