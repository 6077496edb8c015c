"""Works out an environment variable as a container sees it: `env`, `envFrom`, ConfigMap keys, Secret references.

Secrets are never read: a variable that comes from one is known to be set, and its value stays unknown.
"""

from __future__ import annotations

from dataclasses import dataclass
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


def variable_of(container: Container | None, name: str, view: View) -> Variable:
    """The variable as this container would see it if it started now."""
    if container is None:
        return Variable(name, gap=Gap(GapReason.ABSENT, f"{name} of the calling container", "no such container"))
    for entry in reversed(container.env):
        if entry.name == name:
            return _from_entry(entry, container, view)
    return _from_sources(container, name, view)


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
    return unknown or Variable(name, source=f"ConfigMap {names}" if names else "", config_map=names.split(", ")[0])


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
