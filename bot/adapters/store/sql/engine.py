"""Connections to SQLite and Postgres, each set up so that transactions mean the same on both.

Used by `database`. Refuses every other kind of database. No message of it carries a password.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, QueuePool, create_engine, event, make_url
from sqlalchemy import exc as sa_exc

from bot.domain.errors import ConfigurationError, StoreError

WRITES = "triage_writes"
"""Execution option of a connection: `write`, or `audit` for a transaction that must be on the disk when it returns."""

_EXAMPLES = "Use sqlite:////absolute/path.db or postgresql://USER:PASSWORD@HOST/DATABASE."


@dataclass(frozen=True, slots=True)
class Patience:
    """How long the database may take, in seconds.

    lock:      for a lock that somebody else holds, and for a free connection of the pool
    connect:   for a new connection
    statement: for one statement
    """

    lock: float = 10
    connect: float = 5
    statement: float = 10


def parse_url(text: str) -> URL:
    """The database's address. Raises `ConfigurationError`, without the text: it may hold a password."""
    try:
        url = make_url(text.strip())
    except (sa_exc.ArgumentError, ValueError):
        raise ConfigurationError("TRIAGE_DATABASE is no database URL.", _EXAMPLES) from None
    backend = url.drivername.partition("+")[0]
    if backend == "sqlite":
        return url.set(drivername="sqlite+pysqlite")
    if backend in ("postgres", "postgresql"):
        return url.set(drivername="postgresql+psycopg")
    raise ConfigurationError(f"{backend} is no database this program knows.", _EXAMPLES)


def in_memory(url: URL) -> bool:
    """Whether the database ends with its engine."""
    return url.get_backend_name() == "sqlite" and url.database in (None, "", ":memory:")


def make_engine(url: URL, patience: Patience, *, create: bool) -> Engine:
    """An engine that has not connected yet. With `create`, a missing SQLite file and its directory are made."""
    if url.get_backend_name() != "sqlite":
        return _postgres(url, patience)
    if not in_memory(url) and not str(url.database).startswith("file:"):  # a URI says itself how it is opened
        _prepare_file(Path(str(url.database)), create=create)
    return _sqlite(url, patience)


def _sqlite(url: URL, patience: Patience) -> Engine:
    engine = create_engine(
        url,
        hide_parameters=True,
        # In memory there is one connection, and everybody waits for it.
        poolclass=QueuePool,
        pool_size=1 if in_memory(url) else 5,
        max_overflow=0 if in_memory(url) else 20,
        pool_timeout=patience.lock,
        connect_args={"isolation_level": None, "check_same_thread": False, "timeout": patience.lock},
    )
    event.listen(engine, "connect", _set_up_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _set_up_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    for pragma in ("synchronous=NORMAL", "foreign_keys=ON", "recursive_triggers=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    """Writers lock at once: a transaction that reads first and writes later can fail in the middle ("locked")."""
    writes = connection.get_execution_options().get(WRITES)
    if writes is None:
        connection.exec_driver_sql("BEGIN")
        return
    connection.exec_driver_sql(f"PRAGMA synchronous={'FULL' if writes == 'audit' else 'NORMAL'}")
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _prepare_file(path: Path, *, create: bool) -> None:
    if not create:
        if not path.is_file():
            raise StoreError(f"There is no database {path}.", "Name it in TRIAGE_DATABASE, or start the bot once.")
        return
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _alone_in(path.parent):
            # Only a file that is new is opened here: closing it again would end SQLite's own locks on it.
            with contextlib.suppress(FileExistsError):
                os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
            _turn_wal_on(path)
    except OSError as exc:
        raise StoreError(
            f"The database {path} cannot be opened: {exc.strerror}.",
            "Let this program's user write there, or name another file in TRIAGE_DATABASE.",
        ) from exc


@contextlib.contextmanager
def _alone_in(directory: Path) -> Iterator[None]:
    """One process at a time: two that turn WAL on at once get "locked" at once, whatever the timeout."""
    handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _turn_wal_on(path: Path) -> None:
    """The file remembers it. What is wrong with the file is said when it is used."""
    with contextlib.suppress(sqlite3.Error), contextlib.closing(sqlite3.connect(path, timeout=0)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")


def _postgres(url: URL, patience: Patience) -> Engine:
    engine = create_engine(
        url,
        hide_parameters=True,
        pool_size=10,
        max_overflow=10,
        pool_timeout=patience.lock,
        pool_pre_ping=True,
        connect_args={
            "application_name": "triage",
            "connect_timeout": max(1, round(patience.connect)),
            # A server that vanished without a word is noticed within half a minute.
            "keepalives_idle": 10,
            "keepalives_interval": 5,
            "keepalives_count": 3,
            "tcp_user_timeout": 30_000,
        },
    )
    bounds = {
        "statement_timeout": round(patience.statement * 1000),
        "lock_timeout": round(patience.lock * 1000),
        "idle_in_transaction_session_timeout": 60_000,
    }

    def set_up(connection: Any, _record: object) -> None:
        # Not as a start-up option of the connection: poolers in between refuse those.
        for name, milliseconds in bounds.items():
            connection.execute(f"SET {name} = {milliseconds}")
        connection.commit()

    event.listen(engine, "connect", set_up)
    return engine
