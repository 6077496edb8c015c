"""Reads a chat completion that comes in pieces (server-sent events), and says when there has been enough. Pure.

A server that ignores the bound it was given goes on until it is left: reading in pieces lets the client leave.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

CHARACTERS_PER_TOKEN = 8
"""More than the tokens of any language have on average: nobody is cut off who keeps to the bound."""
DONE = "[DONE]"


class Events:
    """What has come so far. `enough` is true as soon as more was said than was asked for."""

    def __init__(self, max_tokens: int) -> None:
        self._longest = max_tokens * CHARACTERS_PER_TOKEN
        self._left = b""
        self._said: list[str] = []
        self._length = 0
        self._finish: str | None = None
        self._refusal = ""
        self._usage: Mapping[str, Any] = {}
        self._error: Any = None

    @property
    def enough(self) -> bool:
        """Whether the rest need not be read."""
        return self._length > self._longest

    def feed(self, chunk: bytes) -> None:
        """The next bytes, wherever they were cut."""
        lines = (self._left + chunk).split(b"\n")
        self._left = lines.pop()
        for line in lines:
            if self.enough:
                return
            self._line(line.rstrip(b"\r"))

    def body(self) -> bytes:
        """All of it as a chat completion that was not streamed."""
        if self._left:
            self._line(self._left)
            self._left = b""
        if self._error is not None:
            return json.dumps({"error": self._error}).encode()
        message: dict[str, Any] = {"role": "assistant", "content": "".join(self._said)}
        if self._refusal:
            message["refusal"] = self._refusal
        finish = "length" if self.enough else self._finish
        return json.dumps({"choices": [{"message": message, "finish_reason": finish}], "usage": self._usage}).encode()

    def _line(self, line: bytes) -> None:
        if not line.startswith(b"data:"):
            return
        text = line[5:].strip().decode("utf-8", "replace")
        if text == DONE:
            return
        try:
            event = json.loads(text, strict=False)
        except (ValueError, RecursionError):
            return
        if isinstance(event, Mapping):
            self._event(event)

    def _event(self, event: Mapping[str, Any]) -> None:
        if event.get("error"):
            self._error = event["error"]
        if isinstance(event.get("usage"), Mapping):
            self._usage = event["usage"]
        choices = event.get("choices")
        choice = choices[0] if isinstance(choices, list) and choices else None
        if not isinstance(choice, Mapping):
            return
        self._finish = str(choice["finish_reason"]) if choice.get("finish_reason") else self._finish
        delta = choice.get("delta")
        if not isinstance(delta, Mapping):
            return
        for said in (delta.get("content"), delta.get("reasoning_content")):
            if isinstance(said, str):
                self._length += len(said)
        if isinstance(delta.get("content"), str):
            self._said.append(delta["content"])
        if isinstance(delta.get("refusal"), str):
            self._refusal += delta["refusal"]
