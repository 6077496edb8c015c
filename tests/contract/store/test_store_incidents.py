"""Incidents, questions and seen events in the store, on both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

from bot.adapters.store.store import Store
from bot.domain.incidents import IncidentState
from tests.databases import StoreCase
from tests.store_samples import NOW, a_question, an_incident

LATER = NOW + timedelta(minutes=5)

RESOLVED = {"state": IncidentState.RESOLVED, "closed_at": NOW}


def test_an_incident_comes_back_as_it_was_opened(store: Store) -> None:
    incident = an_incident(card={"lines": [1, 2.5, None]}, diagnosis={"headline": "…"})
    assert store.incidents.open(incident) == (incident, True)
    assert store.incidents.get(incident.id) == incident
    assert store.incidents.get("another") is None


def test_the_same_key_in_the_same_channel_is_the_same_incident_while_it_is_open(store: Store) -> None:
    first = an_incident(1)
    assert store.incidents.open(first) == (first, True)
    assert store.incidents.open(an_incident(2, title="said otherwise")) == (first, False)
    assert store.incidents.open(an_incident(3, channel="C2"))[1]
    assert store.incidents.open(an_incident(4, key="something else"))[1]
    assert store.incidents.update(first, **RESOLVED) is not None
    assert store.incidents.open(an_incident(5))[1]


def test_one_that_comes_resolved_is_kept_beside_an_open_one(store: Store) -> None:
    store.incidents.open(an_incident(1))
    clear = an_incident(2, **RESOLVED)
    assert store.incidents.open(clear) == (clear, True)
    assert [incident.id for incident in store.incidents.open_incidents()] == ["incident-1"]


def test_an_old_version_changes_nothing(store: Store) -> None:
    incident, _ = store.incidents.open(an_incident())
    renamed = store.incidents.update(incident, title="new", ts="1.1")
    assert renamed is not None
    assert renamed.version == incident.version + 1
    assert store.incidents.update(incident, title="late") is None
    assert store.incidents.get(incident.id) == renamed


def test_nothing_becomes_a_second_open_incident(store: Store) -> None:
    resolved, _ = store.incidents.open(an_incident(1, **RESOLVED))
    other, _ = store.incidents.open(an_incident(2, key="other"))
    store.incidents.open(an_incident(3))
    assert store.incidents.update(resolved, state=IncidentState.OPEN) is None
    assert store.incidents.update(other, key=resolved.key) is None
    assert store.incidents.update(other, key=resolved.key, channel="C2") is not None


def test_open_incidents_come_newest_first(store: Store) -> None:
    for number in range(4):
        store.incidents.open(an_incident(number, key=str(number), opened_at=NOW + timedelta(minutes=number % 3)))
    assert [incident.id for incident in store.incidents.open_incidents(3)] == ["incident-2", "incident-1", "incident-0"]


def test_cards_that_are_not_what_they_should_be_come_oldest_first(store: Store) -> None:
    rows = ((1, 0, {}), (1, 1, {}), (3, 2, RESOLVED))
    for number, (wanted, shown, state) in enumerate(rows):
        moment = NOW - timedelta(minutes=number)
        store.incidents.open(
            an_incident(number, key=str(number), wanted=wanted, shown=shown, updated_at=moment, **state)
        )
    assert [incident.id for incident in store.incidents.unshown()] == ["incident-2", "incident-0"]


def test_a_view_is_kept_with_its_incident_and_replaced(store: Store) -> None:
    store.incidents.open(an_incident())
    assert store.incidents.view_of("incident-1") is None
    store.incidents.keep_view("incident-1", b"\x1f\x8bone")
    store.incidents.keep_view("incident-1", b"\x00two")
    assert store.incidents.view_of("incident-1") == b"\x00two"


def test_a_mute_lasts_until_its_time_or_until_it_is_ended(store: Store) -> None:
    later = NOW + timedelta(hours=1)
    store.incidents.mute("a", "U1", NOW)
    store.incidents.mute("b", "U1", NOW + timedelta(minutes=1))
    store.incidents.mute("b", "U2", later)
    store.incidents.mute("c" * 5000, "U3", later)
    assert store.incidents.muted(NOW) == {"b": ("U2", later), "c" * 5000: ("U3", later)}
    store.incidents.unmute("b")
    assert list(store.incidents.muted(NOW)) == ["c" * 5000]


def test_an_opinion_is_kept_with_its_view(database: StoreCase, store: Store) -> None:
    store.incidents.feedback("incident-1", "U1", "not_this", {"instead": "dns"}, b"\x1f\x8bview")
    rows = database.execute('SELECT incident, "by", verdict, detail, snapshot FROM feedback')
    assert [(*row[:4], bytes(row[4])) for row in rows] == [
        ("incident-1", "U1", "not_this", '{"instead":"dns"}', b"\x1f\x8bview")
    ]


def test_of_many_threads_that_open_the_same_incident_one_makes_it(database: StoreCase) -> None:
    replicas = [database.open(), database.open()]
    start = Barrier(16)

    def open_one(number: int) -> tuple[str, bool]:
        start.wait()
        incident, new = replicas[number % 2].incidents.open(an_incident(number))
        return incident.id, new

    with ThreadPoolExecutor(16) as pool:
        results = list(pool.map(open_one, range(16)))
    assert len({incident for incident, _ in results}) == 1
    assert sum(new for _, new in results) == 1


def test_a_delivery_is_handled_once_under_any_of_its_keys(database: StoreCase, store: Store) -> None:
    other = database.open()
    assert store.seen.first_time({"event:1", "post:1"})
    assert not other.seen.first_time({"event:2", "post:1"})
    assert not store.seen.first_time({"event:2"})
    store.seen.forget({"event:1", "never seen"})
    assert other.seen.first_time({"event:1"})
    database.clock.go_on(days=1)
    assert store.seen.first_time({"post:1"})


def test_a_delivery_that_comes_to_many_threads_is_handled_once(database: StoreCase) -> None:
    replicas = [database.open(), database.open()]
    start = Barrier(16)

    def deliver(number: int) -> bool:
        start.wait()
        keys = ("event:1", "post:1") if number % 2 else ("post:1", "event:1")
        return replicas[number % 2].seen.first_time(keys)

    with ThreadPoolExecutor(16) as pool:
        assert sum(pool.map(deliver, range(16))) == 1


def test_a_question_goes_to_another_process_when_its_own_is_silent(store: Store) -> None:
    for number in (2, 1):
        store.questions.put(a_question(number))
    store.questions.put(a_question(3, owner="replica-c", owned_until=NOW + timedelta(minutes=5)))
    store.questions.extend("replica-a", NOW + timedelta(seconds=60))
    until = NOW + timedelta(minutes=2)
    assert not store.questions.take_over("replica-b", NOW + timedelta(seconds=59), until)
    taken = store.questions.take_over("replica-b", NOW + timedelta(seconds=60), until, 1)
    assert [(one.id, one.owner, one.owned_until, one.attempts) for one in taken] == [
        ("question-1", "replica-b", until, 2)
    ]
    store.questions.drop("question-2")
    assert not store.questions.take_over("replica-b", NOW + timedelta(seconds=60), until)


def test_a_process_that_ends_leaves_its_questions_to_others_at_once(store: Store) -> None:
    store.questions.put(a_question(1))
    store.questions.put(a_question(2, owner="replica-c"))
    store.questions.release("replica-a", NOW)
    taken = store.questions.take_over("replica-b", NOW, NOW + timedelta(seconds=30))
    assert [one.id for one in taken] == ["question-1"]


def test_each_question_is_taken_over_by_one(database: StoreCase) -> None:
    replicas = [database.open() for _ in range(4)]
    for number in range(8):
        replicas[0].questions.put(a_question(number))
    later = NOW + timedelta(minutes=1)
    start = Barrier(4)

    def take(number: int) -> list[str]:
        start.wait()
        return [
            one.id for one in replicas[number].questions.take_over(f"r{number}", later, later + timedelta(minutes=1))
        ]

    with ThreadPoolExecutor(4) as pool:
        taken = [question for questions in pool.map(take, range(4)) for question in questions]
    assert sorted(taken) == sorted({f"question-{number}" for number in range(8)})


def test_a_question_or_an_update_that_is_repeated_after_a_lost_answer_is_as_if_made_once(store: Store) -> None:
    question = a_question()
    assert store.questions.add(question)
    assert store.questions.add(question)
    assert not store.questions.add(question.model_copy(update={"owner": "replica-b", "asked_at": LATER}))
    incident, _ = store.incidents.open(an_incident())
    assert store.incidents.update(incident, title="another") == store.incidents.update(incident, title="another")
    assert store.incidents.update(incident, title="a third one") is None
    resolved = an_incident(id="over", key="k2", state=IncidentState.RESOLVED)
    assert store.incidents.open(resolved) == store.incidents.open(resolved) == (resolved, True)


def test_what_is_under_way_about_a_message_is_known(store: Store) -> None:
    store.questions.add(a_question(place={"channel": "C1", "source_ts": "1.5"}))
    assert store.questions.under_way("C1", "1.5")
    assert not store.questions.under_way("C2", "1.5")
