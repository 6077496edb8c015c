"""The simulated API as Kubernetes 1.20, 1.28 and the newest serve it: versions, shapes, diagnoses."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from typing import Any

import kubernetes_validate
import pytest

from bot.adapters.kube import KubernetesReader, connect
from bot.diagnosis.ports import ListRequest, TriageRequest
from bot.diagnosis.service import TriageService
from bot.domain.diagnosis import Diagnosis
from bot.domain.facts import GapReason
from bot.sandbox.cluster import SimulatedCluster
from bot.sandbox.cluster.state.kinds import BY_KIND
from bot.sandbox.cluster.state.served import RELEASES, kinds_of
from tests.contract.kube.simulated_cluster_client import Api
from tests.support.shipped import shipped_playbooks

Object = dict[str, Any]
NEWEST = RELEASES[-1]
SCHEMAS = ("1.28", NEWEST)
FAULTS = ("api-crash-looping", "api-unschedulable", "network-policy-blocks")


@pytest.fixture(
    scope="module", params=[*(pytest.param(one, marks=pytest.mark.slow) for one in RELEASES if one != NEWEST), NEWEST]
)
def cluster(request: pytest.FixtureRequest) -> Iterator[SimulatedCluster]:
    with SimulatedCluster(release=request.param) as made:
        yield made


@pytest.fixture(scope="module")
def reader(cluster: SimulatedCluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[KubernetesReader]:
    kubeconfig = cluster.write_kubeconfig(tmp_path_factory.mktemp("reader") / "kubeconfig")
    made = KubernetesReader(connect(kubeconfig=str(kubeconfig), context=None, in_cluster=False))
    yield made
    made.close()


def listed(api: Api, release: str) -> Iterator[Object]:
    """Every object that is served."""
    for kind in kinds_of(release):
        if not kind.create_only:
            base = f"/apis/{kind.api_version}" if kind.group else "/api/v1"
            for item in api.get(f"{base}/{kind.plural}").json["items"]:
                yield {"apiVersion": kind.api_version, "kind": kind.kind, **item}


@cache
def problem(text: str, schema: str) -> str:
    try:
        kubernetes_validate.validate(json.loads(text), schema, strict=True)
    except kubernetes_validate.ValidationError as error:
        return str(error.message)
    return ""


@pytest.mark.slow
def test_every_object_that_is_served_fits_the_schemas(cluster: SimulatedCluster, api: Api) -> None:
    shapes: dict[str, Object] = {}
    for fault in FAULTS:
        cluster.inject(fault)
        for item in listed(api, cluster.release):
            shapes[repr((item["kind"], sorted(_paths(item))))] = item
    assert len(shapes) > 20
    modern = [item for item in shapes.values() if "beta" not in item["apiVersion"]]
    wrong = {(item["kind"], found) for item in modern for one in SCHEMAS if (found := problem(json.dumps(item), one))}
    assert wrong == set()


def _paths(item: Any, at: str = "") -> set[str]:
    if isinstance(item, dict):
        return {path for key, value in item.items() for path in _paths(value, f"{at}.{key}")}
    if isinstance(item, list):
        return {path for value in item for path in _paths(value, at)}
    return {at}


@pytest.mark.parametrize(
    ("path", "since", "until"),
    [
        ("/apis/policy/v1/poddisruptionbudgets", 21, 99),
        ("/apis/policy/v1beta1/poddisruptionbudgets", 0, 24),
        ("/apis/autoscaling/v2/horizontalpodautoscalers", 23, 99),
        ("/apis/autoscaling/v2beta2/horizontalpodautoscalers", 0, 25),
        ("/apis/batch/v1/cronjobs", 21, 99),
        ("/apis/batch/v1beta1/cronjobs", 0, 24),
        ("/apis/discovery.k8s.io/v1/endpointslices", 21, 99),
        ("/apis/events.k8s.io/v1/events", 0, 99),
    ],
)
def test_a_version_is_served_from_and_until_its_release(
    cluster: SimulatedCluster, api: Api, path: str, since: int, until: int
) -> None:
    served = since <= int(cluster.release.partition(".")[2]) <= until
    assert api.get(path).status == (200 if served else 404)
    group_version = path.rpartition("/")[0]
    found = api.get(group_version)
    known = found.status == 200 and f"'{path.rpartition('/')[2]}'" in str(found.json)
    assert known is served, "discovery says the same"


@pytest.mark.parametrize("fault", ["none", "service-selector-mismatch"])
def test_a_diagnosis_is_the_same_on_every_release(
    cluster: SimulatedCluster, reader: KubernetesReader, fault: str
) -> None:
    cluster.inject(fault)
    service = TriageService(shipped_playbooks, lambda: reader)
    found = service.diagnose(TriageRequest("onyx", "onyx"), lambda _: None)
    assert isinstance(found, Diagnosis)
    expected = {"none": "healthy"}.get(fault, fault)
    assert [cause.id for cause in found.root_causes] == [expected]


def modern_objects() -> list[Object]:
    """What clusters have by now: native sidecars, ephemeral containers, a resize in place, user namespaces, slices of
    two families with conditions, Pod Security labels, jobs that say which failures count.
    """
    meta = {"namespace": "modern"}
    container = {"name": "app", "image": "lab.local/app:1"}
    sidecar = {**container, "name": "proxy", "restartPolicy": "Always"}
    running = {
        "state": {"running": {"startedAt": "2026-11-29T10:00:00Z"}},
        "imageID": "",
        "restartCount": 0,
        "ready": True,
    }
    of_service = {"kubernetes.io/service-name": "modern"}
    resources = {"limits": {"memory": "256Mi"}, "requests": {"memory": "256Mi"}}
    pod = {
        "apiVersion": "v1", "kind": "Pod", "metadata": {**meta, "name": "pod", "labels": {"app": "modern"}},
        "spec": {
            "hostUsers": False, "containers": [{**container, "resizePolicy": [
                {"resourceName": "memory", "restartPolicy": "NotRequired"}], "resources": resources}],
            "initContainers": [sidecar], "ephemeralContainers": [{**container, "name": "debugger"}],
            "resources": resources, "schedulingGates": [{"name": "example.com/gate"}],
        },
        "status": {
            "phase": "Running", "resize": "InProgress", "observedGeneration": 2,
            "podIPs": [{"ip": "10.0.0.9"}, {"ip": "fd00::9"}], "hostIPs": [{"ip": "10.0.0.1"}],
            "conditions": [{"type": "Ready", "status": "True"}, {"type": "PodReadyToStartContainers", "status": "True"},
                           {"type": "PodResizeInProgress", "status": "True"}],
            "containerStatuses": [{"name": "app", "image": "lab.local/app:1", **running, "started": True,
                                   "allocatedResources": {"memory": "256Mi"}, "resources": resources,
                                   "user": {"linux": {"uid": 0, "gid": 0}}}],
            "initContainerStatuses": [{"name": "proxy", "image": "lab.local/app:1", **running, "started": True}],
            "ephemeralContainerStatuses": [{"name": "debugger", "image": "lab.local/app:1", **running}],
        },
    }  # fmt: skip
    slices = [
        {
            "apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "addressType": family,
            "metadata": {**meta, "name": f"modern-{family.lower()}", "labels": of_service},
            "endpoints": [
                {"addresses": [address], "conditions": {"ready": False, "serving": True, "terminating": True},
                 "hints": {"forZones": [{"name": "a"}]}, "nodeName": "n", "zone": "a"},
                {"addresses": [address + "0"], "conditions": {"ready": True, "serving": True, "terminating": False}},
                {"addresses": [address + "1"]},
            ],
            "ports": [{"name": "http", "port": 8080, "protocol": "TCP", "appProtocol": "kubernetes.io/h2c"}],
        }
        for family, address in (("IPv4", "10.0.0.2"), ("IPv6", "fd00::2"))
    ]  # fmt: skip
    template = {"spec": {"restartPolicy": "Never", "containers": [container]}}
    job = {
        "apiVersion": "batch/v1", "kind": "Job", "metadata": {**meta, "name": "job"},
        "spec": {
            "template": template, "backoffLimitPerIndex": 1, "maxFailedIndexes": 5, "completions": 3, "parallelism": 3,
            "completionMode": "Indexed", "podReplacementPolicy": "Failed",
            "podFailurePolicy": {"rules": [
                {"action": "FailJob", "onExitCodes": {"containerName": "app", "operator": "In", "values": [42]}},
                {"action": "Ignore", "onPodConditions": [{"type": "DisruptionTarget", "status": "True"}]}]},
            "successPolicy": {"rules": [{"succeededCount": 1}]},
        },
        "status": {"failedIndexes": "1", "terminating": 0, "ready": 0, "uncountedTerminatedPods": {}, "failed": 1,
                   "conditions": [{"type": "FailureTarget", "status": "True", "reason": "PodFailurePolicy"}]},
    }  # fmt: skip
    space = {
        "apiVersion": "v1", "kind": "Namespace",
        "metadata": {"name": "modern", "labels": {"pod-security.kubernetes.io/enforce": "restricted",
                                                  "kubernetes.io/metadata.name": "modern"}},
    }  # fmt: skip
    return [space, pod, *slices, job]


@pytest.mark.parametrize("item", modern_objects(), ids=lambda item: f"{item['kind']}-{item['metadata']['name']}")
def test_the_modern_objects_of_this_test_are_what_the_newest_release_has(item: Object) -> None:
    assert problem(json.dumps(item), NEWEST) == ""


def test_modern_shapes_are_read_without_a_gap(tmp_path: Any) -> None:
    with SimulatedCluster(release=NEWEST) as made:
        for number, item in enumerate(modern_objects()):
            kind = BY_KIND[item["apiVersion"], item["kind"]]
            born = {"uid": f"u{number}", "creationTimestamp": "2026-11-29T10:00:00Z"}
            made.store.put(kind, {"status": {}, **item, "metadata": {**item["metadata"], **born}})
        kubeconfig = made.write_kubeconfig(tmp_path / "kubeconfig")
        reader = KubernetesReader(connect(kubeconfig=str(kubeconfig), context=None, in_cluster=False))
        try:
            view = reader.list_resources(ListRequest("modern", wide=True))
        finally:
            reader.close()
    assert {name: gap for name, gap in view.gaps.items() if gap.reason is not GapReason.FORBIDDEN} == {}
    assert [one.metadata.name for one in view.pods] == ["pod"]
