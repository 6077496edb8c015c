"""Who presses, as facts the policy decides by; and the names of those who could.

Used by the other modules of this package, and by the requests for approval (`incidents.ports.PeopleDirectory`). Slack
is asked anew about whoever is about to change something; what cannot be found out counts against the person.
"""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.adapters.slack.events.people import AllowedUser, Denied, SlackUser
from bot.adapters.slack.events.presses import Click
from bot.adapters.slack.events.services import SlackDeps
from bot.adapters.slack.render.blocks import Json
from bot.changes.actor import Actor
from bot.changes.policy.model import Closed, Holder, HolderKind, Policy
from bot.changes.policy.source import PolicySource
from bot.domain.changes import Person
from bot.domain.errors import SlackError
from bot.incidents.plain_text import one_line

GROUPS_SECONDS = 60.0
"""usergroups.list may be called about twenty times a minute."""
PERSON_SECONDS = 15.0
PERSONS = 2_000
NAMED = 5
"""Holders that are named in a channel; the others are counted."""

Groups = Mapping[str, tuple[str, frozenset[str]]]
"""Handle and people of each user group, by its id."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class PressContext:
    """One press or submission: who, and where the button stood."""

    user: str
    team: str
    user_team: str
    channel: str
    place: str
    original: bool

    @property
    def caller(self) -> SlackUser:
        """As the gate asks about people."""
        return SlackUser(self.user, frozenset({self.user_team, self.team} - {""}))


def spoken_by(click: Click, *, original: bool = True) -> PressContext:
    """A press on a message."""
    place = f"{click.channel}/{click.message_ts}" if click.message_ts else click.view_id
    return PressContext(click.user, click.team, click.user_team, click.channel, place, original)


class People:
    """Knows people through the gate, and user groups through the Web API. Thread-safe."""

    def __init__(self, services: SlackDeps, policy: PolicySource) -> None:
        self._services = services
        self._policy = policy
        self._lock = threading.Lock()
        self._groups: tuple[datetime, Groups] | None = None
        self._asked: OrderedDict[str, datetime] = OrderedDict()

    def actor(self, spoken: PressContext, denied: Denied | None = None) -> Actor:
        """The facts about a press. `denied` is what the gate has said already."""
        if denied is None:
            self._ask_anew(spoken.user)
        admission = denied or self._services.gate.person(spoken.caller)
        if isinstance(admission, AllowedUser):
            return self._member(spoken, admission)
        return self._stranger(spoken)

    def approver(self, spoken: PressContext, requester: Person | None) -> Actor:
        """The facts about a press by which something is approved: also about whoever asked for it, as they are now."""
        actor = self.actor(spoken)
        if requester is None:
            return actor
        self._ask_anew(requester.user)
        asked = PressContext(requester.user, requester.team, requester.team, spoken.channel, "", original=True)
        admission = self._services.gate.person(asked.caller)
        if isinstance(admission, AllowedUser):
            facts = self._member(asked, admission)
        else:
            facts = replace(self._stranger(asked), unknown=admission.unasked)
        return replace(actor, requester=facts)

    def of_home(self, team: str, user: str, channel: str = "") -> Actor:
        """The facts about somebody who looks at the Home tab; `channel` is one that they may read."""
        spoken = PressContext(user, team, team, channel, "home", original=True)
        admission = self._services.gate.person(spoken.caller)
        return self._member(spoken, admission) if isinstance(admission, AllowedUser) else self._stranger(spoken)

    def channel_problem(self, channel: str) -> str:
        """Why nothing of this may be shown in the channel; empty when it may."""
        denied = self._services.gate.channel(channel, shared=None) if channel else None
        return denied.reason if denied is not None and not denied.unknown_channel else ""

    def names(self, holders: Iterable[Holder]) -> str:
        """Holders by name, for a message in a channel: it pings nobody."""
        found = [self._name(holder) for holder in holders]
        more = f" and {len(found) - NAMED} more" if len(found) > NAMED else ""
        return ", ".join(found[:NAMED]) + more

    def _member(self, spoken: PressContext, admitted: AllowedUser) -> Actor:
        person = Person(user=spoken.user, team=spoken.user_team or spoken.team, name=admitted.name)
        return Actor(
            person,
            is_full_member=True,
            groups=self._groups_of(spoken.user),
            members=self._members(),
            channel=spoken.channel,
            place=spoken.place,
            original=spoken.original,
        )

    def _stranger(self, spoken: PressContext) -> Actor:
        """Somebody the gate does not let in: no right, but the audit says what they are."""
        try:
            info: Json = self._services.api.user(spoken.user) if spoken.user else {}
        except SlackError:
            info = {}
        home = self._services.settings.home_team or self._services.identity.team_id
        team = spoken.user_team or str(info.get("team_id") or "") or spoken.team
        name = str(info.get("real_name") or info.get("name") or "")
        return Actor(
            Person(user=spoken.user, team=team, name=one_line(name, 80) if name else ""),
            is_guest=bool(info.get("is_restricted") or info.get("is_ultra_restricted")),
            is_external=bool(info.get("is_stranger")) or team != home,
            is_bot=bool(info.get("is_bot")),
            channel=spoken.channel,
            place=spoken.place,
            original=spoken.original,
        )

    def _ask_anew(self, user: str) -> None:
        """Not what was true five minutes ago counts for who changes something; but a storm of presses asks once."""
        now = self._services.clock()
        with self._lock:
            asked = self._asked.get(user)
            if asked is not None and now - asked < timedelta(seconds=PERSON_SECONDS):
                return
            self._asked[user] = now
            self._asked.move_to_end(user)
            while len(self._asked) > PERSONS:
                self._asked.popitem(last=False)
        self._services.gate.forget_person(user)

    def _groups_of(self, user: str) -> frozenset[str]:
        """The groups that the policy names and this person is in. Not known: none."""
        policy = self._policy.current()
        if isinstance(policy, Closed) or not _names_groups(policy):
            return frozenset()
        return frozenset(group for group, (_, members) in self._all_groups().items() if user in members)

    def members(self, holder: Holder) -> frozenset[str] | None:
        """Who is in a user group. None: that cannot be told, as for a channel."""
        return self._members().get(holder.id) if holder.kind is HolderKind.GROUP else None

    def _members(self) -> Mapping[str, frozenset[str]]:
        """Full members of each user group that the policy could name; nothing where Slack does not say."""
        policy = self._policy.current()
        if isinstance(policy, Closed) or not _names_groups(policy):
            return {}
        return {group: people for group, (_, people) in self._all_groups().items()}

    def _all_groups(self) -> Groups:
        now = self._services.clock()
        with self._lock:
            known = self._groups
        if known is not None and now - known[0] < timedelta(seconds=GROUPS_SECONDS):
            return known[1]
        try:
            groups = self._services.api.user_groups()
        except SlackError as error:
            _log.warning("nobody counts as a member of a user group for now: %s", error)
            groups = {}
        with self._lock:
            self._groups = (now, groups)
        return groups

    def _name(self, holder: Holder) -> str:
        match holder.kind:
            case HolderKind.USER:
                admission = self._services.gate.person(SlackUser(holder.id))
                return (one_line(admission.name, 40) if isinstance(admission, AllowedUser) else "") or holder.id
            case HolderKind.CHANNEL:
                name = self._services.gate.channel_name(holder.id)
                return f"whoever presses in #{name}" if name else f"whoever presses in channel {holder.id}"
            case HolderKind.GROUP:
                handle, _ = self._all_groups().get(holder.id, ("", frozenset()))
                return f"the user group {one_line(handle, 40) if handle else holder.id}"


def _names_groups(policy: Policy) -> bool:
    return any(holder.kind is HolderKind.GROUP for role in policy.roles.values() for holder in role.holders)
