"""Containers that do not start, or only seem not to: init containers, sidecars, images, files, variables."""

from __future__ import annotations

from tests.nearmiss.shops import ShopCase
from tests.nearmiss.shops.making import (
    HOUR,
    MINUTE,
    REFUSED,
    UNKNOWN,
    born,
    ended,
    job,
    ordinals,
    says,
    second_set,
    state,
    waits,
)  # fmt: skip
from tests.support.near_miss_world import DAY, World

BACKOFF = "back-off 5m0s restarting failed container"


def init_done(world: World) -> World:
    """It was tried five times when the app began, and has been done since."""
    world.container("front", init=True, name="wait-orders")
    status = world.pod("front")["status"]["initContainerStatuses"][0]
    done = {"exitCode": 0, "reason": "Completed", "startedAt": world.ago(3 * DAY), "finishedAt": world.ago(3 * DAY)}
    status |= {"restartCount": 5, "state": {"terminated": done}}
    status["lastState"] = {"terminated": {**done, "exitCode": 1, "reason": "Error"}}
    return world


def init_fails_beside(world: World) -> World:
    """In a new revision; the old pod serves."""
    pod = second_set(world, "front", 900)
    world.container("front", init=True, name="migrate-views")
    world.not_ready(pod, 900)
    waits(world, pod, "PodInitializing", since=900)
    end = {"exitCode": 3, "reason": "Error", "startedAt": world.ago(70), "finishedAt": world.ago(60)}
    state(world, pod, init=True, waiting={"reason": "CrashLoopBackOff", "message": BACKOFF}) | {"restartCount": 7}
    pod["status"]["initContainerStatuses"][0] |= {"restartCount": 7, "lastState": {"terminated": end}}
    return world


def init_refused(world: World) -> World:
    """Its init container ends each time, as its password is refused; nothing else of it ever ran."""
    world.container("front", init=True, name="migrate-views")
    pod = world.pod("front")
    waits(world, pod, "PodInitializing", since=900)
    end = {"exitCode": 1, "reason": "Error", "startedAt": world.ago(13), "finishedAt": world.ago(12)}
    state(world, pod, init=True, waiting={"reason": "CrashLoopBackOff", "message": BACKOFF})
    pod["status"]["initContainerStatuses"][0] |= {"restartCount": 7, "lastState": {"terminated": end}}
    name = pod["metadata"]["name"]
    world.view["logs"] = [log for log in world.view["logs"] if log["pod"] != name]
    for previous, age in ((True, 31), (False, 12)):
        text = f"{world.ago(age)} goose run: Error 1045 (28000): Access denied for user 'views'@'10.0.0.4'"
        world.view["logs"].append({"pod": name, "container": "migrate-views", "previous": previous, "text": text})
    return world


def init_hangs_unread(world: World) -> World:
    """Its init container runs for twenty minutes, and its log may not be read."""
    world.container("track-view", init=True, name="wait-for-ledger")
    pod = world.pod("track-view")
    waits(world, pod, "PodInitializing")
    pod["status"]["initContainerStatuses"][0] |= {
        "ready": False, "started": True, "state": {"running": {"startedAt": world.ago(1_190)}},
    }  # fmt: skip
    gap = {"reason": "forbidden", "what": "logs", "detail": "cannot get pods/log"}
    name = pod["metadata"]["name"]
    world.view["logs"].append({"pod": name, "container": "wait-for-ledger", "text": None, "gap": gap})
    return world


def native(world: World, name: str = "sorter") -> World:
    return world.container(name, init=True, name="log-shipper", restartPolicy="Always")


def native_crashes(world: World) -> World:
    """In one ordinal of three; the database beside it serves."""
    ordinals(world, "ledger", 3)
    native(world, "ledger")
    pod = world.pods("ledger")[1]
    end = {"exitCode": 2, "reason": "Error", "startedAt": world.ago(70), "finishedAt": world.ago(60)}
    status = state(world, pod, init=True, waiting={"reason": "CrashLoopBackOff", "message": BACKOFF})
    status |= {"restartCount": 9, "lastState": {"terminated": end}}
    world.not_ready(pod, 900)
    pod["status"]["containerStatuses"][0]["ready"] = True
    return world


def done_with_sidecar(world: World) -> World:
    """A Job that is done; its native sidecar was ended by the kubelet after it."""
    pod = job(world, "import-routes", condition="Complete", succeeded=1, completionTime=world.ago(30))
    ended(world, pod, 0)
    pod["spec"]["initContainers"] = [{"name": "proxy", "image": "proxy:1", "restartPolicy": "Always"}]
    end = {"exitCode": 143, "reason": "Error", "startedAt": world.ago(HOUR), "finishedAt": world.ago(29)}
    pod["status"]["initContainerStatuses"] = [
        {"name": "proxy", "ready": False, "image": "proxy:1", "state": {"terminated": end}}
    ]
    return world


def no_permission(world: World) -> World:
    """The init container of a Job may not run its script."""
    pod = job(world, "import-routes", active=1)
    message = ('failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create '
               'failed: unable to start container process: error during container init: exec: "/work/fetch.sh": '
               "permission denied")  # fmt: skip
    pod["spec"]["initContainers"] = [{"name": "fetch", "image": "acme/job:4", "command": ["/work/fetch.sh"]}]
    pod["status"]["phase"] = "Pending"
    state(world, pod, waiting={"reason": "PodInitializing"})
    end = {"exitCode": 126, "reason": "StartError", "message": message, "finishedAt": world.ago(30)}
    pod["status"]["initContainerStatuses"] = [
        {"name": "fetch", "ready": False, "restartCount": 4, "image": "acme/job:4", "lastState": {"terminated": end},
         "state": {"waiting": {"reason": "CrashLoopBackOff", "message": BACKOFF}}}
    ]  # fmt: skip
    return world


HOOK = (
    'Exec lifecycle hook ([sh -c register]) for Container "sorter" in Pod "sorter-1_depot(u)" failed - error: command '
    "'sh -c register' exited with 3: cannot register\n, message: \"cannot register\\n\""
)


def hook_fails(world: World, seconds: float = 20) -> World:
    """Its postStart hook fails, so that the kubelet ends it each time: exit code 137, and nothing in its log."""
    pod = world.pod("sorter")
    world.crashing(pod)
    pod["status"]["containerStatuses"][0]["lastState"]["terminated"] |= {"exitCode": 137, "reason": "Error"}
    return world.event(pod, "Pod", "FailedPostStartHook", HOOK, seconds)


def hook_failed_once(world: World) -> World:
    """Of a pod that serves since."""
    return world.event(world.pod("sorter"), "Pod", "FailedPostStartHook", HOOK, 1_500)


def port_taken(world: World) -> World:
    """The exporter in the database's pod wants the database's port."""
    pod = world.pod("ledger")
    world.crashing(pod, container=1)
    pod["status"]["containerStatuses"][0]["ready"] = True
    text = f"{world.ago(60)} listen tcp 0.0.0.0:3306: bind: address already in use\n"
    world.view["logs"] = [item for item in world.view["logs"] if item["container"] != "exporter"]
    for previous in (False, True):
        entry = {"pod": "ledger-0", "container": "exporter", "text": text, "previous": previous}
        world.view["logs"].append(entry)
    return world


def needs_variable(world: World) -> World:
    world.crashing(world.pod("sorter"))
    lines = ((62, "Traceback (most recent call last):"), (62, '  File "/app/sort.py", line 9, in <module>'),
             (62, '    token = os.environ["CARRIER_TOKEN"]'), (62, "KeyError: 'CARRIER_TOKEN'"))  # fmt: skip
    return world.log("sorter", *lines).log("sorter", *lines, previous=True)


def secret_for_run(world: World) -> World:
    """The run of a CronJob takes all of a Secret that is not there, with a prefix."""
    pod = job(world, "nightly-manifest-1", owner="nightly-manifest", age=15 * MINUTE, active=1)
    for spec in (pod["spec"], world.view["jobs"][-1]["spec"]["template"]["spec"]):
        spec["containers"][0]["envFrom"] = [{"prefix": "SFTP_", "secretRef": {"name": "carrier-sftp"}}]
    pod["status"]["phase"] = "Pending"
    state(world, pod, waiting={"reason": "CreateContainerConfigError", "message": 'secret "carrier-sftp" not found'})
    return world


def projected(world: World, *, now: bool) -> World:
    """A part of a projected volume; it was there again in time, or is not."""
    source = {"configMap": {"name": "depot-ca"}}
    volume = {"name": "all", "projected": {"sources": [source]}}
    world.with_spec("labels", volumes=[volume])
    pod = world.pod("labels")
    message = 'MountVolume.SetUp failed for volume "all" : configmap "depot-ca" not found'
    if now:
        waits(world, pod, "ContainerCreating")
    else:
        world.view["configmaps"].append({"metadata": {"name": "depot-ca", "uid": "ca"}, "keys": ["ca.crt"]})
        born(world, pod, 50 * MINUTE)
    return world.event(pod, "Pod", "FailedMount", message, 25 if now else 49 * MINUTE)


def optional(world: World) -> World:
    """What may be absent, is."""
    for container in world.main("track-view"):
        container["env"].append(
            {
                "name": "THEME",
                "valueFrom": {"configMapKeyRef": {"name": "themes", "key": "dark", "optional": True}},
            }
        )
        container["envFrom"].append({"prefix": "X_", "secretRef": {"name": "extras", "optional": True}})
    return world.with_spec("track-view", volumes=[{"name": "v", "secret": {"secretName": "none", "optional": True}}])


def root_refused(world: World) -> World:
    message = 'container has runAsNonRoot and image will run as root (pod: "ledger-1", container: log-shipper)'
    ordinals(world, "ledger", 2)
    native(world, "ledger")
    pod = world.pods("ledger")[1]
    waits(world, pod, "PodInitializing")
    state(world, pod, init=True, waiting={"reason": "CreateContainerConfigError", "message": message})
    return world


def unpulled(world: World, image: str, message: str, *, rolling: bool = False) -> World:
    pod = second_set(world, "labels", 900) if rolling else world.pod("labels")
    for spec in (pod["spec"], *([] if rolling else world.specs("labels"))):
        spec["containers"][0]["image"] = image
    waits(world, pod, "ImagePullBackOff", f'Back-off pulling image "{image}"', since=900)
    return world.event(pod, "Pod", "Failed", f'Failed to pull image "{image}": {message}', 30)


def seccomp(world: World) -> World:
    pod = world.pod("scan-intake")
    said = 'cannot load seccomp profile "/var/lib/kubelet/seccomp/profiles/audit.json": no such file or directory'
    waits(world, pod, "CreateContainerError", said)
    return world.event(pod, "Pod", "Failed", f"Error: {said}", 20)


def startup_fails(world: World) -> World:
    """A StatefulSet's only ordinal never passes its startup probe."""
    probe = {"tcpSocket": {"port": 3306}, "failureThreshold": 10, "periodSeconds": 6}
    world.with_main("ledger", startupProbe=probe)
    pod = world.pod("ledger")
    world.not_ready(pod, 1_200)
    world.restarted(pod, ended=40, lasted=60, count=14, code=137)
    pod["status"]["containerStatuses"][0] |= {"ready": False, "started": False}
    world.event(pod, "Pod", "Unhealthy", "Startup probe failed: dial tcp 10.85.0.26:3306: connect: connection refused",
                6)  # fmt: skip
    world.event(pod, "Pod", "Killing", "Container ledger failed startup probe, will be restarted", 41)
    return world.log("ledger", (38, "[System] Starting crash recovery..."), (8, "[System] recovering page 41112"))


def creating(world: World) -> World:
    """A new revision's pod is pulled and created for 25 seconds."""
    pod = second_set(world, "front", 25)
    return waits(world, pod, "ContainerCreating", since=25)


def bare_done(world: World) -> World:
    world.beside("once", {"app": "once"}).owned_by("once", "Pod")
    pod = world.pod("once")
    pod["spec"]["restartPolicy"] = "Never"
    return ended(world.not_ready(pod, 30), pod, 0)


def other_broken(world: World) -> World:
    """Another Deployment of nearly the same name."""
    world.beside("front-canary", {"app": "front-canary"})
    return waits(world, world.pod("front-canary"), "CreateContainerConfigError", 'secret "canary" not found')


STARTING = (
    ShopCase("a postStart hook that fails each time", "fault", hook_fails, words=("hook", "cannot register"),
             about=("sorter",), asks=("namespace", "deployment/sorter")),
    ShopCase("a postStart hook failed when the pod began", "ok", hook_failed_once, never=("container-refused",),
             asks=("namespace", "deployment/sorter")),
    ShopCase("an init container that was tried five times three days ago", "ok", init_done, "shop",
             asks=("namespace", "deployment/front")),
    ShopCase("an init container of a new revision crashes, the old pod serves", "fault", init_fails_beside, "shop",
             ("migrate-views",), ("front",), ("namespace", "deployment/front")),
    ShopCase("an init container is refused with its password", "fault", init_refused, "shop",
             ("migrate-views", "Access denied"), ("front",), ("namespace", "deployment/front"),
             never=("credentials-refused",)),
    ShopCase("an init container hangs, and its log is unread", "fault", init_hangs_unread, words=("wait-for-ledger",),
             about=("track-view",), asks=("namespace", "deployment/track-view")),
    ShopCase("a native sidecar that runs", "ok", native, asks=("namespace", "deployment/sorter")),
    ShopCase("a native sidecar of one ordinal crashes", "fault", native_crashes, words=("log-shipper",),
             about=("ledger",), asks=("namespace", "statefulset/ledger")),
    ShopCase("a done Job whose native sidecar was ended", "ok", done_with_sidecar),
    ShopCase("the init container of a Job may not run its script", "fault", no_permission, words=("fetch.sh",),
             about=("import-routes",), asks=("namespace", "job/import-routes")),
    ShopCase("a user asks about an exec format error", "ok",
             lambda w: says(w, "front", "POST /ask q='what is exec format error?' 200 in 3ms"), "shop"),
    ShopCase("an address was in use once at start", "ok",
             lambda w: w.log("orders", (3 * DAY, "Error: listen EADDRINUSE: address already in use :::8080"),
                             (3 * DAY - 9, "orders listening on 8080"), (4, "GET /orders 200 in 8ms")), "shop"),
    ShopCase("the exporter of the database's pod wants its port", "fault", port_taken, words=("exporter",),
             about=("ledger",), asks=("namespace", "statefulset/ledger")),
    ShopCase("optional settings that are absent", "ok", optional, asks=("namespace", "deployment/track-view")),
    ShopCase("a CronJob's run takes a Secret that is absent, with a prefix", "fault", secret_for_run,
             words=("carrier-sftp",), about=("nightly-manifest",), asks=("namespace", "cronjob/nightly-manifest")),
    ShopCase("a part of a projected volume is absent", "fault", lambda w: projected(w, now=True), words=("depot-ca",),
             about=("labels",), asks=("namespace", "deployment/labels")),
    ShopCase("a part of a projected volume was absent at start", "ok", lambda w: projected(w, now=False)),
    ShopCase("a variable that is not set switches tracing off", "ok",
             lambda w: w.log("orders", (3 * DAY, "WARN SENTRY_DSN is not set, tracing is disabled"),
                             (60, "WARN SENTRY_DSN is not set, tracing is disabled"), (4, "GET /orders 200 in 8ms")),
             "shop", asks=("namespace", "deployment/orders")),
    ShopCase("a variable that the program needs", "fault", needs_variable, words=("CARRIER_TOKEN",), about=("sorter",),
             asks=("namespace", "deployment/sorter")),
    ShopCase("a native sidecar may not run as root", "fault", root_refused, words=("root", "log-shipper"),
             about=("ledger",), asks=("namespace", "statefulset/ledger")),
    ShopCase("an image by digest that is not there", "fault",
             lambda w: unpulled(w, "registry.acme.example/labels@sha256:9f2c", "manifest unknown: not found"),
             words=("sha256:9f2c",), about=("labels",),
             asks=("namespace", "deployment/labels", "deployment/track-view")),
    ShopCase("a private registry refuses, the old pod serves", "fault",
             lambda w: unpulled(w, "registry.acme.example/labels:9", "failed to authorize: 401 Unauthorized",
                                rolling=True),
             words=("registry.acme.example",), about=("labels",)),
    ShopCase("a seccomp profile that the node has not", "fault", seccomp, words=("seccomp",), about=("scan-intake",)),
    ShopCase("a startup probe that never passes in a StatefulSet", "fault", startup_fails, words=("startup",),
             about=("ledger",), asks=("namespace", "statefulset/ledger")),
    ShopCase("a pod of a new revision is created for 25 seconds", "open", creating, "shop"),
    ShopCase("another Deployment of nearly the same name cannot start", "ok", other_broken, "shop",
             asks=("deployment/front",)),
    ShopCase("another Deployment of nearly the same name cannot start, asked of all", "fault", other_broken, "shop",
             ("canary",), ("front-canary",)),
    ShopCase("a crash loop of a callee that its caller's log does not name", "fault",
             lambda w: says(w.crashing(w.pod("labels"), code=2), "track-view", REFUSED.format("172.30.117.217:9090")),
             words=("labels",), about=("labels",), asks=("namespace", "deployment/track-view", "deployment/gate")),
    ShopCase("an image was pulled at the second try", "ok",
             lambda w: w.event(w.pod("labels"), "Pod", "Failed", 'Failed to pull image "x": i/o timeout', 40 * MINUTE)
             or w),
    ShopCase("a bare pod that ended as it should", "ok",
             bare_done, "shop"),
    ShopCase("a variable names a host that is nobody's, and nothing says so", "open",
             lambda w: w.env("mail", {"name": "LEGACY_URL", "endpoints": ["http://old-orders:8080"]}), "shop"),
    ShopCase("a variable names a host that is nobody's, and calls fail of it", "fault",
             lambda w: says(w.env("mail", {"name": "TEMPLATES_URL", "endpoints": ["http://templates:8080"]}), "mail",
                            UNKNOWN.format("templates")),
             "shop", ("templates",), asks=("namespace", "deployment/mail")),
)  # fmt: skip
