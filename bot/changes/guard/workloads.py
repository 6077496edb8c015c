"""What may change of Deployments and StatefulSets, in CEL. Pure.

Everything that is not named here must be as it was: image, command, account, volumes, security, strategy, labels.
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.changes.guard.cel import (
    BOOKKEEPING,
    OWN_ANNOTATIONS,
    Rule,
    both,
    each,
    either,
    let,
    metadata_rule,
    on,
    optional,
    same_but,
)
from bot.engine.remedies.fields import Field

RESTARTED_AT = "kubectl.kubernetes.io/restartedAt"
PROBES = ("readinessProbe", "livenessProbe", "startupProbe")
_NOW, _OLD = "variables.now.spec", "variables.old.spec"
_REPOSITORY = "'^[^@:]*(:[0-9]+/[^@:]*)?'"
"""An image without tag and digest; a port of the registry belongs to it."""
_OF_A_REVISION = "(a == 'kubernetes.io/change-cause' || a.startsWith('checksum/') || !a.contains('/'))"
"""Annotations that say nothing to Kubernetes, to a mesh or to a security module."""


def variables(fields: frozenset[Field], admin: str) -> dict[str, str]:
    """Names that the rules use."""
    found = {"now": "dyn(object)", "old": "dyn(oldObject)"}
    if Field.EARLIER_TEMPLATE in fields:
        found["rollBack"] = both(
            admin, "request.operation == 'UPDATE'", "variables.now.kind == 'Deployment'", _marked()
        )
    return found


def _marked() -> str:
    now, old = "variables.now.metadata", "variables.old.metadata"
    mark = "'triage/change'"
    before = f"(has({old}.annotations) && {mark} in {old}.annotations ? {old}.annotations[{mark}] : '')"
    return both(f"has({now}.annotations)", f"{mark} in {now}.annotations", f"{now}.annotations[{mark}] != {before}")


def rules(fields: frozenset[Field]) -> Iterator[Rule]:
    """What must hold of a write to a workload."""
    yield Rule("request.operation == 'UPDATE'", "workloads are neither created nor deleted")
    yield _metadata(fields)
    free = ("template", *(("replicas",) if Field.REPLICAS in fields else ()))
    yield Rule(on("UPDATE", same_but(_NOW, _OLD, free)), "of the spec, only replicas and the pod template may change")
    yield _template(fields)
    for group in ("containers", "initContainers"):
        yield Rule(on("UPDATE", _containers(fields, group)), _MESSAGES[group])


_MESSAGES = {
    "containers": "of a container, only cpu and memory, path, port and times of a probe, and the addresses in the"
    " variables of the playbooks may change; on roll back by an admin also tag and variables",
    "initContainers": "of an init container, only cpu and memory may change; on roll back by an admin also tag and"
    " variables",
}


def _metadata(fields: frozenset[Field]) -> Rule:
    plain = metadata_rule()
    if Field.EARLIER_TEMPLATE not in fields:
        return plain
    now, old = "variables.now.metadata", "variables.old.metadata"
    rolled = both(
        "variables.rollBack",
        same_but("variables.now", "variables.old", ("metadata", "spec", "status")),
        same_but(now, old, ("annotations", *BOOKKEEPING)),
        _annotations(now, old, OWN_ANNOTATIONS),
    )
    return Rule(f"{plain.expression} || {rolled}", plain.message)


def _annotations(now: str, old: str, own: tuple[str, ...]) -> str:
    """Only annotations that a revision carries of its own differ."""
    free = " || ".join([*(f"a == '{name}'" for name in own), _OF_A_REVISION])
    holds = f"x.all(a, {free} || (a in y && x[a] == y[a])) && y.all(a, {free} || a in x)"
    return let("x", optional(now, "annotations"), let("y", optional(old, "annotations"), holds))


def _template(fields: frozenset[Field]) -> Rule:
    now, old = f"{_NOW}.template", f"{_OLD}.template"
    own = (RESTARTED_AT,) if Field.RESTARTED_AT in fields else ()
    plain = same_but(optional(f"{now}.metadata", "annotations"), optional(f"{old}.metadata", "annotations"), own)
    rolled = both("variables.rollBack", _annotations(f"{now}.metadata", f"{old}.metadata", own))
    holds = both(
        same_but(now, old, ("metadata", "spec")),
        same_but(f"{now}.metadata", f"{old}.metadata", ("annotations",)),
        either(plain, rolled) if Field.EARLIER_TEMPLATE in fields else plain,
        same_but(f"{now}.spec", f"{old}.spec", ("containers", "initContainers")),
    )
    return Rule(
        on("UPDATE", holds),
        "of the pod template, only the containers and the annotation of a restart may change: no account, no volume, no"
        " security context",
    )


def _containers(fields: frozenset[Field], group: str) -> str:
    now = optional(f"{_NOW}.template.spec", group, "[]")
    old = optional(f"{_OLD}.template.spec", group, "[]")
    rule = _container(fields, init=group == "initContainers")
    if Field.EARLIER_TEMPLATE in fields:
        rule = either(rule, both("variables.rollBack", _earlier()))
    same_names = f"{now}.map(c, c.name) == {old}.map(c, c.name)"
    return both(same_names, each(now, "c", f"{old}.exists(o, o.name == c.name && {rule})"))


def _container(fields: frozenset[Field], *, init: bool) -> str:
    free: list[str] = []
    parts: list[str] = []
    if resources := _resources(fields):
        free.append("resources")
        parts.append(resources)
    if not init and (probes := _probes(fields)):
        free += PROBES
        parts += probes
    if not init and Field.VARIABLE in fields:
        free.append("env")
        parts.append(_variables())
    return both(same_but("c", "o", free), *parts)


def _resources(fields: frozenset[Field]) -> str:
    free = [name for name, field in (("cpu", Field.CPU), ("memory", Field.MEMORY)) if field in fields]
    if not free:
        return ""
    inner = [same_but(optional("r", part), optional("s", part), free) for part in ("limits", "requests")]
    return _pair("resources", both(same_but("r", "s", ("limits", "requests")), *inner))


def _pair(field: str, holds: str) -> str:
    """Something holds of a field of the container now (`r`) and before (`s`)."""
    return let("r", optional("c", field), let("s", optional("o", field), holds))


def _probes(fields: frozenset[Field]) -> list[str]:
    times = ("timeoutSeconds", "initialDelaySeconds") if Field.PROBE_TIMES in fields else ()
    asks = {"httpGet": ("path", "port"), "tcpSocket": ("port",)} if Field.PROBE_QUESTION in fields else {}
    if not times and not asks:
        return []
    kinds = [f"has(r.{action}) == has(s.{action})" for action in asks]
    asked = [same_but(optional("r", action), optional("s", action), free) for action, free in asks.items()]
    holds = both(same_but("r", "s", (*asks, *times)), *kinds, *asked)
    return [both(f"has(c.{probe}) == has(o.{probe})", _pair(probe, holds)) for probe in PROBES]


def _variables() -> str:
    """Variables of the playbooks may be set, changed and taken away as plain addresses; others stay, in their order."""
    now, old = optional("c", "env", "[]"), optional("o", "env", "[]")
    address = both("!has(e.valueFrom)", optional("e", "value", "''") + ".matches(variables.address)")
    return both(
        f"{now}.filter(e, !(e.name in variables.names)) == {old}.filter(e, !(e.name in variables.names))",
        each(now, "e", f"(!(e.name in variables.names) || e in {old} || {address})"),
        each(old, "e", f"(!(e.name in variables.names) || !has(e.valueFrom) || e in {now})"),
    )


def _earlier() -> str:
    """What may differ in the container of an earlier revision: its tag, not its repository; variables; probes that run
    nothing and ask nobody else.
    """
    probe = both(
        same_but(optional("r", "exec"), optional("s", "exec"), ()),
        same_but(optional("r", "httpGet"), optional("s", "httpGet"), ("path", "port", "scheme")),
        same_but(optional("r", "tcpSocket"), optional("s", "tcpSocket"), ("port",)),
    )
    return both(
        same_but("c", "o", ("image", "env", "envFrom", "resources", *PROBES)),
        f"c.image.find({_REPOSITORY}) == o.image.find({_REPOSITORY})",
        _pair("resources", same_but("r", "s", ("limits", "requests"))),
        *(_pair(name, probe) for name in PROBES),
    )
