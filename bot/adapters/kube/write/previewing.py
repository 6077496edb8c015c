"""Reduces a dry run to what may be shown: the fields that differ, and nothing else of the object.

Pure; used by `writer`. What did not change stays in the adapter: values of environment variables and ConfigMap keys may
be secrets, and no reader of a preview needs them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.adapters.kube.access.masking import mask_url_credentials
from bot.adapters.kube.write.sending import Answered
from bot.changes.patches.field_managers import Surroundings, owner_warnings
from bot.changes.patches.merge import key_of
from bot.changes.patches.undo import CHANGE_ANNOTATION
from bot.changes.ports import Preview
from bot.changes.quotas import quota_warnings
from bot.domain.changes import Write

Json = Mapping[str, Any]
_IDENTITY = ("apiVersion", "kind")
_SERVER_SIDE = frozenset({"managedFields", "resourceVersion", "generation", "uid", "creationTimestamp", "selfLink"})
LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


def preview_of(write: Write, item: Json | None, answered: Answered, around: Surroundings) -> Preview:
    """The preview of a write from the object before and the dry run's answer."""
    before = _said(item) if item is not None else {}
    after = {} if write.deletes else _said(answered.item)
    old, new = _differing(before, after)
    identity = {"apiVersion": write.api_version, "kind": write.kind}
    name = {"name": write.name, "namespace": write.namespace}
    warnings = [*answered.warnings, *owner_warnings(write, item or answered.item, around)]
    if item is not None and not write.deletes:
        warnings += quota_warnings(item, answered.item, around.quotas)
    return Preview(
        write=write,
        before=None if item is None else {**old, **identity, "metadata": {**old.get("metadata", {}), **name}},
        after={} if write.deletes else {**new, **identity, "metadata": {**new.get("metadata", {}), **name}},
        warnings=tuple(dict.fromkeys(warnings)),
    )


def _said(item: Json) -> dict[str, Any]:
    """The object without what the API server writes into it."""
    metadata = {name: value for name, value in (item.get("metadata") or {}).items() if name not in _SERVER_SIDE}
    annotations = {
        name: text
        for name, text in (metadata.get("annotations") or {}).items()
        if name not in (LAST_APPLIED, CHANGE_ANNOTATION)
    }
    said = {field: value for field, value in item.items() if field not in ("status", *_IDENTITY)}
    return {**said, "metadata": {**metadata, "annotations": annotations}}


def _differing(old: Any, new: Any, field: str = "") -> tuple[Any, Any]:
    """Both without what they have in common; elements of keyed lists keep their key."""
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        pairs = {
            name: _differing(old.get(name), new.get(name), name)
            for name in dict.fromkeys((*old, *new))
            if old.get(name) != new.get(name)
        }
        return (
            {name: pair[0] for name, pair in pairs.items() if pair[0] is not None},
            {name: pair[1] for name, pair in pairs.items() if pair[1] is not None},
        )
    if isinstance(old, list) and isinstance(new, list) and (key := key_of(field, old, new)) is not None:
        return _differing_elements(old, new, key)
    return _masked(old), _masked(new)


def _differing_elements(old: list[Any], new: list[Any], key: str) -> tuple[list[Any], list[Any]]:
    have, want = {item.get(key): item for item in old}, {item.get(key): item for item in new}
    if len(have) != len(old) or len(want) != len(new):
        return _masked(old), _masked(new)
    olds, news = [], []
    for name in dict.fromkeys((*have, *want)):
        one, other = have.get(name), want.get(name)
        if one == other:
            continue
        if one is None or other is None:
            olds += [_masked(one)] if one is not None else []
            news += [_masked(other)] if other is not None else []
            continue
        left, right = _differing(one, other)
        olds.append({key: name, **left})
        news.append({key: name, **right})
    return olds, news


def _masked(value: Any) -> Any:
    if isinstance(value, str):
        return mask_url_credentials(value)
    if isinstance(value, Mapping):
        return {name: _masked(item) for name, item in value.items()}
    return [_masked(item) for item in value] if isinstance(value, list) else value
