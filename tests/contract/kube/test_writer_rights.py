"""`deploy/rbac` and the writer agree, verb by verb: what remedies send is granted, and nothing else is."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.adapters.kube import KubernetesWriter
from bot.changes.ports import Impersonation
from bot.domain.changes import Person
from bot.domain.remedies import Step, StepKind
from bot.sandbox.account import ROLES, rbac_folder
from bot.sandbox.cluster import SimulatedCluster
from tests.contract.kube.writer_objects import config_map, deployment, network_policy, service, stateful_set
from tests.contract.kube.writer_worlds import World, sandbox_world

Right = tuple[str, str, str]
"""API group, resource, verb."""

ADMIN_ONLY = {("networking.k8s.io", "networkpolicies", "create"), ("networking.k8s.io", "networkpolicies", "delete")}


def documents(name: str) -> list[dict[str, Any]]:
    """The objects in one file of `deploy/rbac`."""
    return list(yaml.safe_load_all((rbac_folder() / name).read_text(encoding="utf-8")))


def granted(role: str) -> set[Right]:
    """What a role's ClusterRole grants."""
    found = next(item for item in documents("roles.yaml") if item["metadata"]["name"] == f"triage-{role}")
    return {right for rule in found["rules"] for right in _rights(rule)}


def _rights(rule: dict[str, Any]) -> Iterator[Right]:
    assert set(rule) == {"apiGroups", "resources", "verbs"}, "a rule for typed remedies names no objects"
    for group in rule["apiGroups"]:
        for resource in rule["resources"]:
            for verb in rule["verbs"]:
                yield group, resource, verb


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with sandbox_world(tmp_path_factory.mktemp("sandbox")) as made:
        yield made


def _apply_and_take_back(world: World, writer: KubernetesWriter, acting_as: Impersonation, step: Step) -> None:
    write = writer.prepare(step, world.namespace, "2026-11-23T20:00:00Z")
    writer.preview(acting_as, write)
    writer.apply(acting_as, write, "c-1")
    writer.rollout(write)
    writer.apply(acting_as, writer.revert(write, "c-1", "2026-11-23T21:00:00Z"), "c-2")


def _steps(world: World, *, network: bool) -> list[Step]:
    """One step of every kind, each on an object of its own."""
    makers = (deployment, stateful_set, service, config_map)
    named = {make.__name__: world.create(make(world.name(make.__name__), world.namespace)) for make in makers}
    targets = {key: f"{item['kind'].lower()}/{item['metadata']['name']}" for key, item in named.items()}
    world.patch(targets["deployment"], {"spec": {"template": {"metadata": {"annotations": {"release": "bad"}}}}})
    fresh = world.name("new")
    steps = [
        Step(StepKind.RESTART, targets["deployment"]),
        Step(StepKind.PATCH, targets["stateful_set"], {"spec": {"replicas": 1}}),
        Step(StepKind.PATCH, targets["service"], {"spec": {"ports": [{"port": 80, "targetPort": 8080}]}}),
        Step(StepKind.PATCH, targets["config_map"], {"data": {"INTERNAL_URL": "http://api:80"}}),
        Step(StepKind.CREATE, f"service/{fresh}", service(fresh, world.namespace)),
    ]
    return [*steps, Step(StepKind.CREATE, f"networkpolicy/{fresh}", network_policy(fresh))] if network else steps


@pytest.mark.parametrize("role", ROLES)
def test_a_role_grants_what_its_remedies_send_and_nothing_else(world: World, role: str) -> None:
    cluster = world.simulated
    assert isinstance(cluster, SimulatedCluster)
    acting_as = Impersonation(role, Person(user="U1", team="T1"))
    with world.writing() as writer:
        for step in _steps(world, network=role == "admin"):
            _apply_and_take_back(world, writer, acting_as, step)
    sent = [seen for seen in cluster.requests if seen.user == f"triage:{role}" and seen.asked is not None]
    reviews = {seen.asked.group for seen in sent if seen.asked} & {"authorization.k8s.io"}
    assert {seen.status for seen in sent} <= {200, 201}
    assert reviews == set()
    assert {(seen.asked.group, seen.asked.resource, seen.asked.verb) for seen in sent if seen.asked} == granted(role)


def test_the_bot_itself_writes_nothing_and_reads_what_the_reader_may(world: World) -> None:
    cluster = world.simulated
    assert isinstance(cluster, SimulatedCluster)
    with world.writing() as writer:
        for step in _steps(world, network=False):
            _apply_and_take_back(world, writer, Impersonation("operator", Person(user="U1")), step)
    own = {(seen.asked.group, seen.asked.resource, seen.asked.verb) for seen in cluster.requests
           if seen.user == world.account and seen.asked is not None}  # fmt: skip
    reader = next(item for item in documents("reader.yaml") if item["metadata"]["name"] == "triage-reader")
    assert own <= {right for rule in reader["rules"] for right in _rights(rule)}


def test_an_admin_may_what_an_operator_may_and_open_the_network() -> None:
    assert granted("admin") - granted("operator") == ADMIN_ONLY
    assert granted("operator") <= granted("admin")


def test_impersonation_is_pinned_to_these_roles_and_two_extras() -> None:
    role = next(item for item in documents("impersonation.yaml") if item["kind"] == "ClusterRole")
    names = [f"triage:{role}" for role in ROLES]
    pinned = {rule["resources"][0]: rule for rule in role["rules"] if rule["apiGroups"] == [""]}
    assert {name: rule["resourceNames"] for name, rule in pinned.items()} == {"users": names, "groups": names}
    (extras,) = [rule for rule in role["rules"] if rule["apiGroups"] == ["authentication.k8s.io"]]
    assert extras["resources"] == ["userextras/slack-user", "userextras/slack-name"]
    assert set(chain.from_iterable(rule["verbs"] for rule in role["rules"])) == {"impersonate"}
    assert len(role["rules"]) == 3


def test_no_file_grants_a_wildcard_or_a_secret() -> None:
    for path in Path(rbac_folder()).glob("*.yaml"):
        for item in documents(path.name):
            for rule in item.get("rules") or ():
                words = [*rule["apiGroups"], *rule["resources"], *rule["verbs"]]
                assert "*" not in words, path.name
                assert "secrets" not in words, path.name
