"""Turns what a person types into what Slack delivers: escaped text with links and mentions, and its rich_text block.

Called when a person posts. Pure. Like Slack's composer it understands code fences, inline code, links and mentions;
it leaves asterisks and underscores alone, because pasted logs are full of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]

_FENCE = re.compile(r"```\n?(.*?)\n?```", re.DOTALL)
_TOKEN = re.compile(
    r"(?P<code>`[^`\n]+`)"
    r"|<@(?P<user>[UW][A-Z0-9]+)>"
    r"|<!subteam\^(?P<group>S[A-Z0-9]+)>"
    r"|<#(?P<channel>C[A-Z0-9]+)(?:\|[^>]*)?>"
    r"|(?P<url>https?://[^\s<>\"'`|]+)"
    r"|(?P<mail>[\w.+-]+@[\w-]+(?:\.[\w-]+)*\.[a-z]{2,})"
    r"|(?<![\w@])@(?P<handle>[a-z][a-z0-9._-]*)"
    r"|(?<![\w#&/])\#(?P<hash>[a-z][a-z0-9_-]*)"
    r"|(?<![\w@./:-])(?P<host>(?:[a-z0-9-]+\.)+(?:com|org|net|io|dev|app|ai|cloud))(?![\w.:-])"
)
_TRAILING = ".,;:!?)]}"
_BROADCASTS = ("here", "channel", "everyone")


@dataclass(frozen=True)
class MentionNames:
    """What a person can mention: handle → user id, name → channel id, handle → user group id."""

    people: Mapping[str, str]
    channels: Mapping[str, str]
    groups: Mapping[str, str]


@dataclass(frozen=True)
class Composed:
    """A message as delivered: `text`, its `blocks`, and the ids of the people it mentions."""

    text: str
    blocks: list[Json]
    mentions: frozenset[str]


def escape(text: str) -> str:
    """Replace the three characters that control Slack's markup."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def compose(raw: str, names: MentionNames) -> Composed:
    """What Slack delivers for the typed text."""
    raw = raw.replace("\r\n", "\n").strip()
    texts: list[str] = []
    containers: list[Json] = []
    mentions: set[str] = set()
    for fenced, part in _parts(raw):
        pieces = list(_code_pieces(part) if fenced else _pieces(part, names))
        if not pieces:
            continue
        text = "".join(piece for piece, _ in pieces)
        elements = _merged([element for _, element in pieces])
        mentions.update(element["user_id"] for element in elements if element["type"] == "user")
        if fenced:
            texts.append(f"```{text}```")
            containers.append({"type": "rich_text_preformatted", "elements": elements, "border": 0})
        else:
            texts.append(text)
            containers.append({"type": "rich_text_section", "elements": elements})
    blocks = [{"type": "rich_text", "elements": containers}] if containers else []
    return Composed("".join(texts), blocks, frozenset(mentions))


def _parts(raw: str) -> Iterator[tuple[bool, str]]:
    """The text outside and inside fences, in order."""
    position = 0
    for fence in _FENCE.finditer(raw):
        if fence.start() > position:
            yield False, raw[position : fence.start()]
        yield True, fence.group(1)
        position = fence.end()
    if position < len(raw):
        yield False, raw[position:]


def _plain(text: str) -> tuple[str, Json]:
    return escape(text), {"type": "text", "text": text}


def _pieces(part: str, names: MentionNames) -> Iterator[tuple[str, Json]]:
    position = 0
    for token in _TOKEN.finditer(part):
        piece = _token(token, names)
        if piece is None:
            continue
        if token.start() > position:
            yield _plain(part[position : token.start()])
        yield piece
        rest = _trailing(token)
        position = token.end() - len(rest)
    if position < len(part):
        yield _plain(part[position:])


def _code_pieces(code: str) -> Iterator[tuple[str, Json]]:
    """Inside fences Slack still turns addresses into links."""
    position = 0
    for token in re.finditer(r"https?://[^\s<>\"'`|]+", code):
        url = token.group().rstrip(_TRAILING)
        if token.start() > position:
            yield _plain(code[position : token.start()])
        yield f"<{escape(url)}>", {"type": "link", "url": url}
        position = token.start() + len(url)
    if position < len(code):
        yield _plain(code[position:])


def _trailing(token: re.Match[str]) -> str:
    """Punctuation after an address is not part of it."""
    url = token.group("url") or ""
    return url[len(url.rstrip(_TRAILING)) :]


def _token(token: re.Match[str], names: MentionNames) -> tuple[str, Json] | None:
    kind, value = token.lastgroup or "", token.group(token.lastgroup or 0)
    if kind == "code":
        return f"`{escape(value[1:-1])}`", {"type": "text", "text": value[1:-1], "style": {"code": True}}
    if kind == "url":
        url = value.rstrip(_TRAILING)
        return f"<{escape(url)}>", {"type": "link", "url": url}
    if kind == "mail":
        return f"<mailto:{value}|{value}>", {"type": "link", "url": f"mailto:{value}", "text": value}
    if kind == "host":
        return f"<http://{value}|{value}>", {"type": "link", "url": f"http://{value}", "text": value}
    return _mention(kind, value, names)


def _mention(kind: str, value: str, names: MentionNames) -> tuple[str, Json] | None:
    if kind == "handle" and value in _BROADCASTS:
        return f"<!{value}>", {"type": "broadcast", "range": value}
    user = names.people.get(value) if kind == "handle" else value if value in names.people.values() else None
    if user is not None and kind in ("handle", "user"):
        return f"<@{user}>", {"type": "user", "user_id": user}
    group = names.groups.get(value) if kind == "handle" else value if value in names.groups.values() else None
    if group is not None:
        return f"<!subteam^{group}>", {"type": "usergroup", "usergroup_id": group}
    channel = names.channels.get(value) if kind == "hash" else value if value in names.channels.values() else None
    if channel is not None:
        return f"<#{channel}|>", {"type": "channel", "channel_id": channel}
    return None


def _merged(elements: list[Json]) -> list[Json]:
    """Neighbouring plain text elements become one, as Slack sends them."""
    merged: list[Json] = []
    for element in elements:
        last = merged[-1] if merged else None
        if last is not None and last.keys() == element.keys() == {"type", "text"}:
            merged[-1] = {"type": "text", "text": last["text"] + element["text"]}
        else:
            merged.append(element)
    return merged
