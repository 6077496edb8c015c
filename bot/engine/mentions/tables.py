"""Tables of `kubectl get`, of events, and what `kubectl describe` prints."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.domain.mentions import MentionedObject
from bot.engine.mentions.words import NAME, is_trouble, kind_of

_HEADER = re.compile(r"\s{0,8}(?P<space>NAMESPACE\s+)?NAME\s+(?P<rest>[A-Z][A-Z0-9()/ -]{2,200})\s*\Z")
_KINDS = (
    ("READY STATUS RESTARTS", "Pod"),
    ("READY UP-TO-DATE AVAILABLE", "Deployment"),
    ("DESIRED CURRENT READY UP-TO-DATE", "DaemonSet"),
    ("DESIRED CURRENT READY", "ReplicaSet"),
    ("READY AGE", "StatefulSet"),
    ("TYPE CLUSTER-IP", "Service"),
    ("STATUS VOLUME", "PersistentVolumeClaim"),
    ("STATUS ROLES", "Node"),
    ("STATUS AGE", "Namespace"),
    ("COMPLETIONS DURATION", "Job"),
    ("STATUS COMPLETIONS", "Job"),
    ("SCHEDULE ", "CronJob"),
    ("CLASS HOSTS", "Ingress"),
    ("ENDPOINTS AGE", "Service"),
    ("REFERENCE TARGETS", "HorizontalPodAutoscaler"),
    ("CPU(CORES) MEMORY(BYTES)", "Pod"),
)
_POD_ROW = re.compile(
    rf"\s{{0,8}}(?:(?P<space>{NAME})\s+)?(?:pods?/)?(?P<name>{NAME})\s+(?P<ready>\d+/\d+)\s+(?P<status>[A-Z][\w:/.-]{{2,60}})"
    r"\s+\d+(?:\s+\(\d+\w+ ago\))?(?:\s|\Z)"
)
_EVENT_ROW = re.compile(
    rf"\s{{0,8}}(?:(?P<space>{NAME})\s+)?(?P<seen>\d+[smhd]\w*|<unknown>)(?:\s+\(x\d+ over \w+\))?\s+"
    r"(?P<type>Normal|Warning)\s+"
    rf"(?P<reason>[A-Z]\w{{2,60}})\s+(?P<kind>[A-Za-z.]{{2,60}})/(?P<name>{NAME})\s+(?P<text>\S.{{0,300}})"
)
_FIELD = re.compile(r"(?P<key>[A-Z][A-Za-z /-]{1,40}):\s+(?P<value>\S.{0,300})\s*\Z")
_OWNER = re.compile(rf"(?P<kind>[A-Z]\w+)/(?P<name>{NAME})\Z")
_SHOWS_KIND = {
    "Controlled By": "Pod",
    "QoS Class": "Pod",
    "Start Time": "Pod",
    "Service Account": "Pod",
    "StrategyType": "Deployment",
    "Pods Status": "StatefulSet",
    "Session Affinity": "Service",
    "Access Modes": "PersistentVolumeClaim",
    "Taints": "Node",
    "Unschedulable": "Node",
    "Concurrency Policy": "CronJob",
    "Completions": "Job",
}


class Tables:
    """Reads the lines of one paste in order. `namespace` is what a command before the table says."""

    def __init__(self) -> None:
        self.namespace = ""
        self._kind = ""
        self._columns: list[str] = []
        self._described: dict[str, tuple[str, int]] = {}

    def read(self, line: str, number: int) -> Iterator[MentionedObject]:
        """What a line of a table, or of a description, names."""
        header = _HEADER.match(line)
        if header:
            self._begin(header)
            return
        if not line.strip():
            self._columns = []
            return
        if event := _EVENT_ROW.match(line):
            yield from self._event(event, number)
        elif pod := _POD_ROW.match(line):
            space = pod["space"] or self.namespace
            trouble = is_trouble(pod["status"], pod["ready"])
            yield MentionedObject("Pod", pod["name"], space, f"{pod['ready']} {pod['status']}", trouble, number)
        elif self._columns:
            yield from self._row(line, number)
        elif found := _FIELD.match(line):
            self._described.setdefault(found["key"], (found["value"], number))

    def finish(self) -> Iterator[MentionedObject]:
        """What a description was about, now that all of it has been read."""
        kind = next((kind for key, kind in _SHOWS_KIND.items() if key in self._described), "")
        name, line = self._described.get("Name", ("", 1))
        space, _ = self._described.get("Namespace", (self.namespace, 1))
        state = " ".join(self._described[key][0] for key in ("Status", "Reason", "Message") if key in self._described)
        bad = is_trouble(self._described.get("Reason", self._described.get("Status", ("", 1)))[0].split(" ")[0])
        if kind and re.fullmatch(NAME, name):
            yield MentionedObject(kind, name, "" if kind == "Node" else space, state[:300], bad, line)
        owner = _OWNER.match(self._described.get("Controlled By", ("", 1))[0])
        if owner:
            bad = bad and not name
            yield MentionedObject(
                owner["kind"],
                owner["name"],
                space,
                state[:300] if bad else "",
                bad,
                self._described["Controlled By"][1],
            )
        node = self._described.get("Node", ("", 1))
        node_name = node[0].partition("/")[0]
        if kind == "Pod" and re.fullmatch(NAME, node_name) and node_name != "none":
            yield MentionedObject("Node", node_name, line=node[1])

    def _begin(self, header: re.Match[str]) -> None:
        columns = header["rest"].split()
        said = " ".join(columns)
        self._kind = next((kind for start, kind in _KINDS if said.startswith(start)), "")
        self._columns = [*(["NAMESPACE"] if header["space"] else []), "NAME", *columns]

    def _row(self, line: str, number: int) -> Iterator[MentionedObject]:
        cells = line.split()
        row = dict(zip(self._columns, cells, strict=False))
        word, slash, name = row.get("NAME", "").partition("/")
        kind = kind_of(word) if slash else self._kind
        name = name if slash else word
        if not kind or len(cells) < 2 or not re.fullmatch(NAME, name):
            return
        space = "" if kind in ("Node", "Namespace") else row.get("NAMESPACE", self.namespace)
        status, ready = row.get("STATUS", ""), row.get("READY", "")
        empty = row.get("ENDPOINTS") == "<none>"
        state = "no endpoints" if empty else f"{ready} {status}".strip()
        yield MentionedObject(kind, name, space, state, is_trouble(status.partition(",")[0], ready) or empty, number)

    def _event(self, event: re.Match[str], number: int) -> Iterator[MentionedObject]:
        kind = kind_of(event["kind"])
        if kind:
            warning = event["type"] == "Warning"
            state = f"{event['reason']}: {event['text'].strip()}" if warning else ""
            space = "" if kind == "Node" else event["space"] or self.namespace
            yield MentionedObject(kind, event["name"], space, state, warning, number)
