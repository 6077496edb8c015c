"""Writes the table of values in the chart's README from `values.yaml`: `python deploy/helm/table.py`.

A value with a comment of its own (`# -- …`) is a row; a test holds the table current.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import yaml

CHART = Path(__file__).parent / "triage"
BEGIN, END = "<!-- values: begin -->", "<!-- values: end -->"
_LINE = re.compile(r"^( *)([A-Za-z][\w]*):(.*)$")


def rows(text: str) -> Iterator[tuple[str, str, str]]:
    """(path, default as JSON, meaning) of each value, in the order of the file."""
    values = yaml.safe_load(text)
    path: list[str] = []
    said: list[str] = []
    for line in text.splitlines():
        if line.strip().startswith("# -- "):
            said = [line.strip().removeprefix("# -- ")]
        elif (found := _LINE.match(line)) is not None:
            depth = len(found[1]) // 2
            path = [*path[:depth], found[2]]
            value = values
            for key in path:
                value = value[key]
            if "resources" not in path and (said or not isinstance(value, dict) or not value):
                yield ".".join(path), json.dumps(value), " ".join(said)
            said = []


def table(text: str) -> str:
    """The rows as Markdown."""
    lines = [f"| `{path}` | `{default}` | {meaning} |" for path, default, meaning in rows(text)]
    return "\n".join(["| value | default | meaning |", "|---|---|---|", *lines])


def readme(old: str, values: str) -> str:
    """The README with a new table."""
    before, _, rest = old.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{table(values)}\n{END}{after}"


if __name__ == "__main__":
    target = CHART / "README.md"
    values_text = (CHART / "values.yaml").read_text(encoding="utf-8")
    target.write_text(readme(target.read_text(encoding="utf-8"), values_text), encoding="utf-8")
    sys.stdout.write(f"{target} is current.\n")
