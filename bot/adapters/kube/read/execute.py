"""Asks a running container for one environment variable, by exec. Off unless the operator switches it on.

Exec is not read-only: the API server must grant `create pods/exec`, which allows anything in the container. What is run
here is fixed: a shell prints one variable whose name comes from a playbook. Nothing else of the environment is read.
"""

from __future__ import annotations

import re
from urllib.parse import quote

from bot.adapters.kube.access.failures import NoAnswer, ReadTarget
from bot.adapters.kube.access.masking import mask_url_credentials
from bot.adapters.kube.access.session import Session
from bot.domain.facts import Gap, GapReason
from bot.domain.view import RunningVariable, VariableRequest

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,100}")
SECONDS = 5.0


def read_variable(session: Session, namespace: str, request: VariableRequest) -> RunningVariable:
    """The variable as the running container has it; one that is not set, or empty, is None without a gap."""
    if not _NAME.fullmatch(request.name):
        return _answer(request, gap=_target(namespace, request).gap(GapReason.NOT_READ, "not a variable's name"))
    command = ("sh", "-c", f'echo "${request.name}"')
    path = f"/api/v1/namespaces/{quote(namespace, safe='')}/pods/{quote(request.pod, safe='')}/exec"
    try:
        said = session.execute(path, request.container, command, SECONDS).strip()
    except NoAnswer as exc:
        return _answer(request, gap=_gap_of(exc, _target(namespace, request)))
    return _answer(request, value=mask_url_credentials(said) or None)


def not_executed(namespace: str, request: VariableRequest, reason: GapReason, detail: str) -> RunningVariable:
    """The variable of a container that was not asked."""
    return _answer(request, gap=_target(namespace, request).gap(reason, detail))


def _target(namespace: str, request: VariableRequest) -> ReadTarget:
    return ReadTarget(f"{request.name} of pod {request.pod}", "create", "pods/exec", namespace)


def _gap_of(exc: NoAnswer, target: ReadTarget) -> Gap:
    forbidden = "403" in exc.detail and "orbidden" in exc.detail
    return target.gap(GapReason.FORBIDDEN if forbidden else exc.reason, exc.detail)


def _answer(request: VariableRequest, value: str | None = None, gap: Gap | None = None) -> RunningVariable:
    return RunningVariable(pod=request.pod, container=request.container, name=request.name, value=value, gap=gap)
