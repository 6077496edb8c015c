"""Why a container is not made, or its command cannot be run, in the words of kubelet and runtime."""

from __future__ import annotations

import re
from datetime import timedelta

from bot.domain.facts import FactValue, Gap
from bot.domain.kubernetes import Container, Pod
from bot.engine.binding import Binding, BoundComponent
from bot.engine.checks.containers import ContainerRun, is_unstable, pod_events, runs, shortened
from bot.engine.checks.logs import last_words
from bot.engine.checks.probes import RECENT_SECONDS
from bot.engine.checks.startup.waiting import MISSING_OBJECT
from bot.engine.values.exit_codes import ending_in_words

_CANNOT_RUN = re.compile(
    r"executable file not found|no such file or directory|permission denied|exec format error|is a directory|"
    r"exec: |stat .*: no such file",
    re.IGNORECASE,
)
_RUNTIME = re.compile(
    r"^.*?(?:unable to start container process|starting container process caused): "
    r"(?:error during container init: )?(?P<why>.+?)(?:: unknown)?$",
    re.DOTALL,
)
"""The runtime's own names come before what it has to say."""
_START_FAILURES = frozenset({"CreateContainerError", "RunContainerError", "StartError", "ContainerCannotRun"})


def command_facts(binding: Binding, component: BoundComponent) -> dict[str, FactValue | Gap]:
    """A container whose command cannot be started: the runtime says so, or the shell with 126 and 127."""
    for pod in (*component.all_pods, *component.finished):
        for run in runs((pod,)):
            end, waiting = run.last_end, run.waiting
            said = ""
            if waiting in _START_FAILURES and _CANNOT_RUN.search(run.waiting_message):
                said = run.waiting_message
            elif end is not None and end.reason in _START_FAILURES and _does_not_run(binding, run):
                said = end.message or end.reason
            elif end is not None and end.exit_code in (126, 127) and is_unstable(run, binding.clocks):
                said = last_words(binding, pod, run.status.name) or ending_in_words(end)
            elif waiting in _START_FAILURES:
                events = pod_events(binding, (pod,), "Failed")
                said = next((event.message for event in events if _CANNOT_RUN.search(event.message)), "")
            if said:
                container = container_of(pod, run.status.name)
                command = " ".join((*container.command, *container.args[:1])) if container else ""
                shown = f" ({shortened(command, 80)})" if command else ""
                why = shortened(_in_short(said), 300)
                text = f"the command of container {run.status.name}{shown} cannot be run: {why}"
                return {"command.missing": True, "command.text": text}
    return {}


def _in_short(said: str) -> str:
    found = _RUNTIME.match(said)
    return found["why"] if found else said


def _does_not_run(binding: Binding, run: ContainerRun) -> bool:
    """Whether what ended so has not come to run for good since."""
    return run.started_at is None or is_unstable(run, binding.clocks)


_CREATING = frozenset({"CreateContainerConfigError", "CreateContainerError", "RunContainerError", "StartError"})
_SANDBOX = timedelta(seconds=45)
_SLOW = timedelta(minutes=5)
"""Even a large image is pulled by then, mostly."""
_TURNED_AWAY = frozenset({"SysctlForbidden", "AppArmor", "UnexpectedAdmissionError", "PodOSNotSupported", "Forbidden"})
"""Reasons of a kubelet for which it would turn away the next pod of the template, too."""
_HOOK = re.compile(r'for Container "(?P<container>[^"]+)" in Pod "[^"]*" failed - error: (?P<why>.*)', re.DOTALL)
_MESSAGE_AGAIN = re.compile(r', message: ".*"\s*$', re.DOTALL)
"""The kubelet tells the hook's output twice."""
_ITS_POD = re.compile(r" \(pod: [^)]*\([^)]*\)[^)]*\)")


def refusal_facts(component: BoundComponent) -> dict[str, FactValue | Gap]:
    """A container that the kubelet or the runtime does not make, though no object and no command is missing."""
    for run in runs(component.all_pods):
        said = run.waiting_message
        if run.waiting not in _CREATING or not said or _CANNOT_RUN.search(said) or MISSING_OBJECT.search(said):
            continue
        text = f"container {run.status.name} cannot be created: {shortened(_ITS_POD.sub('', said), 300)}"
        return {"container.refused": True, "container.text": text}
    if component.pods and any(pod.ready for pod in component.pods):
        return {}
    for pod in component.finished:
        if pod.status.phase == "Failed" and pod.status.reason in _TURNED_AWAY and pod.status.message:
            text = f"the kubelet turns its pods away ({pod.status.reason}): {shortened(pod.status.message, 300)}"
            return {"container.refused": True, "container.text": text}
    return {}


def hook_facts(binding: Binding, component: BoundComponent) -> dict[str, FactValue | Gap]:
    """A container that the kubelet ends again because its postStart hook fails: its exit code says nothing of that."""
    failing = {
        run.status.name
        for pod in component.all_pods
        for run in runs((pod,))
        if not run.status.ready and is_unstable(run, binding.clocks)
    }
    for event in pod_events(binding, component.all_pods, "FailedPostStartHook"):
        hook = _HOOK.search(event.message)
        if hook and hook["container"] in failing and binding.within(event.last_seen, RECENT_SECONDS):
            said = shortened(_MESSAGE_AGAIN.sub("", hook["why"]).strip(), 300)
            text = f"the postStart hook of container {hook['container']} fails, so it is ended: {said}"
            return {"container.refused": True, "container.text": text}
    return {}


def long_in_making(binding: Binding, component: BoundComponent) -> str:
    """A pod whose containers have not been made for minutes, whatever the reason is: that is not as it should be."""
    for pod in component.all_pods:
        waiting = [run for run in runs((pod,)) if run.waiting == "ContainerCreating"]
        if waiting and binding.lasts(pod.metadata.creation_timestamp, _SLOW):
            return (
                f"Pod {pod.metadata.name} has not been made for more than {int(_SLOW.total_seconds() // 60)} minutes."
            )
    return ""


def sandbox_facts(binding: Binding, component: BoundComponent) -> dict[str, FactValue | Gap]:
    """A pod for which the node makes no sandbox or network, for a while: none of its containers is even tried."""
    creating = tuple(
        pod
        for pod in component.all_pods
        if any(run.waiting in ("ContainerCreating", "PodInitializing") for run in runs((pod,)))
        and binding.lasts(pod.metadata.creation_timestamp, _SANDBOX)
    )
    for event in pod_events(binding, creating, "FailedCreatePodSandBox", "NetworkNotReady"):
        if binding.within(event.last_seen, RECENT_SECONDS):
            text = f"the node makes no sandbox for its pod: {shortened(event.message, 300)}"
            return {"container.refused": True, "container.text": text}
    return {}


def container_of(pod: Pod, name: str) -> Container | None:
    """The container or init container of this name as the pod specifies it; None if it was added later."""
    return next((item for item in (*pod.spec.containers, *pod.spec.init_containers) if item.name == name), None)
