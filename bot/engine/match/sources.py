"""What stands before the message in a log line: pod, container, Compose service, host and time.

Used by `clean` on whole blocks (to cut prefixes off) and on single lines (to read them). Judges nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

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
    # RFC 5424, as syslog servers forward it
    "rfc5424": (
        rf"<\d{{1,3}}>1 (?P<{{k}}_time>{_DATE_TIME}) [\w.:-]{{1,253}} (?P<{{k}}_tag>[\w./@-]{{1,100}}) "
        r"\S{1,128} \S{1,32} (?:- ?|\[[^\]\n]{0,400}\] )"
    ),
    # docker service logs
    "swarm": r"(?P<{k}_pod>[\w-]{1,100})\.\d{1,4}\.[a-z0-9]{12,30}@[\w.-]{1,253} {1,40}\|(?: |$)",
    # Kibana's Discover
    "kibana": r"(?P<{k}_time>[A-Z][a-z]{2} \d{1,2}, \d{4} @ \d\d:\d\d:\d\d\.\d{3})[ \t]{1,8}",
    # klog
    "klog": r"(?P<{k}_time>[IWEF]\d{4} \d\d:\d\d:\d\d\.\d{1,6}) {1,8}\d{1,10} [\w./-]{1,100}:\d{1,6}\] ?",
}
_ONE = [pattern.replace("{k}", name) for name, pattern in _KINDS.items()]
_PREFIX = re.compile("|".join(_ONE), re.MULTILINE)
_PREFIXES = re.compile(r"\n(?=[A-Za-z0-9\[<{])(?:" + "|".join(_ONE) + "){1,4}", re.MULTILINE)
_NO_PREFIX = re.compile(r"[^A-Za-z0-9\[<{]")
_PLAIN_WORD = re.compile(r"\n([A-Za-z][\w.-]{0,60}) {1,40}\|[^\n]*(?=\n\1 {1,40}\|)")
_WORDS = 60
_POD_NAME = re.compile(_POD + r"\Z")
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
    """Where a line comes from: names of its pod, container or service, and the time its carrier gave it (as text).

    `level` and `namespace` as the record says them; empty where it does not.
    """

    names: tuple[str, ...] = ()
    time: str = ""
    level: str = ""
    namespace: str = ""


NOWHERE = Origin()


def is_pod_name(text: str) -> bool:
    """Is this the name of a Deployment's pod, by its two random endings?"""
    return _POD_NAME.match(text) is not None


def compose_words(block: str) -> tuple[str, ...]:
    """Services of `docker compose logs` whose names are plain words (`web  | …`): those that begin several lines."""
    if " |" not in block:
        return ()
    words: dict[str, None] = {}
    for found in _PLAIN_WORD.finditer(block):
        words[found[1]] = None
        if len(words) >= _WORDS:
            break
    return tuple(sorted(words))


def without_prefixes(block: str, words: tuple[str, ...] = ()) -> str:
    """The block with log prefixes cut off its lines. The block must begin with a line break."""
    if words:
        block = _of_words(words).sub("\n", block)
    return _PREFIXES.sub("\n", block)


@lru_cache(maxsize=64)
def _of_words(words: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(r"\n(" + "|".join(re.escape(word) for word in words) + r") {1,40}\|(?: |$)", re.MULTILINE)


def split_prefix(line: str, words: tuple[str, ...] = ()) -> tuple[Origin, str]:
    """Where this one line comes from, and the rest of it; agrees with `without_prefixes`."""
    if _NO_PREFIX.match(line):
        return NOWHERE, line
    names: list[str] = []
    time = ""
    position = 0
    if words and (word := _of_words(words).match("\n" + line)):
        names.append(word[1])
        position = word.end() - 1
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
