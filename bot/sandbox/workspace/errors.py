"""The workspace's own errors.

TriageError
├── WorkspaceError     the workspace was used wrongly by its owner: a bad address, an unknown person or message
└── MethodError      Slack's answer to a bot: an error code on the wire, never a traceback
"""

from __future__ import annotations

from typing import Any

from bot.domain.errors import TriageError


class WorkspaceError(TriageError):
    """The workspace was asked for something it does not have or must not do."""


class MethodError(TriageError):
    """A Web API call is answered with `ok: false`.

    code:     Slack's error code, such as `channel_not_found`
    messages: further explanations for `response_metadata.messages`
    fields:   further top-level fields of the answer, such as `needed` and `provided`
    """

    def __init__(self, code: str, messages: tuple[str, ...] = (), **fields: Any) -> None:
        super().__init__(f"Slack refused the call: {code}.", "Correct the call; the code is in Slack's reference.")
        self.code = code
        self.messages = messages
        self.fields = fields

    def answer(self) -> dict[str, Any]:
        """The JSON body Slack would send."""
        body: dict[str, Any] = {"ok": False, "error": self.code, **self.fields}
        if self.messages:
            body["errors"] = list(self.messages)
            body["response_metadata"] = {"messages": [f"[ERROR] {message}" for message in self.messages]}
        return body
