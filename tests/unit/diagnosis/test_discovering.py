"""A workload that no playbook describes: how it may be named, what is made of its spec, what is found wrong."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from bot.diagnosis.ports import TriageRequest
from bot.diagnosis.service import TriageService
from bot.diagnosis.subjects import Subject, parse_subject
from bot.domain.diagnosis import Diagnosis, Verdict
from bot.domain.errors import UnknownApp, UnknownWorkload, UsageError
from bot.domain.facts import Gap, GapReason
from bot.domain.view import View
from bot.engine.discovery.components import component_name
from bot.engine.discovery.discover import discover
from bot.engine.discovery.interest import fetch_details
from tests.support.shipped import shipped_playbooks
from tests.unit.onyx_objects import NOW, Object, config_map, service, view, workload
from tests.unit.recorded_cluster import RecordedCluster

PLAYBOOKS = shipped_playbooks()
LABELS = {"app": "shop"}


def shop(**container: Any) -> list[Object]:
    """A Deployment with a Service in front of its named port."""
    made: Object = {"name": "main", "image": "shop:1", "ports": [{"name": "http", "containerPort": 8000}], **container}
    return [workload("Deployment", "shop", LABELS, made), service("shop", LABELS, 80, "http")]


def probe(path: str, port: int | str, scheme: str = "HTTP") -> Object:
    return {"httpGet": {"path": path, "port": port, "scheme": scheme}}


NAMES = {
    "deployment/shop": Subject("deployment/shop", "Deployment", "shop"),
    "deploy/shop": Subject("deploy/shop", "Deployment", "shop"),
    "deployments.apps/shop": Subject("deployments.apps/shop", "Deployment", "shop"),
    "statefulset/db-0.x": Subject("statefulset/db-0.x", "StatefulSet", "db-0.x"),
    "sts/db": Subject("sts/db", "StatefulSet", "db"),
    "shop": Subject("shop", None, "shop"),
    "pod/shop-1": Subject("pod/shop-1", "Pod", "shop-1"),
    "po/shop-1": Subject("po/shop-1", "Pod", "shop-1"),
    "ds/agent": Subject("ds/agent", "DaemonSet", "agent"),
    "cronjobs.batch/report": Subject("cronjobs.batch/report", "CronJob", "report"),
    "cj/report": Subject("cj/report", "CronJob", "report"),
    "job/migrate": Subject("job/migrate", "Job", "migrate"),
    "rs/shop-6d8c": Subject("rs/shop-6d8c", "ReplicaSet", "shop-6d8c"),
    "svc/shop": Subject("svc/shop", "Service", "shop"),
    "ing/shop": Subject("ing/shop", "Ingress", "shop"),
    "ns/shop": Subject("ns/shop", "Namespace", "shop"),
    "namespace/shop": Subject("namespace/shop", "Namespace", "shop"),
}


@pytest.mark.parametrize(("said", "meant"), NAMES.items(), ids=NAMES)
def test_a_workload_is_named_as_kubectl_names_it(said: str, meant: Subject) -> None:
    assert parse_subject(said) == meant


@pytest.mark.parametrize("said", ["role/shop", "crd/n1", "/shop", "deployment/", "deployment/a b", "ns/a.b"])
def test_what_is_not_judged_is_refused_with_what_is(said: str) -> None:
    with pytest.raises(UsageError, match="deployment/NAME"):
        parse_subject(said)


def test_an_object_behind_its_namespace_is_answered_with_what_to_say() -> None:
    with pytest.raises(UsageError) as refused:
        parse_subject("shop/front")
    assert refused.value.remedy.endswith("If shop is a namespace: front -n shop.")


@pytest.mark.parametrize("said", ["Shop!", ""])
def test_a_word_that_names_nothing_is_no_workload(said: str) -> None:
    assert parse_subject(said) is None


SPECS = {
    "readiness probe on the Service's port": (shop(readinessProbe=probe("/ready", "http")), 8000, "/ready"),
    "only a liveness probe": (shop(livenessProbe=probe("/live", 8000)), 8000, "/live"),
    "a path without its slash": (shop(readinessProbe=probe("ready", 8000)), 8000, "/ready"),
    "a probe on a port of its own": (shop(readinessProbe=probe("/ready", 9000)), 8000, None),
    "a probe over TLS": (shop(readinessProbe=probe("/ready", 8000, "HTTPS")), 8000, "/ready"),
    "a probe that runs a command": (shop(readinessProbe={"exec": {"command": ["true"]}}), 8000, None),
    "no probe": (shop(), 8000, None),
    "no Service": (shop(readinessProbe=probe("/ready", 8000))[:1], 8000, "/ready"),
    "no port declared": (shop(ports=[], readinessProbe=probe("/ready", 7000))[:1], 7000, "/ready"),
    "nothing declared": (shop(ports=[])[:1], None, None),
}


@pytest.mark.parametrize(("objects", "port", "path"), SPECS.values(), ids=SPECS)
def test_port_and_health_path_are_what_its_own_spec_says(objects: list[Object], port: int | None, path: str) -> None:
    component = _component(view(*objects))
    assert (component.port, component.health) == (port, path)


def test_a_sidecar_in_front_is_not_taken_for_the_container_that_works() -> None:
    objects = shop(readinessProbe=probe("/ready", "http"))
    containers = objects[0]["spec"]["template"]["spec"]["containers"]
    containers.insert(0, {"name": "istio-proxy", "ports": [{"name": "http-envoy-prom", "containerPort": 15090}]})
    component = _component(view(*objects))
    assert (component.port, component.find[0].container) == (8000, "main")


def _component(seen: View) -> Any:
    return discover(seen).components["shop"].spec


@pytest.mark.parametrize(
    ("name", "component"),
    [("api-server", "api-server"), ("2048.game", "w-2048-game"), ("app", "app-workload"), ("route", "route-workload")],
)
def test_a_component_is_named_like_its_workload_where_that_is_possible(name: str, component: str) -> None:
    assert component_name(name) == component


def killed_for_memory(objects: list[Object]) -> View:
    """The Deployment's only pod was killed for memory five times and waits."""
    seen = view(*objects)
    at = NOW.isoformat()
    status = {
        "name": "main",
        "restartCount": 5,
        "state": {"waiting": {"reason": "CrashLoopBackOff"}},
        "lastState": {"terminated": {"exitCode": 137, "reason": "OOMKilled", "startedAt": at, "finishedAt": at}},
    }
    template = copy.deepcopy(objects[0]["spec"]["template"])
    owner = {"kind": "ReplicaSet", "name": "shop-6d8c", "uid": "rs", "controller": True}
    above = {"kind": "Deployment", "name": "shop", "uid": "Deployment-shop", "controller": True}
    pod = {
        "metadata": {"name": "shop-6d8c-x", "uid": "p", "labels": LABELS, "ownerReferences": [owner]},
        "spec": template["spec"],
        "status": {"phase": "Running", "containerStatuses": [status]},
    }
    replica_set = {
        "kind": "ReplicaSet",
        "metadata": {"name": "shop-6d8c", "uid": "rs", "ownerReferences": [above]},
        "spec": {},
    }
    data = seen.model_dump() | {"pods": [pod], "replicasets": [replica_set]}
    return View.model_validate(data)


def ask(seen: View, said: str, namespace: str | None = "prod", default: str = "") -> Diagnosis:
    cluster = RecordedCluster({"prod": seen}, default_namespace=default)
    found = TriageService(lambda: PLAYBOOKS, lambda: cluster).diagnose(TriageRequest(said, namespace), lambda _: None)
    assert isinstance(found, Diagnosis)
    return found


@pytest.mark.parametrize("said", ["shop", "deployment/shop", "deploy/shop"])
def test_its_fault_is_named_after_it_and_the_answer_uses_the_persons_word(said: str) -> None:
    found = ask(killed_for_memory(shop()), said)
    assert found.verdict is Verdict.FAULT_FOUND
    assert [cause.id for cause in found.root_causes] == ["shop-oom-killed"]
    assert found.app == said


def test_how_much_was_looked_at_is_said() -> None:
    assert ask(killed_for_memory(shop()), "shop").notes[-1] == (
        "No playbook describes it; looked at 1 workload: 0 well, 1 not well."
    )


def test_the_contexts_namespace_is_used_where_none_is_named() -> None:
    assert ask(killed_for_memory(shop()), "deployment/shop", None, default="prod").namespace == "prod"


def test_without_any_namespace_the_object_is_looked_for_everywhere() -> None:
    assert ask(killed_for_memory(shop()), "deployment/shop", None).namespace == "prod"
    assert ask(killed_for_memory(shop()), "pod/shop-79c455998f-s2tgx", None).namespace == "prod"


def test_where_it_is_nowhere_the_question_is_which_namespace() -> None:
    with pytest.raises(UsageError, match="-n NAMESPACE"):
        ask(view(*shop()), "deployment/nowhere", None)


def test_a_pod_that_was_replaced_leads_to_what_makes_its_successors() -> None:
    found = ask(killed_for_memory(shop()), "pod/shop-79c455998f-s2tgx", "prod")
    assert "deployment/shop" in found.headline


def test_a_bare_word_without_a_namespace_is_an_unknown_app() -> None:
    with pytest.raises(UnknownApp, match="immich"):
        ask(view(*shop()), "onix", None)


@pytest.mark.parametrize("said", ["deployment/shpo", "shopp", "shop-web"])
def test_a_name_that_is_not_there_is_answered_with_one_that_is(said: str) -> None:
    with pytest.raises(UnknownWorkload, match="deployment/shop"):
        ask(view(*shop()), said)


def test_a_namespace_without_workloads_and_a_name_like_none_are_told_what_is_there() -> None:
    with pytest.raises(UnknownWorkload, match="No workload is there"):
        ask(view(), "deployment/x")
    with pytest.raises(UnknownWorkload, match="These are there: deployment/shop"):
        ask(view(*shop()), "deployment/quite-another")


def test_a_deployment_is_not_taken_for_a_stateful_set_of_that_name() -> None:
    with pytest.raises(UnknownWorkload, match="StatefulSet shop"):
        ask(view(*shop()), "statefulset/shop")


def test_two_kinds_of_one_name_are_kept_apart() -> None:
    both = [*shop(), workload("StatefulSet", "shop", {"app": "store"}, {"name": "store", "image": "store:1"})]
    assert ask(view(*both), "statefulset/shop").components == {"shop-statefulset": "statefulset/shop"}
    assert ask(view(*both), "deployment/shop").components == {"shop-deployment": "deployment/shop"}


def test_an_account_that_may_not_list_workloads_is_told_so() -> None:
    gap = Gap(GapReason.FORBIDDEN, "deployments", "", "list", "deployments", "prod")
    seen = view().model_copy(update={"gaps": {"deployments": gap}})
    with pytest.raises(UnknownWorkload, match="may not list deployments"):
        ask(seen, "deployment/shop")


@pytest.mark.parametrize(("scheme", "asked"), [("HTTP", "http"), ("HTTPS", "https")])
def test_its_health_is_asked_as_its_probe_asks_it(scheme: str, asked: str) -> None:
    deployment, front = shop(readinessProbe=probe("/ready", 8000, scheme))
    pod: Object = {
        "kind": "Pod",
        "metadata": {
            "name": "shop-1-a",
            "uid": "shop-1-a",
            "labels": LABELS,
            "ownerReferences": [{"kind": "ReplicaSet", "name": "shop-1", "uid": "rs", "controller": True}],
        },
        "spec": deployment["spec"]["template"]["spec"],
        "status": {"containerStatuses": [{"name": "main", "state": {"running": {"startedAt": NOW.isoformat()}}}]},
    }
    seen = view(deployment, front)
    seen = View.model_validate({**seen.model_dump(mode="json", by_alias=True), "pods": [pod]})
    wanted = fetch_details(discover(seen).binding()).health
    assert [(item.target, item.path, item.scheme) for item in wanted] == [("pod/shop-1-a", "/ready", asked)]


def with_objects(*gaps: str) -> View:
    """A Deployment that uses a ConfigMap and a Secret, and beside it what nobody uses."""
    sources = [{"configMapRef": {"name": "used"}}, {"secretRef": {"name": "login"}}]
    seen = view(*shop(envFrom=sources), config_map("used", {}), config_map("spare", {}))
    named: Any = {"metadata": {"name": "spare"}}
    unread = {name: Gap(GapReason.FORBIDDEN, name, "", "list", name, "prod") for name in gaps}
    lists = {"resourcequotas": [named], "nodes": [named], "persistentvolumeclaims": [named]}
    read = {name: items for name, items in lists.items() if name not in gaps}
    return View.model_validate(seen.model_dump() | read | {"gaps": unread})


@pytest.mark.parametrize("said", ["configmap/used", "secret/login", "quota/spare", "sa/default"])
def test_of_an_object_that_runs_nothing_its_users_are_judged(said: str) -> None:
    assert ask(with_objects(), said).components == {"shop": "deployment/shop"}


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("configmap/spare", "No workload of namespace prod uses a ConfigMap spare."),
        ("pvc/spare", "No workload of namespace prod uses a PersistentVolumeClaim spare."),
        ("node/spare", "No pod of namespace prod is on node spare."),
        ("configmap/absent", "There is no ConfigMap absent in namespace prod."),
        ("quota/absent", "There is no ResourceQuota absent in namespace prod."),
        ("node/absent", "There is no Node absent in the cluster."),
        # What is never read is not said to be absent.
        ("secret/spare", "uses a Secret spare, and whether it is there was not seen: Secrets are never read."),
        ("sa/spare", "uses a ServiceAccount spare, and whether it is there was not seen"),
    ],
)
def test_what_nobody_uses_is_told_apart_from_what_is_not_there(said: str, told: str) -> None:
    with pytest.raises(UnknownWorkload) as refused:
        ask(with_objects(), said)
    assert told in refused.value.message


@pytest.mark.parametrize("said", ["configmap/other", "node/spare"])
def test_what_could_not_be_listed_is_not_said_to_be_absent(said: str) -> None:
    with pytest.raises(UnknownWorkload, match=r"was not seen: \w+: this account may not list"):
        ask(with_objects("configmaps", "nodes"), said)
