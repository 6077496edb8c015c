"""Names, addresses, Services, Ingresses and policies: what leads somewhere though it looks odd, and what does not."""

from __future__ import annotations

import json

from tests.nearmiss.shops import ShopCase
from tests.nearmiss.shops.making import (
    HOUR,
    MINUTE,
    REFUSED,
    TIMED_OUT,
    UNKNOWN,
    WELL,
    born,
    ended,
    entrance,
    extra,
    group,
    job,
    named,
    says,
    told,
)  # fmt: skip
from tests.support.near_miss_world import Json, World

SIX = "fd00:10:96::9"


def six_only(world: World) -> World:
    """Everything has addresses of IPv6."""
    text = json.dumps(world.view)
    for old, new in (("172.30.", "fd00:30::"), ("10.85.", "fd00:85::")):
        text = text.replace(old, new)
    made = json.loads(text)
    for service in made["services"]:
        spec = service["spec"]
        spec["clusterIP"] = spec["clusterIP"].replace(".", ":")
        spec["clusterIPs"] = [spec["clusterIP"]]
    for item in made["endpoints"]:
        for address in item["addresses"]:
            address["ip"] = address["ip"].replace(".", ":")
    for pod in made["pods"]:
        pod["status"]["podIP"] = pod["status"].get("podIP", "").replace(".", ":")
    world.view = made
    return world


def six_refused(world: World) -> World:
    """The address of IPv6 that is called is a Service's that picks nothing."""
    six_only(world)
    service = world.service("labels")
    service["spec"]["selector"] = {"app": "label"}
    group(world, "labels")["addresses"] = []
    return says(world, "track-view", REFUSED.format(f"[{service['spec']['clusterIP']}]:9090"))


def headless_bare(world: World) -> World:
    """Headless and without ports: only its names are used."""
    service = world.service("ledger")["spec"]
    service |= {"clusterIP": "None", "clusterIPs": ["None"]}
    service.pop("ports")
    group(world, "ledger")["ports"] = []
    return world


def by_hand(world: World, *, gone: bool) -> World:
    """A Service without selector; its addresses are written by hand: of a program outside, or of a pod that is gone."""
    world.add_service("weigher", None, {"port": 9000})
    world.service("weigher")["spec"]["clusterIP"] = "172.30.77.7"
    world.view["endpoints"].append({"service": "weigher", "namespace": "anyns-p-well", "addresses": [{
        "ip": "10.85.0.250" if gone else "192.168.40.9"}], "ports": [{"port": 9000}]})  # fmt: skip
    told(world, "sorter", "WEIGHER", "http://weigher:9000")
    return says(world, "sorter", TIMED_OUT.format("172.30.77.7:9000")) if gone else world


def outside_name(world: World, *, age: float | None) -> World:
    """A Service that stands for a name outside, which was unknown until then (None: is unknown now)."""
    world.add_service("carrier", None, type="ExternalName", externalName="api.carrier-east.example")
    world.service("carrier")["spec"]["clusterIP"] = ""
    told(world, "sorter", "CARRIER", "https://carrier:443")
    line = UNKNOWN.format("carrier")
    if age is None:
        return says(world, "sorter", line)
    return world.log("sorter", (age, line), (age - 5, line), *((n, WELL["sorter"]) for n in (600, 300, 60, 4)))


def to_itself(world: World) -> World:
    """An external name that is another Service of this namespace."""
    world.add_service("tags", None, type="ExternalName", externalName="labels.anyns-p-well.svc.cluster.local")
    world.service("tags")["spec"]["clusterIP"] = ""
    return told(world, "track-view", "TAGS", "http://tags:9090")


def host_network(world: World) -> World:
    world.with_spec("labels", hostNetwork=True, dnsPolicy="ClusterFirstWithHostNet")
    pod = world.pod("labels")
    pod["status"] |= {"podIP": "192.168.1.5", "hostIP": "192.168.1.5"}
    group(world, "labels")["addresses"][0]["ip"] = "192.168.1.5"
    return world


def by_night(world: World) -> World:
    """It picks the pods of a run that is not due; nobody calls it now."""
    world.add_service("manifest-metrics", {"job": "nightly-manifest"}, {"port": 9100})
    world.endpoints("manifest-metrics")
    template = named(world, "cronjobs", "nightly-manifest")["spec"]["template"]
    template.setdefault("metadata", {})["labels"] = {"job": "nightly-manifest"}
    return world


def leader(world: World) -> World:
    """It picks the pod that bears the label of the leader, which only the running pod has."""
    world.service("broker")["spec"]["selector"] = {"app": "broker", "role": "leader"}
    world.pod("broker")["metadata"]["labels"]["role"] = "leader"
    return world


def own_runs(world: World) -> World:
    """It also picks ended pods of a Job of its own program."""
    pod = job(world, "labels-migrate", condition="Complete", succeeded=1, age=2 * HOUR, completionTime=world.ago(HOUR))
    pod["metadata"]["labels"] |= {"app": "labels"}
    return ended(world, pod, 0, ago=HOUR)


def two_protocols(world: World) -> World:
    world.service("labels")["spec"]["ports"].append(
        {"name": "udp", "port": 9090, "targetPort": 9090, "protocol": "UDP"}
    )
    group(world, "labels")["ports"].append({"name": "udp", "port": 9090, "protocol": "UDP"})
    return world


def before(world: World) -> World:
    """Calls were refused until the pod started again, four minutes ago."""
    born(world, world.pod("labels"), 4 * MINUTE)
    lines = [(age, REFUSED.format("172.30.117.217:9090")) for age in (290, 275, 260, 245)]
    return world.log("track-view", *lines, *((age, WELL["track-view"]) for age in (200, 150, 100, 50, 4)))


def rules(world: World, *hosts: tuple[str, str, str, int], **spec: object) -> World:
    """An Ingress of several hosts: host, path, Service and port each."""
    made: list[Json] = []
    for host, path, service, port in hosts:
        backend = {"service": {"name": service, "port": {"number": port}}}
        made.append({"host": host, "http": {"paths": [{"path": path, "pathType": "Prefix", "backend": backend}]}})
    return extra(world, "ingresses", "many", spec={"ingressClassName": "edge", "rules": made, **spec})


def no_class(world: World) -> World:
    """No class is named, and a controller has given it an address."""
    world.view["ingresses"][0]["spec"].pop("ingressClassName")
    world.view["ingresses"][0]["status"] = {"loadBalancer": {"ingress": [{"ip": "203.0.113.9"}]}}
    return world


def of_old(world: World) -> World:
    """No class is named, and the cluster has none: a controller from before there were classes."""
    world.view["ingresses"][0]["spec"].pop("ingressClassName")
    world.view["ingressclasses"] = []
    return world


def unserved(world: World) -> World:
    """No class is named, and none of those that there are is the default."""
    world.view["ingresses"][0]["spec"].pop("ingressClassName")
    return world


def annotated(world: World) -> World:
    """Its class is told as of old, by an annotation."""
    world.view["ingresses"][0]["spec"].pop("ingressClassName")
    world.view["ingresses"][0]["metadata"]["annotations"] = {"kubernetes.io/ingress.class": "edge"}
    return world


def other_path_type(world: World) -> World:
    """One host and path, once exactly and once as the head of paths."""
    entrance(world, "second", "gate", path="/", port={"number": 80})
    world.view["ingresses"][-1]["spec"]["rules"][0]["http"]["paths"][0]["pathType"] = "Exact"
    return world


def out_to_own(world: World) -> World:
    """Nothing may go out but to this namespace and DNS."""
    own = {"podSelector": {}}
    dns = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "kube-system"}}}
    ports = [{"port": 53, "protocol": "UDP"}, {"port": 53, "protocol": "TCP"}]
    return world.policy("out", {}, "Egress", egress=[{"to": [own]}, {"to": [dns], "ports": ports}])


def only_ingress(world: World) -> World:
    """Only the Ingress's namespace may call the gate, which nobody here calls."""
    peer = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "edge"}}}
    return world.policy("gate", {"matchLabels": {"app": "gate"}}, "Ingress", ingress=[{"from": [peer]}])


def for_runs(world: World) -> World:
    return world.policy("runs", {"matchLabels": {"batch": "yes"}}, "Ingress", "Egress")


def closed_port(world: World) -> World:
    """The caller may come in, but to another port; and its calls time out."""
    source = {"podSelector": {"matchLabels": {"app": "track-view"}}}
    world.policy("labels", {"matchLabels": {"app": "labels"}}, "Ingress", ingress=[{"from": [source], "ports": [
        {"port": 9091}]}])  # fmt: skip
    return says(world, "track-view", TIMED_OUT.format("172.30.117.217:9090"))


def dns(world: World, name: str, *, policy: str, servers: tuple[str, ...] = (), line: str = "") -> World:
    world.with_spec(name, dnsPolicy=policy, **({"dnsConfig": {"nameservers": list(servers)}} if servers else {}))
    return says(world, name, line) if line else world


def swapped(world: World) -> World:
    """Its clock says that the calls of just now are two hours old."""
    return world.node_behind(2 * HOUR)


ROADS = (
    ShopCase("everything has addresses of IPv6", "ok", six_only, asks=("namespace", "deployment/track-view")),
    ShopCase("an address of IPv6 is refused, its Service picks nothing", "fault", six_refused, words=("labels",),
             about=("labels",), asks=("namespace", "deployment/track-view")),
    ShopCase("headless and without ports", "ok", headless_bare),
    ShopCase("addresses by hand lead outside", "open", lambda w: by_hand(w, gone=False),
             asks=("namespace", "deployment/sorter")),
    ShopCase("addresses by hand lead to what is gone, and calls time out", "fault", lambda w: by_hand(w, gone=True),
             words=("weigher",), asks=("namespace", "deployment/sorter")),
    ShopCase("a name outside was unknown an hour ago", "ok", lambda w: outside_name(w, age=HOUR)),
    ShopCase("a name outside is unknown now", "fault", lambda w: outside_name(w, age=None), words=("carrier",),
             asks=("namespace", "deployment/sorter")),
    ShopCase("an external name of this namespace's own", "ok", to_itself, asks=("namespace", "deployment/track-view")),
    ShopCase("on the network of its node", "ok", host_network, asks=("namespace", "deployment/track-view")),
    ShopCase("a Service for the pods of a run that is not due", "ok", by_night),
    ShopCase("a Service for the leader alone", "ok", leader),
    ShopCase("a Service picks ended runs of its own program, too", "ok", own_runs),
    ShopCase("one port by two protocols", "ok", two_protocols),
    ShopCase("calls were refused until the pod started again", "ok", before),
    ShopCase("calls time out to another host of the same port", "fault",
             lambda w: says(told(w, "mail", "RELAY", "smtp.relay.example:8080"), "mail",
                            TIMED_OUT.format("smtp.relay.example:8080")), "shop", ("relay.example",),
             ("mail",), ("namespace", "deployment/mail")),
    ShopCase("an Ingress of three hosts", "ok",
             lambda w: rules(w, ("a.example", "/", "gate", 80), ("b.example", "/", "track-view", 8080),
                             ("c.example", "/", "scan-intake", 8080))),
    ShopCase("one of three hosts of an Ingress leads nowhere", "fault",
             lambda w: rules(w, ("a.example", "/", "gate", 80), ("b.example", "/", "tracker", 8080)),
             words=("tracker",)),
    ShopCase("an Ingress with a default backend alone", "ok",
             lambda w: extra(w, "ingresses", "all", spec={"ingressClassName": "edge", "defaultBackend": {
                 "service": {"name": "gate", "port": {"number": 80}}}})),
    ShopCase("the default backend of an Ingress is not there", "fault",
             lambda w: extra(w, "ingresses", "all", spec={"ingressClassName": "edge", "defaultBackend": {
                 "service": {"name": "sorry", "port": {"number": 80}}}}), words=("sorry",)),
    ShopCase("an Ingress to a bucket and not to a Service", "ok",
             lambda w: extra(w, "ingresses", "files", spec={"ingressClassName": "edge", "rules": [{
                 "host": "files.example", "http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": {
                     "resource": {"kind": "StorageBucket", "name": "files"}}}]}}]})),
    ShopCase("an Ingress without a class that has an address", "open", no_class),
    ShopCase("an Ingress whose class is an annotation", "ok", annotated),
    ShopCase("an Ingress without a class in a cluster that has none", "ok", of_old),
    ShopCase("an Ingress without a class, and none is the default", "open", unserved, words=("none is the default",),
             not_healthy=True),
    ShopCase("one path, once exactly and once as a head", "ok", other_path_type),
    ShopCase("a host, and a star for all others", "ok",
             lambda w: rules(w, ("*.example", "/", "track-view", 8080))),
    ShopCase("one host and path of two classes", "ok",
             lambda w: extra(entrance(w, "inner", "scan-intake", port={"number": 8080}, klass="inner"),
                 "ingressclasses",
                             "inner", spec={"controller": "example.com/inner"})),
    ShopCase("a certificate is asked for by an Ingress of twenty seconds", "open",
             lambda w: entrance(w, "cm-acme-http-solver-x", "cm-acme-http-solver-y",
                                path="/.well-known/acme-challenge/tok",
                                    port={"number": 8089}) and w.view["ingresses"][-1][
                 "metadata"].update(creationTimestamp=w.ago(20))),
    ShopCase("nothing goes out but to its own, and all is its own", "open", out_to_own),
    ShopCase("only the Ingress may call what only the Ingress calls", "open", only_ingress),
    ShopCase("a policy for runs that are not there", "ok", for_runs),
    ShopCase("a policy opens another port, and calls time out", "fault", closed_port, words=("labels",),
             asks=("namespace", "deployment/track-view")),
    ShopCase("a list of names that no proxy is for", "ok",
             lambda w: told(w, "track-view", "NO_PROXY", "localhost", "127.0.0.1", ".svc", "10.0.0.0/8", "intranet")),
    ShopCase("one of three brokers is not there, and nobody misses it", "open",
             lambda w: told(w, "sorter", "BROKERS", "broker:5672", "broker-b:5672", "broker-c:5672")),
    ShopCase("an agent on its own loopback", "ok", lambda w: told(w, "orders", "AGENT", "http://localhost:8126"),
             "shop"),
    ShopCase("it asks the cluster's DNS by hand", "ok", lambda w: dns(w, "sorter", policy="None",
             servers=("172.30.0.10",))),
    ShopCase("it asks its node's DNS, and calls only outside", "open", lambda w: dns(w, "mail", policy="Default"),
             "shop"),
    ShopCase("it asks its node's DNS, and does not know its own", "fault",
             lambda w: dns(w, "orders", policy="Default", line=UNKNOWN.format("db")), "shop", ("dns",), ("orders",),
             ("namespace", "deployment/orders")),
    ShopCase("the nodes' clocks are two hours behind", "ok", swapped),
)  # fmt: skip
