"""What servers and libraries murmur all day, and what helpers of the cluster put into a namespace for a while."""

from __future__ import annotations

from tests.nearmiss.said.telling import among
from tests.nearmiss.shops import ShopCase
from tests.nearmiss.shops.beside import bare
from tests.nearmiss.shops.making import DAY, HOUR, WELL, extra, job, named, says, told
from tests.support.near_miss_world import World

COLLECTOR = (
    'traces export: Post "http://otel-collector.monitoring:4318/v1/traces": dial tcp: connect: connection refused'
)
ABORTED = (
    "[Note] [MY-010914] [Server] Aborted connection 41 to db: 'depot' user: 'depot' host: '10.85.0.19' (Got an error "
    "reading communication packets)."
)
SENTRY = "Sentry: dial tcp: lookup o12.ingest.sentry.io on 172.30.0.10:53: no such host"
ENVOY = ('{"response_code":0,"response_flags":"DC","path":"/track/RR1","upstream_host":"10.85.0.19:8080",'
         '"duration":12}')  # fmt: skip


def shipper(world: World) -> World:
    """The container beside the mail program cannot deliver logs; the mail program works."""
    world.container("mail", name="log-agent", image="agent:1")
    pod = world.pod("mail")["metadata"]["name"]
    line = "error sending batch: Post http://loki.monitoring:3100/push: dial tcp: connect: connection refused"
    text = "".join(f"{world.ago(age)} {line}\n" for age in (200, 140, 80, 20))
    world.view["logs"].append({"pod": pod, "container": "log-agent", "text": text})
    return world


def old_daemon(world: World) -> World:
    """A DaemonSet that is updated on delete has a pod of the revision before."""
    made = world.view["daemonsets"][0]
    made["spec"]["updateStrategy"] = {"type": "OnDelete"}
    made["metadata"]["generation"] = 2
    made["status"] |= {"observedGeneration": 2, "updatedReplicas": 0}
    return world


def indexed(world: World, *, failed: bool) -> World:
    """Five numbered parts of a Job: four are done; the fifth has failed for good, or is at work."""
    pod = job(world, "parts", age=HOUR, succeeded=4, active=0 if failed else 1, failed=1 if failed else 0,
              **({"condition": "Failed", "reason": "FailedIndexes"} if failed else {}))  # fmt: skip
    world.view["jobs"][-1]["spec"] |= {"completions": 5, "completionMode": "Indexed"}
    if failed:
        end = {"exitCode": 3, "reason": "Error", "startedAt": world.ago(100), "finishedAt": world.ago(40)}
        pod["status"]["containerStatuses"][0] |= {"ready": False, "state": {"terminated": end}}
        pod["status"]["phase"] = "Failed"
    return world


def replaced_run(world: World) -> World:
    """A run that took too long was replaced by the next one, as it is asked for."""
    named(world, "cronjobs", "purge")["spec"]["concurrencyPolicy"] = "Replace"
    job(world, "purge-2", owner="purge", age=20, active=1)
    return world


def solver(world: World) -> World:
    """What asks for a certificate runs for a minute."""
    world.beside("cm-acme-http-solver-x7", {"acme.cert-manager.io/http01-solver": "true"},
                 ports=[{"containerPort": 8089}])  # fmt: skip
    world.add_service("cm-acme-http-solver-x7", {"acme.cert-manager.io/http01-solver": "true"}, {"port": 8089})
    return world


def fallback(world: World) -> World:
    line = "WARN prices.example did not answer in 2s, used prices of 10:00"
    return among(world, "orders", line)


def outlived(world: World) -> World:
    """A pod of a Job that was done a day ago is left; its image is gone since."""
    pod = bare(world, "import-once", 0, age=DAY)
    pod["metadata"]["ownerReferences"] = [{"kind": "Job", "name": "import", "uid": "gone", "controller": True}]
    return world


def stuck_rollback(world: World) -> World:
    """Helm keeps its records of releases; the last one failed, and was followed by one that went well."""
    for number, status in ((1, "superseded"), (2, "failed"), (3, "deployed")):
        labels = {"owner": "helm", "status": status, "version": str(number)}
        extra(world, "configmaps", f"shop.v{number}", keys=["release"])
        world.view["configmaps"][-1]["metadata"]["labels"] = labels
    return world


MURMURING = (
    ShopCase("a collector in another namespace is refused, all else is well", "open",
             lambda w: among(told(w, "orders", "OTEL_EXPORTER_OTLP_ENDPOINT", "http://otel-collector.monitoring:4318"),
                             "orders", COLLECTOR), "shop"),
    ShopCase("a collector of errors outside is not known, all else is well", "open",
             lambda w: among(w, "orders", SENTRY), "shop"),
    ShopCase("the container beside it cannot deliver logs, its program works", "open", shipper, "shop",
             never=("restart",)),
    ShopCase("visitors close connections, as a proxy's log tells", "ok",
             lambda w: w.log("gate", *sorted([(age + 0.5, WELL["gate"]) for age in range(200, 3, -10)] + [
                 (150, ENVOY), (90, ENVOY), (30, ENVOY)], reverse=True))),
    ShopCase("a visitor sends too much", "open",
             lambda w: among(w, "gate", "[error] 7#7: *9 client intended to send too large body: 9000000 bytes")),
    ShopCase("clients of the database go away without a word", "ok",
             lambda w: w.log("db", *((age, "LOG:  could not receive data from client: Connection reset by peer")
                                     for age in (250, 150, 60)), (5, "LOG:  checkpoint complete: wrote 12 buffers")),
             "shop"),
    ShopCase("the ledger tells of aborted connections", "ok",
             lambda w: w.log("ledger", *((age, ABORTED) for age in (250, 150, 60)))),
    ShopCase("the cache warns of the kernel's settings", "ok",
             lambda w: w.log("cache", (3 * DAY, "# WARNING overcommit_memory is set to 0! Background save may fail."),
                             (9, "* Background saving terminated with success")), "shop"),
    ShopCase("consumers are arranged anew", "ok",
             lambda w: among(w, "sorter", "[2026-11-29 17:38:00,118: INFO/MainProcess] group rebalanced, revoked 3 "
                                          "partitions, assigned 4")),
    ShopCase("a stream reaches its deadline and is opened again", "open",
             lambda w: among(w, "track-view", "I, [2026-11-29T17:38:00 #1]  INFO -- : stream ended: DEADLINE_EXCEEDED, "
                                              "reopened")),
    ShopCase("prices of before are used while a partner is late", "open", fallback, "shop"),
    ShopCase("a certificate is asked for", "open", solver),
    ShopCase("the pod of a Job that is gone", "ok", outlived),
    ShopCase("records of releases, one of which failed", "ok", stuck_rollback, "shop"),
    ShopCase("a DaemonSet that is updated on delete", "fault", old_daemon, words=("old revision",),
             about=("node-scan",)),
    ShopCase("a run was replaced by the next, as it is asked for", "open", replaced_run),
    ShopCase("four of five numbered parts are done, the last is at work", "open", lambda w: indexed(w, failed=False)),
    ShopCase("one of five numbered parts failed for good", "fault", lambda w: indexed(w, failed=True),
             words=("parts",), about=("parts",)),
    ShopCase("a program counts its errors, and there are none", "ok",
             lambda w: among(w, "sorter", '{"level":"info","errors":0,"error_rate":0.0,"failed":[]}')),
    ShopCase("a test server's word for a good answer is an error's", "ok",
             lambda w: among(w, "front", "GET /errors/404.html 200 in 2ms", "GET /api/failed-orders 200 in 9ms"),
             "shop"),
    ShopCase("it says each minute that it cannot write", "fault",
             lambda w: says(w, "mail", "ERROR cannot write /var/spool/mail: No space left on device"), "shop",
             ("space",), ("mail",)),
    ShopCase("it says each minute that its queue is refused", "fault",
             lambda w: says(w, "sorter", "[2026-11-29 17:38:00,118: ERROR/MainProcess] consumer: Cannot connect to "
                                         "amqp://guest:**@broker:5672//: [Errno 111] Connection refused."),
             words=("broker",), about=("sorter", "broker")),
)  # fmt: skip
