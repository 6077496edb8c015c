"""A replica of the Slack bot as a process of its own: real Bolt, real database, a triage made of answers.

Started by the tests of bad days, which kill it without a word. It says `ready` when it hears the workspace.

    python -m tests.scenario.slack_replica DATABASE API_URL BOT_TOKEN APP_TOKEN CHANNEL AUDIT_DIRECTORY EPOCH FASTER
"""

from __future__ import annotations

import logging
import os
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from bot.adapters.slack.bot import SlackBot
from bot.adapters.slack.options import Options
from bot.adapters.slack.settings import SlackSettings
from bot.adapters.store.store import AuditFiles, Store, open_store
from bot.bootstrap.stopping import stop_signal
from bot.diagnosis.worker import Worker
from bot.domain.errors import TriageError
from tests.scenario.slack_bench import AT_ONCE, CannedTriage, slack_stores
from tests.scenario.test_slack_pastes import HARMLESS, judging
from tests.unit.slack_samples import MCP, OOM

KINDS = 20

_log = logging.getLogger(__name__)


def error_of(kind: int) -> str:
    """What somebody pastes who sees this kind of error."""
    return f"error of kind {kind}!"


def truth(kind: int) -> tuple[str | None, str]:
    """What explains this kind of error, and the word by which its paste is told so."""
    if kind % 4 < 2:
        return OOM.id, "Same cause"
    return (HARMLESS.id, "Harmless") if kind % 4 == 2 else (None, "Not explained")


def canned() -> CannedTriage:
    """A triage that knows the kinds, and the truth about each."""
    made = CannedTriage()
    kinds = [replace(MCP, id=f"kind_{number}", title=f"Kind {number}") for number in range(KINDS)]
    made.others = {error_of(number): one for number, one in enumerate(kinds)}
    made.outcome = judging(**{one.id: truth(number)[0] for number, one in enumerate(kinds)})
    return made


def faster(epoch: float, times: float) -> Callable[[], datetime]:
    """A clock that all processes share: so many seconds pass in a real one."""
    return lambda: datetime.fromtimestamp(epoch + (time.time() - epoch) * times, UTC)


def patiently(work: Callable[[], Store | None]) -> Store | None:
    """Do it again until it succeeds: a pod would be started again."""
    while True:
        try:
            return work()
        except TriageError as error:
            _log.warning("again: %s", error)


def main(*words: str) -> None:
    """Run until SIGTERM."""
    database, api, bot_token, app_token, channel, audit, epoch, times = words
    logging.basicConfig(level=logging.WARNING, format="%(relativeCreated)d %(name)s %(threadName)s %(message)s")
    clock = faster(float(epoch), float(times))
    files = AuditFiles(Path(audit) / "key", Path(audit) / f"head-{os.getpid()}")
    store = patiently(lambda: open_store(database, clock, audit_files=files))
    assert store is not None
    settings = SlackSettings(bot_token=bot_token, app_token=app_token, api_url=api, channels=(channel,))
    bot = SlackBot(settings, canned(), slack_stores(store), Worker(4, 600), clock, Options(AT_ONCE))
    patiently(bot.connect)
    stop = stop_signal()
    print("ready", flush=True)
    stop.wait()
    bot.close(4)
    store.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
