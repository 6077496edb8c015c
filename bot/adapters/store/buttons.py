"""What opaque tokens stand for. Implements `bot.diagnosis.ports.ButtonStore`.

Only the SHA-256 of a token is kept: who reads the database, or a backup of it, can press nothing. The token ends in a
seal over what the button stands for, with the key of the audit log: who writes into the database cannot point a button
that people see at something else, because the token is with them.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.adapters.store.schema.tables import button_cards, buttons
from bot.adapters.store.sql.database import Database
from bot.adapters.store.sql.encoding import decode, digest, encode
from bot.adapters.store.sql.repeating import again, again_anyway
from bot.diagnosis.ports import Clock
from bot.domain.errors import AuditUnwritable
from bot.domain.incidents import Button

log = logging.getLogger(__name__)
TOKEN_BYTES = 24  # 192 bits
SEAL_LENGTH = 32
"""Hexadecimal digits of the seal, 128 bits. Tokens of older versions have none; they are used up within days."""


Seal = Callable[[str, Connection | None], str]


class StoredButtons:
    """Buttons with an expiry. Safe to use from several threads and processes."""

    def __init__(self, database: Database, clock: Clock, seal: Seal) -> None:
        """`seal`: `ChainedAuditLog.seal`, a keyed hash; raises `AuditUnwritable` without the key."""
        self._database = database
        self._clock = clock
        self._seal = seal

    @again_anyway
    def issue(self, button: Button) -> str:
        """Keep the button and return its new token."""
        body = encode(self._database.hiding.value(button))
        insert_card = (sqlite.insert if self._database.is_sqlite else postgresql.insert)(button_cards)
        with self._database.write() as transaction:
            connection = transaction.connection
            token = self._sealed(secrets.token_urlsafe(TOKEN_BYTES), body, connection)
            connection.execute(insert_card.values(card=button.card, claims=0).on_conflict_do_nothing())
            connection.execute(
                insert(buttons).values(
                    token_digest=digest(token),
                    card=button.card,
                    ts=button.ts,
                    expires_at=button.expires_at,
                    body=body,
                )
            )
        return token

    @again_anyway
    def find(self, token: str) -> Button | None:
        """The button, which stays; None when it is unknown, expired or used."""
        with self._database.read() as connection:
            row = connection.execute(select(buttons).where(self._usable(digest(token)))).mappings().one_or_none()
        return _button(row) if row is not None and self._is_genuine(token, row["body"]) else None

    @again
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
            if not self._is_genuine(token, row["body"]):
                connection.execute(update(buttons).where(buttons.c.claim == pressed).values(claim=None))
                return None
            others = and_(buttons.c.card == row["card"], buttons.c.claim.is_(None))
            connection.execute(update(buttons).where(others).values(taken))
        return _button(row)

    @again_anyway
    def restore(self, token: str) -> None:
        """Undo a claim with all it took, because nothing came of it."""
        pressed = digest(token)
        with self._database.write() as transaction:
            if _queue_at_card(transaction.connection, pressed):
                undo = update(buttons).where(buttons.c.claim == pressed).values(claim=None)
                transaction.connection.execute(undo)

    @again_anyway
    def place(self, card: str, ts: str) -> None:
        """Say where the card stands, once it has been posted."""
        with self._database.write() as transaction:
            transaction.connection.execute(update(buttons).where(buttons.c.card == card).values(ts=ts))

    def _sealed(self, token: str, body: str, connection: Connection) -> str:
        """The token with its seal. Without a key nobody may act, so one that cannot be sealed leads to a refusal."""
        try:
            return f"{token}.{self._seal(_sealed_text(token, body), connection)[:SEAL_LENGTH]}"
        except AuditUnwritable:
            return token

    def _is_genuine(self, token: str, body: str) -> bool:
        plain, _, seal = token.partition(".")
        if not seal:
            return True
        try:
            return secrets.compare_digest(seal, self._seal(_sealed_text(plain, body), None)[:SEAL_LENGTH])
        except (AuditUnwritable, TypeError):
            log.error("a button cannot be checked, because the key of the audit log cannot be read")
            return False

    def _usable(self, token_digest: str) -> ColumnElement[bool]:
        return and_(
            buttons.c.token_digest == token_digest, buttons.c.claim.is_(None), buttons.c.expires_at > self._clock()
        )


def _sealed_text(token: str, body: str) -> str:
    return f"button\n{token}\n{body}"


def _queue_at_card(connection: Connection, token_digest: str) -> bool:
    """Lock the card of a button, so that two buttons of one card cannot both win. False: there is no such button."""
    card = select(buttons.c.card).where(buttons.c.token_digest == token_digest).scalar_subquery()
    lock = update(button_cards).where(button_cards.c.card == card).values(claims=button_cards.c.claims + 1)
    return connection.execute(lock).rowcount == 1


def _button(row: RowMapping) -> Button:
    return decode(Button, row["body"]).model_copy(update={"ts": row["ts"]})
