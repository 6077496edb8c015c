"""What the workspace's tests share: the real slack_bolt App with its builtin Socket Mode handler, and some blocks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.sandbox.workspace import Workspace

Json = dict[str, Any]


def client_of(workspace: Workspace, token: str | None = None) -> WebClient:
    """The official client, pointed at the workspace."""
    return WebClient(token=token or workspace.bot_token, base_url=workspace.api_url)


def app_of(workspace: Workspace) -> App:
    """An app without listeners."""
    return App(client=client_of(workspace))


class Connected:
    """Keeps an app connected by Socket Mode for the length of a `with` block."""

    def __init__(self, workspace: Workspace, app: App) -> None:
        self._workspace = workspace
        self._handler = SocketModeHandler(app, workspace.app_token)

    def __enter__(self) -> SocketModeHandler:
        before = self._workspace.connections
        self._handler.connect()
        assert self._workspace.wait_for(lambda: self._workspace.connections > before)
        return self._handler

    def __exit__(self, *_: object) -> None:
        # The client notices a closed socket at once; closing it from its own side takes seconds.
        self._handler.client.auto_reconnect_enabled = False
        self._workspace.drop_connections()
        try:
            self._handler.close()
        except AttributeError:  # the receiver closed it in between
            self._handler.close()


def button(action_id: str, text: str = "Go", **more: Any) -> Json:
    """An actions block with one button."""
    element = {"type": "button", "action_id": action_id, "text": {"type": "plain_text", "text": text}, **more}
    return {"type": "actions", "block_id": "acts", "elements": [element]}


def section(text: str, **more: Any) -> Json:
    """A section of mrkdwn."""
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}, **more}


def preformatted(text: str) -> Json:
    """A log, as the bot shows it."""
    child = {"type": "rich_text_preformatted", "border": 0, "elements": [{"type": "text", "text": text}]}
    return {"type": "rich_text", "elements": [child]}


def modal(*blocks: Json, **more: Any) -> Json:
    """A modal with a submit button."""
    plain: Callable[[str], Json] = lambda text: {"type": "plain_text", "text": text}  # noqa: E731
    return {"type": "modal", "title": plain("Title"), "submit": plain("Send"), "blocks": list(blocks), **more}


def text_input(block_id: str, **more: Any) -> Json:
    """An input block with a text field."""
    element = {"type": "plain_text_input", "action_id": "value", **more}
    return {
        "type": "input",
        "block_id": block_id,
        "label": {"type": "plain_text", "text": block_id},
        "element": element,
    }


def refusal(call: Callable[[], object]) -> Json:
    """The body of the refused call."""
    with pytest.raises(SlackApiError) as caught:
        call()
    return dict(caught.value.response.data)
