"""What stands around a workload and has a say in it: autoscalers and disruption budgets, read as the one who acts.

Used by `writer` for a preview. What cannot be read is not a failure: the preview says that it could not be looked at.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from bot.adapters.kube.access.failures import NoAnswer, api_status, shorten
from bot.adapters.kube.access.write_connection import WriteRequest
from bot.adapters.kube.write.kinds import WritableKind
from bot.adapters.kube.write.sending import Sender
from bot.changes.patches.field_managers import Surroundings

AUTOSCALERS = ("/apis/autoscaling/v2", "/apis/autoscaling/v1"), "horizontalpodautoscalers"
BUDGETS = ("/apis/policy/v1", "/apis/policy/v1beta1"), "poddisruptionbudgets"
"""The versions of these lists, the newest first: clusters before 1.21 and 1.23 serve the older ones only."""


def read_surroundings(sender: Sender, headers: Mapping[str, str], kind: WritableKind, namespace: str) -> Surroundings:
    """The autoscalers and budgets of the namespace; nothing for kinds that run no pods."""
    if not kind.has_template:
        return Surroundings()
    unread: list[str] = []
    autoscalers = _read(sender, headers, namespace, *AUTOSCALERS, unread)
    budgets = _read(sender, headers, namespace, *BUDGETS, unread)
    return Surroundings(autoscalers, budgets, unread=tuple(unread))


def _read(
    sender: Sender, headers: Mapping[str, str], namespace: str, versions: Sequence[str], plural: str, unread: list[str]
) -> tuple[Mapping[str, Any], ...]:
    why = "the API server does not serve them"
    for version in versions:
        path = f"{version}/namespaces/{quote(namespace, safe='')}/{plural}"
        try:
            reply = sender.ask(WriteRequest("GET", path, headers=headers))
        except NoAnswer as exc:
            why = exc.detail
            break
        if reply.ok:
            return _items(reply.body)
        status = api_status(reply.body)
        why = shorten(status.message) if status else f"HTTP {reply.status}"
        if reply.status != 404:
            break
    unread.append(f"{plural} ({why})")
    return ()


def _items(body: bytes) -> tuple[Mapping[str, Any], ...]:
    try:
        items = json.loads(body).get("items") or ()
    except (ValueError, AttributeError):
        return ()
    return tuple(item for item in items if isinstance(item, dict))
