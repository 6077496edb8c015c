"""How long `triage match` takes for a small paste, from start to end, how much of that is Python's own start, and how
long until `triage run` is ready.

The bot starts in the sandbox, with its simulated workspace and cluster, and is ready when it has diagnosed once.
"""

# ruff: noqa: TID251

import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

PROJECT = Path(__file__).parents[2]
PASTE = "TypeError: fetch failed\n  [cause]: Error: connect ECONNREFUSED 172.30.154.48:8080\n"
REPEATS = 5
READY = "Open the page"
PATIENCE_SECONDS = 15


def main() -> None:
    bare = statistics.median(_seconds("-c", "pass") for _ in range(REPEATS))
    match = [_seconds("-m", "bot", "match", "-") for _ in range(REPEATS)]
    middle = statistics.median(match)
    print(
        f"triage match: median {middle:.2f} s, least {min(match):.2f} s for a small paste, "
        f"{middle / bare:.0f} times a start of Python ({bare:.2f} s)"
    )
    ready = [_seconds_until_ready() for _ in range(REPEATS)]
    print(f"triage run: ready after median {statistics.median(ready):.2f} s, least {min(ready):.2f} s (sandbox)")


def _seconds(*words: str) -> float:
    began = time.monotonic()
    subprocess.run([sys.executable, *words], input=PASTE, text=True, capture_output=True, check=False, cwd=PROJECT)
    return time.monotonic() - began


def _seconds_until_ready() -> float:
    """From the start of the process to the line with the address of its page. Raises `RuntimeError` without one."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("SLACK_", "TRIAGE_"))}
    words = [sys.executable, "-u", "-m", "bot", "run", "--port", "0"]
    began = time.monotonic()
    with subprocess.Popen(
        words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=PROJECT, env=environment
    ) as process:
        try:
            for line in process.stdout or ():
                if READY in line:
                    return time.monotonic() - began
        finally:
            process.terminate()
            _ended(process)
    raise RuntimeError("triage run ended before it was ready")


def _ended(process: subprocess.Popen[str]) -> None:
    try:
        process.communicate(timeout=PATIENCE_SECONDS)
    except subprocess.TimeoutExpired:
        print("  (it did not end when it was told to, and was killed)")
        process.kill()
        process.communicate()
