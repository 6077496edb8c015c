"""Where a URL leads: names, addresses and variables that a careless rule calls wrong, and some that are."""

from tests.nearmiss.variants import Variant
from tests.support.near_miss_world import World

SERVES_8080 = {"name": "http", "port": 8080, "targetPort": 8080}
NOT_FOUND = "[cause]: Error: getaddrinfo ENOTFOUND {}"
REFUSED = "[cause]: Error: connect ECONNREFUSED {}"


def env(value: str, *before: tuple[str, str]) -> "tuple[dict[str, str], ...]":
    return (*({"name": key, "value": text} for key, text in before), {"name": "INTERNAL_URL", "value": value})


def external_name(world: World, name: str, url: str) -> World:
    return world.add_service("api-alias", None, type="ExternalName", externalName=name, clusterIP="").url(url)


def headless(world: World, url: str, *, failing: bool = False) -> World:
    service = world.service()
    service["spec"] |= {"clusterIP": "None", "ports": [{"port": 80, "targetPort": 8080}]}
    if failing:
        world.log("web-server", (30, REFUSED.format("10.85.0.77:80")), (5, REFUSED.format("10.85.0.77:80")))
    return world.url(url)


def other_namespace(world: World, *, ready: int, url: str = "http://api-server.prod:8080") -> World:
    service = {"metadata": {"name": "api-server", "namespace": "prod"}, "spec": {"ports": [SERVES_8080]}}
    world.view["foreignServices"] = [
        {"namespace": "prod", "name": "api-server", "service": service, "readyAddresses": ready}
    ]
    return world.url(url)


def dual_stack(world: World) -> World:
    world.service()["spec"] |= {"clusterIP": "fd00:10::7", "clusterIPs": ["fd00:10::7", "172.30.234.137"]}
    return world.endpoints("api-server", "fd00::9").url("http://[fd00:10::7]:8080")


def node_port(world: World) -> World:
    world.service()["spec"] |= {"type": "NodePort", "ports": [{**SERVES_8080, "nodePort": 30080}]}
    return world.url("http://10.86.0.1:30080")


URLS = (
    Variant(
        "service variables of the kubelet",
        "ok",
        lambda w: w.env("web-server", *env("http://$(API_SERVER_SERVICE_HOST):$(API_SERVER_SERVICE_PORT)")),
    ),
    Variant(
        "a variable that refers to a variable",
        "ok",
        lambda w: w.env(
            "web-server", *env("http://$(HOST):$(PORT)", ("BASE", "api-server"), ("HOST", "$(BASE)"), ("PORT", "8080"))
        ),
    ),
    Variant(
        "a variable that comes from a Secret",
        "open",
        lambda w: w.env(
            "web-server",
            {"name": "HOST", "valueFrom": {"secretKeyRef": {"name": "s", "key": "host"}}},
            *env("http://$(HOST):8080"),
        ),
    ),
    Variant(
        "a reference to a variable that is defined below it",
        "open",
        lambda w: w.env("web-server", *env("http://$(HOST):8080"), {"name": "HOST", "value": "api-server"}),
    ),
    Variant("the cluster IP itself", "ok", lambda w: w.url("http://172.30.234.137:8080")),
    Variant("the pod's own address", "open", lambda w: w.url("http://10.85.0.77:8080")),
    Variant("a node's port of a node's address", "ok", node_port),
    Variant(
        "an external address of the Service",
        "ok",
        lambda w: (w.service()["spec"].update(externalIPs=["203.0.113.9"]), w.url("http://203.0.113.9:8080")),
    ),
    Variant(
        "the host name of the Service's load balancer",
        "open",
        lambda w: (
            w.service().update(status={"loadBalancer": {"ingress": [{"hostname": "abc.elb.example.com"}]}}),
            w.url("http://abc.elb.example.com:8080"),
        ),
    ),
    Variant("a public host", "open", lambda w: w.url("https://api.example.com/v1")),
    Variant("an address of IPv6, dual stack", "ok", dual_stack),
    Variant(
        "an ExternalName that leads to the Service",
        "ok",
        lambda w: external_name(w, "api-server.onyx-healthy.svc.cluster.local", "http://api-alias:8080"),
    ),
    Variant(
        "an ExternalName that leads out of the cluster",
        "open",
        lambda w: external_name(w, "api.example.com", "http://api-alias:8080"),
    ),
    Variant(
        "ExternalNames that lead to each other",
        "open",
        lambda w: external_name(w, "api-alias.onyx-healthy.svc.cluster.local", "http://api-alias:8080"),
    ),
    Variant("a headless Service by the pods' port", "ok", lambda w: headless(w, "http://api-server:8080")),
    Variant(
        "a headless Service by its own port, and calls fail",
        "fault",
        lambda w: headless(w, "http://api-server:80", failing=True),
        ("internal-url-wrong",),
    ),
    Variant(
        "a headless Service by its own port, while calls succeed", "open", lambda w: headless(w, "http://api-server:80")
    ),
    Variant("a Service of another namespace that is ready", "open", lambda w: other_namespace(w, ready=2)),
    Variant(
        "a Service of another namespace without endpoints, and calls fail",
        "fault",
        lambda w: other_namespace(w, ready=0).log(
            "web-server", (20, REFUSED.format("172.30.9.9:8080")), (4, NOT_FOUND.format("api-server.prod"))
        ),
        ("internal-url-wrong",),
    ),
    Variant(
        "a Service of another namespace without endpoints, while calls succeed",
        "open",
        lambda w: other_namespace(w, ready=0),
    ),
    Variant(
        "a name of two labels that the log says is unknown",
        "fault",
        lambda w: (
            w.url("http://onyx.api:8080"),
            w.view.update(foreignServices=[{"namespace": "api", "name": "onyx"}]),
            w.log("web-server", (20, NOT_FOUND.format("onyx.api")), (4, NOT_FOUND.format("onyx.api"))),
        ),
        ("internal-url-wrong",),
    ),
    Variant(
        "another name of the same pods",
        "ok",
        lambda w: (
            w.add_service("backend", {"app": "api-server"}, SERVES_8080)
            .endpoints("backend", "10.85.0.77")
            .url("http://backend:8080")
        ),
    ),
    Variant(
        "a proxy in front, while calls succeed",
        "open",
        lambda w: (
            w.beside("gateway", {"app": "gateway"}, ports=[{"containerPort": 80}])
            .add_service("gateway", {"app": "gateway"}, {"port": 80})
            .endpoints("gateway", "10.85.7.7", port=80)
            .url("http://gateway")
        ),
    ),
    Variant(
        "the API in the same pod, by loopback",
        "ok",
        lambda w: w.container("web-server", name="api-proxy", ports=[{"containerPort": 8080}]).url(
            "http://localhost:8080"
        ),
    ),
    Variant("a name that does not exist, while calls succeed", "open", lambda w: w.url("http://api-gateway:8080")),
    Variant(
        "a name that does not exist, and the log says so",
        "fault",
        lambda w: w.url("http://api-gateway:8080").log(
            "web-server", (30, NOT_FOUND.format("api-gateway")), (3, NOT_FOUND.format("api-gateway"))
        ),
        ("internal-url-wrong",),
    ),
    Variant("blanks and a newline behind the value", "ok", lambda w: w.url(" http://api-server:8080/ \n")),
    Variant(
        "a host alias for an address outside",
        "open",
        lambda w: w.with_spec("web-server", hostAliases=[{"ip": "192.168.9.9", "hostnames": ["api.internal"]}]).url(
            "http://api.internal:8080"
        ),
    ),
)
