"""Asks an application's health endpoint through the API server's proxy, and tells their answers apart.

Called by `fetch_details`. A 403, 404 or 503 may come from the application or from the API server: only a body that is
the API server's Status object is the latter's.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import quote, unquote

from bot.adapters.kube.access.failures import (
    ApiStatus,
    NoAnswer,
    ReadTarget,
    api_status,
    refusal_gap,
    shorten,
)
from bot.adapters.kube.access.masking import mask_url_credentials
from bot.adapters.kube.access.session import ApiResponse, Bounds, Session
from bot.adapters.kube.read.budget import Budget
from bot.domain.facts import Gap, GapReason
from bot.domain.kubernetes import Pod
from bot.domain.view import HealthAnswer, HealthOutcome, HealthRequest

TIMEOUT_SECONDS = 5.0
CLOSED_PORT = 1
"""tcpmux: nothing listens there, so a pod that can be reached refuses at once."""
MAX_BODY_BYTES = 16 * 1024
_BOUNDS = Bounds(MAX_BODY_BYTES, cut=True, timeout_seconds=TIMEOUT_SECONDS, repeatable=False, application=True)
_OBJECT_NAME = re.compile(r"[a-z0-9]([-.a-z0-9]{0,251}[a-z0-9])?")
_PORT = re.compile(r"[A-Za-z0-9][-A-Za-z0-9]{0,62}")
_OLD_PROXY_ERROR = b"Error trying to reach service: "
"""API servers before 1.19 answer a failed proxy request in plain text."""

_WAY_CUT = "nor does a closed port of the pod, so the way from the API server to the pod may be cut"

_SYMPTOMS: Sequence[tuple[str, HealthOutcome]] = (
    ("connection refused", "refused"),
    ("i/o timeout", "timed_out"),
    ("context deadline exceeded", "timed_out"),
    ("Client.Timeout exceeded", "timed_out"),
    ("timeout awaiting response headers", "timed_out"),
    ("no route to host", "unreachable"),
    ("network is unreachable", "unreachable"),
    ("connection reset by peer", "unreachable"),
    ("server closed idle connection", "unreachable"),
    ("EOF", "unreachable"),
    ("malformed HTTP", "unreachable"),
    ("server gave HTTP response", "unreachable"),
    ("tls:", "unreachable"),
    ("x509:", "unreachable"),
)
"""What the API server says when it reached for the application in vain. First match counts."""


def ask_health(
    session: Session, namespace: str, request: HealthRequest, pods: Sequence[Pod], budget: Budget
) -> HealthAnswer:
    """One GET, at most 5 seconds; one more where a pod is silent. Never raises but for `ClusterUnauthorized`.

    A firewall between the API server and the nodes is as silent as a process that hangs. Only where the pod refuses a
    connection to a port that is closed is the way there open, and the silence the process's own.
    """
    answer = _asked(session, namespace, request, pods)
    if answer.outcome != "timed_out" or not request.target.startswith("pod/"):
        return answer
    control = request.model_copy(update={"port": str(CLOSED_PORT), "path": "/"})
    if budget.take(1) and _asked(session, namespace, control, pods).outcome == "refused":
        return answer
    return not_asked(namespace, request, GapReason.TIMED_OUT, _WAY_CUT)


def _asked(session: Session, namespace: str, request: HealthRequest, pods: Sequence[Pod]) -> HealthAnswer:
    path = _proxy_path(namespace, request, pods)
    if path is None:
        return not_asked(namespace, request, GapReason.NOT_READ, "the target, port or path is not a valid one")
    seconds = min(TIMEOUT_SECONDS, session.connection.read_timeout_seconds)
    if session.deadline.remaining() < seconds:
        # a shorter wait would prove nothing about the application
        return not_asked(namespace, request, GapReason.CUT_OFF, "no time was left to wait for an answer")
    try:
        answer = session.get(path, _query(request.path), bounds=_BOUNDS, accept="*/*")
    except NoAnswer as exc:
        return _no_answer(namespace, request, exc, seconds)
    if answer.body.startswith(_OLD_PROXY_ERROR) and answer.status == 503:
        message = answer.body.decode("utf-8", errors="replace")
        return _proxy_failed(namespace, request, ApiStatus(message=message), answer.status)
    status = api_status(answer.body) if answer.status >= 400 else None
    if status is not None:
        return _proxy_failed(namespace, request, status, answer.status)
    return _application_answered(request, answer)


def not_asked(namespace: str, request: HealthRequest, reason: GapReason, detail: str) -> HealthAnswer:
    """The answer to a question that was not asked."""
    return _with_gap(request, _target(namespace, request).gap(reason, detail))


def _application_answered(request: HealthRequest, answer: ApiResponse) -> HealthAnswer:
    if answer.status < 400:
        return _answer(request, "ok", status=answer.status)
    words = mask_url_credentials(answer.body.decode("utf-8", errors="replace"))
    return _answer(request, "http_error", status=answer.status, detail=shorten(words, 200))


def _proxy_failed(namespace: str, request: HealthRequest, status: ApiStatus, http_status: int) -> HealthAnswer:
    """The API server answers itself: it may not, cannot find the target, or could not reach the application."""
    message = status.message
    if "no endpoints available" in message:
        return _answer(request, "no_endpoints", detail=shorten(message))
    if "error trying to reach service" in message.lower():
        for words, outcome in _SYMPTOMS:
            if words in message:
                return _answer(request, outcome, detail=shorten(message))
    target = _target(namespace, request)
    if "address not allowed" in message or "no service port" in message or "does not have a host" in message:
        return _with_gap(request, target.gap(GapReason.ABSENT, message))
    return _with_gap(request, refusal_gap(target, http_status, status))


def _no_answer(namespace: str, request: HealthRequest, failure: NoAnswer, seconds: float) -> HealthAnswer:
    """Silence speaks about the application only when the question was sent on."""
    if failure.listened:
        return _answer(request, "timed_out", detail=f"no answer within {seconds:g} seconds")
    return not_asked(namespace, request, failure.reason, failure.detail)


def _answer(request: HealthRequest, outcome: HealthOutcome, *, status: int = 0, detail: str = "") -> HealthAnswer:
    return HealthAnswer(
        target=request.target, port=request.port, path=request.path, outcome=outcome, status=status, detail=detail
    )


def _with_gap(request: HealthRequest, gap: Gap) -> HealthAnswer:
    return HealthAnswer(target=request.target, port=request.port, path=request.path, gap=gap)


def _target(namespace: str, request: HealthRequest) -> ReadTarget:
    plural = "services/proxy" if request.target.startswith("service/") else "pods/proxy"
    return ReadTarget(f"the health of {request.target} port {request.port}", "get", plural, namespace)


def _proxy_path(namespace: str, request: HealthRequest, pods: Sequence[Pod]) -> str | None:
    """The path of the proxy subresource, or None when a part of the request could lead elsewhere."""
    kind, _, name = request.target.partition("/")
    plural = {"pod": "pods", "service": "services"}.get(kind)
    port = _port_number(name, request.port, pods) if kind == "pod" else request.port
    path = request.path.partition("?")[0]
    leaves = ".." in unquote(unquote(path)).replace("\\", "/").split("/")
    if plural is None or leaves or not _OBJECT_NAME.fullmatch(name) or not _PORT.fullmatch(port):
        return None
    where = f"https:{name}:{port}" if request.scheme == "https" else f"{name}:{port}"
    return f"/api/v1/namespaces/{quote(namespace, safe='')}/{plural}/{where}/proxy/{quote(path.lstrip('/'))}"


def _query(path: str) -> tuple[tuple[str, str], ...]:
    pairs = (part.partition("=") for part in path.partition("?")[2].split("&") if part)
    return tuple((unquote(name), unquote(value)) for name, _, value in pairs)


def _port_number(pod: str, port: str, pods: Sequence[Pod]) -> str:
    """The number of a pod's named port: the API server's pod proxy knows numbers only."""
    if port.isdecimal():
        return port
    containers = (item for one in pods if one.metadata.name == pod for item in one.spec.containers)
    numbers = (str(entry.container_port) for item in containers for entry in item.ports if entry.name == port)
    return next(numbers, port)
