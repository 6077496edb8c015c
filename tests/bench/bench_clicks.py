"""1,000 clicks at the same time on one button, from two processes, on each database: how many have an effect."""

import tempfile
from pathlib import Path

from tests.clicks import Outcome, click_many
from tests.databases import running_postgres, sqlite_case

CLICKS = 1000


def main() -> None:
    with tempfile.TemporaryDirectory() as directory:
        _print("SQLite", click_many(sqlite_case(Path(directory)).url, Path(directory), CLICKS))
    with (
        tempfile.TemporaryDirectory(prefix="triage-pg-") as data,
        tempfile.TemporaryDirectory() as directory,
        running_postgres(Path(data) / "data", durable=True) as server,
    ):
        _print("Postgres", click_many(server.database(), Path(directory), CLICKS))


def _print(name: str, outcome: Outcome) -> None:
    answers = ", ".join(f"{count} × {answer}" for answer, count in sorted(outcome.answers.items()))
    chain = "intact" if outcome.chain_intact else "BROKEN"
    print(
        f"{CLICKS} clicks from two processes on {name}: {outcome.effects} effect, answers {answers}, "
        f"{outcome.entries} audit entries, chain {chain}, {outcome.seconds:.1f} s"
    )
