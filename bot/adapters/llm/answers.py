"""Reads a chat completion's body: the JSON object in it, or why there is none. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from bot.domain.errors import ModelAnswerUnusable
from bot.narration.ports import Reply

_ASK_AGAIN = "Nothing depends on it: the diagnosis stands. Ask again, or choose another model."
_THOUGHTS = re.compile(r"(?s)<think(?:ing)?>.*?(?:</think(?:ing)?>|$)")
LONGEST_CONTENT = 200_000
LONGEST_SHOWN = 20_000
"""Characters of an unusable answer that are kept for people who ask to see it."""
MOST_STARTS = 50
"""Opening braces in a plain text at which a JSON object is tried: prose has a few, an attack has a million."""


def read_reply(body: bytes) -> Reply:
    """The reply in a body. Raises `ModelAnswerUnusable`."""
    document = _mapping(_loads(body), "its answer is not a JSON object")
    choices = document.get("choices")
    choice = _mapping(choices[0] if isinstance(choices, list) and choices else None, "it made no choice")
    message = _mapping(choice.get("message"), "it said nothing")
    text = _content(message)
    if message.get("refusal"):
        raise _unusable("it refused to answer", "refused", str(message["refusal"]))
    reason = choice.get("finish_reason")
    if reason == "length":
        raise _unusable("its answer was cut off at the length that was asked for", "cut_off", text)
    if reason == "content_filter":
        raise _unusable("a content filter stopped its answer", "refused", text)
    data = _object_in(text)
    if data is None:
        raise _unusable("its answer holds no JSON object", "other_shape", text)
    usage = document.get("usage")
    tokens = usage if isinstance(usage, Mapping) else {}
    return Reply(data, _count(tokens.get("prompt_tokens")), _count(tokens.get("completion_tokens")), text)


def complaint_in(body: bytes) -> str:
    """What an error answer says, as one short line; empty when it says nothing that can be read."""
    try:
        document = _loads(body)
    except ModelAnswerUnusable:
        return " ".join(body[:300].decode("utf-8", "replace").split())
    error = document.get("error", document) if isinstance(document, Mapping) else document
    said = error.get("message") or error.get("detail") or error if isinstance(error, Mapping) else error
    return " ".join((said if isinstance(said, str) else json.dumps(said)).split())[:300]


def _loads(body: bytes) -> Any:
    try:
        return json.loads(body.decode("utf-8", "replace"), strict=False)
    except (ValueError, RecursionError) as exc:
        raise _unusable("its answer is not JSON") from exc


def _mapping(value: Any, problem: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise _unusable(problem)
    return value


def _content(message: Mapping[str, Any]) -> str:
    """The text of a message, which some servers send in parts."""
    content = message.get("content")
    if isinstance(content, list):
        content = "".join(str(part.get("text") or "") for part in content if isinstance(part, Mapping))
    return content[:LONGEST_CONTENT] if isinstance(content, str) else ""


def _object_in(text: str) -> Mapping[str, Any] | None:
    """The first JSON object in a text: after thoughts, in a code fence, between sentences."""
    decoder = json.JSONDecoder(strict=False)
    text = _THOUGHTS.sub("", text)
    at = text.find("{")
    for _ in range(MOST_STARTS):
        if at < 0:
            return None
        try:
            found, _end = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            at = text.find("{", at + 1)
            continue
        return found if isinstance(found, Mapping) else None
    return None


def _count(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**9 else 0


def _unusable(problem: str, reason: str = "", answer: str = "") -> ModelAnswerUnusable:
    said = f"The model's answer cannot be used: {problem}."
    return ModelAnswerUnusable(said, _ASK_AGAIN, reason=reason, answer=answer[:LONGEST_SHOWN])
