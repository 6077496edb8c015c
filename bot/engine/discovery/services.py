"""The Services of a namespace, those that are called and not there, and the calls between components. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from difflib import SequenceMatcher

from bot.domain.kubernetes import Ingress, IngressBackend, Service
from bot.domain.view import View
from bot.engine.binding import BoundComponent
from bot.engine.binding.candidates import selects
from bot.engine.discovery.graph import BoundEdge, BoundService, Reference
from bot.engine.discovery.hosts import HostTarget, place_of

ALIKE = 0.72
"""From this likeness on, two names may be one that was mistyped."""
_NAMES = ("app", "app.kubernetes.io/name", "k8s-app", "run")
_PARTS = ("app.kubernetes.io/component", "component", "tier")
_SLIPS = 4
"""Shorter words are not taken for a slip of each other."""


def alike(one: str, other: str) -> bool:
    """Whether two names may be the same thing: one holds the other as a whole word, or they differ by a slip."""
    words, others = set(one.split("-")), set(other.split("-"))
    return bool(words <= others or others <= words) or SequenceMatcher(None, one, other).ratio() >= ALIKE


def closest(name: str, names: Iterable[str]) -> str:
    """The name that this one is most likely a slip of; empty if none is alike."""
    ranked = sorted((-SequenceMatcher(None, name, item).ratio(), item) for item in names if alike(name, item))
    return ranked[0][1] if ranked else ""


def scope_of(service: str) -> str:
    """The name under which facts and causes speak of a Service: `orders-service`."""
    plain = service.replace(".", "-").replace("_", "-")[:60]
    plain = plain if plain[:1].isalpha() else f"s-{plain}"
    return plain if plain.endswith(("-service", "-svc")) else f"{plain}-service"


class HostResolver:
    """Says what hosts mean in one view."""

    def __init__(self, view: View) -> None:
        self._namespace = view.namespace
        self.services: Mapping[str, Service] = {item.metadata.name: item for item in view.services}
        self._by_address = {
            item.spec.cluster_ip: item.metadata.name
            for item in view.services
            if item.spec.cluster_ip not in ("", "None")
        }
        self._sets = {item.metadata.name: item.spec.service_name for item in view.statefulsets}

    def of(self, host: str) -> HostTarget:
        """See `place_of`."""
        return place_of(host, self._namespace, self.services, self._by_address, self._sets)


def backends(ingress: Ingress) -> tuple[IngressBackend, ...]:
    """Every backend that an Ingress names."""
    own = (ingress.spec.default_backend,) if ingress.spec.default_backend else ()
    return own + tuple(path.backend for rule in ingress.spec.rules for path in rule.http.paths)


def bound_services(
    view: View, components: Mapping[str, BoundComponent], references: Sequence[Reference]
) -> dict[str, BoundService]:
    """Every Service of the namespace, and every name of one that somebody calls and that is not there."""
    places = HostResolver(view)
    named: dict[str, list[Reference]] = defaultdict(list)
    for reference in references:
        place = places.of(reference.endpoint.host)
        if place.kind == "service":
            named[place.name].append(reference)
    outside: dict[str, list[str]] = defaultdict(list)
    for ingress in view.ingresses:
        for backend in backends(ingress):
            if backend.service is not None and backend.service.name:
                outside[backend.service.name].append(f"ingress/{ingress.metadata.name}")
    bearing: dict[tuple[str, str], list[str]] = defaultdict(list)
    for key, item in components.items():
        for pair in item.template_labels.items():
            bearing[pair].append(key)
    found: dict[str, BoundService] = {}
    for name in sorted({*places.services, *(name for name, refs in named.items() if _tells(refs))}):
        scope = scope_of(name)
        while scope in found or scope in components:
            scope += "-2"
        service = places.services.get(name)
        first = next(iter(service.spec.selector.items()), None) if service is not None else None
        near = {key: components[key] for key in bearing[first]} if first is not None else {}
        picked = tuple(key for key, item in near.items() if service and selects(service, item.template_labels))
        found[scope] = _bound(scope, name, service, components, picked, (named[name], outside[name]))
    return found


def _tells(references: Sequence[Reference]) -> bool:
    """Whether a name that nothing bears was meant as a host: not a word in some file.

    A file may give names of its own to what it calls (`upstream scan`, then `http://scan`): those have no port.
    """
    return any(
        not item.weak or (item.endpoint.scheme and (item.endpoint.stated_port or "." in item.endpoint.host))
        for item in references
    )


def _bound(
    scope: str,
    name: str,
    service: Service | None,
    components: Mapping[str, BoundComponent],
    picked: tuple[str, ...],
    named: tuple[Sequence[Reference], Sequence[str]],
) -> BoundService:
    references, outside = named
    calling = (
        item.component
        for item in references
        if not _is_itself(item.component, name, picked) and not _is_sent_elsewhere(components, item, service)
    )
    callers = tuple(dict.fromkeys(calling))
    meant = "" if picked else _meant(name, service, components)
    return BoundService(scope, name, service, picked, meant, callers, tuple(dict.fromkeys(outside)), tuple(references))


def _is_sent_elsewhere(components: Mapping[str, BoundComponent], item: Reference, service: Service | None) -> bool:
    """Whether the hosts file of the caller's own pods sends the name past the Service: no DNS is asked then."""
    template = components[item.component].template if item.component in components else None
    if template is None or service is None:
        return False
    host = item.endpoint.host.lower()
    given = [one.ip for one in template.host_aliases if host in (name.lower() for name in one.hostnames)]
    return bool(given) and given[0] not in service.addresses


def _is_itself(component: str, service: str, picked: Sequence[str]) -> bool:
    """Whether who names a Service is what that is for; one that it picks beside that may be picked by mistake."""
    return component in picked and (len(picked) == 1 or component == service or service not in picked)


def _meant(name: str, service: Service | None, components: Mapping[str, BoundComponent]) -> str:
    """The component that a Service is for though it picks none of its pods: by its name, else by its selector."""
    if name in components:
        return name
    wanted = dict(service.spec.selector) if service is not None else {}
    if service is not None and not wanted:
        return ""  # its endpoints are kept by hand
    shared = {
        key: sum(item.template_labels.get(label) == value for label, value in wanted.items())
        for key, item in components.items()
    }
    best = max(shared.values(), default=0)
    sharing = [key for key, count in shared.items() if count == best and best > 0]
    if len(sharing) == 1:
        return sharing[0]
    pool = {key: components[key] for key in sharing or components}
    slips = [key for key, item in pool.items() if _has_nearly(item.template_labels, wanted)]
    named = [key for key, item in pool.items() if service is not None and _names_port(item, service)]
    labelled = [key for key, item in pool.items() if service and is_labelled_for(service, item.template_labels)]
    return next((found[0] for found in (slips, named, labelled) if len(found) == 1), "") or closest(name, pool)


def is_labelled_for(service: Service, labels: Mapping[str, str]) -> bool:
    """Whether a Service bears, as its own labels, the program's name that pods with these labels bear."""
    own = service.metadata.labels
    names = [key for key in _NAMES if key in own]
    parts = [key for key in _PARTS if key in own and key in labels]
    return bool(names) and all(labels.get(key) == own[key] for key in (*names, *parts))


def _has_nearly(labels: Mapping[str, str], wanted: Mapping[str, str]) -> bool:
    """Whether labels are what a selector wants but for slips: `postgresql` for `postgres`, never `db-b` for `db-a`."""
    return bool(wanted) and all(_is_slip(labels.get(key, ""), value) for key, value in wanted.items())


def _is_slip(one: str, other: str) -> bool:
    words, others = one.split("-"), other.split("-")
    return len(words) == len(others) and all(
        word == wanted or (min(len(word), len(wanted)) >= _SLIPS and SequenceMatcher(None, word, wanted).ratio() >= 0.8)
        for word, wanted in zip(words, others, strict=True)
    )


def _names_port(component: BoundComponent, service: Service) -> bool:
    """Whether a container has a port of the name to which the Service leads."""
    names = {str(port.target_port) for port in service.spec.ports if not str(port.target_port or 0).isdecimal()}
    boxes = component.template.containers if component.template else ()
    return any(port.name in names for box in boxes for port in box.ports)


def bound_edges(
    view: View, services: Mapping[str, BoundService], references: Sequence[Reference]
) -> dict[str, BoundEdge]:
    """The calls: one edge for each caller and each thing it calls."""
    places = HostResolver(view)
    by_name = {item.name: item for item in services.values()}
    grouped: dict[tuple[str, str, str], list[Reference]] = defaultdict(list)
    for reference in references:
        place = places.of(reference.endpoint.host)
        if place.kind == "outside" or (place.kind == "service" and place.name not in by_name):
            continue
        if place.kind == "service" and _is_itself(reference.component, place.name, by_name[place.name].picked):
            continue
        grouped[reference.component, place.namespace if place.kind == "foreign" else "", place.name].append(reference)
    found: dict[str, BoundEdge] = {}
    for (caller, namespace, name), refs in sorted(grouped.items()):
        host = refs[0].endpoint.host
        loopback = places.of(host).kind == "loopback"
        base = f"{caller}-to-itself" if loopback else f"{caller}-to-{scope_of(name).removesuffix('-service')}"
        scope = base[:70]
        while scope in found:
            scope += "-2"
        found[scope] = BoundEdge(
            scope,
            caller,
            host,
            by_name[name].scope if not namespace and not loopback else "",
            (namespace, name) if namespace else None,
            loopback,
            tuple(refs),
        )
    return found
