"""Rules about ids: nothing has the same one twice, and templates fit the kind of playbook they are in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from bot.playbook.app_schema import AppPlaybook
from bot.playbook.loaded import LoadedPlaybook
from bot.playbook.rules.subject import LintedSet
from bot.playbook.schema import CausedBy, CauseSpec, CausesPlaybook, RemedySpec, SymptomPlaybook
from bot.playbook.vocabulary import RESERVED
from bot.yamlfile.positions import Path, Problem

_TEMPLATE = re.compile(r"\{(workload|route|dependency|service|edge|ingress|autoscaler)\}")


def playbooks_are_unique(subject: LintedSet) -> Iterator[Problem]:
    """No two apps, no two symptoms of one app and no two generic playbooks have the same id."""
    first: dict[tuple[str, str | None, str], LoadedPlaybook] = {}
    for file in subject.files:
        playbook = file.playbook
        app = playbook.app if isinstance(playbook, SymptomPlaybook) else None
        earlier = first.setdefault((playbook.kind, app, playbook.id), file)
        if earlier is not file and file.complete and earlier.complete:
            what = "generic playbook" if playbook.kind == "causes" else playbook.kind
            yield file.problem(("id",), f"the {what} `{playbook.id}` is already described in {earlier.name}")


def names_are_free(subject: LintedSet) -> Iterator[Problem]:
    """Components and routes have different names, none of which begins other facts (`app.healthy`)."""
    for file in subject.files:
        if not isinstance(file.playbook, AppPlaybook):
            continue
        app = file.playbook
        for group, names in (("components", app.components), ("routes", app.routes)):
            for name in names:
                if name in RESERVED:
                    yield file.problem(
                        (group, name), f"`{name}` has a meaning of its own in facts; choose another name", True
                    )
        for name in app.routes:
            if name in app.components:
                yield file.problem(("routes", name), f"`{name}` is also a component; give the route another name", True)


def things_inside_are_unique(subject: LintedSet) -> Iterator[Problem]:
    """Within a playbook, signatures, causes, the remedies of a cause and cases have different ids."""
    for file in subject.files:
        if isinstance(file.playbook, SymptomPlaybook):
            yield from _repeated(file, [item.id for item in file.playbook.signatures], ("signatures",), "signature")
        if isinstance(file.playbook, SymptomPlaybook | CausesPlaybook):
            yield from _repeated(file, [item.id for item in file.playbook.causes], ("causes",), "cause")
        if file.cases is not None:
            yield from _repeated_cases(file, [item.name for item in file.cases.pastes], "pastes")
            yield from _repeated_cases(file, [item.name for item in file.cases.causes], "causes")
    for file, steps, cause in subject.every(CauseSpec):
        yield from _repeated(file, [item.id for item in cause.remedies], (*steps, "remedies"), "remedy")


def _repeated(file: LoadedPlaybook, ids: Sequence[str], steps: Path, what: str) -> Iterator[Problem]:
    for index in _later_equals(ids):
        if file.complete:
            yield file.problem((*steps, index, "id"), f"the {what} `{ids[index]}` is already here; give it another id")


def _repeated_cases(file: LoadedPlaybook, names: Sequence[str], group: str) -> Iterator[Problem]:
    for index in _later_equals(names):
        if file.complete:
            yield file.case_problem((group, index, "name"), f"another case is already called `{names[index]}`")


def _later_equals(names: Sequence[str]) -> Iterable[int]:
    return [index for index, name in enumerate(names) if name in names[:index]]


def templates_fit(subject: LintedSet) -> Iterator[Problem]:
    """`{workload}` stands only in playbooks for workloads, and every cause of a workload has it in its id."""
    for file in subject.files:
        kind = file.playbook.for_ if isinstance(file.playbook, CausesPlaybook) else None
        for steps, part in subject.parts_of(file):
            if isinstance(part, CauseSpec | RemedySpec | CausedBy):
                yield from _misplaced(file, steps, part, kind)
            if isinstance(part, CauseSpec) and kind == "workload" and "{workload}" not in part.id:
                yield file.problem(
                    (*steps, "id"), f"begin the id with `{{workload}}-`: every component has its own `{part.id}`"
                )
            if isinstance(part, CauseSpec) and kind == "route" and "{route}" in part.id:
                yield file.problem(
                    (*steps, "id"), "leave `{route}-` out; the ids of all but the primary route get it anyway"
                )


def _misplaced(
    file: LoadedPlaybook, steps: Path, part: CauseSpec | RemedySpec | CausedBy, kind: str | None
) -> Iterator[Problem]:
    for name in ("id", "breaks", "acts_on", "cause"):
        text = getattr(part, name, None) or ""
        for template in _TEMPLATE.findall(text):
            if template != kind:
                yield file.problem((*steps, name), f"`{{{template}}}` means nothing here; {_use_instead(kind)}")


def _use_instead(kind: str | None) -> str:
    if kind is None:
        return "write the name of a component or route of this app"
    return "causes of a whole app have plain names" if kind == "app" else f"this playbook is for a `{{{kind}}}`"
