"""Faults of a ferry's ticket shop, as met on a real cluster, and what is beside them in health: told in our shops."""

from __future__ import annotations

import copy

from tests.nearmiss.shops import ShopCase
from tests.nearmiss.shops.making import Json, born, pending, says, told, waits
from tests.support.near_miss_world import World

NO_PORTS = "0/1 nodes are available: 1 node(s) didn't have free ports for the requested pod ports."
NO_LICENCE = (
    'MountVolume.SetUp failed for volume "lic" : hostPath type check failed: /etc/ferry/licence.key is not a file'
)


def listens_on_node(pod: Json, port: int) -> None:
    pod["spec"]["containers"][0]["ports"] = [{"containerPort": port, "hostPort": port, "protocol": "TCP"}]


def port_held(world: World, port: int, held: int | None) -> World:
    """Labels wants a port of the node; the sorter's pod has one of its own."""
    if held is not None:
        listens_on_node(world.pod("sorter"), held)
    listens_on_node(world.pod("labels"), port)
    return pending(world, world.pod("labels"), NO_PORTS)


def no_file(world: World, age: float) -> World:
    """What it mounts of the node is not there, and it was made so long ago."""
    pod = world.pod("labels")
    waits(world, pod, "ContainerCreating", since=age)
    return world.event(pod, "Pod", "FailedMount", NO_LICENCE, 3)


def both_well(world: World) -> None:
    """Two pods have one port of two protocols each to themselves."""
    listens_on_node(world.pod("sorter"), 18_431)
    listens_on_node(world.pod("labels"), 18_432)


DISK_OF_SERVER = (
    "ERROR list sailings failed: Error 1021 (HY000): Disk full (/tmp/#sql-1_9.MAI); waiting for someone to free some "
    'space... (errno: 28 "No space left on device")'
)
NO_ROOM = "2026-11-30T16:13:08Z 23 [ERROR] [MY-000035] [Server] Disk is full writing './binlog.12' (OS errno 28)"
CHAINED = (
    "ERROR c.f.Psp - javax.net.ssl.SSLHandshakeException: PKIX path validation failed: validity check failed",
    "\tat com.ferry.Psp.call(Psp.java:57)",
    "Caused by: java.security.cert.CertificateExpiredException: NotAfter: Sun Nov 29 23:59:59 UTC 2026",
    "\t... 12 more",
)


def chained(world: World, *more: str) -> World:
    """Mail writes an exception and what it was made of, again and again."""
    lines = [*CHAINED, *more]
    ages = (280, 220, 160, 100, 60, 30, 12, 3)
    return world.log("mail", *((age - at * 0.01, line) for age in ages for at, line in enumerate(lines)))


RECORD = (
    "fail: Ferry.Mailer.Worker[0]",
    "      Could not send ticket 7731",
    "      MailKit.Security.AuthenticationException: 535: 5.7.8 Error: authentication failed: UGFzc3dvcmQ6",
    "         at MailKit.Net.Smtp.SmtpClient.AuthenticateAsync(Encoding encoding)",
)


def recorded(world: World) -> World:
    """Mail's logger writes its own words, and the exception below."""
    ages = (280, 220, 160, 100, 60, 30, 12, 3)
    return world.log("mail", *((age - at * 0.01, line) for age in ages for at, line in enumerate(RECORD)))


def disk_of_server(world: World) -> World:
    """The ledger says that its disk is full, and who calls it quotes that."""
    says(world, "ledger", NO_ROOM)
    return says(world, "track-view", DISK_OF_SERVER)


def unknown_name(world: World, *hosts: str, secret: str = "") -> World:
    """Mail says that a name is not known, and not which; it is told these."""
    for number, host in enumerate(hosts):
        told(world, "mail", f"PEER_{number}_ADDR", host)
    if secret:
        source = {"secretKeyRef": {"name": "mail", "key": "x"}}
        world.main("mail")[0].setdefault("env", []).append({"name": secret, "valueFrom": source})
    return says(world, "mail", "NATS.Client.NATSConnectionException: Name or service not known")


TOO_MANY = "ERROR list tracks failed: Error 1040 (08004): Too many connections"


def crowded(world: World, *ages: float) -> World:
    """The ledger's callers were told so many seconds ago that it lets no more in; it says nothing of it."""
    return world.log("track-view", *((age, TOO_MANY) for age in ages), (2, "INFO GET /tracks")) if ages else world


def two_databases(world: World) -> World:
    """Who is turned away calls two databases of one kind."""
    world.view["services"].append(made := copy.deepcopy(world.service("labels")))
    made["metadata"]["name"] = "archive"
    made["spec"] |= {"clusterIP": "172.30.9.9", "clusterIPs": ["172.30.9.9"]}
    made["spec"]["ports"] = [{"port": 3306, "targetPort": 9090, "protocol": "TCP"}]
    told(world, "track-view", "ARCHIVE_ADDR", "archive:3306")
    return says(world, "track-view", TOO_MANY)


def unready_beside(world: World, age: float, failures: int) -> World:
    """The labels, made so long ago, is not ready for the sake of a container beside whose probe failed so often."""
    probe = {"httpGet": {"path": "/healthz", "port": 9113}, "initialDelaySeconds": 1, "periodSeconds": 3}
    world.container("labels", name="metrics", readinessProbe=probe)
    pod = world.pod("labels")
    born(world, pod, age)
    world.not_ready(pod, age)
    main, metrics = pod["status"]["containerStatuses"]
    main |= {"ready": True, "started": True, "state": {"running": {"startedAt": world.ago(age - 1)}}}
    metrics |= {"ready": False, "state": {"running": {"startedAt": world.ago(age - 1)}}}
    world.event(pod, "Pod", "Unhealthy", "Readiness probe failed: HTTP probe failed with statuscode: 404", 2)
    event = world.view["events"][-1]
    event["count"], event["firstTimestamp"] = failures, world.ago(age - 2)
    event["involvedObject"]["fieldPath"] = "spec.containers{metrics}"
    return world


def tried_again(world: World, *after: str) -> World:
    """Mail's calls are late now and then, and are made again; these lines follow each."""
    late = 'time="x" level=warning msg="psp call failed, retrying" attempt=1 error="context deadline exceeded"'
    ages = (280, 220, 160, 100, 60, 30, 12)
    return world.log("mail", *((age - at, line) for age in ages for at, line in enumerate((late, *after))))


SAILING = (
    ShopCase("what is late is tried again and comes through", "ok",
             lambda w: tried_again(w, 'time="x" level=info msg="psp call ok" attempt=2'), "shop",
             asks=("namespace", "deployment/mail")),
    ShopCase("what is late is tried again twice and comes through", "ok",
             lambda w: tried_again(w, 'time="x" level=warning msg="psp call failed, retrying" attempt=2 error="EOF"',
                                   'time="x" level=info msg="psp call ok" attempt=3'), "shop",
             asks=("namespace", "deployment/mail")),
    ShopCase("what is late is tried again, and nothing says that it comes through", "fault", tried_again, "shop",
             ("in time",), ("mail",), ("namespace", "deployment/mail")),
    ShopCase("what is late is tried again, and that fails too", "fault",
             lambda w: tried_again(w, 'time="x" level=error msg="psp: not ok" attempt=2 error="i/o timeout"'), "shop",
             ("mail",), ("mail",), ("namespace", "deployment/mail")),
    ShopCase("a container beside is not ready, and its probe failed ten times", "fault",
             lambda w: unready_beside(w, 40, 10), words=("metrics", "404"), about=("labels",),
             asks=("namespace", "deployment/labels")),
    ShopCase("a container beside may be ready in a moment", "open", lambda w: unready_beside(w, 40, 2),
             not_healthy=True, never=("labels-not-ready",), asks=("namespace", "deployment/labels")),
    ShopCase("a container beside has been begun just now", "open", lambda w: unready_beside(w, 15, 6),
             not_healthy=True, never=("labels-not-ready",), asks=("namespace", "deployment/labels")),
    ShopCase("all connections of a database are in use, and it is silent", "fault",
             lambda w: says(w, "track-view", TOO_MANY), words=("Too many connections",), about=("ledger",),
             asks=("namespace", "statefulset/ledger", "deployment/gate")),
    ShopCase("all connections were in use for a moment, an hour ago", "ok", lambda w: crowded(w, 3_610, 3_600),
             asks=("namespace", "statefulset/ledger")),
    ShopCase("the connections of one of two databases of a kind are in use", "fault", two_databases,
             words=("connections are in use",), about=("track-view",),
             asks=("namespace", "deployment/track-view"), never=("used-up",)),
    ShopCase("a name is not known, and the only one told is no Service", "fault",
             lambda w: unknown_name(w, "jobs-queue:4222", "db:5432"), "shop", ("jobs-queue", "PEER_0_ADDR"),
             ("jobs-queue", "mail"), ("namespace", "deployment/mail")),
    ShopCase("a name is not known, and one of two told is outside", "fault",
             lambda w: unknown_name(w, "jobs-queue:4222", "nats.partner.example:4222"), "shop", ("not known",),
             ("mail",), ("namespace", "deployment/mail"), never=("jobs-queue",)),
    ShopCase("a name is not known, and one may be told in a Secret", "fault",
             lambda w: unknown_name(w, "jobs-queue:4222", secret="NATS_URL"), "shop", ("not known",), ("mail",),
             ("namespace", "deployment/mail"), never=("jobs-queue",)),
    ShopCase("a name is not known, and all that are told are Services", "fault",
             lambda w: unknown_name(w, "db:5432"), "shop", ("not known",), ("mail",), ("namespace", "deployment/mail")),
    ShopCase("a client quotes that the disk of its server is full", "fault", disk_of_server,
             words=("its disk is full", "ledger"), about=("ledger",), asks=("namespace", "statefulset/ledger")),
    ShopCase("an exception is told with what it was made of", "fault", chained, "shop",
             ("CertificateExpiredException",), ("mail",), ("namespace", "deployment/mail")),
    ShopCase("a logger's record holds the exception below its words", "fault", recorded, "shop",
             ("535: 5.7.8",), ("mail",), ("namespace", "deployment/mail")),
    ShopCase("an exception that was made of another, and then another matter", "fault",
             lambda w: chained(w, "INFO c.f.Psp - next try", "Caused by: weather"), "shop",
             ("CertificateExpiredException",), ("mail",), ("namespace", "deployment/mail")),
    ShopCase("another pod has the port of the node", "fault", lambda w: port_held(w, 18_431, 18_431),
             words=("18431", "pod/sorter"), about=("labels",), asks=("namespace", "deployment/labels")),
    ShopCase("a pod that is not seen has the port of the node", "fault", lambda w: port_held(w, 18_431, 18_432),
             words=("host port 18431 is taken on every node.",), about=("labels",),
             asks=("namespace", "deployment/labels")),
    ShopCase("two pods have a port of the node each", "ok", both_well),
    ShopCase("a file of the node is not there", "fault", lambda w: no_file(w, 30), words=("licence.key",),
             about=("labels",), asks=("namespace", "deployment/labels")),
    ShopCase("a file of the node may be made in a moment", "open", lambda w: no_file(w, 5), not_healthy=True,
             never=("volume-unattached",), asks=("namespace", "deployment/labels")),
)  # fmt: skip
