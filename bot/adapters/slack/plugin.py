"""What the bot is given from outside: the stores it keeps everything in, and what adds buttons to its cards.

Filled by the bootstrap. The defaults add nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.adapters.slack.board import CardExtension, Plain
from bot.adapters.slack.home_facts import HomeFacts, NoFacts
from bot.adapters.slack.presses import PressKind, SubmissionHandler
from bot.adapters.slack.schedule import Pace
from bot.adapters.slack.services import Services
from bot.adapters.slack.unmatched import Unmatched
from bot.diagnosis.ports import ButtonStore, IncidentStore, QuestionStore, SeenEvents
from bot.redaction.boundary import Boundary
from bot.runtime.measures import Measures, NoMeasures


@dataclass(frozen=True)
class SlackStores:
    """Where everything is kept that must outlive the process, or be known to all replicas."""

    buttons: ButtonStore
    incidents: IncidentStore
    questions: QuestionStore
    seen: SeenEvents


class Plugin:
    """Adds to the bot. Subclass it; each method is called once, while the bot connects.

    `extension` adds to each card as it is drawn; the kinds and forms answer what it added. A card is drawn anew by
    `services.board.redraw(incident_id)`.
    """

    extension: CardExtension = Plain()

    def kinds(self, services: Services) -> Mapping[str, PressKind]:  # noqa: ARG002  subclasses need it
        """Kinds of buttons, and what they do."""
        return {}

    def submissions(self, services: Services) -> Mapping[str, SubmissionHandler]:  # noqa: ARG002
        """Modals by callback id, and what their submission does."""
        return {}

    def unmatched(self, found: Unmatched) -> None:
        """Somebody asked, no rule found anything, and the answer that says so is posted. Must only queue."""

    def tick(self) -> None:
        """Called every few seconds while the bot is connected, to finish what a process that died has left."""

    def close(self, timeout: float) -> None:
        """Take no more work, and finish what runs within `timeout` seconds. The connection is still open."""


@dataclass(frozen=True)
class Options:
    """What differs between installations and tests.

    pace:     how fast messages and edits may go; by default as fast as Slack allows
    boundary: hides secrets in everything that is sent and kept
    plugin:   adds buttons to the cards, and answers them
    facts:    what the Home tab shows and this adapter does not know by itself
    measures: counts what goes wrong, and what waits
    """

    pace: Pace = field(default_factory=Pace)
    boundary: Boundary = field(default_factory=Boundary)
    plugin: Plugin = field(default_factory=Plugin)
    facts: HomeFacts = field(default_factory=NoFacts)
    measures: Measures = field(default_factory=NoMeasures)
