"""What opaque tokens stand for. Implements `bot.diagnosis.ports.ButtonStore`.

Only the SHA-256 of a token is kept: who reads the database, or a backup of it, can press nothing.
"""

from __future__ import annotations

import secrets

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.adapters.store.database import Database
from bot.adapters.store.encoding import decode, digest, encode
from bot.adapters.store.schema import button_cards, buttons
from bot.diagnosis.ports import Clock
from bot.domain.incidents import Button

TOKEN_BYTES = 24  # 192 bits


class StoredButtons:
    """Buttons with an expiry. Safe to use from several threads and processes."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def issue(self, button: Button) -> str:
        """Keep the button and return its new token."""
        token = secrets.token_urlsafe(TOKEN_BYTES)
        insert_card = (sqlite.insert if self._database.is_sqlite else postgresql.insert)(button_cards)
        with self._database.write() as transaction:
            connection = transaction.connection
            connection.execute(insert_card.values(card=button.card, claims=0).on_conflict_do_nothing())
            connection.execute(
                insert(buttons).values(
                    token_digest=digest(token),
                    card=button.card,
                    ts=button.ts,
                    expires_at=button.expires_at,
                    body=encode(self._database.hiding.value(button)),
                )
            )
        return token

    def find(self, token: str) -> Button | None:
        """The button, which stays; None when it is unknown, expired or used."""
        with self._database.read() as connection:
            row = connection.execute(select(buttons).where(self._usable(digest(token)))).mappings().one_or_none()
        return _button(row) if row is not None else None

    def claim(self, token: str) -> Button | None:
        """Take the button, and with it every other one of the same card: exactly one caller gets it."""
        pressed = digest(token)
        with self._database.write() as transaction:
            connection = transaction.connection
            if not _queue_at_card(connection, pressed):
                return None
            taken = {"claim": pressed}
            won = update(buttons).where(self._usable(pressed)).values(taken).returning(*buttons.c)
            row = connection.execute(won).mappings().one_or_none()
            if row is None:
                return None
            others = and_(buttons.c.card == row["card"], buttons.c.claim.is_(None))
            connection.execute(update(buttons).where(others).values(taken))
        return _button(row)

    def restore(self, token: str) -> None:
        """Undo a claim with all it took, because nothing came of it."""
        pressed = digest(token)
        with self._database.write() as transaction:
            if _queue_at_card(transaction.connection, pressed):
                undo = update(buttons).where(buttons.c.claim == pressed).values(claim=None)
                transaction.connection.execute(undo)

    def place(self, card: str, ts: str) -> None:
        """Say where the card stands, once it has been posted."""
        with self._database.write() as transaction:
            transaction.connection.execute(update(buttons).where(buttons.c.card == card).values(ts=ts))

    def _usable(self, token_digest: str) -> ColumnElement[bool]:
        return and_(
            buttons.c.token_digest == token_digest, buttons.c.claim.is_(None), buttons.c.expires_at > self._clock()
        )


def _queue_at_card(connection: Connection, token_digest: str) -> bool:
    """Lock the card of a button, so that two buttons of one card cannot both win. False: there is no such button."""
    card = select(buttons.c.card).where(buttons.c.token_digest == token_digest).scalar_subquery()
    lock = update(button_cards).where(button_cards.c.card == card).values(claims=button_cards.c.claims + 1)
    return connection.execute(lock).rowcount == 1


def _button(row: RowMapping) -> Button:
    return decode(Button, row["body"]).model_copy(update={"ts": row["ts"]})
