"""The first look against a stub: what it reads, what it keeps, and what it leaves at the door."""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import get_args

import pytest

from bot.domain.errors import NamespaceNotFound
from bot.domain.facts import GapReason
from bot.domain.kubernetes.kinds import WORKLOAD_KINDS
from bot.domain.view import Resource, View
from tests.contract.kube.cluster_objects import NAMESPACE, PASSWORD, broken_onyx, endpoint_slice, event, metadata, pod
from tests.contract.kube.cluster_reading import OUR_CLOCK, reading
from tests.contract.kube.cluster_stub import StubCluster, always, as_json, expired_continue, status

ONE_EACH = (
    *("services", "endpoints", "deployments", "replicasets", "statefulsets", "configmaps", "networkpolicies"),
    *("resourcequotas", "persistentvolumeclaims", "nodes", "namespaces"),
)


def test_reads_every_resource_once_and_leaves_no_gap(tmp_path: Path) -> None:
    with reading(tmp_path) as world:
        view = world.look()
        assert view.gaps == {}
        assert (len(view.pods), len(view.events)) == (2, 2)
        assert [name for name in ONE_EACH if len(getattr(view, name)) != 1] == []
        assert len(world.stub.paths()) == len(set(world.stub.paths())) == 14
        assert world.reader.cost().api_requests == 14
        assert (view.cluster, view.context, view.namespace) == ("stub", "stub", NAMESPACE)
        assert view.server_version == "v1.31.2"


def test_every_list_has_its_place_in_the_view_and_every_kind_that_makes_pods_is_a_list() -> None:
    assert set(get_args(Resource)) - set(View.model_fields) == set()
    assert {row.plural for row in WORKLOAD_KINDS.values()} - set(get_args(Resource)) == set()


def test_the_second_time_it_does_not_ask_for_the_version_again(tmp_path: Path) -> None:
    with reading(tmp_path) as world:
        world.look()
        assert world.look().server_version == "v1.31.2"
        assert world.stub.paths().count("/version") == 1


def test_secrets_are_never_requested(tmp_path: Path) -> None:
    with reading(tmp_path) as world:
        world.look()
        assert [path for path in world.stub.paths() if "secret" in path] == []


def test_no_value_that_was_not_asked_for_comes_in(tmp_path: Path) -> None:
    with reading(tmp_path) as world:
        saved = world.look().model_dump_json()
        assert PASSWORD not in saved
        assert "last-applied-configuration" not in saved
        assert "managedFields" not in saved


def test_values_that_were_asked_for_keep_everything_but_the_password(tmp_path: Path) -> None:
    with reading(tmp_path) as world:
        view = world.look()
        variables = {item.name: item for item in view.pods[0].spec.containers[0].env}
        assert variables["INTERNAL_URL"].value == "http://web:***@api-server:8080/api"
        assert variables["EMPTY_URL"].value == ""
        assert variables["POSTGRES_PASSWORD"].value is None
        assert variables["API_KEY"].value is None
        reference = variables["HOST_URL"].value_from
        assert reference is not None
        assert reference.config_map_key_ref is not None
        assert reference.config_map_key_ref.key == "HOST_URL"
        template = view.deployments[0].spec.template.spec.containers[0]
        assert template.env == view.pods[0].spec.containers[0].env


def test_a_config_map_keeps_all_names_and_the_time_of_the_wanted_key(tmp_path: Path) -> None:
    with reading(tmp_path) as world:
        (found,) = world.look().configmaps
        assert found.data == {"INTERNAL_URL": "http://u:***@api-server:8080"}
        assert found.keys == ("INTERNAL_URL", "OPENAI_KEY", "logo.png")
        assert found.key_times == {"INTERNAL_URL": datetime(2026, 11, 2, 9, 30, tzinfo=UTC)}


def test_long_command_words_are_cut(tmp_path: Path) -> None:
    with reading(tmp_path) as world:
        container = world.look().pods[0].spec.containers[0]
        assert [len(word) for word in container.command] == [7, 2, 201]
        assert container.args == ("--database", "postgres://onyx:***@db:5432/onyx")


def test_workloads_know_their_kind(tmp_path: Path) -> None:
    with reading(tmp_path) as world:
        view = world.look()
        found = [item.target for item in (*view.deployments, *view.replicasets, *view.statefulsets)]
        assert found == ["deployment/api-server", "replicaset/api-server-1", "statefulset/postgres"]


@pytest.mark.parametrize(
    ("date", "expected"),
    [
        ("Mon, 02 Nov 2026 10:10:00 GMT", datetime(2026, 11, 2, 10, 10, tzinfo=UTC)),
        (None, OUR_CLOCK),
        ("yesterday", OUR_CLOCK),
    ],
)
def test_the_time_of_a_view_is_the_servers_where_it_says_one(
    tmp_path: Path, date: str | None, expected: datetime
) -> None:
    with reading(tmp_path, StubCluster(broken_onyx(), date=date)) as world:
        view = world.look()
    assert (view.collected_at, view.clock) == (expected, "ours" if expected == OUR_CLOCK else "server")


# --- endpoints ------------------------------------------------------------------------------------------------------


def _groups(view: View) -> list[tuple[str, list[tuple[str, bool, str]], list[int]]]:
    return [
        (group.service, [(one.ip, one.ready, one.pod) for one in group.addresses], [port.port for port in group.ports])
        for group in view.endpoints
    ]


def test_slices_become_groups_and_an_unknown_condition_counts_as_ready(tmp_path: Path) -> None:
    objects = broken_onyx()
    empty = {
        "metadata": metadata("none", labels={"kubernetes.io/service-name": "none"}),
        "endpoints": None,
        "ports": None,
    }
    objects["endpointslices", NAMESPACE] = [endpoint_slice(ready=False), endpoint_slice("web", ready=None), empty]
    with reading(tmp_path, StubCluster(objects)) as world:
        assert _groups(world.look()) == [
            ("api-server", [("10.1.2.3", False, "api-server-1-a")], [8080]),
            ("web", [("10.1.2.3", True, "api-server-1-a")], [8080]),
            ("none", [], []),
        ]


@pytest.mark.parametrize("how", ["not served", "forbidden"])
def test_endpoints_are_read_where_slices_cannot_be(tmp_path: Path, how: str) -> None:
    stub = StubCluster(broken_onyx())
    if how == "not served":
        stub.unserved.add("endpointslices")
    else:
        stub.faults["endpointslices"] = always(status(403, "forbidden", "Forbidden"))
    with reading(tmp_path, stub) as world:
        view = world.look()
        assert view.gaps == {}
        assert _groups(view) == [
            ("api-server", [("10.1.2.3", False, "api-server-1-a")], [8080]),
            ("api-server", [("10.1.2.4", True, "")], [8080]),
        ]


def test_a_cluster_without_slices_is_asked_for_them_once(tmp_path: Path) -> None:
    with reading(tmp_path, StubCluster(broken_onyx(), unserved={"endpointslices"})) as world:
        world.look()
        world.look()
        assert len([path for path in world.stub.paths() if path.endswith("/endpointslices")]) == 1


# --- pages ----------------------------------------------------------------------------------------------------------


def _many_pods(count: int) -> StubCluster:
    objects = broken_onyx()
    objects["pods", NAMESPACE] = [pod(f"api-{number:04}") for number in range(count)]
    return StubCluster(objects)


def _pod_requests(stub: StubCluster) -> list[tuple[str, str]]:
    return [(one.query["limit"], one.query.get("continue", "")) for one in stub.seen if one.path.endswith("/pods")]


def test_lists_are_read_page_by_page(tmp_path: Path) -> None:
    with reading(tmp_path, _many_pods(60), page_size=25) as world:
        view = world.look()
        assert [item.metadata.name for item in view.pods] == [f"api-{number:04}" for number in range(60)]
        assert _pod_requests(world.stub) == [("25", ""), ("25", "25"), ("25", "50")]
        assert view.gaps == {}


def test_pages_beyond_the_limit_are_a_gap_and_what_was_read_stays(tmp_path: Path) -> None:
    with reading(tmp_path, _many_pods(60), page_size=25, max_pages=2) as world:
        view = world.look()
        assert len(view.pods) == 50
        assert view.gaps["pods"].reason is GapReason.CUT_OFF


@pytest.mark.parametrize(("times", "pods", "reason"), [(1, 60, None), (2, 25, GapReason.FAILED)])
def test_an_expired_list_is_begun_again_once(tmp_path: Path, times: int, pods: int, reason: GapReason | None) -> None:
    stub = _many_pods(60)
    stub.faults["pods"] = expired_continue(times)
    with reading(tmp_path, stub, page_size=25) as world:
        view = world.look()
        gap = view.gaps.get("pods")
        assert (len(view.pods), gap.reason if gap else None) == (pods, reason)
        assert len({item.metadata.name for item in view.pods}) == len(view.pods)


def test_the_newest_events_are_kept_in_the_order_they_were_seen(tmp_path: Path) -> None:
    objects = broken_onyx()
    # names sort against time, and some reporters give no time at all
    moments = [f"2026-11-02T{10 - n // 3600:02}:{59 - n // 60 % 60:02}:{59 - n % 60:02}Z" for n in range(2100)]
    objects["events", NAMESPACE] = [event(f"e{number:04}", moment) for number, moment in enumerate(moments)]
    objects["events", NAMESPACE].append(event("without", None, metadata={"name": "without"}))
    with reading(tmp_path, StubCluster(objects)) as world:
        view = world.look()
        names = [item.metadata.name for item in view.events]
        assert (len(names), names[-1], names[0]) == (2000, "e0000", "e1999")
        gap = view.gaps["events"]
        assert (gap.reason, gap.detail) == (GapReason.CUT_OFF, "101 older events are left out")


def test_large_pages_come_compressed_and_are_understood(tmp_path: Path) -> None:
    with reading(tmp_path, _many_pods(120), page_size=120) as world:
        assert len(world.look().pods) == 120
        assert {one.headers["accept-encoding"] for one in world.stub.seen} == {"gzip"}


# --- strange answers ------------------------------------------------------------------------------------------------


def test_null_items_are_an_empty_list(tmp_path: Path) -> None:
    stub = StubCluster(broken_onyx(), faults={"pods": always(as_json({"metadata": None, "items": None}))})
    with reading(tmp_path, stub) as world:
        view = world.look()
        assert (view.pods, view.gaps) == ((), {})


def test_items_that_cannot_be_understood_do_not_lose_the_others(tmp_path: Path) -> None:
    objects = broken_onyx()
    strange = [{"metadata": metadata("odd"), "spec": "text"}, {"metadata": {"name": 7}}, None, "pod", {"metadata": []}]
    objects["pods", NAMESPACE][1:1] = strange
    with reading(tmp_path, StubCluster(objects)) as world:
        view = world.look()
        assert [item.metadata.name for item in view.pods] == ["api-server-1-a", "api-server-1-b"]
        gap = view.gaps["pods"]
        assert gap.reason is GapReason.MALFORMED
        assert "odd" in gap.detail
        assert gap.detail.count("without a name") == 4


SPELLINGS = [
    {"spec": {"containers": [{"name": "a", "env": "x", "command": "sh", "args": [1, None], "ports": {}}]}},
    {"spec": {"containers": {"a": 1}}},
    {"spec": {"containers": [None, 3]}},
    {"metadata": {"name": "p", "annotations": ["x"], "labels": 3, "managedFields": "y"}},
    {"status": {"conditions": [{"lastTransitionTime": "never"}]}},
    {"status": []},
]


@pytest.mark.parametrize("part", SPELLINGS, ids=[str(index) for index in range(len(SPELLINGS))])
@pytest.mark.parametrize("plural", ["pods", "deployments", "configmaps", "events", "endpointslices"])
def test_no_shape_of_an_item_breaks_the_look(tmp_path: Path, plural: str, part: dict[str, object]) -> None:
    objects = broken_onyx()
    objects[plural, NAMESPACE] = [{"metadata": metadata("odd"), "data": [1], "endpoints": [{}, 4], **part}]
    with reading(tmp_path, StubCluster(objects)) as world:
        assert {gap.reason for gap in world.look().gaps.values()} <= {GapReason.MALFORMED}


# --- the namespace --------------------------------------------------------------------------------------------------


def test_a_namespace_that_is_not_there_is_told_from_an_empty_one(tmp_path: Path) -> None:
    with reading(tmp_path) as world:
        assert world.look("default").pods == ()
        with pytest.raises(NamespaceNotFound, match=re.escape("Did you mean onyx?")):
            world.look("onxy")
        with pytest.raises(NamespaceNotFound, match=re.escape("These exist: default, onyx, other.")):
            world.look("zzz")


@pytest.mark.parametrize("name", ["", "..", "a/b", "Onyx", "a" * 64, "onyx?limit=1", "x/secrets"])
def test_a_name_that_no_namespace_can_have_is_not_sent(tmp_path: Path, name: str) -> None:
    with reading(tmp_path) as world:
        with pytest.raises(NamespaceNotFound):
            world.look(name)
        assert world.stub.seen == []


def test_a_forbidden_namespace_object_with_empty_lists_is_not_an_error(tmp_path: Path) -> None:
    stub = StubCluster(broken_onyx())
    stub.faults["/api/v1/namespaces/elsewhere"] = always(status(403, "namespaces is forbidden", "Forbidden"))
    with reading(tmp_path, stub) as world:
        view = world.look("elsewhere")
        assert (view.pods, list(view.gaps)) == ((), ["namespaces"])


def test_namespaces_are_listed_by_name_over_pages(tmp_path: Path) -> None:
    with reading(tmp_path, page_size=2) as world:
        assert world.reader.namespaces() == ("default", "onyx", "other")
        assert world.reader.cost().api_requests == 2
