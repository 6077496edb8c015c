"""Whether the namespace's quotas would let the changed pods be created: a dry run of their Deployment does not ask.

Pure; called by the cluster writer for a preview. It counts CPU, memory and pods; what it cannot count it leaves out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bot.engine.values.quantities import cpu_thousandths, memory_bytes

Json = Mapping[str, Any]

_ALIASES = {"cpu": "requests.cpu", "memory": "requests.memory"}
_COUNTED = frozenset({"requests.cpu", "requests.memory", "limits.cpu", "limits.memory", "pods"})


def quota_warnings(before: Json, after: Json, quotas: Sequence[Json]) -> tuple[str, ...]:
    """Sentences about the quotas that would stop the pods of `after`, a Deployment or StatefulSet as it would be.

    `before` is the object as it is, with its status: its pods are counted in the quotas already.
    """
    old, new = _per_pod(before), _per_pod(after)
    running = int((before.get("status") or {}).get("replicas") or 0)
    wanted = int((after.get("spec") or {}).get("replicas", 1))
    if old == new and wanted <= running:
        return ()
    return tuple(sentence for quota in quotas for sentence in _judge(quota, old, new, running, wanted))


def _judge(quota: Json, old: Json, new: Json, running: int, wanted: int) -> Iterator[str]:
    name, status = quota["metadata"]["name"], quota.get("status") or {}
    if (quota.get("spec") or {}).get("scopes") or (quota.get("spec") or {}).get("scopeSelector"):
        return  # counts some pods only
    for resource, limit in (status.get("hard") or {}).items():
        counted = _ALIASES.get(resource, resource)
        hard, used = _amount(counted, limit), _amount(counted, (status.get("used") or {}).get(resource, "0"))
        if counted not in _COUNTED or hard is None or used is None:
            continue
        each = new.get(counted, 0)
        settled = used - running * old.get(counted, 0) + wanted * each
        if settled > hard:
            yield (
                f"The quota {name} allows {resource} {limit} in all, and with this change the namespace would need "
                f"{_text(counted, settled)}: not all pods can be created."
            )
        elif old != new and running and used + each > hard:
            yield (
                f"The quota {name} ({resource} {limit}) has no room for one more pod beside the old ones: if the "
                "rollout starts new pods first, it gets stuck until an old one is deleted."
            )


def _per_pod(item: Json) -> dict[str, int]:
    """What one pod of the template counts for; a missing request is the limit, as the API server takes it."""
    template = ((item.get("spec") or {}).get("template") or {}).get("spec") or {}
    total = {"pods": 1}
    for container in template.get("containers") or ():
        resources = container.get("resources") or {}
        limits = resources.get("limits") or {}
        for side, amounts in (("limits", limits), ("requests", {**limits, **(resources.get("requests") or {})})):
            for name, text in amounts.items():
                counted = f"{side}.{name}"
                total[counted] = total.get(counted, 0) + (_amount(counted, text) or 0)
    return total


def _amount(counted: str, text: Any) -> int | None:
    if counted == "pods":
        return int(text) if str(text).isdecimal() else None
    return cpu_thousandths(str(text)) if counted.endswith(".cpu") else memory_bytes(str(text))


def _text(counted: str, amount: int) -> str:
    if counted == "pods":
        return str(amount)
    if counted.endswith(".cpu"):
        return f"{amount}m" if amount % 1000 else str(amount // 1000)
    for unit, size in (("Gi", 2**30), ("Mi", 2**20), ("Ki", 2**10)):
        if amount % size == 0:
            return f"{amount // size}{unit}"
    return str(amount)
