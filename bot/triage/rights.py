"""Writes the Role that would grant what a triage was not allowed to read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from bot.domain.facts import Gap, GapReason

_GROUPS = {
    "deployments": "apps",
    "replicasets": "apps",
    "statefulsets": "apps",
    "networkpolicies": "networking.k8s.io",
    "endpointslices": "discovery.k8s.io",
}
_CLUSTER_WIDE = {"nodes", "namespaces"}


def missing_rules(gaps: Iterable[Gap]) -> str:
    """Role and ClusterRole manifests (YAML) for the forbidden reads; empty if nothing was forbidden."""
    wanted: dict[tuple[str, str], dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for gap in gaps:
        if gap.reason is GapReason.FORBIDDEN and gap.verb and gap.resource:
            namespace = "" if gap.resource in _CLUSTER_WIDE else gap.namespace
            wanted[(namespace, _GROUPS.get(gap.resource, ""))][gap.resource].add(gap.verb)
    documents: list[str] = []
    for namespace in sorted({namespace for namespace, _ in wanted}):
        kind = "Role" if namespace else "ClusterRole"
        place = f", namespace: {namespace}" if namespace else ""
        lines = [
            "apiVersion: rbac.authorization.k8s.io/v1",
            f"kind: {kind}",
            f"metadata: {{name: triage-reader{place}}}",
            "rules:",
        ]
        for (where, group), resources in sorted(wanted.items()):
            if where == namespace:
                for resource, verbs in sorted(resources.items()):
                    lines.append(f'- {{apiGroups: ["{group}"], resources: ["{resource}"], verbs: {_listed(verbs)}}}')
        documents.append("\n".join(lines))
    return "\n---\n".join(documents)


def _listed(verbs: set[str]) -> str:
    return "[" + ", ".join(f'"{verb}"' for verb in sorted(verbs)) + "]"
