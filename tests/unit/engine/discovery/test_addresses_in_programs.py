"""What a program text, a stack trace or a Secret says about who calls whom, and what only looks like it."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from bot.domain.endpoints import endpoints_in_words, endpoints_of
from bot.domain.view import View
from bot.engine.discovery.discover import discover
from tests.unit.diagnosis.test_shop import LONG_AGO, ask, logs, of, shop
from tests.unit.onyx_objects import NOW


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("app --db=db:5432 --cache cache:6379", ("db:5432", "cache:6379")),
        ("kafka --brokers=a:9092,b:9092", ("a:9092", "b:9092")),
        ('log({level:"error",status:502,path:"/"})', ()),
        ("retry({ attempts: 10, delay:200 })", ()),
        ("\tat com.shop.Tax.load(Tax.java:41)", ()),
        ("server.rb:12 in price", ()),
        ("[SSL: WRONG_VERSION_NUMBER] wrong version number (_ssl.c:1007)", ()),
        ("panicked at main.rs:44, xlog.c:512, app.ex:31 and _private:8080", ()),
        ('echo "connecting to $DB_HOST:5432"; nc -z $DB_HOST 5432', ()),
        ('log("Connection id 0HN7:0001, request 0HN7:12, block a:007")', ()),
        ("call 10.0.0.4:8080 and 1.example.com:8443", ("10.0.0.4:8080", "1.example.com:8443")),
    ],
)
def test_an_address_in_a_command_is_no_field_and_no_place_in_a_program(text: str, found: tuple[str, ...]) -> None:
    assert endpoints_in_words(text) == found


def test_a_file_of_settings_keeps_its_addresses() -> None:
    assert endpoints_of("app.conf", "db = db:5432\nstack = Main.java:9\n") == ("db:5432",)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Host=store;Port=5432;Database=events;Username=events;Password=p", ("store:5432",)),
        (
            "Server=tcp:mssql.data,1433;Initial Catalog=x;User ID=sa;Password=host=other;Encrypt=True",
            ("mssql.data:1433",),
        ),
        ("host=db-primary port=5432 user=app password=p dbname=app sslmode=disable", ("db-primary:5432",)),
        ("Host=one,two;Port=5432;Database=x", ("one:5432", "two:5432")),
        ("Server=mysql;Uid=a;Pwd=b;Database=c", ("mysql",)),
        ('Password="a;Server=hidden;b";Host=db;Database=x', ("db",)),
        ("Pwd=x host=hidden;Server=db", ("db",)),
        ("-Dserver.port=8080 -Dhost=a", ()),
        ("mode=server;level=3", ()),
        ("user=a port=80", ()),
    ],
)
def test_a_connection_string_of_keywords_keeps_its_host_and_port(text: str, found: tuple[str, ...]) -> None:
    assert endpoints_of("ConnectionStrings__Events", text) == found


def test_a_connection_string_in_a_file_keeps_its_host_and_port() -> None:
    text = 'level: on\n"Events": "Host=store;Port=5432;Database=events;Password=p"\n'
    assert endpoints_of("settings.json", text) == ("store:5432",)


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


@pytest.mark.parametrize(
    ("name", "value", "found"),
    [
        ("LABELS_TARGET", "dns:///labels:9090", ("labels:9090",)),
        ("LABELS_TARGET", "dns:labels:9090", ("labels:9090",)),
        ("AMQP", "$(BROKER_SERVICE_HOST):$(BROKER_SERVICE_PORT)", ("env://broker",)),
        ("URL", "http://$(ORDERS_API_SERVICE_HOST):8080/v1", ("env://orders-api:8080",)),
        ("API", "https://$(KUBERNETES_SERVICE_HOST):443", ()),  # the cluster's own
        ("HOST", "$(POD_IP)", ()),
    ],
)
def test_addresses_that_are_put_together_when_a_container_starts(name: str, value: str, found: tuple[str, ...]) -> None:
    assert endpoints_of(name, value) == found


def test_a_service_that_was_made_after_its_caller_had_started_has_another_address_than_that_was_given() -> None:
    """Near misses: a Service as old as its caller, a caller that is well, and one that calls it by its name."""
    seen = shop()
    logs(seen, "orders", "org.springframework.amqp.AmqpTimeoutException: java.util.concurrent.TimeoutException")
    of(seen, "services", "db")["metadata"]["creationTimestamp"] = NOW.isoformat()
    assert "orders-to-db-address-old" not in {
        cause.id for cause in ask(copy.deepcopy(seen), "namespace/shop").root_causes
    }
    for kind in ("deployments", "pods"):
        spec = of(seen, kind, "orders")["spec"]
        box = spec.get("template", {"spec": spec})["spec"]["containers"][0]
        box["env"] = [{"name": "DB", "endpoints": ["env://db"]}]
    found = ask(copy.deepcopy(seen), "namespace/shop")
    assert [cause.id for cause in found.root_causes] == ["orders-to-db-address-old"]
    assert "Service db" in found.root_causes[0].sentence
    well = copy.deepcopy(seen) | {"logs": []}
    assert ask(well, "namespace/shop").verdict.value == "healthy"
    of(seen, "services", "db")["metadata"]["creationTimestamp"] = LONG_AGO
    assert "orders-to-db-address-old" not in roots(seen)


def roots(seen: dict[str, Any]) -> set[str]:
    return {cause.id for cause in ask(seen, "namespace/shop").root_causes}
