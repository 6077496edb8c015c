"""The threat table names, in each row, a test that is there: a row without one is a promise."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_every_threat_names_a_test_that_exists() -> None:
    text = (ROOT / "deploy" / "docs" / "security.md").read_text(encoding="utf-8")
    table = text.partition("## Threats")[2].strip().splitlines()
    rows = [line for line in table if line.startswith("| ") and not line.startswith("| threat")]
    assert len(rows) >= 25
    for row in rows:
        (name,) = re.findall(r"`(tests/[\w/.]+\.py)` \|$", row)
        assert (ROOT / name).is_file(), name
