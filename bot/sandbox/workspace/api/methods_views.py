"""The views.* methods.

Called by the Web API front with the lock held; each answers the body of a successful call or raises MethodError.
"""

from __future__ import annotations

from typing import Any

from bot.sandbox.workspace.api.arguments import Arguments
from bot.sandbox.workspace.api.posting import refuse
from bot.sandbox.workspace.core import WorkspaceCore
from bot.sandbox.workspace.errors import MethodError
from bot.sandbox.workspace.rules import validate
from bot.sandbox.workspace.state.views import public

Json = dict[str, Any]


def _modal(arguments: Arguments) -> Json:
    view = arguments.structure("view")
    refuse(validate.check_modal(view))
    assert isinstance(view, dict)
    return view


def open_modal(core: WorkspaceCore, arguments: Arguments) -> Json:
    """views.open"""
    payload = _modal(arguments)
    trigger = core.triggers.redeem(arguments.text("trigger_id"))
    return {"view": public(core.views.open(trigger.user, payload))}


def push_modal(core: WorkspaceCore, arguments: Arguments) -> Json:
    """views.push"""
    payload = _modal(arguments)
    trigger = core.triggers.redeem(arguments.text("trigger_id"))
    if trigger.view is None:
        raise MethodError("invalid_trigger_id")  # only something done inside a modal can put another above it
    return {"view": public(core.views.push(trigger.user, payload))}


def update_modal(core: WorkspaceCore, arguments: Arguments) -> Json:
    """views.update"""
    if "view_id" not in arguments.values and "external_id" not in arguments.values:
        raise MethodError("invalid_arguments", ("missing required field: view_id",))
    payload = _modal(arguments)
    _, view = core.views.find(arguments.optional("view_id"), arguments.optional("external_id"))
    return {"view": public(core.views.update(view, payload, arguments.optional("hash")))}


def publish_home(core: WorkspaceCore, arguments: Arguments) -> Json:
    """views.publish"""
    view = arguments.structure("view")
    refuse(validate.check_home(view))
    user = arguments.text("user_id")
    if user not in core.store.people or core.store.people[user].is_bot:
        raise MethodError("user_not_found")
    return {"view": public(core.views.publish(user, view, arguments.optional("hash")))}
