"""Transactions on one database. Used by all repositories; the only place where driver errors become ours."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from sqlalchemy import URL, Connection, Engine
from sqlalchemy import exc as sa_exc

from bot.adapters.store.sql.engine import WRITES, Patience, make_engine
from bot.adapters.store.sql.failures import place, store_error
from bot.adapters.store.sql.hiding import Hiding
from bot.domain.errors import AuditUnwritable, StoreError
from bot.redaction import Boundary


class Transaction:
    """One writing transaction: its connection, and what is to happen once it is decided."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.when_committed: list[Callable[[], None]] = []
        self.when_rolled_back: list[Callable[[], None]] = []


class Database:
    """An engine with the two sorts of transactions there are. Safe to use from several threads.

    `hiding` is what every repository passes free texts through; without a boundary it has the built-in rules.
    """

    def __init__(self, url: URL, patience: Patience, *, create: bool, boundary: Boundary | None = None) -> None:
        self.url = url
        self.patience = patience
        self.hiding = Hiding(boundary or Boundary())
        self.engine: Engine = make_engine(url, patience, create=create)
        self.is_sqlite = url.get_backend_name() == "sqlite"
        # SQLite's own queue is unfair, and with many threads one can starve: only one of each process waits there.
        self._turn = threading.Lock()

    @property
    def place(self) -> str:
        """Where it is, for people; without user and password."""
        return place(self.url)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that reads. Raises `StoreError`."""
        try:
            with self.engine.connect() as connection, connection.begin():
                yield connection
        except sa_exc.SQLAlchemyError as exc:
            raise store_error(exc, self.url) from exc

    @contextmanager
    def write(self, *, audit: bool = False) -> Iterator[Transaction]:
        """A transaction that writes: all or nothing. With `audit` it is on the disk when it returns.

        Raises `StoreError`; `AuditUnwritable` when a transaction with an audit entry cannot be committed.
        """
        finished = False
        with ExitStack() as outcome:
            try:
                with self._one_writer(), self.engine.connect() as connection:
                    connection.execution_options(**{WRITES: "audit" if audit else "write"}, preserve_rowcount=True)
                    transaction = Transaction(connection)
                    outcome.callback(_run, transaction.when_rolled_back)
                    with connection.begin():
                        yield transaction
                        finished = True
            except sa_exc.SQLAlchemyError as exc:
                failed = store_error(exc, self.url, AuditUnwritable if audit and finished else StoreError)
                failed.doubtful = finished
                raise failed from exc
            outcome.pop_all()
        _run(transaction.when_committed)

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()

    @contextmanager
    def _one_writer(self) -> Iterator[None]:
        if not self.is_sqlite:
            yield
            return
        if not self._turn.acquire(timeout=self.patience.lock):
            raise StoreError(f"The database is busy ({self.place}).", "Try again.")
        try:
            yield
        finally:
            self._turn.release()


def _run(callbacks: list[Callable[[], None]]) -> None:
    for callback in callbacks:
        callback()
