"""A fix is pressed while one Slack call in four fails, with two replicas: pressed once, one effect, the card tells it.

The clock is the simulated cluster's. Whoever presses does what people do: where nothing came of a press, press again.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bot.adapters.slack.bot import SlackBot
from bot.adapters.slack.events.changes.home import ChangeFacts
from bot.domain.changes import Change, ChangeState
from bot.incidents.fixes.follow import Fixes
from bot.sandbox.workspace.state.seed import INCIDENTS, ONCALL, SECOND
from tests.scenario.slack_bench import PASTE
from tests.scenario.slack_changing import TWO_PAIRS_OF_EYES, Scene, buttons_of, scene, started

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

SHARE = 0.25
"""Of the calls that fail. The seeds are such that the first one does."""
MOST_ROUNDS = 60
MOST_PRESSES = 8

Replica = tuple[SlackBot, Fixes, ChangeFacts]


@contextmanager
def bad_day(seed: int, folder: Path, *policy: tuple[str, str]) -> Iterator[tuple[Scene, Scene]]:
    """Two replicas, as two benches, on one database; from here on calls fail."""
    with scene("api-oom-killed", folder, *policy) as one:
        bot, fixes, _ = started(one.workspace, one.stage)
        other = Scene(one.workspace, one.stage, bot, fixes)
        one.workspace.fail_by_chance(random.Random(seed), SHARE)
        try:
            yield one, other
        finally:
            one.workspace.fail_by_chance(None)
            bot.close(4)


def until(both: tuple[Scene, Scene], condition: Callable[[], object], what: str) -> None:
    """Let time pass, with a round of upkeep of both replicas each, until it is so."""
    for _ in range(MOST_ROUNDS):
        for made in (*both, *both, *both):  # what one finishes may be work for the other; time must not pass meanwhile
            made.quiet()
        if condition():
            return
        both[0].stage.cluster.advance(50)  # longer than any lease: what one gave up the other takes over
        for made in both:
            assert made.bot._parts is not None
            made.bot._parts.upkeep.tick()
    texts = [one["text"] for one in both[0].workspace.messages(INCIDENTS)]
    raise AssertionError((what, texts, both[0].workspace.views(ONCALL), both[0].workspace.ephemerals(ONCALL)))


def insisted(both: tuple[Scene, Scene], act: Callable[[], object], came: Callable[[], object], what: str) -> int:
    """Do it, and again while nothing came of it, as people do; how often."""
    for presses in range(1, MOST_PRESSES + 1):
        act()
        for made in both:
            made.quiet()
        if came():
            return presses
    raise AssertionError((what, both[0].workspace.views(ONCALL), both[0].workspace.ephemerals(ONCALL)))


def messages(made: Scene, ts: str, *says: str) -> list[dict]:
    """What stands in the thread and says all of this."""
    return [one for one in made.thread(ts) if all(word in str(one) for word in says)]


def raising(made: Scene) -> list[Change]:
    """Those that are past their preview."""
    incidents = made.store.incidents.open_incidents()
    every = [one for incident in incidents for one in made.store.changes.of_incident(incident.id)]
    idle = (ChangeState.OFFERED, ChangeState.PREVIEWED, ChangeState.EXPIRED, ChangeState.SUPERSEDED)
    return [one for one in every if one.remedy.kind == "raise_memory" and one.state not in idle]


def previewed(both: tuple[Scene, Scene], ts: str) -> None:
    """The window with the fix is open for ONCALL."""
    made = both[0]

    def press() -> None:
        made.press(messages(made, ts, "change_look_0")[-1], "change_look_0", ONCALL)

    insisted(both, press, lambda: "What will be changed" in str(made.workspace.views(ONCALL)[-1:]), "no preview")


def asked_for(both: tuple[Scene, Scene], ts: str) -> Change:
    """The form was sent, and taken. Who is told that Slack could not be asked begins anew, as people do."""
    made = both[0]

    def ask() -> None:
        previewed(both, ts)
        made.submitted()

    insisted(both, ask, lambda: raising(made), "the form was lost")
    (change,) = raising(made)
    return change


@pytest.mark.parametrize("seed", [1, 3, 4, 8])
def test_a_fix_is_made_once_and_the_card_tells_it(tmp_path: Path, seed: int) -> None:
    with bad_day(seed, tmp_path) as both:
        made = both[0]
        ts = made.workspace.post_message(INCIDENTS, PASTE)
        until(both, lambda: messages(made, ts, "Fault found", "change_look_0"), "no card")
        change = asked_for(both, ts)
        assert made.time_passes(change.id).state is ChangeState.FIXED
        until(both, lambda: messages(made, ts, "large_green_circle", "Fixed", "It was down"), "the card tells nothing")
        assert len(made.stage.writes()) == 1
        assert len(made.thread(ts)) == 1, [one["text"] for one in made.thread(ts)]
        assert made.stage.states(change.id).count("applied") == 1
        assert made.workspace.faults_given


@pytest.mark.parametrize("seed", [14, 18, 21, 28])
def test_a_request_is_posted_once_and_approved_once(tmp_path: Path, seed: int) -> None:
    with bad_day(seed, tmp_path, TWO_PAIRS_OF_EYES) as both:
        made = both[0]
        ts = made.workspace.post_message(INCIDENTS, PASTE)
        until(both, lambda: messages(made, ts, "Fault found", "change_look_0"), "no card")
        change = asked_for(both, ts)
        until(both, lambda: messages(made, ts, "Approval needed", "change_approve"), "no request")
        (request,) = messages(made, ts, "Approval needed", "change_approve")

        def approve() -> None:
            if messages(made, ts, "change_approve"):
                made.press(request, "change_approve", SECOND)

        done = (ChangeState.APPLIED, ChangeState.VERIFYING, ChangeState.FIXED)
        insisted(both, approve, lambda: made.stage.change(change.id).state in done, "the approval was lost")
        assert made.time_passes(change.id).state is ChangeState.FIXED
        until(both, lambda: messages(made, ts, "large_green_circle", "Fixed"), "the card tells nothing")
        until(both, lambda: not any("change_approve" in str(buttons_of(one)) for one in made.thread(ts)), "still asks")
        assert len(made.stage.writes()) == 1
        assert len(made.thread(ts)) == 2, [one["text"] for one in made.thread(ts)]
        assert made.stage.states(change.id).count("approved") == 1
