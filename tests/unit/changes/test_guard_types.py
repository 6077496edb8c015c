"""The field guard's CEL, compiled with type checks by another implementation."""

from __future__ import annotations

import pytest
from cel_expr_python import cel

from tests.support.guard import policies

GIVEN = {"request": cel.Type.DYN, "object": cel.Type.DYN, "oldObject": cel.Type.DYN}
FIND = cel.FunctionDecl("find", [cel.Overload("string_find", cel.Type.STRING, [cel.Type.STRING] * 2, True)])


def test_every_expression_passes_the_type_check_and_every_rule_is_a_condition() -> None:
    before = cel.NewEnv(variables=GIVEN, functions=[FIND])
    variables = cel.Type.Map(cel.Type.STRING, cel.Type.DYN)
    within = cel.NewEnv(variables={**GIVEN, "variables": variables}, functions=[FIND])
    for policy in policies():
        spec = policy["spec"]
        for term in spec.get("variables", ()):
            within.compile(term["expression"])
        rules = [(before, one) for one in spec["matchConditions"]] + [(within, one) for one in spec["validations"]]
        for environment, rule in rules:
            assert environment.compile(rule["expression"]).return_type().name() == "BOOL", rule


def test_the_check_refuses_what_has_another_type() -> None:
    with pytest.raises(Exception, match="no matching overload"):
        cel.NewEnv(variables=GIVEN, functions=[FIND]).compile("'a' + 1 == 2")
