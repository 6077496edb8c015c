"""`triage apply` on a simulated cluster: preview first, nothing without --yes, and exit codes that scripts can use."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.bootstrap.storage import open_storage
from bot.cli import main
from bot.cli.apply import Bench, apply, check_usage
from bot.cli.arguments import build_parser
from bot.domain.changes import Change, ChangeState
from bot.domain.errors import UsageError
from bot.settings import Settings, load_settings
from tests.scenario.changing import Stage, stage

ONYX = ("onyx", "-n", "onyx")


class Terminal:
    """Runs the command as a person would, but in the cluster's time."""

    def __init__(self, made: Stage, capsys: pytest.CaptureFixture[str], folder: Path) -> None:
        self._made, self._capsys = made, capsys
        self.settings: Settings = load_settings(kubeconfig=str(folder / "kubeconfig"), state=folder / "state")

    def __call__(self, *words: str, pause: Callable[[float], object] | None = None) -> tuple[int, str, str]:
        arguments = build_parser().parse_args(["apply", *words])
        check_usage(arguments)
        made = self._made
        bench = Bench(
            self.settings,
            lambda app, place: made.diagnose("", app, place),
            made.cluster.now,
            pause or made.cluster.advance,
        )
        code = apply(arguments, bench, arguments.namespace, None if arguments.undo else made.diagnose)
        out, err = self._capsys.readouterr()
        return code, out, err

    def json(self, *words: str) -> tuple[int, Any]:
        code, out, _ = self(*words, "-o", "json")
        return code, json.loads(out)

    def wait(self, seconds: float) -> None:
        """Let time pass in the cluster."""
        self._made.cluster.advance(seconds)

    def changes(self) -> list[Change]:
        """What is in the database of the command, oldest first."""
        store = open_storage(self.settings, self._made.cluster.now)
        try:
            known = dict.fromkeys(entry.about for entry in store.audit.entries() if entry.event.startswith("change."))
            return [change for change in map(store.changes.get, known) if change is not None]
        finally:
            store.close()

    def limit(self) -> str:
        container = self._made.cluster.get("Deployment", "api-server")["spec"]["template"]["spec"]["containers"][0]
        return str(container["resources"]["limits"]["memory"])


@pytest.fixture
def terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Terminal]:
    with stage("api-oom-killed", tmp_path) as made:
        yield Terminal(made, capsys, tmp_path)


def test_without_yes_it_shows_what_would_change_and_changes_nothing(terminal: Terminal) -> None:
    code, out, _ = terminal("raise-memory-api", *ONYX)
    assert code == 0
    assert "spec.template.spec.containers[api-server].resources.limits.memory: 1Gi → 2Gi" in out
    assert "Nothing was changed. To apply it: triage " in out
    assert terminal.limit() == "1Gi"


def test_with_yes_it_applies_waits_for_the_outcome_and_can_be_taken_back(terminal: Terminal) -> None:
    before = terminal._made.diagnose().since
    assert before is not None
    since = before.strftime("%H:%M:%S UTC")
    code, found = terminal.json("raise-memory-api", *ONYX, "--set", "memory_limit=3Gi", "--yes")
    assert (code, found["schema"], found["state"]) == (0, "triage/v1", "fixed")
    assert found["outcome"].startswith("Fixed.")
    assert f"Now: Onyx is healthy now. It was down from {since} to " in found["outcome"]
    assert found["outcome"].count("down from") == 1
    assert "replaced" not in found["outcome"]
    assert found["remedy"]["parameters"][0]["value"] == "3Gi"
    assert found["diff"] == [
        {
            "target": "deployment/api-server",
            "path": "spec.template.spec.containers[api-server].resources.limits.memory",
            "before": "1Gi",
            "after": "3Gi",
        }
    ]
    assert terminal.limit() == "3Gi"
    (write,) = terminal._made.writes()
    assert (write.user, write.extra) == ("admin", ())  # nobody is impersonated

    code, out, err = terminal("--undo", found["change"], "--yes")
    assert terminal.limit() == "1Gi"
    assert code == 0  # it took effect; that the broken state is back is no failure of the undo
    assert "Taken back: deployment/api-server as before. Note: its pods are not all ready yet." in out
    assert "Applied to deployment/api-server" in err
    store = open_storage(terminal.settings, terminal._made.cluster.now)
    assert store.audit.verify().broken is None
    assert {entry.by for entry in store.audit.entries(about=found["change"])} >= {"triage"}
    store.close()

    code, _, err = terminal("--undo", found["change"], "--yes")
    assert code == 3
    assert "taken back" in err


def test_without_yes_not_even_what_an_earlier_command_left_behind_is_gone_on_with(
    terminal: Terminal, tmp_path: Path
) -> None:
    def interrupted(_seconds: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        terminal("raise-memory-api", *ONYX, "--yes", pause=interrupted)
    (left,) = terminal.changes()
    assert left.state is ChangeState.VERIFYING
    terminal.wait(120)
    with pytest.raises(UsageError, match="offers no remedy raise-memory-api"):
        terminal("raise-memory-api", *ONYX)
    assert terminal.changes() == [left]


def test_a_remedy_that_is_not_offered_names_those_that_are(terminal: Terminal) -> None:
    with pytest.raises(UsageError) as found:
        terminal("reboot-everything", *ONYX)
    assert "raise-memory-api" in found.value.remedy
    assert "roll-back-api" in found.value.remedy


def test_what_the_cluster_does_not_allow_is_refused_by_the_cluster(terminal: Terminal) -> None:
    terminal._made.cluster.deny("patch", "deployments", "onyx")
    with pytest.raises(UsageError, match="does not let this account change deployment/api-server"):
        terminal("raise-memory-api", *ONYX, "--yes")
    assert terminal.limit() == "1Gi"


def test_a_value_that_is_none_is_refused(terminal: Terminal) -> None:
    code, _, err = terminal("raise-memory-api", *ONYX, "--set", "memory_limit=lots", "--yes")
    assert code == 3
    assert "lots" in err
    with pytest.raises(UsageError, match="names no value"):
        terminal("raise-memory-api", *ONYX, "--set", "memory_limit")


def test_a_policy_that_is_configured_sets_bounds_here_too(terminal: Terminal, tmp_path: Path) -> None:
    terminal.settings = terminal.settings.model_copy(update={"policy": tmp_path / "policy.yaml"})
    code, _, err = terminal("raise-memory-api", *ONYX, "--set", "memory_limit=64Gi", "--yes")
    assert code == 3
    assert "8Gi" in err
    terminal._made.set_policy(("enabled: true", "enabled: false"))
    with pytest.raises(UsageError, match="kill switch"):
        terminal("raise-memory-api", *ONYX, "--yes")
    assert terminal.limit() == "1Gi"


def test_a_change_that_does_not_help_ends_with_1(terminal: Terminal) -> None:
    code, found = terminal.json("raise-memory-api", *ONYX, "--set", "memory_limit=1025Mi", "--yes")
    assert (code, found["state"]) == (1, "not_fixed")
    assert "Undo" in found["outcome"]


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(["apply"], id="neither remedy nor app"),
        pytest.param(["apply", "restart-api"], id="no app"),
        pytest.param(["apply", "--undo", "x"], id="an undo without yes"),
        pytest.param(["apply", "restart-api", "onyx", "--undo", "x", "--yes"], id="an undo with a remedy"),
    ],
)
def test_wrong_usage_ends_with_3_before_anything_is_read(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == 3
    assert "triage:" in capsys.readouterr().err


@pytest.mark.slow
def test_the_installed_command_previews_and_keeps_its_database_in_the_state_directory(tmp_path: Path) -> None:
    with stage("api-oom-killed", tmp_path):
        state = tmp_path / "state"
        done = subprocess.run(
            [sys.executable, "-m", "bot", "apply", "raise-memory-api", *ONYX, "-o", "json"],
            env={"PATH": os.defpath, "KUBECONFIG": str(tmp_path / "kubeconfig"), "TRIAGE_STATE": str(state)},
            capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        found = json.loads(done.stdout)
        assert (found["state"], found["diff"][0]["after"]) == ("previewed", "2Gi")
        assert (state / "triage.db").exists()
