"""`triage audit`: reads the audit log of the bot's own database, and verifies that nobody has changed it.

Registered in `bot.cli.arguments`. Changes nothing: it neither makes nor migrates a database.
"""

from __future__ import annotations

import re
from argparse import ArgumentParser, Namespace, _SubParsersAction
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from bot.cli.output import SCHEMA, print_json, print_text
from bot.domain.errors import UsageError

if TYPE_CHECKING:
    from bot.adapters.store.audit.log import AuditCheck, AuditEntry
    from bot.adapters.store.store import Store

AUDIT = (
    "The audit log says who did what, or was refused: one chain of entries in the bot's database (TRIAGE_DATABASE), "
    "to which the bot only adds."
)
VERIFY_EXIT_CODES = "exit codes: 0 intact, 1 broken, 3 cannot be read"
BROKEN = 1
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}


def add(sub: _SubParsersAction[Any]) -> None:
    """Register `triage audit` and its commands."""
    parser = sub.add_parser("audit", help="read and verify the audit log", description=AUDIT)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    listing = commands.add_parser("list", help="print entries, oldest first", description="Prints entries.")
    listing.add_argument("--since", metavar="TIME", help="from then on: 30m, 2h, 7d, or an ISO 8601 time")
    listing.add_argument("--about", metavar="ID", help="about one thing only, e.g. the id of a change")
    listing.add_argument("--newest", type=_count, metavar="N", help="at most the newest so many (default: all)")
    _output(listing)
    listing.set_defaults(run=print_entries)
    verifying = commands.add_parser(
        "verify",
        help="find any edit, removal or reordering",
        description="Goes through the whole chain.",
        epilog=VERIFY_EXIT_CODES,
    )
    _output(verifying)
    verifying.set_defaults(run=verify)


def _output(parser: ArgumentParser) -> None:
    parser.add_argument("-o", "--output", choices=("text", "json"), default="text", help="how to print (default: text)")


def _count(text: str) -> int:
    count = int(text)
    if count < 1:
        raise ValueError(text)
    return count


def print_entries(arguments: Namespace) -> int:
    """`triage audit list`: who did what."""
    since = parse_since(arguments.since, datetime.now(UTC)) if arguments.since else None
    with _store() as store:
        entries = store.audit.entries(since=since, about=arguments.about, newest=arguments.newest)
    if arguments.output == "json":
        print_json({"schema": SCHEMA, "entries": [_as_json(entry) for entry in entries]})
    else:
        print_text("\n".join(entry_text(entry) for entry in entries) or "No entries.")
    return 0


def verify(arguments: Namespace) -> int:
    """`triage audit verify`: 0 intact, 1 broken; a database, key or head file that cannot be read is an error (3)."""
    with _store() as store:
        found = store.audit.verify()
    if arguments.output == "json":
        broken = {"entry": found.broken.seq, "reason": found.broken.reason} if found.broken else None
        head = {"entry": found.head.seq, "hash": found.head.hash}
        print_json({"schema": SCHEMA, "intact": found.broken is None, "head": head, "broken": broken})
    else:
        print_text(verdict_text(found))
    return BROKEN if found.broken else 0


def parse_since(text: str, now: datetime) -> datetime:
    """The moment that `--since` means; a time without a zone is UTC. Raises `UsageError`."""
    ago = re.fullmatch(r"(\d{1,6})([mhd])", text)
    if ago is not None:
        return now - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as exc:
        raise UsageError(f"--since {text} is no time.", "Say 30m, 2h, 7d, or 2026-11-23T10:00:00Z.") from exc
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


@contextmanager
def _store() -> Iterator[Store]:
    """The database of the settings, opened to look only."""
    from bot.bootstrap.storage import open_storage  # noqa: PLC0415 - SQLAlchemy costs half a second to import
    from bot.settings import load_settings  # noqa: PLC0415

    store = open_storage(load_settings(), lambda: datetime.now(UTC), migrating=False)
    try:
        yield store
    finally:
        store.close()


def _as_json(entry: AuditEntry) -> dict[str, Any]:
    return {
        "entry": entry.seq,
        "time": entry.time.isoformat(),
        "event": entry.event,
        "by": entry.by,
        "about": entry.about,
        "detail": dict(entry.detail),
    }


def entry_text(entry: AuditEntry) -> str:
    """One line, whatever people wrote: an entry cannot look like two."""
    detail = "  ".join(f"{name}={value}" for name, value in entry.detail.items() if value not in ("", []))
    line = (
        f"{entry.seq:>6}  {entry.time:%Y-%m-%d %H:%M:%S}Z  {entry.event}  by {entry.by}  about {entry.about}  {detail}"
    )
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in line).rstrip()


def verdict_text(found: AuditCheck) -> str:
    """What a verification found, for a person; with the head, to compare it with one that was noted elsewhere."""
    head = f"head: {found.head.seq} {found.head.hash}"
    if found.broken is None:
        return f"The audit log is intact: {found.head.seq} entries.\n{head}"
    good = f"{found.head.seq} entries before it are intact." if found.head.seq else "No entry before it is intact."
    if not found.broken.seq:
        good = "The entries themselves were not judged."
    where = f"at entry {found.broken.seq}" if found.broken.seq else "outside the database"
    return f"The audit log is BROKEN {where}: {found.broken.reason}.\n{good}\n{head}"
