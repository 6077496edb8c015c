"""The built-in roles that people bind to, and the role of the sandbox' own `reader`."""

from __future__ import annotations

from copy import deepcopy

from bot.sandbox.cluster.state.values import Object

READER_ROLE = "sandbox-reader"
_GROUP = "rbac.authorization.k8s.io"
_READ = ["get", "list", "watch"]
_READER: list[Object] = [
    {
        "apiGroups": [""],
        "resources": [
            "namespaces",
            "nodes",
            "persistentvolumes",
            "pods",
            "pods/log",
            "pods/status",
            "pods/proxy",
            "services",
            "services/proxy",
            "endpoints",
            "configmaps",
            "events",
            "persistentvolumeclaims",
            "resourcequotas",
            "limitranges",
            "serviceaccounts",
        ],
        "verbs": _READ,
    },
    {
        "apiGroups": [
            "apps",
            "events.k8s.io",
            "discovery.k8s.io",
            "networking.k8s.io",
            "policy",
            "autoscaling",
            "batch",
            "coordination.k8s.io",
            "storage.k8s.io",
            "scheduling.k8s.io",
        ],
        "resources": ["*"],
        "verbs": _READ,
    },
]
_PUBLIC_PATHS = [
    "/api",
    "/api/*",
    "/apis",
    "/apis/*",
    "/openapi",
    "/openapi/*",
    "/healthz",
    "/livez",
    "/readyz",
    "/version",
    "/version/",
]
_RULES: dict[str, list[Object]] = {
    "cluster-admin": [
        {"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]},
        {"nonResourceURLs": ["*"], "verbs": ["*"]},
    ],
    READER_ROLE: _READER,
    "view": _READER,
    "system:basic-user": [
        {
            "apiGroups": ["authorization.k8s.io"],
            "resources": ["selfsubjectaccessreviews", "selfsubjectrulesreviews"],
            "verbs": ["create"],
        },
        {"apiGroups": ["authentication.k8s.io"], "resources": ["selfsubjectreviews"], "verbs": ["create"]},
    ],
    "system:discovery": [{"nonResourceURLs": _PUBLIC_PATHS, "verbs": ["get"]}],
}
_SUBJECTS = {
    "cluster-admin": ("Group", "system:masters"),
    READER_ROLE: ("User", "reader"),
    "system:basic-user": ("Group", "system:authenticated"),
    "system:discovery": ("Group", "system:authenticated"),
}


def roles() -> list[Object]:
    """Every role, and who is bound to it; `view` is for people to bind."""
    return [
        *(_cluster_role(name, rules) for name, rules in _RULES.items()),
        *(_binding(name, kind, subject) for name, (kind, subject) in _SUBJECTS.items()),
    ]


def _cluster_role(name: str, rules: list[Object]) -> Object:
    return {"apiVersion": f"{_GROUP}/v1", "kind": "ClusterRole", "metadata": {"name": name}, "rules": deepcopy(rules)}


def _binding(role: str, kind: str, subject: str) -> Object:
    return {
        "apiVersion": f"{_GROUP}/v1",
        "kind": "ClusterRoleBinding",
        "metadata": {"name": role},
        "roleRef": {"apiGroup": _GROUP, "kind": "ClusterRole", "name": role},
        "subjects": [{"apiGroup": _GROUP, "kind": kind, "name": subject}],
    }
