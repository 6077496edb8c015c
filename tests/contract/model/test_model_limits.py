"""The bound of an answer holds, whichever of its two names a server knows, and also where it knows none.

What each server does is documented where `bot/adapters/llm/capabilities.py` says; here it is played.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from bot.adapters.llm.capabilities import NEWER, OLDER, first_guess
from bot.adapters.llm.streaming import CHARACTERS_PER_TOKEN, Events
from bot.domain.errors import ModelAnswerUnusable
from tests.contract.model.model_server import Act, Exchange, answers, completion, model_server, says
from tests.contract.model.test_model_client import QUESTION, Bench, bench

BOTH = "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported."
NOT_OLDER = "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."
NOT_NEWER = "[{'type': 'extra_forbidden', 'loc': ('body', 'max_completion_tokens')}]"


def event(**delta: Any) -> bytes:
    return f"data: {json.dumps({'choices': [{'index': 0, 'delta': delta, 'finish_reason': None}]})}\n\n".encode()


def finished(usage: Mapping[str, int] | None = None) -> bytes:
    end: dict[str, Any] = {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
    used = f"data: {json.dumps({'choices': [], 'usage': usage})}\n\n" if usage else ""
    return f"data: {json.dumps(end)}\n\n{used}data: [DONE]\n\n".encode()


def streams(*pieces: bytes) -> Act:
    def act(exchange: Exchange) -> None:
        exchange.head(200, Content_Type="text/event-stream; charset=utf-8")
        for piece in pieces:
            exchange.wfile.write(piece)
            exchange.wfile.flush()

    return act


def babbles(exchange: Exchange) -> None:
    """Ignores every bound, as llama-cpp-python does with the name that it does not know."""
    exchange.head(200, Content_Type="text/event-stream")
    while not exchange.server.over.is_set():
        exchange.wfile.write(event(content="and so on "))
        exchange.wfile.flush()


def limits(it: Bench) -> list[set[str]]:
    return [{name for name in (NEWER, OLDER) if name in one.body} for one in it.server.requests]


def test_an_answer_in_pieces_is_put_together() -> None:
    usage = {"prompt_tokens": 7, "completion_tokens": 3}
    with bench(streams(b": hello\n\n", event(content='{"a"'), event(content=": 1}"), finished(usage))) as it:
        reply = it.model.ask(QUESTION)
    assert (dict(reply.data), reply.tokens_in, reply.tokens_out, reply.text) == ({"a": 1}, 7, 3, '{"a": 1}')


@pytest.mark.parametrize("size", [1, 3, 7, 1000])
def test_pieces_may_be_cut_anywhere(size: int) -> None:
    stream = event(content='{"a": "é→"') + event(content="}") + finished()
    events = Events(100)
    for start in range(0, len(stream), size):
        events.feed(stream[start : start + size])
    assert json.loads(events.body())["choices"][0]["message"]["content"] == '{"a": "é→"}'


def test_a_server_that_ignores_every_bound_is_left_at_it() -> None:
    with bench(babbles) as it, pytest.raises(ModelAnswerUnusable, match="cut off") as caught:
        it.ask()
    assert caught.value.reason == "cut_off"
    assert caught.value.answer.startswith("and so on")
    assert len(caught.value.answer) < QUESTION.max_tokens * CHARACTERS_PER_TOKEN + 1_000


def test_thoughts_count_too() -> None:
    events = Events(1)
    events.feed(event(reasoning_content="x" * 9))
    assert events.enough


@pytest.mark.parametrize(
    ("host", "first"),
    [
        ("api.openai.com", (NEWER,)),
        ("acme.openai.azure.com", (NEWER,)),
        ("ollama", (NEWER, OLDER)),
        ("vllm.example", (NEWER, OLDER)),
        ("openai.com.evil.example", (NEWER, OLDER)),
    ],
)
def test_who_refuses_both_names_together_is_asked_with_one(host: str, first: tuple[str, ...]) -> None:
    assert first_guess(host).limits == first


@pytest.mark.parametrize(
    ("server", "acts", "names"),
    [
        ("vLLM, LiteLLM, Ollama, llama-cpp-python", [says({"a": 1})], [{NEWER, OLDER}]),
        ("OpenAI behind a proxy", [answers(400, BOTH), says({"a": 1})], [{NEWER, OLDER}, {NEWER}]),
        ("o-series behind a proxy", [answers(400, NOT_OLDER), says({"a": 1})], [{NEWER, OLDER}, {NEWER}]),
        ("a strict old server", [answers(422, NOT_NEWER), says({"a": 1})], [{NEWER, OLDER}, {OLDER}]),
    ],
)
def test_both_names_are_sent_and_what_is_refused_is_left_out(
    server: str, acts: list[Act], names: list[set[str]]
) -> None:
    with bench(*acts) as it:
        assert it.ask() == {"a": 1}
        assert limits(it) == names, server


@pytest.mark.parametrize(
    ("complaint", "left"),
    [
        ("Unrecognized request argument supplied: stream_options", {"stream": True}),
        ("Streaming is not supported for this model: stream", {"stream": False}),
    ],
)
def test_a_server_that_cannot_stream_is_asked_without(complaint: str, left: dict[str, bool]) -> None:
    with bench(answers(400, complaint), says({"a": 1})) as it:
        assert it.ask() == {"a": 1}
        body = it.server.requests[-1].body
    assert {"stream": body["stream"]} == left
    assert "stream_options" not in body


def test_an_error_within_a_stream_is_no_answer() -> None:
    broken = b'data: {"error": {"message": "out of memory"}}\n\n'
    with bench(streams(event(content='{"a": 1}'), broken)) as it, pytest.raises(ModelAnswerUnusable):
        it.ask()


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (completion(None, refusal="no"), "refused"),
        (completion({"a": 1}, finish="length"), "cut_off"),
        (completion("prose"), "other_shape"),
    ],
)
def test_why_there_is_no_answer_is_told_apart(answer: bytes, reason: str) -> None:
    with model_server(lambda exchange: exchange.send(200, answer)) as server:
        it = Bench(server)
        with pytest.raises(ModelAnswerUnusable) as caught:
            it.ask()
        it.model.close()
    assert caught.value.reason == reason
