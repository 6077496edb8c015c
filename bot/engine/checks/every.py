"""All checks on a bound app: pure questions to the view, each with a sentence, a kubectl command and typed facts."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from bot.domain.facts import Check, CheckStatus, FactValue, Gap
from bot.domain.symptoms import Symptom
from bot.engine.binding import Binding, BoundComponent
from bot.engine.checks.application import check_sessions, check_summary, check_versions
from bot.engine.checks.dependency.check import check_dependency
from bot.engine.checks.detail.admission import check_admission
from bot.engine.checks.detail.claims import check_claims
from bot.engine.checks.detail.initial import check_initial
from bot.engine.checks.detail.lifecycle import check_lifecycle
from bot.engine.checks.detail.placement import check_placement
from bot.engine.checks.detail.report import check_report
from bot.engine.checks.detail.run import check_run, is_run
from bot.engine.checks.detail.run_pods import check_run_pods
from bot.engine.checks.detail.settings import check_settings
from bot.engine.checks.detail.starting import check_containers
from bot.engine.checks.discovered.edges import edge_checks
from bot.engine.checks.discovered.events import near_events
from bot.engine.checks.discovered.namespace import check_namespace
from bot.engine.checks.discovered.objects import check_autoscaler, check_ingress
from bot.engine.checks.discovered.services import service_checks
from bot.engine.checks.entrance import check_entrance
from bot.engine.checks.health import check_health, check_history, check_path
from bot.engine.checks.logs import check_logs
from bot.engine.checks.observed.check import check_dns, check_observed
from bot.engine.checks.pods import check_pods, check_resources, check_restarts, check_workload
from bot.engine.checks.policed import check_policies
from bot.engine.checks.probes import check_probes
from bot.engine.checks.service import check_endpoints, check_ports, check_selector, check_service
from bot.engine.checks.startup.creation import check_creation
from bot.engine.checks.startup.node import check_node
from bot.engine.checks.startup.rollout import check_rollout
from bot.engine.checks.startup.waiting import check_config, check_image, check_scheduling
from bot.engine.checks.url.check import check_freshness, check_url
from bot.playbook.catalogue import ScopeKind
from bot.playbook.schema import SymptomPlaybook

ComponentCheck = Callable[[Binding, BoundComponent, ScopeKind], Check]
_WORKLOAD_CHECKS: tuple[ComponentCheck, ...] = (
    check_workload,
    check_pods,
    check_restarts,
    check_scheduling,
    check_image,
    check_config,
    check_creation,
    check_probes,
    check_resources,
    check_rollout,
    check_node,
    check_logs,
    check_health,
    check_history,
    check_run,
    check_report,
    check_initial,
    check_containers,
    check_claims,
    check_placement,
    check_admission,
    check_lifecycle,
    check_settings,
)
_ROUTE_CHECKS = (
    check_service,
    check_selector,
    check_ports,
    check_endpoints,
    check_url,
    check_freshness,
    check_policies,
    check_dns,
    check_path,
    check_observed,
    check_entrance,
)


def run_checks(binding: Binding, symptoms: Sequence[Symptom], known: Sequence[SymptomPlaybook]) -> tuple[Check, ...]:
    """Every check of every component and route, in the playbook's order, the paste first."""
    checks: list[Check] = [check_paste(symptoms, known)]
    near = near_events(binding)
    whole = binding
    for component in whole.components.values():
        binding = near.get(component.name, whole)
        kind: ScopeKind = "dependency" if component.spec.role == "dependency" else "workload"
        elsewhere = kind == "dependency" and component.workload is None and component.gap is None
        wanted: tuple[ComponentCheck, ...] = (check_workload, check_node) if elsewhere else _WORKLOAD_CHECKS
        if is_run(component):
            wanted = tuple(check_run_pods if check is check_pods else check for check in wanted)
        checks += [_of_pods(binding, component, check(binding, component, kind)) for check in wanted]
        if kind == "dependency":
            checks.append(check_dependency(binding, component, kind))
    binding = whole
    for route in binding.routes.values():
        checks += [check(binding, route, "route") for check in _ROUTE_CHECKS]
    checks += _discovered(binding)
    checks += [check_versions(binding), check_sessions(binding), check_namespace(binding)]
    checks.append(check_summary(binding, checks))
    return tuple(checks)


# What these pass is said of pods.
_ABOUT_PODS = frozenset(
    [
        "restarts",
        "scheduling",
        "image",
        "config",
        "probes",
        "node",
        "initial",
        "containers",
        "claims",
        "placement",
        "lifecycle",
        "settings",
    ]
)


def _of_pods(binding: Binding, component: BoundComponent, check: Check) -> Check:
    """The check; where the component has no pod, what passes of its pods has checked nothing."""
    question = check.id.removeprefix(f"{component.name}.")
    pods = component.all_pods or component.finished or component.leaving
    if check.status is not CheckStatus.PASS or question not in _ABOUT_PODS or pods or binding.gap("pods"):
        return check
    return replace(check, summary="There is no pod of it.", nothing_to_check=True)


def _discovered(binding: Binding) -> list[Check]:
    """The checks of what only a discovered app has."""
    graph = binding.graph
    if graph is None:
        return []
    checks = [check for service in graph.services.values() for check in service_checks(binding, service)]
    checks += [check for edge in graph.edges.values() for check in edge_checks(binding, edge)]
    checks += [check_ingress(binding, scope, ingress) for scope, ingress in graph.ingresses.items()]
    return checks + [check_autoscaler(binding, scope, item) for scope, item in graph.autoscalers.items()]


def check_paste(symptoms: Sequence[Symptom], known: Sequence[SymptomPlaybook]) -> Check:
    """Which known errors does the paste hold? Passes without a paste: then there is nothing to explain."""
    found = {symptom.id: symptom for symptom in symptoms}
    facts: dict[str, FactValue | Gap] = {}
    for playbook in known:
        name, symptom = playbook.id, found.get(playbook.id)
        facts[f"symptoms.{name}.present"] = symptom is not None
        facts[f"symptoms.{name}.count"] = symptom.count if symptom else 0
        for field in field_names(playbook):
            facts[f"symptoms.{name}.field.{field}"] = symptom.fields.get(field, "") if symptom else ""
    words = ", ".join(f"{item.title} ×{item.count}" for item in symptoms)
    if not words:
        return Check("paste", CheckStatus.PASS, "No error was pasted.", "", None, facts, nothing_to_check=True)
    return Check("paste", CheckStatus.FAIL, f"{words}.", "", None, facts)


_GROUP = re.compile(r"\(\?P<([A-Za-z_][A-Za-z0-9_]*)>")


def field_names(playbook: SymptomPlaybook) -> frozenset[str]:
    """Names of all fields that the signatures of a symptom can capture."""
    patterns = [item.pattern or "" for item in playbook.signatures]
    patterns += [part.pattern for item in playbook.signatures for part in item.parts]
    return frozenset(name for pattern in patterns for name in _GROUP.findall(pattern))
