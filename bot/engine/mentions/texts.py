"""Names of objects in running text: commands, errors of Kubernetes, alerts, labels, addresses inside the cluster."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.domain.kubernetes.kinds import WORKLOAD_KINDS
from bot.domain.mentions import MentionedObject
from bot.engine.mentions.words import NAME, POD_OF_DEPLOYMENT, kind_of

_COMMAND = re.compile(r"(?:^|[\s$#`(])(?:kubectl|oc|k|kubecolor)\s+(?P<rest>[a-z-].{0,400})")
_SPACE_OPTION = re.compile(rf"(?:^|\s)(?:-n|--namespace)[ =](?P<space>{NAME})")
_OF_COMMAND = re.compile(
    rf"(?:^|\s)(?:logs?|describe|get|exec|delete|rollout \w+|scale|edit|port-forward|top|debug|attach)\s+(?:-\S+\s+)*"
    rf"(?:(?P<kind>[a-z.]{{2,60}})(?:/|\s+))?(?P<name>{NAME})(?=\s|\Z)"
)
_WORKLOADS = "|".join(rf"{row.kind.lower()}s?" for row in WORKLOAD_KINDS.values())
_SLASHED = re.compile(
    rf"(?<![\w./-])(?P<kind>{_WORKLOADS}|deploy|sts|ds|rs|services?|svc"
    rf"|nodes?|pvc|persistentvolumeclaims?|ingress(?:es)?|hpa)(?:\.[a-z.]{{2,40}})?/(?P<name>{NAME})(?![\w/])"
)
_QUOTED = re.compile(
    r"\b(?P<kind>[Pp]ods?|[Dd]eployments?|[Ss]tatefulsets?|[Dd]aemonsets?|[Rr]eplicasets?|[Jj]obs?|[Cc]ronjobs?|[Ss]ervices?|[Nn]odes?"
    r"|[Nn]amespaces?|[Pp]ersistentvolumeclaims?|[Cc]onfigmaps?|[Ss]ecrets?|[Ii]ngress(?:es)?)(?:\.[a-z0-9.]{2,60})?\s{0,3}"
    rf"(?:[\"'`“]|=\"?)(?:(?P<space>{NAME})/)?(?P<name>{NAME})[\"'`”\s,.;)]"
)
_ALERT = re.compile(
    r"\b(?P<kind>Pod|Deployment|StatefulSet|DaemonSet|Job|CronJob|Container|PersistentVolumeClaim|HPA|HorizontalPodAutoscaler|Service)\s+"
    rf"`?(?P<space>{NAME})/(?P<name>{NAME})`?"
)
_STATE_OF = re.compile(
    rf"\b(?P<kind>[Nn]ode)\s+(?P<name>{NAME})\s+(?:has been|is|was|went|became)\s+(?:unready|not ready|NotReady"
    r"|unreachable|cordoned|drained|down|lost|offline)"
)
_REPLICAS_OF = re.compile(
    rf"\b(?P<kind>[Dd]eployment|[Ss]tateful[Ss]et|[Dd]aemon[Ss]et|[Pp]od)\s+(?P<name>{NAME})\s+in\s+(?:the\s+)?(?:namespace\s+)?"
    rf"(?P<space>{NAME})\s+(?:has\s+(?:\d|not\b|no\b|been\b)|is\s+(?:not|un\w+|degraded|down|crash\w+)\b|did\s+not\b)"
)
# Tags as Datadog writes them: a kind, a colon and the name.
_TAG = re.compile(
    r"(?<![\w.-])(?:kube_(?P<kind>deployment|stateful_set|daemon_set|job|cronjob|namespace|node|service)|(?P<pod>pod)_name):"
    rf"(?P<name>{NAME})"
)
# Labels as some alert receivers write them into a title, and as a table of two columns is copied.
_TITLE_LABEL = re.compile(
    rf"(?<![\w.-])(?P<key>pod|deployment|statefulset|daemonset|job_name|node|namespace):(?P<value>{NAME})(?=\s|\Z)"
)
_TWO_COLUMNS = re.compile(
    r"\s{0,8}(?P<key>pod|deployment|statefulset|daemonset|job_name|node|namespace|exported_namespace|exported_pod)"
    rf"\t\s{{0,8}}(?P<value>{NAME})\s*\Z"
)
# Helm's own words while it waits for a hook.
_OF_HELM = re.compile(rf"\b(?P<kind>[Pp]od|[Jj]ob)\s+(?P<name>{NAME})\s+(?:failed|pending|(?:is )?not ready)\b")
_LABEL = re.compile(
    r"(?<![\w.-])(?:kubernetes[_.]|k8s[_.]|kube_|label_)?(?P<key>pod|deployment|statefulset|daemonset|replicaset|job_name|cronjob"
    r"|persistentvolumeclaim|node|namespace|service|exported_namespace|exported_pod|horizontalpodautoscaler)(?:[_.]name)?\*?`?"
    rf"(?:\s?=\s?|\*?:\*?\s{{1,3}})[\"'`“*]{{0,2}}(?P<value>{NAME})(?![\w./(:=-])"
)
_ADDRESS = re.compile(
    r"(?<![\w.-])(?P<name>[a-z][a-z0-9-]{0,62})\.(?P<space>[a-z0-9-]{1,63})\.svc(?:\.[a-z0-9.-]{1,60})?(?![\w-])"
)
_IMAGE = re.compile(
    r"(?:[Pp]ulling|pull|Back-off pulling|resolve) (?:and unpack )?image:? \\?\"(?P<name>[^\s\"\\]{3,250})"
)
_KUBELET_POD = re.compile(rf"\bpod[=: ]\s?\"?(?P<name>{NAME})_(?P<space>{NAME})\(")
_CLAIM_OF = re.compile(rf"PersistentVolume claimed by (?P<name>{NAME}) in Namespace (?P<space>{NAME})")
_BARE_POD = re.compile(rf"(?<![\w/.-])(?:(?P<space>{NAME})/)?(?P<name>{POD_OF_DEPLOYMENT})(?![\w-])")
_IN_SPACE = re.compile(
    rf"\b(?:in|of) (?:the )?(?:namespace|project) [\"'`“]?(?P<space>{NAME})\b"
    rf"|\bnamespace [\"'`“](?P<quoted>{NAME})[\"'`”]"
)
_BAD = re.compile(
    r"(?i)crash|back-?off|fail|error|oom|evict|refused|not found|forbidden|unhealthy|pending|not ready|timed? ?out"
    r"|low on resource|restarting|waiting"
)
_KEY_KINDS = {"job_name": "Job", "exported_pod": "Pod", "exported_namespace": "Namespace"}
_NOT_NAMES = frozenset(
    (
        "failed",
        "running",
        "completed",
        "rollout",
        "restarted",
        "is",
        "in",
        "of",
        "on",
        "the",
        "has",
        "are",
        "and",
        "was",
        "not",
        "name",
        "all",
        "with",
        "for",
        "to",
        "logs",
    )
)


def namespace_of_command(line: str) -> str | None:
    """The namespace that a command in this line asks about, empty if it names none; None if there is no command."""
    command = _COMMAND.search(line)
    if command is None:
        return None
    found = _SPACE_OPTION.search(command["rest"])
    return found["space"] if found else ""


def namespace_said(line: str) -> str:
    """The namespace that a line says it is about."""
    found = _IN_SPACE.search(line)
    return (found["space"] or found["quoted"]) if found else ""


def named_in(line: str, number: int, namespace: str) -> Iterator[MentionedObject]:
    """The objects that a line of text names."""
    bad = _BAD.search(line) is not None
    state = line.strip()[:300] if bad else ""
    labels = {_label_kind(found["key"]): found["value"] for found in _labels_in(line)}
    space = labels.get("Namespace") or namespace_said(line) or namespace
    command = _COMMAND.search(line)
    if command and (asked := _OF_COMMAND.search(command["rest"])):
        kind = kind_of(asked["kind"]) if asked["kind"] else "Pod" if "-" in asked["name"] else ""
        if kind and not kind_of(asked["name"]):
            yield MentionedObject(kind, asked["name"], space, line=number)
    for kind, value in labels.items():
        if value not in _NOT_NAMES and kind:
            own = "" if kind in ("Namespace", "Node") else space
            yield MentionedObject(kind, value, own, state, bad and kind not in ("Namespace", "Node"), number)
    for pattern in (
        _SLASHED,
        _QUOTED,
        _ALERT,
        _STATE_OF,
        _REPLICAS_OF,
        _TAG,
        _KUBELET_POD,
        _OF_HELM,
        _CLAIM_OF,
        _BARE_POD,
        _ADDRESS,
    ):
        for found in pattern.finditer(line):
            yield from _one(pattern, found, space, state, number)
    if (said := namespace_said(line)) and said not in _NOT_NAMES:
        yield MentionedObject("Namespace", said, line=number)
    for found in _IMAGE.finditer(line):
        yield MentionedObject("Image", found["name"].rstrip(":,"), state=state, in_trouble=bad, line=number)


def _labels_in(line: str) -> Iterator[re.Match[str]]:
    yield from _LABEL.finditer(line)
    if "alertname:" in line:
        yield from _TITLE_LABEL.finditer(line)
    if found := _TWO_COLUMNS.match(line):
        yield found


def _label_kind(key: str) -> str:
    return _KEY_KINDS.get(key) or kind_of(key)


def _one(
    pattern: re.Pattern[str], found: re.Match[str], space: str, state: str, number: int
) -> Iterator[MentionedObject]:
    groups = found.groupdict()
    default = {_ADDRESS: "Service", _CLAIM_OF: "PersistentVolumeClaim"}.get(pattern, "Pod")
    kind = kind_of(groups["kind"].replace("_", "")) if groups.get("kind") else default
    if groups.get("kind") == "Container":
        kind = "Pod"
    if not kind or groups["name"] in _NOT_NAMES or kind_of(groups["name"]):
        return
    own = groups.get("space") or space
    if kind_of(own):
        own = space  # `pod/api-0` is no object of a namespace called pod
    bad = bool(state) and kind not in ("Namespace", "Node", "Service")
    yield MentionedObject(
        kind, groups["name"], "" if kind in ("Namespace", "Node") else own, state if bad else "", bad, number
    )
