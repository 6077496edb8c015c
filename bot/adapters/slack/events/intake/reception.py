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
from datetime import timedelta

from bot.adapters.slack.events.intake.incoming import (
    Post,
    event_of,
    files_of,
    paste_of,
    read_deletion,
    read_edit,
    read_post,
    read_shortcut,
    seconds_of,
)
from bot.adapters.slack.events.posts import Posts
from bot.adapters.slack.events.services import SlackDeps
from bot.adapters.slack.render.blocks import Json
from bot.domain.errors import SlackError, TriageError
from bot.domain.incidents import PendingRequest, Received
from bot.incidents import notices
from bot.incidents.pasted.ledger import source_of

SHORTCUT = "shortcut"
REPEATED_FOR = timedelta(hours=1)
"""So long Slack delivers again what was not acknowledged (docs.slack.dev/apis/events-api, "Retries")."""
AT_THE_DESK = 100
"""So many messages wait here before others' are taken over."""
_log = logging.getLogger(__name__)


class Reception:
    """The way in for messages. `posts` answers them."""

    def __init__(self, services: SlackDeps, posts: Posts) -> None:
        self._services = services
        self._posts = posts
        self._hears: Callable[[str], None] = lambda _: None
        self._closing = threading.Event()
        services.acknowledged.resumes(SHORTCUT, self._resume_shortcut)

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
        """Queue the message that somebody used the shortcut on. Every use is answered: it was asked for. Raises
        `StoreError`: then it is not taken."""
        post = read_shortcut(body)
        if post is None:
            return
        trigger = str(body.get("trigger_id") or post.ts)
        said = {"team": post.team, "ts": post.ts, "thread_ts": post.thread_ts or "", "response_url": post.response_url}
        where = {"channel": post.channel, "user": post.user}
        row = self._services.acknowledged.keep(SHORTCUT, trigger, where, {**said, "teams": sorted(post.teams)})
        if row is not None and not self._carry_out(post, row):
            self._services.acknowledged.forget(SHORTCUT, trigger, row)
            self._services.clicks.submit(
                lambda: self._posts.whisper(post, notices.busy()), name="tell that the desk is full"
            )

    def _carry_out(self, post: Post, row: PendingRequest, *, anew: bool = False) -> bool:
        """Answer a use of the shortcut, soon. `anew`: its message is read from Slack first."""

        def work() -> None:
            found = self._read_anew(post) if anew else post
            if found is not None:
                self._posts.answer(replace(found, asked_as=row.id, attempt=row.attempts))

        def failed(error: TriageError) -> None:
            _log.error("a use of the shortcut was not answered: %s", error)
            self._posts.whisper(post, notices.failure(error))

        def crashed(incident: str) -> None:
            self._posts.whisper(post, notices.crashed(incident))
            self._services.acknowledged.done(row)

        return self._services.desk.submit(
            lambda: self._services.acknowledged.carry_out(row, work, failed),
            name="use of the shortcut",
            on_crash=crashed,
        )

    def _resume_shortcut(self, row: PendingRequest) -> None:
        """A use of the shortcut whose process died."""
        said = row.place[SHORTCUT]
        post = Post(
            team=str(said.get("team") or ""),
            channel=str(row.place.get("channel") or ""),
            ts=str(said.get("ts") or ""),
            thread_ts=str(said.get("thread_ts") or "") or None,
            user=str(row.place.get("user") or ""),
            paste="",
            mentions_bot=True,
            teams=frozenset(str(team) for team in said.get("teams") or ()),
            response_url=str(said.get("response_url") or ""),
        )
        if not self._carry_out(post, row, anew=True):
            self._services.questions.leave(row.id, self._services.clock())

    def _read_anew(self, post: Post) -> Post | None:
        """The message of a use of the shortcut, as it reads now. Raises `SlackError`."""
        message = self._services.api.message(post.channel, post.ts, post.thread_ts or "")
        return None if message is None else replace(post, paste=paste_of(message), files=files_of(message))

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
            channel, ts, edited_ts = gone
            self._receive_deletion(Post(team, channel, ts, user="", paste="", before_ts=edited_ts))
            return
        edited = read_edit(body, me)
        post = edited or read_post(body, me)
        if post is None or not self._concerns_us(post):
            return
        self._hears(post.channel)
        keys = {_version(post, post.edited_ts)}
        if body.get("event_id"):
            keys.add(f"event:{body['event_id']}")
        overtakes = self._overtaken(post) if post.edited_ts else ()
        item = self._services.receipts.receive(post, keys, overtakes, free=self._closing.is_set())
        if item is not None and not self._closing.is_set():
            self._queue(replace(post, receipt=item.id, edited_ts=item.edited_ts))

    def _receive_deletion(self, post: Post) -> None:
        keys = {f"deletion:{post.team}:{post.channel}:{post.ts}"}
        item = self._services.receipts.receive(
            post, keys, self._overtaken(post), gone=True, free=self._closing.is_set()
        )
        if item is not None and not self._closing.is_set():
            self._at_the_desk(item.id, lambda: self._forget(item))

    def _overtaken(self, post: Post) -> set[str]:
        """The earlier versions of an edited or deleted message that may still be delivered: what was not acknowledged
        comes again, and says by then what nobody says any more."""
        if seconds_of(post.ts) < (self._services.clock() - REPEATED_FOR).timestamp():
            return set()
        return {_version(post, ""), _version(post, post.before_ts)}

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
                safe()

        def crashed(incident: str) -> None:
            if post is not None:
                self._posts.whisper(post, notices.crashed(incident))

        safe = receipts.hold(receipt)
        accepted = self._services.desk.submit(job, name=f"message {receipt or 'of a shortcut'}", on_crash=crashed)
        if not accepted and receipt:
            receipts.set_free(receipt)
        return accepted

    def _forget(self, item: Received) -> None:
        try:
            self._services.withdrawals.deleted(source_of(item.channel, item.ts))
        except TriageError as error:
            _log.error("a deleted paste stays on its card for now: %s", error)
            self._services.receipts.leave(item.id, error)

    def _resume(self, item: Received) -> None:
        """Deal with a message that another process has acknowledged, or this one had no time for."""
        if item.gone:
            self._forget(item)
            return
        try:
            message = self._services.api.message(item.channel, item.ts, item.thread_ts)
        except SlackError as error:
            if error.passing:
                self._later(item, error)
            else:
                _log.error("the message %s/%s cannot be read any more: %s", item.channel, item.ts, error)
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


def _version(post: Post, edited_ts: str) -> str:
    """The key of a message as it read then; empty: as it was posted."""
    return f"post:{post.team}:{post.channel}:{post.ts}" + (f":{edited_ts}" if edited_ts else "")
