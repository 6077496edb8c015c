"""The graph of a discovered app in lines of text, as a diagnosis tells it: what is broken first, and marked. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bot.domain.diagnosis import Diagnosis
from bot.engine.discovery.discover import Discovery
from bot.engine.discovery.graph import BoundEdge, BoundService
from bot.engine.discovery.places import component_in_words
from bot.engine.discovery.services import backends

MOST_LINES = 25
BROKEN, WELL = "✗", " "


def sketch(found: Discovery, diagnosis: Diagnosis) -> tuple[str, ...]:
    """One line for each call and Ingress: `✗ orders → db: deployment/db has 0 of 1 pods ready`; () without calls.

    Of many the broken ones are kept, and the last line counts the rest.
    """
    bad = _scopes(diagnosis)
    lines = [*_of_calls(found, bad), *_of_ingresses(found, bad)]
    ranked = sorted(lines, key=lambda line: line[0] != BROKEN)
    left = len(ranked) - MOST_LINES
    return (*ranked[:MOST_LINES], *((f"  and {left} more",) if left > 0 else ()))


def _scopes(diagnosis: Diagnosis) -> frozenset[str]:
    """What the root causes are about; what only follows from them is not broken itself."""
    roots = [cause for cause in diagnosis.root_causes if not cause.state and not cause.benign]
    return frozenset(scope for cause in roots for scope in (cause.component, *cause.shared_with))


def _of_calls(found: Discovery, bad: frozenset[str]) -> Iterator[str]:
    """Calls to the same thing share a line: a setting that all have says no more of one than of the other."""
    graph, lines = found.graph, dict[str, list[str]]()
    for edge in graph.edges.values():
        behind = graph.behind(edge)
        broken = bool({edge.scope, edge.service, *behind} & bad)
        target = ", ".join(_label(found, name) for name in behind) or edge.host
        inferred = " (inferred from a Secret that both use)" if all(item.inferred for item in edge.references) else ""
        line = f"{{}} → {target}{inferred}{_state(found, edge) if broken else ''}"
        lines.setdefault(f"{BROKEN if broken else WELL} {line}", []).append(_label(found, edge.caller))
    for line, callers in lines.items():
        yield line.replace("{}", ", ".join(callers), 1)


def _state(found: Discovery, edge: BoundEdge) -> str:
    """Why a broken call leads nowhere, in a few words."""
    service = found.graph.services.get(edge.service)
    if service is not None and service.service is None:
        return f": there is no Service {service.name}"
    component = next((found.components[name] for name in found.graph.behind(edge) if name in found.components), None)
    reference = edge.references[0] if edge.references else None
    named = f" by {reference.endpoint.spoken}" if reference is not None else ""
    return f"{named}: {component_in_words(component)}" if component is not None else named


def _of_ingresses(found: Discovery, bad: frozenset[str]) -> Iterator[str]:
    by_name = {item.name: item for item in found.graph.services.values()}
    for scope, ingress in found.graph.ingresses.items():
        names = sorted({item.service.name for item in backends(ingress) if item.service and item.service.name})
        behind = [label for name in names for label in _behind(found, by_name, name)]
        broken = scope in bad or any(name in by_name and by_name[name].scope in bad for name in names)
        yield f"{BROKEN if broken else WELL} ingress {ingress.metadata.name} → {', '.join(behind) or 'nothing'}"


def _behind(found: Discovery, by_name: Mapping[str, BoundService], name: str) -> list[str]:
    service = by_name.get(name)
    picked = service.picked if service is not None else ()
    return [_label(found, item) for item in picked] or [f"Service {name}"]


def _label(found: Discovery, name: str) -> str:
    component = found.components.get(name) or found.graph.witnesses.get(name)
    return component.spec.label if component else name
