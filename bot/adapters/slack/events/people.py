"""Decides who may ask, and in which channels an answer may be shown.

Called before anything about a cluster is said. A diagnosis shows internals, so guests, external people, other
workspaces and channels shared with other organisations are refused, and so is whoever cannot be looked up.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from bot.adapters.slack.render.blocks import Json
from bot.adapters.slack.send.errors import SlackRefused
from bot.adapters.slack.send.reading import Identity
from bot.diagnosis.ports import Clock
from bot.domain.errors import SlackError

CACHE_SECONDS = 300.0
CACHE_ENTRIES = 5_000
_UNKNOWN_READERS = "I could not find out who can read this channel."
_UNSEEN = (
    "I may not look up who can read this kind of conversation, because my app lacks the scope{}. Whoever runs me adds "
    "it (the app manifest has it) and installs the app again; ask me in a channel until then."
)
_STRANGER = "Only members of this workspace may ask: the answer shows the inside of its cluster."


class Lookup(Protocol):
    """What is needed of the Web API."""

    def user(self, user: str) -> Json:
        """users.info."""

    def channel(self, channel: str) -> Json:
        """conversations.info."""

    def members(self, channel: str) -> list[str]:
        """conversations.members."""


@dataclass(frozen=True)
class AdmissionRules:
    """Who may ask, and where.

    home_team:  the workspace (or organisation) whose members may ask
    in_shared_channels: answer in channels shared with other organisations
    helpers:    who can help somebody who is refused, as a sentence
    lenient:    the server is not Slack; where it does not know users.info or conversations.info, it has neither guests
                nor shared channels
    """

    home_team: str
    in_shared_channels: bool = False
    helpers: str = ""
    lenient: bool = False


_GONE = frozenset({"user_not_found", "user_not_visible"})
"""Codes by which Slack says that there is no such person."""


@dataclass(frozen=True)
class SlackUser:
    """Who asks, as the payload says. `teams` are all team ids it names for this person."""

    user: str
    teams: frozenset[str] = frozenset()


@dataclass(frozen=True)
class AllowedUser:
    """Somebody who may ask, and the name to show."""

    name: str


@dataclass(frozen=True)
class Denied:
    """Somebody who may not: why, and who can help. `unknown_channel`: the bot cannot see the channel at all; `unasked`:
    Slack gave no usable answer about the person, who may well be allowed."""

    reason: str
    who_can_help: str
    unknown_channel: bool = False
    unasked: bool = False


class _Cache:
    """Answers of the Web API for a few minutes, so that chatter does not eat up its rate limits."""

    def __init__(self, load: Callable[[str], Json], clock: Clock) -> None:
        self._load = load
        self._clock = clock
        self._lock = threading.Lock()
        self._kept: dict[str, tuple[datetime, Json]] = {}
        self._forgotten = 0

    def get(self, key: str) -> Json:
        now = self._clock()
        with self._lock:
            kept = self._kept.get(key)
            forgotten = self._forgotten
        if kept is not None and now - kept[0] < timedelta(seconds=CACHE_SECONDS):
            return kept[1]
        value = self._load(key)
        with self._lock:
            if len(self._kept) >= CACHE_ENTRIES:
                self._kept.clear()
            # An answer that was on its way when it was forgotten may be the old one.
            if self._forgotten == forgotten:
                self._kept[key] = (now, value)
        return value

    def forget(self, key: str) -> None:
        with self._lock:
            self._forgotten += 1
            self._kept.pop(key, None)


class Gate:
    """Answers "may this person, may this channel?" and remembers what Slack said about them for five minutes."""

    def __init__(self, lookup: Lookup, rules: AdmissionRules, identity: Identity, clock: Clock) -> None:
        self._rules = rules
        self._identity = identity
        self._users = _Cache(lookup.user, clock)
        self._channels = _Cache(lookup.channel, clock)
        self._members = _Cache(lambda channel: {"members": lookup.members(channel)}, clock)

    def person(self, caller: SlackUser) -> AllowedUser | Denied:
        """Whether this person may ask. Fails closed."""
        strange = any(team != self._rules.home_team for team in caller.teams) and self._rules.home_team
        if not caller.user or strange:
            return self._denied(_STRANGER if strange else "I cannot tell who asked.")
        try:
            user = self._users.get(caller.user)
        except SlackRefused as refused:
            if self._rules.lenient and _not_implemented(refused):
                return AllowedUser("")
            denied = self._denied(f"I could not look up who you are ({refused.code}).")
            return replace(denied, unasked=refused.code not in _GONE)
        except SlackError:
            denied = self._denied("I could not look up who you are, because Slack gave no answer.")
            return replace(denied, unasked=True)
        return AllowedUser("") if self._rules.lenient and not user else self._judge(user)

    def channel(self, channel: str, *, shared: bool | None) -> Denied | None:
        """Whether an answer may be shown in this channel; `shared` is what the payload says about Slack Connect."""
        if self._rules.in_shared_channels or channel.startswith("D"):
            return None
        try:
            info = self._channels.get(channel)
        except SlackRefused as refused:
            if refused.code == "missing_scope":
                # Whatever the payload says: a press says nothing of it, and the buttons of an answer must work.
                return self._denied(_UNSEEN.format(f" {refused.needed}" if refused.needed else ""))
            if shared is False or (self._rules.lenient and not shared):
                return None
            unknown = refused.code in ("channel_not_found", "not_in_channel")
            return replace(self._denied(_UNKNOWN_READERS), unknown_channel=unknown)
        except SlackError:
            return None if shared is False else self._denied(_UNKNOWN_READERS)
        if shared or any(info.get(name) for name in ("is_ext_shared", "is_pending_ext_shared", "is_shared_external")):
            return self._denied("This channel is shared with another organisation, and the answer shows internals.")
        return None

    def channel_name(self, channel: str) -> str:
        """The channel's name, or an empty string where it cannot be found out."""
        try:
            return str(self._channels.get(channel).get("name") or "")
        except SlackError:
            return ""

    def may_post(self, channel: str) -> bool:
        """Whether the bot is in the channel, as far as it can tell; if in doubt, it tries."""
        if channel.startswith("D"):
            return True
        try:
            return self._channels.get(channel).get("is_member") is not False
        except SlackError:
            return True

    def is_public(self, channel: str) -> bool:
        """Whether everybody in the workspace may read the channel. In doubt it is not."""
        try:
            info = self._channels.get(channel) if not channel.startswith("D") else {}
        except SlackError:
            return False
        return info.get("is_channel") is True and not info.get("is_private")

    def may_read(self, channel: str, user: str) -> bool:
        """Whether this person may read the channel. In doubt they may not."""
        if self.is_public(channel):
            return True
        try:
            return user in self._members.get(channel).get("members", ())
        except SlackError:
            return False

    def forget_person(self, user: str) -> None:
        """Look this person up again next time: what they are about to do should not go by what was true."""
        self._users.forget(user)

    def forget_channel(self, channel: str) -> None:
        """Look it up again next time: it was shared, renamed or replaced."""
        self._channels.forget(channel)

    def _judge(self, user: Json) -> AllowedUser | Denied:
        if not user or user.get("deleted"):
            return self._denied("I could not find your account.")
        if user.get("is_bot"):
            return self._denied("Bots may not ask.")
        if user.get("is_restricted") or user.get("is_ultra_restricted"):
            return self._denied("Guests may not ask: the answer shows the inside of the cluster.")
        if user.get("is_stranger") or not self._at_home(user):
            return self._denied(_STRANGER)
        profile = user.get("profile") or {}
        name = profile.get("display_name") or user.get("real_name") or profile.get("real_name") or user.get("name")
        return AllowedUser(str(name or ""))

    def _at_home(self, user: Json) -> bool:
        team = user.get("team_id")
        unsaid = self._rules.lenient and not (team and self._rules.home_team)
        if team == self._rules.home_team or unsaid:
            return True
        enterprise = (user.get("enterprise_user") or {}).get("enterprise_id")
        return bool(self._identity.enterprise_id) and enterprise == self._identity.enterprise_id

    def _denied(self, reason: str) -> Denied:
        return Denied(reason, self._rules.helpers or f"Ask a full member of {self._identity.team or 'this workspace'}.")


def _not_implemented(refused: SlackRefused) -> bool:
    return refused.code in ("unknown_method", "method_not_found") or refused.status in (404, 405, 501)
