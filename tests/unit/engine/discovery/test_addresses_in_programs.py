"""What a program text, a stack trace or a Secret says about who calls whom, and what only looks like it."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from bot.domain.endpoints import endpoints_in_words, endpoints_of
from bot.domain.view import View
from bot.engine.discovery.discover import discover
from tests.unit.diagnosis.test_shop import shop


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("app --db=db:5432 --cache cache:6379", ("db:5432", "cache:6379")),
        ("kafka --brokers=a:9092,b:9092", ("a:9092", "b:9092")),
        ('log({level:"error",status:502,path:"/"})', ()),
        ("retry({ attempts: 10, delay:200 })", ()),
        ("\tat com.shop.Tax.load(Tax.java:41)", ()),
        ("server.rb:12 in price", ()),
    ],
)
def test_an_address_in_a_command_is_no_field_and_no_place_in_a_program(text: str, found: tuple[str, ...]) -> None:
    assert endpoints_in_words(text) == found


def test_a_file_of_settings_keeps_its_addresses() -> None:
    assert endpoints_of("app.conf", "db = db:5432\nstack = Main.java:9\n") == ("db:5432",)


def users_of(secret: str, *names: str) -> dict[str, Any]:
    """The shop in which orders takes its database's URL from a Secret that these workloads use as well."""
    seen = copy.deepcopy(shop())
    for item in seen["deployments"]:
        name, box = item["metadata"]["name"], item["spec"]["template"]["spec"]["containers"][0]
        if name in names:
            variable = "DATABASE_URL" if name == "orders" else "POSTGRES_PASSWORD"
            box["env"] = [{"name": variable, "valueFrom": {"secretKeyRef": {"name": secret, "key": "x"}}}]
    return seen


def calls(seen: dict[str, Any]) -> set[tuple[str, str]]:
    graph = discover(View.model_validate(seen)).graph
    return {(edge.caller, edge.host) for edge in graph.edges.values()}


def test_a_secret_that_two_use_shows_who_may_call_whom() -> None:
    assert ("orders", "db") in calls(users_of("shop-db", "orders", "db"))
    assert ("db", "orders") not in calls(users_of("shop-db", "orders", "db")), "a password leads nowhere"


def test_a_secret_of_ones_own_leads_nowhere() -> None:
    assert ("orders", "db") not in calls(users_of("shop-db", "orders"))
