"""From what the database driver raised to a `StoreError` with a remedy. The database's password is never in it."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping

from sqlalchemy import URL
from sqlalchemy import exc as sa_exc

from bot.domain.errors import StoreError

_SQLITE: Mapping[int, tuple[str, str]] = {
    sqlite3.SQLITE_FULL: ("The disk of the database is full.", "Free some space; nothing was saved."),
    sqlite3.SQLITE_BUSY: (
        "Another process keeps the database locked.",
        "Try again; if it stays so, look for a second program that has the file open.",
    ),
    sqlite3.SQLITE_LOCKED: ("The database is locked.", "Try again."),
    sqlite3.SQLITE_CORRUPT: ("The database file is damaged.", "Put back a backup of it; keep the damaged file."),
    sqlite3.SQLITE_NOTADB: (
        "The file is no SQLite database.",
        "Name another file in TRIAGE_DATABASE, or put back a backup of it.",
    ),
    sqlite3.SQLITE_READONLY: (
        "The database may only be read.",
        "Let this program's user write to the file and to its directory.",
    ),
    sqlite3.SQLITE_CANTOPEN: (
        "The database file cannot be opened.",
        "Check that its directory exists and that this program's user may write there.",
    ),
    sqlite3.SQLITE_PERM: ("The database file may not be opened.", "Let this program's user read and write it."),
    sqlite3.SQLITE_IOERR: ("The disk of the database reports an error.", "Check the disk, and that it is no NFS."),
}

_POSTGRES: Mapping[str, tuple[str, str]] = {
    "53100": ("The disk of the database server is full.", "Free some space there; nothing was saved."),
    "53300": ("The database server takes no more connections.", "Raise max_connections, or run fewer replicas."),
    "57014": ("The database took too long.", "Try again; if it stays so, look at the load of the database server."),
    "55P03": ("The database is locked.", "Try again; if it stays so, look for a long transaction on the server."),
    "25006": ("The database server may only be read.", "Name the primary in TRIAGE_DATABASE, not a replica."),
    "42501": ("The database user lacks a right.", "Make it the owner of the database's tables."),
    "40P01": ("Two transactions of the database waited for each other.", "Try again."),
    "40001": ("Two transactions of the database met.", "Try again."),
}

_PASSING = frozenset({"40P01", "40001", "57P01", "57P02", "08000", "08003", "08006"})
"""Two transactions met, or the server ended the connection: what was begun is undone."""
_TURNED_DOWN = "Correct user, password and database in TRIAGE_DATABASE, or the server; this program goes on by itself."
_UNREACHABLE = "Check that the database runs and that TRIAGE_DATABASE is right; this program goes on when it is back."


def store_error(problem: sa_exc.SQLAlchemyError, url: URL, kind: type[StoreError] = StoreError) -> StoreError:
    """The error in our words, with the driver's where they help."""
    message, remedy = _words(problem, url)
    made = kind(message, remedy)
    made.passing = _is_passing(problem)
    return made


def _is_passing(problem: sa_exc.SQLAlchemyError) -> bool:
    """Whether a new attempt may succeed at once. Only PostgreSQL has connections that break."""
    if isinstance(problem, sa_exc.TimeoutError):
        return True  # all connections of the pool are in use
    if not isinstance(problem, sa_exc.DBAPIError) or isinstance(problem.orig, sqlite3.Error):
        return False
    state = getattr(problem.orig, "sqlstate", None)
    if state is not None:
        return state in _PASSING
    broken = isinstance(problem, sa_exc.OperationalError | sa_exc.InterfaceError) and "FATAL:" not in str(problem.orig)
    return problem.connection_invalidated or broken


def _words(problem: sa_exc.SQLAlchemyError, url: URL) -> tuple[str, str]:
    if isinstance(problem, sa_exc.TimeoutError):
        return "All connections to the database are busy.", "Try again; if it stays so, lower TRIAGE_WORKERS."
    if not isinstance(problem, sa_exc.DBAPIError) or problem.orig is None:
        return f"The database refuses: {scrubbed(str(problem), url)}.", "This is a defect of the program; report it."
    driver = problem.orig
    code = getattr(driver, "sqlite_errorcode", None)
    state = getattr(driver, "sqlstate", None)
    # Of SQLite's extended codes, the low byte is the primary code.
    known = _SQLITE.get(code & 0xFF) if isinstance(code, int) else _POSTGRES.get(state or "")
    where = place(url)
    if known is not None:
        return f"{known[0][:-1]} ({where}).", known[1]
    detail = scrubbed(str(driver), url)
    if "FATAL:" in detail:
        # The server answered, and turned the connection down; the driver gives no code for that.
        return f"The database server refuses ({where}): {detail}.", _TURNED_DOWN
    if problem.connection_invalidated or isinstance(problem, sa_exc.OperationalError | sa_exc.InterfaceError):
        return f"The database cannot be reached ({where}): {detail}.", _UNREACHABLE
    return f"The database refuses ({where}): {detail}.", "Run `triage doctor`; if it says all is well, report it."


def place(url: URL) -> str:
    """Where the database is, for people; without user and password."""
    if url.get_backend_name() == "sqlite":
        return url.database or "in memory"
    host = url.host or url.query.get("host") or "the default socket"
    return f"{host}{f':{url.port}' if url.port else ''}/{url.database or ''}"


def scrubbed(text: str, url: URL) -> str:
    """The first line of a driver's message without the password, should it ever be in there."""
    line = text.strip().partition("\n")[0].rstrip(". ")
    if url.password:
        line = line.replace(str(url.password), "***")
    return line
