"""Watches: the state so far, then every change, as lines of JSON.

Used by `api.server`. A watch runs on the server's loop; changes come from whatever thread wrote to the store.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

from bot.sandbox.cluster.api.calls import Call
from bot.sandbox.cluster.api.lists import matcher, object_answer
from bot.sandbox.cluster.api.requests import ResourceRequest
from bot.sandbox.cluster.simulation import Simulation
from bot.sandbox.cluster.state.status import too_old
from bot.sandbox.cluster.state.store import ObjectChange
from bot.sandbox.cluster.state.values import Object

_LONGEST = 3600.0
_BOOKMARK_EVERY = 30.0


class Watch:
    """One watch request. `open` must be called under the simulation's lock."""

    def __init__(self, simulation: Simulation, call: Call, request: ResourceRequest) -> None:
        self._simulation, self._call, self._request = simulation, call, request
        self._matches = matcher(request.kind, call.query)
        self._queue: asyncio.Queue[ObjectChange] = asyncio.Queue()
        self._loop = asyncio.get_running_loop()
        self._first = True
        self._initial: list[Object] = []
        self._backlog: list[ObjectChange] = []
        self._close = simulation.store.listen(self._hear)

    def open(self) -> None:
        """Take the starting point. Raises 410 for a resourceVersion that is no longer kept."""
        store = self._simulation.store
        version = self._call.query.get("resourceVersion") or "0"
        if version == "0":
            namespace = self._request.namespace if self._request.kind.namespaced else ""
            self._initial = [item for item in store.list(self._request.kind, namespace) if self._concerns(item)]
            return
        backlog = store.since(int(version))
        if backlog is None:
            self.close()
            raise too_old(int(version), store.oldest_revision)
        self._backlog = backlog

    def close(self) -> None:
        """Stop listening."""
        self._close()

    def _hear(self, change: ObjectChange) -> None:
        if change.storage == self._request.kind.storage and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._queue.put_nowait, change)

    def _concerns(self, item: Object) -> bool:
        meta, request = item["metadata"], self._request
        if request.kind.namespaced and request.namespace and meta.get("namespace") != request.namespace:
            return False
        return (not request.name or meta["name"] == request.name) and self._matches(item)

    async def lines(self) -> AsyncIterator[bytes]:
        """Event lines until the watch times out."""
        deadline = self._loop.time() + min(float(self._call.query.get("timeoutSeconds") or _LONGEST), _LONGEST)
        for item in self._initial:
            yield self._line("ADDED", item)
        for change in self._backlog:
            if change.storage == self._request.kind.storage and (line := self._translated(change)):
                yield line
        seen = self._backlog[-1].revision if self._backlog else 0
        while (left := deadline - self._loop.time()) > 0:
            try:
                change = await asyncio.wait_for(self._queue.get(), min(left, _BOOKMARK_EVERY))
            except TimeoutError:
                if self._call.query.get("allowWatchBookmarks") in ("1", "true") and left > _BOOKMARK_EVERY:
                    yield self._bookmark()
                continue
            if change.revision > seen and (line := self._translated(change)):
                yield line

    def _translated(self, change: ObjectChange) -> bytes | None:
        """The event as this watcher's selector sees it: leaving the selection is a deletion."""
        now = change.type != "DELETED" and self._concerns(change.object)
        before = change.previous is not None and self._concerns(change.previous)
        if now:
            return self._line("MODIFIED" if before else "ADDED", change.object)
        return self._line("DELETED", change.object) if before else None

    def _line(self, kind: str, item: Object) -> bytes:
        include = self._call.query.get("includeObject") or "Metadata"
        shown = object_answer(self._request.kind, item, self._call.accept, include, self._simulation.now())
        if shown["kind"] == "Table" and not self._first:
            shown["columnDefinitions"] = None
        self._first = False
        return json.dumps({"type": kind, "object": shown}).encode() + b"\n"

    def _bookmark(self) -> bytes:
        meta = {"resourceVersion": str(self._simulation.store.revision), "creationTimestamp": None}
        item = {"kind": self._request.kind.kind, "apiVersion": self._request.kind.api_version, "metadata": meta}
        return json.dumps({"type": "BOOKMARK", "object": item}).encode() + b"\n"
