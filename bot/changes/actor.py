"""Who acts on a change, as the adapter knows it, and what they are told when they may not.

Adapters build a `Actor` for each press; the policy and `ChangeService` decide by it. Nothing here asks anybody.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.domain.changes import Person


@dataclass(frozen=True, slots=True)
class Actor:
    """The facts about one person and one press. Everything is as unfavourable as it can be unless it is known.

    person:         `team` and `user` as Slack states them in the signed payload, never a name
    is_full_member: a regular, active member of the workspace the bot is installed in
    is_guest:       a guest, of one channel or of several
    is_external:    of another organisation (Slack Connect), or of another workspace than the bot's
    is_bot:         an app or a bot user
    groups:         ids of the user groups that the person is in
    channel:        id of the channel where the button stood
    members:        who is in each user group that the policy names, as far as that is known
    place:          where exactly it stood, for the audit: `channel/ts`, or the view's id
    original:       whether that is the message the button was made for, not a copy or a forwarded one
    unknown:        who this is could not be found out now, though it may be later
    requester:      the same about whoever asked for what is approved here, as they are now; None: nobody can tell
    """

    person: Person
    is_full_member: bool = False
    is_guest: bool = False
    is_external: bool = False
    is_bot: bool = False
    groups: frozenset[str] = frozenset()
    channel: str = ""
    members: Mapping[str, frozenset[str]] = field(default_factory=dict)
    place: str = ""
    original: bool = False
    unknown: bool = False
    requester: Actor | None = None

    @property
    def label(self) -> str:
        """How the audit names the person: `team/user`, or the user alone on the command line."""
        return f"{self.person.team}/{self.person.user}" if self.person.team else self.person.user
