"""`triage audit list` and `verify`, as a person runs them, on a database that the bot has written."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.bootstrap.storage import open_storage
from bot.cli.audit import entry_text, parse_since, verdict_text
from bot.domain.errors import StoreError, UsageError
from bot.settings import load_settings
from tests.databases import Clock, StoreCase, sqlite_case
from tests.store_samples import NOW, S, a_change

PROJECT = Path(__file__).parents[2]


@dataclass
class Bot:
    """What one bot leaves behind in its state directory."""

    state: Path
    case: StoreCase

    def triage(self, *words: str) -> subprocess.CompletedProcess[str]:
        variables = {name: value for name, value in os.environ.items() if not name.startswith("TRIAGE_")}  # noqa: TID251
        return subprocess.run(
            [sys.executable, "-m", "bot", *words],
            env={**variables, "TRIAGE_STATE": str(self.state)},
            cwd=PROJECT,
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture
def bot(tmp_path: Path) -> Bot:
    clock = Clock()
    store = open_storage(load_settings(state=tmp_path, database=f"sqlite:///{tmp_path}/triage.db"), clock)
    change = a_change()
    store.changes.add(change, "triage")
    store.audit.append("click.refused", "U2\nfake line", change.id, {"why": "guest"})
    clock.go_on(hours=1)
    moved = store.changes.move(change, S.PREVIEWED, "U1")
    assert moved is not None
    store.close()
    return Bot(tmp_path, sqlite_case(tmp_path))


def test_the_list_says_who_did_what_in_one_line_each(bot: Bot) -> None:
    lines = [entry_text(entry) for entry in bot.case.open(migrating=False).audit.entries()]
    bot.case.close()
    assert len(lines) == 3
    assert "2026-11-23 10:00:00Z  change.offered  by triage  about change-1" in lines[0]
    assert "target=deployment/api-server" in lines[0]
    assert "U2\N{REPLACEMENT CHARACTER}fake line" in lines[1]


def test_entries_can_be_chosen_and_printed_as_json(bot: Bot) -> None:
    result = bot.triage("audit", "list", "--since", "2026-11-23T10:30", "--about", "change-1", "-o", "json")
    (entry,) = json.loads(result.stdout)["entries"]
    assert (entry["event"], entry["by"], entry["detail"]["from"]) == ("change.previewed", "U1", "offered")


def test_an_intact_log_is_0_and_its_head_is_printed(bot: Bot) -> None:
    result = bot.triage("audit", "verify")
    assert (result.returncode, result.stderr) == (0, "")
    assert "intact: 3 entries" in result.stdout
    assert f"head: 3 {bot.case.execute('SELECT hash FROM audit WHERE seq = 3')[0][0]}" in result.stdout


def test_a_cut_log_is_1_and_names_the_place(bot: Bot) -> None:
    bot.case.tamper("DELETE FROM audit WHERE seq = 3")
    result = bot.triage("audit", "verify", "-o", "json")
    assert result.returncode == 1
    report = json.loads(result.stdout)
    assert (report["intact"], report["head"]["entry"], report["broken"]["entry"]) == (False, 2, 3)
    assert "newest entries are missing" in report["broken"]["reason"]


def test_a_changed_head_file_is_broken_outside_the_database(bot: Bot) -> None:
    (bot.state / "audit.head").write_text("2 a b\n")
    said = verdict_text(bot.case.open(migrating=False).audit.verify())
    bot.case.close()
    assert "BROKEN outside the database" in said
    assert "audit.head" in said


def test_what_cannot_be_read_is_3_and_nothing_is_made(bot: Bot) -> None:
    (bot.state / "audit.key").unlink()
    result = bot.triage("audit", "verify")
    assert result.returncode == 3
    assert "audit.key" in result.stderr
    assert not (bot.state / "audit.key").exists()
    (bot.state / "triage.db").unlink()
    with pytest.raises(StoreError, match=r"no database .*triage\.db"):
        bot.case.open(migrating=False)
    assert not (bot.state / "triage.db").exists()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("30m", NOW - timedelta(minutes=30)),
        ("2h", NOW - timedelta(hours=2)),
        ("7d", NOW - timedelta(days=7)),
        ("2026-11-23", datetime(2026, 11, 23, tzinfo=UTC)),
        ("2026-11-23T10:00:00+01:00", datetime(2026, 11, 23, 9, tzinfo=UTC)),
    ],
)
def test_since_takes_a_duration_or_a_time(text: str, expected: datetime) -> None:
    assert parse_since(text, NOW) == expected


def test_since_refuses_anything_else() -> None:
    with pytest.raises(UsageError, match="yesterday"):
        parse_since("yesterday", NOW)


def test_commands_that_need_no_database_load_none() -> None:
    vendors = "{'sqlalchemy', 'alembic', 'psycopg', 'slack_sdk', 'kubernetes'}"
    program = (
        "import sys; from bot.cli import main; main(['match', '-', '-o', 'json']); "
        f"print(sorted({vendors} & set(sys.modules)), file=sys.stderr)"
    )
    result = subprocess.run(
        [sys.executable, "-c", program],
        input="connect ECONNREFUSED",
        capture_output=True,
        text=True,
        check=True,
        cwd=PROJECT,
    )
    assert result.stderr == "[]\n"
