"""What all controllers share: the store, time, the nodes that are lost, and an event recorder.

Built once by `SimulatedCluster`. It decides nothing; controllers get it as their first argument.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from bot.sandbox.cluster.process.images import ImageCatalogue
from bot.sandbox.cluster.process.runtime import PodRuntime
from bot.sandbox.cluster.state.kinds import EVENTS, Kind
from bot.sandbox.cluster.state.registry import Registry
from bot.sandbox.cluster.state.store import ObjectStore
from bot.sandbox.cluster.state.values import Object, micro_stamp, parse_stamp, stamp

EVENT_LIFETIME = timedelta(hours=1)
"""How long the API server keeps events (its default)."""

MOST_SIMILAR = 10
"""Events that differ in their message only, before the correlator combines them."""


class EventSource(NamedTuple):
    """Who reports an event: a component, the node it runs on, and the part of the object it is about."""

    component: str
    host: str = ""
    field_path: str = ""


@dataclass
class World:
    """The simulated cluster as controllers and processes see it."""

    store: ObjectStore
    registry: Registry
    now: Callable[[], datetime]
    randomness: random.Random
    images: ImageCatalogue
    runtimes: dict[str, PodRuntime] = field(default_factory=dict)
    """What runs on the nodes, by pod uid: the part of the truth that is not in the API."""
    lost_nodes: dict[str, datetime] = field(default_factory=dict)
    """Nodes whose kubelet has stopped answering, and since when."""
    wake_at: dict[str, datetime] = field(default_factory=dict)
    """Namespaces whose controllers must run again at a time although nothing was written."""
    retry_at: dict[str, datetime] = field(default_factory=dict)
    """When a controller tries again after a refusal, by the object's uid."""
    pulled_images: set[tuple[str, str]] = field(default_factory=set)
    """(node, image) pairs whose image is on the node."""
    similar: dict[str, set[str]] = field(default_factory=dict)
    """Different events about the same matter, by object, reason and component; too many are combined."""
    addresses: dict[str, int] = field(default_factory=dict)
    """Pod addresses handed out, by node."""

    def wake(self, namespace: str, at: datetime) -> None:
        """Run the namespace's controllers again at `at` or earlier."""
        self.wake_at[namespace] = min(at, self.wake_at.get(namespace, at))

    def record(self, about: Object, kind: str, reason: str, message: str, source: str | EventSource) -> None:
        """Write an event (`kind` is Normal or Warning), or count one more of the same."""
        meta = about["metadata"]
        namespace = meta.get("namespace") or "default"
        now = stamp(self.now())
        by = source if isinstance(source, EventSource) else EventSource(source)
        name, message = self._named(meta, namespace, f"{meta['uid']}/{reason}/{by.component}/{by.field_path}", message)
        known = self.store.get(EVENTS, namespace, name)
        if known is not None:
            again = {**known, "metadata": dict(known["metadata"]), "message": message}
            _count(again, self.now(), now)
            self.store.put(EVENTS, again)
            return
        event: Object = {
            "kind": "Event",
            "apiVersion": "v1",
            "metadata": {
                "name": name,
                "namespace": namespace,
                "uid": self.registry.new_uid(),
                "creationTimestamp": now,
            },
            "involvedObject": _reference(about, by.field_path),
            "reason": reason,
            "message": message,
            "type": kind,
        }
        self.store.put(EVENTS, event | self._first_of(by))

    def _named(self, meta: Object, namespace: str, group: str, message: str) -> tuple[str, str]:
        """Name and message of an event: one of its own for each message, until too many are about the same matter."""
        name = f"{meta['name']}.{_stable_hash(f'{group}/{message}'):016x}"
        if self.store.get(EVENTS, namespace, name) is not None:
            return name, message
        known_messages = self.similar.setdefault(group, set())
        known_messages.add(name)
        if len(known_messages) <= MOST_SIMILAR:
            return name, message
        return f"{meta['name']}.{_stable_hash(group):016x}", f"(combined from similar events): {message}"

    def _first_of(self, by: EventSource) -> Object:
        """Who reports an event that was not seen before, and when."""
        if by.component == "default-scheduler":
            # The scheduler writes events.k8s.io events: no source, no first and last time, a series instead of a count.
            return {
                "source": {},
                "firstTimestamp": None,
                "lastTimestamp": None,
                "eventTime": micro_stamp(self.now()),
                "action": "Scheduling",
                "reportingComponent": by.component,
                "reportingInstance": f"{by.component}-sandbox",
            }
        now = stamp(self.now())
        return {
            "source": {"component": by.component, "host": by.host} if by.host else {"component": by.component},
            "firstTimestamp": now,
            "lastTimestamp": now,
            "count": 1,
            "eventTime": None,
            "reportingComponent": by.component,
            "reportingInstance": by.host,
        }

    def forget_old_events(self) -> None:
        """Drop events that were not repeated for EVENT_LIFETIME."""
        limit = self.now() - EVENT_LIFETIME
        for event in self.store.list(EVENTS):
            series = event.get("series") or {}
            last = series.get("lastObservedTime") or event.get("lastTimestamp") or event.get("eventTime")
            if last and parse_stamp(last) < limit:
                self.store.remove(EVENTS, event["metadata"]["namespace"], event["metadata"]["name"])

    def live(self, kind: Kind, item: Object) -> Object | None:
        """The object's newest version, or None when it, or its uid, is gone."""
        meta = item["metadata"]
        found = self.store.get(kind, meta.get("namespace", ""), meta["name"])
        return found if found is not None and found["metadata"]["uid"] == meta["uid"] else None


def _count(event: Object, moment: datetime, now: str) -> None:
    if event.get("count") is None:
        series = event.get("series") or {"count": 1}
        event["series"] = {"count": series["count"] + 1, "lastObservedTime": micro_stamp(moment)}
    else:
        event["count"] += 1
        event["lastTimestamp"] = now


def _reference(about: Object, field_path: str) -> Object:
    meta = about["metadata"]
    reference: Object = {"kind": about["kind"], "name": meta["name"], "uid": meta["uid"]}
    if meta.get("namespace"):
        reference["namespace"] = meta["namespace"]
    reference["apiVersion"] = about["apiVersion"]
    reference["resourceVersion"] = meta["resourceVersion"]
    if field_path:
        reference["fieldPath"] = field_path
    return reference


def _stable_hash(text: str) -> int:
    value = 0xCBF29CE484222325
    for byte in text.encode():
        value = ((value ^ byte) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    return value
