"""The policy in force: a changed file is read by itself, and a missing or broken one closes everything."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bot.changes.policy.decision import DenialReason, decide
from bot.changes.policy.model import Closed, Policy
from bot.changes.policy.source import PolicyReload, PolicyReloadResult, PolicySource
from tests.unit.policies import GOOD, question


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "policy.yaml"
    path.write_text(GOOD)
    return path


def write(path: Path, content: str) -> None:
    """Replace the file, with a time of change that differs from the one before."""
    before = path.stat().st_mtime_ns if path.exists() else 0
    path.write_text(content)
    os.utime(path, ns=(before + 1_000_000, before + 1_000_000))


def closed(source: PolicySource) -> Closed:
    policy = source.current()
    assert isinstance(policy, Closed)
    assert decide(policy, question()).code is DenialReason.NO_POLICY
    return policy


def test_a_good_file_is_in_force(file: Path) -> None:
    source = PolicySource(file)

    assert decide(source.current(), question()).allowed
    assert source.refresh() == PolicyReload(PolicyReloadResult.UNCHANGED)


def test_a_change_comes_into_force_at_the_next_refresh(file: Path) -> None:
    source = PolicySource(file)
    before = source.current()
    write(file, GOOD.replace("U0OPERATOR", "U0SOMEBODY"))

    assert source.current() is before
    assert source.refresh() == PolicyReload(PolicyReloadResult.LOADED)
    assert decide(source.current(), question()).code is DenialReason.NO_ROLE


def test_a_broken_file_closes_everything_and_says_where(file: Path) -> None:
    source = PolicySource(file)
    write(file, GOOD.replace("enabled: true", "enabled: on").replace("max: 8Gi", "max: lots"))

    outcome = source.refresh()

    assert outcome.result is PolicyReloadResult.CLOSED
    assert [problem.split(": ")[0] for problem in outcome.problems] == ["policy.yaml:3:10", "policy.yaml:21:34"]
    assert closed(source).problems == outcome.problems
    assert closed(source).reason.startswith("The policy is broken, so nobody may change anything: policy.yaml:3:10: ")
    assert closed(source).reason.endswith(" (and 1 more mistake).")
    assert source.refresh() == PolicyReload(PolicyReloadResult.UNCHANGED)


def test_a_repaired_file_opens_it_again(file: Path) -> None:
    source = PolicySource(file)
    write(file, "roles: [")
    assert source.refresh().result is PolicyReloadResult.CLOSED
    write(file, GOOD)

    assert source.refresh() == PolicyReload(PolicyReloadResult.LOADED)
    assert decide(source.current(), question()).allowed


@pytest.mark.parametrize("content", ["", "\n", "# nothing\n", "{}\n", "roles: {}\n", "\x00"])
def test_an_empty_file_is_a_broken_one(file: Path, content: str) -> None:
    file.write_text(content)

    assert closed(PolicySource(file)).problems != ()


def test_a_file_that_goes_away_closes_everything_until_it_is_back(file: Path) -> None:
    source = PolicySource(file)
    file.unlink()

    assert source.refresh().result is PolicyReloadResult.CLOSED
    assert "is not there" in closed(source).reason
    assert "triage policy check" in closed(source).remedy
    assert source.refresh() == PolicyReload(PolicyReloadResult.UNCHANGED)
    write(file, GOOD)
    assert source.refresh() == PolicyReload(PolicyReloadResult.LOADED)
    assert isinstance(source.current(), Policy)


def test_without_a_setting_nobody_may_act_and_the_answer_says_how_to_change_that() -> None:
    source = PolicySource(None)

    assert closed(source).reason == "There is no policy, so nobody may change anything."
    assert "TRIAGE_POLICY" in closed(source).remedy
    assert source.refresh() == PolicyReload(PolicyReloadResult.UNCHANGED)


def test_a_directory_is_no_policy(tmp_path: Path) -> None:
    assert closed(PolicySource(tmp_path)).problems == (
        f"{tmp_path.name}:1:1: this is not a regular file that can be read",
    )


def test_a_file_that_was_only_touched_is_not_loaded_again(file: Path) -> None:
    source = PolicySource(file)
    write(file, GOOD)

    assert source.refresh() == PolicyReload(PolicyReloadResult.UNCHANGED)


def test_a_mounted_config_map_is_followed_when_its_links_change(tmp_path: Path) -> None:
    for version, text in (("one", GOOD), ("two", GOOD.replace("enabled: true", "enabled: false"))):
        (tmp_path / version).mkdir()
        (tmp_path / version / "policy.yaml").write_text(text)
    data = tmp_path / "..data"
    data.symlink_to("one")
    (tmp_path / "policy.yaml").symlink_to("..data/policy.yaml")
    source = PolicySource(tmp_path / "policy.yaml")
    data.unlink()
    data.symlink_to("two")

    assert source.refresh() == PolicyReload(PolicyReloadResult.LOADED)
    assert decide(source.current(), question()).code is DenialReason.DISABLED
