"""What holds on every cluster: the stub, the simulated one, and (marker `cluster`) the one KUBECONFIG names.

The answers are compared with what the same API server says to a plain client.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from bot.adapters.kube import KubernetesReader, connect
from bot.diagnosis.ports import ListRequest
from bot.domain.errors import NamespaceNotFound
from bot.domain.facts import GapReason
from bot.domain.view import DetailRequest, HealthAnswer, HealthRequest, LogRequest, View
from bot.sandbox.cluster.state.served import DEFAULT, RELEASES
from tests.contract.kube.cluster_worlds import World, real_world, sandbox_world, stub_world

WORLDS: dict[str, Callable[[Path], AbstractContextManager[World]]] = {
    "stub": stub_world,
    "sandbox": sandbox_world,
    **{f"sandbox-{release}": partial(sandbox_world, release=release) for release in RELEASES if release != DEFAULT},
    "real": real_world,
}


@pytest.fixture(scope="module", params=[*list(WORLDS)[:-1], pytest.param("real", marks=pytest.mark.cluster)])
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with WORLDS[request.param](tmp_path_factory.mktemp(request.param)) as made:
        yield made


@contextmanager
def _reader(kubeconfig: str | None) -> Iterator[KubernetesReader]:
    connection = connect(kubeconfig=kubeconfig, context=None, in_cluster=False)
    with closing(KubernetesReader(connection)) as reader:
        yield reader


@pytest.fixture(scope="module")
def reader(world: World) -> Iterator[KubernetesReader]:
    with _reader(world.kubeconfig) as made:
        yield made


def _look(world: World, reader: KubernetesReader) -> View:
    return reader.list_resources(ListRequest(world.namespace, frozenset({"INTERNAL_URL"})))


@pytest.fixture(scope="module")
def view(world: World, reader: KubernetesReader) -> View:
    return _look(world, reader)


@pytest.mark.parametrize(
    ("resource", "group", "plural"),
    [
        ("pods", "api/v1", "pods"),
        ("services", "api/v1", "services"),
        ("deployments", "apis/apps/v1", "deployments"),
        ("replicasets", "apis/apps/v1", "replicasets"),
        ("statefulsets", "apis/apps/v1", "statefulsets"),
        ("configmaps", "api/v1", "configmaps"),
        ("networkpolicies", "apis/networking.k8s.io/v1", "networkpolicies"),
        ("resourcequotas", "api/v1", "resourcequotas"),
        ("persistentvolumeclaims", "api/v1", "persistentvolumeclaims"),
    ],
)
def test_the_view_names_what_the_api_names(world: World, view: View, resource: str, group: str, plural: str) -> None:
    seen = sorted(item.metadata.name for item in getattr(view, resource))
    assert seen == world.names(group, plural)


def test_nothing_is_missing_and_the_namespace_and_nodes_are_there(world: World, view: View) -> None:
    assert view.gaps == {}
    assert [item.metadata.name for item in view.namespaces] == [world.namespace]
    assert view.nodes
    assert all(node.ready for node in view.nodes)
    assert view.server_version.startswith("v")


def test_a_view_says_when_and_where_it_was_taken(world: World, view: View) -> None:
    assert view.namespace == world.namespace
    assert view.cluster
    assert view.collected_at.utcoffset() == timedelta(0)


def test_a_saved_view_is_the_same_when_it_is_read_again(view: View) -> None:
    assert View.model_validate_json(view.model_dump_json(by_alias=True)) == view


def test_who_is_behind_a_service_agrees_with_its_endpoints(world: World, view: View) -> None:
    for item in world.raw(f"/api/v1/namespaces/{world.namespace}/endpoints")["items"]:
        name, subsets = item["metadata"]["name"], item.get("subsets") or []
        expected = {one["ip"] for subset in subsets for one in subset.get("addresses") or ()}
        groups = [group for group in view.endpoints if group.service == name]
        assert {one.ip for group in groups for one in group.addresses if one.ready} == expected, name


def test_the_pods_behind_the_api_service_are_pods_of_the_view_and_ready(world: World, view: View) -> None:
    ready = {item.metadata.name for item in view.pods if item.ready}
    groups = [group for group in view.endpoints if group.service == world.service[0]]
    behind = {one.pod for group in groups for one in group.addresses if one.ready}
    assert behind
    assert behind <= ready


def test_of_all_values_only_the_wanted_one_is_kept(view: View) -> None:
    variables = [item for pod in view.pods for one in pod.spec.containers for item in one.env]
    assert [item for item in variables if item.name != "INTERNAL_URL" and item.value is not None] == []
    assert {key for item in view.configmaps for key in item.data} <= {"INTERNAL_URL"}
    assert "INTERNAL_URL" in {key for item in view.configmaps for key in item.keys}
    assert "last-applied-configuration" not in view.model_dump_json()


def test_the_log_of_a_container_that_has_ended_is_read(world: World, reader: KubernetesReader, view: View) -> None:
    pod, container = world.ended
    wanted = DetailRequest(
        logs=(
            LogRequest(pod=pod, container=container, previous=True),
            LogRequest(pod=pod, container="no-such-container"),
            LogRequest(pod="no-such-pod", container=container),
        )
    )
    ended, no_container, no_pod = reader.fetch_details(view, wanted).logs
    assert ended.gap is None
    assert ended.text
    assert (no_container.text, no_pod.text) == (None, None)
    assert no_container.gap is not None
    assert no_pod.gap is not None
    assert (no_container.gap.reason, no_pod.gap.reason) == (GapReason.ABSENT, GapReason.ABSENT)


def test_a_container_that_never_ended_has_no_previous_log(world: World, reader: KubernetesReader, view: View) -> None:
    fresh = next(
        (pod.metadata.name, status.name)
        for pod in view.pods
        for status in pod.status.container_statuses
        if status.restart_count == 0
    )
    request = LogRequest(pod=fresh[0], container=fresh[1], previous=True)
    (log,) = reader.fetch_details(view, DetailRequest(logs=(request,))).logs
    assert log.gap is not None
    assert log.gap.reason is GapReason.ABSENT


def _ask(world: World, reader: KubernetesReader, view: View, target: str, port: str) -> HealthAnswer:
    request = HealthRequest(target=target, port=port, path=world.health_path)
    (answer,) = reader.fetch_details(view, DetailRequest(health=(request,))).health
    return answer


def test_health_tells_a_living_application_from_a_closed_port_and_from_nobody(
    world: World, reader: KubernetesReader, view: View
) -> None:
    groups = [group for group in view.endpoints if group.service == world.service[0]]
    pod = next(one.pod for group in groups for one in group.addresses if one.ready)
    alive = _ask(world, reader, view, f"pod/{pod}", world.service[1])
    assert (alive.outcome, alive.status) == ("ok", 200)
    assert _ask(world, reader, view, f"service/{world.service[0]}", world.service[1]).outcome == "ok"
    assert _ask(world, reader, view, f"pod/{pod}", "9").outcome == "refused"
    assert _ask(world, reader, view, f"service/{world.deserted[0]}", world.deserted[1]).outcome == "no_endpoints"
    nobody = _ask(world, reader, view, "pod/no-such-pod", "8080")
    assert nobody.gap is not None
    assert nobody.gap.reason is GapReason.ABSENT


def test_a_service_is_counted_from_another_namespace(world: World, reader: KubernetesReader) -> None:
    elsewhere = reader.list_resources(ListRequest("default"))
    names = (world.service[0], world.deserted[0], "no-such-service")
    wanted = DetailRequest(services=tuple((world.namespace, name) for name in names))
    found = reader.fetch_details(elsewhere, wanted).foreign_services
    assert [(item.service is not None, item.ready_addresses, item.gap) for item in found] == [
        (True, 1, None),
        (True, 0, None),
        (False, 0, None),
    ]


def test_a_namespace_that_is_not_there_is_an_error_and_those_that_are_get_named(
    world: World, reader: KubernetesReader
) -> None:
    assert {world.namespace, "default"} <= set(reader.namespaces())
    with pytest.raises(NamespaceNotFound) as caught:
        reader.list_resources(ListRequest(f"{world.namespace}-x"))
    assert world.namespace in caught.value.remedy


def test_a_stranger_gets_gaps_that_name_each_permission(world: World) -> None:
    with _reader(world.stranger_kubeconfig) as reader:
        view = _look(world, reader)
        assert len(view.gaps) == 13
        assert {gap.reason for gap in view.gaps.values()} == {GapReason.FORBIDDEN}
        pod, container = world.ended
        wanted = DetailRequest(
            logs=(LogRequest(pod=pod, container=container),),
            health=(HealthRequest(target=f"pod/{pod}", port="8080", path="/health"),),
            services=((world.namespace, world.service[0]),),
        )
        after = reader.fetch_details(view, wanted)
        gaps = (after.logs[0].gap, after.health[0].gap, after.foreign_services[0].gap)
        assert [(gap.reason, gap.verb, gap.resource) for gap in gaps if gap] == [
            (GapReason.FORBIDDEN, "get", "pods/log"),
            (GapReason.FORBIDDEN, "get", "pods/proxy"),
            (GapReason.FORBIDDEN, "get", "services"),
        ]


def test_a_look_costs_at_most_fifteen_requests(world: World) -> None:
    with _reader(world.kubeconfig) as reader:
        _look(world, reader)
        assert reader.cost().api_requests <= 15
        assert reader.cost().seconds > 0
