"""NetworkPolicies are judged as the API documents them: they add up, and only what selects a pod limits it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from bot.domain.facts import CheckStatus, Gap, GapReason
from bot.domain.view import ContainerLog, View
from bot.engine.binding import Binding, bind
from bot.engine.checks.observed.answered import answered_calls
from bot.engine.checks.policed import check_policies
from bot.playbook.app_schema import AppPlaybook

APP = AppPlaybook.model_validate(
    {
        "schema": "triage/playbook/v1",
        "kind": "app",
        "id": "shop",
        "title": "Shop",
        "description": "a web that calls an api",
        "components": {
            "web": {"label": "web", "find": [{"labels": {"app": "web"}}], "port": 3000},
            "api": {"label": "API", "find": [{"labels": {"app": "api"}}], "port": 8080, "services": ["api"]},
        },
        "routes": {"web-to-api": {"label": "web → API", "from": "web", "to": "api", "env": "URL", "primary": True}},
    }
)


def deployment(name: str, port: int, **env: str) -> dict[str, Any]:
    container = {
        "name": name,
        "ports": [{"name": "http", "containerPort": port}],
        "env": [{"name": key, "value": value} for key, value in env.items()],
    }
    labels = {"app": name, "tier": "shop"}
    return {
        "kind": "Deployment",
        "metadata": {"name": name, "uid": name},
        "spec": {
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": {"containers": [container]}},
        },
    }


def policy(selector: dict[str, Any], types: tuple[str, ...] = ("Ingress",), **rules: Any) -> dict[str, Any]:
    return {"metadata": {"name": "p"}, "spec": {"podSelector": selector, "policyTypes": list(types), **rules}}


K3S = {"metadata": {"name": "n1"}, "status": {"nodeInfo": {"kubeletVersion": "v1.31.4+k3s1"}}}
"""A node of a network that is known to do what policies say."""


def binding(
    *policies: dict[str, Any], namespace_labels: dict[str, str] | None = None, node: dict[str, Any] = K3S
) -> Binding:
    service = {
        "metadata": {"name": "api"},
        "spec": {"selector": {"app": "api"}, "clusterIP": "10.0.0.1", "ports": [{"port": 80, "targetPort": "http"}]},
    }
    gaps = {} if namespace_labels is not None else {"namespaces": Gap(GapReason.FORBIDDEN, "the namespace itself")}
    view = View(
        cluster="c",
        namespace="shop",
        collected_at=datetime(2026, 11, 23, tzinfo=UTC),
        deployments=(deployment("web", 3000, URL="http://api"), deployment("api", 8080)),
        services=(service,),
        networkpolicies=policies,
        nodes=(node,),
        namespaces=({"metadata": {"name": "shop", "labels": namespace_labels}},)
        if namespace_labels is not None
        else (),
        gaps=gaps,
    )
    return bind(APP, view)


def admitting(*rules: dict[str, Any]) -> dict[str, Any]:
    """A policy that limits who may reach the API to what these ingress rules allow."""
    return policy(API, ingress=list(rules))


API, WEB, ALL = {"matchLabels": {"app": "api"}}, {"matchLabels": {"app": "web"}}, {}
TEAM_A = {"matchExpressions": [{"key": "team", "operator": "In", "values": ["a"]}]}
FROM_WEB = {"podSelector": WEB}
DNS = {"ports": [{"protocol": "UDP", "port": 53}]}
TO_API = {"to": [{"podSelector": API}], "ports": [{"port": 8080}]}


@pytest.mark.parametrize(
    ("policies", "blocked"),
    [
        pytest.param((), False, id="no policy"),
        pytest.param((policy(API),), True, id="ingress denied to the API"),
        pytest.param((policy(ALL),), True, id="ingress denied to everything"),
        pytest.param((policy(WEB),), False, id="ingress denied to the web does not matter for its calls"),
        pytest.param((policy(API, ("Egress",)),), False, id="egress of the API does not matter"),
        pytest.param((admitting({}),), False, id="an empty rule allows everything"),
        pytest.param((admitting({"from": [FROM_WEB]}),), False, id="the web is allowed"),
        pytest.param((policy(API), admitting({"from": [FROM_WEB]})), False, id="policies add up"),
        pytest.param((admitting({"from": [{"podSelector": API}]}),), True, id="only others are allowed"),
        pytest.param((admitting({"from": [FROM_WEB], "ports": [{"port": 8080}]}),), False, id="by port number"),
        pytest.param((admitting({"ports": [{"port": "http"}]}),), False, id="by port name"),
        pytest.param((admitting({"ports": [{"port": 80}]}),), True, id="the Service's port is not the pod's"),
        pytest.param((admitting({"ports": [{"port": 8000, "endPort": 9000}]}),), False, id="in a port range"),
        pytest.param((admitting({"ports": [{"port": 8080, "protocol": "UDP"}]}),), True, id="other protocol"),
        pytest.param((admitting({"from": [{"ipBlock": {"cidr": "0.0.0.0/0"}}]}),), False, id="from anywhere"),
        pytest.param((policy(WEB, ("Egress",)),), True, id="egress of the web denied"),
        pytest.param((policy(WEB, ("Egress",), egress=[TO_API]),), True, id="egress to the API without DNS"),
        pytest.param((policy(WEB, ("Egress",), egress=[TO_API, DNS]),), False, id="egress to the API and DNS"),
        pytest.param((policy(WEB, ("Egress",), egress=[DNS]),), True, id="egress to DNS only"),
        pytest.param(
            (admitting({"from": [{"namespaceSelector": {"matchLabels": {"team": "a"}}}]}),), False,
            id="our namespace is selected",
        ),
        pytest.param(
            (admitting({"from": [{"namespaceSelector": {"matchLabels": {"team": "b"}}}]}),), True,
            id="another namespace is selected",
        ),
        pytest.param(
            (admitting({"from": [{"namespaceSelector": TEAM_A, "podSelector": WEB}]}),),
            False,
            id="both selectors of one peer must hold, and do",
        ),
    ],
)  # fmt: skip
def test_a_route_is_blocked_exactly_when_the_policies_say_so(
    policies: tuple[dict[str, Any], ...], blocked: bool
) -> None:
    bound = binding(*policies, namespace_labels={"team": "a"})

    check = check_policies(bound, bound.routes["web-to-api"], "route")

    assert check.facts["web-to-api.policies.blocked"] is blocked
    assert check.status is (CheckStatus.FAIL if blocked else CheckStatus.PASS)


def test_a_namespace_whose_labels_are_unread_leaves_the_answer_open() -> None:
    bound = binding(admitting({"from": [{"namespaceSelector": {"matchLabels": {"team": "a"}}}]}))

    check = check_policies(bound, bound.routes["web-to-api"], "route")

    assert check.status is CheckStatus.UNKNOWN
    assert isinstance(check.facts["web-to-api.policies.blocked"], Gap)


def test_what_reads_closed_is_closed_where_nobody_calls_and_nothing_names_the_network() -> None:
    closing = {"metadata": {"name": "in"}, "spec": {"podSelector": {}, "policyTypes": ["Ingress"]}}
    bound = binding(closing, namespace_labels={}, node={"metadata": {"name": "n1"}})
    check = check_policies(bound, bound.routes["web-to-api"], "route")
    assert (check.status, check.facts["web-to-api.policies.blocked"]) == (CheckStatus.FAIL, True)


@pytest.mark.parametrize(
    ("line", "answered"),
    [
        ('{"level":30,"msg":"request completed","target":"http://api/items","statusCode":200}', True),
        ("level=info msg=done url=http://api.shop.svc:80/v1 status=204 took=3ms", True),
        ('{"url":"http://10.0.0.1/items","status":"302"}', True),
        ('{"target":"http://other/items","statusCode":200}', False),
        ('{"target":"http://api/items","statusCode":502}', False),
        ('{"target":"http://api/items","err":"timed out","attempts":200}', False),
        ('{"msg":"see http://api/items","statusCode":200}', False),
    ],
)  # fmt: skip
def test_a_structured_line_tells_of_an_answer_by_its_address_and_its_status(line: str, answered: bool) -> None:
    log = ContainerLog(pod="web-1", container="web", text=f"2026-11-23T00:00:00Z {line}\n")
    found = answered_calls(log, binding().routes["web-to-api"])
    assert [call.failed for call in found] == [False] * answered
