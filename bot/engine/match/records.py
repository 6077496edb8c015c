"""Log records in JSON, one per line: the message inside, and who wrote it when.

Docker's json-file, collectors (Fluent Bit, Loki, Vector, Google Cloud, journald) and applications' own JSON logs. A line
break inside a message becomes a form feed, which is white space to patterns but keeps the number of lines. JSON that is
not a log record is left alone.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.engine.match.sources import Origin

INNER_BREAK = "\f"
"""Stands for a line break inside a record."""

_MESSAGE_KEYS = ("log", "message", "msg", "line", "textPayload", "MESSAGE", "body")
_ERROR_KEYS = ("stack", "stack_trace", "stacktrace", "exc_info", "exception", "error", "err", "cause")
_TIME_KEYS = ("time", "timestamp", "ts", "@timestamp", "_SOURCE_REALTIME_TIMESTAMP", "__REALTIME_TIMESTAMP")
_NAME_KEYS = (
    "pod",
    "pod_name",
    "podName",
    "kubernetes_pod_name",
    "k8s.pod.name",
    "service",
    "compose_service",
    "CONTAINER_NAME",
) + ("container", "container_name", "containerName", "kubernetes_container_name", "k8s.container.name")
_NESTS = ("kubernetes", "resource", "labels", "attributes", "k8s", "docker", "attrs", "stream", "jsonPayload")
_HINT = re.compile('"(?:' + "|".join(_MESSAGE_KEYS) + r')"\s{0,4}:')
_CUT = re.compile('"(?:' + "|".join(_MESSAGE_KEYS) + r')"\s{0,4}:\s{0,4}"([^"\\\n]*(?:\\[^\n][^"\\\n]*)*)')
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", '"': '"', "\\": "\\", "/": "/"}
_ESCAPE = re.compile(r'\\(?:([ntr"\\/])|u([0-9a-fA-F]{4}))')
_DEPTH = 3


@dataclass(frozen=True, slots=True)
class Record:
    """What one JSON line says."""

    message: str
    origin: Origin


def is_candidate(line: str) -> bool:
    """May this line, which begins with a brace, hold a log record?"""
    return _HINT.search(line) is not None


def read(line: str) -> Record | None:
    """The log record in this line, or None if it is no log record. A record that was cut off yields what is left."""
    try:
        data = json.loads(line)
    except (ValueError, RecursionError):
        found = _CUT.search(line)
        return Record(_unescape(found[1]).rstrip("\n"), Origin()) if found else None
    return _from_data(data, _DEPTH) if isinstance(data, dict) else None


def _from_data(data: Mapping[str, Any], depth: int) -> Record | None:
    message = next((data[key] for key in _MESSAGE_KEYS if isinstance(data.get(key), str)), None)
    names = tuple(dict.fromkeys(_names(data, _DEPTH)))
    time = next((str(data[key]) for key in _TIME_KEYS if isinstance(data.get(key), str | int | float)), "")
    if message is None:
        nested = data.get("jsonPayload")
        inner = _from_data(nested, depth - 1) if isinstance(nested, dict) and depth else None
        return Record(inner.message, Origin(names + inner.origin.names, time or inner.origin.time)) if inner else None
    text = message.rstrip("\r\n")
    if depth and text.startswith("{") and is_candidate(text):
        inner = read(text)
        if inner:
            return Record(inner.message, Origin(names + inner.origin.names, time or inner.origin.time))
    request = data.get("request_id")
    if isinstance(request, str) and request.startswith("API:") and f"[{request}]" not in text:
        text = f"[{request}] {text}"  # as the same line looks in Onyx's text format
    return Record("\n".join([text, *_errors(data)]), Origin(names, time))


def _errors(data: Mapping[str, Any]) -> list[str]:
    """The error that a structured record carries beside its message."""
    found: list[str] = []
    for key in _ERROR_KEYS:
        value = data.get(key)
        if isinstance(value, dict):
            value = "\n".join(
                str(value[part]) for part in ("message", "stack", "cause") if isinstance(value.get(part), str)
            )
        if isinstance(value, str) and value:
            found.append(value)
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
