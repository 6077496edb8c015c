"""Every place of a view that holds free text or a configured value is redacted, and no other is touched."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from bot.domain.facts import Gap, GapReason
from bot.domain.kubernetes import (
    Condition,
    ConfigMap,
    Container,
    ContainerState,
    ContainerStatus,
    EnvVar,
    Event,
    ObjectMeta,
    Pod,
    PodSpec,
    PodStatus,
    Workload,
)
from bot.domain.symptoms import Symptom
from bot.domain.view import ContainerLog, ForeignService, HealthAnswer, View
from bot.redaction import Redactor
from bot.redaction.symptoms import redact_symptoms
from bot.redaction.view import _FIELDS, adopt_view, redact_view

NOW = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)
LEAK = "it said password=hunter2 there"
CLEAN = "it said password=‹password:1› there"
LABELS = {"Taint.value", "Toleration.value"}
"""Words that the API server lets nobody write a secret into."""
TELLING = {"message", "detail", "text", "value", "data", "annotations", "command", "args", "log", "body", "stdout"}


def view(**parts: Any) -> View:
    return View(cluster="lab", namespace="onyx", collected_at=NOW, **parts)


def pod(**parts: Any) -> View:
    return view(pods=(Pod(metadata=ObjectMeta(name="p"), **parts),))


def state(**parts: Any) -> View:
    status = ContainerStatus(name="c", **parts)
    return pod(status=PodStatus(container_statuses=(status,)))


PLACES: dict[str, View] = {
    "log": view(logs=(ContainerLog(pod="p", container="c", text=LEAK),)),
    "event": view(events=(Event(message=LEAK),)),
    "annotation": view(deployments=(Workload(metadata=ObjectMeta(annotations={"note": LEAK})),)),
    "template annotation": view(
        deployments=(Workload.model_validate({"spec": {"template": {"metadata": {"annotations": {"a": LEAK}}}}}),)
    ),
    "pod condition": pod(status=PodStatus(conditions=(Condition(message=LEAK),))),
    "pod message": pod(status=PodStatus(message=LEAK)),
    "waiting": state(state=ContainerState.model_validate({"waiting": {"message": LEAK}})),
    "terminated": state(last_state=ContainerState.model_validate({"terminated": {"message": LEAK}})),
    "arguments": pod(spec=PodSpec(containers=(Container(args=("run", LEAK)),))),
    "init command": pod(spec=PodSpec(init_containers=(Container(command=("sh", "-c", LEAK)),))),
    "variable": pod(spec=PodSpec(containers=(Container(env=(EnvVar(name="NOTE", value=LEAK),)),))),
    "ConfigMap": view(configmaps=(ConfigMap(data={"NOTE": LEAK}),)),
    "health": view(health=(HealthAnswer(target="pod/p", port="1", path="/", detail=LEAK),)),
    "gap": view(gaps={"pods": Gap(GapReason.FAILED, "pods", LEAK)}),
    "gap of a log": view(logs=(ContainerLog(pod="p", container="c", gap=Gap(GapReason.FAILED, "log", LEAK)),)),
    "gap of a Service": view(
        foreign_services=(ForeignService(namespace="n", name="s", gap=Gap(GapReason.FAILED, "s", LEAK)),)
    ),
}


@pytest.mark.parametrize("place", PLACES)
def test_a_secret_is_hidden_in(place: str) -> None:
    before = PLACES[place].model_dump_json()
    after = redact_view(PLACES[place], Redactor()).model_dump_json()
    assert "hunter2" in before
    assert after == before.replace(LEAK, CLEAN)


def test_equal_secrets_in_different_places_get_one_token() -> None:
    everything = view(
        logs=(ContainerLog(pod="p", container="c", text=LEAK),),
        events=(Event(message=LEAK),),
        configmaps=(ConfigMap(data={"DB_PASSWORD": "hunter2", "HOST": "db"}),),
    )
    redactor = Redactor()
    found = redact_view(everything, redactor)
    assert found.configmaps[0].data == {"DB_PASSWORD": "‹password:1›", "HOST": "db"}
    assert redactor.hidden["password"].secrets == 1
    replay = Redactor()
    adopt_view(found, replay)
    assert replay.present == redactor.present == {"password": 1}
    assert redact_view(found, Redactor()) is found


def test_names_addresses_and_times_stay() -> None:
    evidence = view(
        pods=(
            Pod.model_validate(
                {
                    "metadata": {"name": "api-server-6b9fcf557d-vhtcz", "uid": "0f8fad5b-d9cb-469f-a165-70867728950e"},
                    "spec": {"containers": [{"name": "api", "image": f"r/app@sha256:{'0a1b' * 16}"}]},
                    "status": {"podIP": "10.0.0.7", "phase": "Running"},
                }
            ),
        ),
        configmaps=(ConfigMap(data={"INTERNAL_URL": "http://api-server:8080"}, keys=("PASSWORD", "TOKEN")),),
        logs=(ContainerLog(pod="p", container="c", text="connect ECONNREFUSED 172.30.154.48:8080"),),
    )
    assert redact_view(evidence, Redactor()) is evidence


def test_lines_and_fields_of_symptoms_are_redacted_with_the_same_tokens() -> None:
    symptom = Symptom("s", "S", "s", "onyx", 1, (LEAK,), fields={"address": "10.0.0.7", "url": "http://u:hunter2@api"})
    redactor = Redactor()
    redact_view(PLACES["log"], redactor)
    (found,) = redact_symptoms((symptom,), redactor)
    assert found.lines == (CLEAN,)
    assert found.fields == {"address": "10.0.0.7", "url": "http://u:‹password:1›@api"}


def test_a_token_in_a_paste_is_not_taken_for_the_secret_that_has_its_number_here() -> None:
    """People paste what a card has shown them, and a replica takes over symptoms that another one has redacted."""
    redactor = Redactor()
    redact_view(PLACES["log"], redactor)
    pasted = Symptom("s", "S", "s", "onyx", 1, ("password=‹password:1› token=‹token:4›",), fields={"a": "‹password:1›"})
    (found,) = redact_symptoms((pasted,), redactor)
    assert found.lines == ("password=‹password:2› token=‹token:1›",)
    assert found.fields == {"a": "‹password:2›"}
    assert redact_symptoms((found,), Redactor())[0].lines == ("password=‹password:1› token=‹token:1›",)


def test_no_field_that_sounds_like_free_text_is_forgotten() -> None:
    """A new `message` or `data` of a model must be in the table of fields, or this fails."""
    forgotten = [
        f"{model.__name__}.{name}"
        for model in set(_models(View))
        for name in model.model_fields
        if name in TELLING and name not in _FIELDS.get(model, {}) and f"{model.__name__}.{name}" not in LABELS
    ]
    assert forgotten == []


def _models(kind: Any) -> Iterator[type[BaseModel]]:
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        yield kind
        for field in kind.model_fields.values():
            yield from _models(field.annotation)
    for item in get_args(kind):
        yield from _models(item)
