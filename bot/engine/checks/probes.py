"""Checks on probes: what they ask, whether they fail, and whether they end containers."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import timedelta

from bot.domain.facts import Check, FactValue, Gap, GapReason
from bot.domain.kubernetes import Container, Event, Pod, Probe
from bot.engine.binding import Binding, BoundComponent, main_container
from bot.engine.checks.answer import CheckBuilder
from bot.engine.checks.beside import Beside, ended_by_probe, unready_words
from bot.engine.checks.containers import ContainerRun, is_starting, is_unstable, pod_events, runs, shortened
from bot.engine.checks.startup.unplaced import may_start
from bot.playbook.catalogue import ScopeKind

RECENT_SECONDS = 900.0
"""Kubelets repeat a probe event at most every five minutes once it is frequent, so 15 minutes is still 'now'."""
_ENDING_PROBES = ("Liveness probe failed", "Liveness probe errored", "Startup probe failed")
_AGAIN = 2
"""Restarts: what a probe has ended so often, and fails once more in the run of now, has no end."""
_CODES_OF_KILLS = frozenset({0, 137, 143})
_GATE = timedelta(seconds=90)
"""How long a load balancer may take to find a pod well that is."""
_MOMENT = timedelta(seconds=10)
_EVENT_DELAY = timedelta(seconds=10)


def probe_port(probe: Probe | None, container: Container) -> int:
    """The port a probe asks, with names resolved; 0 if it asks none."""
    if probe is None:
        return 0
    port = probe.http_get.port if probe.http_get else probe.tcp_socket.port if probe.tcp_socket else 0
    if isinstance(port, int):
        return port
    if port.isdigit():
        return int(port)
    return next((item.container_port for item in container.ports if item.name == port), 0)


def service_ports(component: BoundComponent) -> set[int]:
    """Container ports that the component's Services lead to, and the port the playbook knows."""
    ports = {component.spec.port} if component.spec.port else set[int]()
    container = component.container
    for service in component.services:
        for port in service.spec.ports:
            target = port.target_port or port.port
            if isinstance(target, int):
                ports.add(target)
            elif container is not None:
                ports |= {item.container_port for item in container.ports if item.name == target}
    return ports


def _on_service_port(probe: Probe | None, container: Container, component: BoundComponent) -> bool | Gap:
    """Whether the probe asks a port that a Service leads to; a command in the container asks none that can be seen."""
    port = probe_port(probe, container)
    if probe is not None and port == 0:
        return Gap(GapReason.ABSENT, "the port that a probe asks", "it runs a command instead")
    return port in service_ports(component)


def failure_kind(message: str) -> str:
    """What a kubelet's probe message means: `refused`, `timed_out`, `http_error` or `other`."""
    text = message.lower()
    if "connection refused" in text:
        return "refused"
    if any(words in text for words in ("deadline exceeded", "timeout", "timed out")):
        return "timed_out"
    if "statuscode" in text:
        return "http_error"
    return "other"


_EXEC = re.compile(r'exec: "?(?P<command>[^":]+)"?: (?:stat [^:]+: )?(?P<why>[^:]+?)(: unknown)?$')
_COMBINED = "(combined from similar events): "


def probe_words(message: str, probe: Probe | None, container: Container) -> str:
    """The kubelet's message as a person needs it: a command by its name, a status with what was asked."""
    message = message.removeprefix(_COMBINED)
    begins = message.partition(":")[0]
    command = _EXEC.search(message.strip())
    if command is not None and " probe " in begins:
        return f"{begins}: its command {command['command']} cannot be run: {command['why']}"
    if probe is not None and probe.http_get is None and probe.tcp_socket is None and message.strip() == f"{begins}:":
        return f"{begins}: its command fails and says nothing"
    if "statuscode" in message and probe is not None and probe.http_get is not None:
        return f"{message} (asked for {probe.http_get.path or '/'} on port {probe_port(probe, container)})"
    return message


def kills_by_probe(binding: Binding, component: BoundComponent) -> set[str]:
    """UIDs of pods whose container a liveness or startup probe ended lately, and that are still unstable."""
    events = pod_events(binding, component.pods, "Killing")
    lately = {
        event.involved_object.uid
        for event in events
        if ("failed liveness probe" in event.message or "failed startup probe" in event.message)
        and binding.within(event.last_seen, RECENT_SECONDS)
    }
    return lately & {run.pod.metadata.uid for run in _ending_runs(binding, component)}


def _ending_runs(binding: Binding, component: BoundComponent) -> list[ContainerRun]:
    """Containers that keep ending, not for memory: or that would again, as the probe that ended them fails again."""
    return [
        run
        for run in runs(component.pods)
        if not run.out_of_memory and (is_unstable(run, binding.clocks) or _fails_again(binding, run))
    ]


def _fails_again(binding: Binding, run: ContainerRun) -> bool:
    """Whether a probe that ends containers has failed in this run, too, just now."""
    if run.started_at is None or run.status.restart_count < _AGAIN:
        return False
    event = _latest(binding, (run.pod,), _ENDING_PROBES)
    return (
        event is not None
        and event.last_seen is not None
        and (event.last_seen > run.started_at and binding.within(event.last_seen, 60))
    )


def check_probes(binding: Binding, component: BoundComponent, kind: ScopeKind) -> Check:
    """Which probes fail, with what answer, and on which port?"""
    selector = f" -l {component.selector}" if component.selector else ""
    question = CheckBuilder(kind, component.name, "probes", binding.kubectl(f"describe pods{selector}"))
    container = component.container
    gap = binding.gap("pods") or component.gap
    if gap is not None or container is None:
        return question.open(gap or Gap(GapReason.ABSENT, f"probes of {component.named}", "it has no pod template"))
    facts: dict[str, FactValue | Gap] = {"readiness.configured": container.readiness_probe is not None}
    readiness = _readiness(binding, component, container, facts)
    liveness = _liveness(binding, component, container, facts)
    if any(isinstance(facts.get(name), Gap) for name in ("readiness.failure", "liveness.killing")):
        return question.open(binding.gap("events") or Gap(GapReason.ABSENT, "probe events"), facts)
    problems = [text for text in (liveness, readiness) if text]
    if not problems and not facts["readiness.configured"]:
        return question.idle("No readiness probe is set.", facts)
    return question.answered(not problems, " ".join(problems) or "No probe fails.", facts)


def _closed_gate(binding: Binding, component: BoundComponent) -> str:
    """What a readiness gate says that keeps a pod from being ready whose containers all are; empty if none does."""
    for pod in component.pods:
        ready = pod.condition("Ready")
        if ready is None or ready.status == "True" or ready.reason != "ReadinessGatesNotReady":
            continue
        if binding.lasts(ready.last_transition_time, _GATE):
            return shortened(ready.message or "a readiness gate of its pod is closed")
    return ""


def _readiness(
    binding: Binding, component: BoundComponent, container: Container, facts: dict[str, FactValue | Gap]
) -> str:
    probe = container.readiness_probe or container.startup_probe
    starting = container.startup_probe
    facts["readiness.on_service_port"] = _on_service_port(probe, container, component)
    beside = unready_words(binding, component)
    facts["readiness.beside"] = bool(beside)
    gate = _closed_gate(binding, component) or beside
    if gate:
        facts |= {"readiness.failing": True, "readiness.failure": "other", "readiness.message": gate}
        return gate
    waiting = [pod for pod in component.pods if probe is not None and _runs_unready(pod, component)]
    if all(unready_for_a_moment(binding, pod) for pod in waiting) and any(pod.ready for pod in component.pods):
        waiting = []  # the others serve: a probe that fails now and then is what it is for
    if not waiting or probe is None:
        facts |= {"readiness.failing": False, "readiness.failure": "none", "readiness.message": ""}
        return ""
    event = _latest(binding, waiting, ("Readiness probe failed", "Readiness probe errored"))
    if event is None and starting is not None:  # as long as it fails, the readiness probe is not asked
        probe, event = starting, _latest(binding, waiting, ("Startup probe failed", "Startup probe errored"))
    grace = timedelta(seconds=probe.initial_delay_seconds + 2 * probe.period_seconds)
    overdue = any(_uptime_exceeds(binding, pod, grace) for pod in waiting)
    begins = all(is_starting(pod, binding.clocks) for pod in waiting)
    stopped = [pod for pod in waiting if not is_starting(pod, binding.clocks)]
    if stopped and event is None and all(_has_just_stopped(binding, pod) for pod in stopped):
        facts |= {"readiness.failing": False, "readiness.failure": "none"}
        facts["readiness.message"] = "not ready since a moment ago, and no event says why"
        return ""
    if begins or (not overdue and event is None) or all(may_start(binding, pod) for pod in waiting):
        facts |= {"readiness.failing": False, "readiness.failure": "none", "readiness.message": "still starting"}
        return ""
    facts["readiness.failing"] = True
    if event is None:
        gap = binding.gap("events") or Gap(GapReason.ABSENT, "the probe's answer", "no event records it")
        facts |= {"readiness.failure": gap, "readiness.message": "not ready, and no event says why"}
        return "The readiness probe fails."
    said = shortened(probe_words(event.message, probe, container))
    facts |= {"readiness.failure": failure_kind(event.message), "readiness.message": said}
    return f"{said}."


_MOMENT = timedelta(seconds=20)
_OFTEN, _HOUR = 6, 3600.0


def unready_for_a_moment(binding: Binding, pod: Pod) -> bool:
    """Whether all containers of a pod run, and it is not ready since a moment only, for once: one whose probe failed
    many times in the last hour comes and goes.
    """
    ready = pod.condition("Ready")
    since = ready.last_transition_time if ready is not None else None
    run = bool(pod.status.container_statuses) and all(item.state.running for item in pod.status.container_statuses)
    if not run or since is None or binding.lasts(since, _MOMENT):
        return False
    failures = pod_events(binding, (pod,), "Unhealthy")
    return not any(item.count >= _OFTEN and binding.within(item.first_seen, _HOUR) for item in failures)


_NO_COMMAND = re.compile(
    r"(?i): (command )?not found( in \$PATH)?\s*$|executable file not found|: no such file or directory\s*$"
)


def _liveness_failure(message: str, probe: Probe) -> str:
    """As `failure_kind`; `no_command` where the probe runs a program that the image does not have."""
    if probe.http_get is None and probe.tcp_socket is None and _NO_COMMAND.search(message):
        return "no_command"
    return failure_kind(message) if message else "other"


def _liveness(
    binding: Binding, component: BoundComponent, container: Container, facts: dict[str, FactValue | Gap]
) -> str:
    probe = container.liveness_probe or container.startup_probe
    facts["liveness.on_service_port"] = _on_service_port(probe, container, component)
    unstable = _ending_runs(binding, component)
    gap = binding.gap("events")
    killed = kills_by_probe(binding, component)
    sidecar = _beside_ended(binding, component, killed)
    facts["liveness.beside"] = sidecar is not None
    if sidecar is not None:
        return _sidecar_liveness(binding, sidecar, facts)
    if probe is None or not unstable:
        facts |= {"liveness.killing": False, "liveness.failure": "none", "liveness.message": ""}
        return ""
    gap = gap or _unrecorded(binding, unstable)
    if not killed and gap is not None:
        facts |= {"liveness.killing": gap, "liveness.failure": gap}
        return ""
    pods = [pod for pod in component.pods if pod.metadata.uid in killed]
    event = _latest(binding, pods, _ENDING_PROBES)
    message = event.message if event else ""
    asked = container.startup_probe if message.startswith("Startup") else probe
    said = shortened(probe_words(message, asked, container))
    facts |= {
        "liveness.killing": bool(killed),
        "liveness.failure": _liveness_failure(message, asked or probe) if killed else "none",
        "liveness.message": said,
    }
    return f"A probe keeps ending the container: {said}." if killed else ""


def _beside_ended(binding: Binding, component: BoundComponent, killed: set[str]) -> Beside | None:
    """The container beside the main one that a probe keeps ending, while the program waits for it or serves."""
    for event in pod_events(binding, component.pods, "Killing"):
        found = ended_by_probe(component, event, component.pods) if event.involved_object.uid in killed else None
        if found is not None:
            return found
    return None


def _sidecar_liveness(binding: Binding, sidecar: Beside, facts: dict[str, FactValue | Gap]) -> str:
    """The facts where a probe ends a container beside the main one: whose port no Service leads to."""
    events = pod_events(binding, (sidecar.run.pod,), "Unhealthy", "ProbeWarning")
    meant = [event for event in events if event.message.startswith(_ENDING_PROBES) and sidecar.is_meant(event)]
    message = meant[0].message if meant else ""
    probe = sidecar.container.startup_probe if message.startswith("Startup") else sidecar.container.liveness_probe
    said = f"{sidecar.who}: {probe_words(message, probe, sidecar.container)}" if message else sidecar.who
    facts |= {
        "liveness.killing": True,
        "liveness.failure": failure_kind(message) if message else "other",
        "liveness.on_service_port": False,
        "liveness.message": shortened(said),
    }
    return f"A probe keeps ending the {shortened(said)}."


def _unrecorded(binding: Binding, unstable: Iterable[ContainerRun]) -> Gap | None:
    """Why nobody can say whether a probe ended a container: the kubelet's events about its last run are missing.

    They are kept for an hour, and a kubelet stops recording what a pod does too often. A kill leaves the exit codes of
    these signals, or none, and so may the process itself.
    """
    for run in unstable:
        end = run.last_end
        if end is None or end.exit_code not in _CODES_OF_KILLS or end.started_at is None:
            continue
        events = pod_events(binding, (run.pod,), "Pulled", "Created", "Started", "Killing")
        if not any(event.last_seen and event.last_seen >= end.started_at - _EVENT_DELAY for event in events):
            detail = "the kubelet's events about its last run are missing"
            return Gap(GapReason.ABSENT, f"whether a probe ended the container {run.status.name}", detail)
    return None


def _runs_unready(pod: Pod, component: BoundComponent) -> bool:
    container = main_container(pod.spec.containers, component.spec)
    return any(
        status.state.running is not None and not status.ready
        for status in pod.status.container_statuses
        if container is None or status.name == container.name
    )


def _has_just_stopped(binding: Binding, pod: Pod) -> bool:
    """Whether it was ready until a moment ago: an update takes it away, or one answer was late."""
    ready = pod.condition("Ready")
    moment = ready.last_transition_time if ready is not None else None
    return binding.within(moment, _MOMENT.total_seconds(), pod.metadata.name)


def _uptime_exceeds(binding: Binding, pod: Pod, grace: timedelta) -> bool:
    starts = [item.state.running.started_at for item in pod.status.container_statuses if item.state.running]
    return any(binding.lasts(start, grace, pod.metadata.name) for start in starts)


def _latest(binding: Binding, pods: Iterable[Pod], prefixes: tuple[str, ...]) -> Event | None:
    for event in pod_events(binding, tuple(pods), "Unhealthy", "ProbeWarning"):
        if event.message.startswith(prefixes) and binding.within(event.last_seen, RECENT_SECONDS):
            return event
    return None
