"""The auth.*, users.*, usergroups.*, bots.*, team.* and apps.* methods.

Called by the Web API front with the lock held; each answers the body of a successful call or raises MethodError.
"""

from __future__ import annotations

import secrets
from typing import Any

from bot.sandbox.workspace.api.arguments import Arguments
from bot.sandbox.workspace.core import WorkspaceCore
from bot.sandbox.workspace.errors import MethodError
from bot.sandbox.workspace.state.seed import APP, BOT, BOT_USER, TEAM, Member

Json = dict[str, Any]


def auth_test(core: WorkspaceCore, _: Arguments) -> Json:
    """auth.test"""
    return {
        "url": f"{core.address}/",
        "team": core.config.team_name,
        "user": core.store.people[BOT_USER].name,
        "team_id": TEAM,
        "user_id": BOT_USER,
        "bot_id": BOT,
        "is_enterprise_install": False,
    }


def open_connection(core: WorkspaceCore, _: Arguments) -> Json:
    """apps.connections.open"""
    ticket = secrets.token_urlsafe(24)
    core.tickets.add(ticket)
    return {"url": f"{core.address.replace('http', 'ws', 1)}/link/?ticket={ticket}&app_id={APP}"}


def described(core: WorkspaceCore, person: Member) -> Json:
    """The user object of a person."""
    first, _, last = person.real_name.partition(" ")
    profile: Json = {
        "real_name": person.real_name,
        "real_name_normalized": person.real_name,
        "display_name": "" if person.is_bot else person.name,
        "first_name": first,
        "last_name": last,
        "title": person.title,
        "team": person.team_id,
    }
    if "users:read.email" in core.config.scopes and person.email and not person.is_external:
        profile["email"] = person.email
    if person.is_bot:
        profile |= {"bot_id": BOT, "api_app_id": APP}
    answer: Json = {
        "id": person.id,
        "team_id": person.team_id,
        "name": person.name,
        "real_name": person.real_name,
        "deleted": person.deleted,
        "profile": profile,
        "is_bot": person.is_bot,
        "is_app_user": False,
        "updated": 0,
    }
    if person.is_external:
        return answer | {"is_stranger": not _shares_channel(core, person.id)}
    return answer | {
        "tz": person.tz,
        "is_admin": person.is_admin,
        "is_owner": False,
        "is_primary_owner": False,
        "is_restricted": person.is_restricted or person.is_ultra_restricted,
        "is_ultra_restricted": person.is_ultra_restricted,
        "is_email_confirmed": bool(person.email),
    }


def _shares_channel(core: WorkspaceCore, user: str) -> bool:
    shared = (channel for channel in core.store.channels.values() if channel.kind != "im")
    return any(user in channel.members and BOT_USER in channel.members for channel in shared)


def user_info(core: WorkspaceCore, arguments: Arguments) -> Json:
    """users.info"""
    user = arguments.text("user")
    if user not in core.store.people:
        raise MethodError("user_not_found")
    return {"user": described(core, core.store.people[user])}


def user_list(core: WorkspaceCore, arguments: Arguments) -> Json:
    """users.list"""
    page, cursor = arguments.page([person for person in core.store.people.values() if not person.is_external], 1000)
    members = [described(core, person) for person in page]
    return {"members": members, "cache_ts": int(core.clock()), "response_metadata": {"next_cursor": cursor}}


def lookup_by_email(core: WorkspaceCore, arguments: Arguments) -> Json:
    """users.lookupByEmail"""
    wanted = arguments.text("email").lower()
    for person in core.store.people.values():
        if person.email.lower() == wanted and not person.is_external and not person.deleted:
            return {"user": described(core, person)}
    raise MethodError("users_not_found")


def usergroup_list(core: WorkspaceCore, arguments: Arguments) -> Json:
    """usergroups.list"""
    groups: list[Json] = []
    for group, (handle, users) in core.store.usergroups.items():
        answer: Json = {"id": group, "team_id": TEAM, "is_usergroup": True, "name": handle, "handle": handle}
        answer |= {"date_delete": 0, "user_count": len(users)}
        groups.append(answer | {"users": list(users)} if arguments.flag("include_users") else answer)
    return {"usergroups": groups}


def usergroup_users(core: WorkspaceCore, arguments: Arguments) -> Json:
    """usergroups.users.list"""
    group = arguments.text("usergroup")
    if group not in core.store.usergroups:
        raise MethodError("no_such_subteam")
    return {"users": list(core.store.usergroups[group][1])}


def bot_info(core: WorkspaceCore, arguments: Arguments) -> Json:
    """bots.info"""
    if arguments.text("bot", BOT) != BOT:
        raise MethodError("bot_not_found")
    name = core.store.people[BOT_USER].name
    return {"bot": {"id": BOT, "deleted": False, "name": name, "updated": 0, "app_id": APP, "user_id": BOT_USER}}


def team_info(core: WorkspaceCore, _: Arguments) -> Json:
    """team.info"""
    return {"team": {"id": TEAM, "name": core.config.team_name, "domain": core.config.team_domain, "email_domain": ""}}
