"""Forms and buttons that somebody else made up: stolen, altered, sent again, of another fix, of an incident that ended.

What is sent here the workspace itself would never send. Nothing of it may change anything, and whoever is refused on a
fix that exists stands in the audit.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from bot.adapters.slack.render.change_views import FORM
from bot.domain.changes import ChangeState
from bot.domain.incidents import Incident, IncidentState
from bot.sandbox.workspace.state.seed import EXTERNAL, EXTERNAL_TEAM, GUEST, INCIDENTS, ONCALL, SECOND, TEAM
from tests.scenario.slack_bench import valid_modal
from tests.scenario.slack_changing import ADMIN, TWO_PAIRS_OF_EYES, Scene, scene

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    with scene("api-oom-killed", tmp_path_factory.mktemp("scene"), TWO_PAIRS_OF_EYES) as made:
        yield made


@pytest.fixture
def shared(running: Scene) -> Iterator[Scene]:
    """The one running bot with nothing open; nothing may have been written when the test ends."""
    yield running.fresh()
    running.quiet()
    assert running.stage.writes() == []


def sent(made: Scene, token: Any, user: str, values: Any = None, *, callback: str = FORM, team: str = TEAM) -> None:
    """A submitted form as nobody's client would send it."""
    state = {"values": {"b": values or {}}}
    view = {"id": "V0FORGED00", "type": "modal", "callback_id": callback, "private_metadata": token, "state": state}
    core = made.workspace._core
    body = {
        "type": "view_submission",
        "user": {"id": user, "team_id": team},
        "team": {"id": TEAM},
        "trigger_id": core.triggers.issue(user),
        "view": view,
    }
    assert made.dispatch(body) == 200
    made.quiet()


def looked_at(made: Scene, user: str = ONCALL) -> tuple[str, dict[str, Any], str]:
    """The message, its card, and the token of the preview that this person has open."""
    ts, card = made.pasted()
    return ts, card, str(made.previewed(card, user)["private_metadata"])


def newest(made: Scene) -> str:
    return made.change("raise_memory", made.incident().id).id


def state(made: Scene) -> ChangeState:
    return made.change("raise_memory", made.incident().id).state


def test_a_stolen_form_does_nothing_and_stands_in_the_audit(shared: Scene) -> None:
    _, _, token = looked_at(shared)
    for number, thief in enumerate((SECOND, ADMIN, GUEST), 1):
        sent(shared, token, thief)
        shared.whispered(thief, "too old, or was answered already")
        assert shared.refusals(newest(shared)) == ["copied_message"] * number
    assert state(shared) is ChangeState.PREVIEWED


def test_the_form_of_somebody_of_another_workspace_does_nothing(shared: Scene) -> None:
    _, _, token = looked_at(shared)
    sent(shared, token, ONCALL, team="T0OTHER000")
    shared.whispered(ONCALL, "other workspaces")
    assert shared.refusals(newest(shared)) == ["not_member"]
    sent(shared, token, EXTERNAL, team=EXTERNAL_TEAM)
    assert state(shared) is ChangeState.PREVIEWED


def test_a_made_up_token_does_nothing(shared: Scene) -> None:
    looked_at(shared)
    for token in ("", "x" * 5_000, "0" * 43, "../../etc/passwd", "' or 1=1 --", "\u202e", "‹token:1›"):
        sent(shared, token, ONCALL)
        shared.forged(token or " ", ONCALL, ts="1.0")
    shared.quiet()
    assert state(shared) is ChangeState.PREVIEWED


def test_a_button_is_no_form_and_a_form_is_no_button(shared: Scene) -> None:
    _, card, token = looked_at(shared)
    button = shared.button(card, "change_look_0")["value"]
    sent(shared, button, ONCALL)
    shared.whispered(ONCALL, "too old, or was answered already")
    shared.forged(token, ONCALL, ts=card["ts"])
    shared.whispered(ONCALL, "too old, or a copy")
    sent(shared, token, ONCALL, callback="mute_form")
    assert state(shared) is ChangeState.PREVIEWED


def test_a_button_of_another_incident_does_nothing_on_this_card(shared: Scene) -> None:
    _, first = shared.pasted()
    token = shared.button(first, "change_look_0")["value"]
    change = newest(shared)
    _, second = shared.fresh().pasted()
    assert second["ts"] != first["ts"]
    shared.forged(token, SECOND, ts=second["ts"])
    shared.whispered(SECOND, "copy of the message")
    assert shared.refusals(change)[-1:] == ["copied_message"]


WRONG: tuple[dict[str, Any], ...] = (
    {"type": "plain_text_input", "value": {"a": 1}},
    {"type": "plain_text_input", "value": ["2Gi"]},
    {"selected_options": [{"value": "2Gi"}, {"value": "9Gi"}]},
    {"type": "plain_text_input", "value": "9" * 4_000 + "Gi"},
    {"type": "plain_text_input", "value": "２Gi"},
    {"type": "plain_text_input", "value": "2Gi\u200b"},
    {"type": "plain_text_input", "value": "2Gi\n3Gi"},
)


def test_values_of_other_shapes_ask_for_nothing(shared: Scene) -> None:
    _, _, token = looked_at(shared)
    for wrong in WRONG:
        sent(shared, token, ONCALL, {"memory_limit": wrong})
        assert state(shared) is ChangeState.PREVIEWED, wrong


def test_fields_that_the_form_did_not_have_change_nothing_of_it(shared: Scene) -> None:
    _, _, token = looked_at(shared)
    before = shared.change("raise_memory", shared.incident().id)
    more = {"namespace": {"value": "kube-system"}, "act": {"value": "approve"}, "image": {"value": "evil:1"}}
    sent(shared, token, ONCALL, more)
    change = shared.change("raise_memory", shared.incident().id)
    assert change.state is ChangeState.REQUESTED
    assert (change.namespace, change.remedy, change.writes) == (before.namespace, before.remedy, before.writes)


def test_a_form_that_is_sent_again_asks_once(shared: Scene) -> None:
    ts, _, token = looked_at(shared)
    for _ in range(3):
        sent(shared, token, ONCALL)
    shared.shows(ts, "Approval needed", "change_approve")
    asked = [
        one for one in shared.store.audit.entries(about=newest(shared), newest=50) if one.event == "change.requested"
    ]
    assert len(asked) == 1
    assert len([one for one in shared.thread(ts) if "Approval needed" in one["text"]]) == 1


def test_who_applies_after_the_incident_has_ended_is_told_first(shared: Scene) -> None:
    _, card = shared.pasted()
    shared.previewed(card)
    incident = ended(shared)
    shared.submitted()
    again = valid_modal(shared.modal(ONCALL, "This incident is resolved. Check again"))
    assert again["submit"]["text"] == "Ask for approval"
    assert shared.change("raise_memory", incident.id).state is ChangeState.PREVIEWED
    shared.submitted()
    shared.modal(ONCALL, "must approve it")


def ended(shared: Scene) -> Incident:
    """The incident, resolved: the card that is being shown may write it at the same time, so until it is taken."""
    for _ in range(50):
        done = shared.store.incidents.update(shared.incident(), state=IncidentState.RESOLVED)
        if done is not None:
            return done
    raise AssertionError("somebody else was faster each time")


def test_who_approves_after_the_incident_has_ended_is_told_first(shared: Scene) -> None:
    ts, card = shared.pasted()
    shared.previewed(card)
    shared.submitted()
    request = shared.shows(ts, "Approval needed", "change_approve")
    incident = ended(shared)
    shared.press(request, "change_approve", SECOND)
    shared.whispered(SECOND, "This incident is resolved")
    assert shared.change("raise_memory", incident.id).approvers == ()
    shared.press(request, "change_review", SECOND)
    view = valid_modal(shared.modal(SECOND, "This incident is resolved"))
    assert view["submit"]["text"] == "Approve"


def test_a_form_for_an_approval_that_was_open_when_the_incident_ended_is_shown_anew(shared: Scene) -> None:
    ts, card = shared.pasted()
    shared.previewed(card)
    shared.submitted()
    request = shared.shows(ts, "Approval needed", "change_approve")
    shared.press(request, "change_review", SECOND)
    shared.modal(SECOND, "What will be changed")
    incident = ended(shared)
    shared.submitted(SECOND)
    shared.modal(SECOND, "This incident is resolved")
    assert shared.change("raise_memory", incident.id).approvers == ()


def test_a_press_from_nowhere_is_no_press(shared: Scene) -> None:
    _, card, _ = looked_at(shared)
    token = shared.button(card, "change_look_0")["value"]
    place = {"type": "message", "channel_id": INCIDENTS, "message_ts": card["ts"]}
    whole = {"type": "block_actions", "user": {"id": ONCALL, "team_id": TEAM}, "team": {"id": TEAM}, "container": place}
    wrongs: tuple[dict[str, Any], ...] = (
        {"container": {}},
        {"container": {**place, "type": "view"}},
        {"container": {**place, "channel_id": ""}},
        {"team": {"id": "T0X"}},
        {"actions": [{"action_id": "change_look_0", "value": [token]}]},
        *({"actions": none} for none in ([], {}, None, "change_look_0", [None], [[]], [1])),
    )
    for wrong in wrongs:
        trigger = {"trigger_id": shared.workspace._core.triggers.issue(ONCALL)}
        press = {"actions": [{"action_id": "change_approve", "value": token}]}
        assert shared.dispatch({**whole, **trigger, **press, **wrong}) == 200, wrong
    shared.quiet()
    assert state(shared) is ChangeState.PREVIEWED
