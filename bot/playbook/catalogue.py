"""Every fact a check can yield, with its type: what conditions and texts in playbooks may name.

`bot.engine.checks` yields exactly these (a test holds the two together); `bot.playbook.lint` refuses any other name.
A fact `pods.ready` of the scope `workload` is written `workload.pods.ready` in a generic playbook and `api.pods.ready`
in an app's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from bot.playbook.discovered_facts import AUTOSCALER, EDGE, INGRESS, service_facts
from bot.playbook.fact_spec import FactSpec, facts_of_check
from bot.playbook.workload_facts import WORKLOAD_DETAIL

ScopeKind = Literal["workload", "route", "dependency", "app", "symptom", "service", "edge", "ingress", "autoscaler"]


_WORKLOAD: dict[str, FactSpec] = {
    **facts_of_check(
        "workload",
        label=("str", "What people call the component, e.g. `API server`."),
        target=("str", "How kubectl names the workload, e.g. `deployment/api-server`."),
        found=("bool", "Whether a workload of this component exists in the namespace."),
        desired=("int", "Replicas asked for."),
        held_by=("str", "Who decides about its replicas beside itself (an autoscaler, an operator); empty if nobody."),
        held_text=("str", "The same as a sentence."),
        called__answered=("bool", "Whether a Service of it answers its health question, whoever stands behind it."),
        needed=(
            "bool",
            "Whether it is part of a described app, was asked about, or is called and has no pod to answer.",
        ),
        by_nodes=("bool", "Whether it has no pod because no node is for it, as a DaemonSet may."),
        replaced=("bool", "Whether all that leads to it leads to ready pods of another workload."),
        image=("str", "Image of the main container."),
        image__tag=("str", "Tag of that image."),
    ),
    **facts_of_check(
        "pods",
        pods__total=("int", "Pods of the revision that serves, without those being deleted."),
        pods__ready=("int", "How many of them may receive traffic."),
        pods__serving=("bool", "Whether at least one may receive traffic."),
        pods__starting=(
            "bool",
            "Whether all of them began so shortly before that they cannot be expected to serve yet.",
        ),
        called__heard=("bool", "Whether a log of its callers could be read, where they have one."),
        called__succeeding=("bool", "Whether the log of a caller shows that its calls to it succeed now."),
        pods__text=("str", "`0 of 2 pods ready`."),
    ),
    **facts_of_check(
        "restarts",
        restarts__count=("int", "Highest restart count of a container."),
        restarts__unstable=("bool", "Whether containers keep ending: crash loop, or ended again shortly before."),
        restarts__crashing=(
            "bool",
            "Unstable, and the process itself ended: neither out of memory nor killed by a probe.",
        ),
        restarts__reason=("str", "Why the container ended last, e.g. `exit code 1`."),
        restarts__who=("str", "Which container that is: `API server`, or `sidecar istio-proxy of the API server`."),
        restarts__main=("bool", "Whether that container is the one that does the work."),
        restarts__injected=("bool", "Whether that container is not in the pod template, so that no patch reaches it."),
        restarts__unattributed=("bool", "SIGKILL ended it, not for memory, and no event tells who sent it."),
        oom__limit=("str", "Memory limit of the container that was killed for memory."),
        oom__killed=("bool", "Unstable, and the kernel ended it for memory."),
        oom__count=("int", "Restarts of the container whose last end was out of memory."),
    ),
    **facts_of_check(
        "scheduling",
        scheduling__failing=("bool", "Whether a pod cannot be placed on a node."),
        scheduling__message=("str", "The scheduler's reason."),
    ),
    **facts_of_check(
        "image",
        image__pull_failing=("bool", "Whether an image cannot be pulled."),
        image__message=("str", "The kubelet's reason."),
    ),
    **facts_of_check(
        "config",
        config__missing=("bool", "Whether a ConfigMap, Secret or key that a pod needs is not there."),
        config__message=("str", "Which one, in the kubelet's words."),
    ),
    **facts_of_check(
        "creation",
        creation__failing=("bool", "Whether pods cannot be created at all."),
        creation__quota_exceeded=("bool", "Whether that is because of a ResourceQuota."),
        creation__message=("str", "The API server's reason."),
    ),
    **facts_of_check(
        "probes",
        readiness__configured=("bool", "Whether the main container has a readiness probe."),
        readiness__failing=("bool", "Whether the readiness probe fails now."),
        readiness__failure=("str", "`none`, `refused`, `timed_out`, `http_error` or `other`."),
        readiness__on_service_port=("bool", "Whether the readiness probe asks the port that the Service leads to."),
        readiness__message=("str", "The kubelet's words."),
        liveness__killing=("bool", "Whether a liveness or startup probe keeps ending the container."),
        liveness__failure=("str", "`none`, `refused`, `timed_out`, `http_error`, `no_command` or `other`."),
        liveness__on_service_port=("bool", "Whether the liveness probe asks the port that the Service leads to."),
        liveness__message=("str", "The kubelet's words."),
    ),
    **facts_of_check(
        "resources",
        memory__limit=("str", "Memory limit of the main container, `none` if unlimited."),
        memory__request=("str", "Memory request of the main container."),
        cpu__limit=("str", "CPU limit of the main container."),
    ),
    **facts_of_check(
        "rollout",
        rollout__stuck=("bool", "Whether a new revision does not become ready while the old one serves."),
        rollout__reason=("str", "What the pods of the new revision say."),
        rollout__changed=(
            "set",
            "What the newest revision changed: image, command, environment, resources, probes, other.",
        ),
    ),
    **facts_of_check(
        "node",
        node__lost=("bool", "Whether a pod sits on a node that does not report."),
        node__names=("str", "Those nodes."),
        node__shared=("bool", "Whether a component that is called sits on the same lost node: then that one is named."),
    ),
    **facts_of_check(
        "logs",
        log__started=("bool", "Whether the log says that the process listens."),
        log__overloaded=("bool", "Whether the log says that it has more work than it can do."),
        log__reason=("str", "The line of the (previous) log that says why it ended."),
        log__own_reason=("bool", "Whether that line is known, and the log tells of no failed call to anything."),
    ),
    **facts_of_check(
        "health",
        health__outcome=(
            "str",
            "`ok`, `http_error`, `refused`, `timed_out`, `unreachable`, `not_running`, `not_configured`.",
        ),
        health__text=("str", "The answer in words."),
    ),
    **facts_of_check(
        "history",
        outage__ended=("bool", "Whether it was down before and serves now."),
        outage__recent=("bool", "Whether that outage ended within the last hour."),
        outage__text=("str", "From when to when, and why."),
    ),
}

_DEPENDENCY: dict[str, FactSpec] = facts_of_check(
    "reachable",
    dependency__down=("bool", "Whether the dependency's own pods or endpoints show that it is down."),
    dependency__reason=("str", "Why it is down, or what is known."),
    dependency__logged=("bool", "Whether the log of a component that needs it says that it cannot be reached."),
    dependency__reached=("bool", "Whether the last failed call of those who need it was answered: a refused login."),
    dependency__used=("bool", "Whether the settings of those who need it name its Service."),
    dependency__log_line=("str", "That line."),
    dependency__log_text=("str", "That line as a sentence; empty if there is none."),
    dependency__external=(
        "bool",
        "Whether the components that need it are configured to use a host outside the namespace.",
    ),
    dependency__resolves=("bool", "Whether a Service with an address stands for it: its name resolves."),
    dependency__hurts=("bool", "Whether a component that needs it does not serve, or keeps ending."),
    dependency__passing=("bool", "Whether it is not ready since a moment only, while its containers run."),
)

_ROUTE: dict[str, FactSpec] = {
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

_APP: dict[str, FactSpec] = {
    **facts_of_check(
        "summary",
        healthy=("bool", "Whether every essential check passes."),
        text=("str", "In words."),
        outage__ended=("bool", "Whether a component was down and serves again."),
        outage__recent=("bool", "Whether that outage ended within the last hour."),
        outage__text=("str", "From when to when, and why."),
    ),
    **facts_of_check(
        "versions",
        versions__known=(
            "bool",
            "Whether the image tags of caller and called component of the primary route are known.",
        ),
        versions__differ=("bool", "Whether those tags differ."),
        versions__older_api=("bool", "Whether the called component is older than the caller."),
        versions__text=("str", "Both tags."),
    ),
    **facts_of_check(
        "sessions",
        sessions__unstable=("bool", "Whether the component that keeps sessions restarted recently, or is down."),
        sessions__text=("str", "In words."),
    ),
}

_APP |= facts_of_check(
    "namespace",
    namespace__terminating=("bool", "Whether the namespace itself is being deleted."),
    namespace__stuck=("bool", "Whether an object beside the workloads is to be deleted, and a finalizer keeps it."),
    namespace__stuck_text=("str", "Which object, since when, which finalizer."),
    namespace__text=("str", "Since when, and what keeps it."),
)

_SYMPTOM: dict[str, FactSpec] = {
    "present": FactSpec("bool", "paste", "Whether the symptom was found in the paste."),
    "count": FactSpec("int", "paste", "How often."),
    "in_log": FactSpec(
        "bool", "own-logs", "Whether a log of the app says it: of a crashed run, or of the last minutes."
    ),
    "in_log_now": FactSpec("bool", "own-logs", "The same of a run that crashed or does not serve, or just now."),
    "log_text": FactSpec("str", "own-logs", "From which pod and run, and the line."),
    "log_of": FactSpec("str", "own-logs", "The components whose logs say so of what goes on now; empty if none does."),
}

FACTS: Mapping[ScopeKind, Mapping[str, FactSpec]] = {
    "workload": {**_WORKLOAD, **WORKLOAD_DETAIL},
    "dependency": {**_WORKLOAD, **WORKLOAD_DETAIL, **_DEPENDENCY},
    "route": _ROUTE,
    "app": _APP,
    "symptom": _SYMPTOM,
    "service": service_facts(_ROUTE),
    "edge": EDGE | {name: spec for name, spec in _ROUTE.items() if spec.check == "policies"},
    "ingress": INGRESS,
    "autoscaler": AUTOSCALER,
}
"""Facts by scope. Besides, `symptoms.<id>.field.<name>` is the text of a field of a symptom."""


def _check_names(specs: Mapping[str, FactSpec]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(spec.check for spec in specs.values()))


CHECKS: Mapping[ScopeKind, tuple[str, ...]] = {scope: _check_names(specs) for scope, specs in FACTS.items()}
"""Check id suffixes by scope: `pods` of the component `api` is the check `api.pods`; `paste` stands alone."""
