"""Two real processes and many clicks on one change: one effect, and everybody else is told and audited."""

from __future__ import annotations

from pathlib import Path

from tests.clicks import APPROVED, click_many
from tests.databases import StoreCase

CLICKS = 60


def test_of_many_clicks_in_two_processes_one_has_an_effect(database: StoreCase, tmp_path: Path) -> None:
    outcome = click_many(database.url, tmp_path, CLICKS)
    assert outcome.answers == {"done": 1, "too late": CLICKS - 1}
    assert outcome.effects == 1
    assert outcome.entries == 1 + len(APPROVED) + CLICKS
    assert outcome.chain_intact
    assert len(database.execute("SELECT * FROM transitions WHERE to_state = 'claimed'")) == 1
