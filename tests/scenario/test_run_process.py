"""`triage run` as a process, as in a pod: its port says whether it is ready, its log is JSON, it ends when told to."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from bot.adapters.store.sql.engine import parse_url
from bot.sandbox.cluster import SimulatedCluster
from bot.sandbox.workspace.state.seed import INCIDENTS
from bot.sandbox.workspace.workspace import Workspace
from tests.databases import PostgresServer

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
MONITORS = """kind: monitors
monitors:
  - {id: onyx, app: onyx, namespace: onyx, every: 10s, lasting: 1s, channel: CINCIDENTS}
"""


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@dataclass
class Running:
    """The process and its operations port."""

    process: subprocess.Popen[bytes]
    port: int
    log: Path

    def ask(self, path: str) -> tuple[int, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def ready(self) -> bool:
        """Whether `/readyz` says so; False also while nobody answers."""
        try:
            return self.ask("/readyz")[0] == 200
        except OSError:
            return False

    def answers(self) -> bool:
        """Whether the port is open."""
        try:
            return self.ask("/healthz")[0] == 200
        except OSError:
            return False

    def until(self, condition: Callable[[], object]) -> None:
        ends = time.monotonic() + 120
        while not condition():
            assert time.monotonic() < ends, self.log.read_text()
            assert self.process.poll() is None, self.log.read_text()
            threading.Event().wait(0.05)


@contextmanager
def triage_run(folder: Path, **variables: str) -> Iterator[Running]:
    """Start it with exactly this environment; ended at the end in any case."""
    port = free_port()
    log = folder / "log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "bot", "run"],
            cwd=folder,
            env={
                "PATH": os.defpath,
                "PYTHONPATH": str(ROOT),
                "TRIAGE_LOG": "json",
                "TRIAGE_OPERATIONS_PORT": str(port),
                **variables,
            },
            stdout=subprocess.DEVNULL,
            stderr=out,
        )
    try:
        yield Running(process, port, log)
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(120)


@contextmanager
def refusing(server: PostgresServer, url: str) -> Iterator[None]:
    """The database takes nobody in, and has thrown out those who were there."""
    name = parse_url(url).database
    with psycopg.connect(url.replace(f"/{name}", "/postgres"), autocommit=True) as admin:
        admin.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        server.cut_off(url)
        yield
        admin.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")


@pytest.fixture
def variables(tmp_path: Path) -> Iterator[dict[str, str]]:
    (tmp_path / "monitors").mkdir()
    (tmp_path / "bot-token").write_text("")
    with Workspace() as workspace, SimulatedCluster() as cluster:
        (tmp_path / "monitors" / "m.yaml").write_text(MONITORS.replace("CINCIDENTS", INCIDENTS))
        (tmp_path / "bot-token").write_text(workspace.bot_token)
        yield {
            "SLACK_BOT_TOKEN_FILE": str(tmp_path / "bot-token"),
            "SLACK_APP_TOKEN": workspace.app_token,
            "SLACK_API_URL": workspace.api_url,
            "KUBECONFIG": str(cluster.write_kubeconfig(tmp_path / "kubeconfig")),
            "TRIAGE_STATE": str(tmp_path / "state"),
            "TRIAGE_MONITORS": str(tmp_path / "monitors"),
        }


def test_it_becomes_ready_leads_survives_its_database_and_ends_when_told_to(
    variables: dict[str, str], postgres: PostgresServer, tmp_path: Path
) -> None:
    url = postgres.fresh()
    key = tmp_path / "audit.key"
    key.write_text("0123456789abcdef" * 4)
    with triage_run(tmp_path, TRIAGE_DATABASE=url, TRIAGE_AUDIT_KEY_FILE=str(key), **variables) as running:
        running.until(running.ready)
        assert running.ask("/healthz")[0] == 200
        done = 'triage_job_runs_total{job="monitor-onyx",result="done"}'
        running.until(lambda: done in running.ask("/metrics")[1])
        assert "triage_leader 1.0" in running.ask("/metrics")[1]
        with refusing(postgres, url):
            running.until(lambda: not running.ready())
            assert "database" in json.loads(running.ask("/readyz")[1])["reasons"]
            assert running.ask("/healthz")[0] == 200
        running.until(running.ready)
        running.process.send_signal(signal.SIGTERM)
        assert running.process.wait(120) == 0
    lines = [json.loads(line) for line in running.log.read_text().splitlines()]
    assert {"time", "level", "logger", "message"} <= set(lines[0])
    assert [line for line in lines if "Traceback" in line.get("error", "")] == []


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"SLACK_APP_TOKEN": "xapp-wrong"}, "Slack does not accept the app-level token"),
        ({"TRIAGE_DATABASE": "postgresql://triage:geheim@127.0.0.1:9/triage"}, "The database cannot be reached"),
    ],
    ids=["wrong token", "no database"],
)
def test_a_pod_that_cannot_start_yet_is_alive_unready_and_says_why(
    variables: dict[str, str], tmp_path: Path, wrong: dict[str, str], words: str
) -> None:
    key = tmp_path / "audit.key"
    key.write_text("0123456789abcdef" * 4)
    with triage_run(tmp_path, TRIAGE_AUDIT_KEY_FILE=str(key), **{**variables, **wrong}) as running:
        running.until(lambda: running.answers() and words in running.ask("/readyz")[1])
        assert running.ask("/readyz")[0] == 503
        assert running.ask("/healthz")[0] == 200
        running.process.send_signal(signal.SIGTERM)
        assert running.process.wait(120) != 0
    shown = running.log.read_text()
    assert words in shown
    assert "Traceback" not in shown
    assert "geheim" not in shown
