"""Reads the tail of one container's log. Called by `fetch_details`."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

import re2

from bot.adapters.kube.access.failures import NoAnswer, ReadTarget, api_status, refusal_gap
from bot.adapters.kube.access.session import ApiResponse, Bounds, Session
from bot.adapters.kube.read.budget import Budget
from bot.domain.facts import Gap, GapReason
from bot.domain.view import LOG_WINDOW, ContainerLog, LogRequest

MORE_LINES = 10
"""How many times more lines are read where all that were read are of the last minutes."""
MORE_BYTES = 4
AT_ONCE = timedelta(seconds=10)
FEWER_LINES = 10
"""How many times fewer lines are asked for when the lines are so long that the newest did not fit."""
MOST_ABOVE = 200
MOST_WELL = 50
"""Lines above the tail that are kept: of trouble, and of what went well after it."""
MOST_ALIKE = 50
"""Of trouble that is told in more lines than are kept: so many that differ in their numbers only."""
_NUMBERS = re.compile(rb"[0-9]+")
_TROUBLE_IN_OTHER_LANGUAGES = (
    "fehlgeschlagen|fehler|konnte |abgelehnt|zurückgesetzt|unerwartet|falló|no se pudo|rehusada|inesperada|échou|échec"
    "|refusée|pas pu |inattendue|non riuscita|fallita|rifiutata|inaspettata|misslyck|kunde inte|falhou|recusada"
    "|не удал|отказано|отклонено|неожиданно|провалено|не вда|відмовлено|неочікувано|neočekávaně|odmítnut|nemohu"
    "|失敗|拒否|拒絶|できません|想定外|失败|无法|拒绝|意外|없음|없습니다|거부|갑자기"
    "|важно:|致命|치명적"
)
"""What the C library and libpq say of a failure, where a container's locale is not English."""
_TROUBLE: Any = re2.compile(
    rb"(?i)error|exception|fail|refus|denied|time[sd]? ?-?out|cannot|can.t |could ?n[o\x27]t|\bnot\b|n.t\b"
    rb"|un(?:able|reach|avail|known|author|health|expect)|\bno (?:such|route|response|live|heartbeat|space|permission)"
    rb"|econn|enospc|emfile|eai_again|enotfound|panic|fatal|critical|severe|\b(?:alert|emerg|alarm|err|oom|eof|noauth)\b"
    rb"|traceback|killed|died|signal|core dumped|segmentation|bus error"
    rb"|illegal|expired|exce|exhaust|full\b|\bmax ?(?:num|mem)|saturat|nearing"
    rb"|invalid|reject|forbidden|too many|missing|empty|stale|must be|deadlock|corrupt|crash|broken|closed|lost|reset"
    rb"|disconnect|incomplete|more expected|retr(?:y|ied)|deferred|postponed|put off|re-?queued"
    rb"|abort|shutting|loading|masterdown|misconf|readonly|read.only|misbehav"
    rb"|\bbad\b|negative|mode was removed|overload|throttl|degraded|mismatch|violat|evict|removed|only available"
    rb"|http response to https|badstatus|\bexited\b|\b429\b|[ \"=:/](?:40[0-8]|5\d\d)(?:[ ,}\"]|$)"
    rb"|\b(?:lag|backlog|behind|skew|ftl|pnc|crit)\b|before issued|in the future"
    rb"|pause full|overhead|shed(?:ding)?\b|checksum"
    rb"|\b(?:[5-9]|[1-9]\d{1,3})(?:\.\d+)? seconds\b"
    rb"|end-of-file|unsupported| [cslprdiku][rqchdlt] \d+/\d+/\d+/|gone away|Z [EF]\d{4} \d\d:|\"level\": ?[56]0\b|"
    + _TROUBLE_IN_OTHER_LANGUAGES.encode()
)
"""Words, statuses and levels: what no line about a failure is without, as far as can be told of any program."""
_WELL: Any = re2.compile(
    rb"(?i)\b(?:get|post|put|patch|delete)\b[^\n]{0,500}\b[23]\d\d\b"
    rb"|succe|complet|connected to|recover|established|restored"
)
"""What ends a failure: without such lines one that is over would be told as one of now."""
_GOES_ON = re.compile(rb"^\S+ (?:\s|[}\])]|at |\.\.\.|Caused by)")
_REMOVED = re.compile(
    rb"(?i)unable to retrieve container logs for [a-z-]+://[0-9a-f]+"
    rb"|failed to (?:try resolving symlinks in path|open log file|tail -?\d+ lines of log file|seek -?\d+ in log file)"
    rb" \"/[^\n]*"
)
"""What a kubelet answers, with status 200, in place of a log that is not there: 1.20 to 1.36, the latter of
k8s.io/cri-client/pkg/logs. It has no time in front, as each line of a log has that is read here."""
_NOTHING_THERE = ("previous terminated container", "is waiting to start", "is not valid for pod", "not found")


@dataclass(frozen=True, slots=True)
class LogLimits:
    """How much of a log is read: the last `tail_lines`, of those at most `limit_bytes`."""

    tail_lines: int
    limit_bytes: int


def read_log(
    session: Session,
    namespace: str,
    request: LogRequest,
    limits: LogLimits,
    budget: Budget,
    bursts: Budget,
) -> ContainerLog:
    """The log, or a gap. The kubelet cuts at the end: when the newest lines are missing, fewer lines are asked for.

    `bursts` is how many logs may be read further back: those that say so much that their tail is of a moment.
    """
    answer = _ask(session, namespace, request, limits)
    if isinstance(answer, ApiResponse) and _cut(answer, limits) and budget.take(1):
        shorter = LogLimits(max(1, limits.tail_lines // FEWER_LINES), limits.limit_bytes)
        second = _ask(session, namespace, request, shorter)
        answer = second if isinstance(second, ApiResponse) and second.ok else answer
    if _removed(answer) and budget.take(1):  # the pod's status named a run that is gone; by now it may name the next
        answer = _ask(session, namespace, request, limits)
    # The node removes a run when the one after it has ended. Until the status says so, that one is the current run.
    if _removed(answer) and request.previous and budget.take(1):
        current = _ask(session, namespace, request.model_copy(update={"previous": False}), limits)
        answer = current if isinstance(current, ApiResponse) and current.ok and current.body else answer
    if isinstance(answer, Gap):
        return _log(request, None, answer)
    if _removed(answer):
        detail = "the node has removed that run's log at this moment"
        return _log(request, None, _target(namespace, request).gap(GapReason.FAILED, detail))
    if not answer.ok:
        return _log(request, None, _refusal(namespace, request, answer))
    cut = _cut(answer, limits)  # of what is read further back the newest lines are never left out
    short = _is_short(answer, limits) and (not request.previous or _is_burst(answer))
    if short and bursts.take(1) and budget.take(1):
        answer, short = _further_back(session, namespace, request, limits, answer)
    gap = None
    if cut:
        gap = _target(namespace, request).gap(
            GapReason.CUT_OFF, f"the newest lines are beyond the first {limits.limit_bytes} bytes"
        )
    text = answer.body.decode("utf-8", errors="replace")
    return _log(request, text, gap).model_copy(update={"short": short and not request.previous})


def _is_short(answer: ApiResponse, limits: LogLimits) -> bool:
    """Whether all the lines that were read are of the last minutes, so that more of that time stand above them."""
    lines = answer.body.splitlines()
    last = _stamp(lines[-1]) if lines else None
    full = len(lines) >= limits.tail_lines and not _cut(answer, limits)
    return full and last is not None and _is_near(lines[0], last, LOG_WINDOW)


def _is_burst(answer: ApiResponse) -> bool:
    """Whether they were all said at once: a dump, with the error above it."""
    lines = answer.body.splitlines()
    last = _stamp(lines[-1]) if lines else None
    return last is not None and _is_near(lines[0], last, AT_ONCE)


def _further_back(
    session: Session, namespace: str, request: LogRequest, limits: LogLimits, answer: ApiResponse
) -> tuple[ApiResponse, bool]:
    """More of the log: all that was said at once; and of the minutes before, the lines that tell of trouble.

    Also returns whether there is still more of those minutes.
    """
    longer = LogLimits(limits.tail_lines * MORE_LINES, limits.limit_bytes * MORE_BYTES)
    second = _ask(session, namespace, request, longer)
    if not isinstance(second, ApiResponse) or not second.ok or _removed(second):
        return answer, True
    said, cut = second.body.splitlines(), _cut(second, longer)
    tail = answer.body.splitlines()
    end = _stamp(tail[-1])
    if end is None or not said:
        return answer, True
    short = cut or (len(said) >= longer.tail_lines and _is_near(said[0], end, LOG_WINDOW))
    if _is_burst(answer) and not cut:
        tail = [line for line in said if _is_near(line, end, AT_ONCE)]
    begins = _stamp(tail[0])
    above = said[: said.index(tail[0])] if tail[0] in said else [line for line in said if _is_before(line, begins)]
    above = [line for line in above if _is_near(line, end, LOG_WINDOW)]
    told = [] if request.previous else _troubles(above)
    return replace(answer, body=b"\n".join((*told, *tail)) + b"\n"), short


def _troubles(lines: list[bytes]) -> list[bytes]:
    """The newest lines that may tell of a failure, with what goes on from them, and of those below what went well."""
    kept: list[bytes] = []
    well: list[bytes] = []
    telling = False
    for line in lines:
        goes_on = telling and _GOES_ON.search(line) is not None
        telling = goes_on or tells_of_trouble(line)
        if telling:
            kept.append(line)
            well.clear()
        elif kept and _WELL.search(line) is not None:
            well.append(line)
    return [*_newest(kept), *well[-MOST_WELL:]]


def tells_of_trouble(line: bytes) -> bool:
    """Whether a line may tell of a failure."""
    return _TROUBLE.search(line) is not None


def _newest(kept: list[bytes]) -> list[bytes]:
    """As many as are kept; what is said over and over (a stranger's 404s) does not push the rest out."""
    if len(kept) <= MOST_ABOVE:
        return kept
    seen = Counter[bytes]()
    found: list[bytes] = []
    for line in reversed(kept):
        shape = _NUMBERS.sub(b"#", line)
        seen[shape] += 1
        if seen[shape] <= MOST_ALIKE:
            found.append(line)
    return found[:MOST_ABOVE][::-1]


def _is_before(line: bytes, moment: datetime | None) -> bool:
    at = _stamp(line)
    return at is not None and moment is not None and at < moment


def _is_near(line: bytes, last: datetime, within: timedelta) -> bool:
    at = _stamp(line)
    return at is not None and last - at <= within


def _stamp(line: bytes) -> datetime | None:
    """The kubelet's time in front of a line, to the second."""
    try:
        return datetime.fromisoformat(line[:19].decode("ascii"))
    except ValueError:
        return None


def not_read(namespace: str, request: LogRequest, reason: GapReason, detail: str) -> ContainerLog:
    """The log of a request that was not sent."""
    return _log(request, None, _target(namespace, request).gap(reason, detail))


def _log(request: LogRequest, text: str | None, gap: Gap | None) -> ContainerLog:
    return ContainerLog(pod=request.pod, container=request.container, previous=request.previous, text=text, gap=gap)


def _ask(session: Session, namespace: str, request: LogRequest, limits: LogLimits) -> ApiResponse | Gap:
    path = f"/api/v1/namespaces/{quote(namespace, safe='')}/pods/{quote(request.pod, safe='')}/log"
    query = [
        ("tailLines", str(limits.tail_lines)),
        ("limitBytes", str(limits.limit_bytes)),
        ("timestamps", "true"),  # the engine tells old lines from new ones by the kubelet's clock
    ]
    if request.container:
        query.append(("container", request.container))
    if request.previous:
        query.append(("previous", "true"))
    try:
        # the server may ignore limitBytes; we do not
        return session.get(path, query, bounds=Bounds(limits.limit_bytes, cut=True), accept="*/*")
    except NoAnswer as exc:
        return _target(namespace, request).gap(exc.reason, exc.detail)


def _cut(answer: ApiResponse, limits: LogLimits) -> bool:
    return answer.ok and (answer.cut_off or len(answer.body) >= limits.limit_bytes)


def _removed(answer: ApiResponse | Gap) -> bool:
    """The kubelet says so with status 200, in the place of the log: it must not be taken for the program's words."""
    return isinstance(answer, ApiResponse) and answer.ok and bool(_REMOVED.fullmatch(answer.body.strip()))


def _refusal(namespace: str, request: LogRequest, answer: ApiResponse) -> Gap:
    target, status = _target(namespace, request), api_status(answer.body)
    if status is not None and answer.status in {400, 404} and any(part in status.message for part in _NOTHING_THERE):
        return target.gap(GapReason.ABSENT, status.message)
    return refusal_gap(target, answer.status, status)


def _target(namespace: str, request: LogRequest) -> ReadTarget:
    run = "log of the previous run" if request.previous else "log"
    container = f" container {request.container}" if request.container else ""
    return ReadTarget(f"the {run} of pod {request.pod}{container}", "get", "pods/log", namespace)
