"""A replica of the bot as a process of its own, with nothing but its schedule: real election, real database, real jobs.

Started by the tests of several replicas. Its one job does an effect per fifth of a second of wall time, and the effect
is a line in a file that no database guards, just as nothing guards a post in Slack. It says `ready` when it runs.

    python -m tests.scenario.replica DATABASE AUDIT_DIRECTORY EFFECTS_FILE FIRST_SLOT [KUBECONFIG NAMESPACE]
"""

from __future__ import annotations

import os
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.adapters.store.store import AuditFiles, open_store
from bot.bootstrap.schedule import Schedule
from bot.bootstrap.stopping import stop_signal
from bot.runtime.election import Timing
from bot.runtime.jobs import Job
from bot.runtime.measures import Measures
from bot.settings import load_settings

SLOT_SECONDS = 0.2
TIMING = Timing(lease_seconds=2.0, sure_seconds=1.2, retry_seconds=0.25)


class Effects:
    """Appends a line per slot: the slot, the process, the term."""

    def __init__(self, schedule: Schedule, file: Path, first: int) -> None:
        self._schedule = schedule
        self._file = file
        self._next = first

    def catch_up(self) -> None:
        """Every slot up to now that this process does not know to be done."""
        while self._next <= time.time() / SLOT_SECONDS:
            slot = self._next
            if self._schedule.effects.once(f"slot/{slot}", lambda again, slot=slot: self._append(slot, again)) is None:
                return
            self._next += 1

    def _append(self, slot: int, again: bool) -> str:
        if again and any(line.split()[0] == str(slot) for line in self._file.read_text().splitlines()):
            return "it was there"  # the one before died after it had done it
        line = f"{slot} {os.getpid()} {self._schedule.elector.term()}\n"
        with self._file.open("a") as out:
            out.write(line)
        return "done"


def main(database: str, audit: str, effects: str, first: str, *lease: str) -> None:
    election = (
        {"election": "lease", "kubeconfig": lease[0], "lease_namespace": lease[1]}
        if lease
        else {"election": "database"}
    )
    settings = load_settings(**election)
    files = AuditFiles(Path(audit) / "key", Path(audit) / f"head-{os.getpid()}")
    store = open_store(database, lambda: datetime.now(UTC), audit_files=files)
    schedule = Schedule(settings, store, Measures(), TIMING)
    work = Effects(schedule, Path(effects), int(first))
    schedule.put([Job("slots", timedelta(seconds=SLOT_SECONDS / 2), work.catch_up)])
    stop = stop_signal()
    schedule.start()
    print("ready", flush=True)
    stop.wait()
    schedule.stop(5)
    store.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
