"""Brings a database to the version this program needs, at start. Used by `store` only.

One transaction under one lock: of two replicas that start at once, one migrates and the other finds it done. A new
database gets the tables as `schema.tables` has them (a test holds that against the migrations). Alembic is loaded only
when there is something to migrate.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, inspect, text

from bot.adapters.store.schema.tables import REVISIONS, VERSION_TABLE, metadata
from bot.adapters.store.sql.database import Database
from bot.domain.errors import StoreError

SCRIPTS = Path(__file__).with_name("migrations")
_MIGRATION_LOCK = 0x7472_6961_6765_02  # "triage", 2
_LONGEST = 300_000  # milliseconds one migration may take on Postgres


def version(connection: Connection) -> str:
    """The version of the tables; empty when there are none."""
    if not inspect(connection).has_table(VERSION_TABLE):
        return ""
    return connection.scalar(text(f"SELECT version_num FROM {VERSION_TABLE}")) or ""  # noqa: S608 - a constant


def migrate(database: Database) -> None:
    """Create or upgrade the tables. Raises `StoreError` when a newer program has migrated them already."""
    with database.read() as connection:
        found = version(connection)
    if found == REVISIONS[-1]:
        return
    with database.write(audit=True) as transaction:
        connection = transaction.connection
        if not database.is_sqlite:
            connection.execute(text(f"SET LOCAL statement_timeout = {_LONGEST}"))
            connection.execute(text(f"SET LOCAL lock_timeout = {_LONGEST}"))
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _MIGRATION_LOCK})
        found = version(connection)
        if not found:
            _create(connection)
        elif found != REVISIONS[-1]:
            refuse_newer(found, database.place)
            _upgrade(connection)


def check(database: Database) -> None:
    """Raises `StoreError` unless the tables are as this program needs them. Changes nothing."""
    with database.read() as connection:
        found = version(connection)
    require(found, database.place)


def require(found: str, place: str) -> None:
    """Raises `StoreError` for any version but the one this program needs."""
    if found == REVISIONS[-1]:
        return
    refuse_newer(found, place)
    raise StoreError(
        f"The tables of the database ({place}) are of version {found or 'none'}, this program needs {REVISIONS[-1]}.",
        "Start the bot once: `triage run` migrates them.",
    )


def refuse_newer(found: str, place: str) -> None:
    """Raises `StoreError` for a version that this program does not know."""
    if found and found not in REVISIONS:
        raise StoreError(
            f"The database ({place}) was migrated to version {found} by a newer program; "
            f"this one knows {REVISIONS[-1]}.",
            "Run the newer version of Triage, or put back a backup from before the upgrade.",
        )


def _create(connection: Connection) -> None:
    metadata.create_all(connection, checkfirst=False)
    connection.execute(text(f"CREATE TABLE {VERSION_TABLE} (version_num VARCHAR(32) NOT NULL PRIMARY KEY)"))
    connection.execute(text(f"INSERT INTO {VERSION_TABLE} VALUES (:version)"), {"version": REVISIONS[-1]})  # noqa: S608


def _upgrade(connection: Connection) -> None:
    from alembic import command  # noqa: PLC0415 - a quarter of a second to import, and seldom needed
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    config.attributes["connection"] = connection
    command.upgrade(config, REVISIONS[-1])
