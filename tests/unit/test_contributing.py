"""The recipes and the map name files that are there, and commands that exist."""

from __future__ import annotations

import re
from importlib.util import find_spec
from pathlib import Path

import pytest

from bot.cli.arguments import build_parser

ROOT = Path(__file__).parents[2]
PATHS = re.compile(r"`((?:bot|tests|deploy|playbooks|\.ci|\.github)/[\w./-]+)`")


@pytest.mark.parametrize("name", ["CONTRIBUTING.md", "ARCHITECTURE.md"])
def test_every_path_that_is_named_exists(name: str) -> None:
    named = set(PATHS.findall((ROOT / name).read_text(encoding="utf-8")))
    assert len(named) > 5
    assert [path for path in sorted(named) if "APP" not in path and not (ROOT / path).exists()] == []


def recipes() -> str:
    return (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").partition("## Recipes")[2].partition("\n## ")[0]


def test_every_python_command_of_the_recipes_runs_what_is_there() -> None:
    commands = re.findall(r"`\.venv/bin/python -m ([^`>]+)", recipes())
    assert len(commands) > 4
    for module, *arguments in (command.replace("-m slow", "").split() for command in commands):
        assert find_spec(module) is not None, module
        paths = [word for word in arguments if not word.startswith("-")]
        assert [path for path in paths if not (ROOT / path).exists()] == []
        assert paths or module != "pytest", "the tests to run are named"


def test_every_name_of_the_recipes_stands_in_the_code() -> None:
    places = (*(ROOT / "bot").rglob("*.py"), *(ROOT / "tests" / "nearmiss").rglob("*.py"))
    code = "\n".join(path.read_text(encoding="utf-8") for path in places)
    named = set(re.findall(r"`(\w+)(?:\(\))?`", recipes()))
    assert {"kinds_of", "PressKind", "Resource"} <= named
    assert [name for name in sorted(named) if not re.search(rf"\b{name}\b", code)] == []


def test_every_make_target_of_contributing_exists() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    wanted = set(re.findall(r"(?:^|`)make ([a-z][a-z-]+)", text, re.MULTILINE))
    assert [name for name in sorted(wanted) if not re.search(rf"^{name}[: ]", makefile, re.MULTILINE)] == []


def test_every_triage_command_of_contributing_exists() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    commands = set(re.findall(r"`triage ([a-z]+)", text))
    assert commands <= set(re.findall(r"[a-z]+", build_parser().format_help()))
