"""Calls over the network that failed, as a program's own words tell it: how, and to where.

A call climbs eight rungs: name, way, port, TLS, protocol, answer, status, meaning. The rung at which it fell proves
that the ones below held at that moment, for that caller and that destination.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class CallFailure(StrEnum):
    """How a call failed."""

    NAME_UNKNOWN = "name-unknown"
    """A server answered that there is no such name: cluster DNS works."""
    NAME_NO_ANSWER = "name-no-answer"
    CONNECT_TIMEOUT = "connect-timeout"
    UNREACHABLE = "unreachable"
    REFUSED = "refused"
    TLS = "tls"
    PROTOCOL = "protocol"
    """Something else listens there."""
    RESET = "reset"
    CLOSED_EARLY = "closed-early"
    RESPONSE_TIMEOUT = "response-timeout"
    HTTP_STATUS = "http-status"
    LOGIN_REFUSED = "login-refused"
    LIMIT = "limit"
    STARTING = "starting"
    MISSING_OBJECT = "missing-object"
    RESOURCE = "resource"
    """The server, or the caller itself, has none left: disk, memory, descriptors, a database that may be written."""


class Rung(StrEnum):
    """The steps of a call, in order."""

    NAME = "name"
    WAY = "way"
    PORT = "port"
    TLS = "tls"
    PROTOCOL = "protocol"
    ANSWER = "answer"
    STATUS = "status"
    MEANING = "meaning"

    @property
    def height(self) -> int:
        """1 for the lowest rung, 8 for the highest."""
        return _ORDER.index(self) + 1


_ORDER = tuple(Rung)

RUNGS: dict[CallFailure, Rung] = {
    CallFailure.NAME_UNKNOWN: Rung.NAME,
    CallFailure.NAME_NO_ANSWER: Rung.NAME,
    CallFailure.CONNECT_TIMEOUT: Rung.WAY,
    CallFailure.UNREACHABLE: Rung.WAY,
    CallFailure.REFUSED: Rung.PORT,
    CallFailure.TLS: Rung.TLS,
    CallFailure.PROTOCOL: Rung.PROTOCOL,
    CallFailure.RESET: Rung.ANSWER,
    CallFailure.CLOSED_EARLY: Rung.ANSWER,
    CallFailure.RESPONSE_TIMEOUT: Rung.ANSWER,
    CallFailure.HTTP_STATUS: Rung.STATUS,
    CallFailure.LOGIN_REFUSED: Rung.MEANING,
    CallFailure.LIMIT: Rung.MEANING,
    CallFailure.STARTING: Rung.MEANING,
    CallFailure.MISSING_OBJECT: Rung.MEANING,
    CallFailure.RESOURCE: Rung.MEANING,
}
"""The rung at which each failure fell."""

_SAYS_NOTHING = 5
"""A text that leaves so many other kinds open does not say how the call failed."""


@dataclass(frozen=True, slots=True)
class FailedCall:
    """One call that failed, `count` times.

    `also` are the kinds that the text leaves open. `host` is the destination's name, or its address where the text has
    no name; `address` its IP address (with the zone, for IPv6). `status` is any HTTP status in the text. `client` is
    the language or program whose words these are. `line` is the cleaned line that tells it, `line_number` counts from
    1. `first_at` and `at` are the first and the latest time in the text, in UTC (`zone_known` is False where the log
    named no zone). `where` says in which text it was seen: "" for a paste, else a pod and container.
    """

    kind: CallFailure
    also: tuple[CallFailure, ...] = ()
    host: str | None = None
    address: str | None = None
    port: int | None = None
    status: int | None = None
    client: str = ""
    line: str = ""
    line_number: int = 0
    first_at: datetime | None = None
    at: datetime | None = None
    zone_known: bool = True
    count: int = 1
    where: str = ""

    @property
    def kinds(self) -> tuple[CallFailure, ...]:
        """Everything that it may have been, the likeliest first."""
        return (self.kind, *self.also)

    @property
    def is_vague(self) -> bool:
        """Does the text say only that a call failed, and not how?"""
        return len(self.also) >= _SAYS_NOTHING

    @property
    def rung(self) -> Rung:
        """The lowest rung at which it may have fallen: what is below held."""
        return min((RUNGS[kind] for kind in self.kinds), key=lambda rung: rung.height)

    @property
    def target(self) -> str:
        """The destination as people write it; "" where the text names none."""
        host = self.host or ""
        if host and self.port is not None:
            return f"[{host}]:{self.port}" if ":" in host else f"{host}:{self.port}"
        return host or (f"port {self.port}" if self.port is not None else "")
