"""Check on a Service of another namespace that is called: are there pods behind it that are ready?"""

from __future__ import annotations

from bot.domain.facts import Check, FactValue, Gap, GapReason
from bot.domain.view import ForeignService
from bot.engine.binding import Binding
from bot.engine.checks.answer import CheckBuilder
from bot.engine.discovery.graph import BoundEdge
from bot.engine.discovery.places import foreign_in_words


def check_elsewhere(binding: Binding, edge: BoundEdge) -> Check:
    """Has a Service of another namespace that is called ready addresses? One that is not there is a wrong address."""
    if edge.foreign is None:
        question = CheckBuilder("edge", edge.scope, "elsewhere", binding.kubectl("get services"))
        here: dict[str, FactValue | Gap] = {"elsewhere.down": False, "elsewhere.text": "", "elsewhere.name": edge.scope}
        return question.idle("It is no call to another namespace.", here)
    namespace, name = edge.foreign
    command = f"kubectl --namespace {namespace} get endpoints {name}"
    question = CheckBuilder("edge", edge.scope, "elsewhere", command)
    found = foreign_service(binding, namespace, name)
    facts: dict[str, FactValue | Gap] = {
        "elsewhere.name": f"{namespace}/{name}",
        "elsewhere.namespace": namespace,
        "elsewhere.service": name,
    }
    if found is None or found.gap is not None:
        gap = found.gap if found is not None else None
        return question.open(gap or Gap(GapReason.NOT_READ, f"Service {name} in namespace {namespace}"), facts)
    down = found.service is not None and found.ready_addresses == 0
    text = foreign_in_words(found)
    return question.answered(not down, f"{text}.", facts | {"elsewhere.down": down, "elsewhere.text": text})


def foreign_service(binding: Binding, namespace: str, name: str) -> ForeignService | None:
    """The Service of another namespace as it was seen; None if nobody looked."""
    services = binding.view.foreign_services
    return next((item for item in services if (item.namespace, item.name) == (namespace, name)), None)
