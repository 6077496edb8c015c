"""How much of a corpus of secrets is hidden, and how little of ordinary logs. `make bench` prints the figures."""

import gzip
import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from bot.redaction import Redactor
from tests.corpus import secrets_held_out, secrets_tuning
from tests.corpus.ordinary_logs import ordinary_lines
from tests.corpus.secret_cases import Recall, Row, build, measure

SEEDS = (7, 11)
VIEWS = Path(__file__).parents[2] / "views"


def recall(rows: Sequence[Row], seed: int) -> Recall:
    return measure(build(rows, seed), lambda text: Redactor().text(text))


def test_the_corpus_is_as_large_as_it_claims() -> None:
    cases = [*build(secrets_tuning.ROWS, 1), *build(secrets_held_out.ROWS, 1)]
    assert sum(len(case.secrets) for case in cases) >= 300
    assert len({kind for case in cases for kind in case.kinds}) >= 60
    assert {case.form for case in cases} == {"log", "env", "url", "yaml", "json", "traceback"}


@pytest.mark.parametrize("seed", SEEDS)
def test_nearly_all_secrets_that_the_rules_were_tuned_on_are_hidden(seed: int) -> None:
    found = recall(secrets_tuning.ROWS, seed)
    assert found.share >= 0.98, [(kind, case.text) for kind, case, _ in found.missed]


@pytest.mark.parametrize("seed", SEEDS)
def test_nearly_all_secrets_of_the_held_out_half_are_hidden(seed: int) -> None:
    assert recall(secrets_held_out.ROWS, seed).share >= 0.94


def test_the_corpus_holds_no_secret_by_itself_and_is_made_anew_by_another_seed() -> None:
    first, second = build(secrets_tuning.ROWS, 1), build(secrets_tuning.ROWS, 2)
    assert build(secrets_tuning.ROWS, 1) == first
    long = {secret for case in first for secret in case.secrets if len(secret) > 15}
    assert not long & {secret for case in second for secret in case.secrets}


def test_ordinary_lines_stay_as_they_are() -> None:
    lines = list(ordinary_lines(4_000, seed=41))
    found = Redactor().texts(lines)
    assert [(old, new) for old, new in zip(lines, found, strict=True) if old != new] == []


@pytest.mark.parametrize("name", ["chart-oom", "crash-wrong-password", "postgres-crashing", "healthy-chart"])
def test_logs_of_real_pods_stay_as_they_are(name: str) -> None:
    view = json.loads(gzip.decompress((VIEWS / f"{name}.json.gz").read_bytes()))["view"]
    lines = [line for log in view["logs"] for line in (log.get("text") or "").splitlines()]
    found = Redactor().texts(lines)
    assert len(lines) > 10
    assert [(old, new) for old, new in zip(lines, found, strict=True) if old != new] == []
