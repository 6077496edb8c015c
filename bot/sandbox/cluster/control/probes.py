"""The kubelet's probes: asked on their own schedule, judged against the simulated process, told as events.

Called by `control.containers` for running containers. A failing liveness or startup probe schedules the kill.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.sandbox.cluster.control.world import EventSource, World
from bot.sandbox.cluster.network.routes import ANY_ADDRESS
from bot.sandbox.cluster.process.program import ProcessRequest, Program
from bot.sandbox.cluster.process.runtime import ContainerRuntime, PodRuntime, ProbeState
from bot.sandbox.cluster.state.values import Object

_TITLES = {"startupProbe": "Startup", "livenessProbe": "Liveness", "readinessProbe": "Readiness"}


def is_started(spec: Object, container: ContainerRuntime) -> bool:
    """Whether the container runs and its startup probe, if any, has passed."""
    if not container.running:
        return False
    return not spec.get("startupProbe") or container.probes["startupProbe"].passed


def is_ready(spec: Object, container: ContainerRuntime) -> bool:
    """Whether the container counts as ready: its readiness probe passes, or it has none and has started."""
    if not is_started(spec, container):
        return False
    return not spec.get("readinessProbe") or container.probes["readinessProbe"].passed


def arm(spec: Object, container: ContainerRuntime, now: datetime) -> None:
    """Set the probes of a container that just started."""
    container.probes = {
        name: ProbeState(now + timedelta(seconds=spec[name].get("initialDelaySeconds", 0)))
        for name in _TITLES if spec.get(name)
    }  # fmt: skip


def ask(world: World, pod: Object, runtime: PodRuntime, spec: Object, container: ContainerRuntime) -> None:
    """Run the probes that are due; schedule a kill when liveness or start-up has failed too often."""
    now = world.now()
    for name, state in container.probes.items():
        held = name != "startupProbe" and not is_started(spec, container)
        if state.next_at > now or held or (name == "startupProbe" and state.passed) or container.kill_at is not None:
            continue
        probe = spec[name]
        state.next_at = now + timedelta(seconds=probe["periodSeconds"])
        problem = _problem(pod, runtime, container, probe, now)
        _count(probe, state, problem)
        if problem is None:
            continue
        node, path = pod["spec"]["nodeName"], f"spec.containers{{{spec['name']}}}"
        title = _TITLES[name]
        world.record(
            pod, "Warning", "Unhealthy", f"{title} probe failed: {problem}", EventSource("kubelet", node, path)
        )
        if name != "readinessProbe" and state.failures >= probe["failureThreshold"]:
            message = f"Container {spec['name']} failed {title.lower()} probe, will be restarted"
            world.record(pod, "Normal", "Killing", message, EventSource("kubelet", node, path))
            schedule_kill(pod, container, now)


def schedule_kill(pod: Object, container: ContainerRuntime, now: datetime) -> None:
    """SIGTERM now: the process ends itself, or is killed at the end of the pod's grace period."""
    grace = float(
        pod["metadata"].get("deletionGracePeriodSeconds") or pod["spec"].get("terminationGracePeriodSeconds", 30)
    )
    program = container.program
    own = program.stops_after if program is not None and not program.wedged else None
    graceful = own is not None and own <= grace
    container.kill_at = now + timedelta(seconds=own if own is not None and graceful else grace)
    container.kill_code = 0 if graceful else 137


def _count(probe: Object, state: ProbeState, problem: str | None) -> None:
    if problem is None:
        state.successes, state.failures = state.successes + 1, 0
        state.passed = state.passed or state.successes >= probe["successThreshold"]
    else:
        state.successes, state.failures = 0, state.failures + 1
        state.passed = state.passed and state.failures < probe["failureThreshold"]


def _problem(pod: Object, runtime: PodRuntime, container: ContainerRuntime, probe: Object, now: datetime) -> str | None:
    if "exec" in probe:
        return container.program.exec_probe(probe["exec"].get("command", [])) if container.program else "no process"
    target = probe.get("httpGet") or probe.get("tcpSocket") or probe.get("grpc") or {}
    port = _port_number(pod, target.get("port"))
    program = _listener(runtime, port)
    where = f"{runtime.address}:{port}"
    refused = f"dial tcp {where}: connect: connection refused"
    if "httpGet" not in probe:
        return None if program is not None else refused
    path = target["path"] if target["path"].startswith("/") else f"/{target['path']}"
    url = f"{target['scheme'].lower()}://{where}{path}"
    if program is None:
        return f'Get "{url}": {refused}'
    node_address = pod["status"].get("hostIP", "10.0.0.1")
    reply = program.answer(ProcessRequest(path, now, node_address, port))
    if reply is None:
        return f'Get "{url}": context deadline exceeded (Client.Timeout exceeded while awaiting headers)'
    if 200 <= reply.status < 400:
        return None
    return f"HTTP probe failed with statuscode: {reply.status}"


def _port_number(pod: Object, port: object) -> int:
    if isinstance(port, int):
        return port
    for container in pod["spec"]["containers"]:
        for entry in container.get("ports") or []:
            if entry.get("name") == port:
                return int(entry["containerPort"])
    return int(str(port)) if str(port).isdigit() else 0


def _listener(runtime: PodRuntime, port: int) -> Program | None:
    for container in runtime.containers.values():
        if container.program is not None and container.program.listening.get(port) in ANY_ADDRESS:
            return container.program
    return None
