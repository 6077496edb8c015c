"""What ended when, what is held on purpose, and how many of how many it hits."""

from tests.nearmiss.variants import Variant
from tests.nearmiss.variants.making import (
    autoscaler,
    down,
    ended_probe,
    ended_sidecar,
    fresh,
    job_pod,
    leftovers,
    orphan,
    probe_fails,
    rejected,
    waiting,
)
from tests.nearmiss.variants.pods import OUTAGE, crash_sidecar, rolling, scaled_to_zero
from tests.support.near_miss_world import DAY

TIMES = (
    Variant("a native sidecar that ended once, a minute ago", "ok", lambda w: ended_sidecar(w, init=True)),
    Variant("an ordinary sidecar that ended once, a minute ago", "ok", lambda w: ended_sidecar(w, init=False)),
    Variant(
        "a main container that crashes beside a well sidecar",
        "fault",
        lambda w: down((w.container("api-server", name="agent"), w.crashing(w.pod("api-server")))[1]),
        ("api-crash-looping",),
    ),
    Variant(
        "killed by its probe an hour ago, once",
        "ok",
        lambda w: ended_probe(w, every=3 * DAY, count=1, ended=3500, still=False),
    ),
    Variant(
        "killed by its probe every minute",
        "fault",
        lambda w: down(ended_probe(w, every=50, count=9, ended=20, still=True)),
        ("api-liveness-killing",),
    ),
    Variant(
        "exit 137 three times, and nobody tells who kills it",
        "fault",
        lambda w: down(w.crashing(w.pod("api-server"), code=137)),
        ("api-crash-looping",),
        ("137",),
    ),
    Variant(
        "exit 143 once after an hour",
        "ok",
        lambda w: w.restarted(w.pod("api-server"), ended=300, lasted=3600, code=143),
    ),
    Variant(
        "exit 0 once after a day",
        "ok",
        lambda w: w.restarted(w.pod("api-server"), ended=200, lasted=DAY, code=0, reason="Completed"),
    ),
    Variant(
        "exit 0 again and again",
        "fault",
        lambda w: down(w.crashing(w.pod("api-server"), code=0, reason="Completed")),
        ("api-crash-looping",),
    ),
    Variant(
        "two crashes of last night",
        "ok",
        lambda w: w.restarted(w.pod("api-server"), ended=9 * 3600, lasted=40, count=2),
    ),
    Variant(
        "killed for memory twice this week",
        "ok",
        lambda w: w.restarted(w.pod("api-server"), ended=2 * DAY, lasted=DAY, count=2, code=137, reason="OOMKilled"),
    ),
    Variant(
        "killed for memory a minute ago for the fourth time today",
        "fault",
        lambda w: w.restarted(w.pod("api-server"), ended=60, lasted=1200, count=4, code=137, reason="OOMKilled"),
        ("api-oom-killed",),
    ),
    Variant(
        "a clock that is two hours ahead, and a restart",
        "open",
        lambda w: (w.restarted(w.pod("api-server"), ended=DAY, lasted=2 * DAY), w.older(-7100)),
    ),
    Variant("a pod of eight seconds of a Deployment that is new", "open", lambda w: fresh(w, 8)),
    Variant(
        "a pod of eight seconds that waits for its image",
        "open",
        lambda w: (fresh(w, 8), waiting(w, w.pod("api-server"), "ContainerCreating", "")),
    ),
    Variant("an autoscaler took it from three to one", "ok", lambda w: autoscaler(w, current=1, desired=1)),
    Variant(
        "an autoscaler holds it at zero",
        "names",
        lambda w: autoscaler(scaled_to_zero(w), current=0, desired=0, least=0),
        ("api-scaled-to-zero",),
        (),
    ),
    Variant(
        "KEDA was paused at zero",
        "names",
        lambda w: scaled_to_zero(w).annotate("api-server", **{"autoscaling.keda.sh/paused-replicas": "0"}),
        ("api-scaled-to-zero",),
        ("keda",),
    ),
    Variant(
        "kube-green put it to sleep",
        "names",
        lambda w: scaled_to_zero(w).annotate("api-server", **{"kube-green.dev/sleepinfo": "night"}),
        ("api-scaled-to-zero",),
        (),
    ),
    Variant(
        "Flux keeps it, at zero",
        "names",
        lambda w: (
            scaled_to_zero(w)
            .workload("api-server")["metadata"]
            .setdefault("labels", {})
            .update({"kustomize.toolkit.fluxcd.io/name": "onyx"})
        ),
        ("api-scaled-to-zero",),
        (),
    ),
    Variant(
        "the quota allows two of three",
        "part",
        lambda w: rejected(w, serving=True),
        ("api-quota-exceeded",),
        ("1 of 3",),
        OUTAGE,
    ),
    Variant("the quota allows none", "fault", lambda w: rejected(w, serving=False), ("api-quota-exceeded",)),
    Variant(
        "a rolling update of which one pod is eight seconds old, and refused calls are pasted",
        "ok",
        rolling,
        paste=OUTAGE,
    ),
    Variant(
        "one of three is not ready since a minute, the probe says 503",
        "part",
        probe_fails,
        ("api-not-ready",),
        ("1 of 3",),
        OUTAGE,
    ),
    Variant("two pods that were evicted, one that serves", "ok", leftovers),
    Variant("an old ReplicaSet with a pod that is not deleted", "ok", orphan),
    Variant("a failed pod of a Job with the API's name", "ok", job_pod),
    Variant(
        "an injected native sidecar is killed for memory",
        "names",
        lambda w: crash_sidecar(w, init=True, template=False),
        ("api-oom-killed", "api-sidecar-failing"),
        ("agent",),
    ),
)
