"""The events of a large namespace by component: its checks need not go through those of hundreds of others. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace

from bot.domain.kubernetes import Event
from bot.engine.binding import Binding

_MANY = 20
"""With fewer components it costs more than it spares."""


def near_events(binding: Binding) -> Mapping[str, Binding]:
    """For each component the binding with its own events, and those that are about nothing that is known."""
    if binding.graph is None or len(binding.components) < _MANY:
        return {}
    owners = {}
    for name, component in binding.components.items():
        workload = component.workload
        things = [("Pod", pod.metadata.name) for pod in (*component.all_pods, *component.leaving, *component.finished)]
        things += [("ReplicaSet", item.metadata.name) for item in component.replica_sets]
        things += [("Job", item.metadata.name) for item in component.jobs]
        things += [(workload.kind, workload.metadata.name)] if workload is not None else []
        owners.update(dict.fromkeys(things, name))
    own: dict[str, list[Event]] = defaultdict(list)
    loose: list[Event] = []
    for event in binding.view.events:
        owner = owners.get((event.involved_object.kind, event.involved_object.name))
        (loose if owner is None else own[owner]).append(event)
    return {
        name: replace(binding, view=binding.view.model_copy(update={"events": (*own[name], *loose)}))
        for name in binding.components
    }
