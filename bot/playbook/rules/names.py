"""Rules about what playbooks refer to: apps, components, routes, targets and checks exist."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bot.playbook.app_schema import AppPlaybook, Component
from bot.playbook.loaded import LoadedPlaybook
from bot.playbook.remedy_kinds import REMEDY_KINDS
from bot.playbook.rules.subject import LintedSet
from bot.playbook.schema import CausedBy, CauseSpec, CausesPlaybook, RemedySpec, SymptomPlaybook
from bot.yamlfile.positions import Path, Problem
from bot.yamlfile.spelling import unknown

_ONLY_FOR_DEPENDENCIES = ("needed_by", "host_env", "unreachable_when_log_says")


def apps_exist(subject: LintedSet) -> Iterator[Problem]:
    """A symptom belongs to an app that is described."""
    for file, symptom in subject.symptom_files():
        if symptom.app not in subject.playbooks.apps and "app" not in subject.uncertain:
            yield file.problem(("app",), unknown("app", symptom.app, subject.playbooks.apps))


def stronger_symptoms_exist(subject: LintedSet) -> Iterator[Problem]:
    """What a symptom gives way to (`unless_found`) is a symptom of the same app."""
    if "symptom" in subject.uncertain:
        return
    files = list(subject.symptom_files())
    for file, symptom in files:
        known = {other.id for _, other in files if other.app == symptom.app} | {"*"}
        places: list[tuple[Path, tuple[str, ...]]] = [(("unless_found",), symptom.unless_found)]
        places += [
            (("signatures", index, "unless_found"), item.unless_found) for index, item in enumerate(symptom.signatures)
        ]
        for steps, names in places:
            for index, name in enumerate(names):
                if name not in known:
                    yield file.problem((*steps, index), unknown("symptom", name, known))


def components_exist(subject: LintedSet) -> Iterator[Problem]:
    """The component of a version range and `needed_by` name components of the app; `source` one, or one of `others`."""
    for file in subject.files:
        app = subject.app_of(file)
        if app is None or _is_partial(subject, app):
            continue
        for steps, name in _component_references(file):
            known = {*app.components, *app.others} if steps == ("source",) else app.components
            if name not in known:
                yield file.problem(steps, unknown("component", name, known))


def _component_references(file: LoadedPlaybook) -> Iterator[tuple[Path, str]]:
    if isinstance(file.playbook, SymptomPlaybook):
        if file.playbook.source is not None:
            yield ("source",), file.playbook.source
        for index, versions in enumerate(file.playbook.versions):
            yield ("versions", index, "component"), versions.component
    if isinstance(file.playbook, AppPlaybook):
        for name, component in file.playbook.components.items():
            for index, needed_by in enumerate(component.needed_by):
                yield ("components", name, "needed_by", index), needed_by


def routes_lead_somewhere(subject: LintedSet) -> Iterator[Problem]:
    """Both ends of a route exist, exactly one route is primary, and a `find` by route names one that leads there."""
    for file in subject.files:
        if not isinstance(file.playbook, AppPlaybook):
            continue
        app = file.playbook
        if file.complete:
            yield from _route_ends(file, app)
            yield from _primary(file, app)
            yield from _finders(file, app)


def _route_ends(file: LoadedPlaybook, app: AppPlaybook) -> Iterator[Problem]:
    for name, route in app.routes.items():
        for end, component in (("from", route.from_), ("to", route.to)):
            if component not in app.components:
                yield file.problem(("routes", name, end), unknown("component", component, app.components))
        if route.from_ == route.to:
            yield file.problem(("routes", name, "to"), f"the route leads from `{route.to}` to itself")


def _primary(file: LoadedPlaybook, app: AppPlaybook) -> Iterator[Problem]:
    primary = [name for name, route in app.routes.items() if route.primary]
    if app.routes and not primary:
        yield file.problem(
            ("routes",), "one route must have `primary: true`: the one people mean by `service-missing`", True
        )
    for name in primary[1:]:
        yield file.problem(
            ("routes", name, "primary"), f"`{primary[0]}` is already the primary route; there is only one"
        )


def _finders(file: LoadedPlaybook, app: AppPlaybook) -> Iterator[Problem]:
    for name, component in app.components.items():
        for index, finder in enumerate(component.find):
            steps: Path = ("components", name, "find", index, "route")
            if finder.route is None:
                continue
            if finder.route not in app.routes:
                yield file.problem(steps, unknown("route", finder.route, app.routes))
            elif app.routes[finder.route].to != name:
                yield file.problem(
                    steps, f"the route `{finder.route}` leads to `{app.routes[finder.route].to}`, not to `{name}`"
                )


def dependencies_are_complete(subject: LintedSet) -> Iterator[Problem]:
    """What is only read of dependencies stands only there, and `unreachable_when_log_says` has logs to look in."""
    for file, steps, component in subject.every(Component):
        if not file.complete:
            continue
        if component.role == "dependency":
            if component.unreachable_when_log_says and not component.needed_by:
                message = "is looked for in the logs of the components in `needed_by`; name at least one"
                yield file.problem(
                    (*steps, "unreachable_when_log_says"), f"`unreachable_when_log_says` {message}", True
                )
            continue
        for name in _ONLY_FOR_DEPENDENCIES:
            if getattr(component, name):
                yield file.problem((*steps, name), f"`{name}` is read only for `role: dependency`", True)


def proofs_exist(subject: LintedSet) -> Iterator[Problem]:
    """`proves` is said of a health path, and names dependencies of the app."""
    for file in subject.files:
        app = file.playbook
        if not isinstance(app, AppPlaybook):
            continue
        dependencies = [name for name, item in app.components.items() if item.role == "dependency"]
        for name, component in app.components.items():
            steps: Path = ("components", name, "proves")
            if component.proves and component.health is None:
                yield file.problem(steps, "`proves` says what `health` shows; give `health` too")
            for index, proved in enumerate(component.proves):
                if proved not in dependencies:
                    yield file.problem((*steps, index), unknown("dependency", proved, dependencies))


def targets_exist(subject: LintedSet) -> Iterator[Problem]:
    """`acts_on` names a component or route, `breaks` also one of `others`; a remedy that changes a thing says which."""
    for file in subject.files:
        vocabulary, app = subject.vocabulary(file), subject.app_of(file)
        if vocabulary is None or not vocabulary.certain:
            continue
        others = frozenset(app.others if app else ())
        for steps, part in subject.parts_of(file):
            if isinstance(part, CauseSpec | CausedBy) and part.breaks is not None:
                yield from _target(file, (*steps, "breaks"), part.breaks, vocabulary.targets | others)
            if isinstance(part, RemedySpec):
                yield from _remedy(file, steps, part, vocabulary.targets)


def remedies_fit_their_targets(subject: LintedSet) -> Iterator[Problem]:
    """A component is restarted, a route's Service is corrected: a remedy on the other kind would never be offered."""
    for file, steps, remedy in subject.every(RemedySpec):
        if remedy.acts_on is None or remedy.kind == "advice":
            continue
        what = _kind_of_target(subject, file, remedy.acts_on)
        wanted = REMEDY_KINDS[remedy.kind].acts_on
        if what is not None and wanted != what:
            message = f"`{remedy.kind}` acts on a {wanted}, and `{remedy.acts_on}` is a {what}"
            yield file.problem((*steps, "acts_on"), message)


def _kind_of_target(subject: LintedSet, file: LoadedPlaybook, name: str) -> str | None:
    app = subject.app_of(file)
    if isinstance(file.playbook, CausesPlaybook):
        return "route" if name in ("{route}", "{service}", "{edge}") else "component"
    if app is None or name not in {*app.components, *app.routes}:
        return None
    return "route" if name in app.routes else "component"


def sources_are_known(subject: LintedSet) -> Iterator[Problem]:
    """A signature that counts only lines of its source has one to count."""
    for file, symptom in subject.symptom_files():
        for index, signature in enumerate(symptom.signatures):
            if signature.needs_source and symptom.source is None and file.complete:
                message = "`needs_source` counts only lines of the symptom's `source`; say which component that is"
                yield file.problem(("signatures", index, "needs_source"), message, True)


def _remedy(file: LoadedPlaybook, steps: Path, remedy: RemedySpec, targets: frozenset[str]) -> Iterator[Problem]:
    if remedy.acts_on is not None:
        yield from _target(file, (*steps, "acts_on"), remedy.acts_on, targets)
    elif remedy.kind != "advice" and file.complete:
        yield file.problem(steps, f"the remedy `{remedy.id}` changes something; say in `acts_on` what")


def _target(file: LoadedPlaybook, steps: Path, name: str, targets: Iterable[str]) -> Iterator[Problem]:
    known = set(targets)
    if name in known or name.startswith("{"):
        return  # a template that does not fit is reported by `templates_fit`
    if isinstance(file.playbook, CausesPlaybook):
        instead = f"write `{next(iter(known))}`" if known else "leave it out"
        yield file.problem(steps, f"`{name}` is a part of one app, and this playbook is for all; {instead}")
    else:
        yield file.problem(steps, unknown("component or route", name, known))


def checks_exist(subject: LintedSet) -> Iterator[Problem]:
    """`separated_by` names checks."""
    for file, steps, cause in subject.every(CauseSpec):
        vocabulary = subject.vocabulary(file)
        if vocabulary is None or not vocabulary.certain:
            continue
        for index, check in enumerate(cause.separated_by):
            if check not in vocabulary.checks:
                yield file.problem((*steps, "separated_by", index), unknown("check", check, vocabulary.checks))


def _is_partial(subject: LintedSet, app: AppPlaybook) -> bool:
    return any(file.playbook is app and not file.complete for file in subject.files)
