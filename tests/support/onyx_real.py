"""What the real Onyx printed while one thing was broken, and how well `match` reads it.

Two sets: the one that came with the reference (`onyx-real.yaml`) and one of runs of our own (`onyx-runs.yaml`).

`python -m tests.support.onyx_real` prints the numbers: excerpts and whole logs, the half that signatures were tuned on
and the other one.
"""

from __future__ import annotations

import sys
import zipfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256

from bot.domain.symptoms import Symptom
from tests.support.shipped import PASTES, pastes
from tests.unit.onyx_matcher import matcher

MOST_SYMPTOMS = 3


@dataclass(frozen=True)
class Sample:
    """One text, the symptoms of which any is right (none: nothing is to be said), and what else may be said.

    `silent`: saying nothing is right as well, because the text does not show it.
    """

    id: str
    text: str
    accepted: tuple[str, ...]
    silent: bool = False

    @property
    def tuned(self) -> bool:
        """Whether signatures were tuned on it; the others only measure."""
        return sha256(self.id.encode()).digest()[0] % 2 == 0

    def verdict(self, found: Sequence[Symptom], most: int) -> str:
        """`right`, `wrong` (says another thing) or `missed` (says nothing)."""
        faults = [symptom.id for symptom in found]
        if not self.accepted:
            return "wrong" if faults else "right"
        if not faults:
            return "right" if self.silent else "missed"
        return "right" if faults[0] in self.accepted and len(faults) <= most else "wrong"


@cache
def kinds() -> dict[str, list[str]]:
    """The symptoms that say what was broken, by kind of fault."""
    return dict(pastes("onyx-broken.yaml")["kinds"])


@cache
def excerpts() -> tuple[Sample, ...]:
    """Excerpts of a few lines each."""
    return tuple(_excerpts())


def _excerpts() -> Iterator[Sample]:
    for one in pastes("onyx-real.yaml"):
        evidence = str(one.get("evidence", ""))
        accepted = [] if one["harmless"] else [*kinds()[one["broken"]]]
        if evidence.startswith("ambiguous"):
            accepted += ["document_index_unreachable", "redis_unreachable"]
        yield Sample(one["id"], one["text"], tuple(accepted), silent=evidence.startswith("none"))


@cache
def logs() -> tuple[Sample, ...]:
    """Whole logs of one process each."""
    broken: dict[str, str] = pastes("onyx-broken.yaml")["logs"]
    with zipfile.ZipFile(PASTES / "onyx-logs.zip") as file:
        return tuple(
            Sample(
                name,
                file.read(name).decode("utf-8", errors="replace"),
                () if kind == "none" else tuple(kinds()[kind]),
                silent=kind in ("redis-tls-mismatch", "redis-blackhole"),
            )
            for name, kind in broken.items()
        )


@cache
def own_excerpts() -> tuple[Sample, ...]:
    """Excerpts of runs of our own: lines, ends of tracebacks, bodies of answers."""
    return tuple(Sample(one["id"], one["text"], tuple(one["accepted"])) for one in pastes("onyx-runs.yaml")["excerpts"])


@cache
def own_logs() -> tuple[Sample, ...]:
    """Whole logs of runs of our own; where nothing is accepted, the log does not show what was broken."""
    with zipfile.ZipFile(PASTES / "onyx-runs.zip") as file:
        return tuple(
            Sample(name, file.read(name).decode("utf-8", errors="replace"), tuple(accepted))
            for name, accepted in pastes("onyx-runs.yaml")["logs"].items()
        )


def main() -> None:
    """Print how many are right, wrong and missed, and which are not right."""
    sets = (
        ("excerpts", excerpts(), 2),
        ("whole logs", logs(), MOST_SYMPTOMS),
        ("own excerpts", own_excerpts(), 2),
        ("own logs", own_logs(), MOST_SYMPTOMS),
    )
    for title, samples, most in sets:
        counts: dict[bool, Counter[str]] = {True: Counter(), False: Counter()}
        for sample in samples:
            found = matcher().match(sample.text)
            verdict = sample.verdict(found, most)
            counts[sample.tuned][verdict] += 1
            if verdict != "right" and "-v" in sys.argv:
                sys.stdout.write(f"{verdict} {sample.id}: {[item.id for item in found]} not {sample.accepted}\n")
        for tuned, count in counts.items():
            half = "tuned on" if tuned else "held out"
            sys.stdout.write(f"{title}, {half}: {dict(count)}\n")


if __name__ == "__main__":
    main()
