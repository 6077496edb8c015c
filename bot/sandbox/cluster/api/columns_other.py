"""kubectl's columns for everything that is neither a workload nor network.

Used by `api.tables`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bot.sandbox.cluster.api.printing import Columns, age, column, since
from bot.sandbox.cluster.state.values import Object, find_condition

_NAME = column("Name", "name")
_AGE = column("Age")
_MODES = {"ReadWriteOnce": "RWO", "ReadOnlyMany": "ROX", "ReadWriteMany": "RWX", "ReadWriteOncePod": "RWOP"}


def _node(item: Object, now: datetime) -> list[Any]:
    ready = (find_condition(item, "Ready") or {}).get("status")
    state = "Ready" if ready == "True" else "NotReady"
    if item["spec"].get("unschedulable"):
        state += ",SchedulingDisabled"
    prefix = "node-role.kubernetes.io/"
    roles = sorted(key.removeprefix(prefix) for key in item["metadata"].get("labels", {}) if key.startswith(prefix))
    info = item["status"]["nodeInfo"]
    wide = [
        item["status"]["addresses"][0]["address"],
        "<none>",
        info["osImage"],
        info["kernelVersion"],
        info["containerRuntimeVersion"],
    ]
    return [item["metadata"]["name"], state, ",".join(roles) or "<none>", age(item, now), info["kubeletVersion"], *wide]


def _event(item: Object, now: datetime) -> list[Any]:
    about = item["involvedObject"]
    series = item.get("series") or {}
    first = item.get("firstTimestamp") or item.get("eventTime")
    last = series.get("lastObservedTime") or item.get("lastTimestamp") or first
    count = series.get("count") or item.get("count") or 1
    seen = since(last, now) if last == first or count < 2 else f"{since(last, now)} (x{count} over {since(first, now)})"
    source = item.get("source") or {}
    origin = ", ".join(filter(None, (source.get("component") or item.get("reportingComponent"), source.get("host"))))
    return [
        seen,
        item.get("type", ""),
        item.get("reason", ""),
        f"{about['kind'].lower()}/{about['name']}",
        about.get("fieldPath", ""),
        origin,
        (item.get("message") or "").strip(),
        since(first, now),
        count,
        item["metadata"]["name"],
    ]


def _data(item: Object, now: datetime) -> list[Any]:
    return [item["metadata"]["name"], len(item.get("data") or {}) + len(item.get("binaryData") or {}), age(item, now)]


def _secret(item: Object, now: datetime) -> list[Any]:
    return [item["metadata"]["name"], item.get("type", "Opaque"), len(item.get("data") or {}), age(item, now)]


def _namespace(item: Object, now: datetime) -> list[Any]:
    return [item["metadata"]["name"], item["status"].get("phase", ""), age(item, now)]


def _modes(values: list[str] | None) -> str:
    return ",".join(_MODES.get(value, value) for value in values or [])


def _claim(item: Object, now: datetime) -> list[Any]:
    spec, status = item["spec"], item.get("status", {})
    size = (status.get("capacity") or {}).get("storage", "")
    cells = [status.get("phase", ""), spec.get("volumeName", ""), size, _modes(status.get("accessModes"))]
    return [
        item["metadata"]["name"],
        *cells,
        spec.get("storageClassName", ""),
        "<unset>",
        age(item, now),
        spec.get("volumeMode", ""),
    ]


def _volume(item: Object, now: datetime) -> list[Any]:
    spec = item["spec"]
    claim = spec.get("claimRef") or {}
    owner = f"{claim['namespace']}/{claim['name']}" if claim else ""
    cells = [
        spec["capacity"]["storage"],
        _modes(spec.get("accessModes")),
        spec.get("persistentVolumeReclaimPolicy", ""),
    ]
    return [
        item["metadata"]["name"],
        *cells,
        item.get("status", {}).get("phase", ""),
        owner,
        spec.get("storageClassName", ""),
        age(item, now),
    ]


def _quota(item: Object, now: datetime) -> list[Any]:
    status = item.get("status", {})
    hard, used = status.get("hard") or item["spec"].get("hard") or {}, status.get("used") or {}
    shown = {name: f"{name}: {used.get(name, '0')}/{hard[name]}" for name in sorted(hard)}
    limits = ", ".join(text for name, text in shown.items() if name.startswith("limits"))
    requests = ", ".join(text for name, text in shown.items() if not name.startswith("limits"))
    return [item["metadata"]["name"], requests, limits, age(item, now)]


def _account(item: Object, now: datetime) -> list[Any]:
    return [item["metadata"]["name"], len(item.get("secrets") or []), age(item, now)]


def _lease(item: Object, now: datetime) -> list[Any]:
    return [item["metadata"]["name"], (item.get("spec") or {}).get("holderIdentity") or "", age(item, now)]


def _role(item: Object, _now: datetime) -> list[Any]:
    return [item["metadata"]["name"], item["metadata"]["creationTimestamp"]]


def _binding(item: Object, now: datetime) -> list[Any]:
    reference = item["roleRef"]
    return [item["metadata"]["name"], f"{reference['kind']}/{reference['name']}", age(item, now)]


def _wide(*names: str) -> tuple[Object, ...]:
    return tuple(column(name, wide=True) for name in names)


_CREATED = (_NAME, column("Created At"))
_BOUND = (_NAME, column("Role"), _AGE)
OTHER_COLUMNS: dict[str, Columns] = {
    "nodes": Columns(
        (
            _NAME,
            column("Status"),
            column("Roles"),
            _AGE,
            column("Version"),
            *_wide("Internal-IP", "External-IP", "OS-Image", "Kernel-Version", "Container-Runtime"),
        ),
        _node,
    ),
    "events": Columns(
        (
            column("Last Seen"),
            column("Type"),
            column("Reason"),
            column("Object"),
            *_wide("Subobject", "Source"),
            column("Message"),
            *_wide("First Seen", "Count"),
            column("Name", "name", wide=True),
        ),
        _event,
    ),
    "configmaps": Columns((_NAME, column("Data"), _AGE), _data),
    "secrets": Columns((_NAME, column("Type"), column("Data"), _AGE), _secret),
    "namespaces": Columns((_NAME, column("Status"), _AGE), _namespace),
    "persistentvolumeclaims": Columns(
        (
            _NAME,
            column("Status"),
            column("Volume"),
            column("Capacity"),
            column("Access Modes"),
            column("StorageClass"),
            column("VolumeAttributesClass"),
            _AGE,
            *_wide("VolumeMode"),
        ),
        _claim,
    ),
    "persistentvolumes": Columns(
        (
            _NAME,
            column("Capacity"),
            column("Access Modes"),
            column("Reclaim Policy"),
            column("Status"),
            column("Claim"),
            column("StorageClass"),
            _AGE,
        ),
        _volume,
    ),
    "resourcequotas": Columns((_NAME, column("Request"), column("Limit"), _AGE), _quota),
    "serviceaccounts": Columns((_NAME, column("Secrets"), _AGE), _account),
    "leases.coordination.k8s.io": Columns((_NAME, column("Holder"), _AGE), _lease),
    "roles.rbac.authorization.k8s.io": Columns(_CREATED, _role),
    "clusterroles.rbac.authorization.k8s.io": Columns(_CREATED, _role),
    "rolebindings.rbac.authorization.k8s.io": Columns(_BOUND, _binding),
    "clusterrolebindings.rbac.authorization.k8s.io": Columns(_BOUND, _binding),
}
