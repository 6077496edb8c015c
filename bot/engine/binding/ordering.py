"""One order for everything that was listed, so that a diagnosis does not depend on the order of a list. Pure.

Called by the binding. An object that was listed twice, because it changed between two pages, counts once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar, get_args

from bot.domain.kubernetes import EndpointGroup, Event, KubernetesModel, ObjectMeta
from bot.domain.view import Resource, View

Item = TypeVar("Item", bound=KubernetesModel)
Key = tuple[str | float, ...]

_IN_THEIR_OWN_ORDER = ("events", "endpoints")


def ordered(view: View) -> View:
    """The view with its lists in order, without duplicates."""
    named = {
        name: _sorted(getattr(view, name), _identity, _version)
        for name in get_args(Resource)
        if name not in _IN_THEIR_OWN_ORDER
    }
    return view.model_copy(
        update=named
        | {
            "events": _sorted(view.events, _event, _version),
            "endpoints": tuple(sorted(view.endpoints, key=_addresses)),
        }
    )


def _sorted(items: Iterable[Item], identity: Callable[[Item], Key], version: Callable[[Item], Key]) -> tuple[Item, ...]:
    """By identity; of several versions of one object, the last."""
    newest: dict[Key, Item] = {}
    for item in items:
        key = identity(item)
        if key not in newest or version(newest[key]) <= version(item):
            newest[key] = item
    return tuple(newest[key] for key in sorted(newest))


def _meta(item: KubernetesModel) -> ObjectMeta:
    found: ObjectMeta = getattr(item, "metadata")  # noqa: B009 -- every listed model has it
    return found


def _identity(item: KubernetesModel) -> Key:
    meta = _meta(item)
    return (meta.namespace, meta.name, meta.uid)


def _version(item: KubernetesModel) -> Key:
    """Newer versions last: their numbers grow, and so does their length."""
    version = _meta(item).resource_version
    return (len(version), version)


def _event(item: Event) -> Key:
    seen = item.last_seen
    return (seen.timestamp() if seen else 0.0, *_identity(item), item.reason, item.message)


def _addresses(group: EndpointGroup) -> tuple[object, ...]:
    ports = tuple((port.name, port.port, port.protocol) for port in group.ports)
    return (group.namespace, group.service, ports, tuple((item.ip, item.ready, item.pod) for item in group.addresses))
