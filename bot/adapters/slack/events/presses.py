"""One press of a button or choice in a menu, one submitted modal: as Slack reports them, and what is known about them.

Read by `clicks` and `submissions`; handed to whoever answers them. Nothing in a payload is trusted but who did it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.adapters.slack.events.people import AllowedUser, Denied
from bot.adapters.slack.render.blocks import Json
from bot.domain.incidents import Button


@dataclass(frozen=True)
class Click:
    """One press of a button, as Slack reports it. In a modal or on the home tab, `view_id` is set and there is no
    channel."""

    action_id: str
    token: str
    team: str
    user: str
    user_team: str
    channel: str
    message_ts: str
    thread_ts: str | None
    trigger_id: str
    response_url: str
    is_unfurl: bool
    view_id: str = ""


@dataclass(frozen=True)
class Press:
    """A click by somebody who may, on a button of ours that stands where it was put.

    view_id: the modal that was opened for it, with a line that says "one moment"; empty if the kind opens none
    """

    click: Click
    button: Button
    person: AllowedUser
    view_id: str = ""

    @property
    def incident(self) -> str:
        """The id of the incident the button belongs to; empty if it belongs to none."""
        return str(self.button.payload.get("incident") or "")


@dataclass(frozen=True)
class TurnedAway:
    """A press that came to nothing: by somebody who may not (`denied` says why), or on a copy of the message."""

    click: Click
    button: Button
    original: bool
    denied: Denied | None
    view_id: str = ""


@dataclass(frozen=True)
class PressKind:
    """What happens when a kind of button is pressed.

    answer: runs in a worker thread; may raise `TriageError`, which the person is told
    modal:  the title of a modal that is opened at once, before anybody is looked up, because Slack allows three
            seconds; `answer` then replaces what it shows. Empty: none
    turned_away: answers presses that came to nothing, where such a press must leave a trace; None: it is answered as
            for all kinds
    """

    answer: Callable[[Press], None]
    modal: str = ""
    turned_away: Callable[[TurnedAway], None] | None = None


@dataclass(frozen=True)
class Submission:
    """A submitted modal. `token` is what the modal carried; `values` are the inputs, by action id."""

    callback_id: str
    token: str
    team: str
    user: str
    user_team: str
    view_id: str
    trigger_id: str
    values: Mapping[str, Any]


SubmissionHandler = Callable[[Submission], Json | None]
"""What a submission is acknowledged with (None: the modal closes). Runs in a listener: it must be quick, and queue."""


@dataclass(frozen=True)
class Judging:
    """A handler that finds out by itself who submits, because whoever is refused must leave a trace."""

    handle: SubmissionHandler

    def __call__(self, submission: Submission) -> Json | None:
        """See `SubmissionHandler`."""
        return self.handle(submission)


def read_click(body: Json) -> Click | None:
    """The click in a `block_actions` payload, or None when nothing of ours was pressed."""
    container, user = body.get("container") or {}, body.get("user") or {}
    action: Json = next(iter(body.get("actions") or ()), {})
    token = action.get("value") or (action.get("selected_option") or {}).get("value")
    if container.get("type") not in ("message", "message_attachment", "view") or not token:
        return None
    if container["type"] != "view" and not container.get("channel_id"):
        return None  # a message stands in a channel
    return Click(
        action_id=str(action.get("action_id") or ""),
        token=str(token),
        team=str((body.get("team") or {}).get("id") or ""),
        user=str(user.get("id") or ""),
        user_team=str(user.get("team_id") or ""),
        channel=str(container.get("channel_id") or ""),
        message_ts=str(container.get("message_ts") or ""),
        thread_ts=container.get("thread_ts"),
        trigger_id=str(body.get("trigger_id") or ""),
        response_url=str(body.get("response_url") or ""),
        is_unfurl=bool(container.get("is_app_unfurl")),
        view_id=str(container.get("view_id") or ""),
    )


def read_submission(body: Json) -> Submission | None:
    """The submission in a `view_submission` payload, or None when it is none."""
    view, user = body.get("view") or {}, body.get("user") or {}
    if body.get("type") != "view_submission" or not view.get("id"):
        return None
    state = (view.get("state") or {}).get("values") or {}
    values = {action: _value(element) for block in state.values() for action, element in block.items()}
    return Submission(
        callback_id=str(view.get("callback_id") or ""),
        token=str(view.get("private_metadata") or ""),
        team=str((body.get("team") or {}).get("id") or ""),
        user=str(user.get("id") or ""),
        user_team=str(user.get("team_id") or ""),
        view_id=str(view["id"]),
        trigger_id=str(body.get("trigger_id") or ""),
        values=values,
    )


def _value(element: Json) -> Any:
    """What was entered or chosen: a string, a list of strings, or None."""
    if element.get("selected_option"):
        return element["selected_option"].get("value")
    if "selected_options" in element:
        return [chosen.get("value") for chosen in element.get("selected_options") or ()]
    return element.get("value")
