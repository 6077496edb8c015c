"""The shapes of Slack's payloads, as far as the bot reads them: what has another shape is refused unread.

Called by the listeners before anything else looks at a payload. A number where an id belongs, a list where an object
belongs: nothing behind this door has to think of it. Unknown fields and unknown kinds of blocks are no mistake.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictStr, ValidationError

from bot.adapters.slack.render.blocks import Json

Text = StrictStr | None
Objects = Annotated[list[dict[str, Any]], Field(max_length=1_000)] | None


class Payload(BaseModel):
    """One of Slack's payloads, or a part of one."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class _Named(Payload):
    """A user, a team or a channel in an interaction."""

    id: StrictStr
    team_id: Text = None


class _Chosen(Payload):
    value: Text = None


class _Action(Payload):
    action_id: StrictStr
    value: Text = None
    selected_option: _Chosen | None = None


class _Container(Payload):
    type: StrictStr
    channel_id: Text = None
    message_ts: Text = None
    thread_ts: Text = None
    view_id: Text = None
    is_app_unfurl: StrictBool | None = None


class BlockActions(Payload):
    """A press of a button, or a choice in a menu."""

    user: _Named
    team: _Named | None = None
    container: _Container
    actions: Annotated[list[_Action], Field(min_length=1)]
    trigger_id: Text = None
    response_url: Text = None


class _Element(Payload):
    value: Text = None
    selected_option: _Chosen | None = None
    selected_options: list[_Chosen] | None = None


class _State(Payload):
    values: dict[str, dict[str, _Element]] = Field(default_factory=dict)


class _View(Payload):
    id: StrictStr
    callback_id: Text = None
    private_metadata: Text = None
    state: _State | None = None


class ViewSubmission(Payload):
    """A submitted modal."""

    type: StrictStr
    user: _Named
    team: _Named | None = None
    view: _View
    trigger_id: Text = None


class _Edited(Payload):
    ts: Text = None


class _MessageFields(Payload):
    """A message, as far as it is read here; blocks and attachments are read with care where they are read."""

    type: Text = None
    subtype: Text = None
    channel: Text = None
    channel_type: Text = None
    user: Text = None
    bot_id: Text = None
    app_id: Text = None
    text: Text = None
    ts: Text = None
    thread_ts: Text = None
    deleted_ts: Text = None
    team: Text = None
    user_team: Text = None
    source_team: Text = None
    user_profile: dict[str, Any] | None = None
    edited: _Edited | None = None
    blocks: Objects = None
    attachments: Objects = None
    files: Objects = None


class _MessageEvent(_MessageFields):
    message: _MessageFields | None = None
    previous_message: _MessageFields | None = None


class MessageEnvelope(Payload):
    """An event that is a message, a mention, an edit or a deletion."""

    event_id: Text = None
    team_id: Text = None
    is_ext_shared_channel: StrictBool | None = None
    event: _MessageEvent


class MessageShortcut(Payload):
    """The shortcut on a message."""

    user: _Named
    team: _Named | None = None
    channel: _Named
    message: _MessageFields
    message_ts: Text = None
    trigger_id: Text = None
    response_url: Text = None


class SlashCommand(Payload):
    """The slash command."""

    user_id: StrictStr
    channel_id: StrictStr
    team_id: Text = None
    text: Text = None
    response_url: Text = None
    trigger_id: Text = None


class _HomeEvent(Payload):
    user: Text = None
    tab: Text = None


class HomeEnvelope(Payload):
    """Somebody opened the Home tab."""

    team_id: Text = None
    event: _HomeEvent


def is_well_formed(shape: type[Payload], body: Json) -> bool:
    """Whether the payload has this shape."""
    try:
        shape.model_validate(body)
    except (ValidationError, RecursionError):
        return False
    return True
