"""Logs of Onyx with more than one fault, put together from whole runs: see `tests/pastes/onyx-two-faults.yaml`."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass

from tests.support.shipped import PASTES, pastes

_DAY = re.compile(r"11/29/2026")


@dataclass(frozen=True)
class TwoFaults:
    """A log, the symptoms of which any may come first (none: nothing is to be found), and those that are over in it."""

    id: str
    text: str
    first: tuple[str, ...]
    over: frozenset[str]


def two_faults() -> Iterator[TwoFaults]:
    """Every such log, its parts a day apart."""
    with zipfile.ZipFile(PASTES / "onyx-logs.zip") as file:
        for one in pastes("onyx-two-faults.yaml"):
            prefixes = one.get("prefix", [""] * len(one["parts"]))
            texts = [
                _part(file, name, f"11/{10 + number}/2026", prefix)
                for number, (name, prefix) in enumerate(zip(one["parts"], prefixes, strict=True))
            ]
            yield TwoFaults(one["id"], "\n".join(texts), tuple(one["first"]), frozenset(one["over"]))


def _part(file: zipfile.ZipFile, name: str, day: str, prefix: str) -> str:
    path, _, most = name.partition(":")
    lines = file.read(path).decode("utf-8", errors="replace").splitlines()
    return "\n".join(prefix + _DAY.sub(day, line) for line in (lines[: int(most)] if most else lines))
