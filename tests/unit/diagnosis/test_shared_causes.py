"""What several workloads have from one and the same thing is one root cause, which names them."""

from __future__ import annotations

import pytest

from bot.domain.diagnosis import Cost
from bot.incidents.cards import card
from bot.incidents.terminal import diagnosis_text
from tests.unit.diagnosis.test_shop import Json, ask, logs, of, shop

WEBHOOK = "guard.example.com"


def refused(seen: Json, name: str, webhook: str = WEBHOOK) -> None:
    """The pods of this workload cannot be made: the webhook does not answer."""
    message = (
        f'pods "{name}-1-" is forbidden: Internal error occurred: failed calling webhook "{webhook}": failed to call '
        'webhook: Post "https://guard.policy.svc:443/check?timeout=10s": service "guard" not found'
    )
    failing = {"type": "ReplicaFailure", "status": "True", "reason": "FailedCreate", "message": message}
    status = of(seen, "deployments", name)["status"]
    status.update({"readyReplicas": 0, "updatedReplicas": 0, "conditions": [failing]})
    seen["pods"] = [item for item in seen["pods"] if item["metadata"]["name"] != f"{name}-1-a"]
    seen["endpoints"] = [item for item in seen["endpoints"] if item["service"] != name]


@pytest.mark.parametrize("subject", ["namespace/shop", "deployment/front"])
def test_a_webhook_that_refuses_three_workloads_is_one_cause(subject: str) -> None:
    seen = shop()
    for name in ("front", "orders", "db"):
        refused(seen, name)
    found = ask(seen, subject)
    assert [(item.id, item.shared_with, item.chain) for item in found.root_causes] == [
        ("db-webhook-down", ("front", "orders"), ())
    ]
    root = found.root_causes[0]
    assert root.title.endswith("keeps db's pods from being made (and front and orders)")
    assert root.sentence.endswith("The same holds for front and orders.")
    shown = [diagnosis_text(found, Cost(), width=300), *(str(item.items) for item in card(found).sections)]
    assert not any("keeps the front's pods" in text or "keeps the orders's pods" in text for text in shown)
    folded = {item.id: item.explained_by for item in found.causes if item.id.endswith("-webhook-down")}
    assert folded == {"db-webhook-down": None, "front-webhook-down": root.id, "orders-webhook-down": root.id}


def test_what_follows_from_it_anywhere_follows_from_the_one() -> None:
    seen = shop()
    refused(seen, "db")
    refused(seen, "orders")
    logs(seen, "front", "ERROR upstream orders: connect ECONNREFUSED 10.9.0.80:8080")
    found = ask(seen, "namespace/shop")
    assert [item.id for item in found.root_causes] == ["db-webhook-down"]
    assert {item.explained_by for item in found.causes if item.id == "front-log-errors"} == {"db-webhook-down"}


def test_two_webhooks_are_two_causes() -> None:
    """Near miss: the same kind of fault, from two different things."""
    seen = shop()
    refused(seen, "front")
    refused(seen, "db", "other.example.com")
    found = ask(seen, "namespace/shop")
    assert {item.id: item.shared_with for item in found.root_causes} == {
        "db-webhook-down": (),
        "front-webhook-down": (),
    }


def test_one_workload_is_told_as_before() -> None:
    seen = shop()
    refused(seen, "db")
    root = ask(seen, "namespace/shop").root_causes[0]
    assert (root.id, root.title.endswith("keeps db's pods from being made")) == ("db-webhook-down", True)
    assert "The same holds" not in root.sentence
