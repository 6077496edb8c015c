"""The remedy of a wrong URL: the right value where the running one comes from, and a restart of who reads it."""

from __future__ import annotations

from bot.domain.kubernetes import ConfigMap, Container, Workload
from bot.domain.remedies import Parameter, Step
from bot.engine.binding import Binding, BoundRoute
from bot.engine.checks.url.check import expected_url
from bot.engine.remedies.proposal import Proposal, container_patch, patching, restarting


def set_config(route: BoundRoute, binding: Binding) -> Proposal | None:
    """Write the right URL into the ConfigMap key or the pod template that the caller reads it from."""
    value = expected_url(route, binding.view.namespace)
    workload, container = route.caller.workload, route.caller.container
    if not value or workload is None or container is None or value == route.variable.value:
        return None  # what it says is right already, so something else sends it astray
    parameter = Parameter("url", route.variable.name, value, route.variable.value or "")
    config_map = _config_map(route, binding)
    if config_map is not None:
        key = route.variable.key or _key_in(container, config_map, route.variable.name)
        change = patching(f"configmap/{config_map.metadata.name}", {"data": {key: value}})
        restarts = _restarts(route, binding, config_map, key)
        return Proposal((change, *restarts), (parameter,), _unrestarted(binding, config_map))
    if route.variable.config_map and route.variable.key:
        return None  # it names a ConfigMap that does not exist or cannot be read
    entry = {"name": route.variable.name, "value": value}
    return Proposal((patching(workload.target, container_patch(container.name, {"env": [entry]})),), (parameter,))


def _config_map(route: BoundRoute, binding: Binding) -> ConfigMap | None:
    """Where the variable comes from, or would come from, if that exists."""
    return next((item for item in binding.view.configmaps if item.metadata.name == route.variable.config_map), None)


def _key_in(container: Container, config_map: ConfigMap, variable: str) -> str:
    """The key under which `envFrom` finds the variable: its name without the prefix."""
    for source in container.env_from:
        named = source.config_map_ref is not None and source.config_map_ref.name == config_map.metadata.name
        if named and variable.startswith(source.prefix):
            return variable[len(source.prefix) :]
    return variable


def _restarts(route: BoundRoute, binding: Binding, config_map: ConfigMap, key: str) -> tuple[Step, ...]:
    """The caller, and every other workload that uses this key: by its name, or as a caller of a route by it."""
    users = [route.caller.workload] if route.caller.workload else []
    callers = [
        item.caller.workload
        for item in binding.routes.values()
        if item.variable.config_map == config_map.metadata.name and (item.variable.key or item.variable.name) == key
    ]
    naming = [item for item in _workloads(binding) if _names_key(item, config_map.metadata.name, key)]
    for item in (*callers, *naming):
        if item is not None and item.spec.replicas != 0 and all(item.target != other.target for other in users):
            users.append(item)
    return tuple(restarting(item) for item in users)


def _unrestarted(binding: Binding, config_map: ConfigMap) -> str:
    """Who else takes the whole ConfigMap into its environment: nothing says that it uses this key."""
    restarted = {item.caller.workload.target for item in binding.routes.values() if item.caller.workload}
    others = [
        item.target
        for item in _workloads(binding)
        if item.target not in restarted and _takes_all(item, config_map.metadata.name)
    ]
    if not others:
        return ""
    shown = ", ".join(others[:4]) + (f" and {len(others) - 4} more" if len(others) > 4 else "")
    return f"{config_map.metadata.name} is also read whole by {shown}; they are not restarted."


def _workloads(binding: Binding) -> tuple[Workload, ...]:
    return binding.view.deployments + binding.view.statefulsets


def _all_containers(workload: Workload) -> tuple[Container, ...]:
    spec = workload.spec.template.spec
    return spec.init_containers + spec.containers


def _names_key(workload: Workload, config_map: str, key: str) -> bool:
    references = (
        entry.value_from.config_map_key_ref
        for container in _all_containers(workload)
        for entry in container.env
        if entry.value_from is not None and entry.value_from.config_map_key_ref is not None
    )
    return any(item.name == config_map and item.key == key for item in references)


def _takes_all(workload: Workload, config_map: str) -> bool:
    sources = (item.config_map_ref for container in _all_containers(workload) for item in container.env_from)
    return any(item is not None and item.name == config_map for item in sources)
