"""Every fact a check can yield, with its type: what conditions and texts in playbooks may name.

`bot.engine.checks` yields exactly these (a test holds the two together); `bot.playbook.lint` refuses any other name.
A fact `pods.ready` of the scope `workload` is written `workload.pods.ready` in a generic playbook and `api.pods.ready`
in an app's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from bot.playbook.facts.app import APP, DEPENDENCY, SYMPTOM
from bot.playbook.facts.discovered import AUTOSCALER, EDGE, INGRESS, service_facts
from bot.playbook.facts.route import ROUTE
from bot.playbook.facts.spec import FactSpec
from bot.playbook.facts.workload import WORKLOAD
from bot.playbook.facts.workload_detail import WORKLOAD_DETAIL

ScopeKind = Literal["workload", "route", "dependency", "app", "symptom", "service", "edge", "ingress", "autoscaler"]

FACTS: Mapping[ScopeKind, Mapping[str, FactSpec]] = {
    "workload": {**WORKLOAD, **WORKLOAD_DETAIL},
    "dependency": {**WORKLOAD, **WORKLOAD_DETAIL, **DEPENDENCY},
    "route": ROUTE,
    "app": APP,
    "symptom": SYMPTOM,
    "service": service_facts(ROUTE),
    "edge": EDGE | {name: spec for name, spec in ROUTE.items() if spec.check == "policies"},
    "ingress": INGRESS,
    "autoscaler": AUTOSCALER,
}
"""Facts by scope. Besides, `symptoms.<id>.field.<name>` is the text of a field of a symptom."""


def _check_names(specs: Mapping[str, FactSpec]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(spec.check for spec in specs.values()))


CHECKS: Mapping[ScopeKind, tuple[str, ...]] = {scope: _check_names(specs) for scope, specs in FACTS.items()}
"""Check id suffixes by scope: `pods` of the component `api` is the check `api.pods`; `paste` stands alone."""
