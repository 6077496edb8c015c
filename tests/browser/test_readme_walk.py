"""A stranger does what the README says under “Try it”, step by step, at the size of a laptop."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.sandbox.start import Sandbox, prepare
from bot.sandbox.workspace import INCIDENTS
from tests.browser.chromium import Chromium, Page
from tests.browser.sandbox import running_sandbox
from tests.contract.kube.simulated_cluster_client import KUBECTL

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
TRY_IT = README.partition("## Try it")[2].partition("\n## ")[0]
THREAD = "document.querySelector('#thread').innerText"
MODAL = "document.querySelector('dialog[open]')?.innerText"


@pytest.fixture
def walked() -> Iterator[Sandbox]:
    with running_sandbox() as running:
        prepare(running)
        yield running


class Walk:
    """Presses what the README names in bold, and nothing else."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.bold = {" ".join(found.split()) for found in re.findall(r"\*\*(.+?)\*\*", TRY_IT, re.DOTALL)}
        self.pressed: set[str] = set()

    def press(self, label: str, selector: str, shown: str | None = None) -> None:
        """`shown` is what the button begins with, where that is not the label: initials, an icon."""
        assert label in self.bold, f"the README does not name {label}"
        self.pressed.add(label)
        self.page.click(selector, label.removesuffix(" …") if shown is None else shown)


def test_every_step_of_the_readme_does_what_it_says(browser: Chromium, walked: Sandbox, tmp_path: Path) -> None:
    with browser.page(walked.address) as page:
        page.resize(1280, 800)
        page.reload()
        walk = Walk(page)
        for step in (_the_card, _details, _the_fix, _another_fault, _approval, _without_an_error):
            step(walk, walked)
        assert walk.pressed | {"Undo"} == walk.bold
        assert page.complaints == []
        page.picture(tmp_path / "walked.png")


def _the_card(walk: Walk, _: Sandbox) -> None:
    walk.page.until(f"{THREAD}.includes('Root cause (confirmed)') && {THREAD}.includes('Raise memory')", patience=3)
    assert "Best fix" in walk.page.text("#thread")
    assert walk.page.script("getComputedStyle(document.querySelector('#panel')).display") != "none"


def _details(walk: Walk, _: Sandbox) -> None:
    walk.press("Details", "#thread .button")
    walk.page.until(f"{MODAL}.includes('Failing') && {MODAL}.includes('kubectl --context sandbox')")
    walk.page.click("dialog .button", "Close")


def _the_fix(walk: Walk, _: Sandbox) -> None:
    page = walk.page
    walk.press("Raise memory to 2Gi …", "#thread .button")
    page.until(f"{MODAL}.includes('limits.memory: 1Gi → 2Gi')")
    walk.press("Apply", "dialog .button")
    page.until(f"{MODAL}.includes('Applied to deployment/api-server')")
    page.click("dialog .button", "Close")
    page.until(f"{THREAD}.includes('Fixed · Onyx is healthy')", patience=6)
    assert "Undo" in walk.bold
    assert "Undo" in page.text("#thread")


def _another_fault(walk: Walk, _: Sandbox) -> None:
    page = walk.page
    page.click("#panel .choice", "Policy blocks the API")
    walk.press("Back to the conversation", "[aria-label='Back to the conversation']", "")
    page.until("document.querySelector('.current').innerText.includes('Policy blocks the API')")
    walk.press("Connection refused", ".chip")
    page.click("#composer .send")
    page.until("document.querySelectorAll('#messages .thread-link').length === 2")
    page.click("#messages .message:last-child .thread-link")
    page.until(f"{THREAD}.includes('Allow the route')", patience=4)
    assert "NetworkPolicy" in page.text("#thread")


def _approval(walk: Walk, sandbox: Sandbox) -> None:
    page = walk.page
    walk.press("Allow the route …", "#thread .button")
    page.until(f"{MODAL}.includes('Who can approve')")
    assert "sam" in page.text("dialog[open]").partition("Who can approve")[2].lower()
    assert "robin" not in page.text("dialog[open]").partition("Who can approve")[2].lower()
    walk.press("Ask for approval", "dialog .button")
    page.until(f"{MODAL}.includes('must approve it') && {MODAL}.includes('Close')")
    page.click("dialog .button", "Close")
    page.until(f"{THREAD}.includes('Approval needed')")
    for who, initials, outcome in (
        ("Gale Winter", "GW", "Guests may not change anything"),
        ("Sam Okafor", "SO", "Before: Onyx: a NetworkPolicy blocks"),
    ):
        walk.press(who, ".people button", initials)
        page.until(f"document.querySelector('.footnote').innerText.includes({who!r})")
        page.until("[...document.querySelectorAll('#thread .button')].some((one) => one.innerText === 'Approve')")
        walk.press("Approve", "#thread .button")
        page.click("dialog .button", "Approve")
        page.until(f"{THREAD}.includes({outcome!r})", patience=6)
        if who == "Gale Winter":
            assert sandbox.cluster is not None
            assert not any(write.asked.resource == "networkpolicies" for write in sandbox.cluster.writes)


def _without_an_error(walk: Walk, sandbox: Sandbox) -> None:
    page = walk.page
    page.click("[aria-label='Back to the conversation']")
    page.click("#composer textarea")
    page.write("/triage")
    page.press("Enter")
    page.until("document.querySelector('#messages').innerText.includes('onyx (Onyx)')")
    walk.press("Immich", "#panel .tab")
    page.click("#panel .choice", "Machine learning is scaled to zero")
    page.until("document.querySelector('.current')?.innerText.includes('scaled to zero')")
    walk.press("Immich: no search", ".chip")
    page.click("#composer .send")
    page.click("#messages .message:last-child .thread-link")
    page.until(f"{THREAD}.includes('the machine-learning service is scaled to zero')", patience=4)
    page.click("[aria-label='Back to the conversation']")
    walk.press("The shop", "#panel .tab")
    page.click("#panel .choice", "The Service of orders selects no pods")
    page.click("#composer textarea")
    page.write("/triage shop")
    page.press("Enter")
    page.until("document.querySelector('#messages').innerText.includes('Service orders selects no pod')", patience=4)
    walk.press("Just chatter", ".chip")
    page.click("#composer .send")
    page.until("document.querySelector('#messages').innerText.includes('upgrade window')")
    chatter = [item for item in sandbox.workspace.messages(INCIDENTS) if "upgrade window" in item["text"]]
    assert [item.get("reply_count", 0) for item in chatter] == [0]


@pytest.mark.skipif(KUBECTL is None, reason="kubectl is not on the PATH")
def test_the_line_for_the_terminal_is_on_the_page_and_works(browser: Chromium, walked: Sandbox, tmp_path: Path) -> None:
    path = walked.write_kubeconfig(tmp_path / "kubeconfig")
    walked.workspace.say_how_to_paste(f"export KUBECONFIG={path}")
    with browser.page(walked.address) as page:
        page.resize(1280, 800)
        page.reload()
        page.until("document.querySelector('.shell')")
        first = page.text(".shell")
    second = re.search(r"^ +(kubectl -n onyx get pods)$", TRY_IT, re.MULTILINE)
    assert second is not None
    done = subprocess.run(
        ["bash", "-c", f"{first}\n{second[1]}"], capture_output=True, text=True, check=False, timeout=30
    )
    assert done.returncode == 0, done.stderr
    assert "api-server" in done.stdout
