"""What hits every namespace at once, and so is not in the table: a lost node, and cluster DNS that is down.

Runs last (`conftest.py` sees to it: whatever stands on the node is not ready for a while afterwards), and only on the
lab: it stops the lab's kubelet and DNS server by their recorded process ids, and starts them again as they were. On
another cluster these tests are skipped.
"""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.cluster.app import analysis_app
from tests.cluster.diagnose import diagnose, pasted
from tests.cluster.fault import Fault, Paste, fault
from tests.cluster.faults_route import stands
from tests.cluster.kubectl import kubectl, read
from tests.cluster.prepare import prepare, remove

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(900)]

NODE_LOST = fault("node-lost", analysis_app, stands, "api-node-lost")
DNS_DOWN = fault("dns-down", analysis_app, stands, "dns-failing", paste=Paste.WEB_LOG)


def test_cluster_dns_that_is_down_is_not_blamed_on_the_url() -> None:
    with standing(DNS_DOWN), stopped("dns"):
        # The running web server keeps its connection, and needs no name until it starts again.
        old = running_web_pods()
        # Gone at once: of a pod that is going, nobody can ask for the log.
        going = ("delete", "pod", "--selector=app=web-server", "--wait=false", "--force", "--grace-period=0")
        kubectl("--namespace", DNS_DOWN.namespace, *going)
        assert wait_until(lambda: bool(running_web_pods() - old))
        # Only the first failures say so: later its resolver's threads are all busy, and fetch just times out.
        assert wait_until(lambda: "EAI_AGAIN" in (pasted(DNS_DOWN) or ""))
        assert_root_cause(DNS_DOWN)


def test_a_lost_node_is_named_and_not_blamed_on_the_app() -> None:
    with standing(NODE_LOST):
        with stopped("kubelet"):
            assert wait_until(lambda: node_is("Unknown") and api_is_unready())
            assert_root_cause(NODE_LOST)
        # A kubelet that finds its pods' Secrets gone after a restart never lets go of them: let it find them first.
        assert wait_until(lambda: node_is("True") and not api_is_unready(), seconds=300)


def running_web_pods() -> set[str]:
    """Names of the web server's pods whose container has started."""
    pods = read("pods", "--namespace", DNS_DOWN.namespace, "--selector=app=web-server")["items"]
    return {pod["metadata"]["name"] for pod in pods if pod["status"]["phase"] == "Running"}


def assert_root_cause(row: Fault) -> None:
    answer = diagnose(row)
    assert answer.json["verdict"] == row.verdict, answer.text
    assert answer.root_causes == row.causes, answer.text
    assert answer.code == 1, answer.text


@contextmanager
def standing(row: Fault) -> Iterator[None]:
    """The app of the row, healthy, in its own namespace."""
    lab_directory()
    failure = prepare([row])[row.id].failure
    assert not failure, failure
    try:
        yield
    finally:
        remove([row])


@contextmanager
def stopped(name: str) -> Iterator[None]:
    """One of the lab's processes is stopped, and started again afterwards with the command line it had."""
    state = lab_directory()
    record = state / f"{name}.pid"
    pid = int(record.read_text())
    command = Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")[:-1]
    os.kill(pid, signal.SIGTERM)
    try:
        yield
    finally:
        with (state / "log" / f"{name}.log").open("ab") as log:
            again = subprocess.Popen(
                command, cwd=state, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )
        record.write_text(f"{again.pid}\n")


def lab_directory() -> Path:
    """Where the lab keeps its state: around its certificate authority, which the kubeconfig names. Skips elsewhere."""
    view = kubectl("config", "view", "--minify", "--output=jsonpath={.clusters[0].cluster.certificate-authority}")
    state = Path(view).parent.parent
    if not view or not (state / "kubelet.pid").is_file():
        pytest.skip("only the lab's kubelet and DNS server can be stopped and started again")
    return state


def wait_until(holds: Callable[[], bool], seconds: float = 120) -> bool:
    """Whether the condition came to hold in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if holds():
            return True
        time.sleep(0.5)
    return False


def node_is(status: str) -> bool:
    """All nodes have this status of their Ready condition: True, False or Unknown."""
    conditions = [c for node in read("nodes")["items"] for c in node["status"]["conditions"] if c["type"] == "Ready"]
    return all(c["status"] == status for c in conditions)


def api_is_unready() -> bool:
    """No pod of the API is ready: the node controller has marked them, or they have not started again."""
    pods = read("pods", "--namespace", NODE_LOST.namespace, "--selector=app=api-server")["items"]
    conditions = [c for p in pods for c in p["status"].get("conditions", ()) if c["type"] == "Ready"]
    return not conditions or all(c["status"] == "False" for c in conditions)
