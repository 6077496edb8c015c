"""Writes the Role that would grant what a triage was not allowed to read.

Called by the text report. Applied as it is printed, it makes the next triage see what this one could not: what is read
only after a list that was forbidden is granted with it, and the account that was refused is bound to it.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping

import yaml

from bot.domain.facts import Gap, GapReason
from bot.domain.kubernetes.kinds import WORKLOAD_KINDS

_GROUPS: Mapping[str, str] = {
    **{row.plural: row.api_group for row in WORKLOAD_KINDS.values()},
    "horizontalpodautoscalers": "autoscaling",
    "networkpolicies": "networking.k8s.io",
    "ingresses": "networking.k8s.io",
    "ingressclasses": "networking.k8s.io",
    "storageclasses": "storage.k8s.io",
    "validatingwebhookconfigurations": "admissionregistration.k8s.io",
    "mutatingwebhookconfigurations": "admissionregistration.k8s.io",
    "endpointslices": "discovery.k8s.io",
}
_CLUSTER_WIDE = {
    "nodes",
    "storageclasses",
    "ingressclasses",
    "validatingwebhookconfigurations",
    "mutatingwebhookconfigurations",
}
_FOLLOWING = {
    "pods": (("get", "pods/log"), ("get", "pods/proxy")),
    "services": (("get", "services/proxy"),),
    "endpointslices": (("list", "endpoints"),),
}
"""What is read only once the list is known; nobody can see that it is missing before."""
_ACCOUNT = re.compile(r'User "([^"]+)" cannot ')
_RBAC = "rbac.authorization.k8s.io"

Wanted = Mapping[tuple[str, str], set[str]]
"""Verbs by API group and resource."""


def missing_rules(gaps: Iterable[Gap]) -> str:
    """Roles or ClusterRoles with their bindings (YAML) for the forbidden reads; empty if nothing was forbidden."""
    forbidden = [gap for gap in gaps if gap.reason is GapReason.FORBIDDEN and gap.verb and gap.resource]
    wanted: dict[str, dict[tuple[str, str], set[str]]] = defaultdict(lambda: defaultdict(set))
    for gap in forbidden:
        following = _FOLLOWING.get(gap.resource, ()) if gap.verb == "list" else ()
        for verb, resource in ((gap.verb, gap.resource), *following):
            wanted["" if resource in _CLUSTER_WIDE else gap.namespace][(_GROUPS.get(resource, ""), resource)].add(verb)
    account = next((found[1] for gap in forbidden if (found := _ACCOUNT.search(gap.detail))), "")
    documents = [
        document for namespace in sorted(wanted) for document in _documents(namespace, wanted[namespace], account)
    ]
    return "---\n".join(yaml.safe_dump(item, sort_keys=False, default_flow_style=None) for item in documents).rstrip()


def _documents(namespace: str, wanted: Wanted, account: str) -> list[dict[str, object]]:
    """The role, and its binding where the account is known."""
    kind = "Role" if namespace else "ClusterRole"
    rules = [
        {"apiGroups": [group], "resources": [resource], "verbs": sorted(verbs)}
        for (group, resource), verbs in sorted(wanted.items())
    ]
    # Its own name for its own content: applying it must not take back what another one grants.
    digest = hashlib.sha256(repr((account, rules)).encode()).hexdigest()[:6]
    metadata = {"name": f"triage-reader-{digest}"} | ({"namespace": namespace} if namespace else {})
    role: dict[str, object] = {"apiVersion": f"{_RBAC}/v1", "kind": kind, "metadata": metadata, "rules": rules}
    if not account:
        return [role]
    reference = {"apiGroup": _RBAC, "kind": kind, "name": metadata["name"]}
    binding = {"roleRef": reference, "subjects": [_subject(account)]}
    return [role, {"apiVersion": f"{_RBAC}/v1", "kind": f"{kind}Binding", "metadata": dict(metadata), **binding}]


def _subject(account: str) -> dict[str, str]:
    if account.startswith("system:serviceaccount:") and account.count(":") == 3:
        namespace, name = account.split(":")[2:]
        return {"kind": "ServiceAccount", "name": name, "namespace": namespace}
    return {"apiGroup": _RBAC, "kind": "User", "name": account}
