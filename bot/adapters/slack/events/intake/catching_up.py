"""Finds what was posted while the bot was deaf: a connection that was cut, and is there again; a program that was not
running, and has started.

A thread of its own looks every second whether events can arrive. When they can again, the channels that matter (watched
ones, those with an open card, those that were heard from lately) are read from shortly before the silence on, and each
message goes the way of all messages; the store sees to it that each is answered once, by whatever replica. While
events arrive, that is noted in the store every ten seconds: so the next program knows where its silence began.
"""

from __future__ import annotations

import logging
import re
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Collection
from datetime import datetime, timedelta

from bot.adapters.slack.events.intake.incoming import event_of, seconds_of
from bot.adapters.slack.events.services import SlackDeps
from bot.adapters.slack.render.blocks import Json
from bot.domain.errors import ChatError, StoreError, TriageError
from bot.runtime.loops import Failed, Loop

LOOK_SECONDS = 1.0
BEFORE = timedelta(seconds=150)
"""So long before the silence was noticed messages may have been lost already; and clocks differ."""
LONGEST = timedelta(hours=2)
"""What is older is not looked for: Slack delivers no older events either, and nobody waits for that answer."""
PAUSE_SECONDS = 3.0
"""After a channel that could not be read."""
NOTED_EVERY = timedelta(seconds=10)
THREADS = 10
CHANNELS = 30
MESSAGES = 200
"""Of one channel: a longer silence is not read whole, and the log says so."""
_CHANNEL_ID = re.compile(r"^[CGD][A-Z0-9]{6,}$")

_log = logging.getLogger(__name__)


class CatchingUp:
    """`start` begins to watch, `stop` ends it. `is_open` says whether events can arrive; `receive` takes each message
    that was missed, as the event that it would have been."""

    def __init__(
        self, services: SlackDeps, watched: Collection[str], is_open: Callable[[], bool],
        receive: Callable[[Json], bool], deaf: Callable[[], None], failed: Failed,
    ) -> None:  # fmt: skip
        """`watched` are ids of channels; `deaf` counts each silence."""
        self._watched = frozenset(watched)
        self._services = services
        self._is_open = is_open
        self._receive = receive
        self._deaf = deaf
        self._lock = threading.Lock()
        self._heard: OrderedDict[str, None] = OrderedDict()
        self._since: datetime | None = None
        self._unread: dict[str, datetime] = {}
        self._not_before = 0.0
        self._began = False
        self._noted: datetime | None = None
        self._loop = Loop("slack-hearing", self.look, LOOK_SECONDS, failed)

    def start(self) -> None:
        """Begin, in a thread."""
        self._loop.start()

    def stop(self) -> None:
        """End."""
        self._loop.stop(5)

    def heard(self, channel: str) -> None:
        """Something was said there: it is looked at as well, after a silence."""
        if not _CHANNEL_ID.match(channel):
            return
        with self._lock:
            self._heard[channel] = None
            self._heard.move_to_end(channel)
            while len(self._heard) > CHANNELS:
                self._heard.popitem(last=False)

    def look(self) -> None:
        """One round: note a silence, and what is missed once it is over."""
        if not self._is_open():
            if self._since is None:
                self._since = self._services.clock()
                self._deaf()
                _log.warning("no event can arrive now; what is posted meanwhile is looked for afterwards")
            return
        try:
            self._take_stock()
        except TriageError as error:
            _log.warning("what was missed is looked for later: %s", error)
            return  # and nobody notes that all was heard
        if self._unread and time.monotonic() >= self._not_before:
            self._read_all()
        if not self._unread:
            self._note()

    def _read_all(self) -> None:
        """Read each channel that was not heard; one that cannot be read now is read a little later."""
        for channel, since in list(self._unread.items()):
            try:
                if self._read(channel, since):
                    del self._unread[channel]
                continue
            except TriageError as error:
                _log.warning("what was posted in %s meanwhile could not be read: %s", channel, error)
                if not _passes(error):
                    del self._unread[channel]
                pause = error.retry_after if isinstance(error, ChatError) else 0.0
            self._not_before = time.monotonic() + max(pause, PAUSE_SECONDS)

    def _take_stock(self) -> None:
        """Which channels are to be read, and since when. Raises `StoreError`: then it is asked again."""
        if not self._began:
            self._since = self._services.receipts.last_heard(self._services.identity.team_id) or self._since
            self._began = True
        if self._since is not None:
            since = max(self._since, self._services.clock() - LONGEST) - BEFORE
            for channel in self._channels():
                self._unread[channel] = min(since, self._unread.get(channel, since))
            self._since = None

    def _note(self) -> None:
        """Write down now and then that events arrive."""
        now = self._services.clock()
        if self._noted is not None and now - self._noted < NOTED_EVERY:
            return
        try:
            self._services.receipts.heard(self._services.identity.team_id)
            self._noted = now
        except TriageError as error:
            _log.warning("it cannot be noted that events arrive: %s", error)

    def _channels(self) -> list[str]:
        watched = sorted(self._watched)
        carded = [incident.channel for incident in self._services.incidents.open_incidents(CHANNELS)]
        with self._lock:
            heard = list(reversed(self._heard))
        return list(dict.fromkeys([*watched, *carded, *heard]))[:CHANNELS]

    def _read(self, channel: str, since: datetime) -> bool:
        """Take what was said there since. False: something could not be taken, and it is read again."""
        api, oldest = self._services.api, since.timestamp()
        found = api.history(channel, oldest, MESSAGES)
        if len(found) >= MESSAGES:
            _log.warning("more than %d messages came in %s meanwhile; only the newest are read", MESSAGES, channel)
        known = [one for one in self._services.incidents.open_incidents() if one.channel == channel]
        threads = [str(one["ts"]) for one in found if one.get("reply_count")]
        threads += [one.thread_ts or one.ts for one in known]
        for ts in list(dict.fromkeys(one for one in threads if one))[:THREADS]:
            found += [reply for reply in api.thread(channel, ts) if seconds_of(reply.get("ts")) >= oldest]
        team = self._services.identity.team_id
        taken = [self._receive(event_of(team, channel, message)) for message in found]  # each, also after a refusal
        return all(taken)


def _passes(error: TriageError) -> bool:
    """Whether the same may be read a little later."""
    return isinstance(error, StoreError) or (isinstance(error, ChatError) and error.passing)
