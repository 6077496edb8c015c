"""URLs, Services, names and policies: the state beside each of those that the given near misses have."""

from tests.nearmiss.variants import Variant
from tests.nearmiss.variants.making import HERE, WELL, down, refused
from tests.nearmiss.variants.more import stateful
from tests.nearmiss.variants.network import AGAIN, API, KUBE_SYSTEM, REFUSED, TIMED_OUT, TO_API, WEB, quiet
from tests.nearmiss.variants.pods import PROBE_503
from tests.nearmiss.variants.urls import NOT_FOUND, SERVES_8080, env
from tests.nearmiss.variants.ways import failing
from tests.support.near_miss_world import Json, World

HEADLESS = {"clusterIP": "None", "ports": [{"port": 80, "targetPort": 8080}]}


def probe_503(world: World) -> World:
    pod = world.pod("api-server")
    return world.not_ready(pod, 600).answers("http_error", 503).event(pod, "Pod", "Unhealthy", PROBE_503, 4)


def headless(world: World, *, ready: bool) -> World:
    """A headless Service without ports: without a ready pod its name has no address."""
    world.service()["spec"] |= {"clusterIP": "None", "ports": []}
    world.view["endpoints"][0]["ports"] = []
    world.view["health"] = world.view["health"][:1]
    return world if ready else failing(probe_503(world), NOT_FOUND.format("api-server"))


def own_headless_port(world: World) -> World:
    """The URL has the Service's port, which a headless Service does not map."""
    world.service()["spec"] |= HEADLESS
    world.view["health"] = world.view["health"][:1]
    return failing(world.url("http://api-server:80"), REFUSED.format("10.85.0.77:80"))


def published(world: World) -> World:
    """Its address is published also while it is not ready; it crashes, so calls to it are refused all the same."""
    world.service()["spec"]["publishNotReadyAddresses"] = True
    world.crashing(world.pod("api-server")).answers("refused", pod=False)
    world.view["endpoints"][0]["addresses"][0]["ready"] = True
    return refused(world)


def elsewhere(world: World, *, unread: bool = False, ready: int = 0) -> World:
    """The URL names another namespace, where its Service may not be read, or has so many ready addresses."""
    found: Json = {"namespace": "backend", "name": "api"}
    if unread:
        found["gap"] = {"reason": "forbidden", "what": "the Service api", "verb": "get", "resource": "services",
                        "namespace": "backend"}  # fmt: skip
    else:
        found |= {"service": {"metadata": {"name": "api", "namespace": "backend"},
                              "spec": {"clusterIP": "172.30.8.8", "ports": [SERVES_8080]}},
                  "readyAddresses": ready}  # fmt: skip
    world.view["foreignServices"] = [found]
    return world.url("http://api.backend:8080")


def by_hand(world: World, line: str = "") -> World:
    """The API is a machine outside, behind a Service without selector; nothing of it runs here."""
    world.without("api-server", service=False)
    world.service()["spec"].pop("selector")
    world.view["endpoints"][0]["addresses"] = [{"ip": "192.168.7.9"}]
    return failing(world, line) if line else world


def balanced(world: World, address: str, line: str = "") -> World:
    """The Service has a load balancer; the URL has this address."""
    world.service()["spec"]["type"] = "LoadBalancer"
    world.service()["status"] = {"loadBalancer": {"ingress": [{"ip": "10.20.30.40"}]}}
    world.url(f"http://{address}:8080")
    return failing(world, line) if line else world


def ordinal(world: World, number: int, line: str = "") -> World:
    """A StatefulSet with a headless Service, of which the URL names one pod."""
    stateful(world)
    pod = world.pod("api-server")
    before, name = pod["metadata"]["name"], "api-server-0"
    pod["metadata"]["name"] = name
    pod["spec"] |= {"hostname": name, "subdomain": "api-server"}
    for item in world.view["health"]:
        item["target"] = item["target"].replace(before, name)
    for item in world.view["logs"]:
        item["pod"] = item["pod"].replace(before, name)
    world.view["endpoints"][0]["addresses"][0]["pod"] = name
    world.service()["spec"] |= {"clusterIP": "None"}
    world.view["health"] = world.view["health"][:1]
    world.url(f"http://api-server-{number}.api-server:8080")
    return failing(world, line) if line else world


def six_only(world: World) -> World:
    """A cluster of IPv6 alone."""
    world.service()["spec"] |= {"clusterIP": "fd00:30::a9", "clusterIPs": ["fd00:30::a9"], "ipFamilies": ["IPv6"]}
    world.view["endpoints"][0]["addresses"][0]["ip"] = "fd00:85::77"
    for name, address in (("api-server", "fd00:85::77"), ("web-server", "fd00:85::76")):
        world.pod(name)["status"] |= {"podIP": address, "podIPs": [{"ip": address}], "hostIP": "fd00:86::1"}
    return world


def second_map(world: World, value: str) -> World:
    """Two ConfigMaps are read, and the later one wins."""
    world.view["configmaps"].append({
        "metadata": {"name": "web-extra", "namespace": "onyx-healthy", "creationTimestamp": world.ago(259_200)},
        "data": {"INTERNAL_URL": value}, "keys": ["INTERNAL_URL"], "keyTimes": {"INTERNAL_URL": world.ago(259_200)},
    })  # fmt: skip
    return world.with_main("web-server", envFrom=[{"configMapRef": {"name": "web-server-config"}},
                                                  {"configMapRef": {"name": "web-extra"}}])  # fmt: skip


def map_is_gone(world: World) -> World:
    """A map that must be there is gone since the start; the process runs with what it read then."""
    world.with_main("web-server", envFrom=[{"configMapRef": {"name": "nope"}}])
    return world.with_main("web-server", env=[{"name": "INTERNAL_URL", "value": "http://api-server:8080"}])


def map_is_missing(world: World) -> World:
    """The map is not there, and the web server's container cannot be made."""
    map_is_gone(world)
    pod = world.pod("web-server")
    world.not_ready(pod)
    message = 'configmap "nope" not found'
    pod["status"]["phase"] = "Pending"
    pod["status"]["containerStatuses"][0] |= {
        "started": False,
        "state": {"waiting": {"reason": "CreateContainerConfigError", "message": message}},
    }
    world.view["logs"] = [x for x in world.view["logs"] if x["container"] != "web-server"]
    return world.event(pod, "Pod", "Failed", f"Error: {message}", 8)


def wrong_after_start(world: World) -> World:
    """The map was changed to a wrong value after the process had read the right one."""
    settings = next(x for x in world.view["configmaps"] if x["metadata"]["name"] == "web-server-config")
    settings["keyTimes"]["INTERNAL_URL"] = world.ago(900)
    return world.url("http://api-sever:8080")


def mixed(world: World, line: str) -> World:
    """Some calls fail so, and others are answered, until now."""
    rows = ((age, line if age % 20 else WELL[1]) for age in range(90, 0, -10))
    return world.log("web-server", *rows, (3, WELL[1]))


def proxied(world: World) -> World:
    """A proxy beside the program takes the calls, and does not reach the program, which does not listen."""
    world.container("api-server", name="nginx", image="nginx:1.29", ports=[{"containerPort": 80}])
    world.service()["spec"]["ports"][0]["targetPort"] = 80
    world.view["endpoints"][0]["ports"][0]["port"] = 80
    world.with_main("api-server", readinessProbe=None, livenessProbe=None)
    world.view["health"] = [
        {"target": "service/api-server", "port": "8080", "path": "/health", "outcome": "http_error", "status": 502}
    ]
    return failing(world, "Error fetching user: 502 Bad Gateway")


def egress(world: World, *rules: Json) -> World:
    return world.policy("web-out", WEB, "Egress", egress=list(rules))


WAYS = (
    Variant("headless without ports, and its pod is not ready, so its name has no address", "fault",
            lambda w: headless(w, ready=False), ("api-not-ready",)),
    Variant("headless, and the URL has the port of the Service, which is not mapped", "fault", own_headless_port,
            ("internal-url-wrong",)),
    Variant("its address is not published while its probe fails", "fault", lambda w: down(probe_503(w)),
            ("api-not-ready",)),
    Variant("its address is published, and it crashes", "fault", published, ("api-crash-looping",)),
    Variant("a Service of another namespace that may not be read, and calls are refused", "open",
            lambda w: failing(elsewhere(w, unread=True), REFUSED.format("172.30.8.8:8080")), not_healthy=True),
    Variant("a Service of another namespace that may not be read, and calls succeed", "open",
            lambda w: elsewhere(w, unread=True)),
    Variant("two labels that are a Service of that namespace, which is ready", "open",
            lambda w: elsewhere(w, ready=2)),
    Variant("a Service of another namespace without a ready address, and calls are refused by it", "fault",
            lambda w: failing(elsewhere(w), REFUSED.format("172.30.8.8:8080")), ("internal-url-wrong",)),
    Variant("endpoints by hand to a machine outside, which does not answer", "open",
            lambda w: by_hand(w, "[cause]: Error: connect ETIMEDOUT 172.30.234.137:8080"), not_healthy=True),
    Variant("endpoints by hand to a machine outside, which answers", "open", by_hand),
    Variant("the address of a load balancer that is not this Service's, and refuses", "open",
            lambda w: balanced(w, "10.20.30.41", REFUSED.format("10.20.30.41:8080")), not_healthy=True),
    Variant("the address of the Service's own load balancer, which times out", "open",
            lambda w: balanced(w, "10.20.30.40", "[cause]: Error: connect ETIMEDOUT 10.20.30.40:8080"),
            not_healthy=True),
    Variant("an address outside the cluster, which refuses", "open",
            lambda w: failing(w.url("http://192.168.10.20:8080"), REFUSED.format("192.168.10.20:8080")),
            not_healthy=True),
    Variant("a variable in the URL that there is not, and its name is not found", "fault",
            lambda w: failing(w.env("web-server", *env("http://$(API_HOTS):8080", ("API_HOST", "api-server"))),
                              NOT_FOUND.format("$(api_hots)")), ("internal-url-wrong", "internal-url-malformed")),
    Variant("a variable in the URL that there is not, in capitals in the log", "fault",
            lambda w: failing(w.env("web-server", *env("http://$(API_HOTS):8080", ("API_HOST", "api-server"))),
                              NOT_FOUND.format("$(API_HOTS)")), ("internal-url-wrong", "internal-url-malformed")),
    Variant("a variable of a shell in the URL, which nobody expands", "fault",
            lambda w: failing(w.url("http://${API_HOST}:8080"),
                              "Error fetching user: TypeError: Failed to parse URL from http://${API_HOST}:8080/me"),
            ("internal-url-wrong", "internal-url-malformed")),
    Variant("a host alias for an old cluster IP of the Service, which times out", "open",
            lambda w: failing(w.with_spec("web-server", hostAliases=[{"ip": "172.30.9.9", "hostnames": ["backend"]}])
                              .url("http://backend:8080"), "[cause]: Error: connect ETIMEDOUT 172.30.9.9:8080"),
            not_healthy=True),
    Variant("the node's own address by a field, and the port of the node", "open",
            lambda w: (w.service()["spec"].update(type="NodePort", ports=[{**SERVES_8080, "nodePort": 30080}]),
                       w.env("web-server", {"name": "HOST_IP", "valueFrom": {"fieldRef": {
                           "fieldPath": "status.hostIP"}}}, *env("http://$(HOST_IP):30080")))),
    Variant("a literal address of IPv6 that is nobody's here", "open", lambda w: w.url("http://[fd12:7::9]:8080")),
    Variant("a cluster of IPv6 alone", "ok", six_only),
    Variant("a cluster of IPv6 alone, and its probe fails", "fault",
            lambda w: failing(probe_503(six_only(w)).answers("no_endpoints", pod=False),
                              REFUSED.format("fd00:30::a9:8080")), ("api-not-ready",)),
    Variant("the later of two maps has a name that there is not", "fault",
            lambda w: failing(second_map(w, "http://backend-api:8080"), NOT_FOUND.format("backend-api")),
            ("internal-url-wrong",)),
    Variant("the earlier of two maps has a name that there is not", "ok",
            lambda w: second_map(w.url("http://backend-api:8080"), "http://api-server:8080")),
    Variant("a map that must be there was deleted after the start", "open", map_is_gone),
    Variant("a map that must be there is not, and the web server cannot begin", "fault", map_is_missing, (),
            ("nope",)),
    Variant("the map was changed to a wrong name after the start, and calls succeed", "open", wrong_after_start),
    Variant("one pod of a StatefulSet by its own name", "open", lambda w: ordinal(w, 0)),
    Variant("a pod of a StatefulSet that there is not, by its own name", "fault",
            lambda w: ordinal(w, 3, NOT_FOUND.format("api-server-3.api-server")), ("internal-url-wrong",)),
    Variant("a name with one letter wrong that is nobody's setting, once", "open",
            lambda w: w.log("web-server", (40, NOT_FOUND.format("api-sever")), (20, WELL[1]), WELL)),
    Variant("its own loopback in the URL, where nothing listens", "fault",
            lambda w: failing(w.url("http://localhost:8080"), REFUSED.format("127.0.0.1:8080")),
            ("internal-url-wrong",)),
    Variant("a comment behind the URL", "fault",
            lambda w: failing(w.url("http://api-server:8080 # internal"),
                              "Error fetching user: TypeError: Failed to parse URL from "
                              "http://api-server:8080 # internal/me"),
            ("internal-url-wrong", "internal-url-malformed")),
    Variant("a proxy beside the program answers 502 for it", "open", proxied, not_healthy=True),
    Variant("the health endpoint answers 500, and every call is served", "open",
            lambda w: w.answers("http_error", 500).log("web-server", *((age, WELL[1]) for age in range(90, 0, -10)))),
    Variant("the health endpoint answers 403 of a mesh, and every call is served", "open",
            lambda w: w.answers("http_error", 403).log("web-server", *((age, WELL[1]) for age in range(90, 0, -10)))),
    # policies
    Variant("everything is denied, and names are not resolved", "fault",
            lambda w: failing(w.policy("deny", {}, "Ingress", "Egress"), AGAIN), ("network-policy-blocks",
                                                                                  "dns-failing")),
    Variant("everything is denied, and some calls are answered", "open",
            lambda w: mixed(w.policy("deny", {}, "Ingress", "Egress"), TIMED_OUT)),
    Variant("DNS is let out to port 5353 alone, in a cluster where it is 53", "fault",
            lambda w: failing(egress(w, TO_API, {"to": [KUBE_SYSTEM], "ports": [{"port": 5353, "protocol": "UDP"}]}),
                              AGAIN), ("network-policy-blocks", "dns-failing")),
    Variant("no DNS is let out, and none is needed: the URL is the cluster IP", "ok",
            lambda w: egress(w.url("http://172.30.234.137:8080"), TO_API)),
    Variant("no DNS is let out, and none is needed: a host alias", "ok",
            lambda w: egress(w.with_spec("web-server", hostAliases=[{"ip": "172.30.234.137", "hostnames": ["backend"]}])
                             .url("http://backend:8080"), TO_API)),
    Variant("a range of ports that ends one before, and nobody calls", "fault",
            lambda w: quiet(w).policy("in", API, "Ingress", ingress=[{"ports": [{"port": 8000, "endPort": 8079}]}]),
            ("network-policy-blocks",)),
    Variant("a second policy opens another port alone, and calls time out", "fault",
            lambda w: failing(w.policy("deny", {}, "Ingress").policy(
                "allow", API, "Ingress", ingress=[{"from": [{"podSelector": WEB}], "ports": [{"port": 9090}]}]),
                TIMED_OUT), ("network-policy-blocks",)),
    Variant("no types are named, egress is empty: the callers' ways out stay open", "open",
            lambda w: w.view.setdefault("networkpolicies", []).append(
                {"metadata": {"name": "web", "uid": "np"}, "spec": {"podSelector": WEB, "egress": []}})),
    Variant("no types are named, and nothing is let in to the API, and calls time out", "fault",
            lambda w: (w.view.setdefault("networkpolicies", []).append(
                {"metadata": {"name": "api", "uid": "np"}, "spec": {"podSelector": API}}), failing(w, TIMED_OUT)),
            ("network-policy-blocks",)),
    Variant("a policy closes the API, which is on the network of its node", "open",
            lambda w: w.with_spec("api-server", hostNetwork=True).policy("in", API, "Ingress")),
    Variant("the namespace's pods are let in by an address, and calls time out", "open",
            lambda w: failing(w.policy("in", API, "Ingress", ingress=[
                {"from": [{"ipBlock": {"cidr": "10.85.0.0/24"}}]}]), TIMED_OUT), not_healthy=True),
    Variant("refused at once under a policy that lets all in", "open",
            lambda w: failing(w.policy("in", API, "Ingress", ingress=[{}]), REFUSED.format(HERE)), not_healthy=True),
)  # fmt: skip
