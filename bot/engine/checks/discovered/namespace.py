"""Check on the namespace itself: is it being deleted, and what keeps it?"""

from __future__ import annotations

from bot.domain.facts import Check, FactValue, Gap
from bot.engine.binding import Binding
from bot.engine.checks.answer import CheckBuilder
from bot.engine.checks.containers import shortened
from bot.engine.checks.detail.lifecycle import GRACE, ORDINARY

_SAYS = ("NamespaceContentRemaining", "NamespaceFinalizersRemaining", "NamespaceDeletionContentFailure")


def check_namespace(binding: Binding) -> Check:
    """Is the namespace being deleted?"""
    name = binding.view.namespace
    question = CheckBuilder("app", "app", "namespace", binding.kubectl_anywhere(f"get namespace {name} -o yaml"))
    found = next(iter(binding.view.namespaces), None)
    stuck = _stuck(binding)
    facts: dict[str, FactValue | Gap] = {
        "namespace.terminating": False,
        "namespace.text": "",
        "namespace.stuck": bool(stuck),
        "namespace.stuck_text": stuck,
    }
    if stuck and (found is None or found.status.phase != "Terminating"):
        return question.answered(False, f"{stuck}.", facts)
    if found is None or found.status.phase != "Terminating":
        return question.answered(True, f"Namespace {name} is not being deleted.", facts)
    said = [item.message for item in found.status.conditions if item.type in _SAYS and item.status == "True"]
    why = f": {shortened(' '.join(said), 300)}" if said else ""
    text = f"namespace {name} is being deleted, so nothing new can be made in it{why}"
    facts |= {"namespace.terminating": True, "namespace.text": text}
    return question.answered(False, f"{text}.", facts)


def _stuck(binding: Binding) -> str:
    """An object beside the workloads that was deleted a while ago, and whose finalizer nobody takes away.

    It is the business of the namespace: whoever asked about one workload is not told of it.
    """
    if binding.graph is None or binding.graph.subject:
        return ""
    view = binding.view
    for kind, items in (
        ("configmap", view.configmaps),
        ("persistentvolumeclaim", view.persistentvolumeclaims),
        ("service", view.services),
        ("ingress", view.ingresses),
    ):
        for item in items:
            meta = item.metadata
            names = [name for name in meta.finalizers if name not in ORDINARY]
            if names and binding.lasts(meta.deletion_timestamp, GRACE):
                when = f"{meta.deletion_timestamp:%H:%M:%S} UTC"
                return f"{kind}/{meta.name} was to be deleted at {when}, and finalizer {', '.join(names)} keeps it"
    return ""
