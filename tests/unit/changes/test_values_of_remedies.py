"""What a person types as a remedy's value: plain ASCII, sane amounts, and URLs that lead to a Service by its name."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.changes.deps import SERVICES
from bot.changes.policy.bounds import _SERVICE
from bot.changes.previewing import _leads_to_a_service
from bot.domain.changes import Change
from bot.domain.errors import ParameterRefused
from bot.domain.remedies import Parameter, Remedy, Step, StepKind
from bot.engine.remedies.parameters import with_parameters
from bot.engine.values.address import parse_address
from bot.engine.values.quantities import cpu_thousandths, memory_bytes

REFUSED = {
    "memory_limit": [
        "２Gi",
        "٨Gi",
        "0" * 400 + "2Gi",
        "02Gi",
        "0Gi",
        "65Ti",
        "1" * 30,
        "2Gi\u200b",
        "-1Gi",
        "2 Gi",
        "1e9",
    ],
    "cpu_limit": ["２", "٢", "007", "0", "4097", "1" * 20, "0.0001m", "½"],
    "replicas": ["２", "02", "0", "1001", "99999999999", "1.5"],
    "seconds": ["٣٠", "030", "86401"],
    "port": ["８０", "08080", "65536", "0"],
    "path": ["/heal\u00a0th", "/ｈealth"],
    "url": ["http://аpi-server:8080", "http://api\u200b-server", "http://api－server"],
}
ACCEPTED = {
    "memory_limit": ["2Gi", "512Mi", "1.5Gi", "2000000000", "2G"],
    "cpu_limit": ["2", "500m", "0.5", "1.25"],
    "replicas": ["1", "10"],
    "seconds": ["0", "30"],
    "port": ["8080", "http"],
    "path": ["/health"],
    "url": ["http://api-server:8080", "http://api-server.other"],
}


def remedy(name: str) -> Remedy:
    return Remedy(
        "x", "none", "Set", "deployment/api", "operator", "", steps=(Step(StepKind.RESTART, "deployment/api"),),
        parameters=(Parameter(name, name, "1", "1"),),
    )  # fmt: skip


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in REFUSED.items() for value in values])
def test_what_no_api_server_would_take_or_nobody_means_is_refused(name: str, value: str) -> None:
    with pytest.raises(ParameterRefused):
        with_parameters(remedy(name), {name: value})


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in ACCEPTED.items() for value in values])
def test_what_people_write_is_accepted(name: str, value: str) -> None:
    assert with_parameters(remedy(name), {name: value}).parameters[0].value == value


@pytest.mark.parametrize("digits", ["２", "٨", "२", "𝟐"])
def test_other_scripts_have_no_digits(digits: str) -> None:
    assert memory_bytes(f"{digits}Gi") is None
    assert cpu_thousandths(digits) is None


@pytest.mark.parametrize(
    "host",
    [
        "2852039166",
        "0xa9fea9fe",
        "0XA9FEA9FE",
        "10",
        "127.1",
        "0x7f.1",
        "0251.0376.0251.0376",
        "169.254.43518",
        "1.2.3.4",
    ],
)
def test_an_address_in_disguise_is_no_service(host: str) -> None:
    address = parse_address(f"http://{host}:80", "onyx")
    assert address is not None
    assert address.kind in ("ip", "loopback")


@pytest.mark.parametrize(
    "host", ["10api", "0x10g", "-api", "api-", "Api", "api_server", "a" * 64, "api..onyx", "api.onyx.svc.evil"]
)
def test_a_service_is_named_as_rfc_1035_says(host: str) -> None:
    assert _SERVICE.fullmatch(host) is None


@pytest.mark.parametrize("host", ["api", "api-server", "api.onyx", "a1.1st-namespace", "api.onyx.svc.cluster.local"])
def test_names_of_services_are_accepted(host: str) -> None:
    assert _SERVICE.fullmatch(host)


def change(*services: str) -> Change:
    now = datetime(2026, 11, 29, tzinfo=UTC)
    return Change(
        id="c1", app="onyx", cluster="prod", namespace="onyx", cause="internal-url-wrong", remedy=remedy("url"),
        offered_at=now, expires_at=now, details={SERVICES: list(services)},
    )  # fmt: skip


@pytest.mark.parametrize("url", ["http://api-server:8080", "http://api-server.onyx:8080/x", "http://db.other.svc"])
def test_a_url_may_lead_to_a_service_that_was_seen(url: str) -> None:
    _leads_to_a_service(change("onyx/api-server", "other/db"), url)


@pytest.mark.parametrize("url", ["http://metadata:8080", "http://api-server.other", "http://db"])
def test_a_url_may_lead_to_no_other_name(url: str) -> None:
    with pytest.raises(ParameterRefused, match="There is no Service"):
        _leads_to_a_service(change("onyx/api-server", "other/db"), url)
