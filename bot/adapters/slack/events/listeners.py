"""Registers the bot with Bolt: what Slack delivers, and what is done about it before the acknowledgement.

Called once, by `bot`. A listener only queues; a message is taken before any listener (`_messages`). There is a listener
for everything the app may be sent, because what nobody answers is sent again and shows people an error; the broad ones
come last, and no listener before them is ever slow.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from dataclasses import dataclass

from slack_bolt import Ack, App, BoltRequest, BoltResponse
from slack_bolt.middleware import Middleware

from bot.adapters.slack.events.clicks import Clicks
from bot.adapters.slack.events.commands import Commands
from bot.adapters.slack.events.home import Home
from bot.adapters.slack.events.intake.reception import Reception
from bot.adapters.slack.events.payloads import (
    BlockActions,
    HomeEnvelope,
    MessageEnvelope,
    MessageShortcut,
    Payload,
    SlashCommand,
    ViewSubmission,
    is_well_formed,
)
from bot.adapters.slack.events.services import SlackDeps
from bot.adapters.slack.events.submissions import Submissions
from bot.adapters.slack.render.blocks import Json
from bot.domain.errors import TriageError

SHORTCUT = "triage_message"
MESSAGES = ("app_mention", "message")
_EVERYTHING = re.compile(r".*")
_CHANNEL_EVENTS = ("channel_shared", "channel_unshared", "channel_rename", "group_rename", "channel_id_changed")

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Receivers:
    """Everything that takes deliveries."""

    services: SlackDeps
    reception: Reception
    commands: Commands
    clicks: Clicks
    submissions: Submissions
    home: Home
    failed: Callable[[str], None] = lambda _: None
    """Counts what is refused before it is looked at."""


Acceptance = Callable[[type[Payload], Json], bool]


def _acceptance(failed: Callable[[str], None]) -> Acceptance:
    def is_admitted(shape: type[Payload], body: Json) -> bool:
        if is_well_formed(shape, body):
            return True
        failed("malformed_payload")
        _log.warning("a payload was refused: it is no %s", shape.__name__)
        return False

    return is_admitted


class _Door(Middleware):
    """Refuses presses of another shape before Bolt itself looks for their first action.

    A class, because Bolt reads `actions[0]` for every middleware and listener that is a function: an empty list, which
    Slack never sends, would end the delivery with an exception that no error handler sees.
    """

    def __init__(self, accepts: Acceptance) -> None:
        self._accepts = accepts

    def process(
        self,
        *,
        req: BoltRequest,
        resp: BoltResponse,  # noqa: ARG002  what Bolt hands over
        next: Callable[[], BoltResponse],  # noqa: A002  Bolt's name for it
    ) -> BoltResponse:
        """The answer: that of the rest, or nothing more than that it was received."""
        if req.body.get("type") == "block_actions" and not self._accepts(BlockActions, req.body):
            return BoltResponse(status=200)
        return next()


def register(app: App, receivers: Receivers) -> None:
    """Add all listeners."""
    accepts = _acceptance(receivers.failed)
    app.use(_Door(accepts))
    _messages(app, receivers.reception, accepts)
    _events(app, receivers.services, receivers.home, accepts)
    _command(app, receivers.commands, accepts)
    _buttons(app, receivers.clicks, receivers.submissions, accepts)
    _rest(app)


def _messages(app: App, reception: Reception, accepts: Acceptance) -> None:
    # Not listeners: Bolt acknowledges an event before its listener runs, and what is then lost with the process, or
    # refused by a full queue, Slack never delivers again. What runs before the listeners is answered by its outcome.
    def receive(body: Json, next: Callable[[], BoltResponse]) -> BoltResponse:  # noqa: A002  Bolt's name for it
        if body.get("type") != "event_callback":
            return next()
        event = body.get("event")
        kind = event.get("type") if isinstance(event, dict) else None
        if not isinstance(kind, str):
            return BoltResponse(status=200)  # no listener knows it, and Slack would send it three times more
        if kind not in MESSAGES:
            return next()
        if accepts(MessageEnvelope, body) and not reception.receive(body):
            return BoltResponse(status=503)
        return BoltResponse(status=200)

    def receive_shortcut(ack: Ack, body: Json) -> None:
        if accepts(MessageShortcut, body):
            try:
                reception.receive_shortcut(body)
            except TriageError as error:  # not acknowledged: Slack says so to the person, who may try again
                _log.error("a use of the shortcut was not taken: %s", error)
                return
        ack()

    app.middleware(receive)
    app.message_shortcut(SHORTCUT)(receive_shortcut)


def _events(app: App, services: SlackDeps, home: Home, accepts: Acceptance) -> None:
    def home_opened(body: Json) -> None:
        if accepts(HomeEnvelope, body):
            home.receive(body)

    def channel_changed(event: Json) -> None:
        channel = event.get("channel") or event.get("old_channel_id") or ""
        name = channel.get("id") if isinstance(channel, dict) else channel
        if isinstance(name, str):
            services.gate.forget_channel(name)

    def revoked(event: Json) -> None:
        _log.error("Slack says %s: the bot will get no more messages until it is installed again", event.get("type"))

    app.event("app_home_opened")(home_opened)
    for name in _CHANNEL_EVENTS:
        app.event(name)(channel_changed)
    for name in ("app_uninstalled", "tokens_revoked"):
        app.event(name)(revoked)


def _command(app: App, commands: Commands, accepts: Acceptance) -> None:
    def receive(ack: Ack, body: Json) -> None:
        ack(commands.receive(body) if accepts(SlashCommand, body) else "")

    # Whatever the manifest calls it: a second installation may need another name.
    app.command(_EVERYTHING)(receive)


def _buttons(app: App, clicks: Clicks, submissions: Submissions, accepts: Acceptance) -> None:
    def receive(ack: Ack, body: Json) -> None:
        if body.get("type") == "block_actions":  # looked at by the door; others have no buttons of ours
            clicks.receive(body)
        ack()

    def submitted(ack: Ack, body: Json) -> None:
        answer = submissions.receive(body) if accepts(ViewSubmission, body) else None
        _ = ack(**answer) if answer else ack()

    # What a button is for is looked up, not read from its action id: that one comes from outside.
    app.action(_EVERYTHING)(receive)
    app.view_submission(_EVERYTHING)(submitted)


def _rest(app: App) -> None:
    """What the app is subscribed to, or was, and does not use: taken note of, and nothing else."""

    def ignore(ack: Ack) -> None:
        ack()

    kinds: tuple[Callable[..., Callable[..., object]], ...] = (
        app.event,
        app.shortcut,
        app.view_closed,
        app.options,
    )
    for kind in kinds:
        kind(_EVERYTHING)(ignore)

    def failed(error: Exception, body: Json) -> BoltResponse:
        _log.error("a listener died on a payload of type %s", body.get("type"), exc_info=error)
        return BoltResponse(status=200)

    app.error(failed)
