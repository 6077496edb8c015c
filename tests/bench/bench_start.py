"""How long `triage match` takes for a small paste, from start to end, and how much of that is Python's own start."""

import subprocess
import sys
import time
from pathlib import Path

PROJECT = Path(__file__).parents[2]
PASTE = "TypeError: fetch failed\n  [cause]: Error: connect ECONNREFUSED 172.30.154.48:8080\n"
REPEATS = 5


def main() -> None:
    bare = min(_seconds("-c", "pass") for _ in range(REPEATS))
    match = min(_seconds("-m", "bot", "match", "-") for _ in range(REPEATS))
    print(f"triage match: {match:.2f} s for a small paste, {match / bare:.0f} times a start of Python ({bare:.2f} s)")


def _seconds(*words: str) -> float:
    began = time.monotonic()
    subprocess.run([sys.executable, *words], input=PASTE, text=True, capture_output=True, check=False, cwd=PROJECT)
    return time.monotonic() - began
