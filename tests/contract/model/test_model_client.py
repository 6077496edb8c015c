"""The model's client against a server that does everything a server can do to it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from bot.adapters.llm.breaker import FAILURES, PAUSE_SECONDS
from bot.adapters.llm.client import REMEMBERED_SECONDS, ChatModel, ModelSettings
from bot.domain.errors import (
    ConfigurationError,
    ModelAnswerUnusable,
    ModelBudgetSpent,
    ModelError,
    ModelRefused,
    ModelUnavailable,
)
from bot.narration.budget import MemoryBudget
from bot.narration.ports import ModelPrompt, Spending
from tests.contract.model.model_server import (
    Act,
    ModelServer,
    answers,
    completion,
    cuts_off,
    drips,
    drips_headers,
    hangs,
    hangs_up,
    model_server,
    never_ends,
    only_accepts,
    raw,
    says,
)

NOW = datetime(2026, 11, 23, 10, 9, tzinfo=UTC)
SCHEMA = {"type": "object", "required": ["a"], "additionalProperties": False, "properties": {"a": {"type": "integer"}}}
QUESTION = ModelPrompt("explain", "You word things.", "<<<x\ndata\nx>>>", SCHEMA, max_tokens=50)


class Bench:
    """A client of a scripted server, with a clock and waits of its own."""

    def __init__(self, server: ModelServer, **settings: Any) -> None:
        self.server = server
        self.waits: list[float] = []
        self.seconds = 0.0
        self.budget = MemoryBudget()
        self.now = NOW
        self.model = self.client(**settings)

    def client(self, *, real_time: bool = False, **settings: Any) -> ChatModel:
        given = {"url": self.server.url, "model": "small-1", "key": "k-123", **settings}
        options: dict[str, Any] = {} if real_time else {"monotonic": lambda: self.seconds}
        return ChatModel(
            ModelSettings(**given), self.budget, now=lambda: self.now, wait=self.wait, chance=lambda: 0.5, **options
        )

    def wait(self, seconds: float) -> bool:
        self.waits.append(seconds)
        self.seconds += seconds
        return False

    def ask(self) -> dict[str, Any]:
        return dict(self.model.ask(QUESTION).data)

    @property
    def forms(self) -> list[str]:
        return [one.body.get("response_format", {}).get("type", "text") for one in self.server.requests]


@contextmanager
def bench(*acts: Act, **settings: Any) -> Iterator[Bench]:
    with model_server(*acts) as server:
        made = Bench(server, **settings)
        try:
            yield made
        finally:
            made.model.close()


def test_a_question_is_sent_as_the_protocol_says() -> None:
    with bench(says({"a": 1})) as it:
        reply = it.model.ask(QUESTION)
        (request,) = it.server.requests
    assert (dict(reply.data), reply.tokens_in, reply.tokens_out) == ({"a": 1}, 100, 20)
    assert request.path == "/v1/chat/completions"
    assert request.headers["authorization"] == "Bearer k-123"
    assert request.body["model"] == "small-1"
    assert [message["role"] for message in request.body["messages"]] == ["system", "user"]
    assert request.body["response_format"]["json_schema"]["strict"] is True
    assert request.body["response_format"]["json_schema"]["schema"] == SCHEMA
    assert (request.body["max_completion_tokens"], request.body["temperature"]) == (50, 0)


def test_without_a_key_none_is_sent() -> None:
    with bench(says({"a": 1}), key="") as it:
        it.ask()
        assert "authorization" not in it.server.requests[0].headers


@pytest.mark.parametrize(
    "content",
    [
        '{"a": 1}',
        '```json\n{"a": 1}\n```',
        'Sure! Here it is: {"a": 1} Anything else?',
        '<think>perhaps {"a": 7}?</think>\n{"a": 1}',
        'first {not json} then {"a": 1}',
        [{"type": "text", "text": '{"a": '}, {"type": "text", "text": "1}"}],
    ],
)
def test_the_object_is_found_in_what_a_model_wraps_around_it(content: Any) -> None:
    body = json.loads(completion("x"))
    body["choices"][0]["message"]["content"] = content
    with bench(raw(json.dumps(body).encode())) as it:
        assert it.ask() == {"a": 1}


def test_raw_control_characters_in_a_text_are_accepted() -> None:
    with bench(says('{"a": "one\ntwo"}')) as it:
        assert it.ask() == {"a": "one\ntwo"}


@pytest.mark.parametrize(
    ("act", "says_why"),
    [
        (raw(b"<html>hello</html>"), "not JSON"),
        (raw(b""), "not JSON"),
        (raw(b"[]"), "not a JSON object"),
        (raw(b"[" * 50_000), "not JSON"),
        (raw(b'{"choices": []}'), "made no choice"),
        (raw(b'{"choices": [{"message": null}]}'), "said nothing"),
        (says(None), "no JSON object"),
        (says("I cannot help with that."), "no JSON object"),
        (says('{"a": '), "no JSON object"),
        (says("{" * 100_000), "no JSON object"),
        (says("[1, 2]"), "no JSON object"),
        (says({"a": 1}, finish="length"), "cut off at the length"),
        (says({"a": 1}, finish="content_filter"), "content filter"),
        (says(None, refusal="no"), "refused to answer"),
    ],
)
def test_an_answer_that_is_none_says_why_and_is_not_asked_for_again(act: Act, says_why: str) -> None:
    with bench(act) as it:
        with pytest.raises(ModelAnswerUnusable) as caught:
            it.ask()
        assert len(it.server.requests) == 1
    assert says_why in caught.value.message
    assert caught.value.remedy


def test_a_body_without_end_is_cut() -> None:
    with bench(never_ends) as it, pytest.raises(ModelAnswerUnusable, match="too large"):
        it.ask()


def test_a_huge_body_is_not_read() -> None:
    with bench(raw(b" " * (3 << 20))) as it, pytest.raises(ModelAnswerUnusable, match="too large"):
        it.ask()


def test_a_compressed_body_is_not_unpacked() -> None:
    with bench(raw(b"\x1f\x8b" + b"0" * 50, Content_Encoding="gzip")) as it, pytest.raises(ModelUnavailable):
        it.ask()


@pytest.mark.parametrize("act", [hangs, drips, drips_headers])
def test_a_server_that_is_slow_is_left_at_the_deadline(act: Act) -> None:
    """Neither silence nor a drip holds a worker: the suite's time limit is the assertion."""
    with bench(act) as it:
        it.model = it.client(real_time=True, total_seconds=0.3)
        with pytest.raises(ModelUnavailable) as caught:
            it.ask()
        assert len(it.server.requests) == 1
    assert "answer" in caught.value.message


def test_a_server_that_answers_no_read_in_time_is_left_before_the_deadline() -> None:
    with bench(hangs, read_seconds=0.2, total_seconds=3000) as it, pytest.raises(ModelUnavailable, match="in time"):
        it.ask()


@pytest.mark.parametrize("act", [cuts_off, hangs_up])
def test_a_broken_connection_is_tried_again_twice_and_no_more(act: Act) -> None:
    with bench(act) as it:
        with pytest.raises(ModelUnavailable):
            it.ask()
        assert len(it.server.requests) == 3
    with bench(act, act, says({"a": 1})) as it:
        assert it.ask() == {"a": 1}


def test_a_refused_connection_is_tried_again_twice() -> None:
    with bench(says({"a": 1})) as it:
        it.model = it.client(url="http://127.0.0.1:9/v1")
        with pytest.raises(ModelUnavailable, match="cannot be reached"):
            it.ask()
        assert it.waits == [0.5, 1.0]


@pytest.mark.parametrize("status", [408, 409, 429, 500, 502, 503, 529])
def test_what_may_pass_is_tried_again_twice_and_no_more(status: int) -> None:
    with bench(answers(status)) as it:
        with pytest.raises(ModelUnavailable) as caught:
            it.ask()
        assert len(it.server.requests) == 3
        assert it.waits == [0.5, 1.0]
    assert str(status) in caught.value.message
    with bench(answers(status), says({"a": 1})) as it:
        assert it.ask() == {"a": 1}


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("7", 7.0),
        ("0", 0.0),
        ("9999", 20.0),
        ("Mon, 23 Nov 2026 10:09:05 GMT", 5.0),
        ("Mon, 23 Nov 2026 10:08:05 GMT", 0.0),
        ("soon", 0.5),
        ("-5", 0.0),
        ("nan", 0.5),
    ],
)
def test_retry_after_is_obeyed_within_bounds(value: str, seconds: float) -> None:
    with bench(answers(429, Retry_After=value), says({"a": 1})) as it:
        assert it.ask() == {"a": 1}
        assert it.waits == [seconds]


def test_nobody_waits_beyond_the_deadline() -> None:
    with bench(answers(429, Retry_After="20"), says({"a": 1}), total_seconds=10) as it:
        with pytest.raises(ModelUnavailable):
            it.ask()
        assert (len(it.server.requests), it.waits) == (1, [])


@pytest.mark.parametrize(
    ("status", "remedy"), [(401, "TRIAGE_MODEL_KEY_FILE"), (403, "TRIAGE_MODEL_KEY_FILE"), (404, "TRIAGE_MODEL_URL")]
)
def test_what_will_not_pass_is_asked_once_and_says_what_to_do(status: int, remedy: str) -> None:
    with bench(answers(status, "Incorrect API key provided: k-123")) as it:
        with pytest.raises(ModelRefused) as caught:
            it.ask()
        assert len(it.server.requests) == 1
    assert remedy in caught.value.remedy
    assert "k-123" not in str(caught.value)


def test_redirects_are_not_followed() -> None:
    with bench(answers(307, Location="http://127.0.0.1:9/v1")) as it, pytest.raises(ModelRefused, match="redirects"):
        it.ask()


@pytest.mark.parametrize(
    ("accepted", "forms"),
    [
        (("json_schema",), ["json_schema"]),
        (("json_object", "text"), ["json_schema", "json_object"]),
        (("text",), ["json_schema", "json_object", "text"]),
    ],
)
def test_the_request_gets_simpler_until_it_is_understood_and_that_is_remembered(
    accepted: tuple[str, ...], forms: list[str]
) -> None:
    with bench(only_accepts(*accepted)) as it:
        assert it.ask() == {"form": forms[-1]}
        assert it.forms == forms
        it.ask()
        assert it.forms == [*forms, forms[-1]]
        assert it.waits == []
        if forms[-1] != "json_schema":
            assert json.dumps(SCHEMA) in it.server.requests[-1].body["messages"][0]["content"]
        it.seconds += REMEMBERED_SECONDS + 1
        it.ask()
        assert it.forms[-len(forms) :] == forms, "after an hour the best form is tried again"


def test_a_server_that_answers_500_to_a_schema_is_asked_more_simply() -> None:
    with bench(answers(500), says({"a": 1})) as it:
        assert it.ask() == {"a": 1}
        assert it.forms == ["json_schema", "json_object"]


@pytest.mark.parametrize(
    ("complaint", "missing", "instead"),
    [
        ("Unrecognized request argument supplied: max_completion_tokens", "max_completion_tokens", "max_tokens"),
        ("Unsupported value: 'temperature' does not support 0", "temperature", "max_completion_tokens"),
    ],
)
def test_a_field_that_is_not_known_is_left_out(complaint: str, missing: str, instead: str) -> None:
    with bench(answers(400, complaint), says({"a": 1})) as it:
        assert it.ask() == {"a": 1}
        body = it.server.requests[-1].body
        assert missing not in body
        assert instead in body
        assert body["response_format"]["type"] == "json_schema"


def test_a_400_that_no_simpler_request_helps_is_reported_and_nothing_is_learnt_from_it() -> None:
    with bench(answers(400, "context length exceeded")) as it:
        with pytest.raises(ModelRefused, match="context length exceeded"):
            it.ask()
        assert len(it.server.requests) <= 6
        with pytest.raises(ModelRefused):
            it.ask()
        assert it.forms[0] == "json_schema"
        assert it.forms.count("json_schema") == 2


def test_after_failures_in_a_row_the_server_is_left_alone_then_tried_once() -> None:
    with bench(hangs_up, *[hangs_up] * 11, says({"a": 1})) as it:
        for _ in range(FAILURES):
            with pytest.raises(ModelUnavailable):
                it.ask()
        asked = len(it.server.requests)
        with pytest.raises(ModelUnavailable, match="left alone"):
            it.ask()
        assert len(it.server.requests) == asked
        it.seconds += PAUSE_SECONDS
        with pytest.raises(ModelUnavailable, match=r"cannot be reached|no whole answer"):
            it.ask()
        with pytest.raises(ModelUnavailable, match="left alone"):
            it.ask()
        it.seconds += PAUSE_SECONDS
        assert it.ask() == {"a": 1}
        assert it.ask() == {"a": 1}


def test_a_key_that_is_refused_does_not_open_the_breaker() -> None:
    with bench(answers(401)) as it:
        for _ in range(FAILURES + 2):
            with pytest.raises(ModelRefused):
                it.ask()


PRICES = {"price_in": 2.0, "price_out": 10.0}


def test_what_an_answer_costs_is_counted_by_the_servers_usage() -> None:
    with bench(says({"a": 1}, usage=(1000, 200)), **PRICES) as it:
        it.ask()
        assert it.budget.spent(NOW.date()) == Spending(1200, 1000 * 2 + 200 * 10)


@pytest.mark.parametrize(
    ("act", "error"),
    [(answers(503), ModelUnavailable), (answers(401), ModelRefused), (hangs_up, None), (says("prose"), None)],
)
def test_only_what_may_have_cost_something_is_counted(act: Act, error: type[ModelError] | None) -> None:
    with bench(act, **PRICES) as it:
        with pytest.raises(ModelError):
            it.ask()
        spent = it.budget.spent(NOW.date())
    assert (spent == Spending()) is (error is not None)


@pytest.mark.parametrize("limit", [{"daily_tokens": 1450}, {"daily_money": 0.005, **PRICES}])
def test_a_spent_budget_ends_the_questions_until_midnight(limit: dict[str, Any]) -> None:
    with bench(says({"a": 1}, usage=(1000, 400)), **limit) as it:
        it.ask()
        with pytest.raises(ModelBudgetSpent):
            it.ask()
        assert len(it.server.requests) == 1
        it.now = NOW + timedelta(days=1)
        assert it.ask() == {"a": 1}


def test_a_budget_that_is_full_reserves_nothing() -> None:
    budget, day = MemoryBudget(), date(2026, 11, 23)
    assert budget.reserve(day, Spending(60), Spending(100))
    assert not budget.reserve(day, Spending(60), Spending(100))
    budget.settle(day, Spending(-30))
    assert budget.reserve(day, Spending(60), Spending(100))
    assert budget.spent(day) == Spending(90)
    assert budget.reserve(day, Spending(10**9), Spending()), "no limit"


@pytest.mark.parametrize(
    ("url", "endpoint"),
    [
        ("https://api.example.com/v1", "https://api.example.com/v1"),
        ("https://api.example.com/v1/chat/completions", "https://api.example.com/v1"),
        ("https://acme.openai.azure.com/openai/deployments/x?api-version=1", None),
        ("http://ollama:11434/v1/", "http://ollama:11434/v1"),
    ],
)
def test_an_address_is_shown_without_what_is_secret_in_it(url: str, endpoint: str | None) -> None:
    model = ChatModel(ModelSettings(url, "m", "k"), MemoryBudget())
    assert model.endpoint == (endpoint or url.partition("?")[0])
    assert ("api-key" in model._headers) is ("azure" in url)
    model.close()


@pytest.mark.parametrize("url", ["", "ftp://x/v1", "api.example.com/v1", "https://u:p@api.example.com/v1", "https://"])
def test_a_wrong_address_is_a_mistake_of_the_settings(url: str) -> None:
    with pytest.raises(ConfigurationError, match="TRIAGE_MODEL_URL") as caught:
        ChatModel(ModelSettings(url, "m"), MemoryBudget())
    assert caught.value.remedy


def test_a_key_is_in_no_representation() -> None:
    assert "k-123" not in repr(ModelSettings("https://x/v1", "m", "k-123"))


def test_many_threads_ask_at_once() -> None:
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415

    with bench(says({"a": 1}, usage=(10, 5))) as it:
        ask: Callable[[int], dict[str, Any]] = lambda _: it.ask()  # noqa: E731
        with ThreadPoolExecutor(8) as pool:
            assert list(pool.map(ask, range(24))) == [{"a": 1}] * 24
        assert it.budget.spent(NOW.date()) == Spending(24 * 15)
