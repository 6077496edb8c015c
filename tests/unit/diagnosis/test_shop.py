"""A small shop that no playbook describes (front → orders → db), broken in many ways and asked about from both ends."""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from bot.diagnosis.ports import TriageRequest
from bot.diagnosis.service import TriageService
from bot.domain.diagnosis import Diagnosis
from bot.domain.view import View
from tests.support.sampling import sampled
from tests.support.shipped import shipped_playbooks
from tests.unit.onyx_objects import NOW
from tests.unit.recorded_cluster import RecordedCluster

PLAYBOOKS = shipped_playbooks()
LONG_AGO = (NOW - timedelta(hours=3)).isoformat()
Json = dict[str, Any]
Break = Callable[[Json], None]
PORTS = {"front": 3000, "orders": 8080, "db": 5432}
CALLS = {"front": ("ORDERS_URL", "http://orders:8080"), "orders": ("DB_URL", "postgres://db:5432/shop")}


def shop() -> Json:
    """The view of a shop in which all is well."""
    seen: Json = {"cluster": "test", "namespace": "shop", "collected_at": NOW.isoformat(), "nodes": [], "logs": []}
    for name, port in PORTS.items():
        labels = {"app": name}
        box: Json = {"name": name, "image": f"{name}:1", "ports": [{"containerPort": port}]}
        if name in CALLS:
            variable, address = CALLS[name]
            box["env"] = [{"name": variable, "endpoints": [address]}]
        spec = {"containers": [box]}
        template = {"metadata": {"labels": labels}, "spec": spec}
        status = {"readyReplicas": 1, "updatedReplicas": 1, "observedGeneration": 1}
        meta = {"name": name, "uid": f"d-{name}", "generation": 1, "creationTimestamp": LONG_AGO}
        wanted = {"replicas": 1, "selector": {"matchLabels": labels}, "template": template}
        seen.setdefault("deployments", []).append(
            {"kind": "Deployment", "metadata": meta, "spec": wanted, "status": status}
        )
        above = [{"kind": "Deployment", "name": name, "uid": f"d-{name}", "controller": True}]
        seen.setdefault("replicasets", []).append(
            {
                "kind": "ReplicaSet",
                "metadata": {"name": f"{name}-1", "uid": f"r-{name}", "ownerReferences": above},
                "spec": wanted,
            }
        )
        seen.setdefault("pods", []).append(pod(name, copy.deepcopy(spec)))
        seen.setdefault("services", []).append(
            {
                "metadata": {"name": name, "namespace": "shop"},
                "spec": {"clusterIP": f"10.9.0.{port % 250}", "selector": labels, "ports": [{"port": port}]},
            }
        )
        address = {"ip": f"10.1.0.{port % 250}", "ready": True, "pod": f"{name}-1-a"}
        seen.setdefault("endpoints", []).append({"service": name, "addresses": [address], "ports": [{"port": port}]})
    return seen


def pod(name: str, spec: Json) -> Json:
    owner = [{"kind": "ReplicaSet", "name": f"{name}-1", "uid": f"r-{name}", "controller": True}]
    ready = {"type": "Ready", "status": "True", "lastTransitionTime": LONG_AGO}
    status = {"name": name, "ready": True, "state": {"running": {"startedAt": LONG_AGO}}}
    return {
        "metadata": {"name": f"{name}-1-a", "uid": f"p-{name}", "labels": {"app": name}, "ownerReferences": owner},
        "spec": spec,
        "status": {"phase": "Running", "conditions": [ready], "containerStatuses": [status]},
    }


def of(seen: Json, kind: str, name: str) -> Json:
    found: Json = next(item for item in seen[kind] if item["metadata"]["name"] in (name, f"{name}-1", f"{name}-1-a"))
    return found


def logs(seen: Json, name: str, line: str, times: int = 6) -> None:
    """The program says this again and again, until now."""
    stamps = [(NOW - timedelta(seconds=3 + 9 * number)).strftime("%Y-%m-%dT%H:%M:%SZ") for number in range(times)]
    text = "\n".join(f"{stamp} {line}" for stamp in reversed(stamps))
    seen["logs"].append({"pod": f"{name}-1-a", "container": name, "text": text})


def upstream_complains(seen: Json) -> None:
    """What orders and front log when the database cannot be reached."""
    logs(seen, "orders", "ERROR query failed: connect ECONNREFUSED 10.9.0.182:5432")
    logs(seen, "front", "ERROR upstream orders answered 500 db error")


def scaled_to_zero(seen: Json) -> None:
    of(seen, "deployments", "db")["spec"]["replicas"] = 0
    seen["pods"] = [item for item in seen["pods"] if item["metadata"]["name"] != "db-1-a"]
    seen["endpoints"] = [item for item in seen["endpoints"] if item["service"] != "db"]
    upstream_complains(seen)


def crashing(seen: Json) -> None:
    found = of(seen, "pods", "db")
    at = (NOW - timedelta(seconds=30)).isoformat()
    end = {"exitCode": 1, "reason": "Error", "startedAt": at, "finishedAt": at}
    found["status"]["containerStatuses"] = [
        {
            "name": "db",
            "restartCount": 6,
            "state": {"waiting": {"reason": "CrashLoopBackOff"}},
            "lastState": {"terminated": end},
        }
    ]
    found["status"]["conditions"] = [{"type": "Ready", "status": "False"}]
    seen["endpoints"] = [item for item in seen["endpoints"] if item["service"] != "db"]
    upstream_complains(seen)


def no_service(seen: Json) -> None:
    seen["services"] = [item for item in seen["services"] if item["metadata"]["name"] != "db"]
    logs(seen, "orders", "ERROR query failed: getaddrinfo ENOTFOUND db")
    logs(seen, "front", "ERROR upstream orders answered 500 db error")


def other_labels(seen: Json) -> None:
    of(seen, "services", "db")["spec"]["selector"] = {"app": "database"}
    seen["endpoints"] = [item for item in seen["endpoints"] if item["service"] != "db"]
    upstream_complains(seen)


def other_port(seen: Json) -> None:
    for kind in ("deployments", "pods"):
        found = of(seen, kind, "orders")["spec"]
        boxes = found.get("template", {"spec": found})["spec"]["containers"]
        boxes[0]["env"] = [{"name": "DB_URL", "endpoints": ["postgres://db:5433/shop"]}]
    logs(seen, "orders", "ERROR query failed: connect ECONNREFUSED 10.9.0.182:5433")


def disk_full(seen: Json) -> None:
    logs(seen, "db", "ERROR:  could not extend file base/16384: No space left on device")
    logs(seen, "orders", "ERROR query failed: database answered with an error")


def price_list(seen: Json) -> None:
    logs(seen, "orders", "ERROR price list is missing, cannot calculate a total")
    logs(seen, "front", "ERROR upstream orders answered 500")


def loopback_only(seen: Json) -> None:
    refused(seen, until=1)


def refused_somewhere(seen: Json) -> None:
    """The log names no port, and orders is told one that the Service has not: that the database refuses is open."""
    other_port(seen)
    logs(seen, "orders", "query failed: nc: can't connect to remote host (10.9.0.182): Connection refused", times=5)


def refused_without_a_port(seen: Json) -> None:
    logs(seen, "orders", "query failed: nc: can't connect to remote host (10.9.0.182): Connection refused", times=5)


def ask(seen: Json, subject: str) -> Diagnosis:
    cluster = RecordedCluster({"shop": View.model_validate(seen)})
    found = TriageService(lambda: PLAYBOOKS, lambda: cluster).diagnose(TriageRequest(subject, "shop"), lambda _: None)
    assert isinstance(found, Diagnosis)
    return found


def once_at_start(seen: Json) -> None:
    logs(seen, "front", "ERROR cannot load the cache, trying again", times=1)


def refused(seen: Json, *, until: int, running: int = 3 * 3600) -> None:
    """No probe asks the database; orders was refused every two seconds, until so many seconds ago."""
    started = (NOW - timedelta(seconds=running)).isoformat()
    status = of(seen, "pods", "db")["status"]
    status["containerStatuses"][0]["state"]["running"]["startedAt"] = started
    status["conditions"][0]["lastTransitionTime"] = started
    times = [NOW - timedelta(seconds=until + 2 * number) for number in reversed(range(8))]
    line = "ERROR query failed: connect ECONNREFUSED 10.9.0.182:5432"
    text = "\n".join(f"{at.strftime('%Y-%m-%dT%H:%M:%SZ')} {line}" for at in times)
    seen["logs"].append({"pod": "orders-1-a", "container": "orders", "text": text})


def refused_until_it_listened(seen: Json) -> None:
    refused(seen, until=40, running=70)


def refused_a_while_ago(seen: Json) -> None:
    refused(seen, until=60)


def hangs(seen: Json) -> None:
    """Orders takes the calls and answers none."""
    logs(
        seen,
        "front",
        "2026/11/29 10:00:00 [error] 7#7: *31 upstream timed out (110: Connection timed out) while reading response "
        'header from upstream, client: 10.1.0.9, request: "GET /orders HTTP/1.1", host: "x", upstream: "http://10.9.0.80:8080/"',
    )


def hangs_on_its_database(seen: Json) -> None:
    """Near miss: orders is late because the database is, and says so."""
    hangs(seen)
    crashing(seen)


def picks_strangers(seen: Json) -> None:
    """The database's Service also picks the front's pod, which says of no port what it is."""
    for kind in ("deployments", "pods"):
        for name in ("db", "front"):
            found = of(seen, kind, name)
            found.get("spec", {}).get("template", found)["metadata"]["labels"]["tier"] = "data"
    box = of(seen, "deployments", "front")["spec"]["template"]["spec"]["containers"][0]
    del box["ports"]
    of(seen, "services", "db")["spec"]["selector"] = {"tier": "data"}
    refused(seen, until=1)


def sent_elsewhere(seen: Json) -> None:
    """The hosts file of the orders' pods sends the database's name to an address of before."""
    for kind in ("deployments", "pods"):
        spec = of(seen, kind, "orders")["spec"]
        spec.get("template", {"spec": spec})["spec"]["hostAliases"] = [{"ip": "10.255.0.9", "hostnames": ["db"]}]
    logs(seen, "orders", "ERROR query failed: connect ETIMEDOUT db:5432")


def sent_where_it_is(seen: Json) -> None:
    for kind in ("deployments", "pods"):
        spec = of(seen, kind, "orders")["spec"]
        spec.get("template", {"spec": spec})["spec"]["hostAliases"] = [{"ip": "10.9.0.182", "hostnames": ["db"]}]


def for_no_node(seen: Json) -> None:
    """A DaemonSet for nodes that there are none of."""
    made = copy.deepcopy(of(seen, "deployments", "db"))
    labels = {"app": "scan"}
    made |= {"kind": "DaemonSet", "metadata": {"name": "scan", "uid": "ds-scan", "creationTimestamp": LONG_AGO}}
    made["spec"] |= {"replicas": 0, "selector": {"matchLabels": labels}}
    made["spec"]["template"]["metadata"]["labels"] = labels
    made["status"] = {}
    seen["daemonsets"] = [made]


def optional_collector(seen: Json) -> None:
    box = of(seen, "deployments", "front")["spec"]["template"]["spec"]["containers"][0]
    box["env"].append({"name": "OTEL_EXPORTER_ENDPOINT", "endpoints": ["http://collector:4317"]})


def no_errors(seen: Json) -> None:
    logs(seen, "orders", "INFO served 200 requests, 0 errors, error_rate=0")


def left_over(seen: Json) -> None:
    seen["services"].append(
        {"metadata": {"name": "legacy", "namespace": "shop"}, "spec": {"selector": {"app": "gone"}, "ports": []}}
    )


FAULTS: dict[str, tuple[Break, str, str]] = {
    "the database is scaled to zero": (scaled_to_zero, "db-scaled-to-zero", "deployment/db"),
    "the database crashes": (crashing, "db-crash-looping", "deployment/db"),
    "its Service is gone": (no_service, "db-service-missing", "service/db"),
    "its Service selects other labels": (other_labels, "db-service-selector-mismatch", "service/db"),
    "orders calls another port": (other_port, "orders-to-db-url-wrong", "deployment/orders"),
    "the database's disk is full": (disk_full, "db-log-errors", "deployment/db"),
    "the database listens for its own pod only": (loopback_only, "db-service-nothing-listens", "service/db"),
    "the database refuses, and the log names no port": (
        refused_without_a_port,
        "db-service-nothing-listens",
        "service/db",
    ),
    "orders calls another port, and the log names none": (
        refused_somewhere,
        "orders-to-db-url-wrong",
        "deployment/orders",
    ),
    "its name is sent elsewhere": (sent_elsewhere, "orders-to-db-url-wrong", "deployment/orders"),
    "orders answers nothing": (hangs, "orders-service-not-answering", "deployment/orders"),
    "orders waits for its database": (hangs_on_its_database, "db-crash-looping", "deployment/db"),
    "its Service picks a stranger too": (picks_strangers, "db-service-too-wide", "service/db"),
    "a price list is missing": (price_list, "orders-log-errors", "deployment/orders"),
}


@pytest.mark.parametrize("where", ["namespace/shop", "deployment/front", "the object"])
@pytest.mark.parametrize(("fault", "cause", "thing"), FAULTS.values(), ids=FAULTS)
def test_one_cause_is_named_wherever_the_question_is_asked(fault: Break, cause: str, thing: str, where: str) -> None:
    seen = shop()
    fault(seen)
    found = ask(seen, thing if where == "the object" else where)
    assert [item.id for item in found.root_causes] == [cause], found.headline


WELL = [
    None,
    once_at_start,
    optional_collector,
    no_errors,
    left_over,
    refused_until_it_listened,
    refused_a_while_ago,
    sent_where_it_is,
    for_no_node,
]


@pytest.mark.parametrize("change", WELL)
@pytest.mark.parametrize("subject", ["namespace/shop", "deployment/front"])
def test_what_is_well_is_not_accused(change: Break | None, subject: str) -> None:
    seen = shop()
    if change is not None:
        change(seen)
    found = ask(seen, subject)
    assert found.verdict.value == "healthy", found.headline


def test_an_empty_namespace_is_neither_well_nor_broken() -> None:
    seen = {"cluster": "test", "namespace": "shop", "collected_at": NOW.isoformat()}
    found = ask(seen, "namespace/shop")
    assert (found.verdict.value, found.headline) == ("inconclusive", "Namespace shop: nothing runs there.")


def test_a_namespace_that_is_being_deleted_is_said_to_be() -> None:
    seen = shop() | {"namespaces": [{"metadata": {"name": "shop"}, "status": {"phase": "Terminating"}}]}
    assert [item.id for item in ask(seen, "namespace/shop").root_causes] == ["namespace-terminating"]


LISTS = [
    "pods",
    "services",
    "endpoints",
    "deployments",
    "replicasets",
    "statefulsets",
    "configmaps",
    "networkpolicies",
    "events",
    "resourcequotas",
    "persistentvolumeclaims",
    "nodes",
    "namespaces",
    "daemonsets",
    "jobs",
    "cronjobs",
    "ingresses",
    "horizontalpodautoscalers",
]


@pytest.mark.parametrize("resource", sampled(LISTS, 3))
@pytest.mark.parametrize("fault", [None, scaled_to_zero, no_service, disk_full])
def test_with_one_right_missing_an_answer_gets_weaker_and_never_wrong(resource: str, fault: Break | None) -> None:
    seen = shop()
    if fault is not None:
        fault(seen)
    whole = {item.id for item in ask(copy.deepcopy(seen), "namespace/shop").root_causes if not item.state}
    gap = {"reason": "forbidden", "what": resource, "verb": "list", "resource": resource, "namespace": "shop"}
    found = ask({**seen, resource: [], "gaps": {resource: gap}}, "namespace/shop")
    said = {item.id for item in found.root_causes if not item.state}
    assert said <= whole | {f"{name}-log-errors" for name in PORTS}, found.headline
    assert not (whole and found.verdict.value == "healthy")
