"""Messages that were acknowledged and are not dealt with yet, in the store, on both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

from bot.adapters.store.store import Store
from tests.databases import StoreCase
from tests.store_samples import NOW, a_question, a_received

LATER = NOW + timedelta(minutes=5)


def test_a_message_is_taken_once_under_any_of_its_keys(store: Store) -> None:
    assert store.inbox.receive(a_received(1), {"post:1", "event:1"})
    assert not store.inbox.receive(a_received(2), {"post:1", "event:2"})
    assert [one.id for one in store.inbox.take_over("b", LATER, LATER)] == ["received-1"]


def test_a_message_that_comes_to_many_threads_is_kept_once(database: StoreCase) -> None:
    replicas = [database.open(), database.open()]
    start = Barrier(12)

    def deliver(number: int) -> bool:
        start.wait()
        return replicas[number % 2].inbox.receive(a_received(number), {"post:1", "event:1"}) is not None

    with ThreadPoolExecutor(12) as pool:
        assert sum(pool.map(deliver, range(12))) == 1
    assert len(replicas[0].inbox.take_over("b", LATER, LATER)) == 1


def test_what_could_not_be_kept_is_not_known_either(store: Store) -> None:
    """The mark and the row are one transaction: else a repetition would be taken for a duplicate."""
    assert store.inbox.receive(a_received(1), {"post:1"})
    store.inbox.drop("received-1")
    assert not store.inbox.receive(a_received(1), {"post:1"})
    assert store.inbox.receive(a_received(1), {"post:2"})


def test_a_message_goes_to_another_process_when_its_own_is_silent(store: Store) -> None:
    for number in (2, 1):
        store.inbox.receive(a_received(number, thread_ts="9.1", edited_ts="9.2", gone=True), {f"post:{number}"})
    store.inbox.extend("replica-a", NOW + timedelta(seconds=60))
    assert not store.inbox.take_over("b", NOW + timedelta(seconds=59), LATER)
    (taken,) = store.inbox.take_over("b", NOW + timedelta(seconds=60), LATER, 1)
    expected = a_received(1, thread_ts="9.1", edited_ts="9.2", gone=True, owner="b", owned_until=LATER, attempts=2)
    assert taken == expected
    store.inbox.drop("received-2")
    assert not store.inbox.take_over("c", NOW + timedelta(seconds=60), LATER)


def test_what_is_set_free_is_taken_at_once_and_counts_as_no_attempt(store: Store) -> None:
    store.inbox.receive(a_received(1, owned_until=LATER), {"post:1"})
    store.inbox.set_free("received-1", NOW)
    store.inbox.extend("replica-a", LATER)
    assert [one.attempts for one in store.inbox.take_over("b", NOW, LATER)] == [1]


def test_a_process_that_ends_leaves_its_messages_to_others(store: Store) -> None:
    store.inbox.receive(a_received(1), {"post:1"})
    store.inbox.receive(a_received(2, owner="replica-c"), {"post:2"})
    store.inbox.release("replica-a", NOW)
    assert [one.id for one in store.inbox.take_over("b", NOW, LATER)] == ["received-1"]


def test_of_many_processes_that_take_over_one_gets_each(database: StoreCase) -> None:
    replicas = [database.open(), database.open()]
    for number in range(10):
        replicas[0].inbox.receive(a_received(number), {f"post:{number}"})
    start = Barrier(8)

    def take(number: int) -> list[str]:
        start.wait()
        return [
            one.id
            for one in replicas[number % 2].inbox.take_over(f"b{number}", LATER, LATER + timedelta(minutes=1), 10)
        ]

    with ThreadPoolExecutor(8) as pool:
        taken = [one for found in pool.map(take, range(8)) for one in found]
    assert sorted(taken) == sorted(f"received-{number}" for number in range(10))


def test_when_a_workspace_was_heard_only_moves_forward(store: Store) -> None:
    assert store.inbox.last_heard("T1") is None
    store.inbox.heard("T1", LATER)
    store.inbox.heard("T1", NOW)
    store.inbox.heard("T2", NOW)
    assert (store.inbox.last_heard("T1"), store.inbox.last_heard("T2")) == (LATER, NOW)


def test_a_question_is_added_once(store: Store) -> None:
    assert store.questions.add(a_question(1))
    assert not store.questions.add(a_question(1, owner="b"))
    assert [one.owner for one in store.questions.take_over("c", LATER, LATER)] == ["c"]


def test_only_what_is_held_is_extended_and_the_rest_lapses(store: Store) -> None:
    for number in (1, 2):
        store.inbox.receive(a_received(number), {f"post:{number}"})
    store.inbox.extend("replica-a", LATER, {"received-1"})
    assert [one.id for one in store.inbox.take_over("b", NOW + timedelta(seconds=60), LATER)] == ["received-2"]


def test_what_is_left_is_taken_at_once_and_its_attempt_counts_unless_the_reason_passes(store: Store) -> None:
    store.inbox.receive(a_received(1, owned_until=LATER), {"post:1"})
    store.inbox.let_lapse("received-1", "somebody else", NOW)
    assert not store.inbox.take_over("b", NOW, LATER), "it is not theirs"
    store.inbox.let_lapse("received-1", "replica-a", NOW, counts=False)
    assert [one.attempts for one in store.inbox.take_over("b", NOW, LATER)] == [2], "somebody may have answered it"
    store.inbox.let_lapse("received-1", "b", NOW, counts=False)
    assert [one.attempts for one in store.inbox.take_over("c", NOW, LATER)] == [2]
    store.inbox.let_lapse("received-1", "c", NOW)
    assert [one.attempts for one in store.inbox.take_over("d", NOW, LATER)] == [3]


def test_the_same_message_again_is_its_own_commit_whose_answer_was_lost(store: Store) -> None:
    """So a call that is repeated after a lost answer says what the first one would have said."""
    item, keys = a_received(1), {"post:1"}
    assert store.inbox.receive(item, keys)
    assert store.inbox.receive(item, keys)
    assert not store.inbox.receive(a_received(2), keys)
    assert [one.id for one in store.inbox.about(item.channel, item.ts)] == ["received-1"]


def test_an_earlier_version_that_comes_after_a_later_one_is_not_kept(store: Store) -> None:
    assert store.inbox.receive(a_received(1), {"post:1"})
    assert store.inbox.receive(a_received(2, edited_ts="9.1"), {"post:1:9.1"}, {"post:1"})
    later = store.inbox.receive(a_received(3, edited_ts="9.3"), {"post:1:9.3"}, {"post:1", "post:1:9.2"})
    assert later is not None
    assert later.edited_ts == "9.3", "the message itself was taken: this is an edit of it"
    assert store.inbox.receive(a_received(4, edited_ts="9.2"), {"post:1:9.2"}, {"post:1", "post:1:9.1"}) is None
    assert len(store.inbox.take_over("b", LATER, LATER)) == 3


def test_an_edit_is_the_message_itself_where_nothing_was_heard_of_it_before(store: Store) -> None:
    edit = a_received(1, edited_ts="9.1")
    assert store.inbox.receive(edit, {"post:1:9.1"}, {"post:1"}) == a_received(1)
    assert store.inbox.receive(edit, {"post:1:9.1"}, {"post:1"}) == edit, "its own commit, whose answer got lost"
    assert store.inbox.receive(a_received(2), {"post:1"}) is None
    assert store.inbox.take_over("b", LATER, LATER)[0].edited_ts == "9.1"
