"""Check on who refuses to let pods be made: a webhook that is down, a policy, a limit range, a missing account."""

from __future__ import annotations

import re

from bot.domain.facts import Check, FactValue, Gap
from bot.engine.binding import Binding, BoundComponent
from bot.engine.binding.revisions import newest_revision
from bot.engine.checks.answer import CheckBuilder
from bot.engine.checks.startup.creation import creation_message
from bot.playbook.catalogue import ScopeKind

_DOWN = re.compile(r'failed calling (?:admission )?webhook "([^"]+)"|failed to call webhook')
_DENIED = re.compile(r'admission webhook "([^"]+)" denied the request|ValidatingAdmissionPolicy .?([\w.-]+)')
_SERVICE = re.compile(r"https?://([\w-]+)\.([\w-]+)\.svc")
_RULES: tuple[tuple[re.Pattern[str], str], ...] = (
    (
        re.compile(r"violates PodSecurity|PodSecurityPolicy|unable to validate against any (pod )?security"),
        "Pod Security",
    ),
    (re.compile(r"(maximum|minimum) (cpu|memory|storage|ephemeral-storage) usage per"), "a LimitRange"),
    (re.compile(r'error looking up service account|serviceaccounts? "'), "the missing ServiceAccount"),
    (re.compile(r"no PriorityClass with name"), "the missing PriorityClass"),
    (re.compile(r"exceeded quota|must specify (limits|requests)"), "a ResourceQuota"),
)


def check_admission(binding: Binding, component: BoundComponent, kind: ScopeKind) -> Check:
    """Does something refuse its pods, and who is it?"""
    target = component.workload.target if component.workload else component.name
    question = CheckBuilder(kind, component.name, "admission", binding.kubectl(f"describe {target}"))
    facts: dict[str, FactValue | Gap] = {
        "admission.webhook_down": False,
        "admission.refused": False,
        "admission.by": "",
        "admission.text": "",
    }
    message = _message(binding, component)
    if isinstance(message, Gap):
        return question.open(message)
    if not message:
        return question.answered(True, "Nothing refuses its pods.", facts)
    down = _DOWN.search(message)
    if down is not None:
        by = f"webhook {down[1]}" if down[1] else "an admission webhook"
        text = message + _backend(binding, message, down[1] or "")
        found: dict[str, FactValue | Gap] = {"admission.webhook_down": True, "admission.by": by, "admission.text": text}
        return question.answered(False, f"{by} does not answer: {text}", facts | found)
    denied = _DENIED.search(message)
    by = f"webhook {denied[1]}" if denied and denied[1] else f"policy {denied[2]}" if denied else ""
    by = by or next((name for pattern, name in _RULES if pattern.search(message)), "")
    text = message + (_limits(binding) if by == "a LimitRange" else "")
    refused: dict[str, FactValue | Gap] = {"admission.refused": bool(by), "admission.by": by, "admission.text": text}
    return question.answered(False, f"{by or 'The API server'} refuses its pods: {text}", facts | refused)


def _message(binding: Binding, component: BoundComponent) -> str | Gap:
    workload = component.workload
    if workload is None:
        return ""
    wanted = workload.spec.replicas
    if len(component.all_pods) + len(component.finished) >= wanted and not component.jobs:
        return ""
    newest = newest_revision(component)
    return creation_message(binding, (workload, *((newest,) if newest else ()), *component.jobs))


def _backend(binding: Binding, message: str, webhook: str) -> str:
    """What stands behind the webhook, as far as that can be seen."""
    place = _SERVICE.search(message)
    owner = next(
        (item.metadata.name for item in binding.view.webhooks if any(one.name == webhook for one in item.webhooks)), ""
    )
    words = f" (configuration {owner})" if owner else ""
    if place is None:
        return words
    name, namespace = place[1], place[2]
    if namespace == binding.view.namespace and not any(item.metadata.name == name for item in binding.view.services):
        return f"{words}: there is no Service {name} in {namespace}"
    return f"{words}: it is served by Service {name} in {namespace}"


def _limits(binding: Binding) -> str:
    names = ", ".join(item.metadata.name for item in binding.view.limitranges)
    return f" (LimitRange {names})" if names else ""
