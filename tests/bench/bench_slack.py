"""Fifty people paste at once, and press buttons: how soon each delivery is acknowledged, and what it costs Slack.

Measured on the sandbox's own workspace with a triage that takes a second, so that every worker is busy all the time.
"""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import replace

from bot.adapters.slack.options import SLACKS_PACE
from bot.adapters.store.store import open_store
from bot.diagnosis.ports import Examined, NamespaceChoice, Progress, TriageRequest
from bot.diagnosis.worker import Worker
from bot.sandbox.workspace.state.seed import INCIDENTS, ONCALL, SECOND
from bot.sandbox.workspace.workspace import Workspace
from tests.scenario.slack_bench import PASTE, CannedTriage, make_bot, now
from tests.unit.slack_samples import healthy

PASTES = 50
COMMANDS = 10
TRIAGE_SECONDS = 1.0


class SlowTriage(CannedTriage):
    """Takes a second, as a look at a cluster does."""

    def examine(self, request: TriageRequest, progress: Progress) -> Examined | NamespaceChoice:
        threading.Event().wait(TRIAGE_SECONDS)
        return super().examine(request, progress)


def main() -> None:
    triage, store = SlowTriage(), open_store("sqlite://", now)
    triage.outcome = healthy()
    with Workspace() as place:
        bot = make_bot(
            place,
            triage,
            store,
            worker=Worker(8, 200),
            pace=replace(SLACKS_PACE, posts_at_once=PASTES, posts_per_second=50.0),
        )
        bot.connect()
        threads = [
            place.post_message(INCIDENTS, PASTE, user=user) for user in (ONCALL, SECOND) for _ in range(PASTES // 2)
        ]
        for _ in range(COMMANDS):
            place.slash_command("/triage", "help", channel=INCIDENTS)
        answered = place.wait_for(lambda: all("Healthy" in str(place.messages(INCIDENTS, ts)) for ts in threads), 60)
        waits = sorted(one.settled_at - one.sent_at for one in place.deliveries if one.outcome == "acked")
        late = sum(one.outcome != "acked" or one.attempt > 0 for one in place.deliveries)
        calls = Counter(call.method for call in place.calls)
        bot.close(4)
    store.close()
    p50, p99 = waits[len(waits) // 2], waits[min(len(waits) - 1, int(len(waits) * 0.99))]
    print(
        f"slack: {PASTES} pastes and {COMMANDS} commands at once: acknowledged after {p50 * 1000:.0f} ms (p50), "
        f"{p99 * 1000:.0f} ms (p99), {late} late of {len(waits)}; {'all' if answered else 'not all'} answered with "
        f"{calls['chat.postMessage']} posts and {calls['chat.update']} edits"
    )
