"""How far values may go, and what is offered instead of a value that goes too far."""

from __future__ import annotations

import pytest

from bot.changes.policy.access_request import RequestedChange
from bot.changes.policy.bounds import cap, capped, problem_of, problems_of
from bot.changes.policy.schema import BoundsSpec
from bot.changes.policy.values import AMOUNTS
from bot.domain.remedies import Parameter, Risk
from bot.playbook.remedy_kinds import REMEDY_KINDS
from tests.unit.policies import HERE, memory, policy

ALLOWED = [
    ("memory_limit", "8Gi"), ("memory_limit", "8192Mi"), ("memory_limit", "64Mi"), ("memory_limit", "8000M"),
    ("cpu_limit", "4"), ("cpu_limit", "4000m"), ("cpu_limit", "0.5"), ("cpu_limit", "1m"),
    ("replicas", "1"), ("replicas", "5"),
    ("port", "8080"), ("seconds", "30"),
    ("path", "/health"), ("path", "/"), ("path", "/v1/health?full=1".replace("?", "%3F")),
    ("url", "http://api-service:8080"),
    ("url", "https://api.onyx.svc.cluster.local:8443/api"), ("url", "http://api.onyx/x"),
]  # fmt: skip
REFUSED = [
    ("memory_limit", "8193Mi"), ("memory_limit", "9Gi"), ("memory_limit", "63Mi"), ("memory_limit", "8590000000"),
    ("memory_limit", "-1Gi"), ("memory_limit", "1e3Gi"), ("memory_limit", "lots"), ("memory_limit", ""),
    ("cpu_limit", "4001m"), ("cpu_limit", "5"), ("cpu_limit", "0"), ("cpu_limit", "inf"), ("cpu_limit", "4 "),
    ("replicas", "0"), ("replicas", "6"), ("replicas", "-1"), ("replicas", "1.5"), ("replicas", "٣"),
    ("replicas", "5\n"),
    ("port", "0"), ("port", "65536"), ("port", "http"), ("seconds", "601"),
    ("path", "health"),
    ("path", "//evil.example/x"), ("path", "/a/../b"), ("path", "/a b"), ("path", "/a\nb"), ("path", ""),
    ("path", "/a?b"), ("path", "/" + "a" * 300),
    ("url", "http://example.com"), ("url", "http://evil.example.com/"), ("url", "http://api.other:8080"),
    ("url", "http://api.other.svc.cluster.local"), ("url", "http://10.0.0.1:8080"), ("url", "http://[::1]:80"),
    ("url", "http://localhost:8080"), ("url", "http://169.254.169.254/latest"), ("url", "ftp://api-service"),
    ("url", "http://user:password@api-service"), ("url", "http://evil.example@api-service"), ("url", "http://api_service"),
    ("url", "http://api-service:99999"), ("url", " http://api-service"), ("url", "http://api-service/\nx"), ("url", ""),
    ("url", "http://api.onyx.svc.evil.example"), ("url", "http://api.onyx.evil.example"),
    *(("url", url) for url in (
        "http://api-service.", "http://api-service..", "http://api.onyx.svc.cluster.local.", "http://api-service:",
        "http://api-service:0", "http://api-service:080", "http://api-service:+80", "http://api-service:8_0",
        "http://api-service?u=$(DB_PASSWORD)", "http://api-service:80/$(DB_PASSWORD)", "http://api-service/${X}",
        "http://api-service/`id`", "http://api-service#@evil", "http://api-service?x", "http://api-service/../..",
        "http://api-service/..//169.254.169.254", "http://api-service/%2e%2e/", "http://api-service/%0d%0aX: 1",
        "http://http://169.254.169.254", "http://api-service:80@169.254.169.254", "http://api-service\\@169.254.169.254",
        "http://0xa9.0xfe.0xa9.0xfe", "http://[::ffff:169.254.169.254]", "http://api-service%2eevil.com",
        "http://\uff41pi-service", "http://api-service\u3002evil.com", "http:api-service", "http:/api-service",
    )),
    ("memory_request", "1Gi"), ("image", "nginx"), ("", "1"),
]  # fmt: skip


def test_every_value_of_a_remedy_can_be_bounded() -> None:
    assert {name for kind in REMEDY_KINDS.values() for name in kind.parameters} <= {*AMOUNTS, "path", "url"}
    assert set(AMOUNTS) <= set(BoundsSpec.model_fields)


@pytest.mark.parametrize(("name", "value"), ALLOWED)
def test_a_value_within_the_bounds_may_be_set(name: str, value: str) -> None:
    assert problem_of(policy(), Parameter(name, name, value), HERE) == ""


@pytest.mark.parametrize(("name", "value"), REFUSED)
def test_any_other_value_may_not(name: str, value: str) -> None:
    problem = problem_of(policy(), Parameter(name, name, value), HERE)

    assert problem.endswith(".")
    assert "\n" not in problem


def test_a_url_may_lead_to_namespaces_that_the_policy_names() -> None:
    wider = policy(("bounds:\n", "bounds:\n  url: {namespaces: [shared-*]}\n"))

    def problem(url: str) -> str:
        return problem_of(wider, Parameter("url", "URL", url), HERE)

    assert problem("http://search.shared-eu:80") == ""
    assert problem("http://search.svc") == "A URL may lead to Services of onyx only, not of svc."


@pytest.mark.parametrize(
    ("proposed", "current", "offered"),
    [
        ("2Gi", "1Gi", "2Gi"),
        ("16Gi", "6Gi", "8Gi"),
        ("16Gi", "", "8Gi"),
        ("16Gi", "8Gi", None),
        ("16Gi", "8192Mi", None),
        ("24Gi", "12Gi", None),
        ("32Mi", "16Mi", "64Mi"),
        ("1Gi", "1Gi", None),
        ("512Mi", "1Gi", None),
        ("lots", "1Gi", None),
    ],
)
def test_a_proposed_memory_limit_is_capped_and_never_offered_when_it_raises_nothing(
    proposed: str, current: str, offered: str | None
) -> None:
    ask = capped(policy(), memory(proposed, current), HERE)

    assert (ask.parameters[0].value if ask else None) == offered
    assert ask is None or problems_of(policy(), ask, HERE) == ()


def test_a_value_that_is_what_it_is_already_is_no_offer() -> None:
    assert cap(policy(), Parameter("cpu_limit", "CPU", "8", "4"), HERE) is None
    assert cap(policy(), Parameter("cpu_limit", "CPU", "8", "3"), HERE) == Parameter("cpu_limit", "CPU", "4", "3")


def test_without_a_bound_nothing_is_raised() -> None:
    assert cap(policy(("  memory_limit: {min: 64Mi, max: 8Gi}\n", "")), memory("2Gi").parameters[0], HERE) is None


def test_a_port_is_never_replaced_by_the_nearest_one() -> None:
    narrow = policy(("bounds:\n", "bounds:\n  port: {min: 8000, max: 9000}\n"))

    assert cap(narrow, Parameter("port", "Port", "80"), HERE) is None


def test_switched_off_workloads_are_scaled_up_and_nothing_is_scaled_down() -> None:
    def scale(value: str, current: str) -> RequestedChange:
        return RequestedChange("scale_up", Risk.LOW, parameters=(Parameter("replicas", "Replicas", value, current),))

    assert problems_of(policy(), scale("1", "0"), HERE) == ()
    assert problems_of(policy(), scale("1", "3"), HERE) == ("The replicas is 3 now; 1 is not more.",)
