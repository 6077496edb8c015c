"""The browser page's own endpoints: what a person does there, and who may not call them."""

from __future__ import annotations

import asyncio
import base64
import http.client
import json
import re
from collections.abc import AsyncIterator, Callable, Iterator
from importlib.resources import files
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import pytest

from bot.sandbox.workspace import GENERAL, GUEST, INCIDENTS, ONCALL, SECOND, Control, Workspace
from tests.contract.workspace.workspace_bot import client_of, section

Json = dict[str, Any]


class Knob:
    """A control's state."""

    def __init__(self) -> None:
        self.value = "none"

    def select(self, value: str) -> None:
        self.value = value


@pytest.fixture(scope="module")
def knob() -> Knob:
    return Knob()


@pytest.fixture(scope="module")
def workspace(knob: Knob) -> Iterator[Workspace]:
    control = Control(
        "fault", "What is broken", (("none", "Nothing"), ("oom", "Memory")), lambda: knob.value, knob.select
    )
    with Workspace(controls=[control], examples=[("An error", "ECONNREFUSED")]) as workspace:
        yield workspace


def request(
    workspace: Workspace, method: str, path: str, body: Json | None = None, headers: dict[str, str] | None = None
) -> tuple[int, str]:
    """The status and text of a plain HTTP request."""
    connection = http.client.HTTPConnection(urlsplit(workspace.address).netloc)
    connection.request(method, path, json.dumps(body) if body is not None else None, headers or {})
    response = connection.getresponse()
    text = response.read().decode()
    connection.close()
    return response.status, text


def do(workspace: Workspace, action: str, **body: Any) -> tuple[int, str]:
    """One action of the page, with its token."""
    return request(workspace, "POST", f"/page/do/{action}", body, {"X-Page-Token": workspace.page_token})


MESSAGE = {"user": ONCALL, "channel": INCIDENTS, "text": "from the page", "files": []}


def test_the_page_carries_its_token_and_runs_only_its_own_scripts(workspace: Workspace) -> None:
    connection = http.client.HTTPConnection(urlsplit(workspace.address).netloc)
    connection.request("GET", "/")
    response = connection.getresponse()
    html = response.read().decode()
    connection.close()

    assert f'content="{workspace.page_token}"' in html
    assert "script-src 'self'" in response.headers["Content-Security-Policy"]
    assert workspace.bot_token not in html
    for address in re.findall(r'(?:src|href)="(/[^"]+)"', html):
        assert request(workspace, "GET", address)[0] == 200


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({}, id="no-token"),
        pytest.param({"X-Page-Token": "guess"}, id="wrong-token"),
        pytest.param({"Origin": "http://evil.example"}, id="foreign-origin"),
        pytest.param({"Origin": "null"}, id="opaque-origin"),
        pytest.param({"Host": "evil.example"}, id="rebound-host"),
    ],
)
def test_nobody_else_may_act(workspace: Workspace, headers: dict[str, str]) -> None:
    before = len(workspace.messages(INCIDENTS))
    token = {} if "X-Page-Token" in headers or not headers else {"X-Page-Token": workspace.page_token}

    status, _ = request(workspace, "POST", "/page/do/message", MESSAGE, token | headers)

    assert status == 403
    assert len(workspace.messages(INCIDENTS)) == before


@pytest.mark.parametrize("path", ["/", "/page/app.js", "/api/auth.test", "/archives/C0INCIDENT/p1"])
def test_a_rebound_name_reaches_nothing(workspace: Workspace, path: str) -> None:
    assert request(workspace, "GET", path, headers={"Host": "evil.example:80"})[0] == 403


@pytest.mark.parametrize("path", ["/page/index.html", "/page/..%2fserver.py", "/page/missing.js", "/page/workspace.py"])
def test_only_the_pages_own_files_are_served(workspace: Workspace, path: str) -> None:
    assert request(workspace, "GET", path)[0] == 404


def test_a_person_writes_a_message_with_a_file(workspace: Workspace) -> None:
    content = base64.b64encode(b"<script>alert(1)</script>").decode()

    status, _ = do(workspace, "message", **(MESSAGE | {"files": [{"name": "evil.html", "content": content}]}))

    message = workspace.messages(INCIDENTS)[-1]
    path = f"/page/file/{message['files'][0]['id']}"
    connection = http.client.HTTPConnection(urlsplit(workspace.address).netloc)
    connection.request("GET", f"{path}?token={workspace.page_token}")
    served = connection.getresponse()
    assert (status, message["text"], served.headers.get_content_type()) == (200, "from the page", "text/plain")
    connection.close()
    assert request(workspace, "GET", path)[0] == 403


def test_a_mistake_is_answered_with_what_to_do(workspace: Workspace) -> None:
    status, text = do(workspace, "message", **(MESSAGE | {"channel": GENERAL, "user": GUEST}))

    answer = json.loads(text)
    assert (status, answer["ok"]) == (200, False)
    assert answer["message"] == "Gale Winter is not in general."
    assert answer["remedy"]


@pytest.mark.parametrize(
    ("action", "body"),
    [("message", {}), ("explode", {}), ("control", {"id": "fault", "value": "volcano"}), ("control", {"id": "?"})],
)
def test_what_the_page_never_sends_is_refused(workspace: Workspace, action: str, body: Json) -> None:
    assert do(workspace, action, **body)[0] == 400


async def _frames(workspace: Workspace, user: str) -> AsyncIterator[Json]:
    address = f"{workspace.address}/page/socket?token={workspace.page_token}&user={user}"
    async with aiohttp.ClientSession() as session, session.ws_connect(address) as socket:
        async for frame in socket:
            yield json.loads(frame.data)


async def _collect(workspace: Workspace, user: str, act: Callable[[], object], until: str) -> list[Json]:
    """The frames a page gets: its picture, then what `act` causes, up to a frame of kind `until`."""
    seen: list[Json] = []
    stream = _frames(workspace, user)
    async for frame in stream:
        seen.append(frame)
        if frame["kind"] == "picture":
            await asyncio.get_running_loop().run_in_executor(None, act)
        if frame["kind"] == until:
            break
    await stream.aclose()
    return seen


def test_a_page_gets_the_whole_picture_then_every_change(workspace: Workspace) -> None:
    client = client_of(workspace)
    act = lambda: client.chat_postMessage(channel=INCIDENTS, text="news", blocks=[section("news")])  # noqa: E731

    picture, change = asyncio.run(_collect(workspace, ONCALL, act, "message"))

    data = picture["data"]
    assert (data["me"], data["examples"]) == (ONCALL, [{"label": "An error", "text": "ECONNREFUSED"}])
    assert {channel["name"] for channel in data["channels"]} >= {"incidents", "general", "shared-northwind"}
    assert data["controls"][0]["current"] == "none"
    assert (change["channel"], change["data"]["text"]) == (INCIDENTS, "news")
    assert workspace.bot_token not in json.dumps(picture)


def test_a_page_shows_only_what_its_person_may_see(workspace: Workspace) -> None:
    client = client_of(workspace)

    def act() -> None:
        client.chat_postEphemeral(channel=INCIDENTS, user=SECOND, text="for Sam only")
        workspace.post_message(GENERAL, "not for guests")
        workspace.post_message(INCIDENTS, "for everyone")

    picture, *changes = asyncio.run(_collect(workspace, GUEST, act, "message"))

    assert GENERAL not in picture["data"]["messages"]
    assert [change["data"]["text"] for change in changes] == ["for everyone"]


def test_turning_a_control_reaches_its_owner_and_every_page(workspace: Workspace, knob: Knob) -> None:
    act = lambda: do(workspace, "control", user=ONCALL, id="fault", value="oom")  # noqa: E731

    frames = asyncio.run(_collect(workspace, ONCALL, act, "controls"))

    assert knob.value == "oom"
    assert frames[-1]["data"][0]["current"] == "oom"


def test_a_stream_needs_the_token(workspace: Workspace) -> None:
    assert request(workspace, "GET", f"/page/socket?user={ONCALL}")[0] == 403


def test_the_page_never_parses_text_as_html() -> None:
    scripts = [
        entry for entry in files("bot.sandbox.workspace").joinpath("page").iterdir() if entry.name.endswith(".js")
    ]

    assert len(scripts) > 5
    banned = ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function", "srcdoc")
    assert [(script.name, word) for script in scripts for word in banned if word in script.read_text()] == []
