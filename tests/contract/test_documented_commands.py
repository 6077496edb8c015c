"""What README and the documentation print can be pasted: each command that the sandbox can serve is run as it stands.

Only what the text tells the reader to have is there: a clone, KUBECONFIG, the files that it names.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from bot.sandbox.start import start_sandbox
from tests.contract.kube.simulated_cluster_client import KUBECTL

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(300),
    pytest.mark.skipif(KUBECTL is None, reason="kubectl is not on the PATH"),
]
ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
INSTALL = (ROOT / "deploy" / "docs" / "install.md").read_text(encoding="utf-8")
RUNBOOK = (ROOT / "deploy" / "docs" / "runbook.md").read_text(encoding="utf-8")
FINDING = {0, 1}
"""A diagnosis that finds a fault ends with 1, and works."""
ELSEWHERE = (
    "triage run",  # the sandbox itself is what runs here
    "--explain",  # needs a language model
    "playbooks draft",  # the same
    "--undo",  # its id is printed by the run before; the scenario tests take changes back
    "triage audit",  # needs the database of a bot
    "kubectl triage",  # a plugin is found by the PATH of an installation
)
PASTE = """\
Failed to fetch auth information - TypeError: fetch failed
  [cause]: Error: connect ECONNREFUSED 172.30.154.48:8080
"""


class Reader:
    """Somebody with a clone and a shell, who pastes line by line."""

    def __init__(self, folder: Path, kubeconfig: Path) -> None:
        self.folder = folder
        path = f"{Path(sys.executable).parent}:{os.defpath}"
        self.env = {"PATH": path, "HOME": str(folder), "KUBECONFIG": str(kubeconfig), "COLUMNS": "100"}
        for name in ("deploy", "playbooks"):
            (folder / name).symlink_to(ROOT / name)

    def paste(self, command: str, allowed: set[int] | None = None) -> str:
        """What it prints; fails with the shell's words."""
        done = subprocess.run(
            ["bash", "-c", command], cwd=self.folder, env=self.env, capture_output=True, text=True, check=False
        )
        assert done.returncode in (allowed or {0}), f"$ {command}\n{done.returncode}: {done.stderr or done.stdout}"
        return done.stdout

    def keep(self, name: str, text: str) -> None:
        """Write a file as the text shows it."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Reader]:
    with ExitStack() as stack:
        sandbox = start_sandbox(stack, port=0, simulate=True)
        config = sandbox.write_kubeconfig(tmp_path / "kubeconfig")
        made = Reader(tmp_path, config)
        made.keep("error.log", PASTE)
        made.keep("policy.yaml", (ROOT / "deploy" / "policy" / "policy.yaml").read_text(encoding="utf-8"))
        yield made


def blocks(text: str, language: str) -> list[str]:
    """The code blocks of a language, without their indentation."""
    found = re.findall(rf"^( *)```{language}\n(.*?)^ *```", text, re.DOTALL | re.MULTILINE)
    return [re.sub(rf"^{indent}", "", body, flags=re.MULTILINE) for indent, body in found]


def block(text: str, begins: str) -> str:
    """The one shell block that begins so."""
    (found,) = [each for each in blocks(text, "sh") if each.startswith(begins)]
    return found


def test_each_command_of_the_table_works(reader: Reader) -> None:
    table = README.partition("## Command line")[2].partition("| exit code")[0]
    commands = list(re.findall(r"^\| `(triage [^`]+)`", table, re.MULTILINE))
    served = [command for command in commands if not any(word in command for word in ELSEWHERE)]
    assert len(served) > 15
    for command in served:
        reader.paste(command, FINDING)


def test_the_playbook_of_the_readme_can_be_written_checked_and_tried(reader: Reader) -> None:
    section = README.partition("## Write a playbook for another app")[2]
    for name, body in re.findall(r"`(my-playbooks/[\w./-]+)`.*?```yaml\n(.*?)^```", section, re.DOTALL | re.MULTILINE):
        reader.keep(name, body)
    reader.paste("triage snapshot shop -n shop -f incident.json --playbooks my-playbooks")
    for command in block(README, "triage playbooks check my-playbooks").splitlines():
        reader.paste(command, FINDING)


def test_the_rights_of_the_readme_are_given_by_its_lines(reader: Reader) -> None:
    reader.paste("kubectl delete namespace triage && kubectl -n onyx delete rolebinding --all")
    for begins in ("kubectl create namespace triage\nkubectl apply -n triage", "kubectl create rolebinding"):
        for command in block(README, begins).splitlines():
            reader.paste(command)
    may = "kubectl auth can-i list pods -n onyx --as system:serviceaccount:triage:triage"
    assert reader.paste(may).strip() == "yes"


def test_the_kustomization_of_the_installation_is_accepted(reader: Reader) -> None:
    for name, body in re.findall(r"```yaml\n# (my-triage/[\w./-]+)\n(.*?)^```", INSTALL, re.DOTALL | re.MULTILINE):
        reader.keep(name, body)
    reader.paste("kubectl delete namespace triage")
    reader.paste(block(INSTALL, "kubectl create namespace triage"))
    accepted = reader.paste(block(INSTALL, "kubectl apply -k").splitlines()[0])
    assert "deployment.apps/triage created" in accepted
    for command in re.findall(r"`((?:kubectl|triage) [^`]+)`", INSTALL.partition("## 6.")[2]):
        if "my-playbooks" not in command:
            reader.paste(command, FINDING)


def test_the_runbook_can_be_followed(reader: Reader) -> None:
    for command in block(RUNBOOK, "kubectl -n triage get pods").splitlines():
        if " exec " not in command and " logs " not in command:
            reader.paste(command)
