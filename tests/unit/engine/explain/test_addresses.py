"""An address in what is told is named where a Service has it, once, and nothing else is touched."""

import pytest

from bot.domain.kubernetes import Service
from bot.domain.places import place_words
from bot.domain.view import View
from bot.engine.calls import read_failed_calls
from bot.engine.explain.addresses import named_addresses, with_names

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


VIEW = View.model_validate(
    {
        "cluster": "lab",
        "namespace": "shop",
        "collected_at": "2026-11-30T10:00:00Z",
        "services": [
            {"metadata": {"name": "db"}, "spec": {"clusterIP": "10.96.4.2", "clusterIPs": ["10.96.4.2", "fd00::2"]}},
            {"metadata": {"name": "peers"}, "spec": {"clusterIP": "None"}},
        ],
        "pods": [
            {
                "metadata": {"name": name, "creationTimestamp": "2026-11-30T09:00:00Z"},
                "spec": {"hostNetwork": name == "agent"},
                "status": {"podIP": ip},
            }
            for name, ip in (("db-0", "10.85.0.7"), ("agent", "172.30.0.1"))
        ],
    }
)


@pytest.mark.parametrize(
    ("address", "hour", "name"),
    [
        ("10.96.4.2:5432", 8, "Service db"),
        ("[fd00::2]:5432", 9, "Service db"),
        ("10.85.0.7:5432", 9, "pod db-0"),
        ("10.85.0.7:5432", 8, None),  # before that pod began, the address was another's
        ("172.30.0.1:443", 9, None),  # the address of a node is not only that pod's
        ("10.96.9.9:80", 9, None),
    ],
)
def test_a_failed_call_went_to_whose_address_it_is(address: str, hour: int, name: str | None) -> None:
    calls = read_failed_calls(f"2026-11-30T0{hour}:30:00Z dial tcp {address}: connect: connection refused")
    assert [call.at.hour for call in calls if call.at] == [hour]
    assert list(named_addresses(VIEW, calls).values()) == ([name] if name else [])
