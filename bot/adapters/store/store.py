"""Opening the database. Used by `bot.bootstrap`; everything else gets the repositories it needs by their ports."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import URL

from bot.adapters.store import migrate
from bot.adapters.store.audit.head_file import HeadFile, HeadNote, MemoryHead
from bot.adapters.store.audit.key_file import FixedKey, KeyFile, KeySource
from bot.adapters.store.audit.log import ChainedAuditLog
from bot.adapters.store.budget import StoredBudget
from bot.adapters.store.buttons import StoredButtons
from bot.adapters.store.changes import StoredChanges
from bot.adapters.store.claims import StoredClaims
from bot.adapters.store.findings import StoredFindings
from bot.adapters.store.inbox import StoredInbox
from bot.adapters.store.incidents import StoredIncidents
from bot.adapters.store.leases import StoredLeases
from bot.adapters.store.questions import StoredQuestions
from bot.adapters.store.retention import StoredRetention
from bot.adapters.store.schema.tables import REVISIONS
from bot.adapters.store.seen_events import StoredSeenEvents
from bot.adapters.store.sql.database import Database
from bot.adapters.store.sql.engine import Patience, in_memory, parse_url
from bot.diagnosis.ports import Clock
from bot.domain.errors import ConfigurationError, StoreError
from bot.redaction import Boundary
from bot.runtime.ports import StoreHealth


@dataclass(frozen=True, slots=True)
class AuditFiles:
    """Where the audit log keeps what must not be in the database.

    key:  the secret; made with mode 0600 if absent. All replicas need the same
    head: the newest entry as this replica knows it; each replica has its own
    """

    key: Path
    head: Path


class Store:
    """All repositories on one database. Safe to use from several threads; close it at the end."""

    def __init__(self, database: Database, clock: Clock, keys: KeySource, head: HeadNote) -> None:
        self.database = database
        self.boundary = database.hiding.boundary
        self.audit = ChainedAuditLog(database, clock, keys, head)
        self.seen = StoredSeenEvents(database, clock)
        self.buttons = StoredButtons(database, clock, self.audit.seal)
        self.incidents = StoredIncidents(database, clock)
        self.changes = StoredChanges(database, clock, self.audit)
        self.questions = StoredQuestions(database)
        self.inbox = StoredInbox(database)
        self.budget = StoredBudget(database)
        self.claims = StoredClaims(database, clock)
        self.findings = StoredFindings(database)
        self.leases = StoredLeases(database)
        self.retention = StoredRetention(database, clock)

    def health(self) -> StoreHealth:
        """Whether it can be worked with now. Never raises, and takes at most the time of one connection."""
        backend, place, expected = self.database.url.get_backend_name(), self.database.place, REVISIONS[-1]
        found, reachable = "", False
        try:
            with self.database.read() as connection:
                reachable = True
                found = migrate.version(connection)
            migrate.require(found, place)
            problem = self.audit.problem()
        except StoreError as exc:
            return StoreHealth(backend, place, reachable, found, expected, str(exc))
        return StoreHealth(backend, place, True, found, expected, "", str(problem) if problem else "")

    def close(self) -> None:
        """Give the connections back. What is in memory is gone."""
        self.database.close()


def open_store(
    url: str,
    clock: Clock,
    *,
    audit_files: AuditFiles | None = None,
    patience: Patience | None = None,
    migrating: bool = True,
    boundary: Boundary | None = None,
) -> Store:
    """Open the database at `url`, and bring its tables to the version this program needs.

    url:         `sqlite://` (in memory), `sqlite:////path`, `postgresql://…`
    audit_files: default: beside a SQLite file; needed for Postgres; in memory, nothing is kept
    migrating:   False opens what is there and creates nothing: for commands that only look
    boundary:    the program's redaction boundary, which every free text passes (default: the built-in rules)

    Raises `ConfigurationError` for a wrong URL, `StoreError` when the database cannot be reached or is too new.
    """
    address = parse_url(url)
    keys, head = _audit_sources(address, audit_files)
    database = Database(address, patience or Patience(), create=migrating, boundary=boundary)
    try:
        (migrate.migrate if migrating else migrate.check)(database)
    except StoreError:
        database.close()
        raise
    return Store(database, clock, keys, head)


def _audit_sources(address: URL, files: AuditFiles | None) -> tuple[KeySource, HeadNote]:
    if files is None and in_memory(address):
        return FixedKey(secrets.token_bytes(32)), MemoryHead()
    if files is None and address.get_backend_name() == "sqlite":
        path = Path(str(address.database))
        files = AuditFiles(path.with_name(f"{path.name}.audit-key"), path.with_name(f"{path.name}.audit-head"))
    if files is None:
        raise ConfigurationError("The audit log needs a key file.", "Set TRIAGE_AUDIT_KEY_FILE.")
    return KeyFile(files.key), HeadFile(files.head)
