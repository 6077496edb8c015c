"""Where a failed call went: the host, address and port that a message names."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import re2

from bot.engine.calls.patterns import CallPatterns

_NUMBERS = re.compile(r"[\d.]+")
_MAX_PORT = 65535
_REFERENCE = re.compile(
    rb"(?i)\b(?:see|visit|read|refer to|learn more|documentation|docs|help|more (?:details|information|info))"
    rb"(?: at| on| in| here| about this)?:? ?[\"'(<]?$"
)
"""What stands before the URL of a text to be read, which is no destination."""
_CLASS = re.compile(r"(?i)\.\w*(?:exception|error)$")
"""The class of an error, which stands where others name the host (`N.C.NatsException: Name or service not known`)."""
_PRODUCT = re.compile(r"[A-Z][a-z]+")
"""A word of prose that names a product ("Connection to Weaviate failed"): hosts are written in lower case."""
_HITS = 40
"""How many destinations of one pattern are looked at in one message."""


@dataclass(frozen=True, slots=True)
class Destination:
    """One place in a message that names a destination. `host` is a name, `address` an IP address."""

    start: int
    end: int
    weight: int
    host: str | None
    address: str | None
    port: int | None

    def differs(self, other: Destination) -> bool:
        """Is this certainly another destination? Several addresses of one port are one destination."""
        if self.port is not None and other.port is not None and self.port != other.port:
            return True
        return bool(self.host and other.host and self.host != other.host)


def destinations(patterns: CallPatterns, text: bytes) -> list[Destination]:
    """Every destination that a message names, in order."""
    found: list[Destination] = []
    for number in patterns.aiming.candidates(text):
        words = patterns.targets[number]
        for place, match in enumerate(patterns.aiming.regexes[number].finditer(text, 0, len(text))):
            if place >= _HITS:
                break
            if words.unless is not None and words.unless.search(_line(text, match.start(), match.end())) is not None:
                continue
            one = None if _is_in_colons(text, match) else _destination(match, words.rule.weight)
            if one is None or (words.rule.prose and _is_prose(patterns, text, match, one)):
                continue
            if one.host and (one.host in patterns.no_values or _is_documentation(patterns, one.host)):
                continue
            found.append(one)
    return sorted(found, key=lambda one: (one.start, -one.weight))


def joined(found: Iterable[Destination]) -> tuple[str | None, str | None, int | None]:
    """Host, address and port of one call: the name that is known best, and the address and port that go with it."""
    best = sorted(found, key=lambda one: -one.weight)
    named = next((one for one in best if one.host), None)
    addressed = next((one for one in best if one.address and (named is None or one.address != named.host)), None)
    port = next((one.port for one in (named, addressed) if one is not None and one.port is not None), None)
    if port is None:
        port = next((one.port for one in best if one.port is not None and _is_same(one, named)), None)
    address = addressed.address if addressed else None
    return (named.host if named else address), address, port


_MORE_NAMES = re.compile(rb":[A-Za-z][\w-]*:")


def _is_in_colons(text: bytes, match: re2._Match) -> bool:
    """Is the host the first of several names, as in `project:region:instance`? That is no host, but an id."""
    groups = match.groupdict()
    written = groups.get("bare") or groups.get("host")
    return bool(written) and _MORE_NAMES.match(text, text.find(written, match.start()) + len(written)) is not None


def _is_prose(patterns: CallPatterns, text: bytes, match: re2._Match, one: Destination) -> bool:
    """Is what stands where a host may stand a word, or the URL of a text to be read?"""
    if _REFERENCE.search(text[max(0, match.start() - 40) : match.start()]):
        return True
    if one.port is not None or one.host is None:
        return False
    written = match.groupdict().get("host") or b""
    if _CLASS.search(one.host):
        return True
    return one.host in patterns.not_hosts or _PRODUCT.fullmatch(written.decode("utf-8", errors="replace")) is not None


def _is_documentation(patterns: CallPatterns, host: str) -> bool:
    labels = host.split(".")
    return any(".".join(labels[at:]) in patterns.not_sites for at in range(len(labels) - 1))


def _is_same(one: Destination, named: Destination | None) -> bool:
    return named is None or one.host is None or one.host == named.host


def _line(text: bytes, start: int, end: int) -> bytes:
    begin = text.rfind(b"\n", 0, start) + 1
    stop = text.find(b"\n", end)
    return text[max(begin, start - 500) : min(stop if stop >= 0 else len(text), end + 500)]


def _destination(match: re2._Match, weight: int) -> Destination | None:
    groups = {name: value.decode("utf-8", errors="replace") for name, value in _groups(match)}
    written = next((groups[name] for name in ("bracketed", "bare", "host") if groups.get(name)), None)
    port = next((groups[name] for name in ("bracketed_port", "bare_port", "port") if groups.get(name)), None)
    host, address = host_or_address(written) if written else (None, None)
    if groups.get("address"):
        address = host_or_address(groups["address"])[1] or address
    number = port_number(port)
    if (host is None and address is None) or port == "0":
        return None
    return Destination(match.start(), match.end(), weight, host, address, number)


def _groups(match: re2._Match) -> Iterator[tuple[str, bytes]]:
    return ((name, value) for name, value in match.groupdict().items() if value)


def port_number(text: str | None) -> int | None:
    """A port, or None: numbers of six digits are none."""
    if not text or len(text) > len(str(_MAX_PORT)):
        return None
    number = int(text)
    return number if 0 < number <= _MAX_PORT else None


def host_or_address(text: str) -> tuple[str | None, str | None]:
    """(name, None), (None, address), or (None, None) for what is neither."""
    text = text.strip("[]")
    try:
        return None, str(ipaddress.ip_address(text))
    except ValueError:
        pass
    text = text.rstrip(".").lower()
    if not text or ":" in text or len(text) > 253 or _NUMBERS.fullmatch(text) or ".." in text:
        return None, None
    return text, None
