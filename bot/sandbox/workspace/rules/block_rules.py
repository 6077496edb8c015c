"""What Slack demands of each layout block, and on which surface a block may stand.

Called by `validate`. Pure. Block types that this workspace cannot show (cards, carousels, plans…) are refused as
unsupported, although Slack knows them: a payload must be provable, not merely plausible.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from bot.sandbox.workspace.rules.complaints import Complaints, kind_of
from bot.sandbox.workspace.rules.element_rules import (
    IN_ACTIONS,
    IN_CONTEXT_ACTIONS,
    IN_INPUT,
    IN_SECTION,
    check_element,
)
from bot.sandbox.workspace.rules.rich_text_rules import check_rich_text

FORBIDDEN: dict[str, frozenset[str]] = {
    "message": frozenset({"alert", "file"}),
    "modal": frozenset({"context_actions", "markdown", "table"}),
    "home": frozenset({"alert", "context_actions", "markdown", "table"}),
}
MARKDOWN_CHARACTERS = 12_000  # over all markdown blocks of a payload


def check_blocks(complaints: Complaints, blocks: object, pointer: str, *, most: int) -> None:
    """Note every defect of a list of at most `most` blocks."""
    items = complaints.is_list(blocks, pointer, least=0, most=most)
    for index, block in enumerate(items):
        _check_block(complaints, block, f"{pointer}/{index}")
    if complaints.markdown_characters > MARKDOWN_CHARACTERS:
        complaints.add(pointer, f"markdown blocks exceed {MARKDOWN_CHARACTERS} characters in total")
    if sum(1 for block in items if isinstance(block, Mapping) and block.get("type") == "table") > 1:
        complaints.add(pointer, "only_one_table_allowed")


def _check_block(complaints: Complaints, block: object, pointer: str) -> None:
    kind = kind_of(block)
    if not isinstance(block, Mapping) or kind not in BLOCKS or kind in FORBIDDEN[complaints.surface]:
        complaints.add(f"{pointer}/type", f"unsupported type: {kind}")
        return
    required, optional, rule = BLOCKS[str(kind)]
    if complaints.is_object(block, pointer, ("type", *required), ("block_id", *optional)):
        rule(complaints, block, pointer)
    complaints.optional_string(block, "block_id", pointer, most=255, least=1)
    block_id = block.get("block_id")
    if isinstance(block_id, str):
        if block_id in complaints.block_ids:
            complaints.add(f"{pointer}/block_id", f'`block_id` "{block_id}" already exists for another block')
        complaints.block_ids.add(block_id)


def _section(complaints: Complaints, block: Mapping[str, Any], pointer: str) -> None:
    if block.get("text") is None and block.get("fields") is None:
        complaints.add(pointer, "must define either text or fields")
    if block.get("text") is not None:
        complaints.text_object(block["text"], f"{pointer}/text", most=3000)
    if block.get("fields") is not None:
        for index, entry in enumerate(complaints.is_list(block["fields"], f"{pointer}/fields", least=1, most=10)):
            complaints.text_object(entry, f"{pointer}/fields/{index}", most=2000)
    if block.get("accessory") is not None:
        check_element(complaints, block["accessory"], f"{pointer}/accessory", IN_SECTION, set())
    complaints.optional_flags(block, ("expand",), pointer)


def _header(complaints: Complaints, block: Mapping[str, Any], pointer: str) -> None:
    complaints.text_object(block["text"], f"{pointer}/text", most=150, plain_only=True)


def _divider(complaints: Complaints, block: Mapping[str, Any], pointer: str) -> None:
    """A divider has nothing to check beyond its fields."""


def _context(complaints: Complaints, block: Mapping[str, Any], pointer: str) -> None:
    for index, element in enumerate(complaints.is_list(block["elements"], f"{pointer}/elements", least=1, most=10)):
        where = f"{pointer}/elements/{index}"
        if isinstance(element, Mapping) and element.get("type") == "image":
            check_element(complaints, element, where, frozenset({"image"}), set())
        else:
            complaints.text_object(element, where, most=3000)


def _actions(complaints: Complaints, block: Mapping[str, Any], pointer: str) -> None:
    used: set[str] = set()
    for index, element in enumerate(complaints.is_list(block["elements"], f"{pointer}/elements", least=1, most=25)):
        check_element(complaints, element, f"{pointer}/elements/{index}", IN_ACTIONS, used)


def _context_actions(complaints: Complaints, block: Mapping[str, Any], pointer: str) -> None:
    used: set[str] = set()
    for index, element in enumerate(complaints.is_list(block["elements"], f"{pointer}/elements", least=1, most=5)):
        check_element(complaints, element, f"{pointer}/elements/{index}", IN_CONTEXT_ACTIONS, used)


def _input(complaints: Complaints, block: Mapping[str, Any], pointer: str) -> None:
    complaints.text_object(block["label"], f"{pointer}/label", most=2000, plain_only=True)
    if block.get("hint") is not None:
        complaints.text_object(block["hint"], f"{pointer}/hint", most=2000, plain_only=True)
    complaints.optional_flags(block, ("optional", "dispatch_action"), pointer)
    check_element(complaints, block["element"], f"{pointer}/element", IN_INPUT, set())


def _image(complaints: Complaints, block: Mapping[str, Any], pointer: str) -> None:
    complaints.string(block["alt_text"], f"{pointer}/alt_text", most=2000, least=1)
    if block.get("title") is not None:
        complaints.text_object(block["title"], f"{pointer}/title", most=2000, plain_only=True)
    if ("image_url" in block) == ("slack_file" in block):
        complaints.add(pointer, "must define either image_url or slack_file")
    elif "image_url" in block:
        complaints.url(block["image_url"], f"{pointer}/image_url")


def _markdown(complaints: Complaints, block: Mapping[str, Any], pointer: str) -> None:
    complaints.string(block["text"], f"{pointer}/text", most=40_000, least=1)
    if isinstance(block["text"], str):
        complaints.markdown_characters += len(block["text"])


def _table(complaints: Complaints, block: Mapping[str, Any], pointer: str) -> None:
    if block.get("column_settings") is not None:
        complaints.is_list(block["column_settings"], f"{pointer}/column_settings", least=0, most=20)
    for number, row in enumerate(complaints.is_list(block["rows"], f"{pointer}/rows", least=1, most=100)):
        where = f"{pointer}/rows/{number}"
        for index, cell in enumerate(complaints.is_list(row, where, least=1, most=20)):
            _cell(complaints, cell, f"{where}/{index}")


def _cell(complaints: Complaints, cell: object, pointer: str) -> None:
    kind = kind_of(cell)
    if not isinstance(cell, Mapping) or kind not in ("raw_text", "raw_number", "rich_text"):
        complaints.add(f"{pointer}/type", f"unsupported type: {kind}")
    elif kind == "rich_text":
        check_rich_text(complaints, cell, pointer)
    elif kind == "raw_text" and complaints.is_object(cell, pointer, ("type", "text"), ()):
        complaints.string(cell["text"], f"{pointer}/text", most=3000, least=1)
        complaints.characters += len(str(cell["text"]))
    elif kind == "raw_number":
        complaints.is_object(cell, pointer, ("type", "value"), ("text",))


def _alert(complaints: Complaints, block: Mapping[str, Any], pointer: str) -> None:
    complaints.text_object(block["text"], f"{pointer}/text", most=200)
    if "level" in block:
        complaints.one_of(block["level"], f"{pointer}/level", ("default", "info", "warning", "error", "success"))


_Rule = Callable[[Complaints, Mapping[str, Any], str], None]
# For each block: the fields it must have besides `type`, those it may have besides `block_id`, and its rule.
BLOCKS: dict[str, tuple[tuple[str, ...], tuple[str, ...], _Rule]] = {
    "section": ((), ("text", "fields", "accessory", "expand"), _section),
    "header": (("text",), (), _header),
    "divider": ((), (), _divider),
    "context": (("elements",), (), _context),
    "actions": (("elements",), (), _actions),
    "context_actions": (("elements",), (), _context_actions),
    "input": (("label", "element"), ("hint", "optional", "dispatch_action"), _input),
    "image": (("alt_text",), ("image_url", "slack_file", "title"), _image),
    "rich_text": (("elements",), (), check_rich_text),
    "markdown": (("text",), (), _markdown),
    "table": (("rows",), ("column_settings",), _table),
    "alert": (("text",), ("level",), _alert),
}
