"""What an endpoint understands, found out by what it refuses. Pure. OpenAI, Azure, vLLM, Ollama, LiteLLM all differ."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from bot.narration.ports import Question


class Form(StrEnum):
    """How the answer is asked to be JSON, best first."""

    JSON_SCHEMA = "json_schema"
    JSON_OBJECT = "json_object"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Capabilities:
    """Which request an endpoint accepts. `limit_field` bounds the answer's length; "" where neither name is known."""

    form: Form = Form.JSON_SCHEMA
    limit_field: str = "max_completion_tokens"
    temperature: bool = True


_LESS = {Form.JSON_SCHEMA: Form.JSON_OBJECT, Form.JSON_OBJECT: Form.TEXT}
_IN_WORDS = (
    "Answer with one JSON object and nothing else: no text before or after it, no code fence. It must fit this JSON "
    "Schema: "
)


def simpler(known: Capabilities, complaint: str) -> Capabilities | None:
    """What to try after a 400 or 422: what the complaint names is left out, else the next simpler form.

    None when nothing is left to leave out.
    """
    said = complaint.lower()
    if known.limit_field and known.limit_field in said:
        other = "max_tokens" if known.limit_field == "max_completion_tokens" else ""
        return replace(known, limit_field=other)
    if known.temperature and "temperature" in said:
        return replace(known, temperature=False)
    if known.form in _LESS:
        return replace(known, form=_LESS[known.form])
    if known.limit_field == "max_completion_tokens":
        return replace(known, limit_field="max_tokens")
    if known.temperature or known.limit_field:
        return replace(known, temperature=False, limit_field="")
    return None


def less_form(known: Capabilities) -> Capabilities | None:
    """The next simpler form, for servers that fail with a 500 at one they do not know."""
    return replace(known, form=_LESS[known.form]) if known.form in _LESS else None


def request_body(question: Question, model: str, known: Capabilities) -> dict[str, Any]:
    """The body of a chat completion."""
    system = question.system
    if known.form is not Form.JSON_SCHEMA:
        system = f"{system}\n\n{_IN_WORDS}{json.dumps(question.schema)}"
    body: dict[str, Any] = {
        "model": model,
        "messages": [{"role": "system", "content": system}, {"role": "user", "content": question.user}],
        "stream": False,
    }
    if known.limit_field:
        body[known.limit_field] = question.max_tokens
    if known.temperature:
        body["temperature"] = 0
    if known.form is Form.JSON_SCHEMA:
        schema = {"name": question.purpose, "strict": True, "schema": question.schema}
        body["response_format"] = {"type": "json_schema", "json_schema": schema}
    elif known.form is Form.JSON_OBJECT:
        body["response_format"] = {"type": "json_object"}
    return body
