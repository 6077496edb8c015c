"""Every object that a paste names, those in trouble first. Pure; reads the beginning and the end of a large paste."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from bot.domain.mentions import MentionedObject
from bot.engine.match.clean import CleanPaste, clean
from bot.engine.mentions.tables import Tables
from bot.engine.mentions.texts import named_in, namespace_of_command
from bot.engine.mentions.words import NAME, POD_OF_DEPLOYMENT

_ROWS = 700
"""Rows that are read at the beginning, and as many at the end."""
_MOST = 40
_CHARACTERS = 2000
# Badges of OpenShift's console, which copies come with: the kind, then the name.
_KINDS_OF_BADGES = (
    "P=Pod NS=Namespace PR=Namespace D=Deployment RS=ReplicaSet SS=StatefulSet DS=DaemonSet J=Job CJ=CronJob "
    "S=Service N=Node I=Ingress PVC=PersistentVolumeClaim HPA=HorizontalPodAutoscaler"
)
_BADGES = dict(pair.split("=") for pair in _KINDS_OF_BADGES.split())
_BADGE = re.compile(rf"\s*(?P<badge>{'|'.join(sorted(_BADGES, key=len, reverse=True))})(?:\s+(?P<name>{NAME}))?\s*\Z")
_POD = re.compile(rf"(?:{POD_OF_DEPLOYMENT}|[a-z][a-z0-9-]{{1,60}}-\d{{1,3}})\Z")
_RANK = (
    "Pod",
    "Deployment",
    "StatefulSet",
    "DaemonSet",
    "Job",
    "CronJob",
    "PersistentVolumeClaim",
    "Service",
    "Ingress",
)


def mentions_in(text: str | CleanPaste) -> tuple[MentionedObject, ...]:
    """The objects, those that the paste says are in trouble first, then in the order of the text; at most 40."""
    paste = clean(text) if isinstance(text, str) else text
    found = _joined(_named(paste))
    spaces = {item.namespace for item in found if item.namespace} | {
        item.name for item in found if item.kind == "Namespace"
    }
    if len(spaces) == 1:
        (space,) = spaces
        found = [_placed(item, space) for item in found]
        found = _joined(found)
    found.sort(key=lambda item: (not item.in_trouble, _rank(item.kind) if item.in_trouble else 0, item.line))
    return tuple(found[:_MOST])


def _rank(kind: str) -> int:
    return _RANK.index(kind) if kind in _RANK else len(_RANK)


def _placed(item: MentionedObject, space: str) -> MentionedObject:
    clusterwide = item.kind in ("Namespace", "Node", "Image")
    return item if item.namespace or clusterwide else replace(item, namespace=space)


def _named(paste: CleanPaste) -> Iterator[MentionedObject]:
    tables = Tables()
    badge = ""
    for number in _numbers(paste.row_count):
        row, line = paste.row(number)[:_CHARACTERS], paste.line_of(number)
        asked = namespace_of_command(row)
        if asked is not None:
            tables.namespace = asked
        yield from _of_prefix(paste, number, line)
        if badge and re.fullmatch(NAME, row.strip()):
            yield MentionedObject(_BADGES[badge], row.strip(), line=line)
        found = _BADGE.match(row)
        badge = found["badge"] if found and not found["name"] else ""
        if found and found["name"]:
            yield MentionedObject(_BADGES[found["badge"]], found["name"], line=line)
        in_table = list(tables.read(row, line))
        yield from in_table
        if not in_table or "/" in row:
            yield from named_in(row, line, tables.namespace)
    yield from tables.finish()


def _numbers(rows: int) -> Iterable[int]:
    if rows <= 2 * _ROWS:
        return range(1, rows + 1)
    return [*range(1, _ROWS + 1), *range(rows - _ROWS + 1, rows + 1)]


def _of_prefix(paste: CleanPaste, number: int, line: int) -> Iterator[MentionedObject]:
    """The pod that wrote this row, by its prefix."""
    (names,) = paste.names(number, 1)
    if names and _POD.match(names[0]):
        yield MentionedObject("Pod", names[0], paste.origin(number).namespace, line=line)


def _joined(mentions: Iterable[MentionedObject]) -> list[MentionedObject]:
    """Each object once: the first line that names it, the worst that is said of it."""
    found: dict[tuple[str, str, str], MentionedObject] = {}
    for item in mentions:
        key = (item.kind, item.name, item.namespace)
        bare = (item.kind, item.name, "")
        if item.namespace and bare in found and key not in found:
            found[key] = replace(found.pop(bare), namespace=item.namespace)
        elif not item.namespace and key not in found:
            key = next((other for other in found if other[:2] == key[:2]), key)
        before = found.get(key)
        if before is None:
            found[key] = item
            continue
        worse = item if item.in_trouble and not before.in_trouble else before
        found[key] = replace(
            before,
            state=worse.state or before.state or item.state,
            in_trouble=worse.in_trouble,
            count=before.count + item.count,
        )
    return list(found.values())
