"""The containers beside the main one, and pods of tools in the namespace: which of them matter, and which do not."""

from copy import deepcopy

from tests.nearmiss.variants import Variant
from tests.nearmiss.variants.making import HERE, WELL, down, waiting
from tests.nearmiss.variants.meshes import injected, not_rolled_out
from tests.nearmiss.variants.more import stateful
from tests.nearmiss.variants.network import REFUSED, oom
from tests.nearmiss.variants.pods import OUTAGE, PASTE, PROBE_503
from tests.nearmiss.variants.resized import sized
from tests.nearmiss.variants.urls import NOT_FOUND
from tests.nearmiss.variants.ways import failing
from tests.support.near_miss_world import DAY, Json, World


def unready(world: World, pod: Json, since: float, *, main: bool = False) -> World:
    """The injected proxy of the pod is not ready; the program is, or is not either."""
    pod["status"]["containerStatuses"][1]["ready"] = False
    world.not_ready(pod, since)
    pod["status"]["containerStatuses"][0]["ready"] = not main
    return world.event(pod, "Pod", "Unhealthy", PROBE_503, 4)


def proxy(world: World, since: float, *, main: bool = False) -> World:
    injected(world, "istio-proxy")
    return unready(world, world.pod("api-server"), since, main=main)


def proxy_of_three(world: World) -> World:
    world.replicas("api-server", 3)
    injected(world, "istio-proxy")
    return unready(world, world.pods("api-server")[-1], 600)


def just_begun(world: World) -> World:
    """Everything of the pod began fifteen seconds ago; its proxy is a little late."""
    proxy(world, 15)
    pod = world.pod("api-server")
    pod["metadata"]["creationTimestamp"] = pod["status"]["startTime"] = world.ago(18)
    for status in pod["status"]["containerStatuses"]:
        status["state"] = {"running": {"startedAt": world.ago(14)}}
    pod["status"]["conditions"] = [{**item, "lastTransitionTime": world.ago(17)}
                                   for item in pod["status"]["conditions"]]  # fmt: skip
    return world.answers("no_endpoints", pod=False)


def both(world: World) -> World:
    """The probe of the program is answered with 503, so its proxy is not ready either."""
    proxy(world, 600, main=True)
    return down(world.answers("http_error", 503))


def left(world: World, name: str, owner: Json | None, code: int, *, age: float = 600, **labels: str) -> World:
    """A pod of a tool that ended with this code."""
    pod = deepcopy(world.pod("web-server"))
    pod["metadata"] = {"name": name, "uid": name, "labels": labels, "creationTimestamp": world.ago(age),
                       "ownerReferences": [owner] if owner else []}  # fmt: skip
    end = {"exitCode": code, "reason": "Error" if code else "Completed", "finishedAt": world.ago(age - 60)}
    pod["spec"] = {"restartPolicy": "Never", "nodeName": "lab-node", "containers": [{"name": "main", "image": "t:1"}]}
    pod["status"] = {"phase": "Failed" if code else "Succeeded",
                     "containerStatuses": [{"name": "main", "state": {"terminated": end}}]}  # fmt: skip
    world.view["pods"].append(pod)
    return world


def owner(kind: str, name: str) -> Json:
    return {"kind": kind, "name": name, "uid": f"{kind}-{name}", "controller": True}


def alias_to(world: World, host: str, line: str = "") -> World:
    """The API's own Service is an alias of this host."""
    world.service()["spec"] = {"type": "ExternalName", "externalName": host, "sessionAffinity": "None",
                               "ports": [{"port": 8080}]}  # fmt: skip
    world.view["endpoints"] = []
    world.view["health"] = [item for item in world.view["health"] if item["target"].startswith("pod/")]
    return failing(world, line) if line else world


def sent_to_itself(world: World) -> World:
    aliases = [{"ip": "127.0.0.1", "hostnames": ["api-server"]}]
    return world.with_spec("web-server", hostAliases=aliases)


def local_proxy(world: World) -> World:
    """A proxy beside the web server takes what is sent to its own address on to the API."""
    world.container("web-server", name="envoy", ports=[{"containerPort": 8080}])
    return sent_to_itself(world)


def killed_once(world: World) -> World:
    """The kubelet ended the native sidecar for its probe yesterday, once."""
    status = injected(world, "vault-agent", native=True)
    end = {"exitCode": 143, "reason": "Error", "startedAt": world.ago(2 * DAY), "finishedAt": world.ago(DAY)}
    status |= {"restartCount": 1, "lastState": {"terminated": end}, "state": {"running": {"startedAt": world.ago(DAY)}}}
    return world


def sidecar_waits(world: World, reason: str, message: str) -> World:
    injected(world, "istio-proxy")
    waiting(world, world.pod("api-server"), reason, message, container=1)
    return down(world)


COMPANY_OF_PODS = (
    Variant("an injected proxy is a little late in a pod of fifteen seconds", "open", just_begun),
    Variant("an injected proxy of one of three is not ready for ten minutes", "part", proxy_of_three, (),
            ("istio-proxy", "1 of 3"), OUTAGE),
    Variant("the program is not ready, and so is not its proxy", "fault", both, ("api-not-ready",)),
    Variant("the image of an injected proxy is not there", "fault",
            lambda w: sidecar_waits(w, "ImagePullBackOff", 'Back-off pulling image "proxyv2:9"'),
            ("api-image-pull-failing",), ("istio-proxy",)),
    Variant("an injected proxy lacks its ConfigMap", "fault",
            lambda w: sidecar_waits(w, "CreateContainerConfigError", 'configmap "istio" not found'),
            ("api-config-missing",), ("istio",)),
    Variant("a native sidecar was ended for its probe once, yesterday", "ok", killed_once),
    Variant("the API's name is sent to the caller itself, and calls succeed", "open", sent_to_itself),
    Variant("the API's name is sent to a proxy in the caller's pod", "ok", local_proxy),
    Variant("the API's Service is an alias of a host outside, and calls succeed", "open",
            lambda w: alias_to(w, "onyx-api.corp.example")),
    Variant("the API's Service is an alias of a host that nobody knows", "open",
            lambda w: alias_to(w, "onyx-api.corp.example", NOT_FOUND.format("api-server")), not_healthy=True),
    Variant("a step of an Argo Workflow failed", "ok",
            lambda w: left(w, "nightly-eval-7", owner("Workflow", "nightly-eval"), 2, app="eval")),
    Variant("a task of Tekton failed", "ok", lambda w: left(w, "build-pod", owner("TaskRun", "build"), 1)),
    Variant("a test of the release by Helm failed", "ok",
            lambda w: (left(w, "onyx-test", None, 1),
                       w.pod("onyx-test")["metadata"].update(annotations={"helm.sh/hook": "test-success,test"}))),
    Variant("a test by Helm failed, and the API is killed for memory", "fault",
            lambda w: (left(w, "onyx-test", None, 1), oom(w),
                       w.pod("onyx-test")["metadata"].update(annotations={"helm.sh/hook": "test"})),
            ("api-oom-killed",)),
    Variant("a mirror of a static pod", "ok",
            lambda w: (left(w, "proxy-lab-node", owner("Node", "lab-node"), 0))),
    Variant("killed at a limit of VPA, and the paste is foreign", "part", lambda w: oom(sized(w, "768Mi")),
            ("api-oom-killed",), (), PASTE.format("10.200.3.4")),
    Variant("it crashes, and its Deployment is paused", "fault",
            lambda w: (w.workload("api-server")["spec"].update(paused=True), down(w.crashing(w.pod("api-server")))),
            ("api-crash-looping",)),
    Variant("a StatefulSet that is updated on delete is killed for memory", "fault",
            lambda w: not_rolled_out(stateful(w), updateStrategy={"type": "OnDelete"}), ("api-oom-killed",)),
    Variant("a relay's line of this very pod tells of refused calls", "open",
            lambda w: failing(w, f"<11>1 2026-11-23T17:44:31Z {w.pod('web-server')['metadata']['name']} next 8 - - "
                                 f"{REFUSED.format(HERE)}"), not_healthy=True),
    Variant("a browser tells that a call failed, and calls are answered", "ok",
            lambda w: w.log("web-server", (30, '{"level":"error","source":"browser","message":"Failed to fetch"}'),
                            (20, WELL[1]), WELL)),
)  # fmt: skip
