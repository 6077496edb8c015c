"""Near misses of our own, built in code: nobody is accused wrongly, no fault is missed, and it is said what is hit.

`python -m tests.scenario.test_near_miss_variants` prints those that are not right, and the score.
"""

from collections.abc import Mapping
from functools import cache

import pytest

from bot.diagnosis.ports import TriageRequest
from bot.domain.diagnosis import Diagnosis
from tests.nearmiss.variants import Variant
from tests.nearmiss.variants.aftermath import AFTERMATH
from tests.nearmiss.variants.beyond import BEYOND
from tests.nearmiss.variants.clocks import CLOCKS
from tests.nearmiss.variants.company import COMPANY
from tests.nearmiss.variants.company_of_pods import COMPANY_OF_PODS
from tests.nearmiss.variants.engines import ENGINES
from tests.nearmiss.variants.hearsay import HEARSAY
from tests.nearmiss.variants.holders import HOLDERS
from tests.nearmiss.variants.living import LIVING
from tests.nearmiss.variants.meshes import MESHES
from tests.nearmiss.variants.more import MORE
from tests.nearmiss.variants.network import DEPENDENCIES, NETWORK, PASTES
from tests.nearmiss.variants.ours import OURS
from tests.nearmiss.variants.pods import PODS
from tests.nearmiss.variants.resized import RESIZED, UNSIZED
from tests.nearmiss.variants.standing import STANDING
from tests.nearmiss.variants.times import TIMES
from tests.nearmiss.variants.turning import TURNING
from tests.nearmiss.variants.undescribed import UNDESCRIBED
from tests.nearmiss.variants.unread import UNREAD
from tests.nearmiss.variants.urls import URLS
from tests.nearmiss.variants.ways import WAYS
from tests.scenario.test_near_misses import service
from tests.support.near_miss_world import World
from tests.support.near_misses import NearMiss, accusations, shortcomings
from tests.support.sampling import sampled

VARIANTS: Mapping[str, Variant] = {
    row.name: row
    for row in (
        *URLS,
        *PODS,
        *NETWORK,
        *DEPENDENCIES,
        *PASTES,
        *MORE,
        *LIVING,
        *WAYS,
        *HOLDERS,
        *TIMES,
        *ENGINES,
        *COMPANY,
        *OURS,
        *CLOCKS,
        *UNREAD,
        *UNDESCRIBED,
        *STANDING,
        *TURNING,
        *BEYOND,
        *MESHES,
        *HEARSAY,
        *AFTERMATH,
        *COMPANY_OF_PODS,
        *RESIZED,
        *UNSIZED,
    )
}


def case_of(row: Variant) -> NearMiss:
    return NearMiss(row.name, row.judge, row.name, frozenset(row.causes), row.mentions, row.not_healthy)


@cache
def diagnosed(name: str) -> Diagnosis:
    row, world = VARIANTS[name], World()
    row.change(world)
    view = world.built()
    symptoms = service().match(row.paste, "onyx") if row.paste else ()
    subject = f"namespace/{view.namespace}" if row.ask == "namespace" else row.ask
    return service().replay(view, TriageRequest(subject, view.namespace, symptoms))


# Rules that hold in other rows, too, asked of further worlds: what there is too much of for every run.
FURTHER = frozenset(
    row.name
    for tables in (
        (MORE, WAYS, COMPANY, OURS, CLOCKS, UNREAD, UNDESCRIBED, STANDING, TURNING, BEYOND),
        (MESHES, HEARSAY, AFTERMATH, COMPANY_OF_PODS, RESIZED, UNSIZED),
    )
    for table in tables
    for row in table
)


@pytest.mark.parametrize(
    "name",
    [
        *sampled((name for name in VARIANTS if name not in FURTHER), 2),
        *[pytest.param(name, marks=pytest.mark.slow) for name in VARIANTS if name in FURTHER],
    ],
)
def test_a_variant_is_not_called_what_it_is_not(name: str) -> None:
    case, found = case_of(VARIANTS[name]), diagnosed(name)
    assert (accusations(case, found), shortcomings(case, found)) == ([], []), found.headline


@pytest.mark.parametrize("name", ["a sidecar keeps crashing", "an injected native sidecar crashes"])
def test_the_log_of_a_crashed_run_is_asked_for_by_its_container(name: str) -> None:
    """Without one, kubectl reads the first container, which is another where a sidecar crashes."""
    causes = [cause for cause in diagnosed(name).root_causes if cause.id == "api-crash-looping"]
    commands = [one.command for cause in causes for one in cause.remedies if one.id == "show-log-api"]
    assert commands
    assert all(" -c agent --previous" in command for command in commands), commands


def print_score() -> None:
    accused = wrong = 0
    for name, row in VARIANTS.items():
        bad, short = accusations(case_of(row), diagnosed(name)), shortcomings(case_of(row), diagnosed(name))
        accused += bool(bad)
        wrong += bool(bad or short)
        if bad or short:
            print(f"{name[:60]:60} {row.judge:6} {diagnosed(name).verdict:12} {', '.join(bad)} | {'; '.join(short)}")
    print(f"{len(VARIANTS)} variants, {accused} accusations, {len(VARIANTS) - wrong} right")


if __name__ == "__main__":
    print_score()
