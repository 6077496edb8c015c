"""Two replicas as processes on PostgreSQL, while one call in ten fails and while replicas are killed.

Every paste is told the truth about itself, by one message, and nothing is done twice.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bot.adapters.store.store import AuditFiles, Store, open_store
from bot.incidents.card_state import state_of
from bot.sandbox.workspace.errors import WorkspaceError
from bot.sandbox.workspace.state.seed import INCIDENTS, ONCALL, SECOND
from bot.sandbox.workspace.workspace import Workspace
from tests.databases import PostgresServer
from tests.scenario.slack_bench import PASTE
from tests.scenario.slack_replica import KINDS, error_of, faster, truth
from tests.support.cutting import cutting

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200)]

FASTER = 1.0
"""So many seconds pass in a real one. More than one, and a busy machine cannot keep its leases."""
PATIENCE_SECONDS = 900


@dataclass
class Paste:
    """What was pasted, and as which kind of error it stands there now (None: it is gone)."""

    ts: str
    kind: int | None
    user: str


@dataclass
class Day:
    """A workspace, a database, and replicas that come and go."""

    place: Workspace
    store: Store
    database: str
    folder: Path
    epoch: float
    running: list[subprocess.Popen[str]] = field(default_factory=list)
    pastes: list[Paste] = field(default_factory=list)
    started: int = 0

    def begin(self) -> subprocess.Popen[str]:
        """One more replica; it may not be ready yet."""
        place, log = self.place, (self.folder / f"log-{self.started}").open("w")
        words = [self.database, place.api_url, place.bot_token, place.app_token, INCIDENTS, str(self.folder)]
        command = [sys.executable, "-m", "tests.scenario.slack_replica", *words, str(self.epoch), str(FASTER)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True)
        log.close()
        self.started += 1
        self.running.append(process)
        return process

    def ready(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n", self.logs()

    def kill(self, process: subprocess.Popen[str]) -> None:
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        self.running.remove(process)
        if process.stdout is not None:
            process.stdout.close()

    def logs(self) -> str:
        return "\n".join(path.read_text()[-6000:] for path in sorted(self.folder.glob("log-*")))

    def paste(self, kind: int, user: str) -> Paste:
        made = Paste(self.place.post_message(INCIDENTS, error_of(kind), user=user), kind, user)
        self.pastes.append(made)
        return made

    def answers(self, ts: str) -> list[str]:
        found = self.place.messages(INCIDENTS, ts)
        return [str(one["text"]) for one in found if one.get("bot_id") == self.place.bot_id]

    def is_told(self, paste: Paste) -> bool:
        """By one message, and the truth; of what is gone, at most by one."""
        said = self.answers(paste.ts)
        if paste.kind is None:
            return len(said) <= 1 and not any("Working" in one for one in said)
        return len(said) == 1 and truth(paste.kind)[1] in said[0]

    def wrong(self) -> list[tuple[Paste, list[str]]]:
        return [(one, self.answers(one.ts)) for one in self.pastes if not self.is_told(one)]

    def until(self, condition: Callable[[], object], what: Callable[[], object]) -> None:
        ends = time.monotonic() + PATIENCE_SECONDS
        while not condition():
            assert time.monotonic() < ends, f"{what()}; the logs are in {self.folder}"
            threading.Event().wait(0.1)

    def end(self) -> None:
        for process in self.running:
            process.terminate()
        for process in self.running:
            process.wait(60)
            if process.stdout is not None:
                process.stdout.close()


@contextmanager
def day(postgres: PostgresServer, folder: Path, database: str = "", url: str = "") -> Iterator[Day]:
    """The bot's replicas use `database`, the test looks at `url`: the same one, perhaps by another way."""
    epoch, url = time.time(), url or postgres.fresh()
    clock = faster(epoch, FASTER)
    store = open_store(url, clock, audit_files=AuditFiles(folder / "key", folder / "head"))
    with Workspace(clock=lambda: clock().timestamp()) as place:
        made = Day(place, store, database or url, folder, epoch)
        try:
            yield made
        finally:
            place.fail_by_chance(None)
            made.end()
            store.close()


def counted(made: Day) -> int:
    """Questions that the open card counts, those that it forgot the words of included."""
    return sum(state_of(made.store.incidents.open_incidents()[0]).ledger.totals().values())


def opened(made: Day) -> dict:
    """The first paste, and the card that it opens."""
    ts = made.place.post_message(INCIDENTS, PASTE)
    made.until(lambda: any("Fault found" in one for one in made.answers(ts)), lambda: made.answers(ts))
    return next(one for one in made.place.messages(INCIDENTS, ts) if "Fault found" in str(one["text"]))


def test_two_hundred_pastes_while_one_call_in_ten_fails(postgres: PostgresServer, tmp_path: Path) -> None:
    chance, pause = random.Random(19), threading.Event()
    url = postgres.fresh()
    with cutting(url, 19, 0.0) as (proxy, database), day(postgres, tmp_path, database, url) as made:
        for process in [made.begin(), made.begin()]:
            made.ready(process)
        card = opened(made)
        made.place.fail_by_chance(random.Random(91))
        proxy.share = 0.02  # a transaction is five or six messages: one in ten is cut
        for number in range(200):
            made.paste(number % KINDS, (ONCALL, SECOND)[number % 2])
            if number % 10 == 9:
                changed = chance.choice(made.pastes)
                if changed.kind is not None:
                    changed.kind = chance.randrange(KINDS)
                    made.place.edit_message(INCIDENTS, changed.ts, error_of(changed.kind), user=changed.user)
            if number % 25 == 24:
                gone = chance.choice(made.pastes)
                if gone.kind is not None:
                    gone.kind = None
                    made.place.delete_message(INCIDENTS, gone.ts, user=gone.user)
            if number % 20 == 7:
                with suppress(WorkspaceError):  # while it is checked there is no button
                    made.place.click(INCIDENTS, card["ts"], "card_check_again", user=(ONCALL, SECOND)[number % 3 % 2])
            pause.wait(chance.random() * 0.1)
        made.until(lambda: not made.wrong(), lambda: made.wrong()[:5])
        faults, cuts = made.place.faults_given, proxy.cuts
        made.place.fail_by_chance(None)
        proxy.share = 0.0
        made.until(lambda: made.store.incidents.unshown() == [], lambda: "a card is behind")
        made.until(lambda: not made.wrong(), lambda: made.wrong()[:5])
        standing = [one for one in made.pastes if one.kind is not None]
        assert len(made.store.incidents.open_incidents()) == 1
        made.until(lambda: counted(made) == len(standing) + 1, lambda: (counted(made), len(standing)))
        assert set(faults) == {"429", "500", "cut", "lost"}
        print(f"\n{len(standing)} pastes stand, {len(made.pastes)} were made: wrong 0, twice 0")
        print(f"calls {len(made.place.calls)}, of which failed {faults}; connections to the database cut {cuts}")


def test_replicas_that_are_killed_at_random_points_lose_no_paste_and_answer_none_twice(
    postgres: PostgresServer, tmp_path: Path
) -> None:
    """SIGKILL, between acknowledgement and work or anywhere else; whoever is left finishes when the leases are over."""
    chance, pause = random.Random(7), threading.Event()
    with day(postgres, tmp_path) as made:
        for process in [made.begin(), made.begin()]:
            made.ready(process)
        opened(made)
        for number in range(60):
            made.paste(number % KINDS, (ONCALL, SECOND)[number % 2])
            if number % 12 == 7:
                pause.wait(chance.random() * 0.15)
                victim = chance.choice(made.running)
                following = made.begin()
                made.kill(victim)
                made.ready(following)
        made.until(lambda: not made.wrong(), lambda: made.wrong()[:5])
        made.until(lambda: made.store.incidents.unshown() == [], lambda: "a card is behind")
        made.until(lambda: counted(made) == 61, lambda: counted(made))
        assert not made.wrong()
        print(f"\n{made.started - 2} replicas killed, {len(made.pastes)} pastes: lost 0, answered twice 0")
