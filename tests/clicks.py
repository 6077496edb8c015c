"""Many clicks on one approved change at the same time, from real processes. Used by a test and by `make bench`.

Run as a program it is one replica: it opens the store, looks at the change as every click does, says "ready", waits for
a line, and lets all its threads claim at once. The caller's process is the other replica. The winner's effect is a line
in a file; each loser writes its audit entry, as a late click does.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.adapters.store.sql.engine import Patience
from bot.adapters.store.store import AuditFiles, Store, open_store
from bot.domain.changes import Change, ChangeState
from tests.store_samples import ANNA, NOW, a_change

PROJECT = Path(__file__).parents[1]
PATIENCE = Patience(lock=60, connect=10, statement=30)
APPROVED = (ChangeState.PREVIEWED, ChangeState.REQUESTED, ChangeState.APPROVED)


@dataclass(frozen=True)
class Outcome:
    """What came of it. `answers` counts what the people were told; `effects` are lines in the file."""

    answers: Counter[str]
    effects: int
    entries: int
    chain_intact: bool
    seconds: float


def click_many(url: str, directory: Path, clicks: int) -> Outcome:
    """`clicks` in all on one approved change in the database at `url`: half from here, half from another process."""
    store = _open(url, directory)
    change = _approved(store)
    words = [sys.executable, "-m", "tests.clicks", url, str(directory), change.id, str(clicks // 2)]
    other = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=PROJECT)
    here = Replica(store, change, clicks - clicks // 2, directory / "effects")
    assert other.stdout is not None
    assert other.stdout.readline() == "ready\n"
    began = time.monotonic()
    assert other.stdin is not None
    other.stdin.write("go\n")
    other.stdin.flush()
    told = here.go()
    output, _ = other.communicate(timeout=300)
    told.update(json.loads(output))
    seconds = time.monotonic() - began
    checked = store.audit.verify()
    store.close()
    effects = (directory / "effects").read_text().splitlines()
    return Outcome(told, len(effects), checked.head.seq, checked.broken is None, seconds)


def _open(url: str, directory: Path) -> Store:
    files = AuditFiles(directory / "audit.key", directory / "audit.head")
    return open_store(url, lambda: datetime.now(UTC), audit_files=files, patience=PATIENCE)


def _approved(store: Store) -> Change:
    change = a_change(requester=ANNA, expires_at=NOW + timedelta(days=36_500))
    store.changes.add(change, "triage")
    for state in APPROVED:
        moved = store.changes.move(change, state, "ANNA")
        assert moved is not None
        change = moved
    return change


class Replica:
    """One process' share of the clicks, each in a thread of its own. All of them have seen the change approved."""

    def __init__(self, store: Store, seen: Change, clicks: int, effects: Path) -> None:
        self._start = threading.Barrier(clicks + 1)
        self._told: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._click = lambda number: _click(store, seen, f"U{number}", effects)
        self._threads = [threading.Thread(target=self._one, args=(number,)) for number in range(clicks)]
        for thread in self._threads:
            thread.start()

    def go(self) -> Counter[str]:
        """Let all threads go, and wait for them."""
        self._start.wait()
        for thread in self._threads:
            thread.join()
        return self._told

    def _one(self, number: int) -> None:
        self._start.wait()
        answer = self._click(number)
        with self._lock:
            self._told[answer] += 1


def _click(store: Store, seen: Change, by: str, effects: Path) -> str:
    claimed = store.changes.move(seen, ChangeState.CLAIMED, by, claimed_at=datetime.now(UTC))
    if claimed is not None:
        with effects.open("a") as file:
            file.write(f"{by}\n")
        return "done"
    store.audit.append("click.late", by, seen.id, {"why": "somebody else was faster"})
    return "too late"


def main(words: Sequence[str]) -> None:
    url, directory, change_id, clicks = words
    store = _open(url, Path(directory))
    seen = store.changes.get(change_id)
    assert seen is not None
    replica = Replica(store, seen, int(clicks), Path(directory) / "effects")
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    told = replica.go()
    store.close()
    sys.stdout.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
