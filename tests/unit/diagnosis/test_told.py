"""Nobody reads one thing twice: what a cause's sentence says is no evidence for it on the card."""

from __future__ import annotations

import pytest

from bot.diagnosis.told import is_said

POLICY = "NetworkPolicy api-ingress (ingress of the API server) does not allow port 8080."
ZERO = "the API server is scaled to zero deployment/api-server asks for 0 replicas, so nothing serves."


@pytest.mark.parametrize(
    ("fact", "said"),
    [
        (POLICY, POLICY),
        ("All 38 essential checks pass.", "all 38 essential checks pass"),
        ("Postgres: statefulset/db is scaled to zero.", "statefulset/db is scaled to zero. A log says: refused"),
        ("deployment/api-server asks for 0 replicas: it is scaled to zero.", ZERO),
        ("[cause]: getaddrinfo EAI_AGAIN api {", "The name is not resolved: [cause]: getaddrinfo EAI_AGAIN api"),
    ],
)
def test_a_fact_that_is_said_already(fact: str, said: str) -> None:
    assert is_said(fact, said)


@pytest.mark.parametrize(
    ("fact", "said"),
    [
        ("0 of 1 pod ready (CrashLoopBackOff).", "deployment/api-server keeps crashing"),
        (POLICY, "NetworkPolicy web-egress (egress of the web server) does not allow port 8080."),
        ("Container api keeps ending: 5 restarts, last at 11:59:21 UTC.", "Container api keeps ending"),
        ("Service api has endpoints: none.", "Service api has endpoints"),
        ("Redis: deployment/cache is well.", "deployment/db is well"),
    ],
)
def test_news_stay(fact: str, said: str) -> None:
    assert not is_said(fact, said)
