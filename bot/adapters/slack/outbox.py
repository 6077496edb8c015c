"""Sends edits of messages from one thread of its own, so that no triage waits for Slack and none floods it.

Used by the answers in progress. The final state of a message is tried again until Slack takes it or says that it never
will; then it is posted anew, so that no diagnosis is lost because somebody deleted the progress message.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Protocol

from bot.adapters.slack.api import MessageRef, SlackRefused
from bot.adapters.slack.blocks import Message
from bot.adapters.slack.schedule import Edit, EditSchedule
from bot.domain.errors import SlackError

ATTEMPTS = 12
LONGEST_BACKOFF_SECONDS = 60.0
_UNEDITABLE = frozenset({"message_not_found", "cant_update_message", "edit_window_closed", "is_inactive"})

_log = logging.getLogger(__name__)


class Editor(Protocol):
    """What the outbox needs of the Web API."""

    def edit_once(self, ref: MessageRef, message: Message) -> None:
        """Replace a message of ours. Raises `SlackError`."""

    def post(self, channel: str, message: Message, thread_ts: str | None = None) -> MessageRef:
        """Post a message. Raises `SlackError`."""


class Outbox:
    """Starts its thread at once; `close` ends it. `monotonic` gives seconds."""

    def __init__(self, editor: Editor, monotonic: Callable[[], float], schedule: EditSchedule | None = None) -> None:
        self._editor = editor
        self._monotonic = monotonic
        self._schedule = schedule or EditSchedule()
        self._changed = threading.Condition()
        self._sending = False
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="slack-edits", daemon=True)
        self._thread.start()

    def edit(self, ref: MessageRef, message: Message, *, final: bool) -> None:
        """Show this state of the message as soon as that is allowed. Returns at once."""
        with self._changed:
            self._schedule.put(Edit(ref, message, final))
            self._changed.notify_all()

    def flush(self, timeout: float) -> bool:
        """Wait until everything was sent; False when `timeout` seconds were not enough."""
        with self._changed:
            return self._changed.wait_for(lambda: self._schedule.empty() and not self._sending, timeout)

    def close(self, timeout: float) -> None:
        """Flush, then end the thread."""
        if not self.flush(timeout):
            _log.warning("some messages could not be brought up to date before the bot stopped")
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        self._thread.join(timeout)

    def _run(self) -> None:
        while (edit := self._next()) is not None:
            try:
                self._send(edit)
            finally:
                with self._changed:
                    self._sending = False
                    self._changed.notify_all()

    def _next(self) -> Edit | None:
        with self._changed:
            while not self._closed:
                now = self._monotonic()
                edit = self._schedule.take(now)
                if edit is not None:
                    self._sending = True
                    return edit
                self._changed.wait(self._schedule.seconds_until_due(now))
            return None

    def _send(self, edit: Edit) -> None:
        try:
            self._editor.edit_once(edit.ref, edit.message)
        except SlackRefused as refused:
            self._refused(edit, refused)
        except SlackError as lost:
            self._again(edit, _backoff(edit), lost)

    def _refused(self, edit: Edit, refused: SlackRefused) -> None:
        if refused.code == "ratelimited":
            self._again(edit, refused.retry_after, refused, everything=True)
        elif refused.status >= 500:
            self._again(edit, _backoff(edit), refused)
        elif refused.code in _UNEDITABLE and edit.final:
            self._post_anew(edit)
        else:
            _log.error("a message could not be edited: %s", refused)

    def _again(self, edit: Edit, seconds: float, error: SlackError, *, everything: bool = False) -> None:
        if not edit.final and not everything:
            _log.warning("a progress step was not shown: %s", error)
            return
        if edit.attempt >= ATTEMPTS:
            _log.error("a message could not be edited after %d attempts: %s", edit.attempt, error)
            return
        with self._changed:
            self._schedule.retry(edit, seconds, self._monotonic(), everything=everything)

    def _post_anew(self, edit: Edit) -> None:
        try:
            self._editor.post(edit.ref.channel, edit.message, edit.ref.thread_ts)
        except SlackError as error:
            _log.error("a message could be neither edited nor posted anew: %s", error)


def _backoff(edit: Edit) -> float:
    """Seconds until the next attempt: half a second, doubled each time."""
    return min(0.5 * 2.0 ** (edit.attempt - 1), LONGEST_BACKOFF_SECONDS)
