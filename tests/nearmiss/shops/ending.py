"""Containers that ended, start or are asked how they are: what is over, what is part, and which one it was."""

from __future__ import annotations

from tests.nearmiss.shops import ShopCase
from tests.nearmiss.shops.making import (
    DAY,
    HOUR,
    MINUTE,
    WELL,
    born,
    ended,
    job,
    ordinals,
    says,
    second_set,
    state,
    waits,
)  # fmt: skip
from tests.support.near_miss_world import Json, World

BACK = "back-off 5m0s restarting failed container"


def crash_says(world: World, name: str, *lines: str, code: int = 1) -> World:
    """It crashes again and again with these last words."""
    world.crashing(world.pod(name), code=code)
    world.log(name, *((62 - n, line) for n, line in enumerate(lines)), previous=True)
    return world.log(name, *((62 - n, line) for n, line in enumerate(lines)))


def init(
    world: World, name: str, state_of: Json, *, restarts: int = 0, age: float = 1_200, pod: Json | None = None
) -> Json:
    """Its pod has an init container in this state, and waits for it."""
    world.container(name, init=True, name="prepare", image="prepare:1")
    pod = pod or world.pod(name)
    born(world, pod, age)
    world.not_ready(pod, age)
    status = state(world, pod, init=True, **state_of)
    status["restartCount"] = restarts
    for other in pod["status"]["containerStatuses"]:
        other |= {"ready": False, "started": False, "state": {"waiting": {"reason": "PodInitializing"}}}
    pod["status"]["phase"] = "Pending"
    world.view["logs"] = [item for item in world.view["logs"] if item["pod"] != pod["metadata"]["name"]]
    return pod


def init_says(world: World, name: str, pod: Json, *lines: tuple[float, str]) -> World:
    text = "".join(f"{world.ago(age)} {line}\n" for age, line in lines)
    world.view["logs"].append({"pod": pod["metadata"]["name"], "container": "prepare", "text": text})
    return world


def copying(world: World) -> World:
    """It copies a large file for three minutes, and tells how far it is."""
    pod = init(world, "labels", {"running": {"startedAt": world.ago(175)}}, age=180)
    return init_says(world, "labels", pod, *((age, f"copied {100 - age // 2}%") for age in (170, 120, 60, 20, 4)))


def init_once(world: World) -> World:
    """Its first try failed; the second runs since ten seconds."""
    init(world, "labels", {"running": {"startedAt": world.ago(10)}}, restarts=1, age=40)
    return world


def init_in_part(world: World) -> World:
    world.replicas("labels", 3)
    failed = {"waiting": {"reason": "CrashLoopBackOff", "message": BACK}}
    pod = world.pods("labels")[2]
    init(world, "labels", failed, restarts=7, pod=pod)
    for other in world.pods("labels")[:2]:
        done = {"terminated": {"exitCode": 0, "reason": "Completed", "finishedAt": world.ago(3 * DAY)}}
        state(world, other, init=True, **done)["ready"] = True
    end = {"exitCode": 9, "reason": "Error", "startedAt": world.ago(70), "finishedAt": world.ago(60)}
    pod["status"]["initContainerStatuses"][0]["lastState"] = {"terminated": end}
    return init_says(world, "labels", pod, (60, "cannot read /seed/fonts.tar: checksum differs"))


def probing(world: World, *, age: float, threshold: int) -> World:
    """Its startup probe has so many tries, and it is so old."""
    probe = {"httpGet": {"path": "/ready", "port": 9090}, "periodSeconds": 10, "failureThreshold": threshold}
    world.with_main("labels", startupProbe=probe)
    pod = second_set(world, "labels", age)
    world.not_ready(pod, age)
    pod["status"]["containerStatuses"][0]["started"] = False
    said = "Startup probe failed: HTTP probe failed with statuscode: 503"
    world.event(pod, "Pod", "Unhealthy", said, 6)
    world.view["events"][-1] |= {"count": int(age // 10), "firstTimestamp": world.ago(age - 10)}
    return world


def leaving_probed(world: World) -> World:
    """A pod of a finished update is ended as it should; its probe failed on the way."""
    world.replicas("front", 2)
    pod = world.pods("front")[-1]
    world.workload("front")["spec"]["replicas"] = 1
    pod["metadata"] |= {"deletionTimestamp": world.ago(-12), "deletionGracePeriodSeconds": 30}
    world.not_ready(pod, 15)
    world.event(
        pod, "Pod", "Unhealthy", "Readiness probe failed: dial tcp 10.85.4.1:3000: connect: connection refused", 9
    )
    world.event(
        pod, "Pod", "Unhealthy", "Liveness probe failed: dial tcp 10.85.4.1:3000: connect: connection refused", 7
    )
    return world.event(pod, "Pod", "Killing", "Stopping container front", 18)


def long_grace(world: World) -> World:
    """A worker that is to end has an hour for its last task."""
    world.with_spec("sorter", terminationGracePeriodSeconds=3_600)
    world.replicas("sorter", 2)
    pod = world.pods("sorter")[-1]
    world.workload("sorter")["spec"]["replicas"] = 1
    pod["metadata"] |= {"deletionTimestamp": world.ago(-40 * MINUTE), "deletionGracePeriodSeconds": 3_600}
    return world


def exec_probe(world: World) -> World:
    """The command of its liveness probe is not in the image; the program is well until the kubelet ends it."""
    pod = world.pod("labels")
    world.with_main(
        "labels", livenessProbe={"exec": {"command": ["curl", "-f", "localhost:9090"]}, "periodSeconds": 10}
    )
    world.restarted(pod, ended=50, lasted=30, count=8, code=137, reason="Error")
    said = (
        'Liveness probe errored: command "curl -f localhost:9090" resulted in an error: exec: "curl": not found in '
        "$PATH"
    )
    world.event(pod, "Pod", "Unhealthy", said, 12)
    world.event(pod, "Pod", "Killing", "Container labels failed liveness probe, will be restarted", 50)
    return world


def job_sidecar(world: World) -> World:
    """What runs beside the Job's work ends with it, and with 143."""
    pod = job(world, "reindex", condition="Complete", succeeded=1, age=HOUR, completionTime=world.ago(600))
    ended(world, pod, 0, ago=620)
    pod["spec"]["containers"].append({"name": "agent", "image": "agent:1"})
    end = {"exitCode": 143, "reason": "Error", "startedAt": world.ago(HOUR), "finishedAt": world.ago(600)}
    status = {"name": "agent", "ready": False, "image": "x", "state": {"terminated": end}}
    pod["status"]["containerStatuses"].append(status)
    pod["status"]["phase"] = "Succeeded"
    return world


def injected(world: World, *, serving: bool) -> World:
    """The proxy that the mesh puts into the pod keeps ending; its program serves, or its calls fail."""
    world.container("labels", template=False, name="istio-proxy", image="istio/proxyv2:1.29")
    pod = world.pod("labels")
    world.restarted(pod, ended=45, lasted=20, count=9, code=255, container=1)
    pod["status"]["containerStatuses"][1] |= {
        "ready": False, "state": {"waiting": {"reason": "CrashLoopBackOff", "message": BACK}}}  # fmt: skip
    if serving:
        return world
    world.not_ready(pod)
    return says(world, "track-view", "ERROR labels: 503 upstream connect error or disconnect/reset before headers")


def rebooted(world: World) -> World:
    """Everything on the node ended at once, ten minutes ago, and is back."""
    for pod in world.view["pods"]:
        if pod["status"]["phase"] == "Running":
            world.restarted(pod, ended=10 * MINUTE, lasted=DAY, code=255, reason="Unknown")
    return world.event(world.view["nodes"][0], "Node", "Rebooted", "Node lab-node has been rebooted", 9 * MINUTE)


def again(world: World, code: int, *, reason: str = "Error", container: int = 0, name: str = "labels") -> World:
    return world.crashing(world.pod(name), code=code, reason=reason, container=container)


ENDING = (
    ShopCase("an init container copies for three minutes", "open", copying, asks=("namespace", "deployment/labels")),
    ShopCase("an init container's second try", "open", init_once, asks=("namespace", "deployment/labels")),
    ShopCase("an init container fails in one of three pods", "fault", init_in_part, words=("1 of 3", "prepare"),
             about=("labels",), asks=("namespace", "deployment/labels")),
    ShopCase("an init container's Secret is not there", "fault",
             lambda w: init(w, "labels", {"waiting": {"reason": "CreateContainerConfigError",
                                                      "message": 'secret "fonts-key" not found'}}) and w,
             words=("fonts-key",), about=("labels",), asks=("namespace", "deployment/labels")),
    ShopCase("the container beside was ended forty times until yesterday", "ok",
             lambda w: w.restarted(w.pod("ledger"), ended=20 * HOUR, lasted=30, count=40, container=1),
             asks=("namespace", "statefulset/ledger")),
    ShopCase("the container beside the work of a Job was ended with it", "ok", job_sidecar,
             asks=("namespace", "job/reindex")),
    ShopCase("its script was not there three hours ago", "ok",
             lambda w: w.restarted(w.pod("labels"), ended=3 * HOUR, lasted=1, count=4, code=127, reason="StartError")),
    ShopCase("a liveness probe's command is not in the image", "fault", exec_probe, words=("probe",), about=("labels",),
             never=("command-not-found",), asks=("namespace", "deployment/labels")),
    ShopCase("a container could not be created at the first try", "ok",
             lambda w: w.event(w.pod("labels"), "Pod", "Failed",
                 "Error: failed to create containerd container: context "
                               "deadline exceeded", 50 * MINUTE)),
    ShopCase("a port was taken, and another one is used", "open",
             lambda w: w.log("labels", (2 * HOUR, "listen tcp :9100: bind: address already in use"),
                             (2 * HOUR - 1, "metrics: listening on :9101 instead"), (30, "label RR7 done"))),
    ShopCase("it crashes of something else than the variable that it has a default for", "fault",
             lambda w: crash_says(w, "sorter", "WARN SORTER_ZONE is not set, using default 'north'",
                                  "KeyError: 'chute-9'"), words=("sorter",), about=("sorter",),
             never=("variable-missing",), asks=("namespace", "deployment/sorter")),
    ShopCase("a startup probe has eight more minutes", "open", lambda w: probing(w, age=100, threshold=60),
             asks=("namespace", "deployment/labels")),
    ShopCase("a new revision is slow within its deadline", "open", lambda w: probing(w, age=280, threshold=60),
             asks=("namespace", "deployment/labels")),
    ShopCase("a probe fails while its pod is ended as it should", "ok", leaving_probed, "shop",
             asks=("namespace", "deployment/front")),
    ShopCase("a worker has an hour to end", "ok", long_grace, asks=("namespace", "deployment/sorter")),
    ShopCase("the proxy of the mesh keeps ending, and calls fail", "fault", lambda w: injected(w, serving=False),
             words=("istio-proxy",), about=("labels",), never=("roll-back",), asks=("namespace", "deployment/labels")),
    ShopCase("the proxy of the mesh keeps ending, and its program serves", "names", lambda w: injected(w, serving=True),
             words=("istio-proxy",), about=("labels",), never=("roll-back",), asks=("namespace", "deployment/labels")),
    ShopCase("the node was booted again ten minutes ago", "ok", rebooted),
    ShopCase("one end with 143 after a day", "ok", lambda w: w.restarted(w.pod("labels"), ended=400, lasted=DAY,
             code=143)),
    ShopCase("one end with 137 after a day, not for memory", "ok",
             lambda w: w.restarted(w.pod("labels"), ended=1_000, lasted=DAY, code=137)),
    ShopCase("137 again and again, not for memory", "fault", lambda w: again(w, 137), words=("137",), about=("labels",),
             never=("oom",), asks=("namespace", "deployment/labels")),
    ShopCase("143 again and again, and nobody says who ends it", "fault", lambda w: again(w, 143), words=("143",),
             about=("labels",), never=("oom",), asks=("namespace", "deployment/labels")),
    ShopCase("a segment fault again and again", "fault", lambda w: again(w, 139), words=("139",), about=("labels",)),
    ShopCase("aborted again and again", "fault", lambda w: again(w, 134), words=("134",), about=("labels",)),
    ShopCase("an illegal instruction again and again", "fault", lambda w: again(w, 132), words=("132",),
             about=("labels",)),
    ShopCase("two of three ordinals are killed for memory", "fault",
             lambda w: [w.crashing(pod, code=137, reason="OOMKilled") for pod in ordinals(w, "broker",
                 3).pods("broker")[1:]],
             words=("2 of 3", "memory"), about=("broker",), asks=("namespace", "statefulset/broker")),
    ShopCase("workers inside the container are killed", "fault",
             lambda w: says(w, "orders", "[ERROR] Worker (pid:31) was sent SIGKILL! Perhaps out of memory?"), "shop",
             ("sigkill",), ("orders",), ("namespace", "deployment/orders")),
    ShopCase("a worker inside the container was replaced once, as planned", "ok",
             lambda w: w.log("orders", (250, "[INFO] Autorestarting worker after current request."),
                             (249, "[INFO] Worker exiting (pid: 31)"), (248, "[INFO] Booting worker with pid: 44"),
                             *((age, WELL["orders"]) for age in (240, 120, 60, 4))), "shop"),
    ShopCase("a debug container was put in and has ended", "ok",
             lambda w: w.pod("labels")["status"].update(ephemeralContainerStatuses=[
                 {"name": "debugger-x", "image": "busybox", "state": {"terminated": {"exitCode": 1,
                     "reason": "Error"}}}])),
    ShopCase("a native sidecar was restarted nine times, days ago", "ok",
             lambda w: w.container("labels", init=True, name="shipper", restartPolicy="Always") and w.pod("labels")[
                 "status"]["initContainerStatuses"][0].update(restartCount=9, lastState={"terminated": {
                     "exitCode": 1, "reason": "Error", "finishedAt": w.ago(2.5 * DAY)}})),
    ShopCase("one of three is not ready for eight seconds", "open",
             lambda w: w.replicas("labels", 3).not_ready(w.pods("labels")[2], 8)),
    ShopCase("an image has been pulled for four minutes", "open",
             lambda w: waits(w, second_set(w, "labels", 240), "ContainerCreating", since=240).event(
                 w.pods("labels")[-1], "Pod", "Pulling", 'Pulling image "lab.local/model:70b"', 235)),
    ShopCase("a pull secret that is not there, and the image needs none", "ok",
             lambda w: w.event(w.pod("labels"), "Pod", "FailedToRetrieveImagePullSecret",
                 "Unable to retrieve some image "
                               "pull secrets (old-registry); attempting to pull the image may not succeed.", 30)),
    ShopCase("an operator makes the Secret a few seconds later", "open",
             lambda w: waits(w, second_set(w, "labels", 6), "CreateContainerConfigError",
                 'secret "labels-tls" not found',
                             since=6)),
    ShopCase("the old pods' limits were too small, the new ones have more", "ok",
             lambda w: born(w, w.pod("labels"), 30 * MINUTE).event(
                 {"metadata": {"name": "labels-old-1", "uid": "gone"}}, "Pod", "BackOff",
                 "Back-off restarting failed container labels in pod labels-old-1", 35 * MINUTE)),
)  # fmt: skip
