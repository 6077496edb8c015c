"""Failed calls in words: what each proves, and how far it got."""

from __future__ import annotations

import pytest

from bot.diagnosis.call_text import calls_text, rungs
from bot.domain.calls import CallFailure, FailedCall
from bot.engine.calls import read_failed_calls
from bot.engine.calls.words import noun, shown_by


@pytest.mark.parametrize(
    ("line", "shown", "ladder"),
    [
        (
            'Get "http://api-server:8080/": dial tcp 10.0.0.1:8080: connect: connection refused',
            "the name resolved, the way is open, nothing accepts connections at api-server:8080",
            "✓ name  ✓ way  ✗ port",
        ),
        (
            "connect ECONNREFUSED 10.0.0.1:8080",
            "the address was known, the way is open, nothing accepts connections at 10.0.0.1:8080",
            "✓ name  ✓ way  ✗ port",
        ),
        ("getaddrinfo ENOTFOUND api-server", "DNS answers, and there is no name api-server", "✗ name"),
        ("getaddrinfo EAI_AGAIN api-server", "DNS did not answer for api-server", "✗ name"),
        ("fetch failed", "", ""),
    ],
)
def test_what_the_error_shows(line: str, shown: str, ladder: str) -> None:
    (call,) = read_failed_calls(line)
    assert shown_by(call) == shown
    if ladder:
        assert rungs(call) == ladder
        assert any(ladder in text for text in calls_text([call]))


@pytest.mark.parametrize("kind", CallFailure)
def test_every_failure_has_words(kind: CallFailure) -> None:
    call = FailedCall(kind, host="api", port=8080, status=503)
    assert "api:8080" in noun(call)
    assert shown_by(call)
    assert rungs(call)
