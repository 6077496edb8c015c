"""Checks on how containers start: init containers, sidecars, missing variables, ports that are taken."""

from __future__ import annotations

import re
from collections.abc import Mapping

from bot.domain.facts import Check, FactValue, Gap
from bot.domain.kubernetes import Container
from bot.engine.binding import Binding, BoundComponent
from bot.engine.checks.answer import CheckBuilder
from bot.engine.checks.containers import is_unstable, runs
from bot.engine.checks.detail.report import check_report
from bot.engine.checks.detail.sidecars import main_name, sidecar_facts
from bot.engine.checks.detail.unmade import (
    command_facts,
    container_of,
    hook_facts,
    long_in_making,
    refusal_facts,
    sandbox_facts,
)
from bot.engine.checks.logs import last_words
from bot.engine.values.exit_codes import ending_in_words
from bot.playbook.catalogue import ScopeKind

_TAKEN = re.compile(
    r"(?i)\bEADDRINUSE\b|address (is )?already in use|port \d+ (is |was )?(already )?in use|bind\(\) to "
)
_PORT = re.compile(r"(?i):(\d{2,5})\b|port (\d{2,5})\b")


def check_containers(binding: Binding, component: BoundComponent, kind: ScopeKind) -> Check:
    """Which container fails: the main one or one beside it; can its command be run; does it lack a variable?"""
    selector = f" -l {component.selector}" if component.selector else ""
    question = CheckBuilder(kind, component.name, "containers", binding.kubectl(f"describe pods{selector}"))
    gap = binding.gap("pods")
    if gap is not None:
        return question.open(gap)
    facts = _NOTHING | {"exit.text": _exit_text(component)} | sidecar_facts(binding, component)
    facts |= command_facts(binding, component)
    facts |= _variable(binding, component, kind)
    facts |= _port_taken(binding, component)
    facts |= (
        {}
        if facts["command.missing"]
        else (refusal_facts(component) or sandbox_facts(binding, component) or hook_facts(binding, component))
    )
    trouble = _trouble(facts) or long_in_making(binding, component)
    return question.answered(not trouble, trouble or "Its containers start as they should.", facts)


_NOTHING: dict[str, FactValue | Gap] = {
    "sidecar.failing": False,
    "sidecar.container": "",
    "sidecar.ending": "",
    "sidecar.words": "",
    "sidecar.why": "",
    "command.missing": False,
    "command.text": "",
    "exit.text": "",
    "variable.missing": False,
    "variable.name": "",
    "variable.source": "",
    "port.taken": False,
    "port.text": "",
    "container.refused": False,
    "container.text": "",
}
"""The facts of containers that start as they should."""


def _trouble(facts: Mapping[str, FactValue | Gap]) -> str:
    """What keeps a container from starting, as a sentence: the nearest to its cause first; empty if nothing does."""
    if facts["command.missing"]:
        return f"{facts['command.text']}."
    if facts["variable.missing"]:
        return f"It needs the variable {facts['variable.name']}, which is not set: {facts['variable.source']}."
    if facts["container.refused"]:
        return f"{str(facts['container.text']).capitalize()}."
    if facts["port.taken"]:
        return f"{str(facts['port.text']).capitalize()}."
    if facts["sidecar.failing"]:
        name, ending = facts["sidecar.container"], facts["sidecar.ending"]
        return f"Container {name} keeps ending ({ending}), the main one is fine."
    return ""


def _exit_text(component: BoundComponent) -> str:
    pods = (*component.pods, *component.finished)
    ends = [run.last_end for run in runs(pods) if not run.init and run.last_end is not None]
    return ending_in_words(ends[0]) if ends else "no end is recorded"


def _port_taken(binding: Binding, component: BoundComponent) -> dict[str, FactValue | Gap]:
    """A container that ends because its port is in use, while another container of its pod, or the host, has it."""
    for pod in component.pods:
        found = list(runs((pod,)))
        for run in found:
            if not is_unstable(run, binding.clocks):
                continue
            words = last_words(binding, pod, run.status.name)
            beside = [item.status.name for item in found if item is not run and item.started_at is not None]
            if not _TAKEN.search(words) or not (beside or pod.spec.host_network):
                continue
            port = next((one or other for one, other in _PORT.findall(words)), "")
            what = f"port {port}" if port else "its port"
            holder = f"container {', '.join(beside)} of the same pod" if beside else "another program of the node"
            text = f"container {run.status.name} cannot listen on {what}, which {holder} holds; it says: {words}"
            return {"port.taken": True, "port.text": text}
    return {}


def _variable(binding: Binding, component: BoundComponent, kind: ScopeKind) -> dict[str, FactValue | Gap]:
    """A variable that its log names, of a program that does not run: and where it would come from."""
    name = check_report(binding, component, kind).facts.get(f"{component.name}.report.variable")
    if not isinstance(name, str) or not name:
        return {}
    failing = [run for run in runs(component.all_pods) if is_unstable(run, binding.clocks)]
    ended = [pod for pod in component.finished if pod.status.phase == "Failed"]
    if not failing and not ended:
        return {}
    pod = failing[0].pod if failing else ended[0]
    container = container_of(pod, failing[0].status.name if failing else main_name(pod, component))
    source = _source(container, name)
    if source is None:
        return {}
    return {"variable.missing": True, "variable.name": name, "variable.source": source}


def _source(container: Container | None, name: str) -> str | None:
    """Where a variable would come from; None if the container has it, so that the line means something else."""
    entry = next((item for item in container.env if item.name == name), None) if container else None
    if container is None:
        return "nothing sets it"
    if entry is None:
        secrets = [item.secret_ref.name for item in container.env_from if item.secret_ref]
        maps = [item.config_map_ref.name for item in container.env_from if item.config_map_ref]
        taken = [*(f"Secret {item}" for item in secrets), *(f"ConfigMap {item}" for item in maps)]
        whole = f", and {', '.join(taken)}, taken whole, would be where it comes from" if taken else ""
        return f"container {container.name} has no such variable{whole}"
    if entry.empty and entry.value_from is None:
        return f"container {container.name} sets it to nothing"
    if entry.value_from is not None and entry.value_from.secret_key_ref is not None:
        reference = entry.value_from.secret_key_ref
        return f"it comes from Secret {reference.name}, key {reference.key}, which may be empty or optional"
    if entry.value_from is not None and entry.value_from.config_map_key_ref is not None:
        key = entry.value_from.config_map_key_ref
        return f"it comes from ConfigMap {key.name}, key {key.key}, which may be empty or optional"
    return None
