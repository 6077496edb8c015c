"""Works out an environment variable as a container sees it: `env`, `envFrom`, ConfigMap keys, Secret references.

Secrets are never read: a variable that comes from one is known to be set, and its value stays unknown.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime

from bot.domain.facts import Gap, GapReason
from bot.domain.kubernetes import ConfigMap, Container, EnvVar
from bot.domain.view import View


@dataclass(frozen=True, slots=True)
class Variable:
    """One variable of a container.

    `value` is None when it is not set or cannot be known (`gap` tells which). `config_map` and `key` say where it comes
    from; `changed_at` is when that key was last written, where the API server records it.
    """

    name: str
    value: str | None = None
    source: str = ""
    config_map: str = ""
    key: str = ""
    changed_at: datetime | None = None
    gap: Gap | None = None

    @property
    def is_set(self) -> bool | None:
        """Whether the container has it; None when that cannot be known."""
        if self.value is not None:
            return True
        return None if self.gap is not None else False


_REFERENCE = re.compile(r"\$\$|\$\(([A-Za-z_][A-Za-z0-9_.-]*)\)")
_SERVICE_VARIABLE = re.compile(r"^([A-Z][A-Z0-9_]*)_SERVICE_(HOST|PORT)(?:_([A-Z0-9_]+))?$")


def variable_of(container: Container | None, name: str, view: View) -> Variable:
    """The variable as this container would see it if it started now."""
    if container is None:
        return Variable(name, gap=Gap(GapReason.ABSENT, f"{name} of the calling container", "no such container"))
    for place in reversed(range(len(container.env))):
        entry = container.env[place]
        if entry.name == name:
            return _expanded(_from_entry(entry, container, view), container, place, view)
    return _from_sources(container, name, view)


def _expanded(found: Variable, container: Container, place: int, view: View) -> Variable:
    """`$(NAME)` filled in as Kubernetes does it: from entries above it, `envFrom` and the variables of Services.

    What names no variable stays as it is written; `$$` is an escaped dollar sign. Only values in `env` are expanded.
    """
    if found.value is None or found.config_map or "$" not in found.value:
        return found
    above = container.model_copy(update={"env": container.env[:place]})
    unknown: list[Gap] = []

    def fill(match: re.Match[str]) -> str:
        if match[1] is None:
            return "$"
        other = variable_of(above, match[1], view)
        if other.value is None and other.gap is not None:
            unknown.append(other.gap)
        return match[0] if other.value is None else other.value

    value = _REFERENCE.sub(fill, found.value)
    if unknown:
        what = f"{found.name}={found.value}: {unknown[0].what}"
        return replace(found, value=None, gap=replace(unknown[0], what=what))
    return replace(found, value=value)


def _of_service(name: str, view: View) -> Variable:
    """The variables that the kubelet sets for each Service: `API_SERVER_SERVICE_HOST` and its like."""
    match = _SERVICE_VARIABLE.match(name)
    if match is None:
        return Variable(name)
    gap = view.gaps.get("services")
    for service in view.services:
        if service.metadata.name.upper().replace("-", "_") != match[1] or service.spec.cluster_ip in ("", "None"):
            continue
        ports = [item for item in service.spec.ports if match[3] in (None, item.name.upper().replace("-", "_"))]
        value = service.spec.cluster_ip if match[2] == "HOST" else str(ports[0].port) if ports else None
        return Variable(name, value, f"Service {service.metadata.name}")
    return Variable(name, gap=gap)


def _from_entry(entry: EnvVar, container: Container, view: View) -> Variable:
    source = entry.value_from
    if source is None:
        if entry.value is None:
            return Variable(entry.name, gap=Gap(GapReason.NOT_READ, f"{entry.name} of container {container.name}"))
        return Variable(entry.name, entry.value, f"env of container {container.name}")
    if source.config_map_key_ref is not None:
        reference = source.config_map_key_ref
        return _from_config_map(entry.name, reference.name, reference.key, view)
    if source.secret_key_ref is not None:
        return _from_secret(entry.name, source.secret_key_ref.name)
    return Variable(entry.name, gap=Gap(GapReason.NOT_READ, f"{entry.name}: it is set from the pod's own fields"))


def _from_sources(container: Container, name: str, view: View) -> Variable:
    """`envFrom`: the last source that has the key wins. A source that cannot be read leaves the answer open."""
    unknown: Variable | None = None
    for source in reversed(container.env_from):
        if not name.startswith(source.prefix):
            continue
        key = name[len(source.prefix) :]
        if source.config_map_ref is not None:
            found = _from_config_map(name, source.config_map_ref.name, key, view)
            if found.value is not None:
                return found if unknown is None else unknown
            if found.gap is not None and found.gap.reason is not GapReason.ABSENT:
                unknown = unknown or found
        elif source.secret_ref is not None and unknown is None:
            unknown = _from_secret(name, source.secret_ref.name)
    names = ", ".join(item.config_map_ref.name for item in container.env_from if item.config_map_ref)
    if unknown is not None:
        return unknown
    linked = _of_service(name, view)
    if linked.is_set is not False:
        return linked
    return Variable(name, source=f"ConfigMap {names}" if names else "", config_map=names.split(", ")[0])


def _from_config_map(name: str, config_map: str, key: str, view: View) -> Variable:
    found = next((item for item in view.configmaps if item.metadata.name == config_map), None)
    source = f"ConfigMap {config_map}, key {key}"
    if found is None:
        gap = view.gaps.get("configmaps") or Gap(GapReason.ABSENT, f"ConfigMap {config_map}", "it does not exist")
        return Variable(name, source=source, config_map=config_map, key=key, gap=gap)
    if key not in found.keys and key not in found.data:
        return Variable(name, source=source, config_map=config_map, key=key)
    if key not in found.data:
        gap = Gap(GapReason.NOT_READ, f"{key} in ConfigMap {config_map}")
        return Variable(name, source=source, config_map=config_map, key=key, gap=gap)
    return Variable(name, found.data[key], source, config_map, key, _changed_at(found, key))


def _from_secret(name: str, secret: str) -> Variable:
    gap = Gap(GapReason.NOT_READ, f"{name}: it may come from Secret {secret}", "Secrets are never read")
    return Variable(name, source=f"Secret {secret}", gap=gap)


def _changed_at(config_map: ConfigMap, key: str) -> datetime | None:
    return config_map.key_times.get(key)
