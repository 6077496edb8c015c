"""Requests as the audit log of the simulated API server has them."""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import web

from bot.sandbox.cluster.api.authorizer import Attributes
from bot.sandbox.cluster.api.requests import attributes_of, parse
from bot.sandbox.cluster.state.status import StatusError


@dataclass(frozen=True)
class RecordedRequest:
    """One request as the audit log has it. `user` acted; `authenticated` differs from it under impersonation.

    `asked` is what the authoriser was asked; None for a path that is no resource. `extra` comes with impersonation.
    """

    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    user: str
    groups: tuple[str, ...]
    authenticated: str
    status: int
    extra: tuple[tuple[str, tuple[str, ...]], ...] = ()
    asked: Attributes | None = None
    dry_run: bool = False


def asked(raw: web.Request) -> Attributes | None:
    """What the authoriser is asked for this request; None for a path that is no resource, or that is none at all."""
    try:
        request = parse(raw.method, raw.path, raw.query)
    except StatusError:
        return None
    return attributes_of(request, raw.method) if request is not None else None


def is_dry_run(raw: web.Request, body: bytes) -> bool:
    """Whether it is a dry run. A DELETE with a body says so there, and its query does not count."""
    return b'"dryRun"' in body if raw.method == "DELETE" and body else raw.query.get("dryRun") == "All"
