"""Events are one store and two APIs: core v1 and events.k8s.io/v1. Conversion between their field names.

Called by the handlers for the events resources only.
"""

from __future__ import annotations

from bot.sandbox.cluster.state.kinds import BY_STORAGE, Kind
from bot.sandbox.cluster.state.values import Object

_NEW_TO_CORE = {
    "regarding": "involvedObject",
    "note": "message",
    "deprecatedSource": "source",
    "deprecatedFirstTimestamp": "firstTimestamp",
    "deprecatedLastTimestamp": "lastTimestamp",
    "deprecatedCount": "count",
    "reportingController": "reportingComponent",
}
_CORE_TO_NEW = {core: new for new, core in _NEW_TO_CORE.items()}


def to_served(kind: Kind, item: Object) -> Object:
    """An object as this kind's API shows it; everything but events.k8s.io is stored as it is served."""
    if kind.group != "events.k8s.io":
        return {**item, "apiVersion": kind.api_version} if kind.store_as else item
    shown = {_CORE_TO_NEW.get(key, key): value for key, value in item.items()}
    return {**shown, "apiVersion": kind.api_version}


def to_stored(kind: Kind, item: Object) -> Object:
    """An object a client sent, as it is stored."""
    if kind.group != "events.k8s.io":
        return {**item, "apiVersion": BY_STORAGE[kind.storage].api_version} if kind.store_as else item
    kept = {_NEW_TO_CORE.get(key, key): value for key, value in item.items()}
    return {**kept, "apiVersion": "v1"}
