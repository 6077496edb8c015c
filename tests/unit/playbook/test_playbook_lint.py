"""The lint: its tables are complete, and its rules let through what is right."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from bot.domain.facts import FactType
from bot.engine.judge.hypotheses import hypotheses
from bot.engine.remedies import edits
from bot.engine.remedies.registry import REGISTRY
from bot.playbook import app_schema, conditions, schema
from bot.playbook.app_schema import AppPlaybook
from bot.playbook.catalogue import FACTS
from bot.playbook.instances import instances
from bot.playbook.json_schema import json_schema
from bot.playbook.lint import RULES
from bot.playbook.loader import load
from bot.playbook.phrases import PATTERNS
from bot.playbook.remedy_kinds import REMEDY_KINDS
from bot.playbook.rules.facts import IN_WORDS, OPERATORS
from bot.playbook.rules.patterns import PATTERN_FIELDS
from bot.playbook.schema import SymptomPlaybook
from bot.playbook.vocabulary import generic_vocabulary, group_names
from bot.yamlfile.model_fields import fields_at
from tests.unit.playbook_files import GOOD, good_files, problems_of, problems_with


def models() -> list[type[BaseModel]]:
    found = [*vars(schema).values(), *vars(app_schema).values(), *vars(conditions).values()]
    return [item for item in found if isinstance(item, type) and issubclass(item, BaseModel)]


def test_every_rule_says_what_it_demands() -> None:
    assert all(rule.__doc__ for rule in RULES)


def test_every_operator_has_its_types() -> None:
    assert set(OPERATORS) == set(conditions.OPERATORS)
    assert set(IN_WORDS) == set(get_args(FactType))
    assert {kind for kinds in OPERATORS.values() for kind in kinds} <= set(get_args(FactType))


def test_every_field_with_a_pattern_is_compiled() -> None:
    fields = {
        (model, name)
        for model in models()
        for name, info in model.model_fields.items()
        if "MaxLen(max_length=1000)" in repr(info)  # what `Pattern` has, and nothing else
    }

    assert fields == {(model, name) for model, names in PATTERN_FIELDS.items() for name in names} - {
        (conditions.Matching, "value")
    }


def test_remedies_act_on_what_the_engine_can_change() -> None:
    by_subject: dict[str, set[str]] = {"component": set(), "route": set(), "nothing": set()}
    for name, kind in REMEDY_KINDS.items():
        by_subject[kind.acts_on].add(name)
    assert set(get_args(schema.RemedyKind)) == set(REMEDY_KINDS)
    assert set(REGISTRY) == set(REMEDY_KINDS)
    assert by_subject["route"] == {name for name, way in REGISTRY.items() if way.for_route}
    assert by_subject["component"] == {name for name, way in REGISTRY.items() if way.for_component}
    assert by_subject["nothing"] == {"advice"}


def test_a_remedy_with_values_says_how_they_are_edited_and_one_with_a_button_how_it_is_called() -> None:
    assert {name for name, kind in REMEDY_KINDS.items() if kind.parameters} == {
        name for name, way in REGISTRY.items() if way.edit is not edits.nothing
    }
    assert {name for name, kind in REMEDY_KINDS.items() if not kind.button} == {"advice"}
    assert all(kind.raises in ("", *kind.parameters) for kind in REMEDY_KINDS.values())


def patterns_in(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("pattern"), str):
            yield value["pattern"]
        for inner in (*value.values(), *value.get("patternProperties", {}).items()):
            yield from patterns_in(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from patterns_in(inner)


def test_every_pattern_of_the_schema_is_explained_in_words() -> None:
    assert set(patterns_in(json_schema())) == set(PATTERNS)


def test_ids_are_filled_in_as_the_engine_does() -> None:
    playbooks = load(GOOD)
    app = playbooks.apps["shop"]

    mine = sorted((item.id, item.breaks or "") for item in instances(playbooks, app))
    engine = sorted(
        (item.spec.id, item.spec.breaks or "") for item in hypotheses(app, playbooks.generic, playbooks.symptoms)
    )

    assert mine == engine
    assert ("orders-to-mail-service-missing", "orders-to-mail") in mine
    assert ("service-missing", "front-to-orders") in mine
    assert ("dependency-down", "db") in mine


@pytest.mark.parametrize("kind", ["workload", "route", "dependency", "app"])
def test_a_generic_playbook_may_name_every_fact_of_its_kind(kind: Any) -> None:
    vocabulary = generic_vocabulary(kind)

    for name, spec in FACTS[kind].items():
        assert vocabulary.fact(f"{kind}.{name}") == spec
    assert vocabulary.fact("app.healthy") == FACTS["app"]["healthy"]
    assert isinstance(vocabulary.fact("api.pods.ready"), str)


def test_a_dependency_has_facts_of_both_kinds() -> None:
    text = "{fact: orders.image.tag, op: version_in"

    assert problems_with(order_failed=(text, "{fact: db.image.tag, op: version_in")) == ()
    assert (
        problems_with(
            order_failed=(
                "is_true}\n        - {fact: app",
                "is_true}\n        - {fact: db.dependency.down, op: is_true}\n        - {fact: app",
            )
        )
        == ()
    )
    refused = problems_with(order_failed=("{front.image.tag}", "{front.dependency.reason}"))
    assert len(refused) == 1
    assert "unknown fact `front.dependency.reason`" in refused[0]


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("(?P<a>x)(?P<b>y)", ["a", "b"]),
        ("(?<a>x)", ["a"]),
        (r"\(?P<a>x", []),
        (r"\\(?P<a>x)", ["a"]),
        ("(?:x)(y)", []),
    ],
)
def test_names_of_groups_are_found(pattern: str, names: list[str]) -> None:
    assert group_names(pattern) == names


def test_braces_that_are_no_facts_are_left_alone() -> None:
    command = "kubectl get pods -o jsonpath='{range .items[*]}{.metadata.name}{end}' -p '{\"a\": 1}'"
    remedy = "      - {id: look, kind: advice, title: Look, command: " + '"' + command.replace('"', '\\"') + '"}\n'

    assert problems_with(order_failed=("    remedies:\n", "    remedies:\n" + remedy)) == ()


def test_two_symptoms_or_generic_playbooks_of_one_name_are_refused() -> None:
    files = good_files()
    for name in ("shop/order_failed", "generic/route"):
        for ending in (".yaml", ".test.yaml"):
            files[name + "_again" + ending] = files[name + ending]

    problems = problems_of(files)

    assert any("the symptom `order_failed` is already described in" in problem for problem in problems)
    assert any("the generic playbook `route` is already described in" in problem for problem in problems)
    assert any("the app `shop` already has a cause `service-missing`, in" in problem for problem in problems)


def test_one_cause_may_be_shared_by_several_dependencies() -> None:
    second = "  cache:\n    label: cache\n    role: dependency\n    find: [{name: cache}]\n"

    assert problems_with(app=("routes:\n", second + "routes:\n")) == ()


def test_a_symptom_needs_no_route_and_an_app_no_symptom() -> None:
    app = good_files()["shop/app.yaml"].split("routes:")[0].replace("      - route: front-to-orders\n", "")

    assert problems_of({"shop/app.yaml": app}) == ()


def test_fields_are_suggested_where_they_belong() -> None:
    location = ("causes", 0, "confirm", "All", "all", 1, "Not", "not", "Order")

    assert fields_at(SymptomPlaybook, location) == ("fact", "op", "value")
    assert fields_at(AppPlaybook, ("routes", "web-to-api")) == (
        "label",
        "from",
        "to",
        "env",
        "primary",
        "default",
        "default_source",
        "passes_on",
        "entrance",
    )
    assert fields_at(AppPlaybook, ("title",)) == ()


TOKENS = [
    "null",
    "[]",
    "{}",
    "3",
    "true",
    "yes",
    "*a",
    "&b c",
    "- x",
    "{all: []}",
    '"{route}"',
    "\t",
    "<<: {}",
    "'(?=x'",
    "~",
]


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_no_damage_to_a_file_makes_the_loader_fail_otherwise(data: st.DataObject) -> None:
    files = good_files()
    name = data.draw(st.sampled_from(sorted(files)))
    lines = files[name].split("\n")
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(lines) - 1))
        token = data.draw(st.sampled_from(TOKENS))
        key = lines[at].split(":")[0]
        lines[at] = data.draw(st.sampled_from([token, f"{key}: {token}", f"{lines[at]} {token}", "", "  " + lines[at]]))
    files[name] = "\n".join(lines)

    for problem in problems_of(files):
        assert problem.startswith("playbooks/")
        assert "Input should" not in problem


def test_a_health_path_proves_dependencies_of_the_app() -> None:
    good = "    health: /health\n    proves: [db]\n"
    component = "  extra:\n    label: extra\n    find: [{name: extra}]\n"

    assert problems_with(app=("routes:\n", component + good + "routes:\n")) == ()
    unproven = problems_with(app=("routes:\n", component + "    proves: [db]\nroutes:\n"))
    assert any("give `health` too" in problem for problem in unproven)
    nobody = problems_with(app=("routes:\n", component + good.replace("[db]", "[dbs]") + "routes:\n"))
    assert any("dbs" in problem for problem in nobody)
