"""Near misses and faults of apps without a playbook: nobody is accused wrongly, no fault is called healthy.

`python -m tests.scenario.test_shop_near_misses` prints those that are not right, and the score.
"""

import sys
from collections.abc import Iterator, Mapping
from functools import cache

import pytest

from bot.diagnosis.ports import TriageRequest
from bot.domain.diagnosis import CauseVerdict, Diagnosis
from bot.domain.view import View
from tests.nearmiss.programs.keeping import KEEPING
from tests.nearmiss.programs.knowing import KNOWING
from tests.nearmiss.programs.sailing import SAILING
from tests.nearmiss.programs.seeming import SEEMING
from tests.nearmiss.programs.tables import BY_HAND, FORMATS, PROGRAMS_ILL, PROGRAMS_WELL
from tests.nearmiss.programs.turning import TURNING
from tests.nearmiss.said.echoing import ECHOING
from tests.nearmiss.said.hearing import HEARING
from tests.nearmiss.said.lasting import LASTING
from tests.nearmiss.said.murmuring import MURMURING
from tests.nearmiss.said.telling import TELLING
from tests.nearmiss.said.wording import WORDING
from tests.nearmiss.shops import ShopCase
from tests.nearmiss.shops.benches import BENCHES
from tests.nearmiss.shops.beside import BESIDE
from tests.nearmiss.shops.booking import BOOKING
from tests.nearmiss.shops.calling import CALLING
from tests.nearmiss.shops.ending import ENDING
from tests.nearmiss.shops.gating import GATING
from tests.nearmiss.shops.helping import HELPING
from tests.nearmiss.shops.holding import HOLDING
from tests.nearmiss.shops.making import healthy
from tests.nearmiss.shops.objects import OBJECTS
from tests.nearmiss.shops.passing import PASSING
from tests.nearmiss.shops.placing import PLACING
from tests.nearmiss.shops.roads import ROADS
from tests.nearmiss.shops.rooms import ROOMS
from tests.nearmiss.shops.running import RUNNING
from tests.nearmiss.shops.shapes import SHAPES
from tests.nearmiss.shops.starting import STARTING
from tests.nearmiss.shops.suffering import SUFFERING
from tests.nearmiss.shops.suites import SUITES
from tests.scenario.test_near_misses import service
from tests.support.near_misses import NearMiss, accusations, shortcomings

TABLES = (STARTING, PLACING, RUNNING, CALLING, TELLING, SUFFERING, SHAPES)
LATER = (HOLDING, ENDING, ROOMS, ROADS, WORDING, PASSING, BESIDE, HEARING, GATING, MURMURING, SUITES, HELPING)
BENCHED = (BENCHES, OBJECTS, BOOKING, ECHOING, LASTING)
KNOWN = (PROGRAMS_WELL, PROGRAMS_ILL, BY_HAND, FORMATS, KEEPING, TURNING, KNOWING, SAILING, SEEMING)
CASES: Mapping[str, ShopCase] = {row.name: row for table in (*TABLES, *LATER, *BENCHED, *KNOWN) for row in table}

pytestmark = pytest.mark.slow


@cache
def changed(name: str) -> View:
    world = healthy(CASES[name].base)
    CASES[name].change(world)
    return world.built()


def diagnosed(name: str, subject: str) -> Diagnosis:
    view = changed(name)
    asked = f"namespace/{view.namespace}" if subject == "namespace" else subject
    return service().replay(view, TriageRequest(asked, view.namespace, ()))


def judged(name: str) -> Iterator[tuple[str, Diagnosis, list[str], list[str]]]:
    """For each way to ask: the answer, whom it accuses wrongly, and what else is not right about it."""
    row = CASES[name]
    case = NearMiss(name, row.judge, name, frozenset(), row.words, row.not_healthy)
    for subject in row.asks:
        found = diagnosed(name, subject)
        strangers = [
            f"accuses {one.id}"
            for one in found.root_causes
            if row.about and not one.state and one.component and not one.component.startswith(row.about)
        ]
        forbidden = [one for one in asserted(found) if any(part in one for part in row.never)]
        yield subject, found, accusations(case, found) + strangers + forbidden, shortcomings(case, found)


def asserted(found: Diagnosis) -> Iterator[str]:
    """The ids of what is confirmed, and of what would be done about anything."""
    for cause in found.causes:
        if cause.verdict is CauseVerdict.CONFIRMED and not cause.state:
            yield cause.id
        yield from (f"offers {remedy.id}" for remedy in cause.remedies if remedy.steps)


@pytest.mark.parametrize("name", CASES)
def test_it_is_called_what_it_is(name: str) -> None:
    wrong = [(subject, bad, short, found.headline) for subject, found, bad, short in judged(name) if bad or short]
    assert wrong == []


@pytest.mark.parametrize("table", [PLACING, STARTING, GATING], ids=["placing", "starting", "gating"])
def test_what_nobody_can_tell_yet_is_no_list_of_guesses(table: tuple[ShopCase, ...]) -> None:
    """What is seen is told; what only a program that runs can have is not possible before it has begun."""
    guesses = [
        (row.name, found.headline)
        for row in table
        for found in (diagnosed(row.name, row.asks[-1]),)
        if "possible:" in found.headline
    ]
    assert guesses == []


@pytest.mark.parametrize("name", ["a gate was set five seconds ago", "no scheduler has looked at it for eight seconds"])
def test_a_program_that_has_not_begun_has_no_fault_of_one_that_runs(name: str) -> None:
    running = {"orders-overloaded", "orders-not-responding", "orders-not-listening", "orders-unschedulable"}
    verdicts = {cause.id: cause.verdict for cause in diagnosed(name, "namespace").causes if cause.id in running}
    assert set(verdicts.values()) == {CauseVerdict.RULED_OUT}, verdicts


def test_that_a_chatty_log_was_not_read_far_enough_stands_beside_healthy() -> None:
    world = healthy("shop")
    next(log for log in world.view["logs"] if log["pod"].startswith("orders"))["short"] = True
    view = world.built()
    found = service().replay(view, TriageRequest(f"namespace/{view.namespace}", view.namespace, ()))
    assert found.verdict.value == "healthy"
    assert [note for note in found.notes if "were read in the log of orders" in note] != []


def print_score(*words: str) -> None:
    accused = healthy_over = wrong = 0
    later = {row.name for table in (*LATER, *BENCHED, *KNOWN) for row in table}
    cases = {
        name: row
        for name, row in CASES.items()
        if not words or (words == ("later",) and name in later) or any(word in name for word in words)
    }
    for name, row in cases.items():
        results = list(judged(name))
        accused += any(bad for _, _, bad, _ in results)
        wrong += any(bad or short for _, _, bad, short in results)
        fault = row.judge in ("fault", "part", "names") or row.not_healthy
        healthy_over += fault and any(found.verdict.value in ("healthy", "recovered") for _, found, _, _ in results)
        for subject, found, bad, short in results:
            if bad or short:
                print(f"{name} [{subject}] {row.judge} -> {found.headline[:170]}\n      {bad} | {short}")
    print(f"{len(cases)} cases, {accused} accusations, {healthy_over} called healthy, {len(cases) - wrong} right")


if __name__ == "__main__":
    print_score(*sys.argv[1:])
