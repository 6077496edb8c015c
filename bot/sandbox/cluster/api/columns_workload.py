"""kubectl's columns for pods and the things that make them.

Used by `api.tables`. The STATUS of a pod follows kubectl's own rules, including CrashLoopBackOff and Terminating.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bot.sandbox.cluster.api.printing import Columns, age, column, joined, since
from bot.sandbox.cluster.state.selectors import selector_text
from bot.sandbox.cluster.state.values import Object, is_true

_NAME = column("Name", "name")
_AGE = column("Age")
_WIDE = (column("Containers", wide=True), column("Images", wide=True), column("Selector", wide=True))


def _pod(item: Object, now: datetime) -> list[Any]:
    statuses = item["status"].get("containerStatuses") or []
    ready = sum(bool(entry["ready"] and "running" in entry["state"]) for entry in statuses)
    wide = [item["status"].get("podIP") or "<none>", item["spec"].get("nodeName") or "<none>", "<none>", "<none>"]
    total = len(item["spec"]["containers"])
    return [
        item["metadata"]["name"],
        f"{ready}/{total}",
        pod_state(item),
        _restarts(statuses, now),
        age(item, now),
        *wide,
    ]


def _restarts(statuses: list[Object], now: datetime) -> str:
    count = sum(entry["restartCount"] for entry in statuses)
    ends = [(entry["lastState"].get("terminated") or {}).get("finishedAt") for entry in statuses]
    known = [end for end in ends if end]
    return f"{count} ({since(max(known), now)} ago)" if count and known else str(count)


def pod_state(item: Object) -> str:
    """The STATUS column."""
    status = item["status"]
    statuses = status.get("containerStatuses") or []
    reason = str(status.get("reason") or status.get("phase", "Unknown"))
    running = False
    for entry in reversed(statuses):
        state = entry["state"]
        if (state.get("waiting") or {}).get("reason"):
            reason = state["waiting"]["reason"]
        elif "terminated" in state:
            reason = state["terminated"].get("reason") or f"ExitCode:{state['terminated']['exitCode']}"
        elif entry["ready"] and "running" in state:
            running = True
    if reason == "Completed" and running:
        reason = "Running" if is_true(item, "Ready") else "NotReady"
    if item["metadata"].get("deletionTimestamp") and status.get("phase") not in ("Succeeded", "Failed"):
        return "Unknown" if status.get("reason") == "NodeLost" else "Terminating"
    return reason


def _template_cells(item: Object) -> list[str]:
    containers = item["spec"]["template"]["spec"]["containers"]
    names, images = ([entry.get(field, "") for entry in containers] for field in ("name", "image"))
    return [joined(names), joined(images), selector_text(item["spec"].get("selector") or {}) or "<none>"]


def _deployment(item: Object, now: datetime) -> list[Any]:
    status = item.get("status", {})
    ready = f"{status.get('readyReplicas', 0)}/{item['spec']['replicas']}"
    counts = [status.get("updatedReplicas", 0), status.get("availableReplicas", 0)]
    return [item["metadata"]["name"], ready, *counts, age(item, now), *_template_cells(item)]


def _replica_set(item: Object, now: datetime) -> list[Any]:
    status = item.get("status", {})
    counts = [item["spec"]["replicas"], status.get("replicas", 0), status.get("readyReplicas", 0)]
    return [item["metadata"]["name"], *counts, age(item, now), *_template_cells(item)]


def _stateful_set(item: Object, now: datetime) -> list[Any]:
    ready = f"{item.get('status', {}).get('readyReplicas', 0)}/{item['spec']['replicas']}"
    return [item["metadata"]["name"], ready, age(item, now), *_template_cells(item)[:2]]


def _daemon_set(item: Object, now: datetime) -> list[Any]:
    status = item.get("status", {})
    fields = (
        "desiredNumberScheduled",
        "currentNumberScheduled",
        "numberReady",
        "updatedNumberScheduled",
        "numberAvailable",
    )
    counts = [status.get(field, 0) for field in fields]
    return [item["metadata"]["name"], *counts, "<none>", age(item, now), *_template_cells(item)]


def _autoscaler(item: Object, now: datetime) -> list[Any]:
    spec, status = item["spec"], item.get("status", {})
    target = spec["scaleTargetRef"]
    bounds = [str(spec.get("minReplicas", 1)), spec["maxReplicas"], status.get("currentReplicas", 0)]
    return [item["metadata"]["name"], f"{target['kind']}/{target['name']}", "<unknown>", *bounds, age(item, now)]


def _budget(item: Object, now: datetime) -> list[Any]:
    spec = item["spec"]
    bounds = [str(spec.get("minAvailable", "N/A")), str(spec.get("maxUnavailable", "N/A"))]
    return [item["metadata"]["name"], *bounds, item.get("status", {}).get("disruptionsAllowed", 0), age(item, now)]


def _integer(name: str) -> Object:
    return column(name, kind="integer")


WORKLOAD_COLUMNS: dict[str, Columns] = {
    "pods": Columns(
        (_NAME, column("Ready"), column("Status"), column("Restarts"), _AGE, column("IP", wide=True),
         column("Node", wide=True), column("Nominated Node", wide=True), column("Readiness Gates", wide=True)),
        _pod,
    ),
    "deployments.apps": Columns(
        (_NAME, column("Ready"), column("Up-to-date"), column("Available"), _AGE, *_WIDE), _deployment
    ),
    "replicasets.apps": Columns(
        (_NAME, _integer("Desired"), _integer("Current"), _integer("Ready"), _AGE, *_WIDE), _replica_set
    ),
    "statefulsets.apps": Columns((_NAME, column("Ready"), _AGE, *_WIDE[:2]), _stateful_set),
    "daemonsets.apps": Columns(
        (_NAME, _integer("Desired"), _integer("Current"), _integer("Ready"), _integer("Up-to-date"),
         _integer("Available"), column("Node Selector"), _AGE, *_WIDE),
        _daemon_set,
    ),
    "horizontalpodautoscalers.autoscaling": Columns(
        (_NAME, column("Reference"), column("Targets"), column("MinPods"), column("MaxPods"), column("Replicas"), _AGE),
        _autoscaler,
    ),
    "poddisruptionbudgets.policy": Columns(
        (_NAME, column("Min Available"), column("Max Unavailable"), _integer("Allowed Disruptions"), _AGE), _budget
    ),
}  # fmt: skip
