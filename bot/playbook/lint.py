"""Checks what the schema cannot: that names mean something, patterns compile, and every claim has a case.

Called by the loader on the whole set, after validation. Each rule is a function in `bot.playbook.rules` that takes the
set and yields problems; a rule knows nothing of the others. No rule evaluates a playbook: that is the case runner's.
"""

from __future__ import annotations

from bot.playbook.loaded import PlaybookSet
from bot.playbook.rules import calls, cases, causes, facts, ids, names, patterns, versions
from bot.playbook.rules.subject import LintedSet, Rule
from bot.yamlfile.positions import Problem

RULES: tuple[Rule, ...] = (
    ids.playbooks_are_unique,
    ids.names_are_free,
    ids.things_inside_are_unique,
    ids.templates_fit,
    names.apps_exist,
    names.stronger_symptoms_exist,
    names.components_exist,
    names.routes_lead_somewhere,
    names.dependencies_are_complete,
    names.proofs_exist,
    names.targets_exist,
    names.remedies_fit_their_targets,
    names.sources_are_known,
    names.checks_exist,
    causes.ids_are_unique,
    causes.upstream_causes_exist,
    causes.nothing_causes_itself,
    calls.rows_exist,
    calls.failures_are_named,
    calls.called_things_exist,
    facts.conditions_fit_their_facts,
    facts.placeholders_are_facts,
    patterns.patterns_compile,
    patterns.groups_can_be_fields,
    patterns.same_is_captured,
    versions.ranges_parse,
    cases.symptoms_are_tried,
    cases.causes_are_tried,
    cases.expectations_can_be_met,
    cases.case_facts_exist,
)


def lint(playbooks: PlaybookSet, unread: frozenset[str] = frozenset()) -> list[Problem]:
    """Every problem that any rule finds.

    `unread` are the kinds of files that could not be read: names that they might define are given the benefit of the
    doubt, so that one syntax error does not look like a hundred unknown names.
    """
    subject = LintedSet(playbooks, unread)
    return [problem for rule in RULES for problem in rule(subject)]
