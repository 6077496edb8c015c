"""Near misses of every cause that an app's own playbook confirms by a line of its log.

The line is one that the playbook's cases say it knows. It is told by another program of the namespace, was told three
hours or ten minutes ago, or is only pasted: nobody is accused of it. Told now, while calls fail, it leads to a fault.

`python -m tests.scenario.test_own_cause_near_misses` prints those that are not right, and the score.
"""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
import yaml

from bot.diagnosis.ports import TriageRequest
from bot.domain.diagnosis import CauseVerdict, Diagnosis, Verdict
from bot.playbook.schema import SymptomPlaybook
from tests.scenario.test_near_misses import playbooks, service
from tests.support.near_miss_world import World

pytestmark = pytest.mark.slow

PLAYBOOKS = Path(__file__).parents[2] / "playbooks" / "onyx"
WELL = 'INFO:     10.85.0.1:41822 - "GET /api/me HTTP/1.1" 200 OK'
FAILED = 'INFO:     10.85.0.1:41822 - "POST /api/chat/send-message HTTP/1.1" 500 Internal Server Error'
NOW, LONG_AGO = (250, 190, 130, 70, 20, 5), (10_900, 10_860, 10_820, 10_800)
HOURS = (9_000, 5_400, 3_000, 900, 300, 120, 40, 4)


def told_lines() -> Mapping[str, str]:
    """For each symptom with a cause that its log confirms: a line, or several, that it knows."""
    found: dict[str, str] = {}
    cases = {path.name.removesuffix(".test.yaml"): path for path in PLAYBOOKS.rglob("*.test.yaml")}
    for symptom in told_by_log():
        rows = yaml.safe_load(cases[symptom.id.replace("_", "-")].read_text())["pastes"]
        found[symptom.id] = next(row["text"].strip() for row in rows if row["expect"] == "match")
    return found


def told_by_log() -> Iterator[SymptomPlaybook]:
    for symptom in playbooks().symptoms_of("onyx"):
        if any(f"symptoms.{symptom.id}.in_log_now" in repr(cause.confirm) for cause in symptom.causes):
            yield symptom


def lines(text: str, ages: tuple[int, ...]) -> list[tuple[float, str]]:
    return [(age - number * 0.01, line) for age in ages for number, line in enumerate(text.splitlines())]


def by_another(world: World, text: str) -> World:
    """A program that is none of the app's says it; the app serves."""
    world.beside("billing", {"app": "billing"})
    world.log("api-server", *((age, WELL) for age in HOURS))
    return world.log("billing", *lines(text, NOW))


def long_ago(world: World, text: str) -> World:
    """The API server said it three hours ago, and has served since."""
    return world.log("api-server", *lines(text, LONG_AGO), *((age, WELL) for age in HOURS))


def only_pasted(world: World, text: str) -> World:
    """Somebody pastes it, and nothing here says so."""
    return world.log("api-server", *((age, WELL) for age in HOURS))


def over(world: World, text: str) -> World:
    """It was said for a minute, ten minutes ago, and calls have been answered since."""
    later = ((age, WELL) for age in (560, 500, 420, 300, 240, 180, 120, 60, 30, 4))
    return world.log("api-server", *lines(text, (640, 620, 600, 580)), *later)


TRAPS: Mapping[str, Callable[[World, str], World]] = {
    "another program says it": by_another,
    "it was said three hours ago": long_ago,
    "it is only pasted": only_pasted,
    "it was said for a minute, ten minutes ago": over,
}


def diagnosed(trap: str, text: str) -> Diagnosis:
    view = TRAPS[trap](World(), text).built()
    symptoms = service().match(text, "onyx") if trap == "it is only pasted" else ()
    return service().replay(view, TriageRequest("onyx", view.namespace, symptoms))


def accused(trap: str) -> Mapping[str, list[str]]:
    """For each symptom whose line leads to an accusation: of what."""
    found = {name: confirmed(diagnosed(trap, text)) for name, text in told_lines().items()}
    return {name: causes for name, causes in found.items() if causes}


def confirmed(found: Diagnosis) -> list[str]:
    faults = [item for item in found.causes if item.verdict is CauseVerdict.CONFIRMED]
    return [item.id for item in faults if not item.state and not item.benign]


@pytest.mark.parametrize("trap", TRAPS)
def test_nobody_is_accused_of_a_line_that_says_nothing_of_the_app_now(trap: str) -> None:
    assert accused(trap) == {}


def test_what_is_said_now_while_calls_fail_is_a_fault() -> None:
    symptoms = {item.id: item for item in told_by_log()}
    lines_of = {
        name: text for name, text in told_lines().items() if any(not one.benign for one in symptoms[name].causes)
    }
    found = {name: now_and_failing(text).verdict for name, text in lines_of.items()}
    assert len(found) > 50
    assert {name for name, verdict in found.items() if verdict is not Verdict.FAULT_FOUND} == set()


def now_and_failing(text: str) -> Diagnosis:
    """The API server says it again and again, and answers with errors."""
    failed = ((age - 1, FAILED) for age in NOW)
    rows = sorted([*lines(text, NOW), *failed, (9_000, WELL), (5_400, WELL)], reverse=True)
    view = World().log("api-server", *rows).built()
    return service().replay(view, TriageRequest("onyx", view.namespace, ()))


if __name__ == "__main__":
    for each in TRAPS:
        wrong = accused(each)
        print(each, f"{len(told_lines())} lines, {len(wrong)} accusations", wrong)
