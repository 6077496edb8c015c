"""Files: what people and the bot share, who can download it, and how a refused download looks."""

from __future__ import annotations

import urllib.request
from collections.abc import Iterator

import pytest
from slack_sdk import WebClient

from bot.sandbox.workspace import (
    BASE_SCOPES,
    BOT_USER,
    GENERAL,
    INCIDENTS,
    OPTIONAL_SCOPES,
    Upload,
    Workspace,
    WorkspaceConfig,
)
from tests.contract.workspace.workspace_bot import client_of, refusal


@pytest.fixture(scope="module")
def workspace() -> Iterator[Workspace]:
    with Workspace(config=WorkspaceConfig(scopes=BASE_SCOPES + OPTIONAL_SCOPES)) as workspace:
        yield workspace


@pytest.fixture(scope="module")
def client(workspace: Workspace) -> WebClient:
    return client_of(workspace)


def fetched(url: str, token: str | None) -> tuple[str, bytes]:
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"} if token else {})
    with urllib.request.urlopen(request) as response:
        return response.headers.get_content_type(), response.read()


def test_a_snippet_is_downloaded_with_the_token_and_hidden_behind_a_login_page_without(
    workspace: Workspace, client: WebClient
) -> None:
    log = b"line one\nline two <script>\n"
    ts = workspace.post_message(INCIDENTS, "see file", files=[Upload("web.log", log)])

    message = workspace.message(INCIDENTS, ts)
    file = message["files"][0]

    assert (message["subtype"], file["mode"], file["size"], file["lines"]) == ("file_share", "snippet", len(log), 3)
    assert fetched(file["url_private"], workspace.bot_token) == ("text/plain", log)
    assert fetched(file["url_private_download"], workspace.bot_token) == ("text/plain", log)
    for token in (None, "xoxb-guessed"):
        kind, body = fetched(file["url_private"], token)
        assert (kind, body[:15]) == ("text/html", b"<!DOCTYPE html>")
    assert client.files_info(file=file["id"])["file"]["name"] == "web.log"


def test_a_file_in_a_channel_without_the_bot_is_not_found(workspace: Workspace, client: WebClient) -> None:
    ts = workspace.post_message(GENERAL, "secret", files=[Upload("plan.txt", b"x")])
    file = workspace.message(GENERAL, ts)["files"][0]

    assert refusal(lambda: client.files_info(file=file["id"]))["error"] == "file_not_found"
    assert fetched(file["url_private"], workspace.bot_token)[0] == "text/html"


def test_the_bot_uploads_a_file_into_a_thread(workspace: Workspace, client: WebClient) -> None:
    ts = workspace.post_message(INCIDENTS, "long output, please")

    client.files_upload_v2(channel=INCIDENTS, thread_ts=ts, content="a\nb\n", filename="details.txt", title="Details")

    reply = workspace.messages(INCIDENTS, ts)[-1]
    assert (reply["files"][0]["title"], reply["files"][0]["size"], reply["user"]) == ("Details", 4, BOT_USER)
