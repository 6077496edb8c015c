"""Sends one write or access review in somebody's name, and turns every answer into what it means for the write.

Used by `writer`. A request is sent once. The API server is told to give up before we do, so that a write whose answer
never came does not take effect long after.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

from bot.adapters.kube.access.failures import NoAnswer, api_status
from bot.adapters.kube.access.write_connection import NothingSent, WriteConnection, WriteRequest, WriteResponse
from bot.adapters.kube.write.refusals import refusal
from bot.changes.ports import Impersonation
from bot.domain.errors import ClusterUnauthorized, ClusterUnreachable, OutcomeUnknown, WriteRefused

FIELD_MANAGER = "triage"
FENCE_MANAGER = "triage-fence"
"""Who puts a fence: readers of the API server's audit log tell it from a change."""
GROUP = "triage:{role}"
ROLE_NAME = re.compile(r"[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?")
SLACK_USER, SLACK_NAME = "slack-user", "slack-name"
MAX_NAME = 100
REVIEWS = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"


@dataclass(frozen=True, slots=True)
class Answered:
    """The object the API server answered with, and its warnings."""

    item: Mapping[str, Any]
    warnings: tuple[str, ...]


def impersonation(acting_as: Impersonation | None) -> dict[str, str]:
    """The headers by which the API server takes a request as this role's, and writes the person into its audit log.

    Raises `WriteRefused` for a role whose name no cluster role could have.
    """
    if acting_as is None:
        return {}
    if not ROLE_NAME.fullmatch(acting_as.role):
        raise WriteRefused(f"{acting_as.role!r} is no name of a role.", "Correct the policy.")
    name = GROUP.format(role=acting_as.role)
    headers = {"Impersonate-User": name, "Impersonate-Group": name}
    person = acting_as.person
    if person.user:
        where = f"{_header_text(person.team)}/" if person.team else ""
        headers[f"Impersonate-Extra-{SLACK_USER}"] = where + _header_text(person.user)
        if person.name:
            headers[f"Impersonate-Extra-{SLACK_NAME}"] = _header_text(person.name[:MAX_NAME])
    return headers


def _header_text(text: str) -> str:
    """Text that a header can carry: everything but printable ASCII is percent-encoded, line ends above all."""
    return quote(text, safe=" !#$&'()*+,:;=?@[]~-._")


class Sender:
    """Sends requests over one connection. `timeout_seconds` is what a request may take; `monotonic` measures it."""

    def __init__(self, connection: WriteConnection, timeout_seconds: float, monotonic: Callable[[], float]) -> None:
        self._connection = connection
        self._timeout_seconds = timeout_seconds
        self._monotonic = monotonic

    def write(self, request: WriteRequest, target: str, *, dry_run: bool) -> Answered:
        """Send a write (or try it) once.

        Raises `WriteRefused`, `ObjectGone` or `ObjectChanged` for an answer that says no, `ClusterUnreachable` when
        nothing was sent (or nothing was at stake), `OutcomeUnknown` when it was sent and what came back does not say.
        """
        full = _with_options(request, f"{max(1, int(self._timeout_seconds) - 1)}s", dry_run=dry_run)
        try:
            reply = self._send(full)
        except NothingSent as exc:
            raise ClusterUnreachable(f"Nothing was changed: {exc.detail}.", exc.remedy) from exc
        except NoAnswer as exc:
            if dry_run:
                raise ClusterUnreachable(f"The change could not be tried: {exc.detail}.", exc.remedy) from exc
            raise _unknown(target, exc.detail) from exc
        return _read_answer(reply, target, dry_run=dry_run)

    def ask(self, request: WriteRequest) -> WriteResponse:
        """Send a request that changes nothing (an access review, a list). Raises `NoAnswer`."""
        return self._send(request)

    def _send(self, request: WriteRequest) -> WriteResponse:
        ends_at = self._monotonic() + self._timeout_seconds
        return self._connection.send(
            request, timeout_seconds=self._timeout_seconds, remaining=lambda: ends_at - self._monotonic()
        )


def _with_options(request: WriteRequest, timeout: str, *, dry_run: bool) -> WriteRequest:
    """The request with its options where the API server looks for them.

    A DELETE with a body has them in the body, and those in the query are ignored: a dry run would delete.
    """
    query = [("timeout", timeout)]
    body = request.body
    if request.method == "DELETE":
        body = {**(body or {}), "dryRun": ["All"]} if dry_run else body
    else:
        manager = dict(request.query).get("fieldManager", FIELD_MANAGER)
        query += [("fieldManager", manager), *([("dryRun", "All")] if dry_run else [])]
    return replace(request, query=query, body=body)


def _read_answer(reply: WriteResponse, target: str, *, dry_run: bool) -> Answered:
    if reply.ok:
        item = _json_object(reply.body)
        if item is not None:
            return Answered(item, reply.warnings)
        detail = f"HTTP {reply.status} without an object, not from a Kubernetes API server"
    else:
        status = api_status(reply.body)
        if reply.status == 401:
            raise ClusterUnauthorized(
                "The API server does not accept the credentials; nothing was changed.", "Log in to the cluster again."
            )
        problem = refusal(target, reply.status, status) if status is not None else None
        if problem is not None:
            raise problem
        said = f": {status.message}" if status is not None else ", not from a Kubernetes API server"
        detail = f"HTTP {reply.status}{said}"
    if dry_run:
        raise ClusterUnreachable(f"The change could not be tried: {detail}.", "Try again in a minute.")
    raise _unknown(target, detail)


def _unknown(target: str, detail: str) -> OutcomeUnknown:
    return OutcomeUnknown(
        f"The change of {target} was sent, and it is not known whether it took effect: {detail}.",
        "It is not sent again; look at the object in the cluster.",
    )


def _json_object(body: bytes) -> Mapping[str, Any] | None:
    try:
        item = json.loads(body)
    except ValueError:
        return None
    return item if isinstance(item, dict) and item.get("kind") else None
