"""No other program's log is called ours: public reports, what real clients print, programs that nobody described."""

from pathlib import Path

import pytest

from bot.domain.attribution import Owner
from bot.engine.mentions import mentions_in
from tests.support.shipped import pastes
from tests.unit.onyx_matcher import FOUR, PASTES, matcher

DATA = PASTES.parent


def _read(name):
    return pastes(name)


PUBLIC = _read("public.yaml")
MORE = _read("public-more.yaml")
APPS = _read("public-apps.yaml")
FURTHER = _read("public-further.yaml")
FOREIGN = _read("foreign.yaml")
FAILED_CALLS = _read("failed-calls.yaml") if Path(DATA / "failed-calls.yaml").exists() else []


def _asserted(text):
    return {f"{one.app}/{one.id}" for one in matcher().read(text).symptoms if one.attribution.owner is Owner.OURS}


@pytest.mark.parametrize("paste", FOREIGN, ids=[paste["id"] for paste in FOREIGN])
def test_a_program_that_nobody_described_is_not_ours(paste):
    assert _asserted(paste["text"]) == set()
    if paste["named"]:
        assert [one.id for one in matcher().read(paste["text"]).symptoms] == []


def test_no_public_report_about_another_program_is_called_ours():
    others = [paste for paste in PUBLIC if paste["expect"] == ["none"]]
    assert {paste["id"]: found for paste in others if (found := _asserted(paste["text"]))} == {}


@pytest.mark.parametrize("paste", MORE, ids=[paste["id"] for paste in MORE])
def test_a_further_report_is_told_and_what_it_names_is_named(paste):
    found = [one.id for one in matcher().read(paste["text"]).symptoms]
    if paste["expect"] == ["none"]:
        assert _asserted(paste["text"]) == set()
    else:
        assert found[:1] in ([one] for one in paste["expect"]) or (not found and "none" in paste["expect"])
    assert {one.name for one in mentions_in(paste["text"])} >= set(paste.get("names", ()))


def test_pastes_of_programs_that_resemble_it_are_not_ours_and_its_own_are():
    wrong = {}
    for paste in [*APPS, *FURTHER]:
        found = [one.id for one in matcher().read(paste["text"]).symptoms]
        foreign = paste["expect"] == ["none"]
        right = not _asserted(paste["text"]) if foreign else (found or ["none"])[0] in paste["expect"]
        if not right:
            wrong[paste["id"]] = found
    assert wrong == {}


def test_nothing_that_clients_of_other_programs_print_is_called_ours():
    assert {paste["id"]: found for paste in FAILED_CALLS if (found := _asserted(paste["text"]))} == {}


@pytest.mark.parametrize("paste", _read("labelled.yaml"), ids=lambda paste: paste["id"])
def test_no_labelled_paste_is_called_foreign(paste):
    reading = matcher().read(paste["text"])
    assert [one.id for one in reading.foreign if paste["expect"] != ["none"]] == []
    if FOUR & set(paste["expect"]):
        assert {one.id for one in reading.symptoms} >= FOUR & set(paste["expect"])
