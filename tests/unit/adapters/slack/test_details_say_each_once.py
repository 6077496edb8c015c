"""The details list what failed: no count of failures, no pasted error; nothing passes that was not there to ask."""

from __future__ import annotations

import pytest

from bot.adapters.slack.render.details import checked_nothing
from bot.diagnosis.text_report import RESTATED
from bot.domain.facts import Check, CheckStatus


def check(name: str, status: CheckStatus, **facts: bool | str) -> Check:
    kept = {f"api.{key}": value for key, value in facts.items()}
    return Check(id=name, status=status, summary="so it is", command="get pods", facts=kept)


@pytest.mark.parametrize(
    ("made", "nothing"),
    [
        (check("api.probes", CheckStatus.PASS, **{"readiness.configured": False}), True),
        (check("api.probes", CheckStatus.PASS, **{"readiness.configured": True}), False),
        (check("api.probes", CheckStatus.FAIL, **{"readiness.configured": False}), False),
        (check("api.health", CheckStatus.PASS, **{"health.outcome": "not_configured"}), True),
        (check("api.health", CheckStatus.PASS, **{"health.outcome": "ok"}), False),
        (check("paste", CheckStatus.PASS), True),
    ],
)
def test_what_had_nothing_to_check(made: Check, nothing: bool) -> None:
    assert checked_nothing(made) is nothing


def test_what_only_counts_the_others_is_no_failure_of_its_own() -> None:
    assert {"app.summary", "paste"} <= RESTATED
