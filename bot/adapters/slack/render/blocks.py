"""Builds Block Kit: messages and modals out of cleaned text. The only place here that writes block dictionaries.

Called by the renderers. Everything a reader sees goes into rich_text `text` elements, which Slack does not parse, or
into `Markup`. It makes no `link` or `broadcast` elements at all, and mentions only ids that are configured.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.adapters.slack.render.limits import (
    ACCESSIBILITY_LABEL_CHARACTERS,
    BUTTON_CHARACTERS,
    BUTTONS_PER_BLOCK,
    CALLS,
    CONFIRM_BUTTON_CHARACTERS,
    CONFIRM_TEXT_CHARACTERS,
    CONFIRM_TITLE_CHARACTERS,
    CONTEXT_TEXT_CHARACTERS,
    HINT_CHARACTERS,
    LABEL_CHARACTERS,
    MENU_OPTIONS,
    MODAL_TITLE_CHARACTERS,
    OPTION_CHARACTERS,
    RADIO_OPTIONS,
)
from bot.adapters.slack.render.text import Markup, call
from bot.incidents.card_model import CardButton, Element, Emoji, Menu
from bot.incidents.plain_text import clean, one_line

Json = dict[str, Any]


@dataclass(frozen=True)
class Message:
    """What is posted: `blocks` for people who see them, `text` with the same content for everybody else.

    `text` is already escaped and within Slack's limit. `summary` is its headline and what to do, as plain text.
    """

    text: str
    blocks: list[Json] = field(default_factory=list)
    summary: str = ""


def span(text: str, limit: int, *, bold: bool = False, code: bool = False) -> Json:
    """A run of text on one line."""
    element: Json = {"type": "text", "text": one_line(text, limit)}
    style = {name: True for name, wanted in (("bold", bold), ("code", code)) if wanted}
    return {**element, "style": style} if style else element


def emoji(sign: Emoji) -> Json:
    """A sign as an element of its own. Always followed by a word: it says nothing to some readers."""
    return {"type": "emoji", "name": sign.name}


def space(text: str) -> Json:
    """Our own punctuation between two spans; white space at its ends is kept."""
    return {"type": "text", "text": text}


def paragraph(*spans: Json) -> Json:
    """One line of a rich_text block."""
    return {"type": "rich_text_section", "elements": list(spans)}


def bullets(items: Iterable[Sequence[Json]]) -> Json:
    """A bulleted list; each item is a sequence of spans."""
    return {"type": "rich_text_list", "style": "bullet", "elements": [paragraph(*item) for item in items]}


def preformatted(text: str, limit: int) -> Json:
    """Raw lines or a command, shown as they are."""
    return {
        "type": "rich_text_preformatted",
        "border": 0,
        "elements": [{"type": "text", "text": clean(text, limit)}],
    }


def rich_text(*containers: Json) -> Json:
    """A block of paragraphs, lists and preformatted text."""
    return {"type": "rich_text", "elements": list(containers)}


def small_print(markup: Markup) -> Json:
    """A grey line. The markup must fit Slack's limit for one text object."""
    if len(markup) > CONTEXT_TEXT_CHARACTERS:
        raise ValueError("the small print is too long: its parts must be shortened where they are made")
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": str(markup), "verbatim": True}]}


def divider() -> Json:
    """A thin line between two parts."""
    return {"type": "divider"}


def button(
    action_id: str, label: str, value: str, *, spoken: str, style: str = "", confirm: Json | None = None
) -> Json:
    """A button. `value` is an opaque token; `spoken` is what a screen reader says.

    `style` is `primary`, `danger` or nothing; `confirm` is asked before the press counts (see `confirmation`).
    """
    made: Json = {
        "type": "button",
        "action_id": action_id,
        "text": plain_text(label, BUTTON_CHARACTERS),
        "value": value,
        "accessibility_label": one_line(spoken, ACCESSIBILITY_LABEL_CHARACTERS),
    }
    return made | ({"style": style} if style else {}) | ({"confirm": confirm} if confirm else {})


def confirmation(title: str, text: str, yes: str, *, style: str = "primary") -> Json:
    """The question before a press counts. Its other answer is always Cancel."""
    return {
        "title": plain_text(title, CONFIRM_TITLE_CHARACTERS),
        "text": plain_text(text, CONFIRM_TEXT_CHARACTERS),
        "confirm": plain_text(yes, CONFIRM_BUTTON_CHARACTERS),
        "deny": plain_text("Cancel", CONFIRM_BUTTON_CHARACTERS),
        "style": style,
    }


def text_input(name: str, label: str, value: str, hint: str) -> Json:
    """One line to type, filled in with `value`. `name` is its block id and its action id; the hint stands below."""
    element: Json = {"type": "plain_text_input", "action_id": name, "max_length": 500}
    if value.strip():
        element["initial_value"] = one_line(value, 500)
    made: Json = {"type": "input", "block_id": name, "label": plain_text(label, LABEL_CHARACTERS), "element": element}
    return made | ({"hint": plain_text(hint, HINT_CHARACTERS)} if hint.strip() else {})


def mention(one: str) -> Json:
    """A person, user group or channel by its id. Only for what one person sees: in a channel it would ping."""
    if one.startswith("S"):
        return {"type": "usergroup", "usergroup_id": one}
    return {"type": "channel", "channel_id": one} if one[:1] in "CG" else {"type": "user", "user_id": one}


def link_button(action_id: str, label: str, url: str, *, spoken: str) -> Json:
    """A button that opens an address of Slack's own."""
    return {
        "type": "button",
        "action_id": action_id,
        "text": plain_text(label, BUTTON_CHARACTERS),
        "url": url,
        "accessibility_label": one_line(spoken, ACCESSIBILITY_LABEL_CHARACTERS),
    }


def overflow(action_id: str, options: Sequence[tuple[str, str]]) -> Json:
    """The menu behind three dots. `options` are (label, token); those beyond Slack's five are left out (`elements`
    makes several menus of them)."""
    made = [option(label, token) for label, token in options[:MENU_OPTIONS]]
    return {"type": "overflow", "action_id": action_id, "options": made}


def option(label: str, value: str) -> Json:
    """One choice of a menu or of radio buttons."""
    return {"text": plain_text(label, OPTION_CHARACTERS), "value": value}


def elements(row: Sequence[Element]) -> list[Json]:
    """A row of a card model, at most as long as Slack allows. A menu with more entries than one may have is several."""
    made: list[Json] = []
    for one in row:
        if not isinstance(one, Menu):
            made.append(_button_element(one))
            continue
        for number in range(0, len(one.options), MENU_OPTIONS):
            name = f"{one.action}_{number}" if number else one.action
            made.append(overflow(name, one.options[number : number + MENU_OPTIONS]))
    return made[:BUTTONS_PER_BLOCK]


def _button_element(made: CardButton) -> Json:
    if made.url:
        return link_button(made.action, made.label, made.url, spoken=made.spoken)
    asked = made.confirm
    confirm = confirmation(asked.title, asked.text, asked.yes, style=asked.style) if asked else None
    return button(made.action, made.label, made.value, spoken=made.spoken, style=made.style, confirm=confirm)


def actions(buttons: Sequence[Json]) -> Json:
    """A row of buttons."""
    return {"type": "actions", "elements": list(buttons[:BUTTONS_PER_BLOCK])}


def plain_text(text: str, limit: int) -> Json:
    """A text object without markup and without emoji names."""
    return {"type": "plain_text", "text": one_line(text, limit), "emoji": False}


def modal(title: str, blocks: Sequence[Json], private_metadata: str = "") -> Json:
    """A modal that shows something and asks nothing."""
    return {
        "type": "modal",
        "title": plain_text(title, MODAL_TITLE_CHARACTERS),
        "close": plain_text("Close", MODAL_TITLE_CHARACTERS),
        "blocks": list(blocks),
        "private_metadata": private_metadata,
    }


def called(ids: Sequence[str]) -> list[Json]:
    """Mentions of people and user groups, by their ids. They ping: never from what a log or a person says."""
    found: list[Json] = []
    for one in ids[:CALLS]:
        call(one)  # refuses what is no id
        group = one.startswith("S")
        found += [{"type": "usergroup", "usergroup_id": one} if group else {"type": "user", "user_id": one}, space(" ")]
    return found


def home_view(blocks: Sequence[Json]) -> Json:
    """A Home tab."""
    return {"type": "home", "blocks": list(blocks)}


def modal_form(
    title: str, callback_id: str, submit: str, sentences: Sequence[str], inputs: Sequence[Json], token: str
) -> Json:
    """A modal that asks something. `token` says what about: it comes back with the answer, and carries nothing else."""
    return {
        **modal(title, [*(rich_text(paragraph(span(said, 300))) for said in sentences), *inputs], token),
        "callback_id": callback_id,
        "submit": plain_text(submit, MODAL_TITLE_CHARACTERS),
        "close": plain_text("Cancel", MODAL_TITLE_CHARACTERS),
    }


def radio_input(name: str, label: str, options: Sequence[Json]) -> Json:
    """One of a few choices, the first unless changed. `name` is its block id and its action id."""
    choices = list(options[:RADIO_OPTIONS])
    element = {"type": "radio_buttons", "action_id": name, "options": choices, "initial_option": choices[0]}
    return {"type": "input", "block_id": name, "label": plain_text(label, LABEL_CHARACTERS), "element": element}


def characters(blocks: Iterable[Json]) -> int:
    """How much text the blocks hold, wherever it stands."""
    return sum(_characters(block) for block in blocks)


def _characters(value: Any) -> int:
    if isinstance(value, dict):
        own = value.get("text")
        rest = sum(_characters(item) for item in value.values() if not isinstance(item, str))
        return rest + (len(own) if isinstance(own, str) else 0)
    if isinstance(value, list):
        return sum(_characters(item) for item in value)
    return 0
