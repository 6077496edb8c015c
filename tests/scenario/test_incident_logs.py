"""Who searches the log store for an incident's id finds what was done about it: its triage, its change, its monitor."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bot.domain.changes import ChangeState
from bot.redaction import Boundary
from bot.runtime.logs import IncidentFilter, JsonFormatter
from tests.scenario.slack_bench import valid_modal
from tests.scenario.slack_changing import scene


@contextmanager
def json_log() -> Iterator[io.StringIO]:
    """The log as `TRIAGE_LOG=json` writes it."""
    written, log = io.StringIO(), logging.getLogger("bot")
    handler = logging.StreamHandler(written)
    handler.addFilter(IncidentFilter())
    handler.setFormatter(JsonFormatter(Boundary().text))
    before = log.level
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    try:
        yield written
    finally:
        log.removeHandler(handler)
        log.setLevel(before)


def lines(written: io.StringIO, logger: str, says: str) -> list[dict[str, Any]]:
    found = [json.loads(line) for line in written.getvalue().splitlines()]
    return [line for line in found if line["logger"] == logger and says in line["message"]]


def test_the_log_lines_of_a_triage_and_of_a_change_carry_the_id_of_their_incident(tmp_path: Path) -> None:
    with json_log() as written, scene("api-oom-killed", tmp_path) as made:
        _, card = made.pasted()
        incident = made.incident().id
        valid_modal(made.previewed(card))
        made.submitted()
        change = made.change("raise_memory", incident)
        assert made.time_passes(change.id).state is ChangeState.FIXED
        made.quiet()
        triages = lines(written, "bot.incidents.questions.triages", "a triage of onyx took")
        moves = lines(written, "bot.changes.journal", f"change {change.id} of deployment/api-server:")
    assert {line.get("incident") for line in triages} == {incident}
    assert len(triages) == 2, "the paste, and the look after the change"
    assert [line["message"].split(": ")[1] for line in moves] == [
        "previewed, was offered",
        "requested, was previewed",
        "approved, was requested",
        "claimed, was approved",
        "applied, was claimed",
        "verifying, was applied",
        "fixed, was verifying",
    ]
    assert {line.get("incident") for line in moves} == {incident}
