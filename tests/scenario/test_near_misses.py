"""Near misses: saved views that look like a fault, or like health, and are not. Nobody is accused wrongly.

`python -m tests.scenario.test_near_misses [even|odd]` prints a line for each, and the score.
"""

import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, NoReturn

import pytest
import yaml

from bot.diagnosis.ports import TriageRequest
from bot.diagnosis.service import TriageService
from bot.diagnosis.snapshot import decode_snapshot
from bot.domain.diagnosis import Diagnosis
from bot.domain.view import View
from bot.playbook.loaded import PlaybookSet
from tests.support.near_misses import REFUSED, NearMiss, accusations, shortcomings
from tests.support.shipped import shipped_playbooks

VIEWS = Path(__file__).parents[1] / "nearmiss"


def read_cases() -> Mapping[str, NearMiss]:
    right = yaml.safe_load((VIEWS / "right.yaml").read_text())
    rows = yaml.safe_load((VIEWS / "index.yaml").read_text())
    return {row["name"]: as_case(row, right.get(row["name"], {})) for row in rows}


def as_case(row: Mapping[str, Any], more: Mapping[str, Any]) -> NearMiss:
    causes, mentions = frozenset(more.get("causes", ())), tuple(more.get("mentions", ()))
    return NearMiss(row["name"], row["judge"], row["right"], causes, mentions, bool(more.get("not_healthy")))


CASES = read_cases()


def no_cluster() -> NoReturn:
    raise AssertionError("a snapshot must not ask for a cluster")


@cache
def playbooks() -> PlaybookSet:
    return shipped_playbooks()


@cache
def service() -> TriageService:
    return TriageService(playbooks, no_cluster)


def paste_of(case: NearMiss, view: View) -> str:
    """The paste of the case; for a part of an outage, a refused call to the Service where there is none."""
    path = VIEWS / f"{case.name}.paste"
    if path.exists():
        return path.read_text()
    if case.judge != "part":
        return ""
    called = next(item for item in view.services if item.metadata.name == "api-server")
    return REFUSED.format(address=called.spec.cluster_ip, port=called.spec.ports[0].port)


@cache
def diagnosed(name: str) -> Diagnosis:
    view = decode_snapshot((VIEWS / f"{name}.json.gz").read_bytes(), name, "onyx").view
    paste = paste_of(CASES[name], view)
    symptoms = service().match(paste, "onyx") if paste else ()
    return service().replay(view, TriageRequest("onyx", view.namespace, symptoms))


@pytest.mark.parametrize("name", CASES)
def test_a_near_miss_is_not_called_what_it_is_not(name: str) -> None:
    case, found = CASES[name], diagnosed(name)
    assert (accusations(case, found), shortcomings(case, found)) == ([], []), f"{case.right}\n{found.headline}"


def print_score(half: str) -> None:
    """A line for each near miss that is not right, and how many are."""
    chosen = [name for place, name in enumerate(CASES) if half == "all" or (place % 2 == 0) == (half == "even")]
    accused = wrong = 0
    for name in chosen:
        case, found = CASES[name], diagnosed(name)
        bad, short = accusations(case, found), shortcomings(case, found)
        accused += bool(bad)
        wrong += bool(bad or short)
        if bad or short:
            print(f"{name:52} {case.judge:6} {found.verdict:12} {', '.join(bad)} | {'; '.join(short)}")
    print(f"{half}: {len(chosen)} near misses, {accused} accusations, {len(chosen) - wrong} right")


if __name__ == "__main__":
    for wanted in sys.argv[1:] or ["even", "odd", "all"]:
        print_score(wanted)
