"""What a message says, before it becomes blocks or plain text: a headline, small print, labelled sections, buttons.

Built by `cards` and `notices`; rendered here to a `Message`, once for people who see blocks and once for those who do
not, from the same content. Pure. Every string is cleaned here, so builders may pass what they have.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from bot.adapters.slack.blocks import (
    Json,
    Message,
    Sign,
    actions,
    bullets,
    called,
    characters,
    emoji,
    paragraph,
    preformatted,
    rich_text,
    small_print,
    space,
    span,
)
from bot.adapters.slack.limits import (
    BLOCKS_PER_MESSAGE,
    BUTTONS_PER_BLOCK,
    CALLS,
    MESSAGE_BLOCK_CHARACTERS,
    TEXT_CHARACTERS,
)
from bot.adapters.slack.text import Markup, call, clean, escaped, join, moment, one_line, spoken_time

HEADLINE_CHARACTERS = 280
PRINT_CHARACTERS = 90
COMMAND_CHARACTERS = 400
ESSENTIAL_CHARACTERS = 1_500
"""Of one line of the plain text that must not be cut away."""
SEPARATOR = " · "
TODO = "What to do"


class Tone(Enum):
    """The state a message is about: an emoji and a word, because colour alone says nothing to some readers."""

    FAULT = (Sign("red_circle", "🔴"), "Fault found")
    BENIGN = (Sign("large_blue_circle", "🔵"), "Harmless")
    RECOVERED = (Sign("large_green_circle", "🟢"), "Recovered")
    HEALTHY = (Sign("white_check_mark", "✅"), "Healthy")
    INCONCLUSIVE = (Sign("large_orange_circle", "🟠"), "Inconclusive")
    WORKING = (Sign("hourglass_flowing_sand", "⏳"), "Working")
    QUESTION = (Sign("question", "❓"), "Question")
    FAILED = (Sign("warning", "⚠️"), "Could not triage")
    REFUSED = (Sign("lock", "🔒"), "Refused")
    HELP = (Sign("speech_balloon", "💬"), "How to ask")
    RESOLVED = (Sign("heavy_check_mark", "✔️"), "Resolved")
    KNOWN = (Sign("link", "🔗"), "Same cause")
    NOTED = (Sign("memo", "📝"), "Noted")

    @property
    def sign(self) -> Sign:
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
class Outline:
    """Everything one message says. `word` replaces the word of the tone; `prints` are parts of the small print.

    calls: ids of people and user groups that are pinged; only ever from the configuration
    buttons, more: two rows of elements; what somebody would press first comes first
    """

    tone: Tone
    headline: str
    prints: tuple[str | Timed, ...] = ()
    sections: tuple[Section, ...] = ()
    buttons: tuple[Json, ...] = ()
    more: tuple[Json, ...] = ()
    word: str = ""
    calls: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """Word and headline."""
        return f"{self.word or self.tone.word}{SEPARATOR}{one_line(self.headline, HEADLINE_CHARACTERS)}"


def render(outline: Outline) -> Message:
    """The message, within Slack's limits whatever the outline holds."""
    todo = next((section.items for section in outline.sections if section.label == TODO), ())
    return Message(_text(outline), _blocks(outline), " ".join([outline.headline, *todo]))


def _blocks(outline: Outline) -> list[Json]:
    title = span(outline.title, HEADLINE_CHARACTERS + 60, bold=True)
    blocks = [rich_text(paragraph(emoji(outline.tone.sign), space(" "), title))]
    if outline.calls:
        blocks.append(rich_text(paragraph(*called(outline.calls))))
    if outline.prints:
        blocks.append(small_print(join(SEPARATOR, [_print(part) for part in outline.prints])))
    closing = [actions(row[:BUTTONS_PER_BLOCK]) for row in (outline.buttons, outline.more) if row]
    budget = MESSAGE_BLOCK_CHARACTERS - characters(blocks) - characters(closing) - 100
    room = BLOCKS_PER_MESSAGE - len(blocks) - len(closing) - 1
    must = [section.essential for section in outline.sections]
    body, complete = fit([section_block(section) for section in outline.sections], budget, room, must)
    if not complete:
        body.append(rich_text(paragraph(space("More than fits here was found: ask for the details."))))
    return blocks + body + closing


def fit(blocks: Sequence[Json], budget: int, room: int, must: Sequence[bool] = ()) -> tuple[list[Json], bool]:
    """The blocks that fit into `budget` characters and `room` blocks, in their order; and whether that is all.

    Those that `must` be there are given their place first; of the others, the leading ones stay.
    """
    sizes = [characters([block]) for block in blocks]
    essential = {index for index, needed in enumerate(must) if needed}
    budget -= sum(sizes[index] for index in essential)
    room -= len(essential)
    kept = set(essential)
    for index in range(len(blocks)):
        if index in essential:
            continue
        budget -= sizes[index]
        room -= 1
        if budget < 0 or room < 0:
            break
        kept.add(index)
    return [blocks[index] for index in sorted(kept)], len(kept) == len(blocks)


def section_block(section: Section) -> Json:
    """One section as a rich_text block."""
    label = span(section.label, 60, bold=True)
    if section.bulleted and len(section.items) > 1:
        containers = [paragraph(label), bullets([span(item, section.limit)] for item in section.items)]
    else:
        spans = [label]
        for item in section.items:
            spans += [space(SEPARATOR if len(spans) > 1 else "  "), span(item, section.limit)]
        containers = [paragraph(*spans)]
    if section.command:
        containers.append(preformatted(section.command, COMMAND_CHARACTERS))
    return rich_text(*containers)


def _print(part: str | Timed) -> Markup:
    if isinstance(part, Timed):
        return Markup(one_line(part.before, PRINT_CHARACTERS), " ", moment(part.when, with_date=True), part.after)
    return Markup(one_line(part, PRINT_CHARACTERS))


def _spoken_print(part: str | Timed) -> str:
    if isinstance(part, Timed):
        return f"{one_line(part.before, PRINT_CHARACTERS)} {spoken_time(part.when, with_date=True)}{part.after}"
    return one_line(part, PRINT_CHARACTERS)


def _text(outline: Outline) -> str:
    """The same in plain text. A line that must be there gets its place first; the others share what is left."""
    lines = [(f"{outline.tone.sign.character} {outline.title}", False)]
    if outline.prints:
        lines.append((SEPARATOR.join(_spoken_print(part) for part in outline.prints), False))
    lines += [(_spoken(section), section.essential) for section in outline.sections]
    essential = sum(must for _, must in lines)
    most = min(ESSENTIAL_CHARACTERS, (TEXT_CHARACTERS - 100) // max(essential, 1) - 1)
    calls = " ".join(str(call(one)) for one in outline.calls[:CALLS])
    sent = {index: escaped(line, most) for index, (line, must) in enumerate(lines) if must}
    left = TEXT_CHARACTERS - sum(len(line) + 1 for line in sent.values()) - len(calls) - 1
    for index, (line, must) in enumerate(lines):
        if not must and left > 10:
            sent[index] = escaped(line, left - 1)
            left -= len(sent[index]) + 1
    return "\n".join([*(sent[index] for index in sorted(sent)), *([calls] if calls else [])])


def _spoken(section: Section) -> str:
    line = f"{one_line(section.label, 60)}: {SEPARATOR.join(one_line(item, section.limit) for item in section.items)}"
    return f"{line}\n{clean(section.command, COMMAND_CHARACTERS)}" if section.command else line
