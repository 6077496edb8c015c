"""Log records in JSON, one per line: the message inside, and who wrote it when.

Docker's json-file, collectors (Fluent Bit, Loki, Vector, Google Cloud, journald) and applications' own JSON logs. JSON
that is not a log record is left alone.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from bot.engine.match.sources import NOWHERE, Origin, split_prefix

INNER_BREAK = "\f"
"""Stands for a line break inside a record: white space to patterns, but no line of its own."""

_MESSAGE_KEYS = ("log", "message", "msg", "line", "textPayload", "MESSAGE", "body")
_ERROR_KEYS = ("stack", "stack_trace", "stacktrace", "exc_info", "exception", "error", "err", "cause")
_TIME_KEYS = ("time", "timestamp", "ts", "@timestamp", "_SOURCE_REALTIME_TIMESTAMP", "__REALTIME_TIMESTAMP")
_NAME_KEYS = (
    *("pod", "pod_name", "podName", "kubernetes_pod_name", "k8s.pod.name", "service", "compose_service"),
    *(
        "container",
        "container_name",
        "containerName",
        "kubernetes_container_name",
        "k8s.container.name",
        "CONTAINER_NAME",
    ),
)
_NESTS = ("kubernetes", "resource", "labels", "attributes", "k8s", "docker", "attrs", "stream", "jsonPayload")
_HINT = re.compile('"(?:' + "|".join(_MESSAGE_KEYS) + r')"\s{0,4}:')
_CUT = re.compile('"(?:' + "|".join(_MESSAGE_KEYS) + r')"\s{0,4}:\s{0,4}"([^"\\\n]*(?:\\[^\n][^"\\\n]*)*)')
_NAMING = re.compile(
    r'"(?:[A-Za-z_.0-9]{0,40}(?:name|Name|NAME)|pod|container|app|job|(?:compose_)?service)"\s{0,2}:\s{0,2}"[^"\n]{0,300}"'
)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", '"': '"', "\\": "\\", "/": "/"}
_ESCAPE = re.compile(r'\\(?:([ntr"\\/])|u([0-9a-fA-F]{4}))')
_DEPTH = 3


def is_candidate(line: str) -> bool:
    """May this line, which begins with a brace, hold a log record?"""
    return _HINT.search(line) is not None


def message(line: str) -> str | None:
    """The message of the log record in this line, or what is left of it; None if it is no log record."""
    data = _data(line)
    if data is None:
        found = _CUT.search(line)
        return _unescape(found[1]).rstrip("\n") if found else None
    return _message(data, _DEPTH)


def origin(line: str) -> Origin:
    """Who wrote the log record in this line, and when."""
    data = _data(line)
    return _origin(data, _DEPTH) if data is not None else NOWHERE


def name_fields(line: str) -> tuple[str, ...]:
    """Whatever in this line may name who wrote it: equal for two lines only if `origin` has equal names for them."""
    return tuple(_NAMING.findall(line))


def _data(line: str) -> dict[str, Any] | None:
    try:
        data = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return data if isinstance(data, dict) else None


def _text(data: Mapping[str, Any]) -> str | None:
    for key in _MESSAGE_KEYS:
        value = data.get(key)
        if isinstance(value, str):
            return value
    return None


def _inner(data: Mapping[str, Any], depth: int) -> dict[str, Any] | None:
    """The record inside a record, if there is one."""
    text = _text(data)
    if not depth:
        return None
    if text is None:
        nested = data.get("jsonPayload")
        return nested if isinstance(nested, dict) else None
    return _data(text) if text.startswith("{") and is_candidate(text) else None


def _message(data: Mapping[str, Any], depth: int) -> str | None:
    inner = _inner(data, depth)
    found = _message(inner, depth - 1) if inner is not None else None
    if found is not None:
        return found
    text = _text(data)
    if text is None:
        return None
    text = text.rstrip("\r\n")
    request = data.get("request_id")
    if isinstance(request, str) and request.startswith("API:") and f"[{request}]" not in text:
        text = f"[{request}] {text}"  # as the same line looks in Onyx's text format
    return "\n".join([text, *_errors(data)])


def _origin(data: Mapping[str, Any], depth: int) -> Origin:
    names = tuple(dict.fromkeys(_names(data, _DEPTH)))
    time = next((str(data[key]) for key in _TIME_KEYS if isinstance(data.get(key), str | int | float)), "")
    inner = _inner(data, depth)
    if inner is not None:
        within = _origin(inner, depth - 1)
    else:
        within, _ = split_prefix((_text(data) or "")[:1000])
    return Origin(names + within.names, time or within.time)


def _errors(data: Mapping[str, Any]) -> list[str]:
    """The error that a structured record carries beside its message."""
    found: list[str] = []
    for key in _ERROR_KEYS:
        value = data.get(key)
        if isinstance(value, str):
            found.append(value)
        elif isinstance(value, dict):
            found += [part for name in ("message", "stack") if isinstance(part := value.get(name), str)]
            found.append(json.dumps({name: part for name, part in value.items() if name not in ("message", "stack")}))
    return found


def _names(data: Mapping[str, Any], depth: int) -> list[str]:
    """Names of the pod and the container, wherever collectors put them."""
    found = [data[key].lstrip("/") for key in _NAME_KEYS if isinstance(data.get(key), str) and data[key]]
    for key in ("pod", "container", "service"):
        value = data.get(key)
        if isinstance(value, dict) and isinstance(value.get("name"), str):
            found.append(value["name"])
    if depth:
        for key in _NESTS:
            value = data.get(key)
            if isinstance(value, dict):
                found += _names(value, depth - 1)
    return found


def _unescape(text: str) -> str:
    return _ESCAPE.sub(lambda found: _ESCAPES[found[1]] if found[1] else chr(int(found[2], 16)), text)
