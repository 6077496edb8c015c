"""What a diagnosis of a discovered app has looked at, in one sentence. Pure."""

from __future__ import annotations

from bot.domain.diagnosis import Diagnosis
from bot.domain.facts import CheckStatus
from bot.engine.checks.application import ESSENTIAL
from bot.engine.discovery.discover import Discovery


def looked_at(found: Discovery, diagnosis: Diagnosis) -> str:
    """`14 workloads: 12 well, 1 not well, 1 not judged.`"""
    failing, open_ones = set[str](), set[str]()
    for check in diagnosis.checks:
        scope, _, name = check.id.partition(".")
        if scope in found.components and name in ESSENTIAL["workload"]:
            if check.status is CheckStatus.FAIL:
                failing.add(scope)
            elif check.status is CheckStatus.UNKNOWN:
                open_ones.add(scope)
    accused = {cause.component for cause in diagnosis.root_causes if not cause.state and not cause.benign}
    accused |= {cause.component for cause in diagnosis.causes if cause.explained_by and not cause.benign}
    bad = (failing | accused) & set(found.components)
    unjudged = open_ones - bad
    total = len(found.components)
    words = [f"{total - len(bad) - len(unjudged)} well"]
    words += [f"{len(bad)} not well"] if bad else []
    words += [f"{len(unjudged)} not judged"] if unjudged else []
    noun = "workload" if total == 1 else "workloads"
    unread = [name for name, item in found.components.items() if item.pods and name not in found.graph.calls]
    logs = f" The logs of {len(unread)} were not read." if unread and found.graph.calls else ""
    beside = " What fails is none of them." if accused and not bad else ""
    return f"{total} {noun}: {', '.join(words)}.{beside}{logs}"
