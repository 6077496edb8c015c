"""Drives one headless Chromium over its debugging protocol: no driver to install, only the browser itself.

Used by the browser tests and by `tests.browser.picture`. It talks to loopback only. There is no polling from outside:
`Page.until` waits inside the page, frame by frame, and fails with what the page showed.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import shutil
import subprocess
import time
from collections.abc import Coroutine, Iterator
from pathlib import Path
from typing import Any

import aiohttp

Json = dict[str, Any]

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--headless",
    "--no-sandbox",  # the tests often run as root, in a container
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--remote-debugging-port=0",
)
START_SECONDS = 30.0
WAIT_SECONDS = 60
KEYS = {"Enter": (13, "\r"), "Tab": (9, ""), "Escape": (27, "")}

_UNTIL = """new Promise((resolve, reject) => {
  const deadline = performance.now() + %d;
  const look = () => {
    let value;
    try { value = (%s); } catch (error) { reject(error); return; }
    if (value) resolve(value === true ? true : String(value));
    else if (performance.now() > deadline) reject(new Error("timeout"));
    else requestAnimationFrame(look);
  };
  look();
})"""


class BrowserError(AssertionError):
    """The page did not do what was waited for, or its script failed."""


def find_chromium() -> str | None:
    """The browser's program, or None when there is none on PATH."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


class Page:
    """One tab. Everything it does waits until it is done."""

    def __init__(self, loop: asyncio.AbstractEventLoop, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._loop = loop
        self._socket = socket
        self._number = 0
        self._loads = 0
        self.complaints: list[str] = []
        """What the page's console said: errors and warnings of its script, and refused requests."""

    def open(self, address: str) -> None:
        """Go to an address."""
        for domain in ("Page", "Runtime", "Log"):
            self.command(f"{domain}.enable")
        self.command("Page.navigate", url=address)

    def reload(self) -> None:
        """Load the page again, as after changing the size of the window, and wait until it is there."""
        before = self._loads
        self.command("Page.reload")
        self._loop.run_until_complete(self._loaded_since(before))

    def command(self, method: str, **params: Any) -> Json:
        """One command of the protocol, and its result."""
        return self._loop.run_until_complete(self._command(method, params))

    def script(self, expression: str) -> Any:
        """The value of a JavaScript expression; a promise is awaited. Raises `BrowserError`."""
        answer = self.command("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in answer:
            details = answer["exceptionDetails"]
            raise BrowserError(str(details.get("exception", {}).get("description") or details.get("text")))
        return answer["result"].get("value")

    def until(self, expression: str, patience: int = 1) -> Any:
        """Wait until a JavaScript expression is true, and return its value; `patience` times as long as usual."""
        for _ in range(patience - 1):
            if self.script(f"Boolean({expression})"):
                break
            with contextlib.suppress(BrowserError):
                self.script(_UNTIL % (WAIT_SECONDS * 1000, expression))
        try:
            return self.script(_UNTIL % (WAIT_SECONDS * 1000, expression))
        except BrowserError as error:
            shown = self.script("document.body.innerText")
            raise BrowserError(f"{error}: waited for {expression}; the page shows:\n{shown}") from error

    def text(self, selector: str) -> str:
        """What a person reads in the last element that matches; waits for it."""
        return str(self.until(f"[...document.querySelectorAll({json.dumps(selector)})].at(-1)?.innerText"))

    def click(self, selector: str, says: str = "") -> None:
        """Click the last visible element that matches and begins with these words; waits for it.

        A real click in the middle of the element. While something else covers it, it is waited for.
        """
        place = (
            f"[...document.querySelectorAll({json.dumps(selector)})].filter((each) => each.offsetParent !== null && "
            f"each.innerText.trim().startsWith({json.dumps(says)})).at(-1)"
        )
        place_of = f"""(() => {{
          const found = {place};
          if (!found) return null;
          found.scrollIntoView({{block: "nearest"}});
          const box = found.getBoundingClientRect();
          const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
          return found.contains(document.elementFromPoint(x, y)) ? [x, y] : null;
        }})()"""
        x, y = (float(number) for number in str(self.until(place_of)).split(","))
        for kind in ("mousePressed", "mouseReleased"):
            self.command("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def write(self, text: str) -> None:
        """Insert text where the cursor is, as a paste does."""
        self.command("Input.insertText", text=text)

    def press(self, key: str) -> None:
        """Press and release a key of `KEYS`."""
        code, text = KEYS[key]
        pressed = {"key": key, "code": key, "windowsVirtualKeyCode": code}
        self.command("Input.dispatchKeyEvent", type="keyDown", **pressed, **({"text": text} if text else {}))
        self.command("Input.dispatchKeyEvent", type="keyUp", **pressed)

    def resize(self, width: int, height: int, *, phone: bool = False, sharpness: float = 1) -> None:
        """Set the size of the window in CSS pixels; a phone has a touch screen."""
        size: Json = {"width": width, "height": height, "deviceScaleFactor": sharpness, "mobile": phone}
        self.command("Emulation.setDeviceMetricsOverride", **size)
        self.command("Emulation.setTouchEmulationEnabled", enabled=phone)

    def colours(self, scheme: str) -> None:
        """Prefer `light` or `dark`."""
        self.command("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])

    def picture(self, path: Path) -> Path:
        """Save what is to be seen as PNG."""
        image = self.command("Page.captureScreenshot", format="png", optimizeForSpeed=False)
        path.write_bytes(base64.b64decode(image["data"]))
        return path

    async def _command(self, method: str, params: Json) -> Json:
        self._number += 1
        await self._socket.send_json({"id": self._number, "method": method, "params": params})
        async with asyncio.timeout(WAIT_SECONDS + 10):
            while True:
                frame = await self._socket.receive_json()
                if frame.get("id") == self._number:
                    break
                self._hear(frame)
        if "error" in frame:
            raise BrowserError(f"{method}: {frame['error'].get('message')}")
        return dict(frame["result"])

    async def _loaded_since(self, before: int) -> None:
        async with asyncio.timeout(WAIT_SECONDS):
            while self._loads == before:
                self._hear(await self._socket.receive_json())

    def _hear(self, frame: Json) -> None:
        params = frame.get("params", {})
        match frame.get("method"):
            case "Page.loadEventFired":
                self._loads += 1
            case "Runtime.exceptionThrown":
                self.complaints.append(json.dumps(params["exceptionDetails"])[:500])
            case "Log.entryAdded" if params["entry"]["level"] in {"error", "warning"}:
                self.complaints.append(f"{params['entry']['text']} {params['entry'].get('url', '')}")
            case "Runtime.consoleAPICalled" if params["type"] in {"error", "warning", "assert"}:
                self.complaints.append(json.dumps(params["args"])[:500])


class Chromium:
    """One running browser. `page` opens a tab of its own, with nothing remembered from other tabs' sessions."""

    def __init__(self, loop: asyncio.AbstractEventLoop, port: int) -> None:
        self._loop = loop
        self._address = f"http://127.0.0.1:{port}"

    @contextlib.contextmanager
    def page(self, address: str) -> Iterator[Page]:
        """A tab that shows an address; closed at the end."""
        session = self._run(_session())
        try:
            target = self._run(self._new_tab(session))
            socket = self._run(session.ws_connect(target["webSocketDebuggerUrl"], max_msg_size=0))
            page = Page(self._loop, socket)
            page.resize(1400, 900)
            page.open(address)
            yield page
            self._run(socket.close())
            self._run(self._close_tab(session, target["id"]))
        finally:
            self._run(session.close())

    def _run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self._loop.run_until_complete(work)

    async def _new_tab(self, session: aiohttp.ClientSession) -> Json:
        async with session.put(f"{self._address}/json/new?about:blank") as answer:
            return dict(await answer.json())

    async def _close_tab(self, session: aiohttp.ClientSession, target: str) -> None:
        async with session.get(f"{self._address}/json/close/{target}") as answer:
            await answer.read()


async def _session() -> aiohttp.ClientSession:
    return aiohttp.ClientSession()


@contextlib.contextmanager
def chromium(program: str, directory: Path) -> Iterator[Chromium]:
    """A browser with a profile of its own in an empty directory; ended at the end."""
    process = subprocess.Popen(
        [program, *FLAGS, f"--user-data-dir={directory}", "about:blank"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    loop = asyncio.new_event_loop()
    try:
        yield Chromium(loop, _port(process))
    finally:
        process.terminate()
        process.communicate()
        loop.close()


def _port(process: subprocess.Popen[bytes]) -> int:
    """The port that the browser says it listens on."""
    assert process.stderr is not None
    begun, said = time.monotonic(), []
    for line in process.stderr:
        said.append(line.decode("utf-8", "replace"))
        if said[-1].startswith("DevTools listening on ws://"):
            return int(said[-1].split(":")[2].partition("/")[0])
        if time.monotonic() - begun > START_SECONDS:
            break
    raise BrowserError("Chromium did not start:\n" + "".join(said[-10:]))
