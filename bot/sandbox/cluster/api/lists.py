"""Lists: selectors, pages with continue tokens, and the three shapes of an answer (objects, Table, metadata only).

Called by `api.handlers` and `api.watch`. Pages are cut from a snapshot taken at the first page.
"""

from __future__ import annotations

import base64
import json
import re
from collections import OrderedDict
from collections.abc import Mapping
from datetime import datetime

from bot.sandbox.cluster.api.event_versions import to_served
from bot.sandbox.cluster.api.tables import partial, table
from bot.sandbox.cluster.state.kinds import Kind
from bot.sandbox.cluster.state.selectors import Matcher, field_matcher, label_matcher
from bot.sandbox.cluster.state.status import bad_request, expired_continue
from bot.sandbox.cluster.state.store import ObjectStore
from bot.sandbox.cluster.state.values import Object

_SNAPSHOTS = 64


def matcher(kind: Kind, query: Mapping[str, str]) -> Matcher:
    """The predicate of labelSelector and fieldSelector. Raises 400 when one cannot be read."""
    tests: list[Matcher] = []
    if query.get("labelSelector"):
        tests.append(label_matcher(query["labelSelector"]))
    if query.get("fieldSelector"):
        selector = query["fieldSelector"]
        if kind.group == "events.k8s.io":
            selector = re.sub(r"\bregarding\.", "involvedObject.", selector).replace(
                "reportingController", "reportingComponent"
            )
        tests.append(field_matcher(selector, kind))
    return lambda item: all(test(item) for test in tests)


class ListPages:
    """Snapshots behind continue tokens."""

    def __init__(self) -> None:
        self._snapshots: OrderedDict[int, tuple[int, list[Object]]] = OrderedDict()
        self._next = 0

    def cut(
        self, store: ObjectStore, kind: Kind, namespace: str, query: Mapping[str, str]
    ) -> tuple[list[Object], Object]:
        """The items of this page and the list's metadata. Raises 410 for a token whose snapshot is gone."""
        token = query.get("continue")
        if token:
            number, start = _decode(token)
            found = self._snapshots.get(number)
            if found is None or found[0] < store.oldest_revision:
                raise expired_continue()
            revision, items = found
        else:
            matches = matcher(kind, query)
            revision, start, number = store.revision, 0, -1
            items = [item for item in store.list(kind, namespace) if matches(item)]
        limit = int(query.get("limit") or 0)
        meta: Object = {"resourceVersion": str(revision)}
        if not limit or start + limit >= len(items):
            return items[start:], meta
        if number < 0:
            number = self._keep(revision, items)
        meta["continue"] = _encode(number, start + limit)
        if not query.get("labelSelector") and not query.get("fieldSelector"):
            meta["remainingItemCount"] = len(items) - start - limit
        return items[start : start + limit], meta

    def _keep(self, revision: int, items: list[Object]) -> int:
        self._next += 1
        self._snapshots[self._next] = (revision, items)
        while len(self._snapshots) > _SNAPSHOTS:
            self._snapshots.popitem(last=False)
        return self._next


def _encode(number: int, start: int) -> str:
    return base64.urlsafe_b64encode(json.dumps({"v": "sandbox/v1", "s": number, "n": start}).encode()).decode()


def _decode(token: str) -> tuple[int, int]:
    try:
        found = json.loads(base64.urlsafe_b64decode(token))
        return int(found["s"]), int(found["n"])
    except (ValueError, KeyError, TypeError) as exc:
        raise bad_request(f"continue key is not valid: {exc}") from exc


def shape_of(accept: str) -> str:
    """What the Accept header asks for first of what the server can do: "Table", "PartialObjectMetadata" or ""."""
    for part in accept.split(","):
        if "application/json" not in part and "*/*" not in part:
            continue
        if "as=Table" in part:
            return "Table"
        if "as=PartialObjectMetadata" in part:
            return "PartialObjectMetadata"
        return ""
    return ""


def list_answer(kind: Kind, items: list[Object], meta: Object, accept: str, include: str, now: datetime) -> Object:
    """A list in the asked shape. Typed lists leave apiVersion and kind off their items, as the real server does."""
    shape = shape_of(accept)
    if shape == "Table":
        return table(kind, items, now, include, meta)
    if shape == "PartialObjectMetadata":
        return {
            "kind": "PartialObjectMetadataList",
            "apiVersion": "meta.k8s.io/v1",
            "metadata": meta,
            "items": [partial(item) for item in items],
        }
    bare = [
        {key: value for key, value in to_served(kind, item).items() if key not in ("apiVersion", "kind")}
        for item in items
    ]
    return {"kind": f"{kind.kind}List", "apiVersion": kind.api_version, "metadata": meta, "items": bare}


def object_answer(kind: Kind, item: Object, accept: str, include: str, now: datetime) -> Object:
    """One object in the asked shape."""
    shape = shape_of(accept)
    if shape == "Table":
        return table(kind, [item], now, include, {"resourceVersion": item["metadata"].get("resourceVersion", "")})
    if shape == "PartialObjectMetadata":
        return partial(item)
    shown = to_served(kind, item)
    return {
        "kind": kind.kind,
        "apiVersion": kind.api_version,
        **{key: value for key, value in shown.items() if key not in ("kind", "apiVersion")},
    }
