"""How much the redaction hides, and how much of ordinary logs it spoils: recall, false positives, MB per second."""

import gzip
import json
import time
from collections import Counter
from pathlib import Path

from bot.redaction import Redactor
from tests.corpus import secrets_held_out, secrets_tuning
from tests.corpus.ordinary_logs import LINES, ordinary_lines
from tests.corpus.secret_cases import Row, build, measure

SEEDS = range(10)
VIEWS = Path(__file__).parent.parent / "views"


def main() -> None:
    _recall("tuning half", secrets_tuning.ROWS)
    _recall("held-out half", secrets_held_out.ROWS)
    _false_positives("ordinary lines, generated", list(ordinary_lines(LINES)))
    _false_positives("ordinary lines, of real pods", _recorded())


def _recall(name: str, rows: tuple[Row, ...]) -> None:
    """Over several seeds, because a value made by chance may happen to look like a word."""
    hidden = total = 0
    missed: Counter[str] = Counter()
    forms: Counter[str] = Counter()
    for seed in SEEDS:
        found = measure(build(rows, seed), lambda text: Redactor().text(text))
        hidden, total = hidden + found.hidden, total + found.secrets
        missed.update(kind for kind, _, _ in found.missed)
        forms.update(case.form for _, case, _ in found.missed)
    cases = build(rows, 0)
    kinds = len({kind for case in cases for kind in case.kinds})
    each = sum(len(case.secrets) for case in cases)
    print(
        f"{name}: {each} secrets of {kinds} kinds in {len(rows)} texts, {len(SEEDS)} seeds: recall {hidden / total:.1%}"
    )
    if missed:
        print(
            "  missed, by kind: "
            + ", ".join(f"{kind} {count / len(SEEDS):.1f}" for kind, count in missed.most_common())
        )
        print(
            "  missed, by form: " + ", ".join(f"{form} {count / len(SEEDS):.1f}" for form, count in forms.most_common())
        )


def _false_positives(name: str, lines: list[str]) -> None:
    Redactor().text("warm up")
    started = time.process_time()
    found = Redactor().texts(lines)
    seconds = time.process_time() - started
    wrong = sum(old != new for old, new in zip(lines, found, strict=True))
    megabytes = sum(len(line) + 1 for line in lines) / 1e6
    print(f"{name}: {len(lines)} lines, {wrong} changed by mistake, {megabytes / seconds:.1f} MB per CPU second")


def _recorded() -> list[str]:
    lines: list[str] = []
    for path in sorted(VIEWS.glob("*.json.gz")):
        view = json.loads(gzip.decompress(path.read_bytes()))["view"]
        lines += [line for log in view.get("logs", ()) for line in (log.get("text") or "").splitlines()]
        lines += [event["message"] for event in view.get("events", ()) if event.get("message")]
    return lines


if __name__ == "__main__":
    main()
