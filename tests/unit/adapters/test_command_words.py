"""What the slash command's words ask for."""

from __future__ import annotations

import pytest

from bot.adapters.slack.events.commands import request_in
from bot.diagnosis.ports import TriageRequest

APPS = (("onyx", "Onyx"), ("immich", "Immich"))


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ("onyx", ("onyx", None)),
        ("Onyx -n prod", ("onyx", "prod")),
        ("namespace/shop", ("shop", "shop")),
        ("ns/shop", ("shop", "shop")),
        ("deployment/orders shop", ("deployment/orders", "shop")),
        ("sts/db shop@eu", ("sts/db", "shop@eu")),
        ("deployment/orders", None),
        ("namespace/shop prod", None),
        ("shop", None),
        ("namespace/Not_A_Name", None),
        ("what is wrong", None),
        ("pod/x y", None),
    ],
)
def test_words_become_a_question(said: str, wanted: tuple[str, str | None] | None) -> None:
    found = request_in(said.split(), APPS)
    assert found == (None if wanted is None else TriageRequest(*wanted))
