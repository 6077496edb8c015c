"""What a URL, a name, a Service or an endpoint can be: well while it looks broken, and broken for real."""

from tests.nearmiss.variants import Variant
from tests.nearmiss.variants.network import REFUSED, TIMED_OUT
from tests.nearmiss.variants.urls import NOT_FOUND, SERVES_8080, env
from tests.support.near_miss_world import World

HERE = "172.30.234.137:8080"
NO_URL = "Error fetching user: TypeError: Failed to parse URL from {}"
WRONG_VERSION = "[cause]: Error: SSL routines:ssl3_get_record:wrong version number code: 'ERR_SSL_WRONG_VERSION_NUMBER'"
WELL = (4, "GET /api/me 200 in 9ms")


def failing(world: World, line: str) -> World:
    """The caller's log holds nothing but this failure."""
    return world.log("web-server", (40, line), (22, line), (4, line))


def nobody_knows(world: World, host: str) -> World:
    return failing(world, NOT_FOUND.format(host))


def by_hand(world: World, *addresses: str) -> World:
    """A Service without selector beside the usual one, whose endpoints somebody wrote."""
    return world.add_service("api", None, SERVES_8080).endpoints("api", *addresses).url("http://api:8080")


def own_service(world: World, **spec: object) -> World:
    world.service()["spec"].update(spec)
    return world


def renumbered(world: World, target: object, *ports: dict) -> World:
    """The Service leads to another target port; the container declares these ports."""
    world.service()["spec"]["ports"][0]["targetPort"] = target
    return world.with_main("api-server", ports=list(ports))


def wrapped_command(world: World) -> World:
    """The variable is set by the shell that starts the program, not by the pod."""
    world.env("web-server")
    return world.with_main(
        "web-server", command=["sh", "-c"], args=["export INTERNAL_URL=http://api-server:8080; exec node server.js"]
    )


def file_of_vault(world: World) -> World:
    world.env("web-server")
    for pod in world.pods("web-server"):
        pod["metadata"].setdefault("annotations", {})["vault.hashicorp.com/agent-inject"] = "true"
    return world


def two_slices(world: World, *, four: bool, six: bool) -> World:
    """A Service of both families, each with a slice of its own."""
    own_service(world, clusterIPs=["172.30.234.137", "fd00:10::7"], ipFamilies=["IPv4", "IPv6"])
    world.view["endpoints"][0]["addresses"][0]["ready"] = four
    return world.endpoints("api-server", "fd00::9", ready=six)


def extra_port(world: World) -> World:
    world.service()["spec"]["ports"].append({"name": "metrics", "port": 9090, "targetPort": "metrics"})
    return world


def empty_service(world: World) -> World:
    """The Service selects by a label that its pods have not."""
    own_service(world, selector={"app": "api-server", "tier": "blue"})
    world.view["endpoints"][0]["addresses"] = []
    return world.answers("no_endpoints", pod=False)


WAYS = (
    Variant(
        "a dollar that is escaped, and calls succeed",
        "open",
        lambda w: w.env("web-server", *env("http://$$(HOST):8080")),
    ),
    Variant(
        "variables of the Service of another name",
        "open",
        lambda w: w.env("web-server", *env("http://$(ONYX_API_SERVICE_HOST):8080")),
    ),
    Variant(
        "a host alias that leads to the cluster IP",
        "ok",
        lambda w: w.with_spec("web-server", hostAliases=[{"ip": "172.30.234.137", "hostnames": ["backend"]}]).url(
            "http://backend:8080"
        ),
    ),
    Variant(
        "a host alias that leads to an address that is gone, and calls time out",
        "open",
        lambda w: failing(
            w.with_spec("web-server", hostAliases=[{"ip": "172.30.9.9", "hostnames": ["api-server"]}]),
            "[cause]: Error: connect ETIMEDOUT 172.30.9.9:8080",
        ),
        not_healthy=True,
    ),
    Variant("a scheme in capitals", "ok", lambda w: w.url("HTTP://API-SERVER:8080")),
    Variant(
        "a URL without a scheme, and it is no URL for the program",
        "fault",
        lambda w: failing(w.url("api-server:8080"), NO_URL.format("api-server:8080/me")),
        ("internal-url-wrong", "internal-url-malformed"),
    ),
    Variant(
        "quotes around the value, and it is no URL for the program",
        "fault",
        lambda w: failing(w.url('"http://api-server:8080"'), NO_URL.format('"http://api-server:8080"/me')),
        ("internal-url-wrong", "internal-url-malformed"),
    ),
    Variant(
        "a name with the first label right and one letter wrong in the second, and the log says so",
        "fault",
        lambda w: nobody_knows(w.url("http://api-server.onyx-helthy:8080"), "api-server.onyx-helthy"),
        ("internal-url-wrong",),
    ),
    Variant("a host of three labels, and calls succeed", "open", lambda w: w.url("http://api.onyx.corp:8080")),
    Variant(
        "https to a port that speaks http, and calls fail",
        "fault",
        lambda w: failing(
            w.url("https://api-server:8080"), f"Error fetching user: [TypeError: fetch failed] {{ {WRONG_VERSION} }}"
        ),
        ("internal-url-https",),
    ),
    Variant("failed calls that name no place", "open", lambda w: failing(w, WRONG_VERSION), not_healthy=True),
    Variant(
        "the port of the container behind a Service of port 80, and calls time out",
        "fault",
        lambda w: failing(own_service(w, ports=[{"port": 80, "targetPort": 8080}]), TIMED_OUT),
        ("internal-url-wrong",),
    ),
    Variant(
        "no port in the URL, and the Service has 80",
        "ok",
        lambda w: own_service(w, ports=[{"name": "http", "port": 80, "targetPort": 8080}]).url("http://api-server"),
    ),
    Variant(
        "no port in the URL, the Service has no 80, and calls time out",
        "fault",
        lambda w: failing(w.url("http://api-server"), "[cause]: Error: connect ETIMEDOUT 172.30.234.137:80"),
        ("internal-url-wrong",),
    ),
    Variant("set by the shell that starts the program", "open", wrapped_command),
    Variant("set by a file that an agent injects", "open", file_of_vault),
    Variant(
        "a variable with an empty value, and it calls its own pod",
        "fault",
        lambda w: failing(w.env("web-server", *env("")), REFUSED.format("127.0.0.1:8080")),
        ("internal-url-missing", "internal-url-wrong"),
    ),
    Variant("endpoints by hand that lead to the API's own pod", "ok", lambda w: by_hand(w, "10.85.0.77")),
    Variant("endpoints by hand that lead out of the cluster", "open", lambda w: by_hand(w, "192.168.7.7")),
    Variant(
        "endpoints by hand that lead to a pod that is gone, and calls time out",
        "fault",
        lambda w: failing(by_hand(w, "10.85.0.76"), "[cause]: Error: connect ETIMEDOUT 172.30.1.1:8080"),
        (),
    ),
    Variant("the API's Service without selector", "ok", lambda w: (w.service()["spec"].pop("selector"), w)),
    Variant("targetPort as text", "ok", lambda w: renumbered(w, "8080", {"containerPort": 8080})),
    Variant(
        "targetPort by a name that only its pods of today have",
        "ok",
        lambda w: (
            renumbered(w, "http"),
            w.pod("api-server")["spec"]["containers"][0].update(ports=[{"name": "http", "containerPort": 8080}]),
        ),
    ),
    Variant(
        "targetPort by a name that no container has",
        "fault",
        lambda w: (
            renumbered(w, "web", {"name": "http", "containerPort": 8080}),
            w.view["endpoints"][0].update(addresses=[]),
            failing(w.answers("no_endpoints", pod=False), REFUSED.format(HERE)),
        ),
        ("service-port-mismatch",),
    ),
    Variant(
        "targetPort of a port that no container declares, and calls are refused",
        "fault",
        lambda w: failing(
            renumbered(w, 9090, {"containerPort": 8080}).answers("refused", pod=False), REFUSED.format(HERE)
        ),
        ("service-port-mismatch",),
    ),
    Variant(
        "targetPort of a sidecar that is ready and proxies",
        "ok",
        lambda w: (
            w.container("api-server", name="envoy", ports=[{"containerPort": 15000}]),
            renumbered(w, 15000, {"containerPort": 8080}),
        ),
    ),
    Variant("a second port of the Service leads to a name that no container has", "ok", extra_port),
    Variant("two slices, the younger family not ready", "ok", lambda w: two_slices(w, four=True, six=False)),
    Variant("two slices, both ready", "ok", lambda w: two_slices(w, four=True, six=True)),
    Variant(
        "a Service that selects by a label that its pods have not",
        "fault",
        lambda w: failing(empty_service(w), REFUSED.format(HERE)),
        ("service-selector-mismatch",),
    ),
    Variant(
        "internal traffic stays on the node, and both are there",
        "ok",
        lambda w: own_service(w, internalTrafficPolicy="Local"),
    ),
    Variant(
        "external traffic stays on the node",
        "ok",
        lambda w: own_service(
            w, type="NodePort", externalTrafficPolicy="Local", ports=[{**SERVES_8080, "nodePort": 30080}]
        ),
    ),
    Variant("a caller that sticks to one pod", "ok", lambda w: own_service(w, sessionAffinity="ClientIP")),
    Variant(
        "the name is not found once, while the cluster's DNS was restarted",
        "ok",
        lambda w: w.log("web-server", (130, NOT_FOUND.format("api-server")), (100, "GET /api/me 200 in 9ms"), WELL),
    ),
    Variant(
        "the name is not resolved for now, minutes ago",
        "ok",
        lambda w: w.log(
            "web-server",
            (600, "[cause]: Error: getaddrinfo EAI_AGAIN api-server"),
            (590, "GET /api/me 200 in 8ms"),
            WELL,
        ),
    ),
    Variant(
        "the name of another program is not found, again and again",
        "ok",
        lambda w: w.log(
            "web-server", (40, NOT_FOUND.format("otel-collector")), (20, NOT_FOUND.format("otel-collector")), WELL
        ),
    ),
    Variant(
        "a debugger's port on loopback is refused",
        "ok",
        lambda w: w.log("web-server", (40, REFUSED.format("127.0.0.1:3000")), (20, REFUSED.format("[::1]:3000")), WELL),
    ),
    Variant(
        "the search's own port on loopback is refused, nothing else is logged",
        "open",
        lambda w: failing(w, REFUSED.format("127.0.0.1:4318")),
    ),
    Variant(
        "resolving fails for every name",
        "fault",
        lambda w: w.log(
            "web-server",
            (40, "[cause]: Error: getaddrinfo EAI_AGAIN api-server"),
            (20, "[cause]: Error: getaddrinfo EAI_AGAIN api-server"),
            (4, "[cause]: Error: getaddrinfo EAI_AGAIN api-server"),
        ),
        ("dns-failing",),
    ),
    Variant(
        "a ConfigMap that was changed to another value and back",
        "ok",
        lambda w: (
            next(x for x in w.view["configmaps"] if x["metadata"]["name"] == "web-server-config")["keyTimes"].update(
                INTERNAL_URL=w.ago(60)
            ),
            w,
        ),
    ),
    Variant(
        "an immutable map of another generation, named by a hash",
        "ok",
        lambda w: (
            next(x for x in w.view["configmaps"] if x["metadata"]["name"] == "web-server-config")["metadata"].update(
                creationTimestamp=w.ago(60)
            ),
            w,
        ),
    ),
)
