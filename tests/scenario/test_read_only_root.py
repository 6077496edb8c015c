"""The program under a root file system that is read-only as a whole, as the pods have it: only its state is writable.

The container image is not needed for that: a mount namespace shows the same files read-only, and a process that tries
to write elsewhere fails as in the pod.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.scenario.test_run_process import Running, free_port

ROOT = Path(__file__).parents[2]
SHOW_READ_ONLY = """
set -e
root=$1; state=$2; shift 2
mount --rbind / "$root"
mount -t tmpfs none "$root$state"
cut -d' ' -f5 /proc/self/mountinfo | while read -r place; do
  case "$place" in
    "$root$state"|"$root"/proc*|"$root"/sys*|"$root"/dev*) ;;
    "$root"|"$root"/*) mount -o remount,bind,ro "$place" 2>/dev/null || true ;;
  esac
done
exec chroot "$root" "$@"
"""


def _namespaces() -> bool:
    if shutil.which("unshare") is None:
        return False
    return subprocess.run(["unshare", "-rm", "true"], capture_output=True, check=False, timeout=20).returncode == 0


pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not _namespaces(), reason="no user and mount namespaces here"),
]


def shown_read_only(folder: Path, *words: str) -> tuple[list[str], dict[str, str]]:
    """A command with everything read-only but an empty `folder/state`, and its environment."""
    root, state = folder / "root", folder / "state"
    root.mkdir()
    state.mkdir()
    given = {
        "PATH": f"{os.defpath}:/usr/sbin:/sbin",
        "PYTHONPATH": str(ROOT),
        "HOME": "/nowhere",
        "TRIAGE_STATE": str(state),
        "TMPDIR": str(state),  # pods have an emptyDir at /tmp
    }
    return ["unshare", "-rm", "sh", "-c", SHOW_READ_ONLY, "sh", str(root), str(state), *words], given


def read_only(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run such a command to its end."""
    command, given = shown_read_only(folder, *words)
    return subprocess.run(command, env=given, capture_output=True, text=True, check=False, timeout=120, cwd="/")


def test_nothing_can_be_written_there(tmp_path: Path) -> None:
    written = read_only(
        tmp_path, "sh", "-c", f"echo x > {tmp_path}/state/x && ! echo x > {tmp_path}/x && ! echo x > /x"
    )
    assert written.returncode == 0, written.stderr
    assert "ead-only file system" in written.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--version",), "triage"),
        (("playbooks", "check"), ", 0 failed"),
        (("diagnose", "onyx", "--snapshot", str(ROOT / "tests" / "views" / "oom.json.gz")), "Onyx"),
        (("doctor",), "playbooks for"),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)
def test_commands_work(words: tuple[str, ...], said: str, tmp_path: Path) -> None:
    done = read_only(tmp_path, sys.executable, "-m", "bot", *words)
    assert said in done.stdout, done.stderr
    assert "ead-only" not in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


def test_the_bot_serves_until_it_is_told_to_stop(tmp_path: Path) -> None:
    """The sandbox, for it needs neither Slack nor a cluster: the same program otherwise."""
    port, log = free_port(), tmp_path / "log"
    command, given = shown_read_only(tmp_path, sys.executable, "-m", "bot", "run", "--port", "0")
    with log.open("wb") as out:
        process = subprocess.Popen(
            command, env={**given, "TRIAGE_OPERATIONS_PORT": str(port)}, cwd="/", stdout=out, stderr=out
        )
    running = Running(process, port, log)
    try:
        running.until(running.ready)
        process.send_signal(signal.SIGTERM)
        assert process.wait(120) == 0, log.read_text()
    finally:
        process.kill()
        process.wait(120)
    assert "ead-only" not in log.read_text()
