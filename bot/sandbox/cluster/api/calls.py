"""One HTTP request as the handlers see it, and their answer. Also: identity, impersonation, bodies and options.

Built by `api.server` from aiohttp's request; free of aiohttp, so that handlers are plain functions.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

import yaml

from bot.sandbox.cluster.api.authorizer import Attributes, Authorizer, User, user_named
from bot.sandbox.cluster.api.protobuf import decode, is_protobuf
from bot.sandbox.cluster.state.registry import WriteMode
from bot.sandbox.cluster.state.status import StatusError, bad_request
from bot.sandbox.cluster.state.values import Object

_EXTRA = "impersonate-extra-"
_AUTHENTICATION = "authentication.k8s.io"


@dataclass(frozen=True)
class Call:
    """An HTTP request after authentication."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    user: User

    @property
    def accept(self) -> str:
        """The Accept header."""
        return self.headers.get("Accept", "")

    def write(self, subresource: str = "") -> WriteMode:
        """The manager and dry-run option of a write. Raises 422 for a dryRun value that is not All."""
        dry_run = self.query.get("dryRun", "")
        if dry_run not in ("", "All"):
            message = f'Unsupported value: "{dry_run}": supported values: "All"'
            text = f'PatchOptions.meta.k8s.io "" is invalid: dryRun: {message}'
            raise StatusError(
                422,
                "Invalid",
                text,
                {"causes": [{"reason": "FieldValueNotSupported", "field": "dryRun", "message": message}]},
            )
        agent = self.headers.get("User-Agent", "unknown").split("/", 1)[0]
        manager = self.query.get("fieldManager") or agent
        return WriteMode(manager, dry_run == "All", subresource, self.user.name, self.user.groups)

    def decoded(self) -> Any:
        """The body as JSON or YAML. Raises 400 when it is neither."""
        if not self.body:
            return {}
        if is_protobuf(self.body):
            return decode(self.body)
        try:
            return json.loads(self.body)
        except ValueError:
            pass
        try:
            return yaml.safe_load(self.body)
        except yaml.YAMLError as exc:
            raise bad_request(f"error decoding the body: {exc}") from exc

    def object(self) -> Object:
        """The body as one object. Raises 400 when it is something else."""
        found = self.decoded()
        if not isinstance(found, dict):
            raise bad_request("the object provided is unrecognized (must be of type Object)")
        return found


@dataclass(frozen=True)
class ApiServerResponse:
    """What to send back. `body` is an object to encode, or bytes as they are."""

    status: int
    body: Object | bytes
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)


def authenticate(listener_user: str | None, headers: Mapping[str, str], tokens: Mapping[str, str]) -> User:
    """The user of a request: its bearer token's, else the one whose port it came in by, else anonymous.

    kubectl sends no credentials over plain HTTP, so every user of the sandbox has a port of its own. Raises a 401
    StatusError for a bearer token that is not known.
    """
    given = headers.get("Authorization", "")
    if not given.lower().startswith("bearer "):
        return user_named(listener_user or "system:anonymous")
    name = tokens.get(given[7:].strip())
    if name is None:
        raise StatusError(401, "Unauthorized", "Unauthorized")
    return user_named(name)


@dataclass(frozen=True)
class ImpersonationHeaders:
    """What the Impersonate headers ask for; `extra` has lower-case keys, as the API server reads them."""

    user: str = ""
    groups: tuple[str, ...] = ()
    extra: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @classmethod
    def of(cls, headers: Iterable[tuple[str, str]]) -> ImpersonationHeaders:
        """From all headers of a request, in order and with repetitions."""
        user, groups, extra = "", [], dict[str, list[str]]()
        for name, value in headers:
            lower = name.lower()
            if lower == "impersonate-user":
                user = value
            elif lower == "impersonate-group":
                groups.append(value)
            elif lower.startswith(_EXTRA):
                extra.setdefault(unquote(lower.removeprefix(_EXTRA)), []).append(value)
        return cls(user, tuple(groups), tuple((key, tuple(values)) for key, values in extra.items()))


def impersonate(user: User, asked: ImpersonationHeaders, authorizer: Authorizer) -> User:
    """The user to act as: another one when the headers say so and RBAC lets them. Raises 403 or 500."""
    name = asked.user
    if not name:
        if asked.groups or asked.extra:
            what = [*asked.groups, *(key for key, _ in asked.extra)]
            raise StatusError(
                500, "InternalError", f"Internal error occurred: requested {what} without impersonating a user"
            )
        return user
    if name.startswith("system:serviceaccount:"):
        _, _, namespace, account = name.split(":", 3)
        authorizer.check(user, Attributes("impersonate", "", "serviceaccounts", namespace, account))
    else:
        authorizer.check(user, Attributes("impersonate", "", "users", "", name))
    for group in asked.groups:
        authorizer.check(user, Attributes("impersonate", "", "groups", "", group))
    for key, values in asked.extra:
        for value in values:
            authorizer.check(user, Attributes("impersonate", _AUTHENTICATION, f"userextras/{key}", "", value))
    implied = user_named(name).groups if name != "admin" else ("system:authenticated",)
    kept = (group for group in implied if not asked.groups or group == "system:authenticated")
    return User(name, tuple(dict.fromkeys((*asked.groups, *kept))), asked.extra)
