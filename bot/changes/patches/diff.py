"""What a dry run would change, field by field, as people read it: `spec.replicas: 0 → 1`.

Pure. Called for previews and by the owner warnings. Values that look like secrets are hidden here, by the redactor of
the preview: the same secret has the same token in all its steps.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.changes.patches.merge import key_of
from bot.changes.patches.undo import CHANGE_ANNOTATION
from bot.changes.ports import Preview
from bot.redaction import Redactor

Json = Mapping[str, Any]
Path = tuple[str, ...]
"""Names of fields; an element of a list stands as `[key]`."""

MAX_VALUE = 300
"""Characters of one value that are shown."""

_IDENTITY = frozenset({("apiVersion",), ("kind",), ("metadata", "name"), ("metadata", "namespace")})
_NOT_SHOWN = frozenset({
    ("status",),
    ("metadata", "managedFields"),
    ("metadata", "resourceVersion"),
    ("metadata", "generation"),
    ("metadata", "uid"),
    ("metadata", "creationTimestamp"),
    ("metadata", "selfLink"),
    ("metadata", "annotations", CHANGE_ANNOTATION),
    ("metadata", "annotations", "kubectl.kubernetes.io/last-applied-configuration"),
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field before and after; None where it is not set.

    `asked`: the remedy says so. Otherwise the cluster adds it by itself: a default, a webhook.
    """

    path: str
    before: str | None
    after: str | None
    asked: bool = True

    def __str__(self) -> str:
        if self.before is None:
            change = f"{self.path}: {self.after} (new)"
        elif self.after is None:
            change = f"{self.path}: {self.before} (removed)"
        else:
            change = f"{self.path}: {self.before} → {self.after}"
        return change if self.asked else f"{change}, by the cluster itself"


def differences(preview: Preview, redactor: Redactor) -> tuple[FieldChange, ...]:
    """The fields that differ, those that the remedy asks for first. Empty when the object says all of it already."""
    write = preview.write
    before, after = _sides(preview.before or {}, preview.after)
    asked = [path for path, _ in leaves(write.body)]
    found = []
    for path in dict.fromkeys((*before, *after)):
        old, new = before.get(path), after.get(path)
        if old == new or any(path[: len(hidden)] == hidden for hidden in _NOT_SHOWN) or path in _IDENTITY:
            continue
        is_asked = write.deletes or any(_within(path, one) or _within(one, path) for one in asked)
        if not is_asked and not old and new in ({}, []):
            continue  # an empty map that the cluster writes where nothing was says nothing
        found.append(
            FieldChange(path_text(path), _text(redactor, path, old), _text(redactor, path, new), asked=is_asked)
        )
    return tuple(sorted(found, key=lambda change: not change.asked))


def _sides(before: Json, after: Json) -> tuple[dict[Path, Any], dict[Path, Any]]:
    """The values of both; an empty map that is filled on the other side is not there."""
    old, new = dict(leaves(before)), dict(leaves(after))
    return _without_filled(old, new), _without_filled(new, old)


def _without_filled(side: Mapping[Path, Any], other: Mapping[Path, Any]) -> dict[Path, Any]:
    return {
        path: value
        for path, value in side.items()
        if value != {} or not any(len(one) > len(path) and _within(one, path) for one in other)
    }


def leaves(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Every value of an object with its path. Lists that are replaced as a whole count as one value.

    In a patch, `null` and deleted elements are values too: they are asked for.
    """
    if isinstance(value, Mapping):
        if not value and path:
            yield path, {}
        for name, item in value.items():
            if name == "$patch" and item == "delete":
                yield path, None
            elif name[:1] != "$":
                yield from leaves(item, (*path, name))
    elif isinstance(value, list) and path and (key := key_of(path[-1], value)) is not None:
        yield from _elements(value, key, path)
    elif isinstance(value, list) and not value:
        yield path, []
    else:
        yield path, value


def _elements(items: Sequence[Json], key: str, path: Path) -> Iterator[tuple[Path, Any]]:
    seen: dict[str, int] = {}
    for item in items:
        if "$patch" in item and key not in item:
            continue
        name = str(item.get(key))
        seen[name] = seen.get(name, 0) + 1
        label = f"[{name}]" if seen[name] == 1 else f"[{name}#{seen[name]}]"
        rest = {field: value for field, value in item.items() if field != key}
        if rest:
            yield from leaves(rest, (*path, label))
        else:
            yield (*path, label), {}


def path_text(path: Path) -> str:
    """The path as people write it; names with dots stand in brackets."""
    text = ""
    for name in path:
        if name.startswith("["):
            text += name
        elif "." in name or "/" in name:
            text += f"[{name}]"
        else:
            text += f".{name}" if text else name
    return text


def _within(inner: Path, outer: Path) -> bool:
    return inner[: len(outer)] == outer


def _text(redactor: Redactor, path: Path, value: Any) -> str | None:
    if value is None:
        return None
    name = path[-2].strip("[]") if path[-1] == "value" and len(path) > 1 else path[-1].strip("[]")
    if isinstance(value, str):
        text = redactor.value(name, value) if value else '""'
    else:
        text = redactor.text(json.dumps(value, ensure_ascii=False, separators=(", ", ": ")))
    line = " ".join(text.split())
    return line if len(line) <= MAX_VALUE else line[: MAX_VALUE - 1] + "…"
