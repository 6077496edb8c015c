"""The facts about a workload: that it is there, its pods and how they end, start and answer."""

from __future__ import annotations

from bot.playbook.facts.spec import FactSpec, facts_of_check

WORKLOAD: dict[str, FactSpec] = {
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
        restarts__where=("str", "Which pods those are, where others of it stay up: ` (pod broker-2)`; else empty."),
        restarts__main=("bool", "Whether that container is the one that does the work."),
        restarts__container=("str", "The name of that container, for the command that reads its log."),
        restarts__injected=("bool", "Whether that container is not in the pod template, so that no patch reaches it."),
        restarts__unattributed=("bool", "SIGKILL ended it, not for memory, and no event tells who sent it."),
        oom__limit=("str", "Memory limit of the container that was killed for memory."),
        oom__autoscaler=("str", "The VerticalPodAutoscaler that set this limit in the pod; empty if none is known to."),
        oom__set_text=("str", "The same as a sentence."),
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
        readiness__beside=("bool", "Whether that is a container beside the main one, which is ready itself."),
        readiness__failure=("str", "`none`, `refused`, `timed_out`, `http_error` or `other`."),
        readiness__on_service_port=("bool", "Whether the readiness probe asks the port that the Service leads to."),
        readiness__message=("str", "The kubelet's words."),
        liveness__killing=("bool", "Whether a liveness or startup probe keeps ending the container."),
        liveness__beside=("bool", "Whether that is a container beside the main one."),
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
        log__why=("str", "What that line means, as the end of a title (`: its disk is full`); may be empty."),
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
