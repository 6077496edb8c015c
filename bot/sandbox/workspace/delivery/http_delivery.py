"""Delivers to a bot by HTTP instead of over Socket Mode: a connection that signs and posts what it is given.

Made by `Workspace.deliver_to`; runs on the server's event loop. Retries and time limits are those of Socket Mode.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from aiohttp import ClientError, ClientSession, ClientTimeout

Json = dict[str, Any]

ANSWER_SECONDS = 3.0


class HttpOutlet:
    """Posts each envelope's payload to the bot. `acknowledged` gets what the bot answered with status 200, `refused`
    the id of what it answered otherwise: an event is then delivered again (https://docs.slack.dev/apis/events-api/,
    "Retries": `http_error`)."""

    def __init__(
        self, url: str, sign: Callable[[str], dict[str, str]], acknowledged: Callable[[Json], None],
        refused: Callable[[str], None],
    ) -> None:  # fmt: skip
        self._url = url
        self._sign = sign
        self._acknowledged = acknowledged
        self._refused = refused

    async def send_json(self, data: Any) -> None:
        """Deliver one envelope; anything else that Socket Mode says means nothing here."""
        if "envelope_id" not in data:
            return
        body, headers = encoded(data)
        status, text = await self.post(body, headers)
        if status == 200:
            self._acknowledged({"envelope_id": data["envelope_id"], "payload": _payload(text)})
        elif status:
            self._refused(data["envelope_id"])

    async def post(self, body: str, headers: dict[str, str]) -> tuple[int, str]:
        """The status and text of the answer; status 0 without one."""
        try:
            async with (
                ClientSession(timeout=ClientTimeout(total=ANSWER_SECONDS)) as session,
                session.post(self._url, data=body.encode(), headers=headers | self._sign(body)) as answer,
            ):
                return answer.status, await answer.text()
        except (ClientError, TimeoutError):
            return 0, ""

    async def close(self) -> None:
        """There is nothing to close."""


def encoded(envelope: Json) -> tuple[str, dict[str, str]]:
    """Body and headers of the request Slack would make."""
    payload = envelope["payload"]
    if envelope["type"] == "events_api":
        headers = {"Content-Type": "application/json"}
        if envelope.get("retry_attempt"):
            headers |= {
                "X-Slack-Retry-Num": str(envelope["retry_attempt"]),
                "X-Slack-Retry-Reason": envelope["retry_reason"],
            }
        return json.dumps(payload), headers
    form = payload if envelope["type"] == "slash_commands" else {"payload": json.dumps(payload)}
    return urlencode(form), {"Content-Type": "application/x-www-form-urlencoded"}


def _payload(text: str) -> Json | None:
    """What the bot answered: a JSON object, or a plain sentence for whoever used a command."""
    try:
        found = json.loads(text) if text else None
    except ValueError:
        return {"text": text}
    return found if isinstance(found, dict) else None
