"""Draws a card model as a Slack message: blocks for people who see them, plain text for those who do not.

Called where something is sent. Pure. Every string is cleaned here, so builders may pass what they have.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.adapters.slack.render.blocks import (
    Json,
    Message,
    actions,
    bullets,
    called,
    characters,
    elements,
    emoji,
    paragraph,
    preformatted,
    rich_text,
    small_print,
    space,
    span,
)
from bot.adapters.slack.render.limits import (
    BLOCKS_PER_MESSAGE,
    CALLS,
    MESSAGE_BLOCK_CHARACTERS,
    TEXT_CHARACTERS,
)
from bot.adapters.slack.render.text import Markup, call, escaped, join, moment
from bot.adapters.slack.render.times import timed
from bot.incidents.card_model import HEADLINE_CHARACTERS, SEPARATOR, CardModel, Section, Timed
from bot.incidents.plain_text import clean, one_line, spoken_time

PRINT_CHARACTERS = 90
COMMAND_CHARACTERS = 400
ESSENTIAL_CHARACTERS = 1_500
"""Of one line of the plain text that must not be cut away."""


def render(model: CardModel) -> Message:
    """The message, within Slack's limits whatever the model holds."""
    return Message(_text(model), _blocks(model), model.summary)


def as_message(said: CardModel | Message) -> Message:
    """Drawn, if it is not yet."""
    return render(said) if isinstance(said, CardModel) else said


def _blocks(model: CardModel) -> list[Json]:
    title = timed(model.title, HEADLINE_CHARACTERS + 60, model.at, bold=True)
    blocks = [rich_text(paragraph(emoji(model.status.sign), space(" "), *title))]
    if model.calls:
        blocks.append(rich_text(paragraph(*called(model.calls))))
    if model.context:
        blocks.append(small_print(join(SEPARATOR, [_context(part) for part in model.context])))
    closing = [small_print(join(SEPARATOR, [_context(part) for part in model.footer]))] if model.footer else []
    closing += [actions(row) for row in (elements(model.buttons), elements(model.more)) if row]
    budget = MESSAGE_BLOCK_CHARACTERS - characters(blocks) - characters(closing) - 100
    room = BLOCKS_PER_MESSAGE - len(blocks) - len(closing) - 1
    must = [section.essential for section in model.sections]
    body, complete = fit([section_block(section, model.at) for section in model.sections], budget, room, must)
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


def section_block(section: Section, at: datetime | None = None) -> Json:
    """One section as a rich_text block; `at` is when it was found."""
    label = span(section.label, 60, bold=True)
    if section.bulleted and len(section.items) > 1:
        containers = [paragraph(label), bullets(timed(item, section.limit, at) for item in section.items)]
    else:
        spans = [label]
        for item in section.items:
            spans += [space(SEPARATOR if len(spans) > 1 else "  "), *timed(item, section.limit, at)]
        containers = [paragraph(*spans)]
    if section.command:
        containers.append(preformatted(section.command, COMMAND_CHARACTERS))
    return rich_text(*containers)


def _context(part: str | Timed) -> Markup:
    if isinstance(part, Timed):
        return Markup(one_line(part.before, PRINT_CHARACTERS), " ", moment(part.when, with_date=True), part.after)
    return Markup(one_line(part, PRINT_CHARACTERS))


def _spoken_context(part: str | Timed) -> str:
    if isinstance(part, Timed):
        return f"{one_line(part.before, PRINT_CHARACTERS)} {spoken_time(part.when, with_date=True)}{part.after}"
    return one_line(part, PRINT_CHARACTERS)


def _text(model: CardModel) -> str:
    """The same in plain text. A line that must be there gets its place first; the others share what is left."""
    lines = [(f"{model.status.sign.character} {model.title}", False)]
    if model.context:
        lines.append((SEPARATOR.join(_spoken_context(part) for part in model.context), False))
    lines += [(_spoken(section), section.essential) for section in model.sections]
    if model.footer:
        lines.append((SEPARATOR.join(_spoken_context(part) for part in model.footer), False))
    essential = sum(must for _, must in lines)
    most = min(ESSENTIAL_CHARACTERS, (TEXT_CHARACTERS - 100) // max(essential, 1) - 1)
    calls = " ".join(str(call(one)) for one in model.calls[:CALLS])
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
