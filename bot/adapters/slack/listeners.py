"""Registers the bot with Bolt: what Slack delivers, and what is done about it before the acknowledgement.

Called once, by `bot`. A listener only queues. There is one for everything the app may be sent, because what nobody
answers is sent again and shows people an error; the broad ones come last, and no listener before them is ever slow.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable

from slack_bolt import Ack, App, BoltResponse

from bot.adapters.slack.blocks import Json
from bot.adapters.slack.cards import CHECK_AGAIN, DETAILS
from bot.adapters.slack.clicks import Clicks
from bot.adapters.slack.commands import Commands
from bot.adapters.slack.notices import CHOOSE_NAMESPACE
from bot.adapters.slack.posts import Posts
from bot.adapters.slack.services import Services

SHORTCUT = "triage_message"
_EVERYTHING = re.compile(r".*")
_CHANNEL_EVENTS = ("channel_shared", "channel_unshared", "channel_rename", "group_rename", "channel_id_changed")

_log = logging.getLogger(__name__)


def register(app: App, services: Services) -> None:
    """Add all listeners."""
    posts, commands, clicks = Posts(services), Commands(services), Clicks(services)
    _messages(app, posts)
    _events(app, services)
    _command(app, commands)
    _buttons(app, clicks)
    _rest(app)


def _messages(app: App, posts: Posts) -> None:
    # app.event, not app.message: that one never sees edits, deletions, and files without text.
    def receive(body: Json) -> None:
        posts.receive(body)

    def receive_shortcut(ack: Ack, body: Json) -> None:
        posts.receive_shortcut(body)
        ack()

    app.event("app_mention")(receive)
    app.event("message")(receive)
    app.message_shortcut(SHORTCUT)(receive_shortcut)


def _events(app: App, services: Services) -> None:
    def channel_changed(event: Json) -> None:
        channel = event.get("channel") or event.get("old_channel_id") or ""
        services.gate.forget_channel(str(channel.get("id") if isinstance(channel, dict) else channel))

    def revoked(event: Json) -> None:
        _log.error("Slack says %s: the bot will get no more messages until it is installed again", event.get("type"))

    for name in _CHANNEL_EVENTS:
        app.event(name)(channel_changed)
    for name in ("app_uninstalled", "tokens_revoked"):
        app.event(name)(revoked)


def _command(app: App, commands: Commands) -> None:
    def receive(ack: Ack, body: Json) -> None:
        ack(commands.receive(body))

    # Whatever the manifest calls it: a second installation may need another name.
    app.command(_EVERYTHING)(receive)


def _buttons(app: App, clicks: Clicks) -> None:
    def receive(ack: Ack, body: Json) -> None:
        clicks.receive(body)
        ack()

    for action_id in (DETAILS, CHECK_AGAIN, re.compile(rf"^{CHOOSE_NAMESPACE}_\d+$")):
        app.action(action_id)(receive)


def _rest(app: App) -> None:
    """What the app is subscribed to, or was, and does not use: taken note of, and nothing else."""

    def ignore(ack: Ack) -> None:
        ack()

    kinds: tuple[Callable[..., Callable[..., object]], ...] = (
        app.event,
        app.action,
        app.shortcut,
        app.view_submission,
        app.view_closed,
        app.options,
    )
    for kind in kinds:
        kind(_EVERYTHING)(ignore)

    def failed(error: Exception, body: Json) -> BoltResponse:
        _log.error("a listener died on a payload of type %s", body.get("type"), exc_info=error)
        return BoltResponse(status=200)

    app.error(failed)
