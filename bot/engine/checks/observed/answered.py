"""What the calling component's own log says about calls that were answered: with success, or with a server's error.

Programs log requests in few shapes: `GET /api/me 200 in 9ms`, `"GET /me HTTP/1.1" 200`, `HTTP Request: GET http://…`.
Pages and files that a web server serves by itself say nothing about what is behind it, so they are left out.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from fnmatch import fnmatchcase
from functools import lru_cache
from urllib.parse import urlsplit

from bot.domain.view import ContainerLog
from bot.engine.binding import Binding, BoundRoute
from bot.engine.checks.containers import shortened
from bot.engine.checks.logs import LogLine, log_lines

_REQUEST = re.compile(
    r"\b(?:GET|POST|PUT|PATCH|DELETE)\s+(?P<url>\S+?)\"?\s+(?:\"?HTTP/[0-9.]+\"?\s+)?\"?(?P<status>[1-5]\d\d)\b"
)
_FIELDS_SAY = re.compile(
    r"""(?i)["']?\b(?:http[_.]?)?(?:status(?:[_.]?code)?|response[_.]code)["']?\s*[:=]\s*["']?[23]\d\d\b"""
)
_FIELDS_URL = re.compile(
    r"""(?i)["']?\b(?:target|ur[il]|upstream|endpoint|request[_.]url|http[_.]url)["']?\s*[:=]\s*["']?(https?://[^\s"']{1,300})"""
)
"""Fields of a structured line: `{"target":"http://basket:8080/items","statusCode":200}`, `url=http://… status=200`."""
_FIELDS_METHOD = re.compile(r"\b(?:GET|POST|PUT|PATCH|DELETE)\b")
_FIELDS_PATH = re.compile(
    r"""(?i)["']?\b(?:path|ur[il]|route|request[_.]?(?:path|ur[il])|http[_.]path)["']?\s*[:=]\s*["']?(/[^\s"',}]{0,300})"""
)
_FIELDS_STATUS = re.compile(
    r"""(?i)["']?\b(?:http[_.]?)?(?:status(?:[_.]?code)?|response[_.]code)["']?\s*[:=]\s*["']?([1-5]\d\d)\b"""
)
"""Of a record of an access: `{"method":"GET","path":"/api/me","status":503}`."""
_SERVERS_ERROR = re.compile(
    r"\b50[0-4] (?:Internal Server Error|Bad Gateway|Service (?:Temporarily )?Unavailable|Gateway Time-?out)"
    r"|\bstatus(?:[ _]?code)?[=:] ?50[0-4]\b|RBAC: access denied|upstream connect error or disconnect"
)
_OWN_PATHS = re.compile(
    r"^(?:/?|/(?:_next|static|assets|public|images|fonts)/.*|/(?:health|healthz|livez|readyz|ready|ping|metrics)/?"
    r"|.*\.(?:js|css|map|png|svg|ico|jpg|webp|woff2?|txt|webmanifest))$"
)
_HEALTH_PATHS = re.compile(r"^/(?:health|healthz|livez|readyz|ready|ping|metrics)/?$")
_DONE = re.compile(r"^\W*(?:GET|POST|PUT|PATCH|DELETE)\s+/.*\s[23]\d\d(?:\s+in)?\s+[\d.]+\s?m?s\b")
_COMPLETED = re.compile(
    r"\bCompleted [23]\d\d\b|\bsucceeded in [\d.]+ ?m?s\b"
    r"|(?i:\b(?:succeeded|worked|recovered) (?:at|on|after|in|with) (?:the )?(?:\w+ )?(?:attempt|try|retry|retries)\b)"
)
_LEVEL_OF_ERRORS = re.compile(
    r"^(?:\S+\s+){0,4}\W*(?:ERROR|ERR|FATAL|FTL|CRITICAL|SEVERE)\b|(?i:\blevel[\"']?\s*[=:]\s*[\"']?(?:error|fatal|critical))"
)
_TELLING = re.compile(
    r"GET |POST |PUT |PATCH |DELETE |\b50[0-4]\b|RBAC: |upstream connect|https?://.*[Ss]tatus|[Ss]tatus.*https?://"
    r"|\b(?:GET|POST|PUT|PATCH|DELETE)\b.*[Ss]tatus|[Ss]tatus.*\b(?:GET|POST|PUT|PATCH|DELETE)\b"
)
_MOST = 500
"""Lines of one log that are looked at: the newest say what happens now."""
_PROBES = ("kube-probe/", "Prometheus/", "GoogleHC/", "ELB-HealthChecker/")


@dataclass(frozen=True, slots=True)
class AnsweredCall:
    """A call that was answered. `failed`: the answer was a server's error (5xx)."""

    failed: bool
    time: datetime | None
    line: str


@dataclass(frozen=True, slots=True)
class ServedCall:
    """A call that a component answered itself, with success or a server's error (`failed`)."""

    url: str
    failed: bool
    time: datetime | None
    line: str


def _request(text: str) -> tuple[str, str] | None:
    """The URL or path and the status of the request that a line tells of."""
    match = _REQUEST.search(text)
    if match is not None:
        return match["url"], match["status"]
    path = _FIELDS_PATH.search(text) if _FIELDS_METHOD.search(text) else None
    status = _FIELDS_STATUS.search(text) if path else None
    return (path[1], status[1]) if path and status else None


def served_calls(log: ContainerLog, *, pages: bool = False) -> list[ServedCall]:
    """The calls that a component's own access log tells of, in its order, without probes and refusals (4xx).

    `pages`: with what a web server may serve by itself, too; questions for its own health are left out all the same.
    """
    found: list[ServedCall] = []
    for line in _telling_lines(log.text or ""):
        text = line.text[:2000]
        url, status = _request(text) or ("", "")
        if not status or status[0] in "14" or _is_probe(text):
            continue
        own = _HEALTH_PATHS if pages else _OWN_PATHS
        if url.startswith("/") and not own.match(url.partition("?")[0]):
            found.append(ServedCall(url, status[0] == "5", line.time, shortened(line.text)))
    return found[-_MOST:]


def tells_of_success(line: str) -> bool:
    """Whether the line tells of a request that was answered well: what it quotes of that is no failure."""
    if _LEVEL_OF_ERRORS.search(line[:120]) is not None:
        return False
    match = _REQUEST.search(line[:2000])
    if _DONE.match(line[:2000]) is not None or _COMPLETED.search(line[:2000]) is not None:
        return True
    return match is not None and match["status"][0] in "23"


def tells_of_an_answer(line: str) -> bool:
    """The same of what somebody asked for: that probes and scrapers are answered shows nothing of other calls."""
    match = _REQUEST.search(line[:2000])
    asked = match is None or _HEALTH_PATHS.match(match["url"].partition("?")[0]) is None
    return asked and not _is_probe(line[:2000]) and tells_of_success(line)


def tells_of_a_refusal(line: str) -> bool:
    """Whether the line tells of a request that was refused for what it asked (4xx)."""
    match = _REQUEST.search(line[:2000])
    return match is not None and match["status"][0] == "4"


def _is_probe(text: str) -> bool:
    return any(word in text for word in _PROBES)


def caller_logs(binding: Binding, route: BoundRoute) -> list[ContainerLog]:
    """The current logs of the calling component that could be read."""
    pods = {pod.metadata.name for pod in route.caller.pods}
    return [log for log in binding.view.logs if log.pod in pods and not log.previous and log.text is not None]


def answered_calls(log: ContainerLog, route: BoundRoute) -> list[AnsweredCall]:
    """The answered calls in one log of the caller, in its order."""
    found: list[AnsweredCall] = []
    for line in _telling_lines(log.text or ""):
        outcome = _outcome(line.text[:2000], route)
        if outcome is not None:
            found.append(AnsweredCall(outcome, line.time, shortened(line.text)))
    return found[-_MOST:]


@lru_cache(maxsize=16)
def _telling_lines(text: str) -> tuple[LogLine, ...]:
    """The lines of a log that may tell of an answer, the newest ones: every check of a route asks for them."""
    lines = (
        line for line in log_lines(ContainerLog(pod="", container="", text=text)) if _TELLING.search(line.text[:2000])
    )
    return tuple(deque(lines, maxlen=_MOST))


def last_success(binding: Binding, route: BoundRoute, log: ContainerLog, seconds: float) -> datetime | None:
    """When a call was last answered without an error in this log, within the last seconds."""
    times = [call.time for call in answered_calls(log, route) if not call.failed]
    return max((moment for moment in times if moment and binding.within(moment, seconds, log.pod)), default=None)


def mixed_answers(binding: Binding, route: BoundRoute, seconds: float) -> str:
    """The last line of a good part of calls that are answered by an error, between others that are not; else empty.

    A server's error counts, and a "not found" for what was found before and after it. Calls that failed for a while,
    and succeed since, are over.
    """
    for log in caller_logs(binding, route):
        calls = [call for call in _requests(log, route) if call.time and binding.within(call.time, seconds, log.pod)]
        failed = [place for place, call in enumerate(calls) if call.status >= 500 or _flips(calls, place)]
        lasting = bool(failed) and len(calls) - failed[-1] <= _SINCE
        if lasting and len(failed) >= _SOME and _SHARE * len(failed) >= len(calls):
            return calls[failed[-1]].line
    return ""


_SINCE, _SOME, _SHARE = 4, 3, 5


def _flips(calls: Sequence[_Request], place: int) -> bool:
    """Whether what was not found now was found before and after."""
    call = calls[place]
    if call.status != 404:
        return False
    before, after = (item for item in calls[:place]), (item for item in calls[place + 1 :])
    return all(any(item.url == call.url and item.status < 300 for item in side) for side in (before, after))


@dataclass(frozen=True, slots=True)
class _Request:
    url: str
    status: int
    time: datetime | None
    line: str


def _requests(log: ContainerLog, route: BoundRoute) -> list[_Request]:
    found: list[_Request] = []
    for line in _telling_lines(log.text or ""):
        text = line.text[:2000]
        request = _request(text)
        if request is not None and _outcome(text, route) is not None:
            found.append(_Request(request[0], int(request[1]), line.time, shortened(line.text)))
    return found


def _outcome(text: str, route: BoundRoute) -> bool | None:
    """Whether the line tells of an answer that was a server's error; None if it tells of no call that counts."""
    request = _request(text)
    if request is None:
        return True if _SERVERS_ERROR.search(text) else _well_by_fields(text, route)
    if _is_probe(text):
        return None
    try:
        url = urlsplit(request[0])
    except ValueError:
        return None
    if url.netloc and not _is_of(url.hostname or "", route):
        return None
    if not url.netloc and _OWN_PATHS.match(url.path):
        return None
    failed = request[1].startswith("5")
    if not failed and not url.netloc and not _is_passed_on(url.path, route):
        return None
    return failed


def _well_by_fields(text: str, route: BoundRoute) -> bool | None:
    """False where the fields of a structured line name an address of the called one and its answer; else None."""
    named = _FIELDS_URL.search(text) if _FIELDS_SAY.search(text) else None
    try:
        host = urlsplit(named[1]).hostname if named else None
    except ValueError:
        return None
    return False if host and _is_of(host, route) and not _is_probe(text) else None


def _is_passed_on(path: str, route: BoundRoute) -> bool:
    """Whether the answer on this path can have come from the called component."""
    return not route.spec.passes_on or any(fnmatchcase(path, glob) for glob in route.spec.passes_on)


def _is_of(host: str, route: BoundRoute) -> bool:
    names = {route.address.host, route.address.service} if route.address else set[str]()
    if route.service is not None:
        names |= {route.service.metadata.name, *route.service.addresses}
    return host in names or host.split(".", maxsplit=1)[0] in names - {""}
