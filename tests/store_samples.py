"""Changes, incidents, buttons and questions to put into a store."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from bot.domain.changes import Change, ChangeState, Person, Write
from bot.domain.incidents import Button, Incident, PendingRequest, Received
from bot.domain.remedies import Parameter, Remedy, Risk, Step, StepKind

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
ANNA, BEN, CLEO = (Person(user=user, team="T1", name=user.lower()) for user in ("ANNA", "BEN", "CLEO"))
S = ChangeState

LIMIT_PATCH = {
    "spec": {"template": {"spec": {"containers": [{"name": "api", "resources": {"limits": {"memory": "4Gi"}}}]}}}
}


def a_remedy(**fields: Any) -> Remedy:
    given: dict[str, Any] = {
        "id": "raise-memory-api",
        "kind": "raise_memory",
        "title": "Raise memory to 4Gi …",
        "target": "deployment/api-server",
        "role": "operator",
        "command": "kubectl set resources deployment/api-server --limits=memory=4Gi",
        "patch": LIMIT_PATCH,
        "steps": (Step(StepKind.PATCH, "deployment/api-server", LIMIT_PATCH),),
        "parameters": (Parameter("memory_limit", "Memory limit", "4Gi", "2Gi"),),
        "risk": Risk.MEDIUM,
    }
    return Remedy(**{**given, **fields})


def a_write() -> Write:
    return Write(
        api_version="apps/v1",
        kind="Deployment",
        namespace="onyx",
        name="api-server",
        body=LIMIT_PATCH,
        content_type="application/strategic-merge-patch+json",
        uid="8c1f",
        generation=7,
        resource_version="81123",
        before={"spec": {"replicas": None, "note": "zwölf „Zeichen“ \u2028 and \x00"}},
    )


def a_change(number: int = 1, **fields: Any) -> Change:
    given: dict[str, Any] = {
        "id": f"change-{number}",
        "app": "onyx",
        "cluster": "prod-eu",
        "namespace": "onyx",
        "cause": "api-oom-killed",
        "remedy": a_remedy(),
        "incident": "incident-1",
        "writes": (a_write(),),
        "digest": "ab" * 32,
        "offered_at": NOW,
        "expires_at": NOW + timedelta(minutes=30),
        "due_at": NOW + timedelta(minutes=30),
        "details": {"ts": "1700000000.000100"},
    }
    return Change(**{**given, **fields})


def an_incident(number: int = 1, **fields: Any) -> Incident:
    given: dict[str, Any] = {
        "id": f"incident-{number}",
        "key": "prod-eu/onyx/onyx api-oom-killed@deployment/api-server",
        "app": "onyx",
        "cluster": "prod-eu",
        "namespace": "onyx",
        "title": "The API server is being killed for memory",
        "team": "T1",
        "channel": "C1",
        "opened_at": NOW,
        "updated_at": NOW,
        "request": {"app": "onyx", "symptoms": [{"id": "api_unreachable", "lines": ["\ud83d half a pair", "tab\t"]}]},
    }
    return Incident(**{**given, **fields})


def a_button(kind: str = "details", card: str = "card-1", **fields: Any) -> Button:
    given: dict[str, Any] = {
        "team": "T1",
        "channel": "C1",
        "payload": {"change": "change-1"},
        "issued_at": NOW,
        "expires_at": NOW + timedelta(hours=1),
    }
    return Button(kind=kind, card=card, **{**given, **fields})


def a_received(number: int = 1, **fields: Any) -> Received:
    given: dict[str, Any] = {
        "id": f"received-{number}",
        "team": "T1",
        "channel": "C1",
        "ts": f"1{number}.000100",
        "received_at": NOW + timedelta(seconds=number),
        "owner": "replica-a",
        "owned_until": NOW + timedelta(seconds=30),
    }
    return Received(**{**given, **fields})


def a_question(number: int = 1, **fields: Any) -> PendingRequest:
    given: dict[str, Any] = {
        "id": f"question-{number}",
        "place": {"channel": "C1"},
        "request": {"app": "onyx"},
        "asked_at": NOW + timedelta(seconds=number),
        "owner": "replica-a",
        "owned_until": NOW + timedelta(seconds=30),
    }
    return PendingRequest(**{**given, **fields})
