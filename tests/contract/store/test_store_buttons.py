"""Buttons in the store, on both databases: opaque, single-use, and one winner per card."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest

from bot.adapters.store.sql.encoding import digest
from bot.adapters.store.store import Store
from tests.databases import StoreCase
from tests.store_samples import a_button


def test_a_button_comes_back_as_it_was_issued_and_stays(store: Store) -> None:
    button = a_button(private_to="U1", payload={"namespaces": ["a", "ü \ud83d"], "n": 1.0})
    token = store.buttons.issue(button)
    assert store.buttons.find(token) == button
    assert store.buttons.find(token) == button
    assert store.buttons.find(token + "x") is None
    assert store.buttons.claim("") is None


def test_tokens_differ_and_none_is_in_the_database(database: StoreCase, store: Store) -> None:
    tokens = {store.buttons.issue(a_button()) for _ in range(20)}
    assert len(tokens) == 20
    content = repr(database.execute("SELECT * FROM buttons"))
    assert not [token for token in tokens if token in content]


def test_a_claim_takes_all_buttons_of_the_card_and_no_other_card(store: Store) -> None:
    fix, details, other = (store.buttons.issue(a_button(card=card)) for card in ("one", "one", "two"))
    assert store.buttons.claim(fix) is not None
    assert store.buttons.claim(fix) is None
    assert store.buttons.find(details) is None
    assert store.buttons.claim(details) is None
    assert store.buttons.find(other) is not None


def test_a_restored_claim_gives_back_what_it_took_and_nothing_else(store: Store) -> None:
    first = store.buttons.issue(a_button())
    assert store.buttons.claim(first) is not None
    second, third = store.buttons.issue(a_button()), store.buttons.issue(a_button())
    assert store.buttons.claim(second) is not None
    store.buttons.restore(second)
    assert [store.buttons.find(token) is not None for token in (first, second, third)] == [False, True, True]
    store.buttons.restore("unknown")


def test_an_expired_button_is_unknown_and_takes_nothing(database: StoreCase, store: Store) -> None:
    short = store.buttons.issue(a_button(expires_at=database.clock.now + timedelta(seconds=10)))
    long = store.buttons.issue(a_button())
    database.clock.go_on(seconds=10)
    assert store.buttons.find(short) is None
    assert store.buttons.claim(short) is None
    assert store.buttons.find(long) is not None


def test_a_card_is_placed_once_it_is_posted(store: Store) -> None:
    token, other = store.buttons.issue(a_button(ts="")), store.buttons.issue(a_button(card="two", ts="1.2"))
    store.buttons.place("card-1", "1700.1")
    placed, elsewhere = store.buttons.find(token), store.buttons.find(other)
    assert placed is not None
    assert elsewhere is not None
    assert (placed.ts, elsewhere.ts) == ("1700.1", "1.2")


def test_a_button_outlives_the_process(database: StoreCase) -> None:
    before = database.open()
    token = before.buttons.issue(a_button())
    before.close()
    assert database.open().buttons.claim(token) == a_button()


@pytest.mark.parametrize("press", ["find", "claim"])
def test_a_button_that_was_pointed_at_something_else_in_the_database_is_unknown(
    database: StoreCase, store: Store, press: str
) -> None:
    """Whoever writes into the database swaps what two buttons stand for, or puts their own there."""
    seen, wanted = store.buttons.issue(a_button(kind="details")), store.buttons.issue(a_button(kind="fix", card="two"))
    rows = database.execute("SELECT token_digest, body FROM buttons")
    bodies = {row[0]: row[1] for row in rows}
    change = "UPDATE buttons SET body = :body WHERE token_digest = :seen"
    database.execute(change, body=bodies[digest(wanted)], seen=digest(seen))
    assert getattr(store.buttons, press)(seen) is None
    assert store.buttons.find(wanted) is not None
    database.execute(change, body=bodies[digest(seen)], seen=digest(seen))
    assert getattr(store.buttons, press)(seen) is not None, "the refusal has used nothing up"


def test_of_many_threads_pressing_different_buttons_of_one_card_one_wins(database: StoreCase) -> None:
    replicas = [database.open(), database.open()]
    tokens = [replicas[0].buttons.issue(a_button(kind=f"button-{number}")) for number in range(4)]
    start = Barrier(16)

    def press(number: int) -> bool:
        start.wait()
        return replicas[number % 2].buttons.claim(tokens[number % 4]) is not None

    with ThreadPoolExecutor(16) as pool:
        assert sum(pool.map(press, range(16))) == 1
