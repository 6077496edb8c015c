"""Whose trouble a line of a log is: the program's, or that of those who call it. Pure.

Clients go away before they are answered, ask for what there is not, and get their statements back with an error. A
server writes that down as it does its own errors; who suffers, if anybody, is the client, whose log says so too.
"""

from __future__ import annotations

import re

from bot.domain.calls import CallFailure, FailedCall
from bot.domain.endpoints import is_loopback
from bot.engine.binding import Binding, BoundComponent
from bot.engine.checks.detail.credentials import is_asked_as_databases_are
from bot.engine.checks.observed.answered import tells_of_a_refusal
from bot.engine.discovery.telemetry import is_telemetry_port
from bot.engine.values.levels import is_mild

CLIENT_GONE, CLIENT_ASKED = "client_gone", "client_asked"
"""Kinds of `log-lines.yaml`: nobody's trouble at all, and trouble where nothing else is asked for."""

_STATEMENT = re.compile(
    r"\b(?:ERROR|FATAL):  (?:duplicate key value|could not serialize|deadlock detected|canceling (?:statement|auto)"
    r"|null value in column|new row for relation|(?:insert or update|update or delete) on table|syntax error at"
    r"|invalid input syntax|relation \"|column |function |operator does not exist|type \"|division by zero"
    r"|permission denied for |current transaction is aborted|database \"[^\"]*\" does not exist|role \"|cached plan"
    r"|prepared statement"
    r"|could not obtain lock|value too long|numeric field overflow|invalid byte sequence|there is no unique|schema \")"
    r"|<Error> (?:executeQuery|DynamicQueryHandler|TCPHandler|ServerErrorHandler)\b.*\bDB::Exception"
)
"""How a database writes down that it has given a statement back with an error."""


def is_statement(line: str) -> bool:
    """Whether a database tells of a statement of a client that it did not carry out."""
    return _STATEMENT.search(line[:400]) is not None


def is_of_clients(binding: Binding, component: BoundComponent, *, statements: bool) -> bool:
    """Whether all that it says so is about statements of clients, of which it has as databases have."""
    return statements and is_asked_as_databases_are(binding, component)


_LOUD = re.compile(r"\b(?:ERROR|FATAL|CRITICAL|SEVERE|EMERG)\b")


_CLIENTS_CODE = re.compile(
    r"\bcode ?= ?(?:NotFound|Canceled|InvalidArgument|AlreadyExists|OutOfRange)\b"
    r"|\bservice has thrown: (?:\w+\.)*(?:\w*NotFound|Invalid|\w*AlreadyExists|NoSuch)\w*\("
)


def is_told_of_others(kind: str, line: str) -> bool:
    """Whether a program tells of an answer with an error as an information: it gave it to whoever asked for that."""
    if not is_mild(line) or _LOUD.search(line) is not None:
        return False
    return kind == "error_line" or (kind == "dependency_error" and _CLIENTS_CODE.search(line) is not None)


_OWN = frozenset({CallFailure.REFUSED, CallFailure.CONNECT_TIMEOUT, CallFailure.UNREACHABLE})
_NAMES = frozenset({CallFailure.NAME_UNKNOWN, CallFailure.NAME_NO_ANSWER})


def is_its_own_call(call: FailedCall) -> bool:
    """Whether only a call of the program's own fails so, whatever the line says of clients: `redis client
    disconnected: connect ECONNREFUSED`.
    """
    return call.kind in _OWN or (call.kind in _NAMES and bool(call.host))


def goes_on_beside(line: str) -> bool:
    """Whether a line that is no failure shows other work: that further requests are refused does not."""
    return bool(line.strip()) and not tells_of_a_refusal(line)


def is_helper_on_loopback(host: str, port: int, *, amid: bool) -> bool:
    """Whether a call to its own address is one to a helper: it collects telemetry, or the work goes on without it."""
    return is_loopback(host) and (amid or is_telemetry_port(port))
