"""What is typed wrongly is answered with what was probably meant, and nothing at all with what there is."""

from __future__ import annotations

import pytest

from bot.cli.arguments import WrongUsage, build_parser


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        (["diagnos", "onyx"], "; did you mean diagnose?"),
        (["diagnose", "onyx", "-o", "jsn"], "; did you mean json?"),
        (["playbooks", "chek"], "; did you mean check?"),
        (["frobnicate"], ""),
    ],
)
def test_a_choice_that_does_not_exist_names_the_one_meant(typed: list[str], meant: str) -> None:
    with pytest.raises(WrongUsage) as told:
        build_parser().parse_args(typed)
    assert told.value.message.partition(")")[2] == meant


def test_without_a_command_the_commands_are_listed() -> None:
    with pytest.raises(WrongUsage) as told:
        build_parser().parse_args([])
    assert "diagnose an app on a cluster" in told.value.text()
    assert told.value.exit_code == 3
