"""Loading a directory: which files count, how they are joined, and what is said of those that cannot be read."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bot.domain.errors import PlaybooksRejected
from bot.playbook.loader import load
from bot.yamlfile.positions import Position
from tests.unit.playbook_files import GOOD, good_files, problems_of, write

REAL = Path(__file__).parents[3] / "playbooks"


def refused(directory: Path) -> tuple[str, ...]:
    with pytest.raises(PlaybooksRejected) as caught:
        load(directory)
    return caught.value.problems


def test_a_set_has_its_apps_symptoms_and_generic_causes() -> None:
    found = load(GOOD)

    assert list(found.apps) == ["shop"]
    assert [symptom.id for symptom in found.symptoms_of("shop")] == ["order_failed"]
    assert found.symptoms_of("another") == ()
    assert [playbook.id for playbook in found.generic] == ["dependency", "route", "workload"]


def test_cases_are_joined_to_the_playbook_beside_them() -> None:
    by_id = {file.playbook.id: file for file in load(GOOD).files}

    assert by_id["shop"].cases is None
    cases = by_id["order_failed"].cases
    assert cases is not None
    assert [paste.expect for paste in cases.pastes] == ["match", "none"]
    assert by_id["order_failed"].cases_name == "good/shop/order_failed.test.yaml"
    problem = by_id["order_failed"].case_problem(("pastes", 1, "text"), "is not a look-alike")
    assert str(problem) == "good/shop/order_failed.test.yaml:10:11: is not a look-alike"


def test_every_part_of_a_playbook_can_be_pointed_at() -> None:
    file = next(file for file in load(GOOD).files if file.playbook.id == "order_failed")

    assert file.positions.of(("causes", 0, "confirm", "all", 2, "value")) == Position(23, 59)
    assert file.positions.of_key(("versions",)) == Position(27, 1)


def test_files_are_named_from_the_parent_of_the_directory(tmp_path: Path) -> None:
    directory = write(tmp_path, {"deep/down/x.yaml": "kind: ap\n"})

    assert refused(directory) == ("playbooks/deep/down/x.yaml:1:7: unknown kind `ap`; did you mean `app`?",)


def test_a_directory_that_is_not_there_is_a_mistake(tmp_path: Path) -> None:
    assert refused(tmp_path / "nowhere") == (
        "nowhere:1:1: there is no such file or directory; give the directory that holds the playbooks",
    )


def test_an_empty_directory_is_a_mistake(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("no playbook")

    assert "there is no playbook here" in refused(tmp_path)[0]


def test_hidden_files_and_other_files_are_left_out(tmp_path: Path) -> None:
    others = {
        ".shop.yaml.swp": "x",
        ".git/x.yaml": "x",
        "shop/.app.yaml": "x",
        "shop/notes.md": "x",
        "shop/app.yaml~": "x",
    }

    assert len(load(write(tmp_path, good_files() | others)).files) == 5


def test_a_file_that_ends_in_yml_is_not_silently_skipped(tmp_path: Path) -> None:
    directory = write(tmp_path, good_files() | {"shop/other.yml": "kind: app\n"})

    assert refused(directory) == ("playbooks/shop/other.yml:1:1: playbooks end in `.yaml`; rename the file",)


def test_a_file_that_is_too_large_is_refused_unread(tmp_path: Path) -> None:
    directory = write(tmp_path, good_files() | {"shop/large.yaml": "# " + "x" * 1_000_000})

    assert refused(directory) == ("playbooks/shop/large.yaml:1:1: the file is larger than 1 MB; split it",)


def test_something_that_is_no_regular_file_is_refused_unread(tmp_path: Path) -> None:
    directory = write(tmp_path, good_files())
    os.mkfifo(directory / "shop" / "pipe.yaml")
    (directory / "shop" / "dangling.yaml").symlink_to("nowhere.yaml")

    problems = refused(directory)

    assert len(problems) == 2
    assert "playbooks/shop/dangling.yaml:1:1: this cannot be read (No such file or directory)" in problems[0]
    assert "playbooks/shop/pipe.yaml:1:1: this is not a regular file" in problems[1]


def test_a_mounted_config_map_is_read_once(tmp_path: Path) -> None:
    """It holds a hidden folder with the files, and links to it under the names that count."""
    directory = write(tmp_path, {f"..2026_01_31/{name}": text for name, text in good_files().items()})
    (directory / "..data").symlink_to("..2026_01_31")
    for name in ("shop", "generic"):
        (directory / name).symlink_to(f"..data/{name}")

    assert [file.name for file in load(directory).files][-1] == "playbooks/shop/order_failed.yaml"
    assert len(load(directory).files) == 5


def test_a_link_that_leads_in_a_circle_ends(tmp_path: Path) -> None:
    directory = write(tmp_path, good_files())
    (directory / "shop" / "again").symlink_to(directory)

    assert len(load(directory).files) == 5


def test_cases_of_a_playbook_that_cannot_be_read_are_no_orphans() -> None:
    problems = problems_of(good_files() | {"shop/order_failed.yaml": "kind: [\n"})

    assert [problem.split(":")[0] for problem in problems] == ["playbooks/shop/order_failed.yaml"]


def test_an_error_says_how_many_mistakes_there_are_and_what_to_do() -> None:
    error = PlaybooksRejected(("a:1:1: x", "b:1:1: y"))

    assert str(error) == "The playbooks have 2 mistakes. Correct them; `triage playbooks check` lists all of them."


def test_the_playbooks_that_come_with_the_program_load() -> None:
    try:
        found = load(REAL)
    except PlaybooksRejected as error:
        pytest.fail("\n".join(error.problems))

    assert "onyx" in found.apps
    assert {"chat_history_broken", "api_unreachable", "mcp_not_configured", "auth_contradiction"} <= {
        symptom.id for symptom in found.symptoms_of("onyx")
    }
    assert {playbook.for_ for playbook in found.generic} >= {"workload", "route", "dependency", "app"}
    assert all(file.cases is not None for file in found.files if file.playbook.kind not in ("app", "lines"))
