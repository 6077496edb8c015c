"""Check on what leads people to the caller: does the same Ingress lead the called one's path to the called one? Pure.

Browsers call the API under a path of the page's host. Where only the page is routed, the web server answers for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bot.domain.facts import Check, FactValue, Gap, GapReason
from bot.domain.kubernetes import Ingress, IngressBackend
from bot.engine.binding import Binding, BoundComponent, BoundRoute
from bot.engine.binding.candidates import selects
from bot.engine.checks.answer import CheckBuilder
from bot.playbook.catalogue import ScopeKind

_COPY = "kubectl.kubernetes.io/last-applied-configuration"
_WHOLE = ("", "/", "/*", "/.*", "/(.*)", "/()(.*)")


@dataclass(frozen=True, slots=True)
class Led:
    """One path of one host, and the Service to which an Ingress leads it."""

    ingress: Ingress
    host: str
    path: str
    service: str


def check_entrance(binding: Binding, route: BoundRoute, kind: ScopeKind) -> Check:
    """Does an Ingress lead to the caller, and not under the path by which browsers call the called one?"""
    question = CheckBuilder(kind, route.name, "entrance", binding.kubectl("get ingresses -o yaml"))
    entrance = route.spec.entrance
    if entrance is None:
        facts: dict[str, FactValue | Gap] = {"entrance.missing": False, "entrance.text": "nobody calls it by a path"}
        return question.idle("The playbook names no path by which browsers call it.", facts)
    gap = binding.gap("ingresses", "services", "pods")
    if gap is not None:
        return question.open(gap)
    page = [led for led in _led(binding) if led.path in _WHOLE and _leads_to(binding, led, route.caller)]
    if not page:
        what = f"how browsers reach {route.caller.named}"
        detail = "no Ingress that was read leads to it; a Route, a Gateway or nginx may"
        return question.open(Gap(GapReason.ABSENT, what, detail))
    answers = [(led, _missing(binding, route, led, entrance.path)) for led in page]
    for led, missing in answers:
        if missing is True:
            text = _text(binding, route, led, entrance.path)
            return question.answered(False, f"{text}.", {"entrance.missing": True, "entrance.text": text})
    unclear = next((missing for _, missing in answers if isinstance(missing, Gap)), None)
    if unclear is not None:
        return question.open(unclear)
    text = f"Ingress {page[0].ingress.metadata.name} leads {entrance.path} elsewhere than the page"
    return question.answered(True, f"{text}.", {"entrance.missing": False, "entrance.text": text})


def _led(binding: Binding) -> Iterator[Led]:
    for ingress in binding.view.ingresses:
        if ingress.spec.default_backend is not None:
            yield Led(ingress, "", "", _name(ingress.spec.default_backend))
        for rule in ingress.spec.rules:
            for path in rule.http.paths:
                yield Led(ingress, rule.host, path.path, _name(path.backend))


def _name(backend: IngressBackend) -> str:
    return backend.service.name if backend.service is not None else ""


def _leads_to(binding: Binding, led: Led, component: BoundComponent) -> bool:
    service = next((item for item in binding.view.services if item.metadata.name == led.service), None)
    return service is not None and any(selects(service, pod.metadata.labels) for pod in component.all_pods)


def _missing(binding: Binding, route: BoundRoute, page: Led, path: str) -> bool | Gap:
    """Whether nothing of the page's host leads the path away from the page; a gap where something else may."""
    word = path.strip("/").lower()
    named = [led for led in _led(binding) if word in led.path.lower()]
    own = [led for led in named if led.host == page.host]
    if any(not _leads_to(binding, led, route.caller) for led in own):
        return False
    what = f"whether {page.host or 'the host of the page'} leads {path} to {route.called.named}"
    if any(led.host == "" or led.host.startswith("*.") or page.host == "" for led in named if led not in own):
        return Gap(GapReason.ABSENT, what, "another rule, of any host, leads it")
    every = [
        item
        for item in binding.view.ingresses
        if any(led.ingress is item and led.host == page.host for led in _led(binding))
    ]
    notes = [text for item in every for key, text in item.metadata.annotations.items() if key != _COPY]
    if any(path in text for text in notes):
        return Gap(GapReason.ABSENT, what, "an annotation of the Ingress speaks of it")
    return True


def _text(binding: Binding, route: BoundRoute, page: Led, path: str) -> str:
    called = route.called
    behind = [
        item for item in binding.own_services if any(selects(item, pod.metadata.labels) for pod in called.all_pods)
    ]
    service = route.service or next(iter(behind), None)
    target = f"Service {service.metadata.name}" if service is not None else f"the Service of {called.named}"
    port = f", port {service.spec.ports[0].port}" if service is not None and service.spec.ports else ""
    host = page.host or "every host"
    return (
        f"Ingress {page.ingress.metadata.name} leads {host} to Service {page.service}, {route.caller.named}, "
        f"and has no path {path} that leads to {called.named}; to add: path {path} to {target}{port}"
    )
