"""What a program of a few lines says in another process: for what a process decides once, as it starts."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]


def lines_of(program: str, *arguments: object, folder: Path) -> list[Any]:
    """What it prints, each line read as JSON. It runs in `folder`, with nothing in its environment.

    `arguments` reach it as JSON, from `sys.argv[1]` on.
    """
    done = subprocess.run(
        [sys.executable, "-c", program, *(json.dumps(one) for one in arguments)],
        env={"PYTHONPATH": str(ROOT)},
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]
