"""Who and what is in a new workspace: the team, its people, channels and user group, and the app's installation.

Read by the workspace when it is made. The ids are constants so that tests and configuration can name them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

TEAM = "T0MERIDIAN"
EXTERNAL_TEAM = "T0NORTHWND"
APP = "A0TRIAGE00"
BOT_USER = "U0TRIAGE00"
BOT = "B0TRIAGE00"

ONCALL = "U0ROBIN000"
SECOND = "U0SAM00000"
GUEST = "U0GALE0000"
EXTERNAL = "U0NOA00000"

INCIDENTS = "C0INCIDENT"
GENERAL = "C0GENERAL0"
SHARED = "C0SHARED00"
ONCALL_GROUP = "S0ONCALL00"

ChannelKind = Literal["channel", "group", "im", "mpim"]


@dataclass(frozen=True)
class Member:
    """A member, guest, external member or bot user, with the properties an app may decide by."""

    id: str
    name: str
    real_name: str
    title: str = ""
    team_id: str = TEAM
    email: str = ""
    is_bot: bool = False
    is_admin: bool = False
    is_restricted: bool = False
    is_ultra_restricted: bool = False
    deleted: bool = False
    tz: str = "Europe/Berlin"

    @property
    def is_external(self) -> bool:
        """Belongs to another workspace, connected through a shared channel."""
        return self.team_id != TEAM


@dataclass
class Channel:
    """A public channel, private channel (`group`), direct message (`im`) or group direct message (`mpim`)."""

    id: str
    name: str
    members: list[str]
    kind: ChannelKind = "channel"
    topic: str = ""
    is_ext_shared: bool = False
    created: int = 0
    is_archived: bool = False

    @property
    def event_name(self) -> str:
        """The `channel_type` in events."""
        return self.kind


BASE_SCOPES = (
    "app_mentions:read",
    "chat:write",
    "commands",
    "channels:history",
    "groups:history",
    "im:history",
    "mpim:history",
    "channels:read",
    "groups:read",
    "mpim:read",
    "files:read",
    "users:read",
    "usergroups:read",
)
OPTIONAL_SCOPES = (
    "files:write",
    "im:read",
    "im:write",
    "reactions:write",
    "team:read",
    "users:read.email",
    "chat:write.public",
)
BOT_EVENTS = (
    "app_mention",
    "message.channels",
    "message.groups",
    "message.im",
    "message.mpim",
    "app_home_opened",
    "subteam_members_changed",
    "channel_shared",
)


def _people() -> tuple[Member, ...]:
    mail = "meridian.example"
    return (
        Member(BOT_USER, "triage", "Triage", "Explains and fixes Kubernetes incidents", is_bot=True),
        Member(ONCALL, "robin", "Robin Vega", "Platform engineer, on call", email=f"robin@{mail}"),
        Member(SECOND, "sam", "Sam Okafor", "Platform engineer", email=f"sam@{mail}", is_admin=True),
        Member(GUEST, "gale", "Gale Winter", "Contractor (guest)", email="gale@contractor.example", is_restricted=True),
        Member(
            EXTERNAL, "noa", "Noa Stern", "Northwind (external)", team_id=EXTERNAL_TEAM, email="noa@northwind.example"
        ),
    )


def _channels() -> tuple[Channel, ...]:
    return (
        Channel(INCIDENTS, "incidents", [ONCALL, SECOND, GUEST, BOT_USER], topic="Paste the error, or /triage onyx"),
        Channel(GENERAL, "general", [ONCALL, SECOND], topic="Everything else"),
        Channel(
            SHARED,
            "shared-northwind",
            [ONCALL, SECOND, EXTERNAL, BOT_USER],
            topic="Shared with Northwind through Slack Connect",
            is_ext_shared=True,
        ),
    )


@dataclass(frozen=True)
class WorkspaceConfig:
    """What differs between workspaces; the default is the sandbox's.

    scopes:         granted to the bot token; keep equal to the app manifest
    bot_events:     subscriptions of the app manifest
    commands:       slash commands with their usage hint
    shortcuts:      message shortcuts, callback id → label
    acks_bound_to_connection: accept an acknowledgement only on the connection that carried the envelope
    enforce_rate_limits:      answer 429 when a method exceeds its tier, instead of only counting
    trigger_seconds:          the clock's seconds in which the bot may open a modal after what a person did
    """

    team_name: str = "Meridian"
    team_domain: str = "meridian"
    people: tuple[Member, ...] = field(default_factory=_people)
    channels: tuple[Channel, ...] = field(default_factory=_channels)
    usergroups: Mapping[str, tuple[str, tuple[str, ...]]] = field(
        default_factory=lambda: {ONCALL_GROUP: ("oncall", (ONCALL,))}
    )
    scopes: tuple[str, ...] = BASE_SCOPES
    bot_events: tuple[str, ...] = BOT_EVENTS
    commands: Mapping[str, str] = field(default_factory=lambda: {"/triage": "onyx [namespace]"})
    shortcuts: Mapping[str, str] = field(default_factory=lambda: {"triage_message": "Triage this message"})
    acks_bound_to_connection: bool = False
    enforce_rate_limits: bool = False
    trigger_seconds: float = 3.0
