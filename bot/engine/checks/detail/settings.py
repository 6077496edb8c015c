"""Check on settings: were variables changed after the containers started, and do the pods use the cluster's DNS?"""

from __future__ import annotations

import ipaddress
from datetime import datetime, timedelta

from bot.domain.facts import Check, FactValue, Gap
from bot.domain.kubernetes import ConfigMap, PodSpec
from bot.engine.binding import Binding, BoundComponent
from bot.engine.checks.answer import CheckBuilder
from bot.engine.checks.containers import clock_time, runs
from bot.engine.checks.network.plugins import engine_of
from bot.engine.checks.network.policies import policies_without_dns
from bot.playbook.catalogue import ScopeKind

_SETTLES = timedelta(seconds=2)


def check_settings(binding: Binding, component: BoundComponent, kind: ScopeKind) -> Check:
    """Do its containers run with the settings of today, and can they resolve the cluster's names?"""
    target = component.workload.target if component.workload else component.name
    question = CheckBuilder(kind, component.name, "settings", binding.kubectl(f"get {target} -o yaml"))
    facts: dict[str, FactValue | Gap] = {
        "settings.stale": False,
        "settings.text": "",
        "settings.source": component.name,
        "dns.odd": False,
        "dns.public": False,
        "dns.settings": "",
        "egress.closed": False,
        "egress.text": "",
    }
    template = component.template
    if template is None or binding.graph is None:
        return question.answered(True, "Its settings are those of its template.", facts)
    facts |= _stale(binding, component, template) | _dns(binding, component, template)
    facts |= _egress(binding, component)
    said = [str(facts[name]) for name in ("settings.text", "dns.settings") if facts[name]]
    bad = facts["settings.stale"] is True or facts["dns.odd"] is True
    text = "; ".join(said) or "its containers started after the last change of its ConfigMaps"
    return question.answered(not bad, f"{text[0].upper()}{text[1:]}.", facts)


def _stale(binding: Binding, component: BoundComponent, template: PodSpec) -> dict[str, FactValue | Gap]:
    """A ConfigMap that fills variables, changed after the containers that still run had started."""
    started = _started(component)
    names = variable_maps(template)
    changed: list[ConfigMap] = [
        item
        for item in binding.view.configmaps
        if item.metadata.name in names
        and started is not None
        and item.changed_at is not None
        and item.changed_at > started + _SETTLES
    ]
    if not changed or started is None:
        return {}
    item = changed[0]
    when = clock_time(item.changed_at) if item.changed_at else ""
    text = f"ConfigMap {item.metadata.name} was changed {when}, its containers run since {clock_time(started)}"
    return {"settings.stale": True, "settings.text": text, "settings.source": f"ConfigMap {item.metadata.name}"}


def is_stale(binding: Binding, component: BoundComponent) -> bool:
    """Whether its containers run with variables of a ConfigMap from before a change."""
    return component.template is not None and bool(_stale(binding, component, component.template))


def _started(component: BoundComponent) -> datetime | None:
    """When the oldest container that runs now was started."""
    starts = [run.started_at for run in runs(component.pods) if run.started_at is not None and not run.init]
    return min(starts, default=None)


def variable_maps(template: PodSpec) -> set[str]:
    """The ConfigMaps that fill variables of its containers."""
    boxes = (*template.containers, *template.init_containers)
    whole = {item.config_map_ref.name for box in boxes for item in box.env_from if item.config_map_ref}
    references = (entry.value_from.config_map_key_ref for box in boxes for entry in box.env if entry.value_from)
    return whole | {item.name for item in references if item is not None}


def _egress(binding: Binding, component: BoundComponent) -> dict[str, FactValue | Gap]:
    """Policies by which it may ask no DNS, of a component whose calls nobody knows: ways that are known are judged one
    by one. A server that calls nobody is well with it, so it stands for nothing alone.
    """
    graph, engine = binding.graph, engine_of(binding.view)
    if graph is None or any(edge.service for edge in graph.edges_of(component.name)):
        return {}
    names = policies_without_dns(binding, component)
    if not names or (engine is not None and not engine.enforces):
        return {}
    what = "NetworkPolicy" if len(names) == 1 else "NetworkPolicies"
    return {
        "egress.closed": True,
        "egress.text": f"{what} {', '.join(names)} (egress of {component.name}) opens no DNS",
    }


def _dns(binding: Binding, component: BoundComponent, template: PodSpec) -> dict[str, FactValue | Gap]:
    """DNS settings with which the names of Services cannot be resolved, of a component that calls some by name."""
    policy = template.dns_policy or "ClusterFirst"
    own = policy in ("None", "Default") or (policy == "ClusterFirst" and template.host_network)
    graph = binding.graph
    named = [edge.host for edge in graph.edges_of(component.name) if edge.service or edge.foreign] if graph else []
    given = {name.lower() for one in template.host_aliases for name in one.hostnames}
    names = [host for host in named if not host.replace(".", "").isdigit() and host.lower() not in given]
    if not own or not names:
        return {}
    config = template.dns_config
    servers = ", ".join(config.nameservers) if config else ""
    searches = config.searches if config else ()
    asked = config.nameservers if config else ()
    public = bool(asked) and all(_is_public(item) for item in asked)
    if policy == "None" and not public and any(item.endswith("cluster.local") for item in searches):
        return {}  # somebody has set up the cluster's DNS by hand
    how = f"dnsPolicy {policy}" + (" with hostNetwork" if template.host_network else "")
    how += f", nameservers {servers}" if servers else ""
    return {
        "dns.odd": True,
        "dns.public": public,
        "dns.settings": f"{how}: Services such as {names[0]} cannot be resolved by name",
    }


def _is_public(address: str) -> bool:
    """Whether a nameserver is one of the internet, which knows no name of a cluster."""
    try:
        return ipaddress.ip_address(address).is_global
    except ValueError:
        return False
