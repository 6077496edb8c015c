"""What Slack demands of a `rich_text` block and of the rich text inside table cells.

Called by `block_rules`. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.sandbox.workspace.rules.complaints import Complaints, kind_of

# For each inline element: the fields it must have, and those it may have.
_INLINE: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "text": (("type", "text"), ("style",)),
    "link": (("type", "url"), ("text", "unsafe", "style")),
    "emoji": (("type", "name"), ("unicode", "skin_tone", "style", "url")),
    "user": (("type", "user_id"), ("style",)),
    "usergroup": (("type", "usergroup_id"), ("style",)),
    "channel": (("type", "channel_id"), ("style",)),
    "broadcast": (("type", "range"), ("style",)),
    "date": (("type", "timestamp", "format"), ("url", "fallback", "style")),
    "color": (("type", "value"), ("style",)),
    "team": (("type", "team_id"), ("style",)),
}
_STYLES = ("bold", "italic", "strike", "code", "highlight", "client_highlight", "unlink", "underline")
_IN_PREFORMATTED = frozenset({"text", "link"})
_CONTAINERS = frozenset({"rich_text_section", "rich_text_list", "rich_text_preformatted", "rich_text_quote"})

_OPTIONAL: dict[str, tuple[str, ...]] = {
    "rich_text_preformatted": ("border", "language"),
    "rich_text_quote": ("border",),
}


def check_rich_text(complaints: Complaints, block: Mapping[str, Any], pointer: str) -> None:
    """Note every defect of a rich_text block, structure by structure."""
    for index, element in enumerate(
        complaints.is_list(block.get("elements"), f"{pointer}/elements", least=1, most=500)
    ):
        _container(complaints, element, f"{pointer}/elements/{index}")


def _container(complaints: Complaints, element: object, pointer: str) -> None:
    kind = kind_of(element)
    if not isinstance(element, Mapping) or kind not in _CONTAINERS:
        complaints.add(f"{pointer}/type", f"unsupported type: {kind}")
        return
    if kind == "rich_text_list":
        _list(complaints, element, pointer)
        return
    optional = _OPTIONAL.get(str(kind), ())
    if complaints.is_object(element, pointer, ("type", "elements"), optional):
        allowed = _IN_PREFORMATTED if kind == "rich_text_preformatted" else frozenset(_INLINE)
        _inlines(complaints, element["elements"], f"{pointer}/elements", allowed)
    _border(complaints, element, pointer)


def _list(complaints: Complaints, element: Mapping[str, Any], pointer: str) -> None:
    if not complaints.is_object(element, pointer, ("type", "elements", "style"), ("indent", "offset", "border")):
        return
    complaints.one_of(element["style"], f"{pointer}/style", ("bullet", "ordered"))
    _border(complaints, element, pointer)
    for index, item in enumerate(complaints.is_list(element["elements"], f"{pointer}/elements", least=1, most=500)):
        where = f"{pointer}/elements/{index}"
        if not isinstance(item, Mapping) or item.get("type") != "rich_text_section":
            complaints.add(f"{where}/type", "must be a rich_text_section")
        else:
            _container(complaints, item, where)


def _border(complaints: Complaints, element: Mapping[str, Any], pointer: str) -> None:
    if element.get("border") not in (None, 0, 1):
        complaints.add(f"{pointer}/border", "must be 0 or 1")


def _inlines(complaints: Complaints, elements: object, pointer: str, allowed: frozenset[str]) -> None:
    for index, element in enumerate(complaints.is_list(elements, pointer, least=0, most=2000)):
        _inline(complaints, element, f"{pointer}/{index}", allowed)


def _inline(complaints: Complaints, element: object, pointer: str, allowed: frozenset[str]) -> None:
    kind = kind_of(element)
    if not isinstance(element, Mapping) or kind not in allowed:
        complaints.add(f"{pointer}/type", f"unsupported type: {kind}")
        return
    required, optional = _INLINE[str(kind)]
    if not complaints.is_object(element, pointer, required, optional):
        return
    if kind == "text":
        complaints.string(element["text"], f"{pointer}/text", most=40_000, least=1)
    if kind == "link":
        complaints.url(element["url"], f"{pointer}/url")
    if kind == "broadcast":
        complaints.one_of(element["range"], f"{pointer}/range", ("here", "channel", "everyone"))
    if isinstance(element.get("text"), str):
        complaints.characters += len(element["text"])
    _style(complaints, element.get("style"), f"{pointer}/style")


def _style(complaints: Complaints, style: object, pointer: str) -> None:
    if style is None:
        return
    if not isinstance(style, Mapping):
        complaints.add(pointer, "must provide an object")
        return
    for name, value in style.items():
        if name not in _STYLES:
            complaints.add(pointer, f"invalid additional property: {name}")
        elif not isinstance(value, bool):
            complaints.add(f"{pointer}/{name}", "must be a boolean")
