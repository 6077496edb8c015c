"""Names and kinds of objects as people and programs write them, and which states are trouble."""

from __future__ import annotations

import re

from bot.domain.kubernetes.kinds import KIND_OF_WORD

NAME = r"[a-z0-9](?:[a-z0-9.-]{0,200}[a-z0-9])?"
POD_ENDING = "[bcdfghjklmnpqrstvwxz2456789]"
"""Letters of the random endings that Kubernetes gives: no vowels, so that they spell nothing."""
POD_OF_DEPLOYMENT = rf"[a-z0-9][a-z0-9-]{{0,180}}-{POD_ENDING}{{6,10}}-{POD_ENDING}{{5}}"

KINDS = {
    **KIND_OF_WORD,
    **dict.fromkeys(("namespace", "namespaces", "ns", "project"), "Namespace"),
    **dict.fromkeys(("service", "services", "svc"), "Service"),
    **dict.fromkeys(("endpoints", "ep"), "Service"),
    **dict.fromkeys(("ingress", "ingresses", "ing"), "Ingress"),
    **dict.fromkeys(("horizontalpodautoscaler", "horizontalpodautoscalers", "hpa"), "HorizontalPodAutoscaler"),
    **dict.fromkeys(("persistentvolumeclaim", "persistentvolumeclaims", "pvc"), "PersistentVolumeClaim"),
    **dict.fromkeys(("configmap", "configmaps", "cm"), "ConfigMap"),
    **dict.fromkeys(("node", "nodes", "no"), "Node"),
    **dict.fromkeys(("secret", "secrets"), "Secret"),
}
"""Kinds by the words that stand for them, before the slash of `deployment.apps/api` without what follows its dot."""

_WELL = re.compile(
    r"(?:Running|Completed|Succeeded|Active|Bound|Ready|Available|True|Complete|Healthy|Synced|ContainerCreating|PodInitializing)\Z"
)


def kind_of(word: str) -> str:
    """The kind that a word stands for, empty if it is none."""
    return KINDS.get(word.lower().partition(".")[0], "")


def is_trouble(status: str, ready: str = "") -> bool:
    """Is this what an object says that is not well? `ready` is `1/2` or empty."""
    up, _, wanted = ready.partition("/")
    short = up.isdigit() and wanted.isdigit() and int(up) < int(wanted)
    if status in ("Completed", "Succeeded", "Complete"):
        return False
    return short or bool(status and not _WELL.match(status))
