"""The Home tab: what is open, what waits, what is muted; and nothing that its reader may not see."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.adapters.slack.render.home_facts import HomeItem
from bot.domain.errors import StoreError
from bot.sandbox.workspace.rules.validate import check_home
from bot.sandbox.workspace.state.seed import GUEST, INCIDENTS, ONCALL, SECOND, Channel, WorkspaceConfig
from tests.scenario.slack_bench import NOW, PASTE, Bench, bench
from tests.support.workspaces import patient_workspace
from tests.unit.slack_samples import oom

PRIVATE = "G0SECRET00"


class Facts:
    """What the wiring knows."""

    broken = False

    def approvals(self, _team: str, user: str) -> Sequence[HomeItem]:
        return [HomeItem("Raise the memory limit of deployment/api-server, asked by sam")] if user == ONCALL else []

    def rights(self, _team: str, _user: str) -> Sequence[str]:
        if self.broken:
            raise StoreError("The database does not answer.", "Wait.")
        return ["restart in onyx (operator)"]

    def monitors(self) -> Sequence[str]:
        return ["onyx every 5 min: healthy"]

    def health(self) -> Sequence[str]:
        return ["All 12 checks of the bot pass."]


@pytest.fixture(scope="module")
def running() -> Iterator[Bench]:
    config = WorkspaceConfig()
    secret = Channel(PRIVATE, "secret-war-room", [SECOND, "U0TRIAGE00"], "group")
    place = patient_workspace(config=replace(config, channels=(*config.channels, secret)))
    settings = {"channels": (INCIDENTS, PRIVATE)}
    with bench(workspace=place, settings=settings, facts=Facts()) as made:
        yield made


@pytest.fixture
def shared(running: Bench) -> Bench:
    """The one running bot, with nothing open."""
    Facts.broken = False
    return running.fresh()


def home(shared: Bench, user: str, *says: str) -> str:
    """Everything on the tab of this person, once it says this. It is opened again and again, as a person would."""
    for _ in range(240):
        shared.workspace.open_home(user)
        if shared.workspace.wait_for(
            lambda: all(part in str(shared.workspace.home(user)) for part in says), timeout_seconds=0.5
        ):
            break
    view = shared.workspace.home(user)
    assert view is not None
    assert all(part in str(view) for part in says)
    assert check_home({"type": "home", "blocks": view["blocks"]}) is None
    return str(view)


def test_the_tab_says_what_is_open_what_waits_and_how_the_bot_is(shared: Bench) -> None:
    ts = shared.workspace.post_message(INCIDENTS, PASTE)
    card = shared.answer(ts, "Fault found")
    said = home(shared, ONCALL, "The API server is being killed for memory")
    assert f"/p{card['ts'].replace('.', '')}" in said
    for part in ("Raise the memory limit", "restart in onyx (operator)", "onyx every 5 min", "All 12 checks"):
        assert part in said
    assert "Raise the memory limit" not in home(shared, SECOND, "restart in onyx")


def test_an_incident_in_a_private_channel_is_shown_to_its_members_only(shared: Bench) -> None:
    shared.triage.outcome = replace(oom(), headline="The secret thing is down.", namespace="secret")
    ts = shared.workspace.post_message(PRIVATE, PASTE, user=SECOND)
    shared.answer(ts, "Fault found", PRIVATE)
    assert home(shared, SECOND, "The secret thing is down", "Open the card")
    said = home(shared, ONCALL, "1 in channels that you are not in")
    assert "secret" not in said
    shared.workspace.slash_command("/triage", "", channel=INCIDENTS)
    assert "secret" not in shared.whispered(ONCALL, "Nothing is open here")["text"]


def test_a_guest_gets_a_polite_empty_page(shared: Bench) -> None:
    said = home(shared, GUEST, "you may not ask me")
    assert "Guests may not ask" in said
    assert "onyx" not in said


def test_what_is_muted_can_be_unmuted(shared: Bench) -> None:
    ts = shared.workspace.post_message(INCIDENTS, PASTE)
    shared.answer(ts, "Fault found")
    incident = shared.store.incidents.open_incidents()[0]
    shared.store.incidents.mute(incident.key, SECOND, NOW + timedelta(hours=4))
    home(shared, ONCALL, "until 2026-11-23 14:09 UTC")
    view = shared.workspace.home(ONCALL)
    assert view is not None
    shared.workspace.click_view(view["id"], "unmute_0")
    assert shared.workspace.wait_for(lambda: "Unmute" not in str(shared.workspace.home(ONCALL)))
    assert shared.store.incidents.muted(NOW) == {}


def test_what_could_not_be_found_out_is_said(shared: Bench) -> None:
    Facts.broken = True
    assert "All 12 checks" in home(shared, ONCALL, "The database does not answer. Wait.")
