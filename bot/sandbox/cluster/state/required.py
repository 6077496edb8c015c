"""Fields an object must have, and forms some values must have, before the controllers may rely on them.

Called by `state.validation`. A table of paths; `[]` in a path stands for every entry of a list.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from bot.sandbox.cluster.state.values import Object, quantity

_CONTAINER = "{pod}.containers[]"
_POD = (
    f"{_CONTAINER}.env[].name",
    f"{_CONTAINER}.env[].valueFrom.configMapKeyRef.name",
    f"{_CONTAINER}.env[].valueFrom.configMapKeyRef.key",
    f"{_CONTAINER}.env[].valueFrom.secretKeyRef.name",
    f"{_CONTAINER}.env[].valueFrom.secretKeyRef.key",
    f"{_CONTAINER}.envFrom[].configMapRef.name",
    f"{_CONTAINER}.envFrom[].secretRef.name",
    "{pod}.volumes[].name",
)
_RBAC = "rbac.authorization.k8s.io"
_BINDING = ("roleRef", "roleRef.kind", "roleRef.name", "subjects[].kind", "subjects[].name")
_CLAIM = ("spec.resources", "spec.resources.requests", "spec.resources.requests.storage")

_REQUIRED: dict[str, tuple[str, ...]] = {
    "pods": tuple(path.format(pod="spec") for path in _POD),
    "persistentvolumeclaims": _CLAIM,
    "statefulsets.apps": (
        "spec.volumeClaimTemplates[].metadata.name",
        *(f"spec.volumeClaimTemplates[].{path}" for path in _CLAIM),
    ),
    "horizontalpodautoscalers.autoscaling": (
        "spec", "spec.maxReplicas", "spec.scaleTargetRef", "spec.scaleTargetRef.kind", "spec.scaleTargetRef.name",
    ),
    f"rolebindings.{_RBAC}": _BINDING,
    f"clusterrolebindings.{_RBAC}": _BINDING,
    f"roles.{_RBAC}": ("rules[].verbs",),
    f"clusterroles.{_RBAC}": ("rules[].verbs",),
    "events": ("involvedObject", "involvedObject.kind", "involvedObject.name"),
    "resourcequotas": ("spec",),
    "limitranges": ("spec",),
    "poddisruptionbudgets.policy": ("spec",),
    "ingresses.networking.k8s.io": ("spec",),
    "persistentvolumes": ("spec", "spec.capacity", "spec.capacity.storage"),
}  # fmt: skip
_TEMPLATED = tuple(path.format(pod="spec.template.spec") for path in _POD)

_NUMBER_OR_PERCENT = ("spec.strategy.rollingUpdate.maxSurge", "spec.strategy.rollingUpdate.maxUnavailable",
                      "spec.minAvailable", "spec.maxUnavailable")  # fmt: skip
_QUANTITIES = ("spec.hard", "spec.resources.requests")


def required_fields(storage: str, item: Object) -> list[tuple[str, str]]:
    """What is missing or misshapen, as (field path, message)."""
    paths = _REQUIRED.get(storage, ())
    if storage in ("deployments.apps", "replicasets.apps", "statefulsets.apps"):
        paths += _TEMPLATED
    causes = [(shown, "Required value") for path in paths for shown in _missing(item, path.split("."), "")]
    return [*causes, *_misshapen(storage, item), *_resources(storage, item)]


def _missing(value: Any, parts: list[str], shown: str) -> Iterator[str]:
    """The places where the last part of a path is absent although what it belongs to is there."""
    name, rest = parts[0], parts[1:]
    here = f"{shown}.{name.removesuffix('[]')}" if shown else name.removesuffix("[]")
    if name.endswith("[]"):
        for index, entry in enumerate((value.get(name[:-2]) if isinstance(value, dict) else None) or []):
            yield from _missing(entry, rest, f"{here}[{index}]")
        return
    found = value.get(name) if isinstance(value, dict) else None
    if not rest:
        if found in (None, ""):
            yield here
    elif found is not None:
        yield from _missing(found, rest, here)


def _misshapen(storage: str, item: Object) -> Iterator[tuple[str, str]]:
    if storage in ("deployments.apps", "poddisruptionbudgets.policy"):
        for path in _NUMBER_OR_PERCENT:
            value = _at(item, path)
            if value is not None and not re.fullmatch(r"\d+%?", str(value)):
                yield (
                    path,
                    f"Invalid value: \"{value}\": a valid percent string must be a numeric string followed by '%'",
                )
    if storage in ("resourcequotas", "persistentvolumeclaims"):
        for path in _QUANTITIES:
            for name, value in (_at(item, path) or {}).items():
                try:
                    quantity(value)
                except ValueError as exc:
                    yield f"{path}[{name}]", f'Invalid value: "{value}": {exc}'


_WORKLOADS = ("pods", "deployments.apps", "replicasets.apps", "statefulsets.apps", "daemonsets.apps")


def _resources(storage: str, item: Object) -> Iterator[tuple[str, str]]:
    """Requests and limits of containers have to be quantities: an API server reads no others."""
    if storage not in _WORKLOADS:
        return
    spec = "spec" if storage == "pods" else "spec.template.spec"
    for kind in ("containers", "initContainers"):
        for place, container in enumerate(_at(item, f"{spec}.{kind}") or []):
            for group in ("requests", "limits"):
                for name, value in ((container.get("resources") or {}).get(group) or {}).items():
                    try:
                        quantity(value)
                    except ValueError as exc:
                        path = f"{spec}.{kind}[{place}].resources.{group}[{name}]"
                        yield path, f'Invalid value: "{value}": {exc}'


def _at(item: Any, path: str) -> Any:
    for part in path.split("."):
        item = item.get(part) if isinstance(item, dict) else None
    return item
