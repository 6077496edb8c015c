"""One container's life on a node: pull, configure, start, crash, back off, start again.

Called by `control.kubelet` for every container of a pod that is due.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.sandbox.cluster.control import probes
from bot.sandbox.cluster.control.world import EventSource, World
from bot.sandbox.cluster.network.routes import PodNetwork
from bot.sandbox.cluster.process.environment import MissingConfiguration, resolve_environment
from bot.sandbox.cluster.process.images import Image, PullFailure
from bot.sandbox.cluster.process.launch import program_for
from bot.sandbox.cluster.process.program import Launch
from bot.sandbox.cluster.process.runtime import ContainerRuntime, PodRuntime, new_log
from bot.sandbox.cluster.state.values import Object, quantity, stamp

FIRST_BACKOFF = 10.0
LONGEST_CRASH_BACKOFF = 60.0
"""Seconds. The nodes set `crashLoopBackOff.maxContainerRestartPeriod: 60s`, so that a repaired pod is soon back."""
LONGEST_PULL_BACKOFF = 300.0
FORGIVEN_AFTER = timedelta(minutes=10)
"""A container that ran this long starts with a fresh back-off."""
CONFIG_RETRY = timedelta(seconds=12)
EVENT_EVERY = timedelta(seconds=12)


class ContainerWorker:
    """The kubelet's view of one container for the length of one sync."""

    def __init__(self, world: World, pod: Object, runtime: PodRuntime, spec: Object) -> None:
        self.world, self.pod, self.runtime, self.spec = world, pod, runtime, spec
        self.container = runtime.containers[spec["name"]]
        self.now = world.now()

    def sync(self) -> None:
        """Bring the container as far as it gets at this moment."""
        container = self.container
        if container.program is not None:
            self._run()
        if container.program is None and not container.finished_for_good:
            self._tell_backoff()
            if container.next_at <= self.now and self.runtime.stopping_since is None:
                self._advance()

    @property
    def due(self) -> datetime | None:
        """When this container must be looked at again."""
        container = self.container
        if container.program is None:
            return (
                None
                if container.finished_for_good
                else min(moment for moment in (container.next_at, container.next_backoff_event) if moment is not None)
            )
        moments = [container.program.due, *(state.next_at for state in container.probes.values())]
        return min(container.kill_at, *moments) if container.kill_at else min(moments)

    def event(self, kind: str, reason: str, message: str) -> None:
        """Record an event of this container."""
        path = f"spec.containers{{{self.spec['name']}}}"
        self.world.record(self.pod, kind, reason, message, EventSource("kubelet", self.pod["spec"]["nodeName"], path))

    # running

    def _run(self) -> None:
        container = self.container
        assert container.program is not None  # sync() asked
        container.program.step(self.now)
        if container.program.finished is not None:
            over = container.program.finished
            self._end(over.code, over.reason, container.program.time)
        elif container.kill_at is not None and container.kill_at <= self.now:
            code = container.kill_code
            self._end(code, "Completed" if code == 0 else "Error", container.kill_at)
        else:
            probes.ask(self.world, self.pod, self.runtime, self.spec, container)

    def _end(self, code: int, reason: str, at: datetime) -> None:
        container = self.container
        assert container.program is not None  # a running container has one
        started, container.program.gone = container.program.started, True
        container.terminated = {
            "exitCode": code,
            "reason": reason,
            "startedAt": stamp(started),
            "finishedAt": stamp(at),
            "containerID": container.container_id,
        }
        container.program, container.probes, container.kill_at = None, {}, None
        policy = self.pod["spec"]["restartPolicy"]
        if policy == "Never" or (policy == "OnFailure" and code == 0):
            container.finished_for_good = True
            return
        if at - started >= FORGIVEN_AFTER:
            container.crashes = 0
        container.crashes += 1
        container.waiting, container.waiting_message = "", ""
        if container.crashes == 1:
            container.next_at = at
            return
        delay = min(LONGEST_CRASH_BACKOFF, FIRST_BACKOFF * 2 ** (container.crashes - 2))
        container.next_at = at + timedelta(seconds=delay)
        container.waiting = "CrashLoopBackOff"
        meta = self.pod["metadata"]
        container.waiting_message = (
            f"back-off {_duration(delay)} restarting failed container={self.spec['name']} "
            f"pod={meta['name']}_{meta['namespace']}({meta['uid']})"
        )
        container.next_backoff_event = at

    def _tell_backoff(self) -> None:
        container = self.container
        if container.next_backoff_event is None or container.next_backoff_event > self.now:
            return
        meta = self.pod["metadata"]
        where = f"{meta['name']}_{meta['namespace']}({meta['uid']})"
        if container.waiting == "CrashLoopBackOff":
            self.event("Warning", "BackOff", f"Back-off restarting failed container {self.spec['name']} in pod {where}")
            container.next_backoff_event = self.now + EVENT_EVERY
        elif container.waiting == "ErrImagePull":
            container.waiting = "ImagePullBackOff"
            container.waiting_message = f'Back-off pulling image "{self.spec["image"]}": {container.waiting_message}'
            self.event("Normal", "BackOff", f'Back-off pulling image "{self.spec["image"]}"')
            self.event("Warning", "Failed", "Error: ImagePullBackOff")
            container.next_backoff_event = None

    # starting

    def _advance(self) -> None:
        container = self.container
        container.next_backoff_event = None
        image = self.world.images.look_up(self.spec["image"])
        if isinstance(image, PullFailure):
            self._pull_failed(image)
            return
        if not self._pulled(image):
            return
        try:
            environment = resolve_environment(self.world.store, self.pod, self.spec, self.runtime.address)
        except MissingConfiguration as exc:
            container.waiting, container.waiting_message = "CreateContainerConfigError", str(exc)
            self.event("Warning", "Failed", f"Error: {exc}")
            container.next_at = self.now + CONFIG_RETRY
            container.pulled = False
            return
        self._start(image, environment)

    def _pull_failed(self, failure: PullFailure) -> None:
        container, image = self.container, self.spec["image"]
        self.event("Normal", "Pulling", f'Pulling image "{image}"')
        self.event("Warning", "Failed", f'Failed to pull image "{image}": {failure.message}')
        self.event("Warning", "Failed", "Error: ErrImagePull")
        container.waiting, container.waiting_message = "ErrImagePull", failure.message
        delay = min(LONGEST_PULL_BACKOFF, FIRST_BACKOFF * 2**container.pull_failures)
        container.pull_failures += 1
        container.next_at = self.now + timedelta(seconds=delay)
        container.next_backoff_event = self.now + timedelta(seconds=3)

    def _pulled(self, image: Image) -> bool:
        """Whether the image is on the node now; a first pull takes a second or two."""
        container = self.container
        if container.pulled:
            return True
        key = (self.pod["spec"]["nodeName"], image.reference)
        if self.spec["imagePullPolicy"] != "Always" and key in self.world.pulled_images:
            message = f'Container image "{self.spec["image"]}" already present on machine'
            self.event("Normal", "Pulled", message)
            container.pulled = True
            return True
        if not container.pulling:
            self.event("Normal", "Pulling", f'Pulling image "{self.spec["image"]}"')
            container.pulling = True
            container.next_at = self.now + timedelta(seconds=1)
            return False
        message = (
            f'Successfully pulled image "{self.spec["image"]}" in 874ms (874ms including waiting). '
            "Image size: 512380211 bytes."
        )
        self.event("Normal", "Pulled", message)
        self.world.pulled_images.add(key)
        container.pulled, container.pulling = True, False
        return True

    def _start(self, image: Image, environment: dict[str, str]) -> None:
        container = self.container
        if container.terminated is not None:
            container.restarts += 1
            container.last_terminated = container.terminated
            container.previous_log, container.log = container.log, new_log()
        lines = container.log
        limit = ((self.spec.get("resources") or {}).get("limits") or {}).get("memory")
        launch = Launch(
            command_line=" ".join([*(self.spec.get("command") or []), *(self.spec.get("args") or [])]),
            environment=environment,
            image=image.reference,
            memory_limit=quantity(limit) if limit is not None else None,
            container_ports=tuple(port["containerPort"] for port in self.spec.get("ports") or []),
            pod_name=self.pod["metadata"]["name"],
            pod_address=self.runtime.address,
            outside=PodNetwork(self.world, self.pod["metadata"]["namespace"], self.pod["metadata"]["name"]),
            log=lambda at, line: lines.append((at, line)),
        )
        container.terminated = None
        container.environment = environment
        container.container_id = f"containerd://{self.world.randomness.getrandbits(256):064x}"
        container.pulled, container.pull_failures = False, 0
        container.waiting, container.waiting_message = "ContainerCreating", ""
        self.event("Normal", "Created", f"Created container: {self.spec['name']}")
        self.event("Normal", "Started", f"Started container {self.spec['name']}")
        container.program = program_for(image, launch, self.now)
        probes.arm(self.spec, container, self.now)
        container.program.step(self.now)


def _duration(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes}m{rest}s" if minutes else f"{rest}s"


def new_container(name: str, now: datetime) -> ContainerRuntime:
    """A container that has not been started yet."""
    return ContainerRuntime(name=name, next_at=now)
