"""Whether a change has helped: what one new diagnosis says about the cause it was made for."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.changes.outcome.judgement import CausePresence, Judgement, judge
from bot.domain.changes import Change
from bot.domain.diagnosis import Cause, CauseVerdict, Diagnosis, Verdict
from bot.domain.remedies import Remedy

V = CauseVerdict
P = CausePresence
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
CAUSE = "api-oom-killed"


def change(*others: str) -> Change:
    remedy = Remedy("r", "raise_memory", "Raise", "deployment/api", "operator", "")
    return Change(
        id="c", app="onyx", cluster="prod", namespace="onyx", cause=CAUSE, other_causes=others, remedy=remedy,
        offered_at=NOON, expires_at=NOON,
    )  # fmt: skip


def cause(identity: str = CAUSE, verdict: V = V.CONFIRMED, **parts: str) -> Cause:
    return Cause(identity, verdict, f"Title of {identity}", "Sentence.", **parts)  # type: ignore[arg-type]


def diagnosis(verdict: Verdict, roots: tuple[Cause, ...], causes: tuple[Cause, ...]) -> Diagnosis:
    return Diagnosis(
        app="onyx", app_title="Onyx", namespace="onyx", cluster="prod", collected_at=NOON, verdict=verdict,
        headline="Headline.", root_causes=roots, symptoms=(), causes=causes, checks=(), gaps=(),
    )  # fmt: skip


def of(verdict: V, whole: Verdict, *roots: Cause, explained_by: str = "", others: tuple[str, ...] = ()) -> Judgement:
    """The judgement when the cause has this verdict among these root causes."""
    mine = Cause(CAUSE, verdict, "Title", "Sentence.", explained_by=explained_by or None)
    return judge(change(*others), diagnosis(whole, roots, (mine, *roots)))


OTHER = cause("postgres-crashing")
WELL = Cause("healthy", V.CONFIRMED, "Healthy", "Healthy.", state=True)


@pytest.mark.parametrize(
    ("seen", "presence", "stable", "certain"),
    [
        pytest.param(of(V.CONFIRMED, Verdict.FAULT_FOUND, cause()), P.THERE, False, False, id="a root cause"),
        pytest.param(of(V.LIKELY, Verdict.INCONCLUSIVE), P.THERE, False, False, id="a likely one"),
        pytest.param(
            of(V.RULED_OUT, Verdict.FAULT_FOUND, OTHER, explained_by="postgres-crashing"), P.THERE, False, False,
            id="a consequence of another fault is still there",
        ),
        pytest.param(of(V.UNKNOWN, Verdict.INCONCLUSIVE), P.UNCLEAR, False, False, id="not to be judged"),
        pytest.param(of(V.POSSIBLE, Verdict.INCONCLUSIVE), P.GONE, False, False, id="nothing speaks for it"),
        pytest.param(of(V.RULED_OUT, Verdict.INCONCLUSIVE), P.GONE, False, True, id="ruled out, not all seen"),
        pytest.param(of(V.RULED_OUT, Verdict.HEALTHY, WELL), P.GONE, True, True, id="ruled out and healthy"),
        pytest.param(of(V.POSSIBLE, Verdict.RECOVERED, WELL), P.GONE, True, True, id="recovered"),
        pytest.param(of(V.RULED_OUT, Verdict.FAULT_FOUND, OTHER), P.GONE, False, True, id="a new fault"),
        pytest.param(
            of(V.RULED_OUT, Verdict.FAULT_FOUND, OTHER, others=("postgres-crashing",)), P.GONE, True, True,
            id="another fault was there before",
        ),
    ],
)  # fmt: skip
def test_what_became_of_the_cause(seen: Judgement, presence: CausePresence, stable: bool, certain: bool) -> None:
    assert (seen.presence, seen.stable, seen.certain) == (presence, stable, certain)


def test_a_cause_that_is_not_judged_any_more_is_not_called_fixed_for_that() -> None:
    nothing = judge(change(), diagnosis(Verdict.INCONCLUSIVE, (), ()))
    assert (nothing.stable, nothing.certain, nothing.quiet) == (False, False, False)


def test_other_faults_are_named_by_their_titles() -> None:
    assert of(V.RULED_OUT, Verdict.FAULT_FOUND, OTHER).others == ("Title of postgres-crashing",)
