"""The words for kinds of objects that a question may name: kubectl's, short forms included."""

from __future__ import annotations

from collections.abc import Mapping

from bot.domain.kubernetes.kinds import KIND_OF_WORD

NAMESPACE = "Namespace"
_OTHERS: Mapping[str, str] = {
    **dict.fromkeys(("namespace", "namespaces", "ns"), NAMESPACE),
    **dict.fromkeys(("service", "services", "svc"), "Service"),
    **dict.fromkeys(("ingress", "ingresses", "ing"), "Ingress"),
    **dict.fromkeys(("horizontalpodautoscaler", "horizontalpodautoscalers", "hpa"), "HorizontalPodAutoscaler"),
    **dict.fromkeys(("persistentvolumeclaim", "persistentvolumeclaims", "pvc"), "PersistentVolumeClaim"),
    **dict.fromkeys(("configmap", "configmaps", "cm"), "ConfigMap"),
    **dict.fromkeys(("secret", "secrets"), "Secret"),
    **dict.fromkeys(("serviceaccount", "serviceaccounts", "sa"), "ServiceAccount"),
    **dict.fromkeys(("networkpolicy", "networkpolicies", "netpol"), "NetworkPolicy"),
    **dict.fromkeys(("resourcequota", "resourcequotas", "quota"), "ResourceQuota"),
    **dict.fromkeys(("limitrange", "limitranges", "limits"), "LimitRange"),
    **dict.fromkeys(("endpoints", "ep"), "Service"),
    **dict.fromkeys(("node", "nodes", "no"), "Node"),
}
KINDS: Mapping[str, str] = {**KIND_OF_WORD, **_OTHERS}
"""From any word that kubectl takes to the kind."""
