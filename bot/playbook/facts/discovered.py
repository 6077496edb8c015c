"""The facts about what only a discovered app has: Services, calls, Ingresses and autoscalers."""

from __future__ import annotations

from collections.abc import Mapping

from bot.playbook.facts.spec import FactSpec, facts_of_check


def service_facts(route: Mapping[str, FactSpec]) -> dict[str, FactSpec]:
    """Facts of a Service: those of a route that are about its Service alone, and who calls it."""
    shared = {name: spec for name, spec in route.items() if spec.check in ("selector", "ports", "endpoints")}
    return shared | _SERVICE


_SERVICE: dict[str, FactSpec] = {
    **facts_of_check(
        "service",
        label=("str", "Its name."),
        service__exists=("bool", "Whether there is a Service of this name."),
        service__name=("str", "Its name."),
        service__external=(
            "bool",
            "Whether it stands for a host outside, or its endpoints are kept by hand.",
        ),
        service__external_name=("str", "That host; empty if it stands for none."),
        service__called=("bool", "Whether a component, an Ingress or a webhook names it."),
        service__callers=("str", "Who does, and where that stands."),
        service__asked=("bool", "Whether the question was about this Service."),
        service__entrance=("bool", "Whether it is made for callers outside the cluster: NodePort or LoadBalancer."),
        service__similar=("str", "An existing Service or workload whose name is alike; empty if there is none."),
        service__hint=("str", "The nearest name, and from where one is that no setting of today has; may be empty."),
        service__outdated=(
            "bool",
            "Whether only logs of programs name it that run with settings from before a change.",
        ),
        service__aside=("bool", "Whether only settings of telemetry name it, of programs that serve without it."),
        service__stale_variable=("bool", "Whether only weak evidence names it: a line in a file."),
    ),
    **facts_of_check(
        "demand",
        demand__suffers=(
            "bool",
            "Whether a caller's log says now that calls to it fail, or a caller cannot serve.",
        ),
        demand__logged=("bool", "Whether a caller's log says so."),
        demand__refused=("bool", "Whether such a call was refused while all pods behind it were ready and steady."),
        demand__unanswered=("bool", "Whether such calls get no answer in time, while those pods are ready and steady."),
        demand__text=("str", "That line, or who does not serve."),
        demand__works=("bool", "Whether something shows that calls get through."),
    ),
    **facts_of_check(
        "shut",
        shut__out=(
            "bool",
            "Whether a policy closes it to callers that were not asked about, whose calls get no answer.",
        ),
        shut__text=("str", "Which policy, and whom."),
    ),
    **facts_of_check(
        "targets",
        targets__found=("bool", "Whether a workload stands behind it, or is meant to."),
        targets__none=("bool", "Whether it has a selector that no pod and no workload of the namespace fits."),
        targets__selector=("str", "Its selector, as kubectl takes it."),
        targets__unserved=(
            "bool",
            "Whether it picks no pod, what it is for by its name or its labels is ready, and no other one leads there.",
        ),
        targets__part=(
            "bool",
            "Whether its selector fits what it is for but for which of its pods are meant (a version, a role).",
        ),
        targets__label=("str", "What that is."),
        targets__too_wide=("bool", "Whether it also picks pods of another workload that do not serve its port."),
        targets__text=("str", "Which ones."),
        targets__named_port_missing=("bool", "Whether its target port is a name that no container of the pods gives."),
    ),
}

EDGE: dict[str, FactSpec] = {
    **facts_of_check(
        "address",
        label=("str", "The call in words: `front → orders`."),
        address__right=(
            "bool",
            "Whether every address that the caller is given leads to a port of a Service.",
        ),
        address__reason=(
            "str",
            "`right`, `port`, `loopback`, `scheme`, `foreign_missing`, `foreign_port`, `compose_name` or `unknown`.",
        ),
        address__value=("str", "The address that is wrong."),
        address__source=("str", "Where it comes from."),
        address__text=("str", "What is wrong with it."),
        address__expected=("str", "What would be right."),
        address__weak=("bool", "Whether it stands in free text only, so that the program may not use it."),
        address__renumbered=("bool", "Whether it was set when the caller started, and the Service was made later."),
        address__since=("str", "Since when each is there; empty if it was not."),
    ),
    **facts_of_check(
        "calls",
        calls__failing=("bool", "Whether the caller's recent log says that calls there fail."),
        calls__kind=("str", "How: `refused`, `timed_out`, `name_unknown`…; empty if they do not."),
        calls__text=("str", "Its last such line."),
        calls__count=("int", "How many such lines its log has."),
        calls__complains=(
            "bool",
            "Whether one that calls itself, or an address that leads nowhere, logs that something fails, not what.",
        ),
        calls__unanswered=(
            "bool",
            "Whether such calls, or calls of the caller to a place that its log does not name, got no answer at all.",
        ),
        calls__hurts=("bool", "Whether the caller does not serve, or keeps ending."),
    ),
    **facts_of_check(
        "elsewhere",
        elsewhere__down=("bool", "Whether the Service is of another namespace, and has no ready address there."),
        elsewhere__text=("str", "How many it has."),
        elsewhere__name=("str", "Its namespace and name."),
        elsewhere__namespace=("str", "Its namespace."),
        elsewhere__service=("str", "Its name."),
    ),
}

INGRESS: dict[str, FactSpec] = facts_of_check(
    "ingress",
    label=("str", "Its name."),
    ingress__class_missing=("bool", "Whether the class that it names does not exist."),
    ingress__classless=("bool", "Whether it names no class, and none of those that there are is the default."),
    ingress__class_text=("str", "Which one, and which exist."),
    ingress__backend_missing=("bool", "Whether a Service or port that it names does not exist."),
    ingress__backend_text=("str", "Which one, and what exists."),
    ingress__shadowed=("bool", "Whether another Ingress claims the same host and path."),
    ingress__shadow_text=("str", "Which one."),
    ingress__ready=("bool", "Whether its controller has given it an address."),
)

AUTOSCALER: dict[str, FactSpec] = facts_of_check(
    "autoscaler",
    label=("str", "Its name."),
    autoscaler__target_missing=("bool", "Whether what it scales does not exist."),
    autoscaler__blind=("bool", "Whether it cannot measure: no metrics, or the target has no requests."),
    autoscaler__at_limit=("bool", "Whether it wants more replicas than its maximum."),
    autoscaler__rivals=("bool", "Whether another autoscaler scales the same target."),
    autoscaler__text=("str", "What its conditions say."),
    autoscaler__target=("str", "What it scales."),
    autoscaler__numbers=("str", "Replicas now, wanted, least and most."),
    autoscaler__hurts=("bool", "Whether what it scales does not serve as it should."),
    autoscaler__missed=("bool", "Whether it is at its maximum, and somebody or what it scales tells of trouble."),
)
