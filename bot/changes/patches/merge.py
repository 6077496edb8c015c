"""Strategic merge patches as data: the way back of a patch, and the smallest patch from one object to another.

Pure. Used by the cluster writer, and by the diff for the keys of lists. It applies no patch: the API server does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bot.engine.values.quantities import cpu_thousandths, memory_bytes

Json = Mapping[str, Any]

LIST_KEYS: Mapping[str, tuple[str, ...]] = {
    "containers": ("name",),
    "initContainers": ("name",),
    "ephemeralContainers": ("name",),
    "env": ("name",),
    "volumes": ("name",),
    "volumeMounts": ("mountPath",),
    "volumeDevices": ("devicePath",),
    "imagePullSecrets": ("name",),
    "topologySpreadConstraints": ("topologyKey",),
    "ownerReferences": ("uid",),
    "ports": ("containerPort", "port"),
}
"""Lists that the API server merges by a key; all others are replaced. `ports`: of a container, or of a Service."""

_MAPS = frozenset({"annotations", "labels", "matchLabels", "selector", "data", "limits", "requests", "nodeSelector"})
"""Fields that are maps with free keys: one that was absent is taken back key by key, so that keys of others stay."""

_DIRECTIVE = "$patch"
_ORDER = "$setElementOrder/"


class UnclearList(ValueError):
    """Two elements of a list have the same key, so a patch cannot tell them apart. `field` and `key` name them."""

    def __init__(self, field: str, key: str) -> None:
        super().__init__(f"{field} has two elements with the key {key}")
        self.field = field
        self.key = key


def key_of(field: str, *lists: object) -> str | None:
    """The key by which this list is merged, as its elements have it; None for a list that is replaced as a whole."""
    elements = [item for items in lists if isinstance(items, Sequence) for item in items if isinstance(item, Mapping)]
    for key in LIST_KEYS.get(field, ()):
        if any(key in item for item in elements):
            return key
    return None


def way_back(patch: Json, current: Json) -> dict[str, Any]:
    """The patch that puts back what `patch` changes in `current`: nothing but the touched fields.

    A field that is absent becomes null, a list element that is absent a deletion. Raises `UnclearList`.
    """
    back: dict[str, Any] = {}
    for field, value in patch.items():
        if field[:1] == "$":
            continue
        old = current.get(field)
        back[field] = _field_back(field, value, old)
        if (_ORDER + field in patch or _adds_or_removes(back[field])) and isinstance(old, list):
            key = key_of(field, value, old)
            back[_ORDER + field] = [{key: item[key]} for item in old]
    return back


def _field_back(field: str, value: Any, old: Any) -> Any:
    if isinstance(value, Mapping) and isinstance(old, Mapping):
        return {_DIRECTIVE: "replace", **old} if _DIRECTIVE in value else way_back(value, old)
    if isinstance(value, Mapping) and old is None and field in _MAPS:
        return dict.fromkeys(value)
    if isinstance(value, list) and (key := key_of(field, value, old)) is not None:
        return _list_back(field, key, value, old or [])
    return old


def _list_back(field: str, key: str, patch: Sequence[Json], old: Sequence[Json]) -> list[Any]:
    if any(item.get(_DIRECTIVE) == "replace" for item in patch):
        return [{_DIRECTIVE: "replace"}, *old]
    have = _by_key(field, key, old)
    back = [_element_back(key, item, have.get(item.get(key))) for item in patch]
    places = {name: place for place, name in enumerate(have)}
    return sorted(back, key=lambda item: places.get(item[key], len(places)))


def _adds_or_removes(back: Any) -> bool:
    return isinstance(back, list) and any(
        isinstance(item, Mapping) and item.get(_DIRECTIVE) == "delete" for item in back
    )


def _element_back(key: str, item: Json, old: Json | None) -> Json:
    if old is None:
        return {key: item.get(key), _DIRECTIVE: "delete"}
    if item.get(_DIRECTIVE) == "delete":
        return old
    return {key: item[key], **way_back({name: value for name, value in item.items() if name != key}, old)}


def _by_key(field: str, key: str, items: Sequence[Json]) -> dict[Any, Json]:
    found: dict[Any, Json] = {}
    for item in items:
        if item.get(key) in found:
            raise UnclearList(field, str(item.get(key)))
        found[item.get(key)] = item
    return found


def two_way(old: Json, new: Json) -> dict[str, Any]:
    """The smallest patch that makes `new` of `old`; empty when they say the same. Null, absent and an
    empty list are the same."""
    patch: dict[str, Any] = {}
    for field in dict.fromkeys((*old, *new)):
        have, want = old.get(field), new.get(field)
        if have == want or (have in (None, []) and want in (None, [])):
            continue
        if isinstance(have, Mapping) and isinstance(want, Mapping):
            if nested := two_way(have, want):
                patch[field] = nested
        elif isinstance(have, list) and isinstance(want, list) and (key := key_of(field, have, want)) is not None:
            patch |= _list_patch(field, key, have, want)
        else:
            patch[field] = want
    return patch


def _list_patch(field: str, key: str, old: Sequence[Json], new: Sequence[Json]) -> dict[str, Any]:
    try:
        have, want = _by_key(field, key, old), _by_key(field, key, new)
    except UnclearList:
        return {field: [{_DIRECTIVE: "replace"}, *new]}
    changed = [
        {key: name, **two_way(have[name], item)} if name in have else item
        for name, item in want.items()
        if name not in have or two_way(have[name], item)
    ]
    gone = [{key: name, _DIRECTIVE: "delete"} for name in have if name not in want]
    patch: dict[str, Any] = {field: [*changed, *gone]} if changed or gone else {}
    if list(want) != list(have):  # without it the API server puts what is new before what is there
        patch.setdefault(field, [])
        patch[_ORDER + field] = [{key: name} for name in want]
    return patch


def is_said(patch: Any, current: Any, field: str = "") -> bool:
    """Whether the object says already what the patch says, whatever else it says. Equal quantities are equal."""
    if isinstance(patch, Mapping):
        if not isinstance(current, Mapping):
            return not any(value is not None for value in patch.values())
        return all(is_said(value, current.get(name), name) for name, value in patch.items() if name[:1] != "$")
    if isinstance(patch, list):
        return _list_is_said(field, patch, current or [])
    return bool(patch == current) or _same_quantity(patch, current)


def _list_is_said(field: str, patch: Sequence[Any], current: Sequence[Any]) -> bool:
    key = key_of(field, patch, current)
    if key is None or any(item.get(_DIRECTIVE) == "replace" for item in patch):
        items = [item for item in patch if not (isinstance(item, Mapping) and item.get(_DIRECTIVE))]
        return len(items) == len(current) and all(map(is_said, items, current))
    have = {item.get(key): item for item in current}
    return all(
        item[key] not in have if item.get(_DIRECTIVE) == "delete" else is_said(item, have.get(item[key]))
        for item in patch
    )


def _same_quantity(one: Any, other: Any) -> bool:
    if not (isinstance(one, str) and isinstance(other, str)):
        return False
    return any(read(one) is not None and read(one) == read(other) for read in (memory_bytes, cpu_thousandths))
