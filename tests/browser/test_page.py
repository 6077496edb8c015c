"""The sandbox page as a person uses it, from a pasted error to the card; the bot is real, the cluster simulated."""

from __future__ import annotations

import pytest

from bot.sandbox.start import Sandbox, prepare
from bot.sandbox.workspace import INCIDENTS
from tests.browser.chromium import Chromium, Page

pytestmark = pytest.mark.browser

WHOLE_CARD = "[...document.querySelectorAll('#thread .button')].some((each) => each.innerText === 'Check again')"
MODAL = "dialog[open] .modal-body"


def paste_example(page: Page, label: str) -> None:
    """Choose an example below the conversation, send it, and open the thread of the answer."""
    page.click(".chip", label)
    page.click("#composer .send")
    page.click("#messages .message:last-child .thread-link")


def break_something_else(page: Page, fault: str) -> None:
    """Choose another fault in the tour; the thread stays open beside it."""
    page.click("#panel .choice", fault)


def test_a_pasted_error_becomes_a_card_with_the_root_cause(page: Page, sandbox: Sandbox) -> None:
    paste_example(page, "Connection refused")
    page.until(WHOLE_CARD)
    card = page.text("#thread .message")
    assert "Fault found · Onyx: the API server is being killed for memory." in card
    assert "Root cause (confirmed)" in card
    assert "deployment/api-server was restarted" in card
    assert "The web server cannot reach the API server" in card.partition("Because")[0].partition("Explains")[2]
    page.until("document.querySelector('#thread').innerText.includes('Raise memory to 2Gi …')")
    page.until("document.querySelector('#thread').innerText.includes('Roll back api-server …')")


@pytest.mark.timeout(180)
def test_the_fix_that_is_pressed_repairs_the_cluster_and_the_card_says_so(page: Page, sandbox: Sandbox) -> None:
    paste_example(page, "Connection refused")
    page.click("#thread .button", "Raise memory to 2Gi")
    page.until(f"document.querySelector({MODAL!r})?.innerText.includes('limits.memory: 1Gi → 2Gi')")
    page.click("dialog .button", "Apply")
    page.until(f"document.querySelector({MODAL!r})?.innerText.includes('Applied to deployment/api-server')")
    page.click("dialog .button", "Close")
    page.until("document.querySelector('#thread').innerText.includes('Being fixed')")
    page.until("document.querySelector('#thread').innerText.includes('Fixed · Onyx is healthy')", patience=5)
    card = page.text("#thread .message:last-child")
    assert "Before: Onyx: the API server is being killed for memory." in card
    assert "Undo" in card
    assert sandbox.cluster is not None
    assert [(write.user, write.asked.verb) for write in sandbox.cluster.writes][-1] == ("triage:operator", "patch")


def test_a_guest_who_presses_is_told_privately_and_nothing_happens(page: Page, sandbox: Sandbox) -> None:
    paste_example(page, "Connection refused")
    page.until("[...document.querySelectorAll('#thread .button')].some((b) => b.innerText.startsWith('Raise memory'))")
    page.click(".people button", "GW")
    page.click("#thread .button", "Raise memory to 2Gi")
    page.until("document.querySelector('dialog[open]')?.innerText.includes('Guests may not change anything')")
    assert sandbox.cluster is not None
    assert not sandbox.cluster.writes


def test_a_progress_message_becomes_the_card(page: Page, sandbox: Sandbox) -> None:
    page.script(
        """window.heard = [];
        new MutationObserver(() => {
          const said = document.querySelector('#thread .message:last-child .blocks')?.innerText;
          if (said && said !== window.heard.at(-1)) window.heard.push(said);
        }).observe(document.body, {subtree: true, childList: true, characterData: true})"""
    )
    assert sandbox.cluster is not None
    sandbox.cluster.hang("/pods$")  # so that the card is not there before anybody looks
    paste_example(page, "Connection refused")
    page.until("window.heard.length")
    sandbox.cluster.behave()
    page.until(WHOLE_CARD)
    bots = [message for message in sandbox.workspace.messages(INCIDENTS) if message.get("bot_id")]
    assert len(bots) == 1, "the card replaces the progress message"


def test_details_show_every_check_with_its_command(page: Page) -> None:
    paste_example(page, "Connection refused")
    page.click("#thread .button", "Details")
    page.until(f"document.querySelector({MODAL!r})?.innerText.includes('api.pods')")
    details = page.text(MODAL)
    assert details.index("(confirmed)") < details.index("connect ECONNREFUSED") < details.index("api.pods")
    assert "kubectl --context sandbox -n onyx get pods -l app=api-server -o wide" in details
    page.click("dialog .button", "Close")
    page.until("!document.querySelector('dialog[open]')")


def test_another_fault_and_check_again_give_another_root_cause(page: Page) -> None:
    paste_example(page, "Connection refused")
    page.until(WHOLE_CARD)
    break_something_else(page, "Service selects no pods")
    page.click("#thread .button", "Check again")
    page.until("document.querySelector('#thread .message:last-child').innerText.includes('selector app=api;')")
    card = page.text("#thread .message")
    assert "killed for memory" not in card.partition("Ruled out")[0]
    assert "Service api-server: selector app=api; the pods have app=api-server." in card


def test_the_slash_command_answers_in_the_channel(page: Page) -> None:
    page.click("#composer textarea")
    page.write("/triage onyx")
    page.press("Enter")
    page.click("#messages .button", "Details")  # there is a card, without a thread
    assert "Onyx: the API server is being killed for memory." in page.text("#messages .message")


def test_chatter_gets_no_answer(page: Page, sandbox: Sandbox) -> None:
    page.click(".chip", "Just chatter")
    page.click("#composer .send")
    page.until("document.querySelector('#messages .message')")
    paste_example(page, "MCP 404")  # looked at after the chatter, and answered
    page.until(WHOLE_CARD)
    asked = {message["text"]: message.get("reply_count", 0) for message in sandbox.workspace.messages(INCIDENTS)}
    assert next(count for text, count in asked.items() if text.startswith("Does anybody know")) == 0
    assert next(count for text, count in asked.items() if text.startswith("Is this a problem")) == 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_a_phone_the_card_fits_without_scrolling_sideways(page: Page, scheme: str) -> None:
    page.resize(390, 844, phone=True)
    page.reload()
    page.colours(scheme)
    paste_example(page, "All four")
    page.until(WHOLE_CARD)
    too_wide = page.script(
        """[...document.querySelectorAll('#thread, #thread *')]
        .filter((each) => each.getClientRects().length && !each.matches('.visually-hidden')
            && (each.getBoundingClientRect().right > 390.5 || each.getBoundingClientRect().left < -0.5))
        .map((each) => each.outerHTML.slice(0, 120))"""
    )
    assert too_wide == []
    assert page.script("document.documentElement.scrollWidth") == 390


def test_a_card_longer_than_the_screen_is_shown_from_its_beginning(page: Page) -> None:
    page.resize(1000, 500)
    page.reload()
    paste_example(page, "All four")
    page.until(WHOLE_CARD)
    page.until(
        """(() => {
          const list = document.querySelector('#thread .messages').getBoundingClientRect();
          const card = document.querySelector('#thread .message:last-child').getBoundingClientRect();
          return card.height > list.height && card.top >= list.top - 1 && card.top < list.top + 60;
        })()"""
    )


def test_choosing_a_fault_far_down_leaves_the_page_in_place(page: Page) -> None:
    page.resize(1400, 600)
    page.click("#panel .choice", "Two independent faults")
    assert page.script("document.body.scrollTop + document.documentElement.scrollTop") == 0


def test_a_search_finds_faults_of_every_application(page: Page) -> None:
    page.click("#panel input[type=search]")
    page.write("memory")
    page.until("document.querySelectorAll('#panel .app-name').length === 3")
    assert page.script("[...document.querySelectorAll('#panel .app-name')].map((each) => each.innerText)") == [
        "Onyx",
        "Immich",
        "The shop",
    ]
    page.click("#panel .choice", "Orders: killed for memory")
    page.until("document.querySelector('#panel input[value=shop-memory]').checked")


def test_a_phone_says_what_this_is_and_offers_the_card(browser: Chromium, sandbox: Sandbox) -> None:
    prepare(sandbox)
    with browser.page(sandbox.address) as page:
        page.resize(390, 844, phone=True)
        page.script("sessionStorage.clear()")
        page.reload()
        page.until("document.querySelector('#welcome:not([hidden])')", patience=3)
        assert "Triage names the root cause" in page.text("#welcome")
        page.click("#welcome .button", "Open the card")
        page.until(WHOLE_CARD)
        assert page.script("document.querySelector('#welcome').hidden")
        assert page.complaints == []
