"""Check on the namespace itself: is it being deleted, and what keeps it?"""

from __future__ import annotations

from bot.domain.facts import Check, FactValue, Gap
from bot.engine.binding import Binding
from bot.engine.checks.answer import CheckBuilder
from bot.engine.checks.containers import shortened

_SAYS = ("NamespaceContentRemaining", "NamespaceFinalizersRemaining", "NamespaceDeletionContentFailure")


def check_namespace(binding: Binding) -> Check:
    """Is the namespace being deleted?"""
    name = binding.view.namespace
    question = CheckBuilder("app", "app", "namespace", binding.kubectl_anywhere(f"get namespace {name} -o yaml"))
    found = next(iter(binding.view.namespaces), None)
    facts: dict[str, FactValue | Gap] = {"namespace.terminating": False, "namespace.text": ""}
    if found is None or found.status.phase != "Terminating":
        return question.answered(True, f"Namespace {name} is not being deleted.", facts)
    said = [item.message for item in found.status.conditions if item.type in _SAYS and item.status == "True"]
    why = f": {shortened(' '.join(said), 300)}" if said else ""
    text = f"namespace {name} is being deleted, so nothing new can be made in it{why}"
    facts |= {"namespace.terminating": True, "namespace.text": text}
    return question.answered(False, f"{text}.", facts)
