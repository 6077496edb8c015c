"""Reads whether the field guard is installed. Used by `writer` for the doctor. The right to list is optional."""

from __future__ import annotations

import json
from typing import Any

from bot.adapters.kube.access.failures import AnswerTooLarge, NoAnswer
from bot.adapters.kube.access.session import Bounds, Session
from bot.adapters.kube.write.objects import MAX_BYTES
from bot.changes.guard.presence import BINDINGS, POLICIES, GuardFound, Presence, found_in


def read_guard(session: Session) -> GuardFound:
    """What the API server lists; what cannot be read is not known."""
    lists: list[list[dict[str, Any]]] = []
    for path in (POLICIES, BINDINGS):
        try:
            answer = session.get(path, [], bounds=Bounds(MAX_BYTES))
        except (NoAnswer, AnswerTooLarge):
            return GuardFound(Presence.UNKNOWN)
        if answer.status == 404:
            return GuardFound(Presence.NOT_SERVED)
        try:
            items = json.loads(answer.body)["items"] or [] if answer.ok else None
        except (ValueError, KeyError, TypeError):
            items = None
        if not isinstance(items, list):
            return GuardFound(Presence.UNKNOWN)
        lists.append([item for item in items if isinstance(item, dict)])
    return found_in(*lists)
