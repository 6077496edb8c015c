"""The strict validator: would Slack accept this message, modal or home tab, and if not, what would it answer?

Called by the workspace for every payload a bot sends, and directly by tests of anything that builds payloads.
Pure. It errs on the strict side where Slack's own limit is undocumented (`CUMULATIVE_CHARACTERS`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.sandbox.workspace.rules.block_rules import check_blocks
from bot.sandbox.workspace.rules.complaints import Complaints, Surface

BLOCKS_PER_MESSAGE = 50
BLOCKS_PER_VIEW = 100
UPDATE_CHARACTERS = 4_000
ATTACHMENTS = 100
VIEW_BYTES = 250 * 1024
PRIVATE_METADATA_CHARACTERS = 3_000
# Undocumented; refusals were seen from about 11,000 characters on. The lower bound is what a bot can rely on.
CUMULATIVE_CHARACTERS = 10_000

_MODAL_FIELDS = ("title", "submit", "close", "clear_on_close", "notify_on_close", "submit_disabled")
_VIEW_FIELDS = ("private_metadata", "callback_id", "external_id")


@dataclass(frozen=True)
class PayloadRefusal:
    """Slack's answer to a payload it does not accept.

    error:    the code, such as `invalid_blocks`
    messages: what `response_metadata.messages` says, one entry for each defect, with a JSON pointer
    """

    error: str
    messages: tuple[str, ...] = ()


def check_message(
    *,
    text: str | None,
    blocks: object = None,
    attachments: object = None,
    updating: bool = False,
) -> PayloadRefusal | None:
    """The refusal a message would meet, or None when Slack would accept it.

    updating: the text limit of chat.update applies (4,000 characters)
    """
    if blocks is not None and not isinstance(blocks, list):
        return PayloadRefusal("invalid_blocks_format")
    if attachments is not None and not isinstance(attachments, list):
        return PayloadRefusal("invalid_attachments")
    if not (text or "").strip() and not blocks and not attachments:
        return PayloadRefusal("no_text")
    if updating and text is not None and len(text) > UPDATE_CHARACTERS:
        return PayloadRefusal("msg_too_long")
    return _check_message_blocks(blocks or [], attachments or [])


def check_modal(view: object) -> PayloadRefusal | None:
    """The refusal views.open, views.push or views.update would give a modal, or None."""
    complaints = Complaints("modal")
    if complaints.is_object(view, "/view", ("type", "title", "blocks"), (*_MODAL_FIELDS, *_VIEW_FIELDS)):
        assert isinstance(view, Mapping)
        for name in ("title", "submit", "close"):
            if view.get(name) is not None:
                complaints.text_object(view[name], f"/view/{name}", most=24, plain_only=True, counted=False)
        complaints.optional_flags(view, ("clear_on_close", "notify_on_close", "submit_disabled"), "/view")
        if _has_input(view["blocks"]) and view.get("submit") is None:
            complaints.add("/view/submit", "a modal with input blocks must define a submit button")
    return _check_view(view, complaints, "modal")


def check_home(view: object) -> PayloadRefusal | None:
    """The refusal views.publish would give a home tab, or None."""
    complaints = Complaints("home")
    complaints.is_object(view, "/view", ("type", "blocks"), _VIEW_FIELDS)
    return _check_view(view, complaints, "home")


def check_block_list(blocks: object, surface: Surface) -> tuple[str, ...]:
    """Every defect of a list of blocks on a surface; empty when there is none. The total text length is not judged."""
    complaints = Complaints(surface)
    check_blocks(complaints, blocks, "/blocks", most=BLOCKS_PER_MESSAGE if surface == "message" else BLOCKS_PER_VIEW)
    return tuple(complaints.messages)


def counted_characters(blocks: object) -> int:
    """How many characters of text a list of blocks holds, as counted against the cumulative limit of a message."""
    complaints = Complaints("message")
    check_blocks(complaints, blocks, "/blocks", most=BLOCKS_PER_MESSAGE)
    return complaints.characters


def _check_message_blocks(blocks: list[Any], attachments: list[Any]) -> PayloadRefusal | None:
    if len(attachments) > ATTACHMENTS:
        return PayloadRefusal("too_many_attachments")
    complaints = Complaints("message")
    check_blocks(complaints, blocks, "/blocks", most=BLOCKS_PER_MESSAGE)
    for index, attachment in enumerate(attachments):
        if not isinstance(attachment, Mapping):
            return PayloadRefusal("invalid_attachments")
        if attachment.get("blocks") is not None:
            check_blocks(complaints, attachment["blocks"], f"/attachments/{index}/blocks", most=BLOCKS_PER_MESSAGE)
    if complaints.messages:
        return PayloadRefusal("invalid_blocks", tuple(complaints.messages))
    if complaints.characters > CUMULATIVE_CHARACTERS:
        return PayloadRefusal("msg_blocks_too_long")
    return None


def _check_view(view: object, complaints: Complaints, kind: Surface) -> PayloadRefusal | None:
    if isinstance(view, Mapping):
        if view.get("type") not in (None, kind):
            complaints.add("/view/type", "must be a valid enum value")
        complaints.optional_string(view, "private_metadata", "/view", most=PRIVATE_METADATA_CHARACTERS)
        complaints.optional_string(view, "callback_id", "/view", most=255)
        complaints.optional_string(view, "external_id", "/view", most=255)
        if view.get("blocks") is not None:
            check_blocks(complaints, view["blocks"], "/view/blocks", most=BLOCKS_PER_VIEW)
        if len(json.dumps(view, ensure_ascii=False).encode()) > VIEW_BYTES:
            return PayloadRefusal("view_too_large")
    return PayloadRefusal("invalid_arguments", tuple(complaints.messages)) if complaints.messages else None


def _has_input(blocks: object) -> bool:
    return isinstance(blocks, list) and any(
        isinstance(block, Mapping) and block.get("type") == "input" for block in blocks
    )
