"""Killed at any step between the offer and the outcome, the next process finds the truth in the cluster.

Nothing takes effect twice, nothing is applied late by itself, and what a change says is what the cluster says.
"""

from __future__ import annotations

import multiprocessing
import signal
from collections import Counter
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from bot.adapters.store.store import open_store
from bot.domain.changes import MOVES, Change, ChangeState
from tests.databases import StoreCase
from tests.scenario import one_life
from tests.scenario.changing import stage
from tests.scenario.crashing import HEALED, LIVES, Clock, Fuse, Killed, Life, Theatre, kills, policy_in

pytestmark = pytest.mark.slow

S = ChangeState


def kill_and_recover(theatre: Theatre, fuse: Fuse) -> None:
    """One process lives until its fuse blows; another one cleans up, however long that takes."""
    try:
        theatre.live(theatre.process(fuse))
    except Killed:
        theatre.wait(theatre.process(Fuse()))


def check(theatre: Theatre, label: str) -> None:
    """The database, the audit and the cluster tell the same story."""
    effects = Counter((effect.change_id, effect.target) for effect in theatre.cluster.effects)
    assert all(number == 1 for number in effects.values()), (label, effects)
    for change in theatre.changes():
        assert change.due_at is None, (label, change.state)
        _check_truth(theatre, change, label)
        _check_audit(theatre, change, label)


def _check_truth(theatre: Theatre, change: Change, label: str) -> None:
    done = [effect.target for effect in theatre.cluster.effects if effect.change_id == change.id]
    wanted = [write.target for write in change.writes]
    said = (label, change.state, change.outcome, done)
    if change.state in (S.EXPIRED, S.REFUSED, S.SUPERSEDED):
        assert not done, said
    elif change.state in (S.FIXED, S.NOT_FIXED, S.ROLLED_BACK):
        assert done == wanted, said
    else:
        assert change.state is S.FAILED, said
        assert done != wanted, said
        if not done:
            assert "nothing was changed" in change.outcome, said
        else:
            assert f"Done: {', '.join(done)}." in change.outcome, said
    undone = any(item.undoes == change.id and item.state is S.FIXED for item in theatre.changes())
    assert undone is (change.state is S.ROLLED_BACK), said
    if undone:
        assert theatre.cluster.things["configmap/env"].says != HEALED, said


def _check_audit(theatre: Theatre, change: Change, label: str) -> None:
    """One entry for each move, in an order that there is, up to the state it is in."""
    entries = theatre.store.audit.entries(about=change.id)
    moves = [S(item.event.removeprefix("change.")) for item in entries if item.event != "change.approval"]
    assert moves[0] is S.OFFERED, (label, moves)
    assert moves[-1] is change.state, (label, moves)
    assert all(after in MOVES[before] for before, after in pairwise(moves)), (label, moves)


@pytest.mark.parametrize("life", LIVES, ids=lambda life: life.claim)
def test_killed_at_any_step_nothing_is_lost_and_nothing_happens_twice(life: Life, tmp_path: Path) -> None:
    policy, clock, undisturbed = policy_in(tmp_path), Clock(), Fuse()
    store = open_store("sqlite://", clock)
    theatre = Theatre(life, store, clock, policy)
    theatre.live(theatre.process(undisturbed))
    check(theatre, "undisturbed")
    assert undisturbed.steps.count("apply") == life.steps * (2 if life.undone else 1)
    finals = Counter[str]()
    for number, fuse in enumerate(kills(undisturbed.steps)):
        clock.now += timedelta(hours=2)  # budgets count by the hour
        theatre = Theatre(life, store, clock, policy, f"incident {number}")
        kill_and_recover(theatre, fuse)
        check(theatre, f"killed {fuse.when} step {fuse.at} ({undisturbed.steps[fuse.at]})")
        finals.update(change.state.value for change in theatre.changes())
    assert store.audit.verify().broken is None
    assert {"fixed", "failed", "expired"} <= set(finals), finals
    store.close()


@pytest.mark.parametrize("when", ["before", "after", "late"])
def test_the_same_on_each_database_at_the_last_write(when: str, database: StoreCase, tmp_path: Path) -> None:
    policy, clock = policy_in(tmp_path), Clock()
    theatre = Theatre(Life("two objects", steps=2), database.open(), clock, policy)
    kill_and_recover(theatre, Fuse(8, when))
    assert [effect.target for effect in theatre.cluster.effects] == ["configmap/env", "deployment/web"]
    check(theatre, f"{database.kind}, killed {when} the last write")
    assert [change.state for change in theatre.changes()] == [S.FIXED]
    assert theatre.store.audit.verify().broken is None


PROCESSES = multiprocessing.get_context("forkserver")
"""Starts processes from one that has imported everything already; that one has no threads."""
PROCESSES.set_forkserver_preload(["tests.scenario.one_life"])

KILL_POINTS = (
    ("move claimed", "after", "failed", 0),
    ("apply", "after", "fixed", 1),
)


@pytest.mark.parametrize(("step", "when", "final", "writes"), KILL_POINTS)
def test_a_real_process_killed_by_the_kernel_leaves_a_change_that_the_next_one_ends(
    step: str, when: str, final: str, writes: int, tmp_path: Path
) -> None:
    url = f"sqlite:///{tmp_path}/triage.db"
    with stage("api-oom-killed", tmp_path, url=url) as made:
        child = PROCESSES.Process(target=one_life.main, args=(str(tmp_path), url, made.cluster.now(), step, when))
        child.start()
        child.join(120)
        assert child.exitcode == -signal.SIGKILL
        (change,) = made.store.changes.of_incident("i1")
        assert change.due_at is not None
        assert made.until_done(change.id).state.value == final
        assert len(made.writes()) == writes
        assert made.store.audit.verify().broken is None
