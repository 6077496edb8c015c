"""Reloading: new files come into force, broken ones never do, and nobody is told twice."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bot.diagnosis.playbook_source import PlaybookSource, Reload, ReloadOutcome
from bot.domain.errors import PlaybooksRejected
from tests.unit.playbook_files import good_files, write

SYMPTOM = "shop/order_failed.yaml"


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return write(tmp_path, good_files())


def edit(directory: Path, old: str, new: str, name: str = SYMPTOM) -> None:
    """Replace a text in a file, with a time of change that differs from the one before."""
    path = directory / name
    before = path.stat().st_mtime_ns
    path.write_text(path.read_text().replace(old, new))
    os.utime(path, ns=(before + 1_000_000, before + 1_000_000))


def titles(source: PlaybookSource) -> list[str]:
    return [symptom.title for symptom in source.current().symptoms]


def test_nothing_changes_while_the_files_stay_the_same(directory: Path) -> None:
    source = PlaybookSource(directory)
    loaded = source.current()

    assert source.refresh() == ReloadOutcome(Reload.UNCHANGED)
    assert source.current() is loaded


def test_a_change_comes_into_force_at_the_next_refresh(directory: Path) -> None:
    source = PlaybookSource(directory)
    edit(directory, "title: An order failed", "title: An order was lost")

    assert titles(source) == ["An order failed"]
    assert source.refresh() == ReloadOutcome(Reload.RELOADED)
    assert titles(source) == ["An order was lost"]


def test_a_file_that_was_only_touched_is_not_loaded_again(directory: Path) -> None:
    source = PlaybookSource(directory)
    loaded = source.current()
    edit(directory, "", "")

    assert source.refresh() == ReloadOutcome(Reload.UNCHANGED)
    assert source.current() is loaded


def test_a_set_with_a_mistake_is_refused_whole_and_reported_once(directory: Path) -> None:
    source = PlaybookSource(directory)
    edit(directory, "title: An order failed", "title: Another title\ncolour: red")
    edit(directory, "label: front\n", "label: shop window\n", name="shop/app.yaml")

    outcome = source.refresh()

    assert outcome.result is Reload.REFUSED
    assert [problem.split(": ")[0] for problem in outcome.problems] == ["playbooks/shop/order_failed.yaml:6:1"]
    assert titles(source) == ["An order failed"]
    assert source.current().apps["shop"].components["front"].label == "front"
    assert source.problems() == outcome.problems
    assert source.refresh() == ReloadOutcome(Reload.UNCHANGED)
    edit(directory, "", "")
    assert source.refresh() == ReloadOutcome(Reload.UNCHANGED)


def test_another_mistake_is_reported_again(directory: Path) -> None:
    source = PlaybookSource(directory)
    edit(directory, "kind: symptom", "kind: symptm")
    first = source.refresh()
    edit(directory, "kind: symptm", "kind: syptm")
    second = source.refresh()

    assert (first.result, second.result) == (Reload.REFUSED, Reload.REFUSED)
    assert first.problems != second.problems


def test_a_mistake_that_is_taken_back_leaves_what_was_in_force(directory: Path) -> None:
    source = PlaybookSource(directory)
    loaded = source.current()
    edit(directory, "kind: symptom", "kind: symptm")
    source.refresh()
    edit(directory, "kind: symptm", "kind: symptom")

    assert source.refresh() == ReloadOutcome(Reload.RESTORED)
    assert source.current() is loaded
    assert source.problems() == ()


def test_a_corrected_mistake_brings_the_new_playbooks_into_force(directory: Path) -> None:
    source = PlaybookSource(directory)
    edit(directory, "title: An order failed", "titel: An order was lost")
    source.refresh()
    edit(directory, "titel:", "title:")

    assert source.refresh() == ReloadOutcome(Reload.RELOADED)
    assert titles(source) == ["An order was lost"]
    assert source.problems() == ()


def test_files_that_come_and_go_are_noticed(directory: Path) -> None:
    source = PlaybookSource(directory)
    for ending in (".yaml", ".test.yaml"):
        (directory / f"shop/order_failed{ending}").rename(directory / f"shop/failed{ending}")
    assert source.refresh().result is Reload.RELOADED
    assert source.current().files[-1].name == "playbooks/shop/failed.yaml"

    (directory / "shop/failed.test.yaml").unlink()
    assert "this playbook has no cases" in source.refresh().problems[0]


def test_a_directory_that_vanishes_leaves_the_playbooks_in_force(directory: Path) -> None:
    source = PlaybookSource(directory)
    directory.rename(directory.with_name("elsewhere"))

    outcome = source.refresh()

    assert outcome.result is Reload.REFUSED
    assert outcome.problems == (
        "playbooks:1:1: there is no such file or directory; give the directory that holds the playbooks",
    )
    assert titles(source) == ["An order failed"]


def test_without_one_good_set_there_is_no_source(directory: Path) -> None:
    edit(directory, "kind: symptom", "kind: symptm")

    with pytest.raises(PlaybooksRejected):
        PlaybookSource(directory)
