"""Modals and home tabs: the stack of modals each person has open, and the home tab each person was given.

Called by the views.* methods and by the people's actions, under the lock. It validates nothing.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from typing import Any

from bot.sandbox.workspace.errors import MethodError
from bot.sandbox.workspace.state.changes import Changes, WorkspaceChange
from bot.sandbox.workspace.state.seed import APP, BOT, TEAM

Json = dict[str, Any]

STACK_HEIGHT = 3


class Views:
    """All views, by id and by person."""

    def __init__(self, changes: Changes, next_id: Callable[[str], str]) -> None:
        self._changes = changes
        self._next_id = next_id
        self.stacks: dict[str, list[Json]] = {}  # person → open modals, the topmost last
        self.homes: dict[str, Json] = {}

    def open(self, user: str, payload: Mapping[str, Any]) -> Json:
        """Show a first modal; whatever was open is replaced."""
        self.stacks[user] = []
        return self.push(user, payload)

    def push(self, user: str, payload: Mapping[str, Any]) -> Json:
        """Show a modal above the open ones. Raises MethodError when three are open."""
        stack = self.stacks.setdefault(user, [])
        if len(stack) >= STACK_HEIGHT:
            raise MethodError("push_limit_reached")
        view = self._made(payload, self._next_id("V"))
        view["root_view_id"] = stack[0]["id"] if stack else view["id"]
        view["previous_view_id"] = stack[-1]["id"] if stack else None
        self._refuse_duplicate(view)
        stack.append(view)
        self._show(user)
        return view

    def update(self, old: Json, payload: Mapping[str, Any], expected_hash: str | None) -> Json:
        """Replace the content of a view. Raises MethodError when somebody else replaced it first."""
        if expected_hash and expected_hash != old["hash"]:
            raise MethodError("hash_conflict")
        view = {**self._made(payload, old["id"]), **{k: old[k] for k in ("root_view_id", "previous_view_id")}}
        if not view["external_id"]:
            view["external_id"] = old["external_id"]
        for user, stack in self.stacks.items():
            for index, candidate in enumerate(stack):
                if candidate["id"] == old["id"]:
                    stack[index] = view
                    self._show(user)
                    return view
        raise MethodError("not_found")

    def publish(self, user: str, payload: Mapping[str, Any], expected_hash: str | None) -> Json:
        """Give a person a home tab. Raises MethodError when somebody else replaced it first."""
        old = self.homes.get(user)
        if expected_hash and (old is None or expected_hash != old["hash"]):
            raise MethodError("hash_conflict")
        view = self._made(payload, old["id"] if old else self._next_id("V"))
        self.homes[user] = view
        self._changes.note(WorkspaceChange("home", view, audience=user))
        return view

    def find(self, view_id: str | None, external_id: str | None = None) -> tuple[str, Json]:
        """The person and the view. Raises MethodError when it is not open any more."""
        for user, stack in self.stacks.items():
            for view in stack:
                if (view_id and view["id"] == view_id) or (external_id and view["external_id"] == external_id):
                    return user, view
        raise MethodError("not_found")

    def close(self, user: str, view_id: str | None = None) -> list[Json]:
        """Close the topmost modal (or all, without `view_id`); answers the closed ones, the topmost first."""
        stack = self.stacks.get(user, [])
        keep = 0 if view_id is None else next((i for i, view in enumerate(stack) if view["id"] == view_id), len(stack))
        closed = stack[keep:][::-1]
        self.stacks[user] = stack[:keep]
        self._show(user)
        return closed

    def set_errors(self, user: str, view_id: str, errors: Mapping[str, str]) -> None:
        """Show complaints beside the inputs of an open modal, block id → sentence."""
        for view in self.stacks.get(user, []):
            if view["id"] == view_id:
                view["errors"] = dict(errors)
        self._show(user)

    def _refuse_duplicate(self, view: Json) -> None:
        wanted = view["external_id"]
        if wanted and any(other["external_id"] == wanted for stack in self.stacks.values() for other in stack):
            raise MethodError("duplicate_external_id")

    def _made(self, payload: Mapping[str, Any], view_id: str) -> Json:
        return {
            "id": view_id,
            "team_id": TEAM,
            "type": payload["type"],
            "blocks": with_ids(payload["blocks"]),
            "private_metadata": payload.get("private_metadata") or "",
            "callback_id": payload.get("callback_id") or "",
            "external_id": payload.get("external_id") or "",
            "state": {"values": {}},
            "hash": f"{secrets.randbelow(10**10)}.{secrets.token_hex(4)}",
            "title": payload.get("title"),
            "submit": payload.get("submit"),
            "close": payload.get("close"),
            "clear_on_close": bool(payload.get("clear_on_close")),
            "notify_on_close": bool(payload.get("notify_on_close")),
            "previous_view_id": None,
            "root_view_id": view_id,
            "app_id": APP,
            "app_installed_team_id": TEAM,
            "bot_id": BOT,
        }

    def _show(self, user: str) -> None:
        self._changes.note(WorkspaceChange("views", list(self.stacks[user]), audience=user))


def with_ids(blocks: list[Json]) -> list[Json]:
    """The blocks with the block and action ids Slack makes up where the app gave none."""
    return [_with_id(block) for block in blocks]


def _with_id(block: Json) -> Json:
    named = {**block, "block_id": block.get("block_id") or secrets.token_urlsafe(4)}
    if isinstance(named.get("elements"), list) and named["type"] in ("actions", "context_actions"):
        named["elements"] = [_with_action(element) for element in named["elements"]]
    for place in ("accessory", "element"):
        if isinstance(named.get(place), dict) and named[place].get("type") != "image":
            named[place] = _with_action(named[place])
    return named


def _with_action(element: Json) -> Json:
    return {**element, "action_id": element.get("action_id") or secrets.token_urlsafe(4)}


def public(view: Json) -> Json:
    """The view as the API shows it: without the complaints kept for the page."""
    return {name: value for name, value in view.items() if name != "errors"}
