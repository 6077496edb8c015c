"""An address in what is told is named where a Service has it, once, and nothing else is touched."""

import pytest

from bot.domain.kubernetes import Service
from bot.domain.places import place_words
from bot.engine.explain.addresses import with_names

SERVICES = tuple(
    Service.model_validate({"metadata": {"name": name}, "spec": {"clusterIP": ip}})
    for name, ip in (("db", "10.96.4.2"), ("cache", "10.96.4.3"), ("headless", "None"))
)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("connect ECONNREFUSED 10.96.4.2:5432", "connect ECONNREFUSED 10.96.4.2:5432 (Service db)"),
        ("remote host (10.96.4.3): refused, 10.96.4.3", "remote host (10.96.4.3 (Service cache)): refused, 10.96.4.3"),
        ("last error: ipv4:10.96.4.2:9090: refused", "last error: ipv4:10.96.4.2:9090 (Service db): refused"),
        # It names the Service itself.
        ("db logs: 10.96.4.2:5432 refused", "db logs: 10.96.4.2:5432 refused"),
        # db-primary is another one.
        ("db-primary at 10.96.4.2", "db-primary at 10.96.4.2 (Service db)"),
        # Nobody's address, a version, a part of a URL.
        ("connect 10.0.0.9:80, release 10.96.4.2.1, http://10.96.4.2:80/x", None),
        ("all is well", None),
    ],
)
def test_the_name_stands_behind_the_address(text: str, told: str | None) -> None:
    assert with_names(text, SERVICES) == (text if told is None else told)


def test_a_whole_namespace_is_said_once() -> None:
    assert place_words("namespace/shop", "shop", "lab") == ("namespace shop", "cluster lab")
    assert place_words("deployment/web", "shop", "lab") == ("deployment/web", "namespace shop", "cluster lab")
    assert place_words("namespace/shop", "other", "lab")[0] == "namespace/shop"
