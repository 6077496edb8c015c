"""The audit log, on both databases: it only grows, shows every kind of tampering, and without it nothing is done."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import exc as sa_exc

from bot.adapters.store.audit.chain import Head
from bot.adapters.store.audit.key_file import KeyFile
from bot.adapters.store.audit.log import HEAD_FILE_MISSING
from bot.adapters.store.store import AuditFiles, Store
from bot.domain.errors import AuditUnwritable
from tests.databases import StoreCase
from tests.store_samples import ANNA, NOW, S, a_change


def with_entries(case: StoreCase, count: int = 5) -> Store:
    store = case.open()
    for number in range(1, count + 1):
        store.audit.append("click.refused", f"U{number}", f"change-{number}", {"why": "guest", "n": number})
        case.clock.go_on(minutes=1)
    return store


def test_entries_come_oldest_first_and_can_be_chosen(database: StoreCase) -> None:
    store = with_entries(database)
    entries = store.audit.entries()
    assert [entry.seq for entry in entries] == [1, 2, 3, 4, 5]
    first = entries[0]
    assert (first.time, first.event, first.by, first.about) == (NOW, "click.refused", "U1", "change-1")
    assert first.detail == {"why": "guest", "n": 1}
    assert [entry.seq for entry in store.audit.entries(newest=2)] == [4, 5]
    assert [entry.seq for entry in store.audit.entries(about="change-3")] == [3]
    assert [entry.seq for entry in store.audit.entries(since=NOW + timedelta(minutes=3))] == [4, 5]


def test_what_people_write_cannot_break_an_entry(store: Store) -> None:
    odd = "'\"; DROP TABLE audit; -- \x00 \ud83d \u2028 ü"
    store.audit.append(odd, odd, odd, {odd: [odd, None, 1.5, True], "when": NOW})
    assert store.audit.verify().broken is None
    (entry,) = store.audit.entries()
    assert entry.detail[odd] == [odd, None, 1.5, True]


def test_an_untouched_chain_is_intact(database: StoreCase) -> None:
    store = database.open()
    assert store.audit.verify() == store.audit.verify()
    assert store.audit.verify().head == Head()
    with_entries(database)
    checked = database.open().audit.verify()
    assert (checked.head.seq, checked.broken) == (5, None)


EVERY_COLUMN = {
    "time": "'2026-11-23T09:00:00.000000+00:00'",
    "event": "'click.allowed'",
    '"by"': "'U9'",
    "about": "'change-9'",
    "detail": "'{}'",
    "hash": "'" + "f" * 64 + "'",
}
TAMPERING: dict[str, tuple[str, ...]] = {
    **{f"{name} edited": (f"UPDATE audit SET {name} = {value} WHERE seq = 3",) for name, value in EVERY_COLUMN.items()},
    "prev edited": ("UPDATE audit SET prev = 'x' WHERE seq = 3",),
    "an entry in the middle removed": ("DELETE FROM audit WHERE seq = 3",),
    "removed, and the gap closed": ("DELETE FROM audit WHERE seq = 3", "UPDATE audit SET seq = seq - 1 WHERE seq = 4"),
    "two entries swapped": (
        "UPDATE audit SET seq = 99 WHERE seq = 3",
        "UPDATE audit SET seq = 3 WHERE seq = 4",
        "UPDATE audit SET seq = 4 WHERE seq = 99",
    ),
    "an entry put in between": (
        "UPDATE audit SET seq = seq + 100 WHERE seq >= 3",
        'INSERT INTO audit SELECT 3, time, event, "by", about, detail, event, hash FROM audit WHERE seq = 2',
    ),
}


@pytest.mark.parametrize("how", TAMPERING)
def test_tampering_is_found_at_its_place(database: StoreCase, how: str) -> None:
    store = with_entries(database)
    database.tamper(*TAMPERING[how])
    broken = store.audit.verify().broken
    assert broken is not None
    assert broken.seq == 3, broken


CUTS: dict[str, tuple[tuple[str, ...], int]] = {
    "the newest entry removed": (("DELETE FROM audit WHERE seq = 5",), 5),
    "the newest two removed": (("DELETE FROM audit WHERE seq >= 4",), 4),
    "everything removed": (("DELETE FROM audit",), 1),
    "the newest entry edited": (("UPDATE audit SET event = 'x' WHERE seq = 5",), 5),
    "the newest entry written again with the hash of another": (
        ("DELETE FROM audit WHERE seq = 5", "UPDATE audit SET seq = 5 WHERE seq = 4"),
        4,
    ),
}


@pytest.mark.parametrize("how", CUTS)
def test_tampering_with_the_end_is_found_and_stops_every_action(database: StoreCase, how: str) -> None:
    store = with_entries(database)
    change = a_change()
    statements, seq = CUTS[how]
    database.tamper(*statements)
    broken = store.audit.verify().broken
    assert broken is not None
    assert broken.seq == seq, broken
    with pytest.raises(AuditUnwritable, match="audit verify"):
        store.changes.add(change, "triage")
    assert store.changes.get(change.id) is None
    assert store.health().audit_problem
    assert store.health().ready, "diagnoses still can be answered"


def test_removed_and_replaced_by_another_replica_is_found_by_the_one_that_wrote_it(
    database: StoreCase, tmp_path: Path
) -> None:
    """The second replica has its own head file, which does not know entry 5 yet."""
    mine = with_entries(database, 4)
    other = database.open(audit_files=AuditFiles(database.files.key, tmp_path / "other.head"))
    other.audit.append("a", "U", "x", {})  # notes that its head file was missing, then entry 6
    mine.audit.append("b", "U", "x", {})
    assert mine.audit.verify().broken is None
    assert other.audit.verify().broken is None
    database.tamper("DELETE FROM audit WHERE seq = 7")
    other.audit.append("c", "U", "x", {})
    assert other.audit.verify().broken is None
    broken = mine.audit.verify().broken
    assert broken is not None
    assert broken.seq == 7
    with pytest.raises(AuditUnwritable, match=r"Entry 7 .* is not the one"):
        mine.audit.append("d", "U", "x", {})


def test_ordinary_access_cannot_change_what_is_written(database: StoreCase) -> None:
    with_entries(database, 2)
    row = 'SELECT {seq}, time, event, "by", about, detail, {prev}, hash FROM audit WHERE seq = 1'
    statements = [
        "UPDATE audit SET event = 'x'",
        "DELETE FROM audit",
        f"INSERT INTO audit {row.format(seq=1, prev='hash')}",
    ]
    if database.kind == "sqlite":
        statements += [
            f"INSERT OR REPLACE INTO audit {row.format(seq=1, prev='prev')}",
            f"INSERT OR REPLACE INTO audit {row.format(seq=3, prev='prev')}",
            f"INSERT OR IGNORE INTO audit {row.format(seq=9, prev='hash')}",
            f"REPLACE INTO audit {row.format(seq=2, prev='prev')}",
            "UPDATE OR REPLACE audit SET seq = 2 WHERE seq = 1",
        ]
    else:
        statements += ["TRUNCATE audit"]
    before = database.execute("SELECT * FROM audit ORDER BY seq")
    for statement in statements:
        with pytest.raises(sa_exc.DBAPIError, match=r"append-only|duplicate key"):
            database.execute(statement)
    assert database.execute("SELECT * FROM audit ORDER BY seq") == before


def test_a_missing_head_file_is_reported_and_going_on_leaves_a_note(database: StoreCase) -> None:
    store = with_entries(database, 2)
    database.files.head.unlink()
    broken = store.audit.verify().broken
    assert broken is not None
    assert "head file is missing" in broken.reason
    store.audit.append("a", "U", "x", {})
    assert [entry.event for entry in store.audit.entries()][-2:] == [HEAD_FILE_MISSING, "a"]
    assert store.audit.verify().broken is None


def test_a_head_file_that_somebody_wrote_is_refused(database: StoreCase) -> None:
    store = with_entries(database, 2)
    for content in (f"1 {'a' * 64} {'b' * 64}\n", "", "9\n", "\udcff"):
        database.files.head.write_text(content, errors="surrogateescape")
        broken = store.audit.verify().broken
        assert broken is not None
        with pytest.raises(AuditUnwritable, match="was changed or belongs to another key"):
            store.audit.append("a", "U", "x", {})


def test_the_key_is_made_once_with_mode_0600_and_never_again(database: StoreCase) -> None:
    store = with_entries(database, 1)
    key, head = database.files.key, database.files.head
    assert {stat.S_IMODE(path.stat().st_mode) for path in (key, head)} == {0o600}
    content = key.read_bytes()
    assert content.strip() not in repr(database.execute("SELECT * FROM audit")).encode()
    key.unlink()
    with pytest.raises(AuditUnwritable, match="key of the audit log is missing"):
        database.open().audit.append("a", "U", "x", {})
    assert not key.exists()
    key.write_bytes(b"0123456789abcdef0123456789abcdef")
    other = database.open()
    with pytest.raises(AuditUnwritable, match="written with another key"):
        other.audit.append("a", "U", "x", {})
    assert "another key" in other.health().audit_problem
    key.write_bytes(b"short")
    with pytest.raises(AuditUnwritable, match="too short"):
        database.open().audit.append("a", "U", "x", {})
    key.write_bytes(content)
    database.open().audit.append("a", "U", "x", {})
    assert store.audit.verify().head.seq == 2


def test_replicas_that_start_at_once_agree_on_one_key(database: StoreCase, tmp_path: Path) -> None:
    stores = [
        database.open(audit_files=AuditFiles(database.files.key, tmp_path / f"{number}.head")) for number in range(4)
    ]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda store: store.audit.append("a", "U", "x", {}), stores))
    assert all(store.audit.verify().broken is None for store in stores)


def test_without_audit_nothing_moves(database: StoreCase) -> None:
    """The head file's directory is gone, as with a volume that was unmounted: no entry, so no move, of any kind."""
    store = database.open()
    change = a_change(requester=ANNA)
    store.changes.add(change, "triage")
    moved = store.changes.move(change, S.PREVIEWED, "ANNA")
    assert moved is not None
    requested = store.changes.move(moved, S.REQUESTED, "ANNA")
    assert requested is not None
    before = [*database.execute("SELECT * FROM changes"), *database.execute("SELECT * FROM transitions")]
    blocked = database.open(audit_files=AuditFiles(database.files.key, Path("/proc/no-such-directory/audit.head")))
    for action in (
        lambda: blocked.changes.add(a_change(2), "triage"),
        lambda: blocked.changes.move(requested, S.APPROVED, "ANNA"),
        lambda: blocked.changes.approve(requested, ANNA),
        lambda: blocked.audit.append("a", "U", "x", {}),
    ):
        with pytest.raises(AuditUnwritable, match=r"cannot be written.*Free some space"):
            action()
    assert [*database.execute("SELECT * FROM changes"), *database.execute("SELECT * FROM transitions")] == before
    assert not database.execute("SELECT * FROM approvals")
    assert store.audit.verify().head.seq == 3
    assert [path.name for path in database.files.head.parent.glob(".audit.head.*") if path.suffix != ".lock"] == []


def test_many_threads_on_two_replicas_make_one_chain(database: StoreCase) -> None:
    replicas = [database.open(), database.open()]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: replicas[n % 2].audit.append("a", f"U{n}", "x", {"n": n}), range(60)))
    checked = replicas[0].audit.verify()
    assert (checked.head.seq, checked.broken) == (60, None)
    assert {entry.detail["n"] for entry in replicas[1].audit.entries()} == set(range(60))


@pytest.mark.parametrize(
    ("mode", "refused"), [(0o600, False), (0o440, False), (0o644, False), (0o666, True), (0o620, True)]
)
def test_a_key_that_others_may_write_is_not_used_and_one_they_may_read_is_told(
    mode: int, refused: bool, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "audit.key"
    path.write_text("k" * 64)
    path.chmod(mode)
    if refused:
        with pytest.raises(AuditUnwritable, match="may be written by others"):
            KeyFile(path).key(may_create=False)
    else:
        assert KeyFile(path).key(may_create=False) == b"k" * 64
    assert ("may be read by every user" in caplog.text) is (mode == 0o644)
