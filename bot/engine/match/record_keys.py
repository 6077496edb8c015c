"""The names of the fields in which log records keep what they say, and which of them a record has.

Used by `records`. The records of one log have few sets of fields, so what a set holds is worked out once.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

MESSAGE_KEYS = (
    *("log", "message", "msg", "line", "textPayload", "MESSAGE", "body", "@message", "_raw", "short_message"),
    *("@m", "@mt", "RenderedMessage", "MessageTemplate"),
)
WEAK_KEYS = ("event", "text", "content", "exception", "detail")
"""Hold the message of a record only where it has a time or a level too."""

ERROR_KEYS = (
    *("stack", "stack_trace", "stacktrace", "stackTrace", "exc_info", "exc_text", "exception", "error", "err", "cause"),
    *("error.message", "error.stack", "error.stack_trace", "exception.message", "exception.stacktrace"),
    *("full_message", "traceback", "thrown", "details", "@x", "Exception", "errorVerbose", "errmsg", "exc"),
)
CONTEXTS = ("context", "extra", "data", "meta", "properties", "Properties")
"""Where a logger puts what the program says beside its message: an error may be in there."""

PLACES = (
    *("url", "uri", "host", "addr", "address", "target", "upstream", "endpoint", "server", "broker", "baseURL"),
    *("Url", "Uri", "RequestUri", "Host", "Endpoint"),
)
"""Where a failed call went, where a record says so beside its error."""

CODES = (
    *("code", "errno", "error_code", "errorCode", "error_type", "errorType", "error.type", "error.kind"),
    *("exc_type", "exception_type", "exceptionType", "exception.type"),
)
"""Where a record keeps the name of an error beside its message: `ECONNREFUSED`, `ReadTimeout`."""

ERROR_PARTS = (
    "message",
    "value",
    "exc_value",
    "stack",
    "stack_trace",
    "stacktrace",
    "stackTrace",
    "extendedStackTrace",
)
TIME_KEYS = (
    *("time", "timestamp", "ts", "@timestamp", "_SOURCE_REALTIME_TIMESTAMP", "__REALTIME_TIMESTAMP", "_time", "date"),
    *("datetime", "asctime", "receiveTimestamp", "eventTime", "@t", "Timestamp"),
)
LEVEL_KEYS = (
    "level",
    "severity",
    "levelname",
    "log.level",
    "loglevel",
    "status",
    "PRIORITY",
    "@l",
    "Level",
    "LogLevel",
)
RECORDS_WITHIN = ("jsonPayload", "_source", "attributes", "content", "result", "fields", "record", "json")
"""Where a collector puts the record that it carries."""

LISTS_WITHIN = ("entries", "hits", "data", "logs", "events", "results", "records", "items", "values")
NESTS = (
    *("kubernetes", "resource", "labels", "attributes", "k8s", "docker", "attrs", "stream", "jsonPayload", "_source"),
    *("fields", "content", "orchestrator", "result"),
)
NAMES = frozenset(
    (
        *("pod", "podname", "kubernetespodname", "k8spodname", "kubernetespod", "service", "servicename"),
        *("composeservice", "container", "containername", "kubernetescontainername", "k8scontainername"),
    )
)
SPACES = frozenset(("namespace", "namespacename", "kubernetesnamespacename", "k8snamespacename", "kubenamespace"))
_TAGS = frozenset(("ddtags", "tags"))
_HOSTS = frozenset(("hostname", "host"))
_FIELDS = 64
"""Of records with more fields nothing is remembered."""


@dataclass(frozen=True, slots=True)
class Shape:
    """The fields of a record that say something, each kind in the order in which it is asked for."""

    texts: tuple[str, ...]
    weak: tuple[str, ...]
    errors: tuple[str, ...]
    contexts: tuple[str, ...]
    places: tuple[str, ...]
    codes: tuple[str, ...]
    times: tuple[str, ...]
    levels: tuple[str, ...]
    records: tuple[str, ...]
    nests: tuple[str, ...]
    names: tuple[str, ...]
    objects: tuple[str, ...]
    spaces: tuple[str, ...]
    is_manifest: bool


def shape_of(data: Mapping[str, Any]) -> Shape:
    """Which of its fields say what."""
    return _known_shape(tuple(data)) if len(data) <= _FIELDS else _shape(tuple(data))


@lru_cache(maxsize=256)
def _known_shape(fields: tuple[str, ...]) -> Shape:
    return _shape(fields)


def _shape(fields: tuple[str, ...]) -> Shape:
    has = frozenset(fields)
    dated = not has.isdisjoint((*TIME_KEYS, *LEVEL_KEYS))

    def those(keys: Iterable[str]) -> tuple[str, ...]:
        return tuple(key for key in keys if key in has)

    return Shape(
        texts=those(MESSAGE_KEYS),
        weak=those(WEAK_KEYS) if dated else (),
        errors=those(ERROR_KEYS),
        contexts=those(CONTEXTS),
        places=those(PLACES),
        codes=those(CODES),
        times=those(TIME_KEYS),
        levels=those(LEVEL_KEYS),
        records=those(RECORDS_WITHIN),
        nests=those(NESTS),
        names=tuple(key for key in fields if is_name(key) or key in _TAGS or key in _HOSTS),
        objects=those(("pod", "container", "service")),
        spaces=tuple(key for key in fields if plain_key(key) in SPACES),
        is_manifest="apiVersion" in has and "kind" in has,
    )


def is_name(key: str) -> bool:
    """Does a field of this name hold the name of a pod, a container or a service?"""
    return plain_key(key) in NAMES


@lru_cache(maxsize=512)
def plain_key(key: str) -> str:
    """A field's name without case and signs, as collectors spell it in many ways."""
    return re.sub(r"[^a-z0-9]", "", key.lower()[:80])
