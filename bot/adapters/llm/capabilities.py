"""What an endpoint understands, found out by what it refuses. Pure. OpenAI, Azure, vLLM, Ollama, LiteLLM all differ.

The bound of an answer has two names, and some servers ignore silently the one they do not know (2026-11-29):

    LiteLLM             either, mapped to what its provider takes; read: docs.litellm.ai/docs/completion/input
    Ollama              documents `max_tokens` only; read: docs.ollama.com/api/openai-compatibility
    OpenAI              `max_completion_tokens`; the older one is refused for o-series models, as quoted in
                        github.com/simonw/llm/issues/724; both together were seen refused with a 400 in issue threads
    Azure OpenAI        its reasoning models take `max_completion_tokens` only, and no `temperature`; read:
                        articles/ai-foundry/openai/how-to/reasoning.md in github.com/MicrosoftDocs/azure-ai-docs
    vLLM                documents OpenAI's chat API, leaving out `parallel_tool_calls` and `user`; read:
                        docs.vllm.ai, "OpenAI-Compatible Server"; either name by its source, the newer one first
    llama-cpp-python    ignores `max_completion_tokens` silently: seen with a real server

So both are sent, except to those who refuse that; and the client stops reading at the bound whatever a server does.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from bot.narration.ports import ModelPrompt

NEWER, OLDER = "max_completion_tokens", "max_tokens"
_REFUSES_BOTH = (".openai.com", ".openai.azure.com", ".cognitiveservices.azure.com", ".services.ai.azure.com")


class JsonForm(StrEnum):
    """How the answer is asked to be JSON, best first."""

    JSON_SCHEMA = "json_schema"
    JSON_OBJECT = "json_object"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Capabilities:
    """Which request an endpoint accepts. `limits` name the fields that bound the answer's length; none where neither is
    known. `stream`: it answers in pieces; `usage`: and counts tokens then.
    """

    form: JsonForm = JsonForm.JSON_SCHEMA
    limits: tuple[str, ...] = (NEWER, OLDER)
    temperature: bool = True
    stream: bool = True
    usage: bool = True


_LESS = {JsonForm.JSON_SCHEMA: JsonForm.JSON_OBJECT, JsonForm.JSON_OBJECT: JsonForm.TEXT}
_IN_WORDS = (
    "Answer with one JSON object and nothing else: no text before or after it, no code fence. It must fit this JSON "
    "Schema: "
)


def simpler(known: Capabilities, complaint: str) -> Capabilities | None:
    """What to try after a 400 or 422: what the complaint names is left out, else the next simpler form.

    None when nothing is left to leave out.
    """
    said = complaint.lower()
    named = [field for field in known.limits if field in said]
    if named and len(known.limits) > 1:
        # Who refuses both together, or the older one, names both: the newer one is meant to stay.
        gone = OLDER if OLDER in named else NEWER
        return replace(known, limits=tuple(field for field in known.limits if field != gone))
    if named:
        return replace(known, limits=(OLDER,) if named == [NEWER] else ())
    if known.usage and "stream_options" in said:
        return replace(known, usage=False)
    if known.stream and "stream" in said:
        return replace(known, stream=False)
    if known.temperature and "temperature" in said:
        return replace(known, temperature=False)
    if known.form in _LESS:
        return replace(known, form=_LESS[known.form])
    if known.stream:
        return replace(known, stream=False)
    if len(known.limits) > 1 or known.limits == (NEWER,):
        return replace(known, limits=(OLDER,))
    if known.temperature or known.limits:
        return replace(known, temperature=False, limits=())
    return None


def first_guess(host: str) -> Capabilities:
    """What an endpoint at this host is asked with first."""
    return Capabilities(limits=(NEWER,)) if f".{host}".endswith(_REFUSES_BOTH) else Capabilities()


def less_form(known: Capabilities) -> Capabilities | None:
    """The next simpler form, for servers that fail with a 500 at one they do not know."""
    return replace(known, form=_LESS[known.form]) if known.form in _LESS else None


def request_body(question: ModelPrompt, model: str, known: Capabilities) -> dict[str, Any]:
    """The body of a chat completion."""
    system = question.system
    if known.form is not JsonForm.JSON_SCHEMA:
        system = f"{system}\n\n{_IN_WORDS}{json.dumps(question.schema)}"
    body: dict[str, Any] = {
        "model": model,
        "messages": [{"role": "system", "content": system}, {"role": "user", "content": question.user}],
        "stream": known.stream,
    }
    if known.stream and known.usage:
        body["stream_options"] = {"include_usage": True}
    for name in known.limits:
        body[name] = question.max_tokens
    if known.temperature:
        body["temperature"] = 0
    if known.form is JsonForm.JSON_SCHEMA:
        schema = {"name": question.purpose, "strict": True, "schema": question.schema}
        body["response_format"] = {"type": "json_schema", "json_schema": schema}
    elif known.form is JsonForm.JSON_OBJECT:
        body["response_format"] = {"type": "json_object"}
    return body
