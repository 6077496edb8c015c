"""What apply knew of an outage is told again by the next diagnosis, and by no other."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.cli.outages import FILE, note, recalled
from bot.domain.diagnosis import Diagnosis, Verdict

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def at(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


def diagnosis(verdict: Verdict, since: float | None, until: float | None, seen: float) -> Diagnosis:
    return Diagnosis(
        app="onyx",
        app_title="Onyx",
        namespace="onyx",
        cluster="sandbox",
        collected_at=at(seen),
        verdict=verdict,
        headline="Onyx: something.",
        root_causes=(),
        causes=(),
        symptoms=(),
        checks=(),
        gaps=(),
        since=None if since is None else at(since),
        until=None if until is None else at(until),
    )


BEFORE = diagnosis(Verdict.FAULT_FOUND, 0, None, seen=5)
AFTER = diagnosis(Verdict.RECOVERED, 6, 7, seen=8)  # what the cluster records: the fix's own rollout


@pytest.fixture
def state(tmp_path: Path) -> Path:
    note(tmp_path / "state", BEFORE, at(7))
    return tmp_path / "state"


def test_the_whole_outage_is_told(state: Path) -> None:
    told = recalled(state, AFTER)
    assert (told.since, told.until, told.verdict) == (at(0), at(7), Verdict.RECOVERED)


@pytest.mark.parametrize(
    "other",
    [
        replace(AFTER, namespace="onyx-2"),
        replace(AFTER, cluster="prod"),
        replace(AFTER, verdict=Verdict.HEALTHY),
        replace(AFTER, verdict=Verdict.FAULT_FOUND, until=None),
        replace(AFTER, since=at(20), until=at(21), collected_at=at(22)),
        replace(AFTER, since=at(-9), until=at(-8)),
    ],
    ids=["another namespace", "another cluster", "healthy", "down again", "a later outage", "an earlier outage"],
)
def test_another_outage_keeps_its_own_times(state: Path, other: Diagnosis) -> None:
    assert recalled(state, other) == other


@pytest.mark.parametrize("text", ["", "[]", "{", '{"sandbox/onyx/onyx": {"seen": "soon"}}', '{"sandbox/onyx/onyx": 1}'])
def test_a_broken_note_changes_nothing(state: Path, text: str) -> None:
    (state / FILE).write_text(text, encoding="utf-8")
    assert recalled(state, AFTER) == AFTER


def test_a_directory_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    note(tmp_path / "file" / "state", BEFORE, at(7))
    assert recalled(tmp_path / "file" / "state", AFTER) == AFTER
