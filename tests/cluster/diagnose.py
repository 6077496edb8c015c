"""Runs the command a person would run, and reads what it prints.

Called by the cluster tests. `triage diagnose` runs in a process of its own, with the caller's KUBECONFIG.
"""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.cluster.fault import Fault, Paste
from tests.cluster.kubectl import kubectl

PROJECT = Path(__file__).parents[2]
STATES = frozenset({"recovered", "healthy"})


LOG_VANISHED = "removed that run's log"


@dataclass(frozen=True)
class Answer:
    """The exit code and the JSON of one diagnosis; `text` is all it printed, for messages."""

    code: int
    json: dict[str, Any]
    text: str

    @property
    def root_causes(self) -> frozenset[str]:
        """The root causes that are faults; the two states (healthy, recovered) are judged by the verdict."""
        return frozenset(self.json["root_causes"]) - STATES

    @property
    def confirmed(self) -> frozenset[str]:
        return frozenset(c["id"] for c in self.json["causes"] if c["verdict"] == "confirmed") - STATES

    def explained(self) -> frozenset[str]:
        """What the root causes explain, directly or through one another: ids of causes and symptoms."""
        explains = {c["id"]: frozenset(c["explains"]) for c in self.json["causes"]}
        reached: frozenset[str] = self.root_causes
        while True:
            further = reached.union(*(explains.get(cause, frozenset()) for cause in reached))
            if further == reached:
                return reached
            reached = further


def diagnose(fault: Fault, app: str = "onyx", *, log_of: str = "") -> Answer:
    """`triage diagnose APP -n NAMESPACE -o json`, with the row's paste on stdin when it has one.

    `log_of` is the `app` label of pods whose log is pasted instead. Asked again, as a person would, when it says
    that a log vanished at this moment: a crash-looping container's log does now and then.
    """
    answer = _diagnose(fault, app, log_of)
    return _diagnose(fault, app, log_of) if LOG_VANISHED in answer.text else answer


def _diagnose(fault: Fault, app: str, log_of: str) -> Answer:
    words = [sys.executable, "-m", "bot", "diagnose", app, "--namespace", fault.namespace, "--output", "json"]
    paste = log(fault, log_of) if log_of else pasted(fault)
    if paste is not None:
        words += ["--paste", "-"]
    done = subprocess.run(
        words,
        input=paste or "",
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        cwd=PROJECT,
        errors="replace",
    )
    text = f"exit {done.returncode}\n{done.stdout}\n{done.stderr}"
    try:
        decoded = json.loads(done.stdout)
    except json.JSONDecodeError as error:
        raise AssertionError(f"not JSON ({error}): {text}") from error
    return Answer(done.returncode, decoded, text)


def pasted(fault: Fault) -> str | None:
    """The text a person would paste: fixed, or what the running web server has just printed."""
    if isinstance(fault.paste, Paste):
        return log(fault, "web-server")
    return fault.paste


def log(fault: Fault, app: str) -> str:
    """The last lines of the pods with this `app` label, or of their last run when they do not run now."""
    words = ("logs", "--namespace", fault.namespace, f"--selector=app={app}", "--tail=60")
    return kubectl(*words) or kubectl(*words, "--previous")
