"""Every cause that can be confirmed has a near miss that is named for it, in which it is not confirmed.

`tests/nearmiss/against.yaml` names them, of all sets. A cause of an app that a line of the log confirms has its own
(`test_own_cause_near_misses`); one of an app that is not there may have a case of its playbook that rules it out.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import pytest
import yaml

from bot.domain.diagnosis import CauseVerdict, Diagnosis
from bot.playbook.schema import CauseSpec
from tests.scenario import test_near_miss_variants, test_near_misses, test_shop_near_misses
from tests.scenario.test_near_misses import playbooks

ROOT = Path(__file__).parents[2]
PLACEHOLDER = re.compile(r"\{\w+\}")


def against() -> Mapping[str, list[str]]:
    found: dict[str, list[str]] = yaml.safe_load((ROOT / "tests" / "nearmiss" / "against.yaml").read_text())
    return found


def generic_causes() -> Iterator[CauseSpec]:
    yield from (cause for file in playbooks().generic for cause in file.causes if not (cause.state or cause.benign))


def own_causes() -> Iterator[tuple[str, CauseSpec]]:
    """Causes of apps that something else than a line of the log confirms, with their symptom."""
    for symptom in playbooks().symptoms:
        for cause in symptom.causes:
            if not cause.benign and f"symptoms.{symptom.id}.in_log_now" not in repr(cause.confirm):
                yield symptom.id, cause


def ruled_out_by_a_case(symptom: str, cause: str) -> bool:
    """Whether a case of its playbook says that it does not hold."""
    path = next((ROOT / "playbooks").rglob(f"{symptom.replace('_', '-')}.test.yaml"))
    cases = yaml.safe_load(path.read_text()).get("causes", ())
    return any(
        cause in (case.get(key) or ()) for case in cases for key in ("ruled_out", "unknown", "possible", "likely")
    )


def test_every_generic_cause_has_a_near_miss() -> None:
    assert {cause.id for cause in generic_causes()} - set(against()) == set()


def test_every_own_cause_has_a_near_miss_or_a_case_against_it() -> None:
    named = against()
    missing = [f"{symptom}: {cause.id}" for symptom, cause in own_causes()
               if cause.id not in named and not ruled_out_by_a_case(symptom, cause.id)]  # fmt: skip
    assert missing == []


def test_what_the_matrix_names_is_there() -> None:
    causes = {cause.id for cause in generic_causes()} | {cause.id for _, cause in own_causes()}
    known = {*test_near_misses.CASES, *test_near_miss_variants.VARIANTS, *test_shop_near_misses.CASES}
    listed = {name for names in against().values() for name in names}
    assert (set(against()) - causes, listed - known, [one for one, names in against().items() if not names]) == (
        set(), set(), [])  # fmt: skip


def answers(name: str) -> Iterable[Diagnosis]:
    if name in test_shop_near_misses.CASES:
        return [found for _, found, _, _ in test_shop_near_misses.judged(name)]
    if name in test_near_misses.CASES:
        return [test_near_misses.diagnosed(name)]
    return [test_near_miss_variants.diagnosed(name)]


@pytest.mark.slow
def test_no_near_miss_is_the_cause_that_it_is_against() -> None:
    wrong = []
    for cause, names in against().items():
        pattern = re.compile(PLACEHOLDER.sub("[a-z0-9-]+", cause))
        for name in names:
            for found in answers(name):
                wrong += [f"{name}: {one.id}" for one in found.causes
                          if one.verdict is CauseVerdict.CONFIRMED and pattern.fullmatch(one.id)]  # fmt: skip
    assert wrong == []
