"""Small pure helpers for Kubernetes' JSON values: copying, timestamps, quantities, label hashes.

Used everywhere in the simulated cluster. Knows nothing of kinds, requests or time's passing.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

Object = dict[str, Any]
"""One Kubernetes object, or a part of one, as decoded JSON."""

Objects = list[Object]

SAFE_ALPHABET = "bcdfghjklmnpqrstvwxz2456789"
"""The letters Kubernetes uses for generated names: no vowels, so no words."""

_QUANTITY = re.compile(r"([+-]?[0-9]+(?:\.[0-9]+)?)([KMGTPE]i|[numkMGTPE]|)")
_AS_IT_IS_TOLD = "^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$"
_SUFFIX = {
    "n": 1e-9, "u": 1e-6, "m": 1e-3, "": 1, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "P": 1e15, "E": 1e18,
    "Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40, "Pi": 2**50, "Ei": 2**60,
}  # fmt: skip


def utc_now() -> datetime:
    """The wall clock, timezone-aware."""
    return datetime.now(UTC)


def clone(value: Any) -> Any:
    """A deep copy of a JSON value; several times faster than copy.deepcopy."""
    if isinstance(value, dict):
        return {key: clone(item) for key, item in value.items()}
    if isinstance(value, list):
        return [clone(item) for item in value]
    return value


def stamp(moment: datetime) -> str:
    """RFC 3339 to the second, as in metadata.creationTimestamp."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def micro_stamp(moment: datetime) -> str:
    """RFC 3339 with microseconds, as in Lease and eventTime."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def nano_stamp(moment: datetime) -> str:
    """RFC 3339 with nanoseconds, as the container runtime prefixes log lines."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f") + "000Z"


def parse_stamp(text: str) -> datetime:
    """The moment an RFC 3339 text names. Raises ValueError when it is not one."""
    return datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", text))


def quantity(text: object) -> float:
    """The number a quantity such as "512Mi", "250m" or 2 stands for. Raises ValueError when it is none."""
    found = _QUANTITY.fullmatch(str(text))
    if found is None:
        raise ValueError(f"quantities must match the regular expression '{_AS_IT_IS_TOLD}'")
    return float(found.group(1)) * _SUFFIX[found.group(2)]


def format_quantity(value: float, like: str = "memory") -> str:
    """A canonical quantity: bytes as Ki/Mi/Gi when even, CPU in m when below one."""
    if like.endswith("cpu"):
        return str(int(value)) if value == int(value) else f"{round(value * 1000)}m"
    whole = int(value)
    if "memory" in like or "storage" in like:
        for suffix in ("Ti", "Gi", "Mi", "Ki"):
            if whole and whole % int(_SUFFIX[suffix]) == 0:
                return f"{whole // int(_SUFFIX[suffix])}{suffix}"
    return str(whole)


def safe_hash(value: object, length: int = 10) -> str:
    """A stable hash in Kubernetes' name alphabet, for pod-template-hash and the like."""
    digest = int.from_bytes(hashlib.sha256(json.dumps(value, sort_keys=True).encode()).digest()[:12], "big")
    letters = []
    for _ in range(length):
        digest, index = divmod(digest, len(SAFE_ALPHABET))
        letters.append(SAFE_ALPHABET[index])
    return "".join(letters)


def condition(kind: str, status: str, reason: str, message: str, now: str, **more: str) -> Object:
    """One entry of status.conditions; `now` is the transition time unless merged by `set_condition`."""
    return {"type": kind, "status": status, "lastTransitionTime": now, "reason": reason, "message": message, **more}


def set_condition(conditions: Iterable[Object], new: Object) -> list[Object]:
    """The conditions with `new` in its type's place; the transition time is kept while the status is the same."""
    result, placed = [], False
    for old in conditions:
        if old["type"] != new["type"]:
            result.append(old)
            continue
        placed = True
        same = old["status"] == new["status"] and "lastTransitionTime" in old
        result.append({**new, "lastTransitionTime": old["lastTransitionTime"]} if same else new)
    return result if placed else [*result, new]


def find_condition(owner: Object, kind: str) -> Object | None:
    """The condition of that type in an object's status, or None."""
    conditions: list[Object] = owner.get("status", {}).get("conditions") or []
    return next((entry for entry in conditions if entry["type"] == kind), None)


def is_true(owner: Object, kind: str) -> bool:
    """Whether the object's condition of that type is "True"."""
    found = find_condition(owner, kind)
    return found is not None and found["status"] == "True"


def controller_of(owner: Object, api_version: str, kind: str) -> Object:
    """An owner reference that makes `owner` the managing controller."""
    meta = owner["metadata"]
    return {
        "apiVersion": api_version,
        "kind": kind,
        "name": meta["name"],
        "uid": meta["uid"],
        "controller": True,
        "blockOwnerDeletion": True,
    }


def controller_uid(child: Object) -> str | None:
    """The uid of the child's managing controller, or None."""
    references = child["metadata"].get("ownerReferences") or []
    return next((ref["uid"] for ref in references if ref.get("controller")), None)


def pod_is_ready(pod: Object) -> bool:
    """Whether the pod's Ready condition is true."""
    return is_true(pod, "Ready")


def resolve_percentage(value: object, total: int, *, round_up: bool) -> int:
    """An IntOrString such as 1 or "25%" of `total`."""
    text = str(value)
    if not text.endswith("%"):
        return int(text)
    scaled = int(text[:-1]) * total
    return -(-scaled // 100) if round_up else scaled // 100
