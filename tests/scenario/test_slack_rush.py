"""What a bad day costs: 500 pastes of 40 kinds in ten simulated minutes over two replicas, and fifty cut connections.

The numbers are printed (`pytest -s`); what must hold is asserted: every paste is told the truth about itself, by one
message, and nothing is lost.
"""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from dataclasses import replace
from statistics import median

import pytest

from bot.adapters.store.store import open_store
from bot.diagnosis.worker import Worker
from bot.incidents.card_state import state_of
from bot.sandbox.workspace.api.meter import MeteredCall
from bot.sandbox.workspace.state.seed import INCIDENTS, ONCALL, SECOND
from bot.sandbox.workspace.workspace import Workspace
from tests.scenario.slack_bench import NOW, PASTE, CannedTriage, bench, make_bot, services_of
from tests.scenario.test_slack_pastes import HARMLESS, judging
from tests.support.workspaces import hasty_workspace
from tests.unit.slack_samples import MCP, OOM

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

PASTES, KINDS, MINUTES, FASTER = 500, 40, 10, 12.0
"""`FASTER`: so many simulated seconds pass in a real one."""


def truth(kind: int) -> tuple[str | None, str]:
    """What explains this kind of error, and the word by which its paste is told so."""
    if kind % 4 < 2:
        return OOM.id, "Same cause"
    return (HARMLESS.id, "Harmless") if kind % 4 == 2 else (None, "Not explained")


def first_and_last(calls: list[MeteredCall], pasted: dict[str, float]) -> tuple[list[float], list[float]]:
    """Seconds from each paste to the first sign of an answer, and to the answer."""
    thread_of: dict[str, str] = {}
    first: dict[str, float] = {}
    last: dict[str, float] = {}
    for call in calls:
        if call.error or call.method not in ("chat.postMessage", "chat.update"):
            continue
        ts = str(call.response.get("ts"))
        if call.method == "chat.postMessage":
            thread_of[ts] = str(call.arguments.get("thread_ts"))
        thread = thread_of.get(ts, "")
        if thread not in pasted:
            continue
        first.setdefault(thread, call.at - pasted[thread])
        if "Working" not in str(call.arguments.get("text")):
            last.setdefault(thread, call.at - pasted[thread])
    return list(first.values()), list(last.values())


def test_five_hundred_pastes_of_forty_kinds_are_each_told_the_truth_once() -> None:
    began, stamp = time.monotonic(), time.time()
    triage, store = CannedTriage(), open_store("sqlite://", lambda: NOW)
    kinds = [replace(MCP, id=f"kind_{number}", title=f"Kind {number}") for number in range(KINDS)]
    triage.others = {f"error of kind {number}!": one for number, one in enumerate(kinds)}
    triage.outcome = judging(**{one.id: truth(number)[0] for number, one in enumerate(kinds)})
    pause = threading.Event()
    with Workspace(clock=lambda: stamp + (time.monotonic() - began) * FASTER) as place:
        bots = [make_bot(place, triage, store, worker=Worker(4, 600)) for _ in range(2)]
        for bot in bots:
            bot.connect()
        try:
            opening = place.post_message(INCIDENTS, PASTE)
            assert place.wait_for(lambda: len(store.incidents.open_incidents()) == 1)
            pasted: dict[str, float] = {}
            every, start = MINUTES * 60 / PASTES / FASTER, time.monotonic()
            for number in range(PASTES):
                pause.wait(max(0.0, start + number * every - time.monotonic()))
                ts = place.post_message(
                    INCIDENTS, f"error of kind {number % KINDS}!", user=(ONCALL, SECOND)[number % 2]
                )
                pasted[ts] = float(ts)

            def answers(ts: str) -> list[str]:
                found = place.messages(INCIDENTS, ts)
                return [str(one["text"]) for one in found if one.get("bot_id") == place.bot_id]

            waiting = list(pasted)

            def done() -> bool:
                """All are answered; who was seen answered is not asked again here, but below."""
                while waiting and len(said := answers(waiting[0])) == 1 and "Working" not in said[0]:
                    waiting.pop(0)
                return not waiting

            finished = place.wait_for(done, 240)
            assert finished, Counter(
                (len(said := answers(ts)), "".join(said)[:12], truth(number % KINDS)[1])
                for number, ts in enumerate(pasted)
            )
            for bot in bots:
                assert services_of(bot).queue.flush(30)
            lies = [
                (number, said)
                for number, ts in enumerate(pasted)
                if truth(number % KINDS)[1] not in (said := answers(ts))[0]
            ]
            assert not lies, lies[:3]
            assert len(answers(opening)) == 1
            state = state_of(store.incidents.open_incidents()[0])
            assert sum(state.ledger.totals().values()) == PASTES + 1
            signs, cards = ([one / FASTER for one in found] for found in first_and_last(place.calls, pasted))
            refused = [call for call in place.calls if call.status == 429]
            print(
                f"\n{PASTES} pastes of {KINDS} kinds in {MINUTES} simulated minutes, 2 replicas: first sign"
                f" {median(signs):.2f} s (worst {max(signs):.2f}), answer {median(cards):.2f} s (worst"
                f" {max(cards):.2f}), wrong 0, twice 0, calls {len(place.calls)}, refused {len(refused)}"
            )
        finally:
            for bot in bots:
                bot.close(4)
            store.close()


def test_fifty_cuts_at_random_points_lose_no_paste_and_answer_none_twice() -> None:
    chance, pause = random.Random(19), threading.Event()
    with bench(workspace=hasty_workspace(), settings={"channels": (INCIDENTS,)}, worker=Worker(4, 200)) as made:
        posted, cuts = [], 0
        while cuts < 50:
            if chance.random() < 0.5:
                posted.append(made.workspace.post_message(INCIDENTS, f"{len(posted)} {PASTE}"))
            else:
                made.workspace.drop_connections()
                cuts += 1
            pause.wait(chance.random() * 0.2)
        assert made.workspace.wait_for(lambda: all(made.thread(ts) for ts in posted), 120)
        made.settled()
        assert [len(made.thread(ts)) for ts in posted] == [1] * len(posted)
        again = [one for one in made.workspace.deliveries if one.attempt]
        print(f"\n{cuts} cuts, {len(posted)} pastes: lost 0, answered twice 0, deliveries repeated {len(again)}")
