"""The kinds of objects that may be written to, and their paths. Nothing else can be named in a write.

Used by the writer and its connection. Secrets, pods, roles and everything outside a namespace are not here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from bot.domain.changes import Write
from bot.domain.errors import WriteRefused


@dataclass(frozen=True, slots=True)
class WritableKind:
    """A kind of object. `creatable`: a remedy may create one (and take that back); `has_template`: it runs pods."""

    kind: str
    group: str
    version: str
    plural: str
    creatable: bool = False
    has_template: bool = False

    @property
    def api_version(self) -> str:
        """`v1`, `apps/v1` …"""
        return f"{self.group}/{self.version}" if self.group else self.version

    def list_path(self, namespace: str) -> str:
        """The path of the list, percent-encoded."""
        root = f"/apis/{self.group}/{self.version}" if self.group else f"/api/{self.version}"
        return f"{root}/namespaces/{quote(namespace, safe='')}/{self.plural}"

    def path(self, namespace: str, name: str) -> str:
        """The path of one object, percent-encoded."""
        return f"{self.list_path(namespace)}/{quote(name, safe='')}"


DEPLOYMENT = WritableKind("Deployment", "apps", "v1", "deployments", has_template=True)
STATEFUL_SET = WritableKind("StatefulSet", "apps", "v1", "statefulsets", has_template=True)
SERVICE = WritableKind("Service", "", "v1", "services", creatable=True)
CONFIG_MAP = WritableKind("ConfigMap", "", "v1", "configmaps")
NETWORK_POLICY = WritableKind("NetworkPolicy", "networking.k8s.io", "v1", "networkpolicies", creatable=True)

WRITABLE: tuple[WritableKind, ...] = (DEPLOYMENT, STATEFUL_SET, SERVICE, CONFIG_MAP, NETWORK_POLICY)
"""Every kind a write may be about."""

_BY_NAME: Mapping[str, WritableKind] = {kind.kind.lower(): kind for kind in WRITABLE}


def split_target(target: str) -> tuple[WritableKind, str]:
    """The kind and name of `kind/name`. Raises `WriteRefused` for a kind that is never written to."""
    kind, _, name = target.partition("/")
    found = _BY_NAME.get(kind.lower())
    if found is None or not name:
        names = ", ".join(sorted(_BY_NAME))
        raise WriteRefused(f"Triage does not change {target}: it writes only to {names}.", "Change it by hand.")
    return found, name


def kind_of(write: Write) -> WritableKind:
    """The kind a write is about. Raises `WriteRefused` for one that is never written to."""
    return split_target(write.target)[0]
