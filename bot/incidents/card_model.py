"""What a message says, before it is drawn: a headline, small print, labelled sections, buttons as data.

Built by `cards`, `notices` and `fixes`; drawn by whatever shows it (the Slack adapter: blocks, and plain text for those
who see none). Pure data: it knows no chat platform. Whoever draws it cleans every string.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from bot.incidents.plain_text import one_line

HEADLINE_CHARACTERS = 280
SEPARATOR = " · "
TODO = "What to do"


@dataclass(frozen=True)
class Emoji:
    """An emoji: its name, and the character for plain text."""

    name: str
    character: str


@dataclass(frozen=True)
class Confirmation:
    """The question before a press counts. Its other answer is always Cancel. `style`: `primary` or `danger`."""

    title: str
    text: str
    yes: str
    style: str = "primary"


@dataclass(frozen=True)
class CardButton:
    """A button. `value` is an opaque token, `spoken` what a screen reader says, `url` what it opens instead.

    style: `primary`, `danger` or nothing
    """

    action: str
    label: str
    value: str = ""
    spoken: str = ""
    style: str = ""
    confirm: Confirmation | None = None
    url: str = ""


@dataclass(frozen=True)
class Menu:
    """The choices behind three dots: labels and their tokens."""

    action: str
    options: tuple[tuple[str, str], ...]


Element = CardButton | Menu


def button(
    action: str, label: str, value: str, *, spoken: str, style: str = "", confirm: Confirmation | None = None
) -> CardButton:
    """A button that says who pressed it."""
    return CardButton(action, label, value, spoken, style, confirm)


def link_button(action: str, label: str, url: str, *, spoken: str) -> CardButton:
    """A button that opens an address of the chat platform's own."""
    return CardButton(action, label, spoken=spoken, url=url)


def overflow(action: str, options: Sequence[tuple[str, str]]) -> Menu:
    """A menu."""
    return Menu(action, tuple(options))


def confirmation(title: str, text: str, yes: str, *, style: str = "primary") -> Confirmation:
    """The question before a press counts."""
    return Confirmation(title, text, yes, style)


class CardStatus(Enum):
    """The state a message is about: an emoji and a word, because colour alone says nothing to some readers."""

    FAULT = (Emoji("red_circle", "🔴"), "Fault found")
    BENIGN = (Emoji("large_blue_circle", "🔵"), "Harmless")
    RECOVERED = (Emoji("large_green_circle", "🟢"), "Recovered")
    HEALTHY = (Emoji("white_check_mark", "✅"), "Healthy")
    INCONCLUSIVE = (Emoji("large_orange_circle", "🟠"), "Inconclusive")
    WORKING = (Emoji("hourglass_flowing_sand", "⏳"), "Working")
    QUESTION = (Emoji("question", "❓"), "Question")
    FAILED = (Emoji("warning", "⚠️"), "Could not triage")
    REFUSED = (Emoji("lock", "🔒"), "Refused")
    HELP = (Emoji("speech_balloon", "💬"), "How to ask")
    RESOLVED = (Emoji("heavy_check_mark", "✔️"), "Resolved")
    KNOWN = (Emoji("link", "🔗"), "Same cause")
    NOTED = (Emoji("memo", "📝"), "Noted")

    @property
    def sign(self) -> Emoji:
        """The emoji."""
        return self.value[0]

    @property
    def word(self) -> str:
        """The word."""
        return self.value[1]


@dataclass(frozen=True)
class Section:
    """A label and what belongs to it: on one line, or as bullets; perhaps with a command to copy.

    limit:     characters of one item
    essential: must not be cut away, whatever else there is to say
    """

    label: str
    items: tuple[str, ...]
    limit: int = 160
    bulleted: bool = False
    command: str = ""
    essential: bool = False


@dataclass(frozen=True)
class Timed:
    """A part of the small print with a time in it, shown in the reader's own zone. `after` is our own wording."""

    before: str
    when: datetime
    after: str = ""


@dataclass(frozen=True)
class CardModel:
    """Everything one message says. `word` replaces the word of the status; `context` are parts of the small print.

    footer: small print at the very end; `at` is when all of it was found: times in sentences are meant from there
    calls: ids of people and user groups that are pinged; only ever from the configuration
    buttons, more: two rows of elements; what somebody would press first comes first
    """

    status: CardStatus
    headline: str
    context: tuple[str | Timed, ...] = ()
    sections: tuple[Section, ...] = ()
    buttons: tuple[Element, ...] = ()
    more: tuple[Element, ...] = ()
    word: str = ""
    calls: tuple[str, ...] = ()
    footer: tuple[str | Timed, ...] = ()
    at: datetime | None = None

    @property
    def title(self) -> str:
        """Word and headline."""
        return f"{self.word or self.status.word}{SEPARATOR}{one_line(self.headline, HEADLINE_CHARACTERS)}"

    @property
    def summary(self) -> str:
        """Headline and what to do, as plain text."""
        todo = next((section.items for section in self.sections if section.label == TODO), ())
        return " ".join([self.headline, *todo])
