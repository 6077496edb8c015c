"""The four patch types on JSON values: JSON patch, merge patch, strategic merge and (minimal) server-side apply.

Called by the registry. Pure: takes the old object and the patch, returns the new object.
"""

from __future__ import annotations

from typing import Any

from bot.sandbox.cluster.state.status import StatusError, bad_request
from bot.sandbox.cluster.state.values import Object, clone

MERGE_KEYS: dict[str, tuple[str, ...]] = {
    "containers": ("name",),
    "initContainers": ("name",),
    "ephemeralContainers": ("name",),
    "env": ("name",),
    "volumes": ("name",),
    "volumeMounts": ("mountPath",),
    "volumeDevices": ("devicePath",),
    "imagePullSecrets": ("name",),
    "hostAliases": ("ip",),
    "topologySpreadConstraints": ("topologyKey",),
    "conditions": ("type",),
    "ownerReferences": ("uid",),
    "secrets": ("name",),
    "ports": ("containerPort", "port"),
    "addresses": ("type",),
    "taints": ("key",),
}
"""Lists that strategic merge joins by a key. `ports` is containerPort in a container, port in a Service."""

SET_LISTS = frozenset({"finalizers"})
"""Lists of plain values that strategic merge unites."""


def json_patch(original: Object, operations: Any) -> Object:
    """RFC 6902. Raises a 422 StatusError when an operation cannot be done, a 400 when the patch is malformed."""
    if not isinstance(operations, list):
        raise bad_request("json: cannot unmarshal object into Go value of type jsonpatch.Patch")
    result: Any = clone(original)
    for operation in operations:
        result = _operate(result, operation)
    return result  # type: ignore[no-any-return]  # an object, unless the patch replaced the root


def _operate(document: Any, operation: Object) -> Any:
    kind, path = operation.get("op"), str(operation.get("path", ""))
    if kind == "test":
        if _at(document, path) != operation.get("value"):
            raise _unprocessable(f"testing value {path} failed: test failed")
        return document
    if kind in ("move", "copy"):
        value = clone(_at(document, str(operation.get("from", ""))))
        if kind == "move":
            document = _change(document, str(operation["from"]), "remove", None)
        return _change(document, path, "add", value)
    if kind in ("add", "replace", "remove"):
        return _change(document, path, kind, clone(operation.get("value")))
    raise bad_request(f"Unexpected kind: {kind}")


def _unprocessable(message: str) -> StatusError:
    return StatusError(422, "Invalid", f"the server rejected our request due to an error in our request: {message}")


def _parts(path: str) -> list[str]:
    return [part.replace("~1", "/").replace("~0", "~") for part in path.split("/")[1:]]


def _step(value: Any, part: str, path: str) -> Any:
    if isinstance(value, dict) and part in value:
        return value[part]
    if isinstance(value, list) and part.isdigit() and int(part) < len(value):
        return value[int(part)]
    raise _unprocessable(f"path {path} does not exist: missing path")


def _at(document: Any, path: str) -> Any:
    for part in _parts(path):
        document = _step(document, part, path)
    return document


def _change(document: Any, path: str, kind: str, value: Any) -> Any:
    parts = _parts(path)
    if not parts:
        return value
    parent = document
    for part in parts[:-1]:
        parent = _step(parent, part, path)
    last = parts[-1]
    if isinstance(parent, list):
        _change_list(parent, last, kind, value, path)
    elif isinstance(parent, dict):
        if kind != "add":
            _step(parent, last, path)
        if kind == "remove":
            del parent[last]
        else:
            parent[last] = value
    else:
        raise _unprocessable(f"path {path} does not exist: missing path")
    return document


def _change_list(parent: list[Any], last: str, kind: str, value: Any, path: str) -> None:
    index = len(parent) if last == "-" else int(last) if last.isdigit() else -1
    if index < 0 or index > len(parent) or (kind != "add" and index == len(parent)):
        raise _unprocessable(f"Unable to access invalid index: {last} in {path}")
    if kind == "add":
        parent.insert(index, value)
    elif kind == "replace":
        parent[index] = value
    else:
        del parent[index]


def merge_patch(original: Any, patch: Any) -> Any:
    """RFC 7386: null removes a key, lists are replaced."""
    if not isinstance(patch, dict):
        return clone(patch)
    result = dict(original) if isinstance(original, dict) else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = merge_patch(result.get(key), value)
    return result


def strategic_merge(original: Any, patch: Any) -> Any:
    """Kubernetes' strategic merge: as a merge patch, but keyed lists are joined and directives obeyed."""
    if not isinstance(patch, dict):
        return clone(patch)
    directive = patch.get("$patch")
    if directive == "delete":
        return {}
    result = {} if directive == "replace" or not isinstance(original, dict) else dict(original)
    for key, value in patch.items():
        if key.startswith("$setElementOrder/") or key in ("$patch", "$retainKeys"):
            continue
        if key.startswith("$deleteFromPrimitiveList/"):
            name = key.split("/", 1)[1]
            result[name] = [item for item in result.get(name) or [] if item not in value]
        elif value is None:
            result.pop(key, None)
        elif isinstance(value, list):
            result[key] = _merge_list(key, result.get(key), value)
        elif isinstance(value, dict) and value.get("$patch") == "delete":
            result.pop(key, None)
        else:
            result[key] = strategic_merge(result.get(key), value)
    if "$retainKeys" in patch:
        kept = set(patch["$retainKeys"])
        result = {key: value for key, value in result.items() if key in kept}
    return _reordered(result, patch)


def _merge_key(field: str, old: list[Any], new: list[Any]) -> str | None:
    for key in MERGE_KEYS.get(field, ()):
        if any(isinstance(item, dict) and key in item for item in (*new, *old)):
            return key
    return None


def _merge_list(field: str, old: Any, new: list[Any]) -> list[Any]:
    existing = old if isinstance(old, list) else []
    if field in SET_LISTS:
        return [*existing, *(item for item in new if item not in existing)]
    key = _merge_key(field, existing, new)
    if key is None or any(isinstance(item, dict) and item.get("$patch") == "replace" for item in new):
        return [clone(item) for item in new if not (isinstance(item, dict) and item.get("$patch") == "replace")]
    result = list(existing)
    for item in new:
        if key not in item:
            raise StatusError(500, "InternalError", f"map: {item} does not contain declared merge key: {key}")
        place = next((index for index, have in enumerate(result) if have.get(key) == item[key]), None)
        if item.get("$patch") == "delete":
            result = [have for have in result if have.get(key) != item[key]]
        elif place is None:
            result.append(strategic_merge({}, item))
        else:
            result[place] = strategic_merge(result[place], item)
    return _interleaved(result, [item[key] for item in new], [item.get(key) for item in existing], key)


def _interleaved(items: list[Any], patched_keys: list[Any], old_keys: list[Any], key: str) -> list[Any]:
    """The API server's order without a directive: what the patch adds comes before what it leaves alone."""
    patch = sorted(
        (item for item in items if item.get(key) in patched_keys), key=lambda item: patched_keys.index(item[key])
    )
    others = [item for item in items if item.get(key) not in patched_keys]
    result = []
    while patch and others:
        old = patch[0][key] in old_keys
        stays_behind = old and old_keys.index(others[0].get(key)) < old_keys.index(patch[0][key])
        result.append((others if stays_behind else patch).pop(0))
    return [*result, *patch, *others]


def _reordered(result: Object, patch: Object) -> Object:
    for directive, order in patch.items():
        if not directive.startswith("$setElementOrder/"):
            continue
        field = directive.split("/", 1)[1]
        items = result.get(field)
        if not isinstance(items, list) or not order or not isinstance(order[0], dict):
            continue
        key = next(iter(order[0]))
        wanted = {entry[key]: index for index, entry in enumerate(order)}
        items = sorted(items, key=lambda item: wanted.get(item.get(key), len(wanted)))
        result[field] = items
    return result


def apply_configuration(original: Object, applied: Object) -> Object:
    """A minimal server-side apply: what is stated is set, keyed lists are joined, nothing is removed."""
    stated = clone(applied)
    stated.get("metadata", {}).pop("managedFields", None)
    return strategic_merge(original, stated)  # type: ignore[no-any-return]  # both are objects
