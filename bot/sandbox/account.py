"""The bot's own account in the simulated cluster: exactly the rights of `deploy/rbac`, so that the sandbox proves them.

Called by `start`. It applies the files a person would apply, and the RoleBindings that their comments ask for.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import yaml

from bot.sandbox.cluster import SimulatedCluster
from bot.sandbox.cluster.state.values import Object

HOME = "triage"
"""The namespace of the account."""
ACCOUNT = f"system:serviceaccount:{HOME}:triage"
ROLES = ("operator", "admin")
FILES = ("reader.yaml", "impersonation.yaml", "roles.yaml")
_GROUP = "rbac.authorization.k8s.io"


def rbac_folder() -> Path:
    """Beside the package in a checkout, inside it when installed from a wheel."""
    package = Path(__file__).resolve().parent.parent
    beside = package.parent / "deploy" / "rbac"
    return beside if beside.is_dir() else package / "_rbac"


def grant_rights(cluster: SimulatedCluster, folder: Path, namespaces: Sequence[str]) -> None:
    """Apply the files of the folder, and bind the account and the roles' groups in these namespaces."""
    for name in FILES:
        for item in yaml.safe_load_all((folder / name).read_text(encoding="utf-8")):
            if item["kind"] == "ServiceAccount":
                item["metadata"]["namespace"] = HOME
            cluster.apply(item)
    for namespace in namespaces:
        for item in bindings(namespace):
            cluster.apply(item)


def bindings(namespace: str) -> Iterator[Object]:
    """What the comments of the files tell people to create in each namespace."""
    account = {"kind": "ServiceAccount", "name": "triage", "namespace": HOME}
    yield _binding(namespace, "triage-reader", account)
    for role in ROLES:
        yield _binding(namespace, f"triage-{role}", {"kind": "Group", "name": f"triage:{role}", "apiGroup": _GROUP})


def _binding(namespace: str, role: str, subject: Object) -> Object:
    return {
        "apiVersion": f"{_GROUP}/v1",
        "kind": "RoleBinding",
        "metadata": {"name": role, "namespace": namespace},
        "roleRef": {"apiGroup": _GROUP, "kind": "ClusterRole", "name": role},
        "subjects": [subject],
    }
