"""The way from who suffers to the root cause, told in one line; and a namespace's answer, which fits on one screen."""

from __future__ import annotations

import json
from pathlib import Path
from typing import NoReturn

import pytest

from bot.adapters.slack.render.details import details
from bot.diagnosis.ports import TriageRequest
from bot.diagnosis.report import diagnosis_report
from bot.diagnosis.service import TriageService
from bot.diagnosis.snapshot import decode_snapshot
from bot.domain.diagnosis import Cost, Diagnosis
from bot.incidents.cards import card
from bot.incidents.terminal import diagnosis_text
from tests.unit.diagnosis.test_shop import (
    PLAYBOOKS,
    Break,
    Json,
    ask,
    crashing,
    disk_full,
    logs,
    no_service,
    of,
    other_labels,
    other_port,
    price_list,
    shop,
    upstream_complains,
)

VIEWS = Path(__file__).parents[2] / "views"


def chained(name: str, callee: str) -> Json:
    """A Deployment with its pod and Service, which calls another one."""
    made = json.loads(json.dumps(shop()).replace("front", name).replace("http://orders:", f"http://{callee}:"))
    kinds = ("deployments", "replicasets", "pods", "services", "endpoints")
    found: Json = {kind: made[kind][0] for kind in kinds}
    found["services"]["spec"]["clusterIP"] = "None"
    found["deployments"]["spec"]["template"]["spec"]["containers"][0]["env"][0]["endpoints"] = [f"http://{callee}:3000"]
    return found


def claim_pending(seen: Json) -> None:
    """The database waits for a volume of a class that does not exist."""
    scaled = of(seen, "pods", "db")
    scaled["spec"]["volumes"] = [{"name": "data", "persistentVolumeClaim": {"claimName": "db-data"}}]
    message = "0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims."
    waits = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": message}
    scaled["status"] = {"phase": "Pending", "conditions": [waits]}
    seen["endpoints"] = [item for item in seen["endpoints"] if item["service"] != "db"]
    seen["persistentvolumeclaims"] = [
        {
            "metadata": {"name": "db-data"},
            "spec": {"storageClassName": "fast", "accessModes": ["ReadWriteOnce"]},
            "status": {"phase": "Pending"},
        }
    ]
    seen["storageclasses"] = [{"metadata": {"name": "standard"}}]
    upstream_complains(seen)


CHAINS: list[tuple[Break, str, list[str]]] = [
    (claim_pending, "deployment/front", ["front", "orders", "db", "claim db-data"]),
    (claim_pending, "namespace/shop", ["front", "orders", "db", "claim db-data"]),
    (claim_pending, "deployment/orders", ["orders", "db", "claim db-data"]),
    (claim_pending, "deployment/db", []),
    (crashing, "namespace/shop", ["front", "orders", "db"]),
    (disk_full, "namespace/shop", ["orders", "db"]),  # the front does not suffer
    (other_labels, "deployment/front", ["front", "orders", "Service db"]),
    (other_labels, "service/db", []),
    (no_service, "service/db", []),
    (other_port, "deployment/front", ["front", "orders"]),
    (other_port, "deployment/orders", []),
    (price_list, "deployment/orders", []),
]


@pytest.mark.parametrize(("fault", "subject", "chain"), CHAINS)
def test_the_way_to_the_cause_is_told_in_one_line(fault: Break, subject: str, chain: list[str]) -> None:
    seen = shop()
    fault(seen)
    found = ask(seen, subject)
    report = diagnosis_report(found, Cost())
    assert [item["chain"] for item in report["causes"] if item["id"] == found.root_causes[0].id] == [chain]
    rows = [text.split() for text in diagnosis_text(found, Cost(), width=300).splitlines() if text.startswith("Chain ")]
    assert rows == ([["Chain", *" → ".join(chain).split()]] if chain else [])
    assert [item.items for item in card(found).sections if item.label == "Chain"] == (
        [(" → ".join(chain),)] if chain else []
    )


def test_a_way_that_the_view_does_not_show_is_not_told() -> None:
    """Near miss: the front names orders nowhere any more, and the Service on the way picks nobody."""
    seen = shop()
    crashing(seen)
    of(seen, "services", "orders")["spec"]["selector"] = {"app": "other"}
    assert all(
        "db" not in item.chain for item in ask(seen, "namespace/shop").root_causes if item.chain[:1] == ("front",)
    )


def test_a_long_way_and_a_circle_have_an_end() -> None:
    names = [f"w{number:02}" for number in range(20)]
    seen: Json = {**shop(), "deployments": [], "replicasets": [], "pods": [], "services": [], "endpoints": []}
    calls = dict(zip(names, [*names[1:], names[0]], strict=True))
    for name in names:
        one = chained(name, calls[name])
        for kind, item in one.items():
            seen[kind].append(item)
    logs(seen, names[-1], "ERROR price list is missing, cannot calculate a total")
    chain = ask(seen, f"deployment/{names[0]}").root_causes[0].chain
    assert chain == (*names[:3], "…", *names[-4:])


def test_a_namespace_is_answered_causes_first_each_with_what_follows() -> None:
    seen = shop()
    crashing(seen)
    lines = diagnosis_text(ask(seen, "namespace/shop"), Cost(), width=300).splitlines()
    fixes = ("Fix", "Best fix", "Or")
    labels = [one for line in lines[3:] if (one := line.split("  ")[0].strip()) and one not in fixes]
    assert labels[:4] == ["Root cause (confirmed)", "Chain", "Explains", "Because"]
    (looked_at,) = [line for line in lines if line.startswith("Looked at")]
    assert looked_at.endswith("3 workloads: 0 well, 3 not well. The logs of 1 were not read.")
    assert not any("No playbook describes it" in line for line in lines)


def test_who_calls_whom_stands_in_the_details_with_the_broken_call_marked_and_first() -> None:
    seen = shop()
    crashing(seen)
    found = ask(seen, "namespace/shop")
    assert found.graph == (
        "✗ orders → db by postgres://db:5432/shop: deployment/db has 0 of 1 pods ready",
        "  front → orders",
    )
    assert diagnosis_report(found, Cost())["graph"] == list(found.graph)
    modal = json.dumps(details(found), ensure_ascii=False)
    assert all(line in modal for line in found.graph)
    assert modal.index("Who calls whom") < modal.index("Failing")


def test_nothing_is_marked_where_all_is_well_and_an_app_of_a_playbook_has_no_graph() -> None:
    assert ask(shop(), "namespace/shop").graph == ("  front → orders", "  orders → db")
    assert "Who calls whom" not in json.dumps(details(described("healthy")))


def test_of_many_calls_the_broken_ones_are_kept_and_the_others_counted() -> None:
    seen = shop()
    for number in range(30):
        for kind, item in chained(f"w{number:02}", f"s{number:02}").items():
            seen[kind].append(item)
    crashing(seen)
    graph = ask(seen, "namespace/shop").graph
    assert graph[0].startswith("✗ orders → db")
    assert (len(graph), graph[-1]) == (26, "  and 7 more")


def described(name: str) -> Diagnosis:
    """The diagnosis of a recorded view of an app that has a playbook."""
    view = decode_snapshot((VIEWS / f"{name}.json.gz").read_bytes(), name, "onyx").view
    return TriageService(lambda: PLAYBOOKS, no_cluster).replay(view, TriageRequest("onyx", view.namespace))


def no_cluster() -> NoReturn:
    raise AssertionError("a snapshot must not ask for a cluster")


@pytest.mark.parametrize(
    ("name", "chain"),
    [
        ("postgres-crashing", ("web server", "API server", "Postgres")),
        ("redis-scaled-to-zero", ("web server", "API server", "Redis")),
        ("oom", ()),  # one call: the headline says it
        ("rollout-stuck", ()),  # nobody feels it
    ],
)
def test_an_app_of_a_playbook_is_told_the_way_as_well(name: str, chain: tuple[str, ...]) -> None:
    (root,) = described(name).root_causes
    assert root.chain == chain
