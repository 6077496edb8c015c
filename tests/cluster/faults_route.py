"""Faults of the way from web to API: Service, ports, INTERNAL_URL, network policies."""

from tests.cluster.app import App, analysis_app, config_map, manifest_app, policy
from tests.cluster.conditions import after, every, no_endpoints, ready, web_runs
from tests.cluster.fault import Fault, Paste, Step, fault
from tests.cluster.kubectl import Object

LOG = Paste.WEB_LOG
TIMED_OUT = """\
TypeError: fetch failed
    at node:internal/deps/undici/undici:13510:13
    at process.processTicksAndRejections (node:internal/process/task_queues:105:5) {
  [cause]: ConnectTimeoutError: Connect Timeout Error (attempted address: api-server:8080, timeout: 10000ms)
      at onConnectTimeout (node:internal/deps/undici/undici:2602:28) {
    code: 'UND_ERR_CONNECT_TIMEOUT'
  }
}
"""
NO_DNS = """\
TypeError: fetch failed
    at node:internal/deps/undici/undici:13510:13
    at process.processTicksAndRejections (node:internal/process/task_queues:105:5) {
  [cause]: Error: getaddrinfo EAI_AGAIN api-server
      at GetAddrInfoReqWrap.onlookupall [as oncomplete] (node:dns:122:26) {
    errno: -3001,
    code: 'EAI_AGAIN',
    syscall: 'getaddrinfo',
    hostname: 'api-server'
  }
}
"""

API_PODS, WEB_PODS = {"matchLabels": {"app": "api-server"}}, {"matchLabels": {"app": "web-server"}}
NEITHER = {"matchExpressions": [{"key": "app", "operator": "NotIn", "values": ["api-server", "web-server"]}]}
TCP_8080: Object = {"protocol": "TCP", "port": 8080}
TO_DNS: Object = {"ports": [{"protocol": "UDP", "port": 53}, {"protocol": "TCP", "port": 53}]}


def with_service(**spec: object) -> App:
    app = analysis_app()
    app.service["spec"].update(spec)
    return app


def to_port(target: int | str) -> App:
    """The Service sends to another port of the pods."""
    return with_service(ports=[{"name": "http", "port": 8080, "targetPort": target}])


def with_policies(*specs: Object) -> App:
    return analysis_app().add(*(policy(f"policy-{n}", spec) for n, spec in enumerate(specs)))


def ingress(pods: Object, *rules: Object) -> Object:
    return {"podSelector": pods, "policyTypes": ["Ingress"], "ingress": list(rules)}


def egress(pods: Object, *rules: Object) -> Object:
    return {"podSelector": pods, "policyTypes": ["Egress"], "egress": list(rules)}


stands = every(ready(), web_runs)


def url_in_env() -> App:
    """A wrong value in the container's own env, which wins over the right one in the ConfigMap."""
    app = analysis_app()
    container = app.web["spec"]["template"]["spec"]["containers"][0]
    container["env"] = [{"name": "INTERNAL_URL", "value": "http://api-service:8080"}]
    return app


def deaf_resolver() -> App:
    """The web server's DNS server refuses: EAI_AGAIN, as when cluster DNS is down, in this namespace alone."""
    app = analysis_app()
    app.web["spec"]["template"]["spec"] |= {"dnsPolicy": "None", "dnsConfig": {"nameservers": ["127.0.0.1"]}}
    return app


# Applied again by the same tool: Kubernetes 1.20 then leaves the time in managedFields as it was. A patch changes it.
RIGHT_CONFIG = config_map("web-server-config", {"INTERNAL_URL": "http://api-server:8080"})
PATCH_URL = ("patch", "configmap", "web-server-config", '--patch={"data":{"INTERNAL_URL":"http://api-server:8080"}}')
seen_for_a_while = every(stands, ready("web-server", seconds=10))


def url(id: str, value: str | None, cause: str = "internal-url-wrong") -> Fault:  # noqa: A002
    return fault(id, lambda: analysis_app().internal_url(value), stands, cause, paste=LOG)


def blocked(id: str, *specs: Object, paste: str | None = TIMED_OUT) -> Fault:  # noqa: A002
    return fault(id, lambda: with_policies(*specs), stands, "network-policy-blocks", paste=paste)


def harmless(id: str, *specs: Object) -> Fault:  # noqa: A002
    return fault(id, lambda: with_policies(*specs), stands, verdict="healthy")


# fmt: off
ROUTE: tuple[Fault, ...] = (
    fault("service-absent", lambda: analysis_app().drop("Service", "api-server"), stands, "service-missing", paste=LOG),
    fault("selector-wrong", lambda: with_service(selector={"app": "onyx-api"}), every(stands, no_endpoints),
          "service-selector-mismatch", paste=LOG),
    fault("selector-one-label-too-many", lambda: with_service(selector={"app": "api-server", "release": "prod"}),
          every(stands, no_endpoints), "service-selector-mismatch", paste=LOG),
    fault("target-port-number", lambda: to_port(8081), stands, "service-port-mismatch", paste=LOG),
    fault("target-port-name", lambda: to_port("api-server-port"), every(stands, no_endpoints), "service-port-mismatch",
          paste=LOG),
    # --- INTERNAL_URL
    url("url-wrong-name", "http://api-servr:8080"),
    url("url-wrong-port", "http://api-server:8081"),
    url("url-wrong-namespace", "http://api-server.danswer:8080"),
    url("url-of-compose", "http://api_server:8080"),
    url("url-missing", None, "internal-url-missing"),
    fault("manifests-url-port", lambda: manifest_app().internal_url("http://api-server-service:8080"), stands,
          "internal-url-wrong", paste=LOG),
    fault("url-stale", lambda: analysis_app().internal_url("http://api-server-old:8080"), after(4),
          "internal-url-stale", paste=LOG, steps=(Step(seen_for_a_while, objects=(RIGHT_CONFIG,)),)),
    fault("url-stale-patched", lambda: analysis_app().internal_url("http://api-server:8081"), after(4),
          "internal-url-stale", paste=LOG, steps=(Step(seen_for_a_while, PATCH_URL),)),
    fault("url-in-env-wrong", url_in_env, stands, "internal-url-wrong", paste=LOG),
    fault("dns-failing", deaf_resolver, stands, "dns-failing", paste=LOG),
    # --- policies that deny
    blocked("policy-denies-api", ingress(API_PODS)),
    blocked("policy-denies-all", ingress({})),
    blocked("policy-other-caller", ingress(API_PODS, {"from": [{"podSelector": {"matchLabels": {"app": "nginx"}}}]})),
    blocked("policy-other-port", ingress(API_PODS, {"from": [{"podSelector": WEB_PODS}], "ports": [{"port": 9090}]})),
    blocked("policy-other-namespace", ingress(API_PODS, {"from": [
        {"namespaceSelector": {"matchLabels": {"team": "onyx"}}, "podSelector": WEB_PODS}]})),
    blocked("policy-denies-egress", egress(WEB_PODS, TO_DNS)),
    blocked("policy-denies-dns", egress(WEB_PODS, {"to": [{"podSelector": API_PODS}], "ports": [TCP_8080]}),
            paste=NO_DNS),
    # --- policies that allow, or only look as if they denied
    harmless("policy-allows-web", ingress(API_PODS, {"from": [{"podSelector": WEB_PODS}], "ports": [TCP_8080]})),
    harmless("policy-allows-beside-deny", ingress({}), ingress(API_PODS, {"from": [{"namespaceSelector": {}}]}),
             egress({}, {})),
    harmless("policy-on-others", ingress({"matchLabels": {"app": "background"}}), egress(API_PODS, {}),
             {"podSelector": NEITHER, "policyTypes": ["Ingress", "Egress"]}),
    harmless("policy-allows-egress", egress(WEB_PODS, TO_DNS, {"to": [{"podSelector": {"matchExpressions": [
        {"key": "app", "operator": "In", "values": ["api-server", "nginx"]}]}}], "ports": [TCP_8080]})),
)
# fmt: on
