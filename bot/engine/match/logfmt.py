"""Log records in logfmt: `level=error pod=api-0 msg="…" err="…"`. What Grafana, Loki, Prometheus and Traefik print."""

from __future__ import annotations

import re

from bot.engine.match.records import unescape
from bot.engine.match.sources import NOWHERE, Origin

_PAIR = re.compile(r'([A-Za-z_][\w.-]{0,60})=(?:"([^"\\]*(?:\\.[^"\\]*)*)(?:"|\Z)|([^\s"]{0,2000}))')
_CANDIDATE = re.compile(
    r'\s{0,16}(?:[A-Za-z_][\w.-]{0,60}=(?:"(?:[^"\\\n]|\\.){0,2000}"|[^\s"]{0,300})[ \t]{1,4}){0,24}'
    r"(?:msg|message|err|error|exception|stack)="
)
_TEXTS = ("msg", "message")
_ERRORS = ("err", "error", "exception", "stack", "stacktrace", "stack_trace", "exc_info", "cause", "panic")
_NAMES = ("pod", "pod_name", "container", "container_name", "service", "app", "component", "job")
_TIMES = ("time", "ts", "t", "timestamp")
_LEVELS = ("level", "lvl", "severity")

_NAMED = tuple(f"{name}=" for name in _NAMES)
_NAMING = re.compile(r"(?:^|(?<=\s))(?:" + "|".join(_NAMES) + r')=(?:"[^"\n]{0,300}"|\S{0,300})')


def is_candidate(line: str) -> bool:
    """Does this line look like logfmt with a message in it?"""
    return "=" in line and _CANDIDATE.match(line) is not None


def message(line: str) -> str | None:
    """The message, then the error that stands beside it, then the other pairs; None if there is neither."""
    pairs = _pairs(line)
    texts = [pairs[key] for key in (*_TEXTS, *_ERRORS) if pairs.get(key)]
    if not texts:
        return None
    known = {*_TEXTS, *_ERRORS, *_NAMES, *_TIMES, *_LEVELS}
    rest = " ".join(f"{key}={value}" for key, value in pairs.items() if key not in known and "\n" not in value)
    return "\n".join([*dict.fromkeys(texts), *([rest] if rest else [])])


def origin(line: str) -> Origin:
    """Who wrote this line, and when."""
    pairs = _pairs(line)
    names = tuple(dict.fromkeys(pairs[key] for key in _NAMES if pairs.get(key)))
    time = next((pairs[key] for key in _TIMES if pairs.get(key)), "")
    level = next((pairs[key] for key in _LEVELS if pairs.get(key)), "")
    found = Origin(names, time, level, pairs.get("namespace", ""))
    return NOWHERE if found == NOWHERE else found


def name_fields(line: str) -> tuple[str, ...]:
    """Whatever in this line names who wrote it: equal for two lines only if `origin` has equal names for them."""
    return tuple(_NAMING.findall(line[:4000])) if any(key in line for key in _NAMED) else ()


def _pairs(line: str) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for found in _PAIR.finditer(line[:200_000]):
        value = unescape(found[2]) if found[2] is not None else found[3]
        pairs.setdefault(found[1], value)
    return pairs
