"""A namespace taken apart: components, calls with their evidence, what is asked about, and how it is drawn."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from bot.domain.view import View
from bot.engine.discovery.discover import Discovery, discover
from bot.engine.discovery.drawing import graph_json, graph_mermaid, graph_text, playbook_of
from bot.engine.discovery.hosts import HostTarget, place_of
from bot.playbook.app_schema import AppPlaybook
from tests.unit.onyx_objects import Object, service, view, workload


def shop(**variables: tuple[str, ...]) -> Discovery:
    """front calls orders, orders calls db, as their variables say."""
    calls = {"ORDERS_URL": ("http://orders:8080",), **variables}
    env = [{"name": name, "endpoints": list(found)} for name, found in calls.items()]
    own = [{"name": "DB_HOST", "endpoints": ["db"]}, {"name": "DB_PORT", "endpoints": [":5432"]}]
    made: list[Object] = [
        workload("Deployment", "front", {"app": "front"}, {"name": "front", "image": "f:1", "env": env}),
        workload("Deployment", "orders", {"app": "orders"}, {"name": "orders", "image": "o:1", "env": own}),
        workload("StatefulSet", "db", {"app": "db"}, {"name": "db", "image": "d:1"}),
        service("orders", {"app": "orders"}, 8080, 8080),
        service("db", {"app": "db"}, 5432, 5432),
    ]
    return discover(view(*made))


def test_calls_are_found_in_variables_with_their_ports() -> None:
    edges = {edge.scope: [str(item.endpoint) for item in edge.references] for edge in shop().graph.edges.values()}
    assert edges == {"front-to-orders": ["http://orders:8080"], "orders-to-db": ["db"]}
    (reference,) = shop().graph.edges["orders-to-db"].references
    assert (reference.endpoint.port, reference.source) == (5432, "DB_HOST with DB_PORT of container orders")


def test_what_is_asked_about_brings_what_it_needs_and_nothing_else() -> None:
    found = shop()
    assert set(found.about(["front"], "front").components) == {"front", "orders", "db"}
    assert set(found.about(["db"], "db").components) == {"db"}
    assert set(found.about(["db"], "db").graph.witnesses) == {"orders"}


def test_a_circle_of_calls_ends() -> None:
    assert shop(SELF_URL=("http://front",)).graph.downstream("front")[-1] == "db"


@pytest.mark.parametrize("name", ["PUBLIC_URL", "LISTEN_ADDR", "ALLOWED_ORIGINS"])
def test_where_a_program_itself_is_found_is_no_call(name: str) -> None:
    assert set(shop(**{name: ("http://elsewhere:80",)}).graph.edges) == {"front-to-orders", "orders-to-db"}


def test_a_name_that_nothing_bears_is_kept_with_its_callers() -> None:
    found = shop(PRICES_URL=("http://prizes:80",)).graph.services["prizes-service"]
    assert (found.service, found.callers) == (None, ("front",))


HOSTS: dict[str, HostTarget] = {
    "orders": HostTarget("service", "orders", "shop"),
    "orders.shop": HostTarget("service", "orders", "shop"),
    "orders.shop.svc.cluster.local": HostTarget("service", "orders", "shop"),
    "orders.other.svc": HostTarget("foreign", "orders", "other"),
    "orders.other": HostTarget("foreign", "orders", "other"),
    "db-0.db": HostTarget("service", "db", "shop", "db-0"),
    "db-0.db.shop.svc.cluster.local": HostTarget("service", "db", "shop", "db-0"),
    "example.com": HostTarget("outside", "example.com"),
    "api.stripe.com": HostTarget("outside", "api.stripe.com"),
    "localhost": HostTarget("loopback", "localhost"),
    "127.0.0.1": HostTarget("loopback", "127.0.0.1"),
    "10.0.0.9": HostTarget("service", "db", "shop"),
    "10.0.0.10": HostTarget("outside", "10.0.0.10"),
}


@pytest.mark.parametrize(("host", "place"), HOSTS.items(), ids=HOSTS)
def test_what_a_host_means(host: str, place: HostTarget) -> None:
    seen = view(service("db", {"app": "db"}, 5432, 5432))
    assert place_of(host, "shop", {item.metadata.name: item for item in seen.services}, {"10.0.0.9": "db"}) == place


def test_a_pod_of_a_set_is_named_by_the_service_of_the_set_be_it_there_or_not() -> None:
    sets = {"db": "db-headless"}
    assert place_of("db-0.db-headless", "shop", {}, {}, sets) == HostTarget("service", "db-headless", "shop", "db-0")
    assert place_of("web-0.db-headless", "shop", {}, {}, sets) == HostTarget("foreign", "web-0", "db-headless")
    assert place_of("db.db-headless", "shop", {}, {}, sets) == HostTarget("foreign", "db", "db-headless")


def test_it_is_drawn_as_text_data_and_flowchart() -> None:
    found = shop()
    assert "front → orders: http://orders:8080 (ORDERS_URL of container front)" in graph_text(found)
    assert "n_front --> n_orders" in graph_mermaid(found)
    assert [(call["from"], call["to"]) for call in graph_json(found)["calls"]] == [
        ("front", ["orders"]),
        ("orders", ["db"]),
    ]


@pytest.mark.parametrize(
    ("kind", "replicas", "words"),
    [
        ("Deployment", 1, "deployment/it has 0 of 1 pods ready"),
        ("Deployment", 0, "deployment/it is scaled to zero"),
        ("Job", 1, "job/it does not run now"),
    ],
)
def test_what_is_not_to_run_now_waits_for_no_pod(kind: str, replicas: int, words: str) -> None:
    made = workload(kind, "it", {"app": "it"}, {"name": "it", "image": "i:1"})
    made["spec"]["replicas"] = replicas
    plural = f"{kind.lower()}s"
    seen = View.model_validate(view().model_dump() | {plural: [made]})
    assert words in graph_text(discover(seen))


def test_it_is_a_playbook_to_start_from() -> None:
    book = AppPlaybook.model_validate(yaml.safe_load(yaml.safe_dump(playbook_of(shop()))))
    assert set(book.components) == {"front", "orders", "db"}
    assert [(route.from_, route.to, route.env, route.primary) for route in book.routes.values()] == [
        ("front", "orders", "ORDERS_URL", True)
    ]


def test_an_owner_that_nobody_can_read_is_judged_by_its_pods() -> None:
    owner = {"kind": "Rollout", "name": "shop", "uid": "ro", "controller": True}
    made: dict[str, Any] = {
        "metadata": {"name": "shop-1", "uid": "rs", "ownerReferences": [owner]},
        "kind": "ReplicaSet",
    }
    above = {"kind": "ReplicaSet", "name": "shop-1", "uid": "rs", "controller": True}
    pod = {"metadata": {"name": "shop-1-a", "uid": "p", "ownerReferences": [above]}, "status": {"phase": "Running"}}
    seen = View.model_validate({**view().model_dump(), "pods": [pod], "replicasets": [made]})
    assert [item.workload.target for item in discover(seen).components.values() if item.workload] == ["rollout/shop"]


@pytest.mark.parametrize("length", [50, 75, 90, 240])
def test_workloads_whose_names_begin_alike_are_told_apart(length: int) -> None:
    box = {"name": "main", "image": "i:1"}
    names = [f"{'n' * length}-{number}" for number in range(12)]
    made = [workload("Deployment", name, {"app": name[:40]}, box) for name in names]
    found = discover(view(*made, workload("StatefulSet", names[0], {"app": "other"}, box)))
    assert len(found.components) == 13
    assert all(len(name) <= 80 for name in found.components)
    assert sorted({item.workload.metadata.name for item in found.components.values() if item.workload}) == sorted(names)
