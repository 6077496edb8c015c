"""What each kind of cause says in other words: the table of the field, one row per kind. Data and a lookup. Pure.

Every wording follows from the cause as its playbook states it; `{c}` is the component, `{caller}` and `{called}` are
the ends of a route, `{variable}` is what the cause's sentence begins with. A kind without a row is known by its own
title and sentence only.
"""

from __future__ import annotations

from collections.abc import Mapping

NOT_SERVING = (
    "{c} is down",
    "{c} does not serve",
    "{c} is not available",
    "{c} is not up",
    "no pod of {c} is ready",
    "{c} has no ready pod",
    "{c} is not ready",
    "no container of {c} is ready",
    "{c} has no ready container",
)
"""What zero ready pods say of a component."""

KINDS: Mapping[str, str] = {
    "oom-killed": """
        {c} is killed for memory; {c} keeps crashing; {c} keeps restarting; {c} exceeds its memory limit;
        kubelet kills {c} for memory; kernel kills {c} for memory; {c} is killed by the kernel for memory;
        container of {c} is killed again and again for memory; kubernetes kills {c} for memory; {c} keeps being
        killed for memory
    """,
    "missing": """
        {c} does not exist; {c} is not installed; {c} is not deployed; no deployment of {c} exists; no pod of
        {c} exists; namespace has no {c}; no statefulset of {c} exists; {c} does not run
    """,
    "scaled-to-zero": """
        {c} is scaled to zero; {c} has no pod; no pod of {c} exists; {c} does not run; no pod of {c} runs; {c}
        is down; {c} does not serve; {c} is not available; deployment of {c} is scaled to zero; {c} has no
        running pod
    """,
    "quota-exceeded": """
        a quota blocks the pods of {c}; the quota of the namespace blocks the pods of {c}; quota is exceeded;
        pods of {c} exceed the quota; resource quota blocks the pods of {c}; pods of {c} exceed the quota of the
        namespace; resourcequota does not allow the pods of {c}; no pod of {c} can be created; {c} exceeds the
        quota of the namespace; pods of {c} are forbidden by the quota; pods of {c} are rejected by the quota;
        {c} can not start
    """,
    "pods-rejected": """
        pods of {c} are rejected; pods of {c} can not be created; no pod of {c} can be created
    """,
    "unschedulable": """
        pods of {c} can not be scheduled; {c} can not be scheduled; no node fits the pods of {c}; scheduler can
        not place {c}; no node can take the pods of {c}; pods of {c} are pending; {c} is pending; {c} fits on no
        node; scheduler finds no node for {c}; scheduler can not place the pods of {c}; no node is available for
        {c}; scheduler finds no node for the pods of {c}; no node is available for the pods of {c}
    """,
    "image-pull-failing": """
        image of {c} can not be pulled; {c} can not pull its image; image pull of {c} fails; {c} can not start;
        kubelet can not pull the image of {c}; kubernetes can not pull the image of {c}; pulling the image of
        {c} fails; container image of {c} can not be pulled; {c} is in imagepullbackoff; pods of {c} can not
        pull their container image
    """,
    "config-missing": """
        {c} can not start; a configmap or secret of {c} does not exist; container of {c} can not be created;
        configuration of {c} does not exist; {c} needs a configmap or secret
    """,
    "liveness-killing": """
        probe of {c} fails; {c} keeps restarting; {c} is killed by its probe; kubelet kills {c}; probe kills
        {c}; kubelet restarts {c}; kubernetes restarts {c}; kubernetes kills {c}; probe restarts {c}; health
        probe of {c} fails; probe keeps restarting {c}; probe keeps killing {c}; {c} fails its probe; kubelet
        keeps restarting {c}
    """,
    "crash-looping": """
        {c} keeps crashing; {c} keeps restarting; {c} ended; {c} is not stable; container of {c} keeps ending;
        process of {c} keeps crashing; {c} crashes at start; {c} is in crashloopbackoff; {c} can not stay up;
        {c} can not keep running
    """,
    "not-responding": """
        {c} does not answer; {c} accepts connections; {c} runs; {c} hangs; health check of {c} times out; {c}
        does not answer its health check; requests to {c} time out; health endpoint of {c} does not answer; {c}
        is up; {c} does not answer requests
    """,
    "not-listening": """
        nothing listens on the port of {c}; {c} does not listen on its port; {c} refuses connections; {c} runs;
        connections to {c} are refused; port of {c} refuses connections; no process listens on the port of {c};
        {c} is not listening; port of {c} is not open; {c} refuses connections on its port
    """,
    "overloaded": """
        {c} is overloaded; {c} can not keep up
    """,
    "not-ready": """
        {c} is not ready; readiness probe of {c} fails; readiness check of {c} fails; {c} runs; {c} fails its
        readiness probe; {c} fails its readiness check; readiness probe fails for {c}
    """,
    "node-lost": """
        node of {c} is not ready; node of {c} does not report; node of {c} is lost; node of {c} is down; node of
        {c} is unreachable; node of {c} stopped reporting; {c} runs on node; node no longer reports; {c} runs on
        a node that does not report; {c} runs on a node that is not ready; node of {c} no longer reports;
        kubelet of node does not report
    """,
    "rollout-stuck": """
        rollout of {c} is stuck; new revision of {c} does not come up; old revision of {c} still serves; new
        revision of {c} can not start; new pods of {c} are not ready; new revision of {c} is not ready; new
        version of {c} does not come up; old version of {c} still serves; old one still serves
    """,
    "dependency-down": """
        {c} is down; {c} is not available; {app} depends on {c}; {c} does not serve; {app} needs {c}; {c} is not
        up
    """,
    "service-missing": """
        Service of {called} does not exist; {called} has no Service; no Service leads to {called}
    """,
    "service-selector-mismatch": """
        Service of {called} selects no pods; selector of Service of {called} does not match; selector is wrong;
        selector of Service of {called} is wrong; Service of {called} does not select its pods; selector of
        Service of {called} matches no pods; Service of {called} has a wrong selector; selector of Service of
        {called} does not match the pods; Service does not select the pods of {called}; Service of {called}
        matches no pods; labels of the pods of {called} do not match the selector of the Service; selector does
        not match the labels of the pods of {called}; selector of Service does not match the labels of the pods
        of {called}; selector of Service of {called} does not match the labels of the pods
    """,
    "service-port-mismatch": """
        Service of {called} leads to a wrong port; target port of Service of {called} is wrong; target port of
        Service of {called} does not match; port of Service of {called} is wrong; target port of Service of
        {called} does not match the port of the container; Service of {called} leads to a port on which no
        container listens; ports do not match; port of Service of {called} does not match the container; no
        container has the target port of the Service of {called}
    """,
    "internal-url-missing": """
        {variable} is not set; {variable} does not exist; {caller} has no {variable}; {variable} of {caller} is
        not set; {caller} calls its own pod
    """,
    "internal-url-wrong": """
        {variable} is wrong; {variable} leads to the wrong place; {variable} of {caller} is wrong; {caller} has
        a wrong {variable}; {caller} uses a wrong {variable}; {variable} does not lead to {called}; {caller}
        goes to the wrong place; {caller} calls the wrong place; {variable} does not match the Service of
        {called}; {caller} calls a wrong address; {variable} has a wrong value; {caller} uses a wrong address;
        {variable} leads to a wrong address
    """,
    "internal-url-stale": """
        {caller} still uses an old {variable}; {variable} of {caller} is old; running container of {caller}
        still uses old {variable}; {caller} has not read the new {variable}; {caller} runs with an old
        {variable}; {caller} still has an old {variable}; {caller} still uses the old value of {variable};
        {caller} still runs with an old {variable}; {caller} started before {variable} changed
    """,
    "dns-failing": """
        {caller} can not resolve names; name of {called} is not resolved; dns fails for {caller}; name
        resolution fails; {caller} can not resolve the name of {called}; dns fails; {caller} can not resolve
        {called}; dns lookup of {caller} fails; dns in {caller} fails; name of the Service of {called} is not
        resolved; Service of {called} exists; dns does not work for {caller}; name resolution of {caller} fails;
        name resolution fails in {caller}; {caller} can not resolve the name of the Service of {called}
    """,
    "network-policy-blocks": """
        a networkpolicy blocks traffic from {caller} to {called}; traffic from {caller} to {called} is blocked
        by a networkpolicy; a networkpolicy does not allow {caller} to reach {called}; network policy blocks
        traffic from {caller} to {called}; networkpolicy blocks traffic to {called}; networkpolicy blocks
        connections from {caller} to {called}; connections from {caller} to {called} are blocked by a
        networkpolicy; {caller} is blocked from {called}; network policy blocks {caller} from {called};
        networkpolicy stands between {caller} and {called}; network policy blocks {caller} to {called};
        networkpolicy blocks {caller} from reaching {called}; network policy blocks connections from {caller} to
        {called}; network policy does not allow traffic from {caller} to {called}; networkpolicy does not allow
        traffic from {caller} to {called}
    """,
    "recovered": """
        {app} is healthy; it was down; {app} was down; {app} serves again; {app} has recovered; it is over; it
        has recovered; outage is over; {app} is healthy again; {app} works again
    """,
    "healthy": """
        {app} is healthy; nothing is wrong with {app}; nothing is wrong; all checks pass; every check passes; no
        check fails; no fault exists; all essential checks pass; every essential check passes
    """,
}
"""Wordings by kind of cause, with semicolons between them."""

CHECKS: Mapping[str, str] = {
    "image": "image-pull-failing", "config": "config-missing", "scheduling": "unschedulable", "node": "node-lost",
}  # fmt: skip
"""What a check that fails says, by the last part of its id: the same as the kind of cause."""


def _texts(row: str) -> list[str]:
    return [" ".join(text.split()) for text in row.split(";") if text.strip()]


def of_check(check_id: str, component: str) -> tuple[str, ...]:
    """What a check of a component that fails says in other words."""
    kind = CHECKS.get(check_id.rpartition(".")[2], "")
    return tuple(text.format(c=component) for text in _texts(KINDS.get(kind, "")) if component)


def wordings(cause_id: str, scope: str, names: Mapping[str, str]) -> tuple[str, ...]:
    """The rows of a cause with its names filled in; those that name something that it does not have are left out.

    A kind is known by the whole id, or by what follows the component's name (`scope`): `alembic-revision-missing` of
    the component `api` is no `missing`. `names`: `c` (a component's label), `called`, `caller`, `app`, `variable`.
    """
    kind = cause_id if cause_id in KINDS else cause_id.removeprefix(f"{scope}-") if scope else ""
    filled = {"c": "", "called": "", "caller": "", "app": "", "variable": "", **names}
    return tuple(
        text.format(**filled)
        for text in _texts(KINDS.get(kind, ""))
        if all(value or "{" + name + "}" not in text for name, value in filled.items())
    )
