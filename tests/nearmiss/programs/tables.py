"""Cases that are data: what servers that people know print, step by step (`tests/nearmiss/programs`)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import yaml

from tests.nearmiss.programs.serving import (
    ISO,
    PG,
    along,
    beside,
    chat,
    crashes,
    dated,
    once,
    server,
    three,
    unready,
)
from tests.nearmiss.shops import ShopCase
from tests.nearmiss.shops.making import HOUR, WELL, born, says
from tests.support.near_miss_world import Json, World

PROGRAMS = Path(__file__).parent
ORDERS = ("namespace", "deployment/orders", "deployment/front")
NO_XDS = (
    "\twarn\tEnvoy proxy is NOT ready: config not received from XDS server (is Istiod running?): cds updates: 0 "
    "successful, 0 rejected; lds updates: 0 successful, 0 rejected"
)
NO_IDENTITY = (
    "[  41.118s]  WARN ThreadId(02) identity:identity{server.addr=linkerd-identity-headless.linkerd.svc.cluster.local:"
    "8080}: linkerd_app: Failed to connect error=endpoint 10.85.9.9:8080: Connection refused (os error 111)"
)
ANSWERED_503 = "Readiness probe failed: HTTP probe failed with statuscode: 503"


def apply(world: World, steps: Sequence[Json]) -> World:
    """Each step is one function of `serving`, with the times of lines in seconds before the view."""
    for step in steps:
        _take(world, dict(step))
    return world


def _take(world: World, step: dict[str, Any]) -> World:
    if "server" in step:
        return server(world, *step.pop("server"), **step)
    if "chat" in step:
        return chat(world, step["chat"], *step["lines"])
    if "says" in step:
        return says(world, step["says"], step["line"])
    if "once" in step:
        return once(world, step["once"], step["good"], *map(tuple, step["rare"]))
    if "along" in step:
        return along(world, step["along"], *map(tuple, step["rare"]))
    if "beside" in step:
        return beside(world, step["beside"], step["container"], *step["lines"])
    if "log" in step:
        return world.log(step["log"], *(dated(world, *row) for row in step["rows"]))
    name, code, last = step.pop("crashes"), step.pop("code"), step.pop("last")
    return crashes(world, name, code, *last, **step)


def programs(table: str) -> tuple[ShopCase, ...]:
    """The cases of one file."""
    return tuple(_case(item) for item in yaml.safe_load((PROGRAMS / f"{table}.yaml").read_text(encoding="utf-8")))


def _case(item: Json) -> ShopCase:
    steps = item.pop("steps")
    lists = {key: tuple(value) for key, value in item.items() if isinstance(value, list)}
    return ShopCase(change=partial(apply, steps=steps), **{"base": "depot", **item, **lists})


def restarted_db(world: World) -> World:
    """The database was restarted for an update four minutes ago; callers were refused for five seconds."""
    born(world, world.pod("db"), 250)
    checkpoint = PG + "LOG:  checkpoint complete: wrote 41 buffers (0.3%); 0 WAL file(s) added, 0 removed, 1 recycled"
    starting = PG + "FATAL:  the database system is starting up"
    ready = PG + "LOG:  database system is ready to accept connections"
    rows = ((248, starting), (247, starting), (245, ready), (120, checkpoint), (20, checkpoint))
    world.log("db", *(dated(world, age, line) for age, line in rows))
    refused = (246, "ERROR connect ECONNREFUSED 172.30.237.51:5432")
    return along(world, "orders", (248, "ERROR FATAL:  the database system is starting up"), refused)


def envoy_began(world: World) -> World:
    """The mesh's proxy waited for its configuration for some seconds when the pod began, four minutes ago."""
    world.container("orders", name="istio-proxy", image="istio/proxyv2:1.24", template=False)
    born(world, world.pod("orders"), 250)
    pod = world.pod("orders")["metadata"]["name"]
    world.log("orders", *((age, WELL["orders"]) for age in (240, 120, 60, 20, 4)))
    rows = ((249, NO_XDS), (246, "\tinfo\tReadiness succeeded in 2.1s"), (245, "\tinfo\tEnvoy proxy is ready"))
    text = "".join(f"{world.ago(age)} {dated(world, age, ISO + line)[1]}\n" for age, line in rows)
    world.view["logs"].append({"pod": pod, "container": "istio-proxy", "text": text})
    return world


def shut_down(world: World) -> World:
    """The node's drain ended it an hour ago, as it should; it began anew in its place."""
    world.restarted(world.pod("orders"), ended=HOUR, lasted=3 * HOUR, code=0, reason="Completed")
    lines = ("INFO SIGTERM received, no new connections", "WARN 3 requests cancelled: context canceled",
             "ERROR server closed: http: Server closed", "INFO bye")  # fmt: skip
    return world.log("orders", *(dated(world, HOUR + 3 - n, line) for n, line in enumerate(lines)), previous=True)


def sealed(world: World) -> World:
    """Vault is sealed for an hour, and orders get no secrets."""
    server(world, "vault", "hashicorp/vault:1.18", 8200)
    chat(world, "vault", ISO + " [INFO]  core: vault is sealed")
    world.with_main("vault", readinessProbe={"exec": {}, "periodSeconds": 5})
    said = "Key                Value\n---                -----\nSeal Type          shamir\nSealed             true"
    unready(world, "vault", HOUR, f"Readiness probe failed: {said}")
    line = "ERROR Error making API request. URL: GET http://vault:8200/v1/database/creds/shop Code: 503. Errors: "
    return chat(world, "orders", f"{line}* Vault is sealed")


def proxy_waits(world: World, name: str, line: str) -> World:
    """The mesh's proxy in the pod of orders is not ready for twenty minutes; its program is."""
    beside(world, "orders", name, line)
    unready(world, "orders", 1_200, ANSWERED_503, container=1)
    world.view["events"][-1]["involvedObject"]["fieldPath"] = f"spec.containers{{{name}}}"
    return says(world, "front", "ERROR cannot load orders: connect ECONNREFUSED 172.30.240.96:8080")


def plugin(world: World) -> World:
    """A shipper on the nodes ends at its configuration, again and again."""
    world.crashing(world.pod("node-scan"), count=12)
    world.view["daemonsets"][0]["status"] |= {"readyReplicas": 0, "availableReplicas": 0}
    stamp = "[<<%Y/%m/%d %H:%M:%S>>] [error] "
    lines = ("[config] section 'elastic' tried to instance a plugin name that don't exist",
             "configuration file contains errors, aborting.")  # fmt: skip
    return world.log("node-scan", *(dated(world, 61, stamp + line) for line in lines), previous=True)


BY_HAND = (
    ShopCase("Postgres: restarted four minutes ago", "ok", restarted_db, "shop",
             asks=("namespace", "deployment/db", "deployment/orders")),
    ShopCase("Istio: the proxy waited for its configuration at the start", "ok", envoy_began, "shop", asks=ORDERS),
    ShopCase("a drain ended it as it should, an hour ago", "ok", shut_down, "shop", asks=ORDERS),
    ShopCase("Vault: it is sealed", "fault", sealed, "shop", ("sealed",), ("vault", "orders"), three("vault")),
    ShopCase("Istio: the proxy has no configuration for twenty minutes", "fault",
             lambda w: proxy_waits(w, "istio-proxy", ISO + NO_XDS), "shop", ("istio-proxy",), ("orders", "front"),
             ORDERS),
    ShopCase("Linkerd: the proxy has no identity", "fault", lambda w: proxy_waits(w, "linkerd-proxy", NO_IDENTITY),
             "shop", ("linkerd-proxy",), ("orders", "front"), ORDERS),
    ShopCase("Fluent Bit: a plugin that there is not", "fault", plugin, words=("plugin",), about=("node-scan",),
             asks=("namespace", "daemonset/node-scan")),
)  # fmt: skip
PROGRAMS_WELL, PROGRAMS_ILL, FORMATS = programs("mending"), programs("ailing"), programs("formats")
