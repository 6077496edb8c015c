"""The front of the Web API: credentials, scopes, arguments, injected failures, rate limits, and the record of calls.

Called by the HTTP server for every request under /api/. The methods themselves are in `methods_*`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.workspace.api import methods_chat, methods_conversations, methods_files, methods_people, methods_views
from bot.sandbox.workspace.api.arguments import Arguments
from bot.sandbox.workspace.api.meter import POSTS_IN_CHANNEL, POSTS_PER_MINUTE, TIERS, MeteredCall, MeteredFault
from bot.sandbox.workspace.core import WorkspaceCore
from bot.sandbox.workspace.errors import MethodError
from bot.sandbox.workspace.state.changes import WorkspaceChange

Json = dict[str, Any]


@dataclass(frozen=True)
class Method:
    """One Web API method: what does the work, the arguments and scope it needs, and its calls per minute."""

    run: Callable[[WorkspaceCore, Arguments], Json]
    limit: int
    required: tuple[str, ...] = ()
    scope: str | None = None
    app_token: bool = False


@dataclass(frozen=True)
class WebApiResponse:
    """An HTTP answer. `drop` closes the connection without one."""

    status: int
    body: Json
    headers: Mapping[str, str] = field(default_factory=dict)
    drop: bool = False


_T2, _T3, _T4 = TIERS[2], TIERS[3], TIERS[4]
_chat, _talk, _folk, _view, _file = methods_chat, methods_conversations, methods_people, methods_views, methods_files

METHODS: dict[str, Method] = {
    "auth.test": Method(_folk.auth_test, 200),
    "apps.connections.open": Method(_folk.open_connection, _T3, app_token=True),
    "bots.info": Method(_folk.bot_info, _T3, (), "users:read"),
    "team.info": Method(_folk.team_info, _T3, (), "team:read"),
    "chat.postMessage": Method(_chat.post_message, POSTS_PER_MINUTE, ("channel",), "chat:write"),
    "chat.update": Method(_chat.update, _T3, ("channel", "ts"), "chat:write"),
    "chat.delete": Method(_chat.delete, _T3, ("channel", "ts"), "chat:write"),
    "chat.postEphemeral": Method(_chat.post_ephemeral, _T4, ("channel", "user"), "chat:write"),
    "chat.getPermalink": Method(_chat.get_permalink, 200, ("channel", "message_ts")),
    "reactions.add": Method(_chat.add_reaction, _T3, ("channel", "timestamp", "name"), "reactions:write"),
    "conversations.info": Method(_talk.info, _T3, ("channel",)),
    "conversations.list": Method(_talk.list_all, _T2),
    "conversations.history": Method(_talk.history, _T3, ("channel",)),
    "conversations.replies": Method(_talk.replies, _T3, ("channel", "ts")),
    "conversations.open": Method(_talk.open_direct_message, _T3, (), "im:write"),
    "conversations.members": Method(_talk.members, _T4, ("channel",)),
    "users.conversations": Method(_talk.list_of_user, _T3),
    "users.info": Method(_folk.user_info, _T4, ("user",), "users:read"),
    "users.list": Method(_folk.user_list, _T2, (), "users:read"),
    "users.lookupByEmail": Method(_folk.lookup_by_email, _T3, ("email",), "users:read.email"),
    "usergroups.list": Method(_folk.usergroup_list, _T2, (), "usergroups:read"),
    "usergroups.users.list": Method(_folk.usergroup_users, _T2, ("usergroup",), "usergroups:read"),
    "views.open": Method(_view.open_modal, _T4, ("trigger_id", "view")),
    "views.push": Method(_view.push_modal, _T4, ("trigger_id", "view")),
    "views.update": Method(_view.update_modal, _T4, ("view",)),
    "views.publish": Method(_view.publish_home, _T4, ("user_id", "view")),
    "files.info": Method(_file.info, _T4, ("file",), "files:read"),
    "files.getUploadURLExternal": Method(_file.get_upload_url, _T4, ("filename", "length"), "files:write"),
    "files.completeUploadExternal": Method(_file.complete_upload, _T4, ("files",), "files:write"),
}


def call(core: WorkspaceCore, name: str, token: str | None, values: Mapping[str, Any]) -> WebApiResponse:
    """Answer one request and record it."""
    with core.changes.lock:
        answer = _answer(core, name, token, values)
        error = None if answer.body.get("ok") else str(answer.body.get("error", f"http_{answer.status}"))
        shown = {key: value for key, value in values.items() if key != "token"}
        status = 0 if answer.drop else answer.status
        core.calls.append(MeteredCall(name, shown, answer.body, error, status, core.clock()))
        core.changes.note(WorkspaceChange("call", {"method": name, "error": error}))
        return answer


def _answer(core: WorkspaceCore, name: str, token: str | None, values: Mapping[str, Any]) -> WebApiResponse:
    fault = core.faults.take(name)
    if fault is not None:
        if fault.lost:
            _done(core, name, token, values)
        return _injected(fault)
    return _done(core, name, token, values)


def _done(core: WorkspaceCore, name: str, token: str | None, values: Mapping[str, Any]) -> WebApiResponse:
    method = METHODS.get(name)
    scopes = ",".join(core.config.scopes)
    headers = {"x-oauth-scopes": "connections:write" if method and method.app_token else scopes}
    try:
        if method is None:
            raise MethodError("unknown_method", req_method=name)
        _check_token(core, method, token)
        if (wait := _too_often(core, name, method, values)) is not None:
            return WebApiResponse(429, {"ok": False, "error": "ratelimited"}, {"Retry-After": str(wait)})
        if method.scope is not None and method.scope not in core.config.scopes:
            raise MethodError("missing_scope", needed=method.scope, provided=scopes)
        arguments = Arguments(values)
        arguments.require(*method.required)
        return WebApiResponse(200, {"ok": True, **method.run(core, arguments)}, headers)
    except MethodError as refused:
        return WebApiResponse(200, refused.answer(), headers)


def _too_often(core: WorkspaceCore, name: str, method: Method, values: Mapping[str, Any]) -> int | None:
    """Seconds to wait, where limits are enforced: per method, and for posts per channel as well.

    https://docs.slack.dev/apis/web-api/rate-limits: one message a second in a channel, short bursts allowed.
    """
    counted = {name: method.limit}
    if name == "chat.postMessage":
        counted[f"{name} in {values.get('channel')}"] = POSTS_IN_CHANNEL
    waits = {key: wait for key, limit in counted.items() if (wait := core.meter.count(key, limit)) is not None}
    if not waits or not core.config.enforce_rate_limits:
        return None
    for key in counted:
        core.meter.forget_last(key)
    return max(waits.values())


def _check_token(core: WorkspaceCore, method: Method, token: str | None) -> None:
    if not token:
        raise MethodError("not_authed")
    if token not in (core.tokens.bot, core.tokens.app):
        raise MethodError("invalid_auth")
    if token != (core.tokens.app if method.app_token else core.tokens.bot):
        raise MethodError("not_allowed_token_type")


def _injected(fault: MeteredFault) -> WebApiResponse:
    if fault.drop:
        return WebApiResponse(0, {"ok": False}, drop=True)
    if fault.error is not None:
        return WebApiResponse(fault.status if fault.status != 429 else 200, {"ok": False, "error": fault.error})
    if fault.status == 429:
        return WebApiResponse(429, {"ok": False, "error": "ratelimited"}, {"Retry-After": str(fault.retry_after or 1)})
    return WebApiResponse(fault.status, {})
