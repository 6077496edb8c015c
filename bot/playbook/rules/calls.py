"""Rules about failed calls: which failures a cause makes, and where the calls of a symptom go."""

from __future__ import annotations

from collections.abc import Iterator

from bot.playbook.failed_calls.rules import table
from bot.playbook.rules.subject import LintedSet
from bot.playbook.schema import CauseSpec, CausesPlaybook, SymptomPlaybook
from bot.yamlfile.positions import Problem
from bot.yamlfile.spelling import unknown


def rows_exist(subject: LintedSet) -> Iterator[Problem]:
    """`makes` names a row of the table of causes and failures, unless it holds entries of its own."""
    for file, steps, cause in subject.every(CauseSpec):
        if isinstance(cause.makes, str) and cause.makes not in table():
            yield file.problem((*steps, "makes"), unknown("row of failures", cause.makes, table(), limit=20))


def failures_are_named(subject: LintedSet) -> Iterator[Problem]:
    """A cause that breaks a route says which failures of calls it makes; otherwise it would explain any error.

    One that breaks a component may leave it out: an app's own inherits from `leads_to`, others are not asked.
    """
    for file, steps, cause in subject.every(CauseSpec):
        if cause.breaks is None or cause.makes is not None:
            continue
        app = subject.app_of(file)
        generic = isinstance(file.playbook, CausesPlaybook) and file.playbook.for_ in ("route", "edge", "service")
        if generic or (app is not None and cause.breaks in app.routes and not cause.leads_to):
            message = (
                f"`{cause.id}` breaks `{cause.breaks}`, but does not say which failures of calls it makes; write "
                f"`makes:` with one of {', '.join(table())}, or with entries of its own"
            )
            yield file.problem((*steps, "breaks"), message)


def called_things_exist(subject: LintedSet) -> Iterator[Problem]:
    """`calls` of a symptom names a component or a route of its app."""
    for file in subject.files:
        playbook = file.playbook
        if not isinstance(playbook, SymptomPlaybook) or playbook.calls is None:
            continue
        app = subject.app_of(file)
        if app is None or "app" in subject.uncertain:
            continue
        known = {*app.components, *app.routes}
        if playbook.calls not in known:
            yield file.problem(("calls",), unknown("component or route", playbook.calls, known, limit=12))
