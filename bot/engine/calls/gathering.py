"""Puts together what many messages tell: retries are counted, and what is said twice about one failure is one call."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from bot.domain.calls import CallFailure, FailedCall
from bot.engine.calls.telling import SURE, ReportedCall
from bot.engine.match.times import LogTime

MAX_CALLS = 200
"""How many different calls are kept; those beyond are counted by kind."""

MAX_HEADS = 5000
"""How many messages are remembered for each call."""

_NEAR = 200
"""Lines within which a message without a destination may be about the call before it."""

_OPEN = 5
"""Words that leave so many kinds open say only that no connection came about."""

_Key = tuple[CallFailure, str | None, int | None, str]


@dataclass(slots=True)
class Entry:
    """One call being put together. `heads` are the first lines of its messages, some thousand at most."""

    told: ReportedCall
    source: str
    line: int
    head: int
    text: str
    count: int = 1
    last_line: int = 0
    heads: set[int] = field(default_factory=set)
    last_head: int = 0

    @property
    def key(self) -> _Key:
        return (self.told.kind, self.told.host, self.told.port, self.source)


class Gathering:
    """The calls of one text, in the order in which they are told. Not shared between threads."""

    def __init__(self) -> None:
        self._entries: dict[_Key, Entry] = {}
        self._beyond: dict[CallFailure, Entry] = {}
        self._latest: dict[str, Entry] = {}

    def add(self, told: ReportedCall, source: str, line: int, head: int, shown: Callable[[], str]) -> None:
        """One message tells of a failed call; `shown` is its line, for a person."""
        if self._again(told, source, line, head):
            return
        before = self._latest.get(source)
        if before is not None and _is_elsewhere(before.told, told):
            known = self._entries.get((told.kind, told.host, told.port, source))
            if known is not None and known.told == told and known.head != head and known.last_line <= line:
                _repeat(known, line, head)
                self._latest[source] = known
                return
        fresh = Entry(told, source, line, head, "", last_line=line, last_head=head, heads={head})
        if before is not None and 0 <= line - before.last_line <= _NEAR and self._goes_on(before, fresh):
            if not _says_less(told, before.told):
                fresh.text = shown()
            joined = self._latest[source] = self._join(before, fresh)
            if len(joined.heads) < MAX_HEADS:
                joined.heads.add(head)
            return
        known = self._entries.get(fresh.key)
        if known is not None:
            self._count(known, fresh)
        elif len(self._entries) >= MAX_CALLS:
            known = self._beyond.setdefault(told.kind, fresh)
            if known is fresh:
                fresh.text = shown()
            else:
                self._count(known, fresh)
            return
        else:
            fresh.text = shown()
            known = self._entries[fresh.key] = fresh
        self._latest[source] = known

    def _again(self, told: ReportedCall, source: str, line: int, head: int) -> bool:
        """Whether this is what the source's message before told: then it is counted."""
        before = self._latest.get(source)
        if before is None or before.told != told or before.last_head == head or before.last_line > line:
            return False
        _repeat(before, line, head)
        return True

    def count(self, told: ReportedCall, source: str, line: int, head: int, shown: Callable[[], str]) -> None:
        """One more message of a kind of which very many were read; its destination was not looked at."""
        known = self._beyond.get(told.kind)
        if known is None:
            self._beyond[told.kind] = Entry(told, source, line, head, shown(), last_line=line, last_head=head)
        else:
            _repeat(known, line, head)

    def entries(self) -> list[Entry]:
        """All calls, in the order of the text; those beyond the bound come last and name no destination."""
        return [*sorted(self._entries.values(), key=lambda one: one.line), *self._beyond.values()]

    def is_beyond(self, entry: Entry) -> bool:
        """Does this stand for many calls that are not listed?"""
        return self._beyond.get(entry.told.kind) is entry

    def _count(self, known: Entry, fresh: Entry) -> None:
        if known.head != fresh.head:
            known.count += fresh.count
        known.last_line, known.last_head = fresh.line, fresh.head
        if len(known.heads) < MAX_HEADS:
            known.heads.add(fresh.head)
        if known.told != fresh.told:
            known.told = _united(known.told, fresh.told)

    @staticmethod
    def _goes_on(before: Entry, fresh: Entry) -> bool:
        """Is the fresh message about the same failure as the one before, of which only one says everything?"""
        one, other = before.told, fresh.told
        if not set(one.kinds) & set(other.kinds):
            return False
        if one.host and other.host and one.host != other.host:
            return other.host == one.address or one.host == other.address
        if one.port is not None and other.port is not None and one.port != other.port:
            return False
        if before.head == fresh.head:
            return True
        said_all = (bool(one.host), one.port is not None, len(one.also) == len(other.also), one.kind == other.kind)
        return said_all != (bool(other.host), other.port is not None, True, True)

    def _join(self, before: Entry, fresh: Entry) -> Entry:
        """Both messages as one call."""
        united = before.told if _says_less(fresh.told, before.told) else _united(before.told, fresh.told)
        if united == before.told:
            before.last_line, before.last_head = fresh.line, fresh.head
            return before
        if before.count > 1 or self._entries.get(before.key) is not before:
            return self._leave(before, fresh, united)
        del self._entries[before.key]
        if (fresh.told.host and not before.told.host) or len(fresh.told.also) < len(before.told.also):
            before.text, before.line = fresh.text, fresh.line
        before.told = united
        before.last_line, before.last_head = fresh.line, fresh.head
        known = self._entries.get(before.key)
        if known is not None:
            known.count += 1
            known.last_line, known.last_head = fresh.line, fresh.head
            return known
        self._entries[before.key] = before
        return before

    def _leave(self, before: Entry, fresh: Entry, united: ReportedCall) -> Entry:
        """The message before was counted with others; only its last one is the same as the fresh one."""
        if before.count > 1:
            before.count -= 1
        fresh.told = united
        known = self._entries.get(fresh.key)
        if known is not None:
            known.count += 1
            known.last_line, known.last_head = fresh.line, fresh.head
            return known
        if len(self._entries) < MAX_CALLS:
            self._entries[fresh.key] = fresh
        return fresh


def _repeat(known: Entry, line: int, head: int) -> None:
    """The same again, in another message."""
    known.count += 1
    known.last_line, known.last_head = line, head
    if len(known.heads) < MAX_HEADS:
        known.heads.add(head)


def _is_elsewhere(before: ReportedCall, told: ReportedCall) -> bool:
    """Do both name a host, and certainly not the same?"""
    if not before.host or not told.host:
        return False
    return told.host not in (before.host, before.address) and before.host != told.address


def _says_less(one: ReportedCall, other: ReportedCall) -> bool:
    """Does the first say nothing that the other does not say? Cheap; False may be wrong."""
    return (
        one.kind is other.kind
        and one.also == other.also
        and one.host is one.address is None
        and one.port is one.status is None
        and one.weight <= other.weight
        and one.client == other.client
    )


def _united(one: ReportedCall, other: ReportedCall) -> ReportedCall:
    """What both say together: the kinds that neither rules out, and every part of the destination.

    A wrapper's words ("deadline exceeded") do not narrow what "no connection came about" leaves open: the caller
    waited, whatever failed.
    """
    sharper, wider = (one, other) if len(one.also) <= len(other.also) else (other, one)
    both = [kind for kind in sharper.kinds if kind in wider.kinds] or list(sharper.kinds)
    if wider.weight >= SURE > sharper.weight and len(wider.also) >= _OPEN:
        both = list(wider.kinds)
    named, plain = (one, other) if one.host and one.host != one.address else (other, one)
    if not named.host:
        named, plain = plain, named
    return ReportedCall(
        at=one.at,
        kind=both[0],
        also=tuple(both[1:]),
        weight=max(one.weight, other.weight),
        host=named.host or plain.host,
        address=other.address or one.address,
        port=named.port if named.port is not None else plain.port,
        status=one.status if one.status is not None else other.status,
        client=sharper.client or wider.client,
    )


def failed_call(entry: Entry, where: str, stamps: Iterable[LogTime], *, beyond: bool) -> FailedCall:
    """An entry as others see it; `stamps` are the times of its first and last message."""
    told = entry.told
    dated = sorted((stamp for stamp in stamps if stamp.dated), key=lambda stamp: stamp.time)
    return FailedCall(
        kind=told.kind,
        also=told.also,
        host=None if beyond else told.host,
        address=None if beyond else told.address,
        port=None if beyond else told.port,
        status=told.status,
        client=told.client,
        line=entry.text,
        line_number=entry.line,
        first_at=dated[0].time if dated else None,
        at=dated[-1].time if dated else None,
        zone_known=all(stamp.zone_known for stamp in dated),
        count=entry.count,
        where=where or entry.source,
    )
