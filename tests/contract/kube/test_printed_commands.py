"""Every command that a diagnosis prints can be pasted: each runs on the simulated cluster, and none has a hole in it.

Only what the terminal's banner tells the reader to set is set: KUBECONFIG.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.adapters.kube.access.client import connect
from bot.adapters.kube.read.reader import KubernetesReader
from bot.diagnosis.ports import TriageRequest
from bot.diagnosis.service import TriageService
from bot.domain.diagnosis import Diagnosis
from bot.domain.facts import CheckStatus
from bot.sandbox.cluster import SimulatedCluster
from bot.sandbox.start import CLUSTER_NAME
from tests.contract.kube.simulated_cluster_client import KUBECTL
from tests.support.printed_commands import commands, fixes, with_holes
from tests.support.shipped import shipped_playbooks

PLAYBOOKS = shipped_playbooks()


class Shell:
    """A shell in which somebody has set what the banner says; each command is run once."""

    def __init__(self, cluster: SimulatedCluster, folder: Path) -> None:
        self.cluster = cluster
        self.kubeconfig = cluster.write_kubeconfig(folder / "kubeconfig", context=CLUSTER_NAME)
        self._worked: set[str] = set()

    def diagnose(self) -> Diagnosis:
        connection = connect(kubeconfig=str(self.kubeconfig), context=None, in_cluster=False, read_timeout_seconds=5)
        reader = KubernetesReader(connection, sleep=lambda _: None)
        service = TriageService(lambda: PLAYBOOKS, lambda: reader)
        found = service.diagnose(TriageRequest("onyx", "onyx"), lambda _: None)
        reader.close()
        assert isinstance(found, Diagnosis)
        return found

    def failures(self, commands: list[str]) -> list[str]:
        """What does not work, with what the shell says."""
        env = {"PATH": os.defpath, "HOME": str(self.kubeconfig.parent), "KUBECONFIG": str(self.kubeconfig)}
        failed: list[str] = []
        for command in dict.fromkeys(commands):
            if command in self._worked:
                continue
            done = subprocess.run(
                ["bash", "-c", command], env=env, capture_output=True, text=True, check=False, timeout=120
            )
            if done.returncode == 0:
                self._worked.add(command)
            elif not _the_app_itself_says_no(command, done.stderr):
                failed.append(f"$ {command}\n{done.returncode}: {done.stderr.strip() or '(silent)'}")
        return failed


def _the_app_itself_says_no(command: str, said: str) -> bool:
    """A question that is answered by the broken app: through the API server's proxy no answer is an answer, and the
    status of a rollout that is stuck is that it is.
    """
    words = said.lower()
    if "rollout status" in command:
        return "exceeded its progress deadline" in words
    silence = ("timed out", "client.timeout exceeded", "context deadline exceeded")
    return "/proxy" in command and any(one in words for one in ("from server", *silence))


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    with SimulatedCluster() as cluster:
        yield Shell(cluster, tmp_path)


FAULTS = tuple(SimulatedCluster().faults)


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.skipif(KUBECTL is None, reason="kubectl is not on the PATH")
def test_every_command_of_the_first_diagnosis_can_be_pasted(shell: Shell) -> None:
    shell.cluster.inject("api-oom-killed")
    diagnosis = shell.diagnose()
    assert len(commands(diagnosis)) > 40
    assert "\n".join(shell.failures(commands(diagnosis) + fixes(diagnosis)[:1])) == ""


@pytest.mark.slow
@pytest.mark.skipif(KUBECTL is None, reason="kubectl is not on the PATH")
@pytest.mark.timeout(600)
def test_every_command_of_every_fault_can_be_pasted(shell: Shell) -> None:
    failed: list[str] = []
    for fault in FAULTS:
        shell.cluster.inject(fault)
        diagnosis = shell.diagnose()
        failed += shell.failures(
            [it.command for it in diagnosis.checks if it.status is CheckStatus.FAIL and it.command]
        )
        for fix in fixes(diagnosis):
            shell.cluster.inject(fault)
            failed += shell.failures([fix])
    assert "\n".join(failed) == ""


@pytest.mark.slow
def test_no_command_has_a_hole_in_it(shell: Shell) -> None:
    holes: set[str] = set()
    for fault in FAULTS:
        shell.cluster.inject(fault)
        diagnosis = shell.diagnose()
        holes |= set(with_holes(diagnosis))
    assert sorted(holes) == []
