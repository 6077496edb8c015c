"""What one field of a policy file alone cannot show: roles that do not exist, windows and bounds that hold nothing.

Called by the loader, also for a file that has other mistakes. Each rule yields paths and sentences.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import chain
from typing import TypeVar

from bot.changes.policy import values
from bot.changes.policy.schema import FreezeSpec, PolicyFile, RoleSpec
from bot.yamlfile.positions import Path
from bot.yamlfile.spelling import listed, short, unknown

Mistakes = Iterator[tuple[Path, str]]
Value = TypeVar("Value")

_SPANS = (
    (("expiry", "offer"), timedelta(minutes=1), timedelta(days=1), "1m and 24h"),
    (("expiry", "approval"), timedelta(minutes=1), timedelta(days=1), "1m and 24h"),
    (("verify", "for"), timedelta(seconds=30), timedelta(hours=2), "30s and 2h"),
)
_PLACES = ("apps", "namespaces", "clusters")


def check(spec: PolicyFile) -> Mistakes:
    """All mistakes of these kinds, each with the path of what is wrong or missing, in no particular order."""
    return chain(_roles(spec), _circles(spec), _bounds(spec), _freezes(spec), _spans(spec))


def _roles(spec: PolicyFile) -> Mistakes:
    for name, role in spec.roles.items():
        here = ("roles", name)
        if name == "anyone":
            yield here, "`anyone` cannot be the name of a role: it would read as if everybody held it"
        if not role.may and not role.includes:
            yield (*here, "may"), f"the role `{name}` may do nothing; give it `may` or `includes`"
        yield from _places(here, role)
        for index, other in enumerate(role.includes):
            if other not in spec.roles:
                yield (*here, "includes", index), unknown("role", short(other), spec.roles)


def _places(here: Path, role: RoleSpec) -> Mistakes:
    for field in _PLACES if role.may else ():
        if not getattr(role, field):
            yield (
                (*here, field),
                f'the role `{here[-1]}` names no `{field}`; write which ones, or `{field}: ["*"]` for all',
            )
    if not role.may and role.includes:
        for field in sorted(role.model_fields_set & set(_PLACES)):
            yield (
                (*here, field),
                f"`{field}` says where `may` holds, and `{here[-1]}` has no `may`; what it includes keeps its own",
            )


def _circles(spec: PolicyFile) -> Mistakes:
    reported: set[str] = set()
    for name in spec.roles:
        circle = _circle(spec, name)
        if circle and not reported & set(circle):
            reported |= set(circle)
            yield ("roles", name, "includes"), f"these roles include each other: {listed(circle)}"


def _circle(spec: PolicyFile, start: str) -> list[str]:
    """The roles on a way from this one back to itself; empty if there is none."""
    ways: list[list[str]] = [[start]]
    seen: set[str] = set()
    while ways:
        way = ways.pop()
        for other in spec.roles[way[-1]].includes:
            if other == start:
                return way
            if other in spec.roles and other not in seen:
                seen.add(other)
                ways.append([*way, other])
    return []


def _bounds(spec: PolicyFile) -> Mistakes:
    for name in values.AMOUNTS:
        bound = getattr(spec.bounds, name)
        if bound is not None and values.number(name, str(bound.min)) > values.number(name, str(bound.max)):
            field = "min" if "min" in bound.model_fields_set else "max"
            yield ("bounds", name, field), f"no value fits: the least is {bound.min} and the greatest {bound.max}"


def _freezes(spec: PolicyFile) -> Mistakes:
    for index, freeze in enumerate(spec.freeze):
        here = ("freeze", index)
        yield from _weekly(here, freeze) if freeze.days is not None else _dated(here, freeze)
        for at, role in enumerate(freeze.except_roles):
            if role not in spec.roles:
                yield (*here, "except_roles", at), unknown("role", short(role), spec.roles)


def _weekly(here: Path, freeze: FreezeSpec) -> Mistakes:
    days = freeze.days or ()
    for at, day in enumerate(days):
        if day in days[:at]:
            yield (*here, "days", at), f"`{day}` is already in the list"
    wrong: list[tuple[Path, str]] = []
    begins = _read((*here, "from"), freeze.from_, values.clock, wrong)
    ends = _read((*here, "until"), freeze.until, values.clock, wrong)
    yield from wrong
    if begins == values.MINUTES_PER_DAY:
        yield (*here, "from"), 'nothing begins at the end of a day; write "00:00" and the day after'
    elif begins is not None and begins == ends:
        yield (*here, "until"), 'this ends when it begins; the whole day is from "00:00" until "24:00"'


def _dated(here: Path, freeze: FreezeSpec) -> Mistakes:
    if all(re.fullmatch(values.CLOCK, text) for text in (freeze.from_, freeze.until)):
        yield (
            (*here, "days"),
            "on which days? Add `days`, for example `days: [sat, sun]`, or give dates in `from` and `until`",
        )
        return
    wrong: list[tuple[Path, str]] = []
    begins = _read((*here, "from"), freeze.from_, values.moment, wrong)
    ends = _read((*here, "until"), freeze.until, values.moment, wrong)
    yield from wrong
    if begins is not None and ends is not None and values.end_of(ends) <= begins.at:
        yield (*here, "until"), "this ends before it begins"


def _read(path: Path, text: str, read: Callable[[str], Value], wrong: list[tuple[Path, str]]) -> Value | None:
    try:
        return read(text)
    except ValueError as error:
        wrong.append((path, str(error)))
        return None


def _spans(spec: PolicyFile) -> Mistakes:
    spans = {"offer": spec.expiry.offer, "approval": spec.expiry.approval, "for": spec.verify.for_}
    for path, least, most, words in _SPANS:
        text = spans[path[-1]]
        if not least <= values.duration(text) <= most:
            yield path, f"`{path[-1]}` is {text}; it must be between {words}"
