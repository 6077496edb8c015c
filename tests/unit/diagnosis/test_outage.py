"""The window of an outage, when an earlier diagnosis knew more of it than the cluster records in the end."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.diagnosis.outage import Outage, outage_of, with_outage
from bot.domain.diagnosis import Cause, CauseVerdict, Diagnosis, Verdict

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def at(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


def found(verdict: Verdict, now: float, since: float | None = None, until: float | None = None) -> Diagnosis:
    rollout = "It is over: the API server was down from 12:04:00 UTC to 12:05:00 UTC (scaled to zero or replaced)."
    recovered = Cause("recovered", CauseVerdict.CONFIRMED, "It has recovered", rollout, state=True)
    over = verdict is Verdict.RECOVERED
    return Diagnosis(
        app="onyx", app_title="Onyx", namespace="onyx", cluster="c", collected_at=at(now), verdict=verdict,
        headline=f"Onyx is healthy now. {rollout}" if over else "Onyx is healthy.",
        root_causes=(recovered,) if over else (), causes=(recovered,) if over else (),
        symptoms=(), checks=(), gaps=(),
        since=None if since is None else at(since), until=None if until is None else at(until),
    )  # fmt: skip


FAULT, HEALTHY, RECOVERED, OPEN = Verdict.FAULT_FOUND, Verdict.HEALTHY, Verdict.RECOVERED, Verdict.INCONCLUSIVE


@pytest.mark.parametrize(
    ("looks", "window"),
    [
        pytest.param([found(FAULT, 1, 0), found(RECOVERED, 6, 4, 5)], (0, 5), id="the fix's rollout is only its end"),
        pytest.param([found(FAULT, 1, 0), found(HEALTHY, 6)], (0, 6), id="a rollout without an outage of its own"),
        pytest.param([found(FAULT, 1, 0), found(FAULT, 3, 2)], (0, None), id="a fault does not begin later"),
        pytest.param([found(FAULT, 3, 2), found(FAULT, 4, 0)], (0, None), id="it may have begun earlier"),
        pytest.param(
            [found(FAULT, 1, 0), found(OPEN, 2), found(RECOVERED, 6, 4, 5)], (0, 5), id="undecided in between"
        ),
        pytest.param(
            [found(FAULT, 1, 0), found(RECOVERED, 6, 4, 5), found(RECOVERED, 9, 4, 5)], (0, 5), id="checked again"
        ),
        pytest.param(
            [found(FAULT, 1, 0), found(HEALTHY, 6), found(OPEN, 7), found(HEALTHY, 9)], (0, 6), id="undecided after"
        ),
        pytest.param([found(FAULT, 1, 0), found(HEALTHY, 6), found(FAULT, 9, 8)], (8, None), id="down once more"),
        pytest.param(
            [found(FAULT, 1, 0), found(HEALTHY, 6), found(RECOVERED, 9, 7, 8)], (7, 8), id="down once more, and over"
        ),
        pytest.param([found(FAULT, 1), found(RECOVERED, 6, 4, 5)], (None, 5), id="nobody knows when it began"),
        pytest.param([found(FAULT, 3), found(RECOVERED, 6, 0, 5)], (0, 5), id="known only in the end"),
        pytest.param([found(FAULT, 3, 2), found(RECOVERED, 6, 0, 1)], (2, 6), id="the recorded one was another"),
        pytest.param([found(HEALTHY, 1), found(HEALTHY, 2)], (None, None), id="nothing was ever down"),
    ],
)
def test_an_outage_lasts_from_its_first_known_moment_to_its_end(
    looks: list[Diagnosis], window: tuple[float | None, float | None]
) -> None:
    seen = looks[0]
    for look in looks[1:]:
        seen = with_outage(look, outage_of(seen))
        assert seen.verdict is look.verdict
    assert (seen.since, seen.until) == tuple(None if one is None else at(one) for one in window)


def test_what_it_says_is_the_whole_window_once_and_not_why_the_fix_replaced_the_pods() -> None:
    whole = with_outage(found(RECOVERED, 6, 4, 5), Outage(at(1), at(0)))
    assert whole.headline == "Onyx is healthy now. It was down from 12:00:00 UTC to 12:05:00 UTC."
    assert whole.root_causes[0].sentence in whole.headline
    days = with_outage(found(RECOVERED, 6, 4, 5), Outage(at(1), at(-24 * 60)))
    assert "from 2026-11-22 12:00:00 UTC to 2026-11-23 12:05:00 UTC" in days.headline
    assert with_outage(found(RECOVERED, 6, 4, 5), Outage(at(1))).headline == "Onyx is healthy now."


def test_harmless_findings_stay_and_the_first_good_look_is_the_end() -> None:
    harmless = replace(found(HEALTHY, 6), headline="Onyx is healthy. The reloads are harmless.")
    said = "Onyx is healthy now. It was down from 12:00:00 UTC to 12:05:30 UTC. The reloads are harmless."
    assert with_outage(harmless, Outage(at(1), at(0)), at(5.5)).headline == said
