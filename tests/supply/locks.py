"""Reads lock files, and says how two differ. Pure, but for the reading."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
LOCKS = ROOT / "deploy" / "requirements"
_PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;\\]+)\s*(?:;\s*([^\\]+?))?\s*\\?$")
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


@dataclass(frozen=True)
class Pin:
    """A locked package: its version, the marker of where it is needed, and the SHA-256 of files that may be taken."""

    name: str
    version: str
    marker: str
    hashes: tuple[str, ...]


def pins(text: str) -> list[Pin]:
    """The packages of a lock file, in its order. Raises `ValueError` for a line that is none."""
    found: list[Pin] = []
    for line in text.splitlines():
        if match := _PIN.match(line):
            found.append(Pin(match[1].lower(), match[2], match[3] or "", ()))
        elif hashed := _HASH.search(line):
            last = found[-1]
            found[-1] = Pin(last.name, last.version, last.marker, (*last.hashes, hashed[1]))
        elif line.strip() and not line.startswith("#"):
            raise ValueError(f"no pin and no hash: {line}")
    return found


def locked(name: str) -> list[Pin]:
    """The packages of `run`, `sandbox`, `dev` or `build`."""
    return pins((LOCKS / f"{name}.txt").read_text(encoding="utf-8"))


def changes(before: str, after: str) -> Iterator[str]:
    """What a refresh changed, a line each: `httpx 0.28.0 -> 0.28.1`, `+ new 1.0`, `- gone 2.0`, and same versions whose
    files are others, which nobody expects.
    """
    old, new = _by_name(before), _by_name(after)
    for name in sorted(old.keys() | new.keys()):
        was, now = old.get(name), new.get(name)
        if was is None or now is None:
            one = now or was
            assert one is not None
            yield f"{'+' if was is None else '-'} {name} {one.version}"
        elif was.version != now.version:
            yield f"{name} {was.version} -> {now.version}"
        elif set(was.hashes) - set(now.hashes):
            yield f"! {name} {now.version}: files that were there have other hashes or are gone"


def _by_name(text: str) -> Mapping[str, Pin]:
    return {one.name: one for one in pins(text)}
