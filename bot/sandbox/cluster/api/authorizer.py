"""Who may do what: RBAC over the Role and Binding objects in the store, impersonation, and injected denials.

Asked by `api.server` before every request and by the access reviews. Users exist by being named: `admin` belongs to
system:masters, every other name has just what is bound to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from bot.sandbox.cluster.state.kinds import CLUSTER_ROLE_BINDINGS, CLUSTER_ROLES, ROLE_BINDINGS, ROLES
from bot.sandbox.cluster.state.status import StatusError
from bot.sandbox.cluster.state.store import ObjectStore
from bot.sandbox.cluster.state.values import Object

MASTERS = "system:masters"


@dataclass(frozen=True)
class User:
    """An authenticated (or impersonated) user."""

    name: str
    groups: tuple[str, ...] = ()
    extra: tuple[tuple[str, tuple[str, ...]], ...] = ()


@dataclass(frozen=True)
class Attributes:
    """One question to the authoriser; either a resource or a path."""

    verb: str
    group: str = ""
    resource: str = ""
    namespace: str = ""
    name: str = ""
    path: str = ""


@dataclass(frozen=True)
class Denial:
    """A refusal injected by a test; "*" stands for any. An empty namespace means every namespace."""

    verb: str
    resource: str
    namespace: str = ""

    def covers(self, asked: Attributes) -> bool:
        """Whether it refuses this."""
        verb = self.verb in ("*", asked.verb)
        return verb and self.resource in ("*", asked.resource) and self.namespace in ("", asked.namespace)


@dataclass
class Authorizer:
    """Decides over one store."""

    store: ObjectStore
    denials: list[Denial] = field(default_factory=list)

    def allows(self, user: User, asked: Attributes) -> bool:
        """Whether the user may do it."""
        if any(denial.covers(asked) for denial in self.denials):
            return False
        return MASTERS in user.groups or any(_rule_allows(rule, asked) for rule in self.rules(user, asked.namespace))

    def check(self, user: User, asked: Attributes) -> None:
        """Raise the API server's 403 when the user may not."""
        if not self.allows(user, asked):
            raise forbidden(user, asked)

    def rules(self, user: User, namespace: str) -> Iterator[Object]:
        """All RBAC rules that hold for the user in a namespace (empty: the cluster only)."""
        for binding in self.store.list(CLUSTER_ROLE_BINDINGS):
            if _binds(binding, user):
                yield from self._role_rules(binding["roleRef"], "")
        for binding in self.store.list(ROLE_BINDINGS, namespace) if namespace else ():
            if _binds(binding, user):
                yield from self._role_rules(binding["roleRef"], namespace)

    def _role_rules(self, reference: Object, namespace: str) -> Iterable[Object]:
        kind = CLUSTER_ROLES if reference["kind"] == "ClusterRole" else ROLES
        role = self.store.get(kind, namespace if kind == ROLES else "", reference["name"])
        if role is None:
            return []
        rules: list[Object] = list(role.get("rules") or [])
        for selector in (role.get("aggregationRule") or {}).get("clusterRoleSelectors") or []:
            wanted = selector.get("matchLabels") or {}
            for other in self.store.list(CLUSTER_ROLES):
                if wanted.items() <= (other["metadata"].get("labels") or {}).items():
                    rules += other.get("rules") or []
        return rules


def user_named(name: str) -> User:
    """The user of a name, with the groups the API server gives it."""
    if name == "system:anonymous":
        return User(name, ("system:unauthenticated",))
    groups: tuple[str, ...] = ("system:authenticated",)
    if name == "admin":
        groups = (MASTERS, *groups)
    if name.startswith("system:serviceaccount:"):
        namespace = name.split(":")[2]
        groups = ("system:serviceaccounts", f"system:serviceaccounts:{namespace}", *groups)
    return User(name, groups)


def _binds(binding: Object, user: User) -> bool:
    for subject in binding.get("subjects") or []:
        kind, name = subject["kind"], subject["name"]
        if kind == "ServiceAccount":
            namespace = subject.get("namespace") or binding["metadata"].get("namespace", "")
            name = f"system:serviceaccount:{namespace}:{name}"
        if name in (user.groups if kind == "Group" else (user.name,)):
            return True
    return False


def _rule_allows(rule: Object, asked: Attributes) -> bool:
    verbs = rule.get("verbs") or []
    if "*" not in verbs and asked.verb not in verbs:
        return False
    if asked.path:
        return any(_path_matches(pattern, asked.path) for pattern in rule.get("nonResourceURLs") or [])
    groups, resources = rule.get("apiGroups") or [], rule.get("resources") or []
    if "*" not in groups and asked.group not in groups:
        return False
    wildcard = f"*/{asked.resource.split('/', 1)[1]}" if "/" in asked.resource else None
    if not ("*" in resources or asked.resource in resources or (wildcard and wildcard in resources)):
        return False
    names = rule.get("resourceNames") or []
    return not names or asked.name in names


def _path_matches(pattern: str, path: str) -> bool:
    return path.startswith(pattern[:-1]) if pattern.endswith("*") else path == pattern


def forbidden(user: User, asked: Attributes) -> StatusError:
    """The API server's refusal, word for word."""
    if asked.path:
        return StatusError(
            403, "Forbidden", f'forbidden: User "{user.name}" cannot {asked.verb} path "{asked.path}"', {}
        )
    plural = asked.resource.split("/", 1)[0]
    qualified = f"{plural}.{asked.group}" if asked.group else plural
    subject = f'{qualified} "{asked.name}"' if asked.name else qualified
    scope = f'in the namespace "{asked.namespace}"' if asked.namespace else "at the cluster scope"
    message = (
        f'{subject} is forbidden: User "{user.name}" cannot {asked.verb} resource "{asked.resource}" '
        f'in API group "{asked.group}" {scope}'
    )
    details: Object = {"kind": plural}
    if asked.name:
        details["name"] = asked.name
    if asked.group:
        details["group"] = asked.group
    return StatusError(403, "Forbidden", message, details)
