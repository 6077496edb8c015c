"""Near misses of Onyx beside the given ones: the neighbouring state of each, and workloads of a whole release.

`python -m tests.scenario.test_near_miss_neighbours` prints those that are not right, and the score.
"""

from collections.abc import Mapping
from functools import cache

import pytest

from bot.diagnosis.ports import TriageRequest
from bot.domain.diagnosis import Diagnosis
from tests.nearmiss.neighbours.fourth import FOURTH
from tests.nearmiss.neighbours.lives import LIVES
from tests.nearmiss.neighbours.others import OTHERS
from tests.nearmiss.neighbours.release import RELEASE
from tests.nearmiss.neighbours.second_lives import SECOND_LIVES
from tests.nearmiss.neighbours.second_ways import SECOND_WAYS
from tests.nearmiss.neighbours.third import THIRD
from tests.nearmiss.neighbours.ways import WAYS
from tests.nearmiss.variants import Variant
from tests.scenario.test_near_misses import service
from tests.support.near_miss_world import World
from tests.support.near_misses import NearMiss, accusations, shortcomings
from tests.support.sampling import sampled

NEIGHBOURS: Mapping[str, Variant] = {
    row.name: row for row in (*LIVES, *WAYS, *OTHERS, *RELEASE, *SECOND_LIVES, *SECOND_WAYS, *THIRD, *FOURTH)
}


def case_of(row: Variant) -> NearMiss:
    return NearMiss(row.name, row.judge, row.name, frozenset(row.causes), row.mentions, row.not_healthy)


@cache
def diagnosed(name: str) -> Diagnosis:
    row, world = NEIGHBOURS[name], World()
    row.change(world)
    view = world.built()
    symptoms = service().match(row.paste, "onyx") if row.paste else ()
    return service().replay(view, TriageRequest(row.ask, view.namespace, symptoms))


@pytest.mark.parametrize("name", sampled(NEIGHBOURS, 16))
def test_a_neighbour_is_not_called_what_it_is_not(name: str) -> None:
    case, found = case_of(NEIGHBOURS[name]), diagnosed(name)
    assert (accusations(case, found), shortcomings(case, found)) == ([], []), found.headline


@pytest.mark.parametrize(
    ("name", "cause"),
    [
        ("the primary worker crashes", "primary-worker-lock"),
        ("the primary worker is at zero", "celery-worker-primary-scaled-to-zero"),
        ("the primary worker crashes, and so does docfetching, which waits for it", "primary-worker-lock"),
    ],
)
def test_what_follows_from_the_primary_worker_is_no_second_cause(name: str, cause: str) -> None:
    assert [item.id for item in diagnosed(name).root_causes] == [cause]


@pytest.mark.parametrize(
    ("name", "impact"),
    [
        ("the cache that is used is at zero, and every call to it is refused", "degraded"),  # the API still answers
        ("a cache outside refuses, and the API ends of it", "down"),
    ],
)
def test_a_dependency_that_is_down_is_never_without_harm(name: str, impact: str) -> None:
    assert (diagnosed(name).impact.value, diagnosed(name).root_causes[0].affected) == (impact, "")


def print_score() -> None:
    accused = wrong = 0
    for name, row in NEIGHBOURS.items():
        found = diagnosed(name)
        bad, short = accusations(case_of(row), found), shortcomings(case_of(row), found)
        accused += bool(bad)
        wrong += bool(bad or short)
        if bad or short:
            print(f"{name[:60]:60} {row.judge:6} {found.verdict:12} {', '.join(bad)} | {'; '.join(short)}")
    print(f"{len(NEIGHBOURS)} neighbours, {accused} accusations, {len(NEIGHBOURS) - wrong} right")


if __name__ == "__main__":
    print_score()
