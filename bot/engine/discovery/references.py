"""Every address that a component's configuration names, with the place where it stands. Pure.

Values were cut to their addresses when they were decoded (`bot.domain.endpoints`); Secrets are not read at all.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from bot.domain.endpoints import Endpoint, read_endpoint, read_port
from bot.domain.kubernetes import ConfigMap, Container, EnvVar, PodSpec, Service, Volume
from bot.engine.binding import BoundComponent
from bot.engine.binding.candidates import selects
from bot.engine.discovery.graph import Reference

_HOST_WORD = re.compile(r"(?i)(host(name)?s?|addr(ess)?|server|endpoint|service|svc|ur[il])[._-]?$")
_LISTENS = re.compile(r"(?i)listen|bind|^host(name)?$|advertis|allowed|origin|cors|public|external|proxy_?host")
"""Names of variables that say where a program itself is found, or whom it lets in: not whom it calls."""
_FILES = re.compile(r"(?i)\.(md|txt|sh|crt|pem|html?|css|js|sql)$")
"""Keys of ConfigMaps whose addresses say little about who calls whom."""


@dataclass(frozen=True, slots=True)
class _Named:
    """The addresses of one setting."""

    name: str
    endpoints: tuple[str, ...]
    source: str
    config_map: str = ""
    key: str = ""
    weak: bool = False


def references_of(component: str, spec: PodSpec, config_maps: Mapping[str, ConfigMap]) -> Iterator[Reference]:
    """The addresses that this component's containers are given, init containers first."""
    for init, containers in ((True, spec.init_containers), (False, spec.containers)):
        for container in containers:
            sidecar = init and container.restart_policy == "Always"
            for reference in _of_container(component, container, spec.volumes, config_maps):
                yield replace(reference, init=init and not sidecar)


def _of_container(
    component: str, container: Container, volumes: Iterable[Volume], config_maps: Mapping[str, ConfigMap]
) -> Iterator[Reference]:
    variables = _variables(container, config_maps)
    ports = {name: read_port(item.endpoints[0]) for name, item in variables.items() if item.endpoints}
    for name, item in variables.items():
        if _LISTENS.search(name):
            continue
        for endpoint in _paired(item.endpoints):
            beside = "" if endpoint.port else _port_of(name, ports)
            known = replace(endpoint, port=ports[beside]) if beside else endpoint
            said = replace(item, source=item.source.replace(name, f"{name} with {beside}", 1)) if beside else item
            yield _reference(component, container, said, known, name)
    for text in container.endpoints:
        called = read_endpoint(text)
        if called is not None:
            where = f"the command of container {container.name}"
            yield _reference(component, container, _Named("", (), where), called, "")
    for item in _files(container, volumes, config_maps):
        for endpoint in _paired(item.endpoints):
            yield _reference(component, container, item, endpoint, "")


def _variables(container: Container, config_maps: Mapping[str, ConfigMap]) -> dict[str, _Named]:
    """Each variable as the container sees it: `env` over `envFrom`, the later over the earlier."""
    found: dict[str, _Named] = {}
    for source in container.env_from:
        config_map = config_maps.get(source.config_map_ref.name) if source.config_map_ref else None
        if config_map is None:
            continue
        for key, endpoints in config_map.endpoints.items():
            name, of = source.prefix + key, config_map.metadata.name
            found[name] = _Named(name, endpoints, f"{name} from ConfigMap {of}", of, key)
    for entry in container.env:
        item = _entry(entry, container, config_maps)
        if entry.name in found and item is not None and found[entry.name].config_map != item.config_map:
            item = replace(item, source=f"{item.source}, which overrides ConfigMap {found[entry.name].config_map}")
        found.pop(entry.name, None)
        if item is not None:
            found[entry.name] = item
    return found


def _entry(entry: EnvVar, container: Container, config_maps: Mapping[str, ConfigMap]) -> _Named | None:
    reference = entry.value_from.config_map_key_ref if entry.value_from else None
    if reference is not None:
        config_map = config_maps.get(reference.name)
        endpoints = config_map.endpoints.get(reference.key, ()) if config_map else ()
        source = f"{entry.name} from ConfigMap {reference.name}, key {reference.key}"
        return _Named(entry.name, endpoints, source, reference.name, reference.key)
    if not entry.endpoints:
        return None
    return _Named(entry.name, entry.endpoints, f"{entry.name} of container {container.name}")


def _files(container: Container, volumes: Iterable[Volume], config_maps: Mapping[str, ConfigMap]) -> Iterator[_Named]:
    """Addresses in ConfigMaps that are mounted as files: nobody knows whether the program reads that line."""
    mounted = {mount.name for mount in container.volume_mounts}
    for volume in volumes:
        config_map = config_maps.get(volume.config_map.name) if volume.config_map else None
        if config_map is None or volume.name not in mounted:
            continue
        for key, endpoints in config_map.endpoints.items():
            if not _FILES.search(key):
                of = config_map.metadata.name
                yield _Named("", endpoints, f"file {key} of ConfigMap {of}", of, key, weak=True)


def _paired(texts: Iterable[str]) -> Iterator[Endpoint]:
    """The addresses; a port on a line of its own belongs to the host before it."""
    last: Endpoint | None = None
    for text in texts:
        port = read_port(text)
        if port:
            if last is not None and not last.port:
                last = replace(last, port=port)
            continue
        if last is not None:
            yield last
        last = read_endpoint(text)
    if last is not None:
        yield last


def _port_of(name: str, ports: Mapping[str, int]) -> str:
    """The sibling variable that states the port of a host: `DB_PORT` beside `DB_HOST`; empty if there is none."""
    stem = _HOST_WORD.sub("", name)
    wanted = {f"{stem}port", f"{name}_port", f"{stem}_port", f"{name}port"}
    return next((one for one, value in ports.items() if value and one.lower() in {w.lower() for w in wanted}), "")


def _reference(component: str, container: Container, item: _Named, endpoint: Endpoint, variable: str) -> Reference:
    return Reference(
        component,
        endpoint,
        container.name,
        source=item.source,
        variable=variable,
        config_map=item.config_map,
        key=item.key,
        weak=item.weak,
    )


_LEADS = re.compile(r"(?i)ur[il]|dsn|host|database|(^|_)db|conn|broker|redis|mongo|postgres|mysql|amqp")
"""Variables that lead somewhere, as far as their names go."""
_SECRET = re.compile(r"(?i)pass|pwd|user|login|token|secret|(^|_)key")
_FEW = 3


def by_shared_secrets(components: Mapping[str, BoundComponent], services: Iterable[Service]) -> Iterator[Reference]:
    """Who takes an address from a Secret that the program behind a Service uses as well, and hardly anybody else.

    Secrets are not read, so what such a variable says is unknown: that the two belong together is all there is.
    """
    users: dict[str, dict[str, list[str]]] = {}
    for name, component in components.items():
        for box in component.template.containers if component.template else ():
            for entry in box.env:
                reference = entry.value_from.secret_key_ref if entry.value_from else None
                if reference is not None:
                    users.setdefault(reference.name, {}).setdefault(name, []).append(entry.name)
    known = list(services)
    for secret, using in users.items():
        for caller, variables in using.items():
            variable = next((one for one in variables if _LEADS.search(one) and not _SECRET.search(one)), "")
            if not variable or not 1 < len(using) <= _FEW:
                continue
            for other in using:
                labels = components[other].template_labels
                service = next((item for item in known if selects(item, labels) and item.spec.ports), None)
                if other != caller and service is not None and not components[other].spec.health:
                    source = (
                        f"{variable} from Secret {secret}, which {components[other].spec.label} uses too: inferred, "
                        "Secrets are never read"
                    )
                    place = Endpoint(service.metadata.name, service.spec.ports[0].port)
                    yield Reference(caller, place, source=source, variable=variable, weak=True, inferred=True)
