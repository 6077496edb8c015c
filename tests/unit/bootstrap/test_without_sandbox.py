"""The image leaves the sandbox out: everything but `triage run` without tokens works, and that says what to do."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
WITHOUT_SANDBOX = """
import sys
sys.modules["bot.sandbox"] = None
sys.modules["aiohttp"] = None
from bot.cli import entry
sys.argv = ["triage", *sys.argv[1:]]
entry()
"""


def triage(*words: str, tmp_path: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", WITHOUT_SANDBOX, *words],
        cwd=tmp_path,
        env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "PYTHONPATH": str(ROOT)},
        input="Error: connect ECONNREFUSED 172.30.154.48:8080\n",
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.mark.slow
def test_run_without_tokens_says_what_is_missing(tmp_path: Path) -> None:
    said = triage("run", tmp_path=tmp_path)
    assert said.returncode == 3
    assert "triage[sandbox]" in said.stderr
    assert "Traceback" not in said.stderr


def test_what_needs_no_sandbox_works(tmp_path: Path) -> None:
    said = triage("match", "-", tmp_path=tmp_path)
    assert said.returncode in (0, 1)
    assert "Traceback" not in said.stderr


def test_the_image_leaves_out_the_sandbox_and_what_only_it_needs() -> None:
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    assert ignored.index("bot/sandbox") > ignored.index("!bot")
    removed = re.search(r"pip uninstall --yes (.+?)&&", (ROOT / "Dockerfile").read_text(), re.DOTALL)
    assert removed is not None
    assert "aiohttp" in removed.group(1).split()
