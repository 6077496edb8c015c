"""Several plugins of the bot at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from bot.adapters.slack.board import Plain
from bot.adapters.slack.cards import CardExtras
from bot.adapters.slack.outline import Section
from bot.adapters.slack.plugin import Plugin
from bot.adapters.slack.plugins import Plugins
from bot.adapters.slack.presses import PressKind
from tests.scenario.slack_bench import bench
from tests.scenario.worded import (
    card_after,
)


class Marked(Plugin):
    """Adds its name to every card."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.extension = self
        self.closed = False

    def extras(self, incident: Any, diagnosis: Any) -> CardExtras:  # noqa: ARG002
        return CardExtras(sections=(Section(self.name, ("above",)),), below=(Section(f"{self.name} too", ("below",)),))

    def close(self, timeout: float) -> None:  # noqa: ARG002
        self.closed = True


def test_several_plugins_add_to_the_same_card_in_their_order() -> None:
    parts = Marked("First"), Marked("Second"), Plugin()
    with bench(plugin=Plugins(*parts)) as made:
        text = card_after(made, "Fault found")["text"]
    order = ["First: above", "Second: above", "Root cause", "First too: below", "Second too: below"]
    assert sorted(order, key=text.index) == order
    assert all(part.closed for part in parts[:2])
    assert isinstance(parts[2].extension, Plain)


def test_two_plugins_cannot_answer_the_same_button() -> None:
    class Taken(Plugin):
        def kinds(self, services: Any) -> Mapping[str, PressKind]:  # noqa: ARG002
            return {"pressed": PressKind(lambda _: None)}

    with pytest.raises(ValueError, match="pressed"):
        Plugins(Taken(), Taken()).kinds(None)  # type: ignore[arg-type]
