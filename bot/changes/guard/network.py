"""What may change of ConfigMaps and Services, and what may be created, in CEL. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from bot.changes.guard.cel import (
    BOOKKEEPING,
    OWN_ANNOTATIONS,
    Rule,
    both,
    created_here_rule,
    each,
    either,
    literal,
    metadata_rule,
    names,
    on,
    only,
    optional,
    same_but,
)
from bot.engine.remedies.fields import Field
from bot.engine.remedies.policies import DNS_PEERS

_NOW, _OLD = "variables.now.spec", "variables.old.spec"
_MADE = ("name", "namespace", "annotations", "uid", "creationTimestamp", "selfLink", *BOOKKEEPING)
"""All that the metadata of a created object may say; most of it is the API server's."""
_DEFAULTS = ("clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy")
"""Fields of a Service that the API server fills in before policies see it."""
_FIXED = {"type": "ClusterIP", "sessionAffinity": "None", "internalTrafficPolicy": "Cluster"}
_DNS_PORTS = "[53, 5353]"


def config_map_rules(fields: frozenset[Field]) -> Iterator[Rule]:
    """What must hold of a write to a ConfigMap."""
    yield Rule("request.operation == 'UPDATE'", "ConfigMaps are neither created nor deleted")
    yield metadata_rule()
    now, old = optional("variables.now", "data"), optional("variables.old", "data")
    if Field.CONFIG_KEY not in fields:
        yield Rule(on("UPDATE", same_but(now, old, ())), "no key may change")
        return
    addresses = each(now, "v", f"(!(v in variables.names) || (v in {old} && {now}[v] == {old}[v]) ||"
                     f" {now}[v].matches(variables.address))")  # fmt: skip
    holds = both(f"[{now}].all(x, [{old}].all(y, {_but_names()}))", addresses)
    yield Rule(on("UPDATE", holds), "only the addresses under the keys that the playbooks name may change")


def _but_names() -> str:
    free = "k in variables.names"
    return f"x.all(k, {free} || (k in y && x[k] == y[k])) && y.all(k, {free} || k in x)"


def service_rules(fields: frozenset[Field]) -> Iterator[Rule]:
    """What must hold of a write to a Service."""
    yield metadata_rule()
    free = [name for name, field in (("selector", Field.SELECTOR), ("ports", Field.TARGET_PORT)) if field in fields]
    parts = [same_but(_NOW, _OLD, free)]
    if Field.SELECTOR in fields:
        chosen, before = optional(_NOW, "selector"), optional(_OLD, "selector")
        parts.append(f"({chosen}.size() > 0 || {before}.size() == 0)")
    if Field.TARGET_PORT in fields:
        now, old = optional(_NOW, "ports", "[]"), optional(_OLD, "ports", "[]")
        same = same_but("c", "o", ("targetPort",))
        parts.append(f"{now}.map(c, c.port) == {old}.map(c, c.port)")
        parts.append(each(now, "c", f"{old}.exists(o, {same})"))
    yield Rule(on("UPDATE", both(*parts)), "of a Service, only the selector and the target ports may change")
    if Field.NEW_SERVICE in fields:
        yield Rule(on("CREATE", _new_service()), "a Service may be created only as the remedy creates it")
    else:
        yield Rule("request.operation != 'CREATE'", "Services are not created")
    yield created_here_rule()


def _new_service() -> str:
    fixed = [f"(!has({_NOW}.{name}) || {_NOW}.{name} == '{value}')" for name, value in _FIXED.items()]
    ports = both(only("c", ("name", "port", "targetPort", "protocol")), "c.protocol == 'TCP'")
    return both(
        _new_metadata(),
        only(_NOW, ("selector", "ports", *_FIXED, *_DEFAULTS)),
        *fixed,
        f"(!has({_NOW}.clusterIP) || {_NOW}.clusterIP != 'None')",
        f"{optional(_NOW, 'selector')}.size() > 0",
        f"{_NOW}.ports.size() == 1",
        each(f"{_NOW}.ports", "c", ports),
    )


def _new_metadata() -> str:
    now = "variables.now.metadata"
    return both(only(now, _MADE), only(optional(now, "annotations"), OWN_ANNOTATIONS))


def policy_rules(fields: frozenset[Field], admin: str) -> Iterator[Rule]:
    """What must hold of a write to a NetworkPolicy."""
    yield Rule("request.operation != 'UPDATE'", "NetworkPolicies are not changed")
    yield Rule(admin, "only the role admin opens a way through the network")
    if Field.NEW_POLICY not in fields:
        yield Rule("request.operation != 'CREATE'", "NetworkPolicies are not created")
    else:
        yield Rule(on("CREATE", _new_policy()), "a NetworkPolicy may be created only as the remedy creates it")
    yield created_here_rule()


def _new_policy() -> str:
    incoming, outgoing = optional(_NOW, "ingress", "[]"), optional(_NOW, "egress", "[]")
    ingress = both(
        f"{_NOW}.policyTypes == ['Ingress']", f"{incoming}.size() == 1", f"{outgoing}.size() == 0",
        each(incoming, "r", _peers("from")),
    )  # fmt: skip
    dns = both(
        only("r", ("to", "ports")),
        f"has(r.to) && r.to == {literal([*DNS_PEERS])}",
        "has(r.ports)",
        "r.ports.size() > 0",
        _ports(f" && p.port in {_DNS_PORTS}"),
    )
    egress = both(
        f"{_NOW}.policyTypes == ['Egress']", f"{outgoing}.size() > 0", f"{incoming}.size() == 0",
        each(outgoing, "r", either(_peers("to"), dns)),
    )  # fmt: skip
    return both(
        _new_metadata(),
        only(_NOW, ("podSelector", "policyTypes", "ingress", "egress")),
        _selector(f"{_NOW}.podSelector"),
        either(ingress, egress),
    )


def _selector(what: str) -> str:
    return both(only(what, ("matchLabels",)), f"{optional(what, 'matchLabels')}.size() > 0")


def _peers(field: str) -> str:
    """One rule that names some pods of the namespace and a port: no address, no other namespace, not everybody."""
    peer = both(only("q", ("podSelector",)), "has(q.podSelector)", _selector("q.podSelector"))
    return both(
        only("r", (field, "ports")), f"has(r.{field})", f"r.{field}.size() == 1", each(f"r.{field}", "q", peer),
        "has(r.ports)", "r.ports.size() == 1", _ports(""),
    )  # fmt: skip


def _ports(more: str) -> str:
    return each("r.ports", "p", f"(p.all(k, k in {names(('protocol', 'port'))}) && has(p.port){more})")
