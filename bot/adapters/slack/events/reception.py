"""Takes messages in: mentions, direct messages, the message shortcut, and everything in the watched channels.

`receive` runs before the acknowledgement, and nothing is acknowledged that is not written down: a row in the inbox,
without the text. Then the message waits at the desk. Rows whose process died, or had no time, are taken over by `tick`:
the message is read from Slack again. Each message is answered once, by whatever replica.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import replace

from bot.adapters.slack.events.incoming import Post, event_of, read_deletion, read_edit, read_post, read_shortcut
from bot.adapters.slack.events.posts import Posts
from bot.adapters.slack.events.services import SlackDeps
from bot.adapters.slack.render.blocks import Json
from bot.adapters.slack.send.errors import SlackRefused
from bot.domain.errors import SlackError, TriageError
from bot.domain.incidents import Received
from bot.incidents import notices
from bot.incidents.pasted.ledger import source_of

AT_THE_DESK = 100
"""So many messages wait here before others' are taken over."""
_FOR_LATER = frozenset({"ratelimited", "internal_error", "fatal_error", "service_unavailable", "request_timeout"})

_log = logging.getLogger(__name__)


class Reception:
    """The way in for messages. `posts` answers them."""

    def __init__(self, services: SlackDeps, posts: Posts) -> None:
        self._services = services
        self._posts = posts
        self._hears: Callable[[str], None] = lambda _: None
        self._closing = threading.Event()

    @property
    def watched_ids(self) -> frozenset[str]:
        """The watched channels whose ids are known."""
        return self._posts.watched_ids

    def hears(self, told: Callable[[str], None]) -> None:
        """Tell this one in which channels something was said."""
        self._hears = told

    def close(self) -> None:
        """Take nothing on any more: what comes now is written down for others."""
        self._closing.set()

    def receive(self, body: Json) -> bool:
        """Take a `message` or `app_mention` event, once. False: it is not safe here, Slack has to deliver it again."""
        try:
            self._receive(body)
        except TriageError as error:
            _log.error("an event was not taken, and Slack will deliver it again: %s", error)
            return False
        return True

    def receive_shortcut(self, body: Json) -> None:
        """Queue the message that somebody used the shortcut on. Every use is answered: it was asked for."""
        post = read_shortcut(body)
        key = f"shortcut:{body.get('trigger_id') or (post.ts if post else '')}"
        if post is None or not self._services.seen.first_time({key}):
            return
        if not self._queue(post):
            self._services.clicks.submit(
                lambda: self._posts.whisper(post, notices.busy()), name="tell that the desk is full"
            )

    def tick(self) -> None:
        """One round of upkeep. Raises `StoreError`."""
        if self._closing.is_set():
            return
        for item in self._services.receipts.overdue(AT_THE_DESK - self._services.desk.load()):
            _log.warning("taking over the message %s/%s", item.channel, item.ts)
            self._at_the_desk(item.id, lambda item=item: self._resume(item))  # type: ignore[misc]

    def _receive(self, body: Json) -> None:
        me, team = self._services.identity.user_id, str(body.get("team_id") or "")
        gone = read_deletion(body)
        if gone is not None:
            self._receive_deletion(Post(team, *gone, user="", paste=""))
            return
        edited = read_edit(body, me)
        post = edited or read_post(body, me)
        if post is None or not self._concerns_us(post):
            return
        self._hears(post.channel)
        version = f":{post.edited_ts}" if post.edited_ts else ""
        keys = {f"post:{post.team}:{post.channel}:{post.ts}{version}"}
        if body.get("event_id"):
            keys.add(f"event:{body['event_id']}")
        item = self._services.receipts.receive(post, keys, free=self._closing.is_set())
        if item is not None and not self._closing.is_set():
            self._queue(replace(post, receipt=item.id))

    def _receive_deletion(self, post: Post) -> None:
        keys = {f"deletion:{post.team}:{post.channel}:{post.ts}"}
        item = self._services.receipts.receive(post, keys, gone=True, free=self._closing.is_set())
        if item is not None and not self._closing.is_set():
            self._at_the_desk(item.id, lambda: self._forget(item))

    def _concerns_us(self, post: Post) -> bool:
        identity, settings = self._services.identity, self._services.settings
        if post.user == identity.user_id or (post.bot_id and post.bot_id == identity.bot_id):
            return False
        if post.bot_id and not {post.bot_id, post.app_id, post.user} & set(settings.allow_bots):
            return False
        return post.addressed or self._posts.may_be_watched(post.channel)

    def _queue(self, post: Post) -> bool:
        return self._at_the_desk(post.receipt, lambda: self._posts.run(post), post)

    def _at_the_desk(self, receipt: str, work: Callable[[], None], post: Post | None = None) -> bool:
        """Do it soon. False: there is no room, and the next round of upkeep, here or elsewhere, gets to it."""
        receipts = self._services.receipts

        def job() -> None:
            try:
                work()
            finally:
                receipts.let_go(receipt)

        def crashed(incident: str) -> None:
            if post is not None:
                self._posts.whisper(post, notices.crashed(incident))

        receipts.hold(receipt)
        accepted = self._services.desk.submit(job, name=f"message {receipt or 'of a shortcut'}", on_crash=crashed)
        if not accepted and receipt:
            receipts.set_free(receipt)
        return accepted

    def _forget(self, item: Received) -> None:
        try:
            self._services.withdrawals.deleted(source_of(item.channel, item.ts))
        except TriageError as error:
            _log.error("a deleted paste stays on its card: %s", error)

    def _resume(self, item: Received) -> None:
        """Deal with a message that another process has acknowledged, or this one had no time for."""
        if item.gone:
            self._forget(item)
            return
        try:
            message = self._services.api.message(item.channel, item.ts, item.thread_ts)
        except SlackRefused as refused:
            if refused.code in _FOR_LATER or refused.status >= 500:
                self._later(item, refused)
            else:
                _log.error("the message %s/%s cannot be read any more: %s", item.channel, item.ts, refused)
            return
        except SlackError as lost:
            self._later(item, lost)
            return
        if message is None:
            self._forget(item)
            return
        post = read_post(event_of(item.team, item.channel, message), self._services.identity.user_id)
        if post is not None:
            edited_ts = str((message.get("edited") or {}).get("ts") or item.edited_ts) if item.edited_ts else ""
            self._posts.run(replace(post, receipt=item.id, edited_ts=edited_ts, attempt=item.attempts))

    def _later(self, item: Received, error: TriageError) -> None:
        _log.warning("the message %s/%s has to wait: %s", item.channel, item.ts, error)
        self._services.receipts.set_free(item.id)
