"""The recipes and the map name files that are there, and commands that exist."""

from __future__ import annotations

import re
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


def test_every_make_target_of_contributing_exists() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    wanted = set(re.findall(r"(?:^|`)make ([a-z][a-z-]+)", text, re.MULTILINE))
    assert [name for name in sorted(wanted) if not re.search(rf"^{name}[: ]", makefile, re.MULTILINE)] == []


def test_every_triage_command_of_contributing_exists() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    commands = set(re.findall(r"`triage ([a-z]+)", text))
    assert commands <= set(re.findall(r"[a-z]+", build_parser().format_help()))
