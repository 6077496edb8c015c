"""Cases after further public evaluation suites: AIOpsLab, SREGym, ITBench, kubectl-ai, Chaos Mesh and k8sgpt.

What their faults make programs print and the cluster report, in our shop; and like lines in health.
"""

from __future__ import annotations

from tests.nearmiss.shops import ShopCase
from tests.nearmiss.shops.making import HOUR, entrance, pending, refused_pod, says, scaler, state, waits
from tests.nearmiss.shops.suites import MAIL, ORDERS, once, tells
from tests.support.near_miss_world import World

POISON = ("org.apache.kafka.common.errors.RecordDeserializationException: Error deserializing key/value for partition "
          "orders-fulfillment-0 at offset 120. If needed, please seek past the record to go on.")  # fmt: skip
LAG = "2026-11-29 17:38:00 WARN  consumer group orders-validator lag is {} on orders-fulfillment-0"
PORTS = "2026/11/29 17:38:00 Failed to search: dial tcp 10.96.12.7:8085: connect: cannot assign requested address"
SEQUENCE = 'nextval: reached maximum value of sequence "productreviews_id_seq" (2147483647)'
LOCK = "pq: canceling statement due to lock timeout"
MEMORY = "StackExchange.Redis.RedisServerException: OOM command not allowed when used memory > 'maxmemory'."
FILES = "http: Accept error: accept tcp [::]:5000: accept4: too many open files; retrying in 1s"
EXPIRED = ('rpc error: code = Unavailable desc = connection error: desc = "transport: authentication handshake failed: '
           'tls: failed to verify certificate: x509: certificate has expired or is not yet valid: current time '
           '2026-11-29T17:38:00Z is after 2026-11-28T00:00:00Z"')  # fmt: skip
CLOCK = "jwt: token used before issued"
PASSWORD = "WRONGPASS invalid username-password pair or user is disabled."
DENIED = "checkout failed: unexpected status 403: RBAC: access denied"
RESET = "read tcp 10.85.0.3:42424->10.85.0.9:8080: read: connection reset by peer"
AGAIN = "Error: getaddrinfo EAI_AGAIN ratings.partner.example"
ABORTED = "upstream connect error or disconnect/reset before headers. reset reason: connection termination"
RESTRICTED = ('pods "orders-7c9d8f-" is forbidden: violates PodSecurity "restricted:latest": allowPrivilegeEscalation '
              '!= false (container "orders" must set securityContext.allowPrivilegeEscalation=false)')  # fmt: skip
ATTACHED = 'Multi-Attach error for volume "pvc-5a1f" Volume is already used by pod(s) orders-7c9d8f-abcde'
CIDR = ("Failed to create pod sandbox: rpc error: code = Unknown desc = failed to setup network for sandbox: plugin "
        'type="host-local" failed (add): failed to allocate for range 0: no IP addresses available in range set: '
        "10.85.0.1-10.85.0.30")  # fmt: skip
PREEMPT = ("0/3 nodes are available: 3 Insufficient cpu. preemption: 0/3 nodes are available: 3 No preemption victims "
           "found for incoming pod.")  # fmt: skip


def shared_memory(world: World) -> World:
    """The worker writes more to its shared memory than there is, and ends."""
    world.crashing(world.pod("mail"), code=1)
    return world.log("mail", (41, "dd: error writing '/dev/shm/scratch': No space left on device"), previous=True)


def other_cpu(world: World) -> World:
    """The image of orders is for another kind of CPU."""
    pod = world.pod("orders")
    world.crashing(pod, code=255)
    world.log("orders", (30, "exec /usr/local/bin/orders: exec format error"), previous=True)
    return world


def attached(world: World) -> World:
    """Two pods want one volume that only one node may hold."""
    pod = world.pod("orders")
    waits(world, pod, "ContainerCreating", since=HOUR)
    return world.event(pod, "Pod", "FailedAttachVolume", ATTACHED, 20)


def no_address(world: World) -> World:
    """The node has no address left for a pod."""
    pod = world.pod("orders")
    waits(world, pod, "ContainerCreating", since=HOUR)
    return world.event(pod, "Pod", "FailedCreatePodSandBox", CIDR, 20)


def hangs(world: World) -> World:
    """An init container waits for ever."""
    world.container("orders", init=True, name="wait-for-it", image="busybox:1.36")
    pod = world.pod("orders")
    waits(world, pod, "PodInitializing", since=HOUR)
    state(world, pod, init=True, running={"startedAt": world.ago(HOUR - 5)})
    return world


def answers(world: World, *codes: int) -> World:
    """What orders tells of the last calls it answered, the newest last."""
    lines = [(4 + 25 * number, f"GET /orders {code} in 9ms") for number, code in enumerate(reversed(codes))]
    return world.log("orders", *reversed(lines))


BENCHES = (
    ShopCase("bench: every fourth run divides by zero", "fault",
             lambda w: tells(w, "Run 4 failed with error: division by zero", "Run 5 succeeded"), "shop",
             ("mail", "division by zero"), ("mail",), MAIL),
    ShopCase("bench: one record stops the consumer", "fault", lambda w: tells(w, POISON), "shop",
             ("mail", "deserializ"), ("mail",), MAIL),
    # It works and may catch up: told, and nobody is accused.
    ShopCase("bench: a consumer falls behind", "open", lambda w: tells(w, LAG.format(45210)), "shop",
             ("mail", "behind"), ("mail",), MAIL, not_healthy=True),
    ShopCase("bench: a consumer falls behind, and fails at something else", "fault",
             lambda w: tells(w, LAG.format(45210), "ERROR cannot parse template welcome.html"), "shop",
             ("mail", "welcome.html"), ("mail",), MAIL),
    ShopCase("bench: only its callers tell that it answers with 500", "open",
             lambda w: says(w, "front", "ERROR upstream orders answered 500 internal error"), "shop",
             ("orders",), ("front", "orders"), ("deployment/orders",), not_healthy=True),
    ShopCase("bench: no port is left to call from", "fault", lambda w: tells(w, PORTS), "shop",
             ("mail", "cannot assign requested address"), ("mail",), MAIL),
    ShopCase("bench: the shared memory is full", "fault", shared_memory, "shop", ("mail", "/dev/shm"), ("mail",), MAIL),
    ShopCase("bench: a sequence is at its end", "fault", lambda w: tells(w, SEQUENCE), "shop",
             ("mail", "maximum value of sequence"), ("mail",), MAIL),
    ShopCase("bench: a table is locked", "fault", lambda w: tells(w, LOCK), "shop", ("mail", "lock timeout"),
             ("mail",), MAIL),
    ShopCase("bench: Valkey has no memory left for more", "fault", lambda w: tells(w, MEMORY), "shop",
             ("mail", "maxmemory"), ("mail",), MAIL),
    ShopCase("bench: no file can be opened any more", "fault", lambda w: tells(w, FILES), "shop",
             ("mail", "too many open files"), ("mail",), MAIL),
    ShopCase("bench: the certificate of what it calls is too old", "fault", lambda w: tells(w, EXPIRED), "shop",
             ("mail", "certificate"), ("mail",), MAIL),
    ShopCase("bench: a node's clock is behind", "fault", lambda w: tells(w, CLOCK), "shop",
             ("mail", "before issued"), ("mail",), MAIL),
    ShopCase("bench: Valkey's password was changed", "fault", lambda w: tells(w, PASSWORD), "shop",
             ("mail", "wrongpass"), ("mail",), MAIL),
    ShopCase("bench: the mesh denies its calls", "fault", lambda w: tells(w, DENIED), "shop",
             ("mail", "access denied"), ("mail",), MAIL),
    ShopCase("bench: what it calls takes TLS alone", "fault", lambda w: tells(w, RESET), "shop",
             ("mail", "reset"), ("mail",), MAIL),
    ShopCase("bench: names are not answered for", "fault", lambda w: tells(w, AGAIN), "shop",
             ("mail", "ratings.partner.example"), ("mail",), MAIL),
    ShopCase("bench: its answers are cut off", "fault", lambda w: tells(w, ABORTED), "shop",
             ("mail", "upstream connect error"), ("mail",), MAIL),
    ShopCase("bench: it answers all its callers with 500", "fault", lambda w: answers(w, 500, 500, 500, 500, 500, 500),
             "shop", ("orders", "500"), ("orders", "front"), ORDERS[:2]),
    ShopCase("bench: its pods are forbidden by the namespace's standard", "fault",
             lambda w: refused_pod(w, "orders", RESTRICTED), "shop", ("orders", "podsecurity"), ("orders",), ORDERS),
    ShopCase("bench: a volume is held by another pod", "fault", attached, "shop", ("orders", "volume"), ("orders",),
             ORDERS),
    ShopCase("bench: its image is for another CPU", "fault", other_cpu, "shop", ("orders", "exec format"),
             ("orders",), ORDERS),
    ShopCase("bench: no address is left for its pod", "fault", no_address, "shop", ("orders", "no ip addresses"),
             ("orders",), ORDERS),
    ShopCase("bench: nobody can be driven away for it", "fault", lambda w: pending(w, w.pod("orders"), PREEMPT), "shop",
             ("orders", "cpu"), ("orders",), ORDERS),
    ShopCase("bench: an init container hangs", "fault", hangs, "shop", ("orders", "wait-for-it"), ("orders",), ORDERS),
    ShopCase("bench: an entrance leads to no Service", "fault", lambda w: entrance(w, "shop", "fronnt"), "shop",
             ("fronnt",), (), ("namespace",)),
    ShopCase("bench: an autoscaler scales what is not there", "fault",
             lambda w: scaler(w, "ordres", ("AbleToScale", "False", "FailedGetScale",
                                            'deployments.apps "ordres" not found')), "shop", ("ordres",), (),
             ("namespace",)),
    ShopCase("bench: a consumer fell behind for once, an hour ago", "ok", lambda w: once(w, LAG.format(45210)), "shop",
             asks=MAIL),
    ShopCase("bench: a burst put a consumer behind for a few seconds", "ok",
             lambda w: w.log("mail", (90, "sent 1 mail"), *((age, LAG.format(2000 + age)) for age in (40, 35, 30, 25)),
                             *((age, "sent 1 mail") for age in (20, 12, 3))), "shop", asks=MAIL),
    ShopCase("bench: the loop of a program is slow for milliseconds", "ok",
             lambda w: tells(w, "WARN event loop lag is 2500 ms", "sent 1 mail"), "shop", asks=MAIL),
    ShopCase("bench: it has no IPv6, and goes on by IPv4", "ok",
             lambda w: tells(w, "dial tcp [::1]:8080: connect: cannot assign requested address", "sent 1 mail"), "shop",
             asks=MAIL),
    ShopCase("bench: the mesh denies a stranger", "ok",
             lambda w: tells(w, '"GET /admin HTTP/1.1" 403 - rbac_access_denied_matched_policy[none] - "-" 0 19',
                             "sent 1 mail"), "shop", asks=MAIL),
    ShopCase("bench: its clock was wrong an hour ago", "ok", lambda w: once(w, CLOCK), "shop", asks=MAIL),
    ShopCase("bench: a consumer is not behind, and says so", "ok",
             lambda w: says(w, "mail", LAG.format(0).replace("WARN", "INFO")), "shop", asks=MAIL),
    ShopCase("bench: it answered one of many with 500", "ok", lambda w: answers(w, 200, 500, *[200] * 8), "shop",
             asks=ORDERS),
    ShopCase("bench: a run divided by zero, an hour ago", "ok",
             lambda w: once(w, "Run 4 failed with error: division by zero"), "shop", asks=MAIL),
    ShopCase("bench: it was out of ports, an hour ago", "ok", lambda w: once(w, PORTS), "shop", asks=MAIL),
)  # fmt: skip
