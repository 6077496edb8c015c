"""The strict validator against Slack's documented limits, as tables: each rule on both sides of its edge."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.sandbox.workspace.rules.validate import (
    PayloadRefusal,
    check_block_list,
    check_home,
    check_message,
    check_modal,
    counted_characters,
)
from tests.contract.workspace.workspace_bot import button, modal, preformatted, section, text_input

Json = dict[str, Any]


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str) -> Json:
    return {"type": "mrkdwn", "text": text}


def options(count: int) -> list[Json]:
    return [{"text": plain(f"Option {number}"), "value": str(number)} for number in range(count)]


def confirm(**changes: str) -> Json:
    texts = {"title": "Sure?", "text": "It restarts.", "confirm": "Yes", "deny": "No", **changes}
    return {name: plain(text) for name, text in texts.items()}


def actions(*elements: Json) -> Json:
    return {"type": "actions", "elements": list(elements)}


def a_button(**changes: Any) -> Json:
    return {"type": "button", "action_id": "a", "text": plain("Go"), **changes}


def rich(*elements: Json) -> Json:
    return {"type": "rich_text", "elements": list(elements)}


def of_length(make: Callable[[str], Json], most: int) -> tuple[Json, Json]:
    """A block just within a limit, and one just beyond."""
    return make("x" * most), make("x" * (most + 1))


EDGES = {
    "section text 3000": of_length(section, 3000),
    "section field 2000": of_length(lambda t: {"type": "section", "fields": [mrkdwn(t)]}, 2000),
    "header 150": of_length(lambda t: {"type": "header", "text": plain(t)}, 150),
    "button text 75": of_length(lambda t: button("a", t), 75),
    "button value 2000": of_length(lambda t: button("a", value=t), 2000),
    "action_id 255": of_length(button, 255),
    "block_id 255": of_length(lambda t: section("x", block_id=t), 255),
    "accessibility label 75": of_length(lambda t: button("a", accessibility_label=t), 75),
    "confirm title 100": of_length(lambda t: button("a", confirm=confirm(title=t)), 100),
    "confirm text 300": of_length(lambda t: button("a", confirm=confirm(text=t)), 300),
    "confirm button 30": of_length(lambda t: button("a", confirm=confirm(confirm=t)), 30),
    "image alt text 2000": of_length(
        lambda t: {"type": "image", "image_url": "https://x.example", "alt_text": t}, 2000
    ),
    "option text 75": of_length(
        lambda t: actions({"type": "overflow", "action_id": "a", "options": [{"text": plain(t), "value": "1"}]}), 75
    ),
    "option value 150": of_length(
        lambda t: actions({"type": "overflow", "action_id": "a", "options": [{"text": plain("x"), "value": t}]}), 150
    ),
    "placeholder 150": of_length(
        lambda t: actions({"type": "static_select", "action_id": "a", "options": options(1), "placeholder": plain(t)}),
        150,
    ),
    "url 3000": (button("a", url="https://" + "x" * 2992), button("a", url="https://" + "x" * 2993)),
    "fields 10": tuple({"type": "section", "fields": [mrkdwn("x")] * count} for count in (10, 11)),
    "context elements 10": tuple({"type": "context", "elements": [mrkdwn("x")] * count} for count in (10, 11)),
    "actions 25": tuple(actions(*[a_button(action_id=str(n)) for n in range(count)]) for count in (25, 26)),
    "overflow options 5": tuple(
        actions({"type": "overflow", "action_id": "a", "options": options(count)}) for count in (5, 6)
    ),
    "select options 100": tuple(
        actions({"type": "static_select", "action_id": "a", "options": options(count)}) for count in (100, 101)
    ),
    "checkboxes 10": tuple(
        actions({"type": "checkboxes", "action_id": "a", "options": options(count)}) for count in (10, 11)
    ),
    "table rows 100": tuple({"type": "table", "rows": [[{"type": "raw_text", "text": "x"}]] * c} for c in (100, 101)),
    "table cells 20": tuple({"type": "table", "rows": [[{"type": "raw_text", "text": "x"}] * c]} for c in (20, 21)),
    "markdown 12000": of_length(lambda t: {"type": "markdown", "text": t}, 12_000),
}


@pytest.mark.parametrize(("within", "beyond"), EDGES.values(), ids=EDGES.keys())
def test_a_limit_holds_to_the_character(within: Json, beyond: Json) -> None:
    assert check_block_list([within], "message") == ()
    assert len(check_block_list([beyond], "message")) == 1


DEFECTS: dict[str, tuple[Json, str]] = {
    "unknown block": ({"type": "sections"}, "unsupported type: sections [json-pointer:/blocks/0/type]"),
    "block without type": ({}, "unsupported type: None [json-pointer:/blocks/0/type]"),
    "empty section": ({"type": "section"}, "must define either text or fields [json-pointer:/blocks/0]"),
    "empty text": (section(""), "must be more than 0 characters [json-pointer:/blocks/0/text/text]"),
    "missing field": ({"type": "header"}, "missing required field: text [json-pointer:/blocks/0]"),
    "unknown field": (
        actions(a_button(disabled=True)),
        "invalid additional property: disabled [json-pointer:/blocks/0/elements/0]",
    ),
    "markdown in a header": (
        {"type": "header", "text": mrkdwn("*x*")},
        "must be a valid enum value [json-pointer:/blocks/0/text/type]",
    ),
    "bare string as text": (
        {"type": "section", "text": "words"},
        "must provide an object [json-pointer:/blocks/0/text]",
    ),
    "unknown style": (
        actions(a_button(style="default")),
        "must be a valid enum value [json-pointer:/blocks/0/elements/0/style]",
    ),
    "empty value": (
        actions(a_button(value="")),
        "must be more than 0 characters [json-pointer:/blocks/0/elements/0/value]",
    ),
    "repeated action_id": (
        actions(a_button(), a_button()),
        '`action_id` "a" already exists for another element [json-pointer:/blocks/0/elements/1/action_id]',
    ),
    "input field in actions": (
        actions({"type": "plain_text_input", "action_id": "a"}),
        "unsupported type: plain_text_input [json-pointer:/blocks/0/elements/0/type]",
    ),
    "number input in a message": (
        {"type": "input", "label": plain("x"), "element": {"type": "number_input", "is_decimal_allowed": True}},
        "unsupported type: number_input [json-pointer:/blocks/0/element/type]",
    ),
    "script address": (
        actions(a_button(url="javascript:alert(1)")),
        "invalid url [json-pointer:/blocks/0/elements/0/url]",
    ),
    "ping inside preformatted": (
        rich({"type": "rich_text_preformatted", "elements": [{"type": "broadcast", "range": "channel"}]}),
        "unsupported type: broadcast [json-pointer:/blocks/0/elements/0/elements/0/type]",
    ),
    "empty preformatted text": (
        preformatted(""),
        "must be more than 0 characters [json-pointer:/blocks/0/elements/0/elements/0/text]",
    ),
    "text straight in rich_text": (
        rich({"type": "text", "text": "x"}),
        "unsupported type: text [json-pointer:/blocks/0/elements/0/type]",
    ),
    "list of bare text": (
        rich({"type": "rich_text_list", "style": "bullet", "elements": [{"type": "text", "text": "x"}]}),
        "must be a rich_text_section [json-pointer:/blocks/0/elements/0/elements/0/type]",
    ),
    "unknown text style": (
        rich({"type": "rich_text_section", "elements": [{"type": "text", "text": "x", "style": {"big": True}}]}),
        "invalid additional property: big [json-pointer:/blocks/0/elements/0/elements/0/style]",
    ),
}


@pytest.mark.parametrize(("block", "complaint"), DEFECTS.values(), ids=DEFECTS.keys())
def test_a_defect_is_named_with_its_place(block: Json, complaint: str) -> None:
    assert check_block_list([block], "message") == (complaint,)
    assert check_message(text="x", blocks=[block]) == PayloadRefusal("invalid_blocks", (complaint,))


def test_block_ids_are_unique_in_the_whole_payload_and_action_ids_in_their_block() -> None:
    assert check_block_list([section("x", block_id="b"), section("y", block_id="b")], "message") == (
        '`block_id` "b" already exists for another block [json-pointer:/blocks/1/block_id]',
    )
    assert check_block_list([actions(a_button()), actions(a_button())], "message") == ()


@pytest.mark.parametrize(
    ("block", "surfaces"),
    [
        pytest.param(section("x"), {"message", "modal", "home"}, id="section"),
        pytest.param(preformatted("x"), {"message", "modal", "home"}, id="rich_text"),
        pytest.param({"type": "markdown", "text": "x"}, {"message"}, id="markdown"),
        pytest.param({"type": "table", "rows": [[{"type": "raw_text", "text": "x"}]]}, {"message"}, id="table"),
        pytest.param({"type": "alert", "text": mrkdwn("x")}, {"modal"}, id="alert"),
    ],
)
def test_a_block_stands_only_on_its_surfaces(block: Json, surfaces: set[str]) -> None:
    assert {surface for surface in ("message", "modal", "home") if not check_block_list([block], surface)} == surfaces


@pytest.mark.parametrize(
    ("message", "refusal"),
    [
        pytest.param({"text": None}, "no_text", id="nothing"),
        pytest.param({"text": "  \n"}, "no_text", id="blank"),
        pytest.param({"text": "x"}, None, id="text"),
        pytest.param({"text": None, "blocks": [section("x")]}, None, id="blocks-alone"),
        pytest.param({"text": "x", "blocks": "[]"}, "invalid_blocks_format", id="blocks-as-a-string"),
        pytest.param({"text": "x", "blocks": [section("x")] * 50}, None, id="fifty-blocks"),
        pytest.param({"text": "x", "blocks": [section("x")] * 51}, "invalid_blocks", id="fifty-one-blocks"),
        pytest.param({"text": "x" * 4000, "updating": True}, None, id="update-4000"),
        pytest.param({"text": "x" * 4001, "updating": True}, "msg_too_long", id="update-4001"),
        pytest.param({"text": "x" * 4001}, None, id="post-4001"),
        pytest.param({"text": "x", "blocks": [preformatted("x" * 10_000)]}, None, id="cumulative-10000"),
        pytest.param(
            {"text": "x", "blocks": [preformatted("x" * 9_000), section("x" * 1_001)]},
            "msg_blocks_too_long",
            id="cumulative-10001",
        ),
        pytest.param({"text": "x", "attachments": [{"text": "x"}] * 101}, "too_many_attachments", id="attachments"),
    ],
)
def test_a_message_as_a_whole(message: Json, refusal: str | None) -> None:
    found = check_message(**message)

    assert (found.error if found else None) == refusal


MODALS: dict[str, tuple[Json, str | None]] = {
    "complete": (modal(section("x"), text_input("b")), None),
    "title 24": (modal(section("x"), title=plain("x" * 24)), None),
    "title 25": (modal(section("x"), title=plain("x" * 25)), "invalid_arguments"),
    "submit 25": (modal(section("x"), submit=plain("x" * 25)), "invalid_arguments"),
    "close 25": (modal(section("x"), close=plain("x" * 25)), "invalid_arguments"),
    "no title": ({"type": "modal", "blocks": []}, "invalid_arguments"),
    "input without submit": (
        {"type": "modal", "title": plain("x"), "blocks": [text_input("b")]},
        "invalid_arguments",
    ),
    "metadata 3000": (modal(section("x"), private_metadata="x" * 3000), None),
    "metadata 3001": (modal(section("x"), private_metadata="x" * 3001), "invalid_arguments"),
    "callback_id 256": (modal(section("x"), callback_id="x" * 256), "invalid_arguments"),
    "hundred blocks": (modal(*[section("x")] * 100), None),
    "hundred and one blocks": (modal(*[section("x")] * 101), "invalid_arguments"),
    "a home tab": (modal(section("x"), type="home"), "invalid_arguments"),
    "unknown field": (modal(section("x"), size="large"), "invalid_arguments"),
    "250 KB": (modal(*[section("é" * 3000)] * 50), "view_too_large"),
}


@pytest.mark.parametrize(("view", "refusal"), MODALS.values(), ids=MODALS.keys())
def test_a_modal_as_a_whole(view: Json, refusal: str | None) -> None:
    found = check_modal(view)

    assert (found.error if found else None) == refusal


def test_a_home_tab_has_no_title() -> None:
    assert check_home({"type": "home", "blocks": [section("x")]}) is None
    found = check_home({"type": "home", "blocks": [section("x")], "title": plain("x")})
    assert found == PayloadRefusal("invalid_arguments", ("invalid additional property: title [json-pointer:/view]",))


_anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["type", "text", "elements", "fields", "element", "rows"]), inner, max_size=4)
    ),
    max_leaves=12,
)
_types = ["section", "header", "context", "actions", "input", "rich_text", "table", "markdown", "image", "alert"]


@pytest.mark.slow
@settings(max_examples=60, deadline=None, database=None)
@given(st.lists(_anything, max_size=3), st.sampled_from(_types), st.dictionaries(st.sampled_from(_types), _anything))
def test_no_payload_makes_the_validator_fail(blocks: list[Any], kind: str, content: Json) -> None:
    fields = ("text", "elements", "fields", "label", "element", "rows", "accessory", "alt_text")
    block = {"type": kind, **dict(zip(fields, [*content.values(), *blocks], strict=False))}

    for surface in ("message", "modal", "home"):
        assert isinstance(check_block_list([*blocks, block], surface), tuple)  # type: ignore[arg-type]
    assert check_message(text="x", blocks=[block]) is None or check_message(text="x", blocks=[block]).error


def test_counting_is_in_characters_not_bytes() -> None:
    assert counted_characters([section("é🙂"), {"type": "header", "text": plain("ab")}, preformatted("xyz")]) == 7
