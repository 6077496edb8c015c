"""From a URL to what is asked: the API server's RequestInfo.

Called by `api.server` for every request. Pure; knows the kinds but not the objects.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import unquote

from bot.sandbox.cluster.api.authorizer import Attributes
from bot.sandbox.cluster.state.kinds import KINDS, NAMESPACES, Kind
from bot.sandbox.cluster.state.status import no_such_path

_VERBS = {"POST": "create", "PUT": "update", "PATCH": "patch", "DELETE": "delete", "GET": "get", "HEAD": "get"}


@dataclass(frozen=True)
class ResourceRequest:
    """A request about a resource. `rest` is what follows a proxy subresource."""

    verb: str
    kind: Kind
    namespace: str
    name: str
    subresource: str
    rest: str

    @property
    def resource(self) -> str:
        """`pods` or `pods/log`, as RBAC names it."""
        return f"{self.kind.plural}/{self.subresource}" if self.subresource else self.kind.plural


def parse(method: str, path: str, query: Mapping[str, str], kinds: Iterable[Kind] = KINDS) -> ResourceRequest | None:
    """What is asked, of the kinds that are served; None for a path that is no resource (/version, /api/v1 …).

    Raises 404 for an unknown resource.
    """
    parts = [unquote(part) for part in path.strip("/").split("/")]
    if parts[0] == "api" and len(parts) > 2:
        group, version, rest = "", parts[1], parts[2:]
    elif parts[0] == "apis" and len(parts) > 3:
        group, version, rest = parts[1], parts[2], parts[3:]
    else:
        return None
    namespace = ""
    if rest[0] == "namespaces" and len(rest) > 2 and rest[2] not in ("status", "finalize"):
        namespace, rest = rest[1], rest[2:]
    asked = (group, version, rest[0])
    kind = next((one for one in kinds if (one.group, one.version, one.plural) == asked), None)
    if kind is None or (namespace and not kind.namespaced):
        raise no_such_path()
    name = rest[1] if len(rest) > 1 else ""
    if name and kind.namespaced and not namespace:
        raise no_such_path()
    subresource = rest[2] if len(rest) > 2 else ""
    verb = _verb(method, name, query)
    if kind == NAMESPACES and name:
        namespace = name
    return ResourceRequest(verb, kind, namespace, name, subresource, "/".join(rest[3:]))


def _verb(method: str, name: str, query: Mapping[str, str]) -> str:
    verb = _VERBS.get(method, method.lower())
    if verb == "get" and not name:
        return "watch" if query.get("watch") in ("1", "true") else "list"
    if verb == "get" and query.get("watch") in ("1", "true"):
        return "watch"
    return "deletecollection" if verb == "delete" and not name else verb


def attributes_of(request: ResourceRequest, method: str) -> Attributes:
    """What the authoriser is asked about a request. A proxied name counts without its scheme and port."""
    verb = _VERBS.get(method, "get") if request.subresource else request.verb
    name = request.name
    if request.subresource == "proxy":
        name = name.split(":")[0 if name.count(":") < 2 else 1]
    return Attributes(verb, request.kind.group, request.resource, request.namespace, name)
