"""The simulated cluster's memory: immutable objects by kind, namespace and name, with a change log for watches.

Used by the registry (for clients) and by the controllers (for themselves). An object in the store is never changed
in place: every write stores a new one under the next resourceVersion. It validates nothing.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from bot.sandbox.cluster.state.kinds import Kind
from bot.sandbox.cluster.state.values import Object, Objects, controller_uid

LOG_LENGTH = 20_000
"""Changes kept for watches that resume; older ones answer 410."""


@dataclass(frozen=True)
class ObjectChange:
    """One write. `type` is ADDED, MODIFIED or DELETED; `previous` is None for ADDED."""

    revision: int
    type: str
    storage: str
    object: Object
    previous: Object | None


Changes = list[ObjectChange]
Listener = Callable[[ObjectChange], None]


class ObjectStore:
    """All objects. Not locked: the owner holds one lock around every request and tick."""

    def __init__(self) -> None:
        self.revision = 1000
        self._shelves: dict[str, dict[str, dict[str, Object]]] = {}
        self._children: dict[str, set[tuple[str, str, str]]] = {}
        self._log: deque[ObjectChange] = deque(maxlen=LOG_LENGTH)
        self._log_start = self.revision
        self._listeners: list[Listener] = []
        self._muted = False
        self.touched: set[tuple[str, str, str]] = set()
        """(storage, namespace, name) of everything written since the controllers last looked; they empty it."""

    # reading

    def get(self, kind: Kind, namespace: str, name: str) -> Object | None:
        """The object, or None."""
        return self._shelves.get(kind.storage, {}).get(namespace, {}).get(name)

    def list(self, kind: Kind, namespace: str = "") -> Objects:
        """All objects of a kind, in one namespace or (empty) all, by namespace and name as etcd orders its keys."""
        shelves = self._shelves.get(kind.storage, {})
        chosen = [namespace] if namespace or not kind.namespaced else sorted(shelves)
        return [shelf[name] for space in chosen if (shelf := shelves.get(space)) for name in sorted(shelf)]

    def each(self, kind: Kind) -> Iterator[Object]:
        """All objects of a kind in no particular order; do not write while iterating."""
        for shelf in self._shelves.get(kind.storage, {}).values():
            yield from shelf.values()

    def children(self, uid: str, kind: Kind) -> Objects:
        """The objects of a kind whose managing controller has this uid, by name."""
        keys = sorted(key for key in self._children.get(uid, ()) if key[0] == kind.storage)
        return [self._shelves[storage][namespace][name] for storage, namespace, name in keys]

    def has_children(self, uid: str) -> bool:
        """Whether anything is controlled by this uid."""
        return bool(self._children.get(uid))

    # writing

    def put(self, kind: Kind, value: Object) -> Object:
        """Store a new version (the caller gives up `value`); returns it with its resourceVersion."""
        meta = value["metadata"]
        namespace, name = meta.get("namespace", ""), meta["name"]
        shelf = self._shelves.setdefault(kind.storage, {}).setdefault(namespace, {})
        previous = shelf.get(name)
        self.revision += 1
        meta["resourceVersion"] = str(self.revision)
        shelf[name] = value
        self._link(kind, previous, value)
        self._publish("MODIFIED" if previous else "ADDED", kind, value, previous)
        return value

    def remove(self, kind: Kind, namespace: str, name: str) -> Object | None:
        """Take the object away; returns its last version, or None when it was not there."""
        previous = self._shelves.get(kind.storage, {}).get(namespace, {}).pop(name, None)
        if previous is None:
            return None
        self.revision += 1
        self._link(kind, previous, None)
        last = {**previous, "metadata": {**previous["metadata"], "resourceVersion": str(self.revision)}}
        self._publish("DELETED", kind, last, previous)
        return previous

    def _link(self, kind: Kind, old: Object | None, new: Object | None) -> None:
        before, after = (controller_uid(item) if item else None for item in (old, new))
        if before == after:
            return
        meta = (new or old or {})["metadata"]
        key = (kind.storage, meta.get("namespace", ""), meta["name"])
        if before:
            self._children[before].discard(key)
            if not self._children[before]:
                del self._children[before]
        if after:
            self._children.setdefault(after, set()).add(key)

    # watching

    def _publish(self, change: str, kind: Kind, value: Object, previous: Object | None) -> None:
        meta = value["metadata"]
        self.touched.add((kind.storage, meta.get("namespace", ""), meta["name"]))
        if self._muted:
            return
        self._record(ObjectChange(self.revision, change, kind.storage, value, previous))

    def _record(self, entry: ObjectChange) -> None:
        if len(self._log) == LOG_LENGTH:
            self._log_start = self._log[0].revision
        self._log.append(entry)
        for listener in list(self._listeners):
            listener(entry)

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` for every change from now on; the returned function ends it."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener) if listener in self._listeners else None

    def since(self, revision: int) -> Changes | None:
        """The changes after a revision, or None when they are no longer kept."""
        if revision < self._log_start:
            return None
        return [entry for entry in self._log if entry.revision > revision]

    @property
    def oldest_revision(self) -> int:
        """The oldest resourceVersion a watch or a list page may still refer to."""
        return self._log_start

    def compact(self) -> None:
        """Forget the history, as etcd does every few minutes: older watches and pages answer 410."""
        self._log.clear()
        self._log_start = self.revision

    def rewrite(self, kinds: Iterable[Kind], rebuild: Callable[[], None]) -> None:
        """Run `rebuild` unheard, then tell watchers only the difference: old objects gone, new ones there.

        A rebuilt history would otherwise be thousands of changes with times in the past.
        """
        every = [kind for kind in kinds if not kind.create_only and not kind.store_as]
        before = {kind.storage: {_uid(item): item for item in self.each(kind)} for kind in every}
        self._muted = True
        try:
            rebuild()
        finally:
            self._muted = False
        self._log.clear()
        self._log_start = self.revision
        for kind in every:
            self._tell_difference(kind, before[kind.storage])

    def _tell_difference(self, kind: Kind, before: dict[str, Object]) -> None:
        after = {_uid(item): item for item in self.each(kind)}
        gone = [item for uid, item in before.items() if uid not in after]
        for item in gone:
            self.revision += 1
            last = {**item, "metadata": {**item["metadata"], "resourceVersion": str(self.revision)}}
            self._record(ObjectChange(self.revision, "DELETED", kind.storage, last, item))
        for uid, item in after.items():
            if item is not before.get(uid):
                change = "MODIFIED" if uid in before else "ADDED"
                self._record(
                    ObjectChange(int(item["metadata"]["resourceVersion"]), change, kind.storage, item, before.get(uid))
                )


def _uid(item: Object) -> str:
    return str(item["metadata"]["uid"])
