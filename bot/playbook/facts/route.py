"""The facts about a route: the Service, the URL, the policies and the calls between two components."""

from __future__ import annotations

from bot.playbook.facts.spec import FactSpec, facts_of_check

ROUTE: dict[str, FactSpec] = {
    **facts_of_check(
        "service",
        label=("str", "The route in words, e.g. `web server → API server`."),
        service__exists=("bool", "Whether there is a Service for the called component."),
        service__name=("str", "Its name."),
    ),
    **facts_of_check(
        "selector",
        selector__matches=("bool", "Whether its selector picks the component's pods."),
        selector__text=("str", "Selector and labels, side by side."),
    ),
    **facts_of_check(
        "ports",
        ports__agree=("bool", "Whether its target port is a port of the container."),
        ports__text=("str", "How they compare."),
    ),
    **facts_of_check(
        "endpoints",
        endpoints__ready=("int", "Ready addresses behind the Service."),
        endpoints__family_lost=(
            "bool",
            "Whether its pods are ready, but it has no ready endpoint of the family (IPv4, IPv6) of its address.",
        ),
        endpoints__text=("str", "`0 ready of 1`."),
    ),
    **facts_of_check(
        "url",
        url__known=("bool", "Whether the URL could be worked out."),
        url__set=("bool", "Whether the variable is set for the calling container."),
        url__right=("bool", "Whether the URL leads to the Service of the called component and a port it serves."),
        url__value=("str", "The value."),
        url__source=("str", "Where the value comes from."),
        url__text=("str", "What is wrong with it, or that it is right."),
        url__mistake=(
            "str",
            "`none`, `not-set`, `no-url`, `loopback`, `no-service`, `other-service` or `port`.",
        ),
        url__variable=("str", "Name of the environment variable."),
        url__expected=("str", "The value that would be right."),
    ),
    **facts_of_check(
        "freshness",
        url__stale=(
            "bool",
            "Whether the calling container started before the value was changed, and still uses the old one.",
        ),
        url__changed_after_start=("bool", "Whether the value was changed after the calling container had started."),
        url__stale_text=("str", "Both times."),
    ),
    **facts_of_check(
        "policies",
        policies__blocked=("bool", "Whether NetworkPolicies forbid this route."),
        policies__text=("str", "Which ones, and how."),
        policies__reads_closed=("bool", "Whether NetworkPolicies read as if they did not allow it, enforced or not."),
        policies__closes_port=("bool", "Whether they close the port of the called pods."),
        policies__closes_dns=("bool", "Whether they keep the caller from DNS."),
        policies__rejects=("bool", "Whether the network is known to refuse what a policy forbids (k3s, k0s)."),
    ),
    **facts_of_check(
        "dns",
        dns__failing=("bool", "Whether the caller cannot resolve the name of a Service that exists."),
        dns__text=("str", "What the caller's log says."),
    ),
    **facts_of_check(
        "path",
        path__outcome=("str", "Health of the called component, asked through its Service: as `health.outcome`."),
        path__text=("str", "The answer in words."),
    ),
    **facts_of_check(
        "observed",
        observed__failing=("bool", "Whether the caller's own recent log says that its calls fail."),
        observed__errors=("bool", "Whether its calls are answered, but by a server's error (5xx)."),
        observed__succeeding=("bool", "Whether its last call along the route, minutes ago at most, succeeded."),
        observed__text=("str", "Its last such line."),
        observed__served_errors=(
            "bool",
            "Whether the called component's own log says that it fails most calls now (5xx).",
        ),
        observed__served_text=("str", "Its last such line."),
        observed__kept=("bool", "Whether calls go to an address of Services that nothing here has now."),
        observed__kept_text=("str", "That line, and the address."),
    ),
    **facts_of_check(
        "entrance",
        entrance__missing=(
            "bool",
            "Whether an Ingress leads to the caller, and not the called one's path to the called.",
        ),
        entrance__text=("str", "Which Ingress and host, and what to add."),
    ),
}
