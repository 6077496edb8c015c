"""Conditions on what a namespace holds: "the API server was killed for memory twice", "the web server runs".

A condition is a pure function of one Sight of a namespace. prepare.py polls; nothing here reads or waits.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from tests.cluster.kubectl import Object

API, WEB = "api-server", "web-server"


@dataclass(frozen=True)
class Sight:
    """One namespace at one moment; `since_step` is the time in seconds since the last step of the fault was taken."""

    objects: tuple[Object, ...]
    now: datetime
    since_step: float

    def kind(self, kind: str) -> list[Object]:
        return [o for o in self.objects if o["kind"] == kind]

    def pods(self, app: str) -> list[Object]:
        """Pods with this `app` label that are not being deleted."""
        return [
            pod
            for pod in self.kind("Pod")
            if pod["metadata"].get("labels", {}).get("app") == app and "deletionTimestamp" not in pod["metadata"]
        ]

    def age(self, stamp: str) -> float:
        """Seconds from a Kubernetes timestamp to this moment."""
        return (self.now - datetime.fromisoformat(stamp)).total_seconds()


Condition = Callable[[Sight], bool]


def _statuses(pods: Iterable[Object]) -> list[Object]:
    return [s for pod in pods for s in pod.get("status", {}).get("containerStatuses", [])]


def _ready_since(pod: Object) -> str | None:
    for condition in pod.get("status", {}).get("conditions", []):
        if condition["type"] == "Ready" and condition["status"] == "True":
            return str(condition["lastTransitionTime"])
    return None


def every(*conditions: Condition) -> Condition:
    return lambda sight: all(condition(sight) for condition in conditions)


def after(seconds: float) -> Condition:
    """So long since the fault's last step (or since it was applied)."""
    return lambda sight: sight.since_step >= seconds


def ready(app: str = API, *, seconds: float = 6) -> Condition:
    """All pods of the app that are alive have been ready for so long, and there is one."""

    def holds(sight: Sight) -> bool:
        alive = [p for p in sight.pods(app) if p["status"]["phase"] not in ("Succeeded", "Failed")]
        stamps = [_ready_since(p) for p in alive]
        return bool(stamps) and all(s is not None and sight.age(s) >= seconds for s in stamps)

    return holds


def restarted(app: str = API, *, times: int = 3) -> Condition:
    return lambda sight: any(s["restartCount"] >= times for s in _statuses(sight.pods(app)))


def killed_for_memory(app: str = API, *, times: int = 2) -> Condition:
    """The last life of a container ended for memory, and it was not the first."""

    def holds(sight: Sight) -> bool:
        return any(
            s["restartCount"] >= times
            and "OOMKilled"
            in (s.get(state, {}).get("terminated", {}).get("reason") for state in ("state", "lastState"))
            for s in _statuses(sight.pods(app))
        )

    return holds


def waiting(*reasons: str, app: str = API) -> Condition:
    """A container of the app waits for one of these reasons."""
    return lambda sight: any(
        s.get("state", {}).get("waiting", {}).get("reason") in reasons for s in _statuses(sight.pods(app))
    )


def unready(app: str = API, *, seconds: float = 12) -> Condition:
    """Containers of the app run for so long, and none is ready."""

    def holds(sight: Sight) -> bool:
        running = [s["state"].get("running") for s in _statuses(sight.pods(app)) if not s["ready"]]
        ready_ones = [s for s in _statuses(sight.pods(app)) if s["ready"]]
        return not ready_ones and any(r and sight.age(r["startedAt"]) >= seconds for r in running)

    return holds


def no_pods(app: str = API) -> Condition:
    return lambda sight: not [p for p in sight.kind("Pod") if p["metadata"].get("labels", {}).get("app") == app]


def event(reason: str, text: str = "", *, times: int = 1) -> Condition:
    """Events with this reason whose message contains the text, counted."""

    def holds(sight: Sight) -> bool:
        found = [e for e in sight.kind("Event") if e["reason"] == reason and text in (e.get("message") or "")]
        return sum(e.get("count") or 1 for e in found) >= times

    return holds


def no_endpoints(sight: Sight) -> bool:
    """No Service whose name has api-se in it has an address that is ready."""
    endpoints = [e for e in sight.kind("Endpoints") if "api-se" in e["metadata"]["name"]]
    return not any(subset.get("addresses") for e in endpoints for subset in e.get("subsets") or [])


def rollout_failed(sight: Sight) -> bool:
    """The API's Deployment has passed its progress deadline while a pod of it is available."""
    return any(
        d["status"].get("availableReplicas", 0) >= 1
        and any(c.get("reason") == "ProgressDeadlineExceeded" for c in d["status"].get("conditions", []))
        for d in sight.kind("Deployment")
        if API in d["metadata"]["name"]
    )


def exists(kind: str, part: str) -> Condition:
    return lambda sight: any(part in o["metadata"]["name"] for o in sight.kind(kind))


def phase(name: str, wanted: str) -> Condition:
    """A pod whose name contains `name` is in this phase."""
    return lambda sight: any(
        name in p["metadata"]["name"] and p.get("status", {}).get("phase") == wanted for p in sight.kind("Pod")
    )


web_runs = ready(WEB, seconds=6)
