"""Rules about causes as an app has them: ids, what is upstream of what, and that this never goes in a circle."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bot.playbook.instances import Instance
from bot.playbook.loaded import LoadedPlaybook
from bot.playbook.rules.subject import LintedSet
from bot.playbook.schema import CausedBy, CauseSpec, CausesPlaybook
from bot.yamlfile.positions import Path, Position, Problem
from bot.yamlfile.spelling import unknown


def ids_are_unique(subject: LintedSet) -> Iterator[Problem]:
    """No two causes have one id once generic ones are filled in. One cause of several dependencies may share it."""
    for app, found in subject.instances.items():
        first: dict[str, Instance] = {}
        for item in found:
            earlier = first.setdefault(item.id, item)
            same = earlier.file is item.file and (earlier.steps == item.steps or earlier.spec.id == item.spec.id)
            if not same and item.file.complete and earlier.file.complete:
                where = earlier.file.problem((*earlier.steps, "id"), "")
                message = f"the app `{app}` already has a cause `{item.id}`, in {where.file}:{where.position.line}"
                yield item.file.problem((*item.steps, "id"), message)


def upstream_causes_exist(subject: LintedSet) -> Iterator[Problem]:
    """`caused_by` and `leads_to` name causes that there are: of the app, or in a generic playbook any generic one."""
    if {"symptom", "causes"} & subject.uncertain:
        return
    generic = {cause.id for playbook in subject.playbooks.generic for cause in playbook.causes}
    for file, steps, reference in subject.every(CausedBy):
        if reference.cause is None:
            continue
        known = generic if isinstance(file.playbook, CausesPlaybook) else _ids(subject, file)
        if known is not None and reference.cause not in known:
            yield file.problem((*steps, "cause"), unknown("cause", reference.cause, known, limit=6))
    for file, steps, cause in subject.every(CauseSpec):
        known = generic if isinstance(file.playbook, CausesPlaybook) else _ids(subject, file)
        for index, name in enumerate(cause.leads_to):
            if known is not None and name not in known:
                yield file.problem((*steps, "leads_to", index), unknown("cause", name, known, limit=6))


def _ids(subject: LintedSet, file: LoadedPlaybook) -> set[str] | None:
    app = subject.app_of(file)
    if app is None or "app" in subject.uncertain:
        return None
    return {item.id for item in subject.instances[app.id]}


def nothing_causes_itself(subject: LintedSet) -> Iterator[Problem]:
    """Following `caused_by` (and `leads_to` backwards) upwards never leads back: there would be no root cause."""
    reported: set[tuple[str, Position]] = set()
    for found in subject.instances.values():
        by_id = {item.id: item for item in found}
        upstream = {item.id: _upstream(item, found) for item in found}
        seen: set[str] = set()
        for start in upstream:
            circle = _circle(start, upstream)
            if circle is None or start in seen:
                continue
            problem = _about(by_id[start], circle, upstream[start][circle[1 % len(circle)]])
            if (problem.file, problem.position) not in reported:
                reported.add((problem.file, problem.position))
                yield problem
            seen.update(circle)


def _upstream(item: Instance, found: tuple[Instance, ...]) -> dict[str, int]:
    """Ids of the causes that could explain this one, each with the number of the `caused_by` entry that says so, or -1
    where the other cause says it with `leads_to`.
    """
    known: dict[str, int] = {}
    for index, reference in enumerate(item.spec.caused_by):
        if reference.cause is not None:
            known.setdefault(item.scope.fill(reference.cause), index)
            continue
        if reference.breaks is None:
            continue  # along calls: only a discovered app has these, and the engine looks for circles itself
        broken = item.scope.fill(reference.breaks)
        for other in found:
            if other.breaks == broken and other.id != item.id:
                known.setdefault(other.id, index)
    for other in found:
        if item.id in (other.scope.fill(name) for name in other.spec.leads_to):
            known.setdefault(other.id, -1)
    return known


def _circle(start: str, upstream: Mapping[str, Mapping[str, int]]) -> list[str] | None:
    """The shortest way from a cause upwards back to itself."""
    ways = [[start]]
    visited: set[str] = set()
    for way in ways:
        for identifier in upstream.get(way[-1], ()):
            if identifier == start:
                return way
            if identifier not in visited:
                visited.add(identifier)
                ways.append([*way, identifier])
    return None


def _about(item: Instance, circle: list[str], index: int) -> Problem:
    steps: Path = (*item.steps, "caused_by", index) if index >= 0 else (*item.steps, "id")
    if len(circle) == 1:
        return item.file.problem(steps, f"`{item.id}` is its own cause; name another one")
    way = ", which by ".join(f"`{identifier}`" for identifier in [*circle[1:], circle[0]])
    return item.file.problem(steps, f"`{item.id}` is caused by {way}: a circle, so none would be the root cause")
