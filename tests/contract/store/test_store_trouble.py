"""A database in trouble: a sentence with what to do next, never a password, and it goes on when the trouble is over."""

from __future__ import annotations

import contextlib
import logging
import socket
import sqlite3
import stat
import threading
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import event

from bot.adapters.store.sql.engine import Patience, parse_url
from bot.adapters.store.sql.failures import place
from bot.adapters.store.store import AuditFiles, Store, open_store
from bot.domain.errors import ConfigurationError, StoreError, TriageError
from tests.databases import Clock, PostgresServer, StoreCase, sqlite_case
from tests.store_samples import S, a_button, a_change, an_incident

PASSWORD = "hunter2-Zq9"
SOON = Patience(lock=0.05, connect=1, statement=1)


def said(error: BaseException) -> str:
    """Everything that could reach a log: the message, its remedy, and all causes."""
    return "".join(traceback.format_exception(error)) + str(error)


# --- addresses -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("", "no database URL"),
        ("triage.db", "no database URL"),
        (f"mysql://triage:{PASSWORD}@db/triage", "mysql is no database this program knows"),
        (f"postgresql://triage:{PASSWORD}@db:port/triage", "no database URL"),
    ],
)
def test_an_address_that_is_none_is_a_configuration_error(url: str, expected: str) -> None:
    with pytest.raises(ConfigurationError, match=expected) as caught:
        open_store(url, Clock())
    assert PASSWORD not in said(caught.value)
    assert "sqlite:///" in caught.value.remedy


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (f"postgres://triage:{PASSWORD}@db.example/triage?sslmode=require", "db.example/triage"),
        (f"postgresql://triage:{PASSWORD}@db.example:6432/triage", "db.example:6432/triage"),
        (f"postgresql+psycopg://triage:{PASSWORD}@/triage?host=/run/pg", "/run/pg/triage"),
        ("sqlite:////var/lib/triage/triage.db", "/var/lib/triage/triage.db"),
        ("sqlite://", "in memory"),
    ],
)
def test_a_place_is_named_without_user_and_password(url: str, expected: str) -> None:
    assert place(parse_url(url)) == expected


# --- a server that is not there, or says no --------------------------------------------------------------------------


def refused_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://triage:{password}@127.0.0.1:{port}/triage",
        "postgresql://triage:{password}@/triage?host=/nowhere",
    ],
)
def test_a_server_that_is_not_there_is_named_with_a_remedy(
    url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with pytest.raises(StoreError, match=r"cannot be reached") as caught:
        open_store(
            url.format(password=PASSWORD, port=refused_port()),
            Clock(),
            audit_files=AuditFiles(tmp_path / "key", tmp_path / "head"),
            patience=SOON,
        )
    assert "TRIAGE_DATABASE" in caught.value.remedy
    assert PASSWORD not in said(caught.value) + caplog.text


def test_postgres_needs_to_know_where_the_audit_key_is() -> None:
    with pytest.raises(ConfigurationError, match="key file"):
        open_store("postgresql://db/triage", Clock())


def test_a_database_that_does_not_exist_is_named(postgres: PostgresServer, tmp_path: Path) -> None:
    url = postgres.database().replace("/triage_", "/absent_")
    with pytest.raises(StoreError, match=r"server refuses \(.*absent_.*does not exist.*Correct"):
        open_store(url, Clock(), audit_files=AuditFiles(tmp_path / "key", tmp_path / "head"))


class Relay:
    """A TCP port in front of the server's socket, which can be cut off as a network can."""

    def __init__(self, socket_path: str) -> None:
        self._to = socket_path
        self._pairs: list[socket.socket] = []
        self._listener: socket.socket | None = None
        self.port = refused_port()

    def up(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", self.port), reuse_port=True)
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def down(self) -> None:
        if self._listener is not None:
            self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
        for one in self._pairs:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        self._pairs.clear()

    def _accept(self, listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = listener.accept()
                server = socket.socket(socket.AF_UNIX)
                server.connect(self._to)
                self._pairs += [client, server]
                for source, sink in ((client, server), (server, client)):
                    threading.Thread(target=_pump, args=(source, sink), daemon=True).start()


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
    for one in (source, sink):
        with contextlib.suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)
        one.close()


def test_a_server_that_goes_away_is_an_error_and_its_return_is_noticed_by_itself(
    postgres: PostgresServer, tmp_path: Path
) -> None:
    address = parse_url(postgres.database())
    relay = Relay(f"{address.query['host']}/.s.PGSQL.5432")
    relay.up()
    url = f"postgresql://postgres:{PASSWORD}@127.0.0.1:{relay.port}/{address.database}"
    files = AuditFiles(tmp_path / "key", tmp_path / "head")
    store = open_store(url, Clock(), audit_files=files, patience=Patience(lock=2, connect=2, statement=2))
    store.changes.add(a_change(), "triage")
    relay.down()
    with pytest.raises(StoreError, match="cannot be reached") as caught:
        store.changes.get("change-1")
    assert PASSWORD not in said(caught.value)
    with pytest.raises(StoreError, match="cannot be reached"):
        store.changes.move(a_change(), S.PREVIEWED, "ANNA")
    health = store.health()
    assert (health.reachable, health.ready) == (False, False)
    relay.up()
    assert store.changes.move(a_change(), S.PREVIEWED, "ANNA") is not None
    assert store.health().ready
    assert store.audit.verify().head.seq == 2
    store.close()
    relay.down()


def test_connections_that_the_server_ended_are_replaced_unnoticed(database: StoreCase, request: Any) -> None:
    store = database.open()
    store.changes.add(a_change(), "triage")
    if database.kind == "postgres":
        request.getfixturevalue("postgres").cut_off(database.url)
    assert store.changes.get("change-1") is not None


# --- locked ----------------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def locked(case: StoreCase) -> Iterator[None]:
    """Somebody else's long transaction."""
    if case.kind == "sqlite":
        with contextlib.closing(sqlite3.connect(str(parse_url(case.url).database), isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            yield
        return
    with psycopg.connect(case.url) as connection:
        connection.execute("LOCK TABLE changes, audit, incidents IN ACCESS EXCLUSIVE MODE")
        yield


def test_a_database_that_stays_locked_is_an_error_and_goes_on_afterwards(database: StoreCase) -> None:
    store = database.open(patience=SOON)
    with locked(database), pytest.raises(StoreError, match=r"locked.*Try again"):
        store.incidents.open(an_incident())
    with locked(database), pytest.raises(StoreError, match=r"locked.*Try again"):
        store.changes.add(a_change(), "triage")
    assert store.incidents.open(an_incident())[1]
    store.changes.add(a_change(), "triage")
    assert store.audit.verify().head.seq == 1


# --- the file of SQLite ----------------------------------------------------------------------------------------------


def test_the_file_and_its_directory_belong_to_the_owner_alone(tmp_path: Path) -> None:
    case = sqlite_case(tmp_path / "new")
    case.open().changes.add(a_change(), "triage")
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "new").iterdir()}
    assert set(modes.values()) == {0o600}, modes
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o700
    case.close()


def test_the_default_audit_files_lie_beside_the_database(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'triage.db'}", Clock())
    store.audit.append("a", "U", "x", {})
    store.close()
    assert {"triage.db.audit-key", "triage.db.audit-head"} <= {path.name for path in tmp_path.iterdir()}


@pytest.mark.parametrize(
    ("content", "expected"),
    [(b"certainly not a database" * 400, "no SQLite database"), (b"SQLite format 3\0" + b"\xff" * 9000, "database")],
)
def test_a_file_that_is_no_database_is_refused(tmp_path: Path, content: bytes, expected: str) -> None:
    (tmp_path / "triage.db").write_bytes(content)
    with pytest.raises(StoreError, match=expected) as caught:
        sqlite_case(tmp_path).open()
    assert "backup" in caught.value.remedy
    assert (tmp_path / "triage.db").read_bytes() == content


def test_a_damaged_file_is_an_error_and_not_a_crash(tmp_path: Path) -> None:
    case = sqlite_case(tmp_path)
    store = case.open()
    for number in range(40):
        store.changes.add(a_change(number), "triage")
    store.close()
    file = tmp_path / "triage.db"
    content = bytearray(file.read_bytes())
    content[4096:] = b"\xa5" * (len(content) - 4096)
    file.write_bytes(content)

    def read() -> None:
        case.open().changes.of_incident("incident-1")

    with pytest.raises(StoreError, match=r"damaged|database") as caught:
        read()
    assert caught.value.remedy


def test_a_directory_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for directory in (tmp_path / "file", Path("/proc/triage")):
        with pytest.raises(StoreError, match="cannot be opened") as caught:
            sqlite_case(directory).open()
        assert str(directory) in caught.value.message


def limit_pages(store: Store) -> None:
    """Let the file grow no more, as on a full disk."""
    with store.database.read() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()

    def limit(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute(f"PRAGMA max_page_count={pages}")

    store.database.engine.dispose()
    event.listen(store.database.engine, "connect", limit)


def test_a_full_disk_undoes_everything_and_says_so(tmp_path: Path) -> None:
    case = sqlite_case(tmp_path)
    store = case.open()
    change = a_change()
    store.changes.add(change, "triage")
    limit_pages(store)
    big = {"why": "x" * 3000}

    def fill() -> None:
        for _ in range(100):
            store.audit.append("click.refused", "U", "x", big)

    with pytest.raises(StoreError, match=r"disk of the database is full.*Free some space"):
        fill()
    written = store.audit.verify()
    assert written.broken is None
    entries = len(store.audit.entries())
    assert written.head.seq == entries
    with pytest.raises(StoreError, match="full"):
        store.changes.move(change, S.PREVIEWED, "ANNA", "y" * 20_000)
    with pytest.raises(StoreError, match="full"):
        store.buttons.issue(a_button(payload={"x": "y" * 20_000}))
    assert store.changes.get(change.id) == change
    assert len(store.audit.entries()) == entries
    roomy = case.open()
    assert roomy.changes.move(change, S.PREVIEWED, "ANNA", "y" * 20_000) is not None
    assert roomy.audit.verify().broken is None
    case.close()


def test_a_read_only_database_serves_reads_and_refuses_moves(tmp_path: Path) -> None:
    case = sqlite_case(tmp_path)
    case.open().changes.add(a_change(), "triage")
    case.close()
    reader = open_store(f"sqlite:///file:{tmp_path / 'triage.db'}?mode=ro&uri=true", case.clock, audit_files=case.files)
    assert reader.changes.get("change-1") == a_change()
    with pytest.raises(TriageError, match=r"may only be read"):
        reader.changes.move(a_change(), S.PREVIEWED, "ANNA")
    reader.close()
