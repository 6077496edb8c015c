"""A discovered app drawn: as text, as data, as a Mermaid flowchart, and as a playbook to start one's own from. Pure."""

from __future__ import annotations

import re
from typing import Any

from bot.engine.discovery.discover import Discovery
from bot.engine.discovery.graph import BoundEdge, Reference
from bot.engine.discovery.places import component_in_words
from bot.engine.discovery.services import backends

Json = dict[str, Any]
_NOT_AN_ID = re.compile(r"[^A-Za-z0-9_]")


def graph_text(found: Discovery) -> str:
    """One line for each component, call and Ingress."""
    lines = [f"Namespace {found.view.namespace} of {found.view.cluster}", "", "Components:"]
    lines += [f"  {_label(found, name):<28} {component_in_words(item)}" for name, item in found.components.items()]
    lines += (
        ["", "Calls:"] if found.graph.edges else ["", "No call was found in variables, ConfigMaps, commands or logs."]
    )
    for edge in found.graph.edges.values():
        sources = list(dict.fromkeys(f"{item.endpoint.spoken} ({item.source})" for item in edge.references))
        lines.append(f"  {_label(found, edge.caller)} → {_target(found, edge)}: {'; '.join(sources[:3])}")
    for ingress in found.graph.ingresses.values():
        names = sorted({item.service.name for item in backends(ingress) if item.service})
        lines.append(f"  ingress {ingress.metadata.name} → {', '.join(names) or 'nothing'}")
    missing = [item.name for item in found.graph.services.values() if item.service is None]
    lines += ["", f"Named, and not there: {', '.join(missing)}"] if missing else []
    return "\n".join(lines)


def graph_json(found: Discovery) -> Json:
    """The same as data."""
    graph = found.graph
    return {
        "schema": "triage/v1",
        "namespace": found.view.namespace,
        "cluster": found.view.cluster,
        "components": [
            {"name": name, "target": item.workload.target if item.workload else "", "port": item.spec.port}
            for name, item in found.components.items()
        ],
        "services": [
            {
                "name": item.name,
                "exists": item.service is not None,
                "leads_to": list(item.picked),
                "called_by": [*item.callers, *item.outside],
            }
            for item in graph.services.values()
        ],
        "calls": [
            {
                "from": edge.caller,
                "to": list(graph.behind(edge)),
                "host": edge.host,
                "evidence": [_evidence(item) for item in edge.references],
            }
            for edge in graph.edges.values()
        ],
        "ingresses": [
            {
                "name": item.metadata.name,
                "services": sorted({one.service.name for one in backends(item) if one.service}),
            }
            for item in graph.ingresses.values()
        ],
        "gaps": [gap.sentence() for gap in found.view.gaps.values()],
    }


def _evidence(item: Reference) -> Json:
    """What shows that a call is made."""
    return {
        "address": item.endpoint.spoken,
        "source": item.source,
        "logged": item.logged,
        "inferred": item.inferred,
    }


def graph_mermaid(found: Discovery) -> str:
    """A flowchart: solid lines lead somewhere, dotted ones to what is not there."""
    lines = ["flowchart LR"]
    lines += [f'  {_id(name)}["{_label(found, name)}"]' for name in found.components]
    for edge in found.graph.edges.values():
        behind = found.graph.behind(edge)
        lines += [f"  {_id(edge.caller)} --> {_id(name)}" for name in behind]
        if not behind:
            lines.append(f'  {_id(edge.caller)} -.-> {_id("x-" + edge.scope)}(["{edge.host}"])')
    for scope, ingress in found.graph.ingresses.items():
        lines.append(f'  {_id(scope)}{{{{"ingress {ingress.metadata.name}"}}}}')
        names = {item.service.name for item in backends(ingress) if item.service}
        for service in found.graph.services.values():
            if service.name in names:
                lines += [f"  {_id(scope)} --> {_id(name)}" for name in service.picked]
    return "\n".join(lines)


def playbook_of(found: Discovery) -> Json:
    """The `app.yaml` of a playbook for this app: what a person may start from."""
    serving = {name: item for name, item in found.components.items() if item.workload and item.workload.kind != "Pod"}
    components: Json = {}
    for name, item in serving.items():
        finder = item.spec.find[0]
        entry: Json = {"label": item.spec.label, "find": [{"name": finder.name}]}
        if finder.container:
            entry["find"] = [{"name": finder.name, "container": finder.container}, {"name": finder.name}]
        if item.spec.port:
            entry["port"] = item.spec.port
        if item.spec.health:
            entry["health"] = item.spec.health
        if item.services:
            entry["services"] = [service.metadata.name for service in item.services]
        components[name] = entry
    routes: Json = {}
    for edge in found.graph.edges.values():
        variable = next(
            (item.variable for item in edge.references if item.variable and item.endpoint.scheme in ("http", "https")),
            "",
        )
        to = next((name for name in found.graph.behind(edge) if name in components), "")
        if variable and to and edge.caller in components and to != edge.caller:
            label = f"{_label(found, edge.caller)} → {_label(found, to)}"
            routes[edge.scope] = {"label": label, "from": edge.caller, "to": to, "env": variable}
    for route in list(routes.values())[:1]:
        route["primary"] = True
    book: Json = {
        "schema": "triage/playbook/v1",
        "kind": "app",
        "id": found.app.id,
        "title": found.view.namespace,
        "description": f"What runs in namespace {found.view.namespace}, as it was found there.",
        "namespaces": [found.view.namespace],
        "components": components,
    }
    return book | ({"routes": routes} if routes else {})


def _label(found: Discovery, name: str) -> str:
    component = found.components.get(name)
    return component.spec.label if component else name


def _target(found: Discovery, edge: BoundEdge) -> str:
    behind = [_label(found, name) for name in found.graph.behind(edge)]
    return ", ".join(behind) or edge.host


def _id(name: str) -> str:
    return "n_" + _NOT_AN_ID.sub("_", name)
