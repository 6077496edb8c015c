"""Log records in JSON: the message inside, the error beside it, and who wrote it when.

Docker's json-file, collectors (Fluent Bit, Loki, Vector, journald, GELF), consoles (Google Cloud, Kibana, Datadog,
CloudWatch, Splunk) and applications' own JSON logs. Other JSON is left alone, objects of Kubernetes among it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bot.engine.match.record_keys import (
    ERROR_KEYS,
    ERROR_PARTS,
    LISTS_WITHIN,
    MESSAGE_KEYS,
    WEAK_KEYS,
    is_name,
    shape_of,
)
from bot.engine.match.sources import NOWHERE, Origin, is_pod_name, split_prefix

_HINT = re.compile('"(?:' + "|".join((*MESSAGE_KEYS, *WEAK_KEYS)) + r')"\s{0,4}:')
_KEY = re.compile(r'\A\s*"(?:' + "|".join((*MESSAGE_KEYS, *WEAK_KEYS, *ERROR_KEYS)) + r')"\s{0,4}:\s{0,4}(?=")')
_CUT = re.compile('"(?:' + "|".join(MESSAGE_KEYS) + r')"\s{0,4}:\s{0,4}"([^"\\\n]*(?:\\[^\n][^"\\\n]*)*)')
_NAMING = re.compile(
    r'"(?:[A-Za-z_.0-9]{0,40}(?:name|Name|NAME)|pod|container|app|job|(?:compose_)?service)"\s{0,2}:\s{0,2}"[^"\n]{0,300}"'
)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", '"': '"', "\\": "\\", "/": "/"}
_ESCAPE = re.compile(r'\\(?:([ntr"\\/])|u([0-9a-fA-F]{4}))')
_DEPTH = 4
_DECODER = json.JSONDecoder(strict=False)
_REST = re.compile(r"\s*,?\s*\]?\s*\Z")
_PLACE = re.compile(r"(?:[a-z][a-z0-9+.-]{0,12}://)?[^\s/:@]{1,253}:\d{1,5}(?:\Z|[/?])|[a-z][a-z0-9+.-]{0,12}://\S")
_CODE = re.compile(
    r"[A-Z][A-Z0-9]*_[A-Z0-9_]{2,40}|E[A-Z]{4,20}|(?:\w{1,40}\.){0,6}[A-Z]\w{2,60}(?:Error|Exception|Timeout|TimedOut|Refused)"
)
_FAILED = re.compile(r"(?i)err|fatal|crit|fail|panic|warn")
_BETWEEN = re.compile(r"(?:\s|,|\\n)*")

Data = Mapping[str, Any]


def is_candidate(text: str) -> bool:
    """May this JSON hold a log record?"""
    return _HINT.search(text) is not None


def decode(text: str, start: int = 0) -> tuple[Any, int]:
    """The JSON value that begins here, and where it ends. Raises ValueError or RecursionError if there is none.

    Line breaks inside strings are taken: terminals and chats wrap them.
    """
    return _DECODER.raw_decode(text, start)


def message(line: str) -> str | None:
    """The message of the log record in this line, or what is left of it; None if it is no log record."""
    data = _data(line)
    if data is None:
        found = _CUT.search(line)
        return unescape(found[1]).rstrip("\n") if found else None
    return _message(data, _DEPTH)


def origin(line: str) -> Origin:
    """Who wrote the log record in this line, and when."""
    data = _data(line)
    return _origin(data, _DEPTH) if data is not None else NOWHERE


def within(value: object, depth: int = _DEPTH) -> Iterator[tuple[str, Origin]]:
    """The message and the origin of every log record in a JSON value: a record, a list, a console's envelope."""
    if isinstance(value, list):
        for item in value:
            yield from within(item, depth)
    elif isinstance(value, dict) and depth:
        text = _message(value, _DEPTH)
        if text is not None:
            yield text, _origin(value, _DEPTH)
            return
        for key in LISTS_WITHIN:
            if isinstance(value.get(key), list | dict):
                yield from within(value[key], depth - 1)


def several(line: str) -> list[Any]:
    """The JSON values that stand on one line: records whose line breaks were lost, or only escaped."""
    found: list[Any] = []
    position = 0
    while line.startswith(("{", "["), position) and len(found) < 10_000:
        try:
            value, position = decode(line, position)
        except (ValueError, RecursionError):
            break
        found.append(value)
        gap = _BETWEEN.match(line, position)
        position = gap.end() if gap else position
    return found


def name_fields(line: str) -> tuple[str, ...]:
    """Whatever in this line may name who wrote it: equal for two lines only if `origin` has equal names for them."""
    return tuple(_NAMING.findall(line))


def without_key(line: str) -> str:
    """A line without the key of a record's message in front: what is left of JSON that was cut off."""
    found = _KEY.match(line)
    return line[found.end() :] if found else line


def unescape(text: str) -> str:
    """The text of a JSON string, from what stands between its quotation marks."""
    return _ESCAPE.sub(lambda found: _ESCAPES[found[1]] if found[1] else chr(int(found[2], 16)), text)


def _data(line: str) -> dict[str, Any] | None:
    try:
        data, end = decode(line.lstrip())
    except (ValueError, RecursionError):
        return None
    return data if isinstance(data, dict) and _REST.match(line.lstrip(), end) else None


def _string(value: object) -> str | None:
    """A value that stands for a text: a string, lines in a list, journald's list of bytes."""
    if isinstance(value, str):
        return value
    if isinstance(value, list) and value:
        if all(isinstance(item, str) for item in value):
            return "\n".join(value)
        if all(isinstance(item, int) and 0 <= item < 256 for item in value):
            return bytes(value).decode("utf-8", errors="replace")
    return None


def _text(data: Data) -> str | None:
    shape = shape_of(data)
    if shape.is_manifest:
        return None
    for key in shape.texts:
        if (value := _string(data[key])) is not None:
            return value
    return _first(data, shape.weak, str)


def _inner(data: Data, depth: int) -> dict[str, Any] | None:
    """The record inside a record, if there is one."""
    if not depth:
        return None
    text = _text(data)
    if text is not None:
        return _data(text) if text.startswith("{") and is_candidate(text) else None
    nested = [data[key] for key in shape_of(data).records if isinstance(data[key], dict)]
    return next((item for item in nested if _message(item, depth - 1) is not None), None)


def _message(data: Data, depth: int) -> str | None:
    if depth < 0:
        return None
    inner = _inner(data, depth)
    text = _message(inner, depth - 1) if inner is not None else None
    text = _text(data) if text is None else text
    if text is None:
        return None
    text = text.rstrip("\r\n")
    request = data.get("request_id")
    if isinstance(request, str) and request.startswith("API:") and f"[{request}]" not in text:
        text = f"[{request}] {text}"  # as the same line looks in Onyx's text format
    return "\n".join([text, *(part for part in _errors(data) if part != text)])


def _origin(data: Data, depth: int) -> Origin:
    names = tuple(dict.fromkeys(_names(data, _DEPTH)))
    shape = shape_of(data)
    time = _first(data, shape.times, (str, int, float)) or ""
    level = _first(data, shape.levels, str) or ""
    namespace = _namespace(data, _DEPTH)
    inner = _inner(data, depth)
    if inner is not None:
        nested = _origin(inner, depth - 1)
    else:
        nested, _ = split_prefix((_text(data) or "")[:1000])
    return Origin(
        tuple(dict.fromkeys(names + nested.names)),
        time or nested.time,
        level or nested.level,
        namespace or nested.namespace,
    )


def _first(data: Data, keys: Sequence[str], kinds: type | tuple[type, ...]) -> str | None:
    """The first of these fields, which are there, that has such a value, as text."""
    for key in keys:
        if isinstance(data[key], kinds):
            return str(data[key])
    return None


def _errors(data: Data) -> list[str]:
    """The error that a structured record carries beside its message."""
    shape = shape_of(data)
    found = _told_by(data, shape.errors)
    for key in shape.contexts:
        value = data[key]
        if isinstance(value, dict):
            found += _told_by(value, shape_of(value).errors)
    beside = {key: data[key] for key in shape.codes if _is_code(data[key])}
    if found or beside or (shape.places and _FAILED.match(_first(data, shape.levels, str) or "")):
        beside |= _places(data)
        for key in shape.contexts:
            value = data[key]
            if isinstance(value, dict):
                beside |= _places(value)
    if beside:
        found.append(json.dumps(beside, ensure_ascii=False))
    return found


def _places(data: Data) -> dict[str, object]:
    return {key: data[key] for key in shape_of(data).places if _is_place(data[key])}


def _is_code(value: object) -> bool:
    """Is this the name of an error, as operating systems and libraries give it?"""
    return isinstance(value, str) and _CODE.fullmatch(value) is not None


def _is_place(value: object) -> bool:
    """Is this a URL or a host with its port? A bare name is often that of the pod which writes the log."""
    return isinstance(value, str) and _PLACE.match(value) is not None


def _told_by(data: Data, keys: Sequence[str]) -> list[str]:
    found: list[str] = []
    for key in keys:
        value = data[key]
        if isinstance(value, dict):
            found += _error(value)
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            found += [part for item in value[:5] if isinstance(item, dict) for part in _error(item)]
        elif (text := _string(value)) is not None:
            found.append(text)
    return found


def _error(value: Data) -> list[str]:
    found = [part for name in ERROR_PARTS if (part := _string(value.get(name))) is not None]
    rest = {name: _without_locals(part) for name, part in value.items() if name not in ERROR_PARTS}
    return [*found, json.dumps(rest, ensure_ascii=False)] if rest else found


def _without_locals(value: object) -> object:
    """A traceback in JSON without the variables of its frames, which hold anything."""
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        return value
    return [{key: part for key, part in item.items() if key != "locals"} for item in value]


def _names(data: Data, depth: int) -> list[str]:
    """Names of the pod and the container, wherever collectors put them."""
    shape = shape_of(data)
    found = [name for key in shape.names for name in _named(key, data[key])]
    for key in shape.objects:
        value = data[key]
        if isinstance(value, dict) and isinstance(value.get("name"), str):
            found.append(value["name"])
    if depth:
        for key in shape.nests:
            value = data[key]
            if isinstance(value, dict):
                found += _names(value, depth - 1)
    return found


def _named(key: str, value: object) -> list[str]:
    """The names that one field gives."""
    if key in ("ddtags", "tags"):
        return _tagged(value.split(",") if isinstance(value, str) else value if isinstance(value, list) else [])
    text = value[0] if isinstance(value, list) and len(value) == 1 else value
    if not isinstance(text, str) or not text:
        return []
    names = is_name(key) or (key in ("hostname", "host") and is_pod_name(text))
    return [text.lstrip("/")] if names else []


def _tagged(tags: list[Any]) -> list[str]:
    """The names in a list of Datadog's tags, `pod_name:api-0`."""
    pairs = (tag.strip().partition(":") for tag in tags if isinstance(tag, str))
    return [value for key, _, value in pairs if value and is_name(key)]


def _namespace(data: Data, depth: int) -> str:
    shape = shape_of(data)
    for key in shape.spaces:
        if isinstance(value := data[key], str):
            return value
    nests = [data[key] for key in shape.nests if isinstance(data[key], dict)] if depth else []
    return next((found for nest in nests if (found := _namespace(nest, depth - 1))), "")
