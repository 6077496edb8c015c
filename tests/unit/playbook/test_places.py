"""Own playbooks add to the ones that come with the program; nothing is left out or replaced in silence."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from bot.cli import main
from bot.diagnosis.playbook_source import PlaybookSource, Reload
from bot.playbook.loader import parse
from bot.playbook.location import default_playbooks
from bot.playbook.places import Places, parse_places

VIEW = str(Path(__file__).parents[2] / "views" / "chart-oom.json.gz")


@pytest.fixture
def own(tmp_path: Path) -> Path:
    assert main(["playbooks", "init", "shop", "--into", str(tmp_path / "own")]) == 0
    return tmp_path / "own"


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    capsys.readouterr()
    code = main(words)
    said = capsys.readouterr()
    return code, said.out, said.err


@pytest.mark.parametrize(
    ("words", "own", "builtin"),
    [
        ([], (), True),
        (["/a"], ("/a",), True),
        (["/a:/b", "/c"], ("/a", "/b", "/c"), True),
        (["builtin:/a"], ("/a",), True),
        (["no-builtin:/a"], ("/a",), False),
        ([str(default_playbooks())], (), True),
        (["/a", " : ", "/a"], ("/a",), True),
    ],
)
def test_places_are_a_path_list(words: list[str], own: tuple[str, ...], builtin: bool) -> None:
    assert parse_places(word.replace(":", os.pathsep) for word in words) == Places(tuple(map(Path, own)), builtin)


def test_own_playbooks_add_to_the_built_in_ones(own: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = parse(parse_places([str(own)]).read())
    assert {"shop", "onyx", "immich"} <= set(found.apps)
    assert found.generic
    code, out, err = run(capsys, "playbooks", "list", "--playbooks", str(own))
    assert (code, err) == (0, "")
    assert "shop: shop" in out
    assert "onyx: Onyx" in out


def test_leaving_the_built_in_ones_out_is_said(own: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, "playbooks", "list", "--playbooks", f"no-builtin{os.pathsep}{own}")
    assert code == 0
    assert "onyx" not in out
    assert "are left out: no generic causes, no Onyx" in err


@pytest.mark.slow
def test_a_file_at_the_same_path_replaces_one_and_check_says_so(own: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = (default_playbooks() / "immich" / "app.yaml").read_text().replace("title: Immich", "title: Photos")
    (own / "immich").mkdir()
    (own / "immich" / "app.yaml").write_text(text)
    assert parse(parse_places([str(own)]).read()).apps["immich"].title == "Photos"
    code, out, _ = run(capsys, "playbooks", "check", str(own))
    assert code == 0
    assert "immich/app.yaml stands in for the one that comes with the program." in out


def test_a_whole_copy_of_the_built_in_ones_stays_in_force(tmp_path: Path) -> None:
    copy = tmp_path / "playbooks"  # called like the built-in directory, as whoever followed the old install guide did
    for path in default_playbooks().rglob("*.yaml"):
        target = copy / path.relative_to(default_playbooks())
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes())
    places = parse_places([str(copy)])
    assert len(parse(places.read()).files) == len(parse(Places().read()).files)
    assert all(file.path.is_relative_to(copy) for file in places.read())


def test_a_changed_own_file_is_taken_up(own: Path) -> None:
    source = PlaybookSource(parse_places([str(own)]))
    path = own / "shop" / "app.yaml"
    path.write_text(path.read_text().replace("title: shop", "title: The shop"))
    assert source.refresh().result is Reload.RELOADED
    assert source.current().apps["shop"].title == "The shop"


@pytest.mark.slow
def test_one_file_can_be_checked(own: Path, capsys: pytest.CaptureFixture[str]) -> None:
    broken = own / "shop" / "broken.yaml"
    broken.write_text("schema: triage/playbook/v1\nkind: symptom\n")
    code, out, _ = run(capsys, "playbooks", "check", str(own / "shop" / "request-failed.yaml"))
    assert (code, out.splitlines()[0]) == (0, "1 playbook, 5 cases: 5 passed, 0 failed")
    code, _, err = run(capsys, "playbooks", "check", str(broken))
    assert code == 3
    assert "broken.yaml:1:1" in err
    builtin = default_playbooks() / "onyx" / "app.yaml"
    assert run(capsys, "playbooks", "check", str(builtin))[0] == 0


@pytest.mark.slow
def test_mistakes_and_failing_cases_come_together(own: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cases = own / "shop" / "request-failed.test.yaml"
    cases.write_text(cases.read_text().replace('{number: "4711"}', '{number: "4712"}'))
    app = own / "shop" / "app.yaml"
    app.write_text(app.read_text().replace("port: 8080", "prot: 8080"))
    code, out, err = run(capsys, "playbooks", "check", str(own), "-o", "json")
    assert code == 3
    problems = json.loads(out)["error"]["problems"]
    assert any("`prot`" in problem for problem in problems)
    assert any("field number is '4711', not '4712'" in problem for problem in problems)
    assert "2 mistakes" in err


def test_facts_can_be_searched(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "playbooks", "facts", "memory", "kernel", "-o", "json")
    assert code == 0
    assert [row["fact"] for row in json.loads(out)["facts"]] == ["workload.oom.killed"]
    assert run(capsys, "playbooks", "facts", "nonsense")[0] == 3


def test_a_cause_of_ones_own_is_tried_on_a_snapshot(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "own" / "house"
    folder.mkdir(parents=True)
    (folder / "memory.yaml").write_text(CAUSE)
    (folder / "memory.test.yaml").write_text(CASES)
    words = ("playbooks", "try", "onyx", "--snapshot", VIEW, "--playbooks", str(tmp_path / "own"))
    code, out, err = run(capsys, *words)
    assert (code, err) == (0, "")
    assert "api-often-killed: confirmed   (own/house/memory.yaml)" in out
    assert "yes       workload" not in out
    assert "api.oom.count at_least 2   ← 4" in out
    code, out, _ = run(capsys, *words, "-o", "json")
    tried = {item["cause"]: item for item in json.loads(out)["tried"]}
    assert tried["api-often-killed"]["conditions"]["confirm"][0]["truth"] is True


def test_an_optional_volume_may_be_empty_and_a_wrong_path_may_not(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    assert parse(parse_places([str(empty)]).read()).apps.keys() == parse(Places().read()).apps.keys()
    code, _, err = run(capsys, "playbooks", "check", str(empty))
    assert (code, "There is no playbook in" in err) == (3, True)
    code, _, err = run(capsys, "playbooks", "list", "--playbooks", str(tmp_path / "nowhere"))
    assert code == 3
    assert "There is no directory" in err


def test_nothing_is_overwritten(own: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = run(capsys, "playbooks", "init", "shop", "--into", str(own))
    assert code == 3
    assert "is there already" in err
    assert run(capsys, "playbooks", "init", "onyx", "--into", str(own))[0] == 3
    assert run(capsys, "playbooks", "init", "No Good", "--into", str(own))[0] == 3


CAUSE = """\
schema: triage/playbook/v1
kind: causes
id: house-memory
for: workload
title: Memory
description: Causes of this house.
causes:
  - id: "{workload}-often-killed"
    title: "{workload.label} is often killed for memory"
    sentence: "{workload.target} was killed {workload.oom.count} times."
    confirm:
      all:
        - {fact: workload.oom.killed, op: is_true}
        - {fact: workload.oom.count, op: at_least, value: 2}
"""
CASES = """\
schema: triage/playbook/v1
kind: cases
causes:
  - name: four times
    facts: {workload.oom.killed: true, workload.oom.count: 4}
    confirmed: ["{workload}-often-killed"]
  - name: once is no habit
    facts: {workload.oom.killed: true, workload.oom.count: 1}
    ruled_out: ["{workload}-often-killed"]
  - name: unseen
    gaps: {workload.oom.killed: forbidden, workload.oom.count: forbidden}
    unknown: ["{workload}-often-killed"]
"""
