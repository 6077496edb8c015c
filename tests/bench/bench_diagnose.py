"""What a diagnosis costs: requests, seconds and peak memory against the number of pods; and against the checklist.

The command line runs as a process of its own. On the cluster that KUBECONFIG names it is compared with the kubectl
commands that a person would go through, run by a script one after the other.
"""

# ruff: noqa: TID251

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.bench.crowd import crowded

PROJECT = Path(__file__).parents[2]
PODS = (50, 500, 5000)
REPEATS = 3
PAIRS = 7
"""Runs of the checklist and of a diagnosis, in turn: other work on the machine then slows both."""


@dataclass(frozen=True)
class Run:
    """One run of a command: seconds from start to end, of which on the processor; peak memory in MB; its output."""

    seconds: float
    processor: float
    megabytes: float
    printed: str


def main() -> None:
    _against_pods()
    _against_the_checklist()


def _against_pods() -> None:
    print("by pods in the namespace (an API server that is killed for memory; stub server, the whole command)")
    first: float | None = None
    with tempfile.TemporaryDirectory() as folder:
        for pods in PODS:
            with crowded(pods) as server:
                kubeconfig = server.write_kubeconfig(Path(folder) / "kubeconfig")
                runs = [_diagnose(str(kubeconfig), "onyx") for _ in range(REPEATS)]
            best = min(runs, key=lambda run: run.seconds)
            found = json.loads(best.printed)
            requests, reading = found["cost"]["api_requests"], found["cost"]["seconds"]
            first = first or best.seconds
            print(
                f"  {pods:>5} pods  {requests:>3} requests  {reading:6.2f} s reading"
                f"  {best.seconds:6.2f} s in all ({best.seconds / first:4.1f} times the first)"
                f"  {best.processor:5.2f} s of processor"
                f"  {max(run.megabytes for run in runs):5.0f} MB peak  {found['root_causes']}"
            )


def _against_the_checklist() -> None:
    kubeconfig = os.environ.get("KUBECONFIG", "")
    namespace = _an_onyx(kubeconfig) if kubeconfig else ""
    if not namespace:
        print("\nagainst the kubectl checklist: skipped (KUBECONFIG names no cluster with an Onyx in it)")
        return
    print(f"\nagainst the kubectl checklist, in {namespace}")
    pairs = [(_checklist(kubeconfig, namespace), _diagnose(kubeconfig, namespace)) for _ in range(PAIRS)]
    scripts, runs = [script for script, _ in pairs], [run for _, run in pairs]
    seconds = [run.seconds for run in runs]
    cost = json.loads(runs[-1].printed)["cost"]
    ratios = sorted(run.seconds / script for script, run in pairs)
    commands = len(_commands(namespace))
    print(f"  checklist  median {statistics.median(scripts):.2f} s, least {min(scripts):.2f} s, {commands} commands")
    print(
        f"  diagnosis  median {statistics.median(seconds):.2f} s, least {min(seconds):.2f} s in all,"
        f" {statistics.median(run.processor for run in runs):.2f} s of processor,"
        f" {cost['seconds']:.2f} s reading, {cost['api_requests']} requests"
    )
    print(
        f"  diagnosis / checklist, in pairs: median {statistics.median(ratios):.2f}, {ratios[0]:.2f}–{ratios[-1]:.2f}"
    )


def _diagnose(kubeconfig: str, namespace: str) -> Run:
    words = [sys.executable, "-m", "bot", "diagnose", "onyx", "--namespace", namespace, "--output", "json"]
    began = time.monotonic()
    with (
        tempfile.TemporaryFile() as printed,
        subprocess.Popen(
            words, stdout=printed, stderr=subprocess.DEVNULL, cwd=PROJECT, env={**os.environ, "KUBECONFIG": kubeconfig}
        ) as process,
    ):
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.monotonic() - began
        printed.seek(0)
        processor = usage.ru_utime + usage.ru_stime
        return Run(seconds, processor, usage.ru_maxrss / 1024, printed.read().decode())


def _an_onyx(kubeconfig: str) -> str:
    """A namespace that has an API server and a web server; empty if there is none."""
    words = ["kubectl", "get", "deployments", "--all-namespaces", "--output", "json"]
    done = subprocess.run(words, capture_output=True, check=False, env={**os.environ, "KUBECONFIG": kubeconfig})
    if done.returncode != 0:
        return ""
    items: list[Any] = json.loads(done.stdout)["items"]
    names = {(item["metadata"]["namespace"], item["metadata"]["name"]) for item in items}
    return min((where for where, name in names if name == "api-server" and (where, "web-server") in names), default="")


def _commands(namespace: str) -> list[list[str]]:
    """The checklist of the four errors' analysis, and the look at the endpoints it ends with."""
    kubectl = ["kubectl", "--namespace", namespace]
    curl = "wget -q -T 5 -O - http://api-server:8080/health || curl -sm 5 http://api-server:8080/health"
    return [
        [*kubectl, "get", "pods", "-l", "app=api-server", "-o", "wide"],
        [*kubectl, "describe", "pod", "-l", "app=api-server"],
        [*kubectl, "logs", "-l", "app=api-server", "--tail=50"],
        [*kubectl, "get", "svc", "api-server"],
        [*kubectl, "exec", "deployment/web-server", "--", "sh", "-c", curl],
        [*kubectl, "exec", "deployment/web-server", "--", "env"],
        [*kubectl, "get", "networkpolicies"],
        [*kubectl, "get", "endpoints", "api-server"],
    ]


def _checklist(kubeconfig: str, namespace: str) -> float:
    began = time.monotonic()
    for words in _commands(namespace):
        subprocess.run(words, capture_output=True, check=False, env={**os.environ, "KUBECONFIG": kubeconfig})
    return time.monotonic() - began
