"""One broken playbook per message in `bad/`: its first line says which file of the good set it stands for, and the
`.expected` file beside it holds every line an author is told, in order."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.unit.playbook_files import HERE, good_files, problems_of

BAD = sorted((HERE / "bad").glob("*.yaml"))


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_a_broken_file_is_refused_with_exactly_these_messages(path: Path) -> None:
    text = path.read_text()
    stands_for = text.split("\n", 1)[0].removeprefix("# as: ")

    problems = problems_of({**good_files(), stands_for: text})

    assert list(problems) == path.with_suffix(".expected").read_text().splitlines()


def test_the_good_set_has_no_mistakes() -> None:
    assert problems_of(good_files()) == ()


def test_a_file_with_ten_mistakes_reports_ten() -> None:
    assert len((HERE / "bad" / "ten-mistakes.expected").read_text().splitlines()) == 10


def test_every_message_is_for_people() -> None:
    for path in BAD:
        for line in path.with_suffix(".expected").read_text().splitlines():
            assert re.match(r"playbooks/[a-z_./-]+:[0-9]+:[0-9]+: .", line), line
            for jargon in (
                "Input should",
                "Extra inputs",
                "Field required",
                "Value error",
                "None",
                "dict",
                "tuple",
                "str_",
            ):
                assert jargon not in line, line


def test_mistakes_of_several_files_are_all_reported() -> None:
    files = good_files()
    files["shop/app.yaml"] = files["shop/app.yaml"].replace("port: 3000", "port: 0")
    files["generic/route.yaml"] = files["generic/route.yaml"].replace("op: is_false", "op: is_not")
    files["generic/workload.test.yaml"] = files["generic/workload.test.yaml"].replace("kind: cases", "kind: case")

    assert [line.split(":")[0] for line in problems_of(files)] == [
        "playbooks/generic/route.yaml",
        "playbooks/generic/workload.test.yaml",
        "playbooks/shop/app.yaml",
    ]


def test_one_syntax_error_does_not_make_every_name_unknown() -> None:
    files = good_files() | {"shop/app.yaml": "schema: [\n"}

    assert [line.split(":")[0] for line in problems_of(files)] == ["playbooks/shop/app.yaml"]
