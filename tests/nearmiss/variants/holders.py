"""Controllers and what becomes of their pods: who runs them, where, and which container it was."""

from tests.nearmiss.variants import Variant
from tests.nearmiss.variants.making import (
    down,
    gone_node,
    init_failed,
    knative,
    leaving,
    lost_node,
    partition,
    waiting,
    web_sidecar,
)
from tests.nearmiss.variants.pods import OUTAGE, PROBE_503, one_of

HOLDERS = (
    Variant("a Revision of Knative that is idle", "open", knative),
    Variant("a StatefulSet that is updated in parts", "ok", partition),
    Variant(
        "a ReplicationController without labels", "ok", lambda w: w.owned_by("api-server", "ReplicationController")
    ),
    Variant(
        "a bare ReplicaSet",
        "ok",
        lambda w: w.view.update(
            deployments=[x for x in w.view["deployments"] if x["metadata"]["name"] != "api-server"]
        ),
    ),
    Variant(
        "an advanced StatefulSet of OpenKruise with one of three that is killed for memory",
        "part",
        lambda w: (
            w.replicas("api-server", 3)
            .owned_by("api-server", "StatefulSet")
            .crashing(w.pods("api-server")[-1], code=137, reason="OOMKilled")
        ),
        ("api-oom-killed",),
        ("1 of",),
        OUTAGE,
    ),
    Variant("a web server that Argo rolls out", "ok", lambda w: w.owned_by("web-server", "Rollout", keep_sets=True)),
    Variant(
        "a DaemonSet whose pods crash",
        "fault",
        lambda w: down(w.owned_by("api-server", "DaemonSet").crashing(w.pod("api-server"))),
        ("api-crash-looping",),
    ),
    Variant(
        "a Rollout whose pods are not ready",
        "fault",
        lambda w: down(
            w.owned_by("api-server", "Rollout", keep_sets=True)
            .not_ready(w.pod("api-server"))
            .answers("http_error", 503)
            .event(w.pod("api-server"), "Pod", "Unhealthy", PROBE_503, 4)
        ),
        ("api-not-ready",),
    ),
    Variant(
        "a pod on a node that is gone, alone", "fault", lambda w: down(gone_node(w, others=False)), ("api-node-lost",)
    ),
    Variant(
        "a pod on a node that is gone, while another serves",
        "part",
        lambda w: gone_node(w, others=True),
        ("api-node-lost",),
        (),
        OUTAGE,
    ),
    Variant("the node of the API does not report", "fault", lost_node, ("api-node-lost", "node-lost")),
    Variant("one of three is being deleted", "ok", lambda w: leaving(w, since=40, others=True)),
    Variant("one of three has been leaving for an hour", "ok", lambda w: leaving(w, since=3600, others=True)),
    Variant(
        "one of two has an image that cannot be pulled",
        "part",
        lambda w: waiting(w, one_of(w, 2), "ImagePullBackOff", 'Back-off pulling image "lab.local/app:2"'),
        ("api-image-pull-failing",),
        ("1 of 2",),
        OUTAGE,
    ),
    Variant(
        "one of two lacks a Secret",
        "part",
        lambda w: waiting(w, one_of(w, 2), "CreateContainerConfigError", 'secret "db" not found'),
        ("api-config-missing",),
        ("1 of 2",),
        OUTAGE,
    ),
    Variant(
        "all lack a Secret",
        "fault",
        lambda w: down(waiting(w, w.pod("api-server"), "CreateContainerConfigError", 'secret "db" not found')),
        ("api-config-missing",),
    ),
    Variant(
        "the image of a sidecar cannot be pulled",
        "fault",
        lambda w: down(
            (
                w.container("api-server", name="agent"),
                waiting(w, w.pod("api-server"), "ImagePullBackOff", 'Back-off pulling image "agent:9"', container=1),
            )[1]
        ),
        ("api-image-pull-failing",),
        ("agent",),
    ),
    Variant(
        "an init container crashes",
        "fault",
        lambda w: init_failed(w, crash=True),
        ("api-crash-looping", "api-init-failing"),
        ("wait-for-db",),
    ),
    Variant("an init container waits for twenty seconds", "open", lambda w: init_failed(w, crash=False)),
    Variant(
        "the web server's sidecar is killed for memory, and it serves",
        "names",
        web_sidecar,
        (),
        ("agent",),
    ),
)
