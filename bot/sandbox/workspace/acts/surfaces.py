"""What people do to blocks: press buttons, choose from menus, fill in and close modals, look at the app's home.

Called by tests and by the page, from any thread. It refuses what a person could not do in Slack's own client.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.sandbox.workspace.acts import elements
from bot.sandbox.workspace.api import posting
from bot.sandbox.workspace.core import Played
from bot.sandbox.workspace.delivery import payloads
from bot.sandbox.workspace.delivery.dispatch import deliver_event, deliver_interaction
from bot.sandbox.workspace.errors import MethodError, WorkspaceError
from bot.sandbox.workspace.rules import validate
from bot.sandbox.workspace.state.seed import ONCALL

Json = dict[str, Any]

TROUBLE = "We had some trouble connecting. Try again?"


class Surfaces(Played):
    """The people's side of messages with blocks, modals and the home tab."""

    def click(
        self,
        channel: str,
        message_ts: str,
        action_id: str,
        *,
        user: str = ONCALL,
        block_id: str | None = None,
        value: object = None,
    ) -> None:
        """Press a button, or choose `value` in a menu, of a message (also of one only this person sees).

        The app gets a `block_actions` payload. Raises WorkspaceError when the person cannot see such an element.
        """
        core = self._core
        with core.changes.lock:
            room = core.store.channel(channel)
            if user not in room.members:
                raise WorkspaceError(f"{user} is not in {room.name}.", "Choose a person who is in the channel.")
            message = core.store.ephemerals.get(user, {}).get(message_ts) or core.store.messages[channel].get(
                message_ts
            )
            if message is None:
                raise WorkspaceError(f"{user} sees no message {message_ts}.", "It may have been deleted; look again.")
            blocks = _all_blocks(message)
            block, element = self._element(blocks, action_id, block_id)
            action = elements.action_of(block, element, value, core.store.next_ts())
            values = elements.values_of(blocks, {})
            payload = payloads.message_click(core, user, room, message, action, values)
            self._send(payload, user, channel=channel, message_ts=message_ts, action_id=action_id)

    def click_view(
        self,
        view_id: str,
        action_id: str,
        *,
        user: str = ONCALL,
        block_id: str | None = None,
        value: object = None,
        values: Mapping[str, object] | None = None,
    ) -> None:
        """Press a button, or choose `value`, in an open modal or on one's home tab. Raises WorkspaceError."""
        core = self._core
        with core.changes.lock:
            view = self._view(user, view_id)
            block, element = self._element(view["blocks"], action_id, block_id)
            action = elements.action_of(block, element, value, core.store.next_ts())
            state = elements.values_of(
                view["blocks"], {**(values or {}), block: value} if value is not None else values or {}
            )
            self._send(payloads.view_click(core, user, view, action, state), user, action_id=action_id)

    def submit_view(
        self, user: str = ONCALL, values: Mapping[str, object] | None = None, *, view_id: str | None = None
    ) -> bool:
        """Submit the topmost modal (or `view_id`); `values` maps a block id or action id to what was entered.

        False when Slack's own form check found something: it is then shown in the modal and the app hears nothing.
        Raises WorkspaceError when there is no such modal or it has no submit button.
        """
        core = self._core
        with core.changes.lock:
            view = self._view(user, view_id) if view_id else self._topmost(user)
            if view["type"] != "modal" or view["submit"] is None:
                raise WorkspaceError("This view cannot be submitted.", "Only a modal with a submit button can.")
            state = elements.values_of(view["blocks"], values or {})
            wrong = elements.complaints(view["blocks"], state)
            core.views.set_errors(user, view["id"], wrong)
            if wrong:
                return False
            payload = payloads.view_submission(core, user, view, state)

            def acked(response: Json | None) -> None:
                self._follow(user, view, response or {})

            def failed(error: str) -> None:
                core.store.put_notice(user, TROUBLE, error=error, view_id=view["id"])

            deliver_interaction(core, "interactive", payload, acked, failed)
            return True

    def close_view(self, user: str = ONCALL, *, everything: bool = False) -> None:
        """Close the topmost modal, or all; modals that asked for it tell the app. Raises WorkspaceError."""
        core = self._core
        with core.changes.lock:
            top = self._topmost(user)
            for view in core.views.close(user, None if everything or top["clear_on_close"] else top["id"]):
                if view["notify_on_close"]:
                    self._send(payloads.view_closed(core, user, view, is_cleared=everything), user)

    def open_home(self, user: str = ONCALL, tab: str = "home") -> None:
        """Look at the app: its home tab, or `messages`. The app gets `app_home_opened`."""
        core = self._core
        with core.changes.lock:
            core.store.person(user)
            deliver_event(core, payloads.home_opened(core, user, tab))

    # ------------------------------------------------------------------ helpers

    def _send(self, payload: Json, user: str, **place: Any) -> None:
        def failed(error: str) -> None:
            self._core.store.put_notice(user, TROUBLE, error=error, **place)

        deliver_interaction(self._core, "interactive", payload, lambda _: None, failed)

    def _element(self, blocks: list[Json], action_id: str, block_id: str | None) -> tuple[str, Json]:
        found = elements.find(blocks, action_id, block_id)
        if found is None:
            there = ", ".join(element["action_id"] for _, element in elements.elements_of(blocks)) or "none"
            raise WorkspaceError(f"There is no element {action_id} here.", f"These are there: {there}.")
        return found

    def _topmost(self, user: str) -> Json:
        stack = self._core.views.stacks.get(user)
        if not stack:
            raise WorkspaceError(f"{user} has no modal open.", "Wait for the app to open one.")
        return stack[-1]

    def _view(self, user: str, view_id: str) -> Json:
        views = [*self._core.views.stacks.get(user, []), *filter(None, [self._core.views.homes.get(user)])]
        for view in views:
            if view["id"] == view_id:
                return view
        raise WorkspaceError(f"{user} sees no view {view_id}.", "It may have been closed; look again.")

    def _follow(self, user: str, view: Json, response: Json) -> None:
        """Do what the acknowledgement of a submission says."""
        core = self._core
        action = response.get("response_action")
        try:
            if action is None:
                core.views.close(user, view["id"])
            elif action == "clear":
                core.views.close(user)
            elif action == "errors":
                core.views.set_errors(user, view["id"], _known_errors(view, response.get("errors")))
            elif action in ("update", "push"):
                posting.refuse(validate.check_modal(response.get("view")))
                payload: Json = response["view"]
                _ = core.views.push(user, payload) if action == "push" else core.views.update(view, payload, None)
            else:
                raise MethodError("invalid_response_action")
        except MethodError as refused:
            core.store.put_notice(user, TROUBLE, error=refused.code, view_id=view["id"], details=list(refused.messages))


def _known_errors(view: Json, errors: object) -> Mapping[str, str]:
    """Only input blocks can carry a complaint. Raises MethodError."""
    inputs = {block["block_id"] for block in view["blocks"] if block["type"] == "input"}
    if not isinstance(errors, dict) or not errors or set(errors) - inputs:
        raise MethodError("invalid_response_action", ("errors must name input blocks of the view",))
    return errors


def _all_blocks(message: Json) -> list[Json]:
    attached = (attachment.get("blocks", []) for attachment in message.get("attachments", ()))
    return [*message.get("blocks", []), *(block for blocks in attached for block in blocks)]
