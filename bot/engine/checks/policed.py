"""Check on NetworkPolicies: do they forbid a route, and may the network do otherwise than they say?"""

from __future__ import annotations

from collections.abc import Iterable

from bot.domain.facts import Check, FactValue, Gap, GapReason
from bot.domain.kubernetes import NetworkPolicy
from bot.engine.binding import Binding, BoundRoute
from bot.engine.checks.answer import CheckBuilder
from bot.engine.checks.network.plugins import engine_of, mesh_of
from bot.engine.checks.network.policies import closed_directions
from bot.engine.checks.observed.answered import answered_calls, caller_logs
from bot.engine.checks.observed.check import fails_or_errs
from bot.playbook.catalogue import ScopeKind


def check_policies(binding: Binding, route: BoundRoute, kind: ScopeKind) -> Check:
    """Does a NetworkPolicy forbid this route: ingress on the called pods, egress (and DNS) on the caller's?"""
    question = CheckBuilder(kind, route.name, "policies", binding.kubectl("get networkpolicies -o yaml"))
    gap = binding.gap("networkpolicies")
    if gap is not None:
        return question.open(gap)
    policies = binding.view.networkpolicies
    if not policies:
        facts: dict[str, FactValue | Gap] = {
            "policies.blocked": False,
            "policies.reads_closed": False,
            "policies.text": "there is no NetworkPolicy",
            "policies.closes_port": False,
            "policies.closes_dns": False,
            "policies.rejects": _rejects(binding),
        }
        doubt = _unread_engine(binding, route, blocked=False)
        if doubt is not None:
            return question.open(doubt, facts | {"policies.blocked": doubt})
        return question.answered(True, "There is no NetworkPolicy in the namespace.", facts)
    if not route.caller.template_labels or not route.called.template_labels:
        missing = route.caller if not route.caller.template_labels else route.called
        return question.open(missing.gap or Gap(GapReason.ABSENT, f"labels of {missing.named}", "it has no workload"))
    blocked = _blocked(binding, route)
    if isinstance(blocked, Gap):
        return question.open(blocked)
    text = "; ".join(blocked) or f"the {len(policies)} NetworkPolicies of the namespace allow it"
    closed = closed_directions(binding, route)
    facts = {
        "policies.blocked": bool(blocked),
        "policies.reads_closed": bool(blocked),
        "policies.text": text,
        "policies.closes_port": closed is not None and bool(closed.ingress or closed.egress),
        "policies.closes_dns": closed is not None and closed.dns,
        "policies.rejects": _rejects(binding),
    }
    doubt = _unread_engine(binding, route, blocked=bool(blocked))
    if doubt is not None:
        return question.open(doubt, facts | {"policies.blocked": doubt})
    return question.answered(not blocked, f"{text[0].upper()}{text[1:]}.", facts)


def _unread_engine(binding: Binding, route: BoundRoute, *, blocked: bool) -> Gap | None:
    """Why what the NetworkPolicies say may not be what the network does: policies of other engines cannot be read."""
    fails = fails_or_errs(binding, route)
    engine, mesh = engine_of(binding.view), mesh_of((*route.caller.pods, *route.called.pods))
    what = f"whether the network lets {route.spec.label} through"
    if blocked and not fails and _is_answered(binding, route):
        return Gap(GapReason.NOT_READ, what, "a policy closes this way, and calls on it are answered all the same")
    if engine is None:
        detail = f"calls fail, and the policies of {mesh} are not read"
        return Gap(GapReason.NOT_READ, what, detail) if mesh and fails and not blocked else None
    if not engine.enforces and blocked:
        return Gap(GapReason.NOT_READ, what, f"{engine.name} alone does not enforce NetworkPolicies")
    if engine.enforces and blocked != fails:
        return Gap(GapReason.NOT_READ, what, f"policies of {engine.name} itself are not read, and may say otherwise")
    return None


def _is_answered(binding: Binding, route: BoundRoute) -> bool:
    """Whether the caller's log tells by its address of a call there that was answered lately."""
    return any(
        call.time is not None and not call.failed and "://" in call.line and binding.within(call.time, 300, log.pod)
        for log in caller_logs(binding, route)
        for call in answered_calls(log, route)
    )


def _rejects(binding: Binding) -> bool | Gap:
    """Whether the network refuses what a policy forbids, instead of dropping it; unknown for most networks.

    kube-router does, which k3s and k0s bring along: their nodes say so in their version.
    """
    versions = [node.status.node_info.kubelet_version for node in binding.view.nodes]
    if any("+k3s" in version or "+k0s" in version for version in versions):
        return True
    return Gap(GapReason.NOT_READ, "whether the network rejects or drops what a NetworkPolicy forbids")


def _blocked(binding: Binding, route: BoundRoute) -> list[str] | Gap:
    """A sentence for each direction that is closed; a gap if that cannot be said."""
    closed = closed_directions(binding, route)
    sentences: list[str] = []
    if closed is not None and closed.ingress:
        whom = f"ingress of {route.called.named}"
        sentences.append(f"{_named(closed.by_ingress)} ({whom}) does not allow port {closed.port}")
    if closed is not None and (closed.egress or closed.dns):
        whom = f"egress of {route.caller.named}"
        what = f"port {closed.port}" if closed.egress else "DNS (port 53)"
        sentences.append(f"{_named(closed.by_egress)} ({whom}) does not allow {what}")
    if closed is None or (not sentences and None in (closed.ingress, closed.egress)):
        return binding.gap("namespaces") or Gap(GapReason.NOT_READ, "labels of the namespace for NetworkPolicies")
    return sentences


def _named(policies: Iterable[NetworkPolicy]) -> str:
    return f"NetworkPolicy {', '.join(item.metadata.name for item in policies)}"
