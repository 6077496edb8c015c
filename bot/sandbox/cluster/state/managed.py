"""metadata.managedFields: who set which field, as noise real objects carry and as the record apply leaves.

Called by the registry. It records; it never detects apply conflicts.
"""

from __future__ import annotations

import json

from bot.sandbox.cluster.state.patches import MERGE_KEYS
from bot.sandbox.cluster.state.values import Object

_NOT_OWNED = frozenset(
    {"managedFields", "resourceVersion", "uid", "creationTimestamp", "generation", "name", "namespace"}
)


def record_write(item: Object, old: Object | None, manager: str, operation: str, subresource: str, now: str) -> None:
    """Add or refresh the manager's entry on `item`, in place, for the fields that differ from `old`."""
    if not manager:
        return
    changed = _changed({key: value for key, value in item.items() if key not in ("apiVersion", "kind")}, old or {}, "")
    entries = list(item["metadata"].get("managedFields") or [])
    entry = next(
        (
            known for known in entries
            if known["manager"] == manager and known["operation"] == operation
            and known.get("subresource", "") == subresource
        ),
        None,
    )  # fmt: skip
    if not changed and entry is not None:
        return
    fields = _united((entry or {}).get("fieldsV1") or {}, changed)
    fresh: Object = {"manager": manager, "operation": operation, "apiVersion": item["apiVersion"], "time": now,
                     "fieldsType": "FieldsV1", "fieldsV1": fields}  # fmt: skip
    if subresource:
        fresh["subresource"] = subresource
    item["metadata"]["managedFields"] = [known for known in entries if known is not entry] + [fresh]


def _united(first: Object, second: Object) -> Object:
    result = dict(first)
    for key, value in second.items():
        result[key] = _united(result.get(key, {}), value)
    return result


def _changed(new: object, old: object, field: str) -> Object:
    if isinstance(new, dict):
        before = old if isinstance(old, dict) else {}
        return {
            f"f:{key}": _changed(value, before.get(key), key)
            for key, value in new.items()
            if key not in _NOT_OWNED and value != before.get(key)
        }
    if isinstance(new, list) and new and isinstance(new[0], dict):
        key = next((key for key in MERGE_KEYS.get(field, ()) if key in new[0]), None)
        if key is not None:
            before_items = {entry.get(key): entry for entry in old} if isinstance(old, list) else {}
            return {
                f"k:{json.dumps({key: entry.get(key)})}": {
                    ".": {},
                    **_changed(entry, before_items.get(entry.get(key)), ""),
                }
                for entry in new
                if entry != before_items.get(entry.get(key))
            }
    return {}
