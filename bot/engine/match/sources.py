"""What stands before the message in a log line: pod, container, Compose service, host and time.

Used by `clean` on whole blocks (to cut prefixes off) and on single lines (to read them). Judges nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_DATE_TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?"
_POD = r"[a-z0-9][a-z0-9.-]{0,200}-[a-z0-9]{6,10}-[a-z0-9]{5}"

# Every pattern is bounded, and tried at the start of a line only: linear for every input.
_KINDS = {
    # kubectl logs --prefix
    "kubectl": r"\[pods?/(?P<{k}_pod>[^\]/\s]{1,253})(?:/(?P<{k}_container>[^\]\s]{1,253}))?\] ?",
    # kubetail and its like
    "bracket": rf"\[(?P<{{k}}_pod>{_POD})(?:[ /:](?P<{{k}}_container>[a-z0-9-]{{1,63}}))?\] ?",
    # stern; a StatefulSet's pod only if the container is named after it, because prose has such words
    "stern": rf"(?P<{{k}}_pod>{_POD}) (?P<{{k}}_container>[a-z][a-z0-9-]{{0,62}}) (?:[>›] )?",
    "stern_set": r"(?P<{k}_pod>(?P<{k}_base>[a-z][a-z0-9-]{0,60})-\d{1,3}) (?P<{k}_container>(?P={k}_base)) ",
    # docker compose logs
    "compose": (
        r"(?P<{k}_pod>[A-Za-z0-9][\w.-]{0,100}[-_]\d{1,3}|[A-Za-z][A-Za-z0-9]{0,40}[_-][\w.-]{1,80}) {1,40}\|(?: |$)"
    ),
    # syslog and journald, with the classic or the ISO time
    "syslog": (
        r"(?:<\d{1,3}>\d? ?)?(?P<{k}_time>[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d(?:\.\d{1,9})?) [\w.-]{1,253} "
        r"(?P<{k}_tag>[\w./@-]{1,100})(?:\[\d{1,10}\])?: "
    ),
    "journal": rf"(?P<{{k}}_time>{_DATE_TIME}) [\w.-]{{1,253}} (?P<{{k}}_tag>[\w./@-]{{1,100}})\[\d{{1,10}}\]: ",
    # kubectl logs --timestamps, docker logs -t, and the container runtime's own files (CRI)
    "time": rf"(?P<{{k}}_time>{_DATE_TIME})(?: (?:stdout|stderr) [FP])?(?: |$)",
    # logcli
    "labels": r'\{(?P<{k}_labels>[a-z_]{1,63}="[^"\n]{0,200}"(?:, ?[a-z_]{1,63}="[^"\n]{0,200}"){0,30})\} ',
    # klog
    "klog": r"(?P<{k}_time>[IWEF]\d{4} \d\d:\d\d:\d\d\.\d{1,6}) {1,8}\d{1,10} [\w./-]{1,100}:\d{1,6}\] ?",
}
_ONE = [pattern.replace("{k}", name) for name, pattern in _KINDS.items()]
_PREFIX = re.compile("|".join(_ONE), re.MULTILINE)
_PREFIXES = re.compile(r"\n(?=[A-Za-z0-9\[<{])(?:" + "|".join(_ONE) + "){1,4}", re.MULTILINE)
_LABEL = re.compile(r'([a-z_]{1,63})="([^"\n]{0,200})"')
_DEPTH = 4

# What runs or collects containers is not the app that speaks.
_CARRIERS = frozenset(
    (
        *("docker", "dockerd", "containerd", "kubelet", "crio", "cri-o", "podman", "conmon", "systemd", "k3s"),
        *("journal", "bash", "sh", "root", "logger", "kernel", "node", "npm", "python", "python3", "uvicorn"),
    )
)
_NAMES = ("pod", "pod_name", "container", "container_name", "app", "service", "compose_service", "job")


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a line comes from: names of its pod, container or service, and the time its carrier gave it (as text)."""

    names: tuple[str, ...] = ()
    time: str = ""


NOWHERE = Origin()


def without_prefixes(block: str) -> str:
    """The block with log prefixes cut off its lines. The block must begin with a line break."""
    return _PREFIXES.sub("\n", block)


def split_prefix(line: str) -> tuple[Origin, str]:
    """Where this one line comes from, and the rest of it; agrees with `without_prefixes`."""
    names: list[str] = []
    time = ""
    position = 0
    for _ in range(_DEPTH):
        found = _PREFIX.match(line, position)
        if not found:
            break
        parts = {key.rpartition("_")[2]: value for key, value in found.groupdict().items() if value}
        names += [parts[key] for key in ("pod", "container") if key in parts]
        if "labels" in parts:
            names += [value for key, value in _LABEL.findall(parts["labels"]) if key in _NAMES]
        if parts.get("tag", "") and parts["tag"].rpartition("/")[2] not in _CARRIERS:
            names.append(parts["tag"])
        time = time or parts.get("time", "")
        position = found.end()
    return (Origin(tuple(names), time) if names or time else NOWHERE), line[position:]
