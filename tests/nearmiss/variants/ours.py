"""Onyx's own workloads and versions, colours, and the namespace."""

from tests.nearmiss.variants import Variant
from tests.nearmiss.variants.making import gone, green, image, pulled, worker, young
from tests.support.near_miss_world import DAY

OURS = (
    Variant("the same version with and without the letter v", "ok", lambda w: image(w, "v4.6.1", "4.6.1")),
    Variant("both of latest", "ok", lambda w: image(w, "latest", "latest")),
    Variant("a cloud build of the same version", "ok", lambda w: image(w, "v4.6.1-cloud.3", "v4.6.1-cloud.1")),
    Variant("versions of one year apart that both have the path", "open", lambda w: image(w, "v3.1.0", "v4.6.1")),
    Variant(
        "a worker that crashes",
        "names",
        lambda w: worker(w, "prod-celery-worker-docfetching").crashing(w.pod("prod-celery")),
        (),
        ("worker",),
    ),
    Variant(
        "a model server for indexing whose image is not there",
        "names",
        lambda w: (worker(w, "prod-indexing-model-server"), pulled(w, "prod-indexing"))[1],
        (),
        ("index",),
    ),
    Variant(
        "the MCP server is not ready",
        "names",
        lambda w: (
            worker(
                w,
                "prod-mcp-server",
                ports=[{"containerPort": 8090}],
                readinessProbe={"httpGet": {"path": "/health", "port": 8090}},
            ),
            w.not_ready(w.pod("prod-mcp")),
            w.event(
                w.pod("prod-mcp"),
                "Pod",
                "Unhealthy",
                "Readiness probe failed: HTTP probe failed with statuscode: 503",
                4,
            ),
        )[2],
        (),
        ("mcp",),
    ),
    Variant(
        "a code interpreter without replicas that nobody switched on",
        "open",
        lambda w: worker(w, "prod-code-interpreter", replicas=0),
    ),
    Variant(
        "a worker that restarted once last night",
        "ok",
        lambda w: worker(w, "prod-celery-beat").restarted(w.pod("prod-celery-beat"), ended=9 * 3600, lasted=2 * DAY),
    ),
    Variant(
        "a worker that is six seconds old",
        "open",
        lambda w: young(worker(w, "prod-celery-worker-light"), "prod-celery"),
    ),
    Variant(
        "a worker of two that crashes",
        "names",
        lambda w: worker(w, "prod-celery-worker-light", replicas=2).crashing(w.pods("prod-celery")[-1]),
        (),
        ("1 of 2",),
    ),
    Variant("green is not ready, blue is empty", "fault", green),
    Variant("the namespace is being deleted, and the API is gone", "fault", gone, ("namespace-terminating",)),
)
