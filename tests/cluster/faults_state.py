"""Nothing wrong, nearly wrong, not wrong any more, and wrong twice."""

from tests.cluster import programs
from tests.cluster.app import App, analysis_app, chart_app, deployment, manifest_app, policy
from tests.cluster.conditions import (
    after,
    every,
    killed_for_memory,
    no_endpoints,
    no_pods,
    phase,
    ready,
    restarted,
    web_runs,
)
from tests.cluster.fault import Fault, Paste, Step, fault
from tests.cluster.faults_route import API_PODS, TIMED_OUT, ingress, stands, with_service
from tests.cluster.faults_workload import running
from tests.cluster.kubectl import Object

LOG = Paste.WEB_LOG


def killed_once() -> App:
    """The first life of the container ends for memory, the second one serves."""
    app = running(programs.ALLOCATE_ONCE, "128Mi")
    app.api_pod["volumes"] = [{"name": "state", "emptyDir": {}}]
    app.api_container["volumeMounts"] = [{"name": "state", "mountPath": "/state"}]
    return app


def with_finished_job() -> App:
    """A migration Job whose pod carries the API's label and has ended."""
    container = {
        "name": "migrate",
        "image": "lab.local/app:1",
        "imagePullPolicy": "IfNotPresent",
        "command": ["/bin/true"],
    }
    template = {
        "metadata": {"labels": {"app": "api-server"}},
        "spec": {"restartPolicy": "Never", "containers": [container]},
    }
    job: Object = {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": "migrate-42"},
        "spec": {"template": template},
    }
    return analysis_app().add(job)


def with_crashing_neighbour() -> App:
    """Something in the namespace crashes that has nothing to do with Onyx, and the Slack bot is switched off."""
    exporter = deployment("report-exporter", {"app": "report-exporter"}, {"args": [programs.fail("no licence")]})
    slack = deployment("slack-bot-deployment", {"app": "slack-bot"}, {"args": ["0"]}, replicas=0)
    return analysis_app().add(exporter, slack)


EVICTED_POD: Object = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"name": "api-server-5d7f9c-evicted", "labels": {"app": "api-server"}},
    "spec": {"schedulerName": "nobody", "containers": [{"name": "api-server", "image": "lab.local/app:1"}]},
}
EVICTED_STATUS = (
    '{"status":{"phase":"Failed","reason":"Evicted",'
    '"message":"The node was low on resource: memory. Container api-server was using 3Gi, over its request of 1Gi."}}'
)

EVICT = (
    *("patch", "pod", "api-server-5d7f9c-evicted", "--subresource=status", "--type=merge"),
    f"--patch={EVICTED_STATUS}",
)


def killed_and_misled() -> App:
    return running(programs.ALLOCATE, "128Mi").internal_url("http://onyx-api:8080")


UNSTRIPPED = (
    "INFO:     11/23/2026 10:00:01 AM               h11_impl.py  478: [API:EtygOkg-] 127.0.0.1:53210 - "
    '"GET /api/mcp/servers/persona/0 HTTP/1.1" 404'
)


def mismatched_and_blocked() -> App:
    return with_service(selector={"app": "onyx-api"}).add(policy("default-deny", ingress(API_PODS)))


def crashing_behind_wrong_port() -> App:
    app = with_service(ports=[{"name": "http", "port": 8080, "targetPort": 3000}])
    return app.run(programs.fail("ValueError: USER_AUTH_SECRET is empty.", 3))


ZERO, ONE = (("scale", "deployment/api-server", f"--replicas={n}") for n in (0, 1))

# fmt: off
STATE: tuple[Fault, ...] = (
    fault("healthy", analysis_app, stands, verdict="healthy"),
    fault("healthy-unprobed", lambda: analysis_app().probe(), stands, verdict="healthy"),
    fault("healthy-chart", lambda: chart_app("onyx"), stands, verdict="healthy"),
    fault("healthy-manifests", manifest_app, stands, verdict="healthy"),
    fault("healthy-finished-job", with_finished_job, every(stands, phase("migrate", "Succeeded")), verdict="healthy"),
    fault("healthy-neighbour-crashes", with_crashing_neighbour, every(stands, restarted("report-exporter", times=2)),
          verdict="healthy"),
    fault("healthy-web-replaced", analysis_app, every(stands, after(6)), verdict="healthy", steps=(
        Step(stands, ("delete", "pod", "--selector=app=web-server", "--wait=false")),)),
    fault("healthy-config-touched", analysis_app, every(stands, after(4)), verdict="healthy", steps=(
        Step(stands, ("patch", "configmap", "web-server-config", '--patch={"data":{"AUTH_TYPE":"basic"}}')),)),
    fault("healthy-url-qualified", lambda: analysis_app().internal_url(
              "http://api-server.onyx-healthy-url-qualified.svc.cluster.local:8080/"), stands, verdict="healthy"),
    fault("healthy-evicted-leftover", analysis_app, every(stands, phase("evicted", "Failed")), verdict="healthy",
          steps=(Step(stands, objects=(EVICTED_POD,)), Step(phase("evicted", "Pending"), EVICT))),
    # --- an error that the cluster has no part in
    fault("path-prefix", analysis_app, stands, "api-path-prefix", paste=UNSTRIPPED),
    # --- over
    fault("recovered-scaled", analysis_app, every(ready(seconds=10), web_runs, after(12)), verdict="recovered",
          paste=LOG, steps=(Step(stands, ZERO), Step(every(no_pods(), no_endpoints, after(20)), ONE))),
    fault("recovered-oom", killed_once, every(killed_for_memory(times=1), ready(seconds=10), web_runs),
          verdict="recovered", paste=LOG),
    # --- two at once, neither of which explains the other
    fault("two-oom-and-url", killed_and_misled, every(killed_for_memory(times=3), web_runs), "api-oom-killed",
          "internal-url-wrong", paste=LOG),
    fault("two-selector-and-policy", mismatched_and_blocked, every(stands, no_endpoints), "service-selector-mismatch",
          "network-policy-blocks", paste=TIMED_OUT),
    fault("two-crash-and-port", crashing_behind_wrong_port, every(restarted(times=3), web_runs),
          "user-auth-secret-empty", "service-port-mismatch", paste=LOG),
)
# fmt: on
