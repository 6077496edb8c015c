"""Checks on the Service between two components: is it there, does it select, do ports agree, are there endpoints."""

from __future__ import annotations

from bot.domain.facts import Check, FactValue, Gap, GapReason
from bot.domain.kubernetes import ContainerPort, PodSpec, Service, ServicePort
from bot.engine.binding import Binding, BoundComponent, BoundRoute
from bot.engine.binding.candidates import selects
from bot.engine.checks.answer import CheckBuilder
from bot.engine.values.address import family
from bot.playbook.catalogue import ScopeKind


def _absent(route: BoundRoute, what: str) -> Gap:
    return Gap(GapReason.ABSENT, f"{what} of {route.spec.label}", "there is no Service for it")


def _alias(service: Service) -> Gap:
    """Nothing of an alias can be compared with pods: it has no selector, no endpoints, and its ports lead nowhere."""
    where = f"it is an alias of {service.spec.external_name}"
    return Gap(GapReason.NOT_READ, f"what is behind Service {service.metadata.name}", where)


def _field_command(binding: Binding, service: str, field: str) -> str:
    """What shows one field of a Service; which Services there are where this one is not."""
    return binding.kubectl(f"get service {service} -o jsonpath='{{.spec.{field}}}'" if service else "get services")


def check_service(binding: Binding, route: BoundRoute, kind: ScopeKind) -> Check:
    """Is there a Service for the called component?"""
    name = route.service.metadata.name if route.service else ""
    question = CheckBuilder(kind, route.name, "service", binding.kubectl(f"get service {name}".rstrip()))
    gap = binding.gap("services")
    facts: dict[str, FactValue | Gap] = {"label": route.spec.label}
    if gap is not None and route.service is None:
        return question.open(gap, facts)
    facts |= {"service.exists": route.service is not None, "service.name": name or _expected_name(route)}
    if route.service is None:
        return question.answered(False, f"There is no Service for {route.called.named}.", facts)
    spec = route.service.spec
    ports = ", ".join(f"{port.port}→{port.target_port or port.port}" for port in spec.ports)
    return question.answered(True, f"Service {name} exists ({spec.type} {spec.cluster_ip}, ports {ports}).", facts)


def _expected_name(route: BoundRoute) -> str:
    if route.address is not None and route.address.service:
        return route.address.service
    return next((glob for glob in route.called.spec.services if "*" not in glob), "")


def check_selector(binding: Binding, route: BoundRoute, kind: ScopeKind) -> Check:
    """Does the Service select the called component's pods?"""
    name = route.service.metadata.name if route.service else ""
    question = CheckBuilder(kind, route.name, "selector", _field_command(binding, name, "selector"))
    if route.service is None:
        return question.open(binding.gap("services") or _absent(route, "selector"))
    if route.service.spec.external_name:
        return question.open(_alias(route.service))
    labels = route.called.template_labels
    if not labels:
        gap = route.called.gap or Gap(GapReason.ABSENT, f"labels of {route.called.named}", "it has no workload")
        return question.open(gap)
    selector = route.service.spec.selector
    if not selector and not ready_addresses(binding, route.service)[1] and binding.gap("endpoints") is None:
        facts: dict[str, FactValue | Gap] = {"selector.matches": False, "selector.text": "it has no selector"}
        return question.answered(False, f"Service {name} has no selector and no endpoints.", facts)
    if not selector:
        facts = {"selector.matches": True, "selector.text": "the Service has no selector"}
        return question.answered(True, f"Service {name} has no selector: its endpoints are kept by hand.", facts)
    matches = selects(route.service, labels)
    others = strangers(binding, route)
    if matches and others:
        text = f"it also selects {', '.join(sorted(others))}"
        facts = {"selector.matches": True, "selector.text": text}
        return question.answered(False, f"Service {name}: {text}.", facts)
    wrong = {key: value for key, value in selector.items() if labels.get(key) != value}
    text = ", ".join(f"{key}={value}" for key, value in sorted((wrong or selector).items()))
    has = ", ".join(f"{key}={labels.get(key, '(none)')}" for key in sorted(wrong or selector))
    facts = {"selector.matches": matches, "selector.text": f"selector {text}; the pods have {has}"}
    words = f"Service {name} selects the pods of {route.called.named} ({text})."
    return question.answered(
        matches, words if matches else f"Service {name} selects {text}, but the pods have {has}.", facts
    )


def strangers(binding: Binding, route: BoundRoute) -> set[str]:
    """Ready pods of other programs that the Service selects too: another image, and no port that it leads to."""
    service, container, port = route.service, route.called.container, route_port(route)
    if service is None or container is None or port is None or not service.spec.selector:
        return set()
    own = {pod.metadata.name for pod in (*route.called.all_pods, *route.called.leaving)}
    number, images = target_number(port, route.called), {_without_tag(container.image)}
    return {
        pod.metadata.name
        for pod in binding.view.pods
        if pod.metadata.name not in own
        and selects(service, pod.metadata.labels)
        and pod.ready
        and not any(_without_tag(item.image) in images for item in pod.spec.containers)
        and not any(one.container_port == number for item in pod.spec.serving_containers for one in item.ports)
    }


def _without_tag(image: str) -> str:
    name, _, _ = image.partition("@")
    head, slash, last = name.rpartition("/")
    return f"{head}{slash}{last.partition(':')[0]}"


def route_port(route: BoundRoute) -> ServicePort | None:
    """The Service port that the route uses: the URL's, else the first."""
    ports = route.service.spec.ports if route.service else ()
    if route.address is not None:
        found = next((port for port in ports if port.port == route.address.port), None)
        if found is not None:
            return found
    return ports[0] if ports else None


def target_number(service_port: ServicePort, component: BoundComponent) -> int | None:
    """The container port number that a Service port leads to; None if it names a port that no container has."""
    target = service_port.target_port or service_port.port
    if isinstance(target, int):
        return target
    if target.isdigit():
        return int(target)
    return next((port.container_port for port in known_ports(component) if port.name == target), None)


def known_ports(component: BoundComponent) -> list[ContainerPort]:
    """The ports that its template declares, and those that only its pods do: of a revision before, or injected."""
    specs = [component.template] if component.template else []
    specs += [pod.spec for pod in component.pods]
    ports = [port for spec in specs for container in spec.serving_containers for port in container.ports]
    return list(dict.fromkeys(ports))


def check_ports(binding: Binding, route: BoundRoute, kind: ScopeKind) -> Check:
    """Do Service port, target port and container port agree, down to the name?"""
    name = route.service.metadata.name if route.service else ""
    question = CheckBuilder(kind, route.name, "ports", _field_command(binding, name, "ports"))
    port = route_port(route)
    template = route.called.template
    if route.service is not None and route.service.spec.external_name:
        return question.open(_alias(route.service))
    if route.service is not None and route.service.headless and template is not None:
        # Its name leads to the pods themselves; whether the URL names a port of theirs is the check of the URL.
        text = "it is headless, so its ports translate nothing"
        return question.answered(True, f"Service {name}: {text}.", {"ports.agree": True, "ports.text": text})
    if route.service is None or port is None or template is None:
        return question.open(binding.gap("services") or route.called.gap or _absent(route, "ports"))
    target = port.target_port or port.port
    declared = {item.container_port: item.name for item in reversed(known_ports(route.called))}
    number = target_number(port, route.called)
    known = set(declared) or ({route.called.spec.port} if route.called.spec.port else set())
    agree = number is not None and (not known or number in known)
    other = _other_protocol(port, number, template)
    listed = (
        ", ".join(f"{value} ({label})" if label else str(value) for value, label in declared.items() if value) or "none"
    )
    text = f"port {port.port} leads to target port {target}; the container declares {listed}"
    if not agree and number is not None and _answers(binding, route):
        text += ", and something answers there nevertheless"
        return question.answered(True, f"Service {name}: {text}.", {"ports.agree": True, "ports.text": text})
    if other and not _answers(binding, route):
        agree, text = False, f"{text}; {other}"
    facts: dict[str, FactValue | Gap] = {"ports.agree": agree, "ports.text": text}
    return question.answered(agree, f"Service {name}: {text}.", facts)


def _other_protocol(port: ServicePort, number: int | None, template: PodSpec) -> str:
    """Where the Service forwards one protocol and the container declares this port for another one only."""
    boxes = template.serving_containers
    declared = {item.protocol for one in boxes for item in one.ports if item.container_port == number}
    if not declared or port.protocol in declared:
        return ""
    return f"the Service forwards {port.protocol} there, and the container declares {', '.join(sorted(declared))}"


def _answers(binding: Binding, route: BoundRoute) -> bool:
    """Whether the Service answers its health question: declared container ports are only documentation."""
    target = f"service/{route.service.metadata.name}" if route.service else ""
    return any(item.target == target and item.outcome in ("ok", "http_error") for item in binding.view.health)


def ready_addresses(binding: Binding, service: Service) -> tuple[int, int]:
    """(ready, all) addresses behind a Service, each counted once."""
    every: dict[str, bool] = {}
    for group in binding.view.endpoints:
        if group.service == service.metadata.name:
            for address in group.addresses:
                every[address.ip] = every.get(address.ip, False) or address.ready
    return sum(every.values()), len(every)


def check_endpoints(binding: Binding, route: BoundRoute, kind: ScopeKind) -> Check:
    """Does the Service have ready endpoints?"""
    name = route.service.metadata.name if route.service else ""
    question = CheckBuilder(kind, route.name, "endpoints", binding.kubectl(f"get endpoints {name}".rstrip()))
    gap = binding.gap("endpoints", "services")
    if gap is not None or route.service is None:
        return question.open(gap or _absent(route, "endpoints"))
    if route.service.spec.external_name:
        return question.open(_alias(route.service))
    ready, total = ready_addresses(binding, route.service)
    text = f"{ready} ready of {total}" if total else "none"
    lost = _family_lost(binding, route.service)
    if lost:
        text += f", but none of {lost}, which its address {route.service.spec.cluster_ip} needs"
    facts: dict[str, FactValue | Gap] = {
        "endpoints.ready": ready,
        "endpoints.family_lost": bool(lost),
        "endpoints.text": text,
    }
    return question.answered(ready > 0 and not lost, f"Service {name} has endpoints: {text}.", facts)


def _family_lost(binding: Binding, service: Service) -> str:
    """The family of the Service's address, if endpoints of it are there and none is ready, while the other's are.

    A Service leads from an address of one family to endpoints of that family only.
    """
    own = family(service.spec.cluster_ip)
    groups = [group for group in binding.view.endpoints if group.service == service.metadata.name]
    addresses = [address for group in groups for address in group.addresses]
    same = [address for address in addresses if family(address.ip) == own]
    others = [address for address in addresses if family(address.ip) not in ("", own)]
    lost = same and not any(address.ready for address in same) and any(address.ready for address in others)
    return own if own and lost else ""
