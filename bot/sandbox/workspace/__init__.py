"""A Slack-compatible workspace on this machine: Web API, Socket Mode, response URLs, files, and a page for a person.

It is what the bot talks to when there are no Slack tokens, and the strict fake in every test.
"""

from bot.sandbox.workspace.api.meter import MeteredCall
from bot.sandbox.workspace.delivery.socket_mode import DeliveryAttempt
from bot.sandbox.workspace.errors import WorkspaceError
from bot.sandbox.workspace.http.http_page import Control
from bot.sandbox.workspace.state.files import Upload
from bot.sandbox.workspace.state.seed import (
    APP,
    BASE_SCOPES,
    BOT,
    BOT_EVENTS,
    BOT_USER,
    EXTERNAL,
    EXTERNAL_TEAM,
    GENERAL,
    GUEST,
    INCIDENTS,
    ONCALL,
    ONCALL_GROUP,
    OPTIONAL_SCOPES,
    SECOND,
    SHARED,
    TEAM,
    Channel,
    Member,
    WorkspaceConfig,
)
from bot.sandbox.workspace.workspace import Workspace

__all__ = [
    "APP",
    "BASE_SCOPES",
    "BOT",
    "BOT_EVENTS",
    "BOT_USER",
    "EXTERNAL",
    "EXTERNAL_TEAM",
    "GENERAL",
    "GUEST",
    "INCIDENTS",
    "ONCALL",
    "ONCALL_GROUP",
    "OPTIONAL_SCOPES",
    "SECOND",
    "SHARED",
    "TEAM",
    "Channel",
    "Control",
    "DeliveryAttempt",
    "Member",
    "MeteredCall",
    "Upload",
    "Workspace",
    "WorkspaceConfig",
    "WorkspaceError",
]
