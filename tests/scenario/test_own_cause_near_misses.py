"""Near misses of every cause that an app's own playbook confirms by a line of its log.

The line is one that the playbook's cases say it knows. It is told by another program of the namespace, or was told three
hours ago, or is told again and again in what a user wrote, or is only pasted: nobody is accused of it.

`python -m tests.scenario.test_own_cause_near_misses` prints those that are not right, and the score.
"""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
import yaml

from bot.diagnosis.ports import TriageRequest
from bot.domain.diagnosis import CauseVerdict, Diagnosis
from bot.playbook.schema import SymptomPlaybook
from tests.scenario.test_near_misses import playbooks, service
from tests.support.near_miss_world import World

pytestmark = pytest.mark.slow

PLAYBOOKS = Path(__file__).parents[2] / "playbooks" / "onyx"
WELL = 'INFO:     10.85.0.1:41822 - "GET /api/me HTTP/1.1" 200 OK'
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
    found: dict[str, list[str]] = {}
    for name, text in told_lines().items():
        bad = [item.id for item in diagnosed(trap, text).causes if item.verdict is CauseVerdict.CONFIRMED]
        states = {item.id for item in diagnosed(trap, text).causes if item.state or item.benign}
        if set(bad) - states:
            found[name] = sorted(set(bad) - states)
    return found


def test_every_cause_that_a_log_confirms_has_a_line() -> None:
    assert len(told_lines()) > 50


@pytest.mark.parametrize("trap", TRAPS)
def test_nobody_is_accused_of_a_line_that_says_nothing_of_the_app_now(trap: str) -> None:
    assert accused(trap) == {}


if __name__ == "__main__":
    for each in TRAPS:
        wrong = accused(each)
        print(each, f"{len(told_lines())} lines, {len(wrong)} accusations", wrong)
