"""Variables are put together as Kubernetes does it; what refers to something that cannot be seen is unknown."""

from typing import Any

import pytest

from bot.adapters.kube.read import field_filter
from bot.domain.kubernetes import Container
from bot.domain.view import View
from bot.engine.values.environment import variable_of

SERVICE = {
    "metadata": {"name": "api-server"},
    "spec": {"clusterIP": "10.0.0.7", "ports": [{"name": "http", "port": 8080}, {"name": "admin", "port": 9000}]},
}
VIEW = View.model_validate(
    {"cluster": "c", "namespace": "n", "collectedAt": "2026-11-23T10:00:00Z", "services": [SERVICE]}
)
SECRET = {"name": "HOST", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}


def container(value: str, *before: dict[str, Any], after: tuple[dict[str, Any], ...] = ()) -> Container:
    return Container.model_validate({"name": "web", "env": [*before, {"name": "URL", "value": value}, *after]})


def plain(name: str, value: str) -> dict[str, Any]:
    return {"name": name, "value": value}


@pytest.mark.parametrize(
    ("read", "value"),
    [
        (container("http://$(HOST):8080", plain("HOST", "api")), "http://api:8080"),
        (container("http://$(A)", plain("B", "api"), plain("A", "$(B)-x")), "http://api-x"),
        (container("http://$(HOST)"), "http://$(HOST)"),
        (container("http://$(HOST)", after=(plain("HOST", "api"),)), "http://$(HOST)"),
        (container("$$(HOST)", plain("HOST", "api")), "$(HOST)"),
        (container("http://$(API_SERVER_SERVICE_HOST):$(API_SERVER_SERVICE_PORT)"), "http://10.0.0.7:8080"),
        (container("$(API_SERVER_SERVICE_PORT_ADMIN)"), "9000"),
        (container("http://$(OTHER_SERVICE_HOST)"), "http://$(OTHER_SERVICE_HOST)"),
        (container("http://$(HOST)", SECRET), None),
        (container("http://$(HOST)", {"name": "HOST", "valueFrom": {}}), None),
    ],
)
def test_references_are_filled_in(read: Container, value: str | None) -> None:
    found = variable_of(read, "URL", VIEW)
    assert found.value == value
    assert (found.gap is None) == (value is not None)


def test_a_reference_keeps_its_value_at_the_door_and_a_secret_does_not() -> None:
    env = [
        plain("HOST", "api"),
        plain("DB_PASSWORD", "hunter2"),
        plain("UNASKED", "x"),
        plain("URL", "http://u:$(DB_PASSWORD)@$(HOST):$(SECRET_PORT)"),
        plain("SECRET_PORT", "1"),
    ]
    kept = field_filter.pod({"spec": {"containers": [{"env": env}]}}, frozenset({"URL"}))
    values = {item["name"]: item.get("value") for item in kept["spec"]["containers"][0]["env"]}
    assert values["HOST"] == "api"
    assert {name for name, value in values.items() if value is None} == {"DB_PASSWORD", "UNASKED", "SECRET_PORT"}
    assert "hunter2" not in str(values)
