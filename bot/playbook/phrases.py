"""What the messages about a playbook say of its patterns and conditions, in an author's words."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from bot.playbook.conditions import OPERATORS
from bot.playbook.schema_names import CAUSE_ID, FOUND, REMEDY_ID, TARGET
from bot.yamlfile.spelling import short, unknown
from bot.yamlfile.validation_errors import GENERAL, NAME_PATTERN, Mistake, Phrases, but_is

_NAME = GENERAL.patterns[NAME_PATTERN]

PATTERNS = {
    NAME_PATTERN: _NAME,
    FOUND: "name a symptom by its id, or write `*` for any other critical one",
    CAUSE_ID: _NAME + "; a generic one may begin with `{workload}-`",
    TARGET: ("name a component or a route; in a generic playbook write `{workload}`"),
    REMEDY_ID: ("a remedy's id has small letters, digits and `-`, such as `restart-api` or `restart-{workload}`"),
    r"^[a-z][a-z0-9_-]*(\.[a-z0-9_-]+)+$": "a fact is written `scope.question.detail`, such as `api.pods.ready`",
    r"^/": "a path begins with `/`",
    r"^[A-Za-z_][A-Za-z0-9_]*$": "an environment variable has letters, digits and `_`",
}
"""What each pattern of the schema asks for."""

STAND_INS: dict[str, Any] = {
    "schema": "triage/playbook/v1",
    "title": "?",
    "label": "?",
    "description": "?",
    "sentence": "?",
    "name": "?",
    "severity": "info",
    "id": "unreadable",
}
"""Values for required fields of a broken playbook, which the lint does not lean on."""


def about_condition(mistake: Mistake, _: type[BaseModel]) -> str:
    """What is wrong with a condition as a whole."""
    value = mistake.value
    if not isinstance(value, dict):
        return "a condition is a mapping: `all`, `any`, `not`, or a `fact` with an `op`"
    if "op" in value and not isinstance(value["op"], str):
        return f"`op` {but_is(value['op'])}; it must be an operator, such as `is_true` or `equals`"
    if "op" in value:
        return unknown("operator", short(value["op"]), OPERATORS, limit=len(OPERATORS))
    if isinstance(value.get("fact"), str):
        return f"the condition about `{short(value['fact'])}` lacks its `op`, such as `is_true` or `equals`"
    return "a condition needs `all`, `any`, `not`, or a `fact` with an `op`"


PLAYBOOK_PHRASES = Phrases(PATTERNS, {"condition": about_condition})
