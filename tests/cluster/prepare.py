"""Puts faults on a cluster, all at once, and waits until each is fully developed.

Called by the suite's session fixture. Each fault has a namespace of its own, so none waits for another; one read of all
namespaces every few seconds answers all conditions.
"""

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime

from tests.cluster.conditions import Sight
from tests.cluster.fault import Fault
from tests.cluster.kubectl import KubectlError, Object, apply, kubectl, read

READ = "pods,deployments,events,endpoints,resourcequotas"
APPLY_AT_ONCE = 4
# Pods that may be starting at a time. More, and on two cores the probes of healthy pods time out: faults nobody meant.
STARTING_AT_ONCE = 16
POLL_SECONDS = 3.0
LABEL = "triage.test/fault"


@dataclass
class Standing:
    """A fault on its way: which step is next, since when, and how it ended."""

    fault: Fault
    begun: float = field(default_factory=time.monotonic)
    step_at: float = field(default_factory=time.monotonic)
    next_step: int = 0
    developed: bool = False
    failure: str = ""

    @property
    def settled(self) -> bool:
        return self.developed or bool(self.failure)


def prepare(faults: Iterable[Fault], *, keep: bool = False) -> dict[str, Standing]:
    """Put the faults on the cluster and return when each has developed or run out of time.

    With `keep`, namespaces in which a fault already stands developed are left as they are.
    """
    wanted = list(faults)
    done = {f.id: Standing(f, developed=True) for f in wanted if keep and _stands(f)}
    fresh = [f for f in wanted if f.id not in done]
    standing: dict[str, Standing] = {}
    with ThreadPoolExecutor(APPLY_AT_ONCE) as pool:
        while fresh or not all(s.settled for s in standing.values()):
            seen, now = _look(), datetime.now(UTC)
            list(pool.map(_advance_to(seen, now), standing.values()))
            room = max(0, STARTING_AT_ONCE - _starting(seen, now)) // 2
            batch, fresh = fresh[:room], fresh[room:]
            standing |= {s.fault.id: s for s in pool.map(_apply, batch)}
            time.sleep(POLL_SECONDS)
    return done | standing


def remove(faults: Iterable[Fault], *, wait: bool = False) -> None:
    """Delete the faults' namespaces, and wait until they are gone if told so."""
    names = [f.namespace for f in faults]
    if names:
        kubectl("delete", "namespace", "--ignore-not-found", f"--wait={str(wait).lower()}", *names, seconds=300)


def _stands(fault: Fault) -> bool:
    found = kubectl("get", "namespace", fault.namespace, "--ignore-not-found", "--output=jsonpath={.metadata.labels}")
    return f'"{LABEL}":"developed"' in found


def _apply(fault: Fault) -> Standing:
    try:
        kubectl("delete", "namespace", fault.namespace, "--ignore-not-found", seconds=120)
        kubectl("create", "namespace", fault.namespace)
        _apply_objects(fault)
    except KubectlError as error:
        return Standing(fault, failure=str(error))
    return Standing(fault)


def _apply_objects(fault: Fault) -> None:
    objects = fault.app().objects
    try:
        apply(fault.namespace, objects)
    except KubectlError as error:
        if "clusterIP" not in str(error):
            raise
        # Another cluster has another service range: the row is as good with any address.
        for item in objects:
            item.get("spec", {}).pop("clusterIP", None)
        apply(fault.namespace, objects)


def _look() -> dict[str, tuple[Object, ...]]:
    """All objects that conditions may ask for, by namespace."""
    by_namespace: defaultdict[str, list[Object]] = defaultdict(list)
    for item in read(READ, "--all-namespaces")["items"]:
        by_namespace[item["metadata"]["namespace"]].append(item)
    return defaultdict(tuple, {name: tuple(items) for name, items in by_namespace.items()})


def _starting(seen: dict[str, tuple[Object, ...]], now: datetime) -> int:
    """Pods that may still be on their way up: pending, and young enough not to be stuck."""
    sight = Sight((), now, since_step=0)
    pods = [o for objects in seen.values() for o in objects if o["kind"] == "Pod"]
    pending = [p for p in pods if p.get("status", {}).get("phase") == "Pending"]
    return sum(sight.age(p["metadata"]["creationTimestamp"]) < 45 for p in pending)


def _advance_to(seen: dict[str, tuple[Object, ...]], now: datetime) -> Callable[[Standing], None]:
    return lambda standing: _advance(standing, seen[standing.fault.namespace], now)


def _advance(standing: Standing, objects: tuple[Object, ...], now: datetime) -> None:
    """Take the next step of a fault if its time has come, or note that it is developed or too late."""
    fault = standing.fault
    if standing.settled:
        return
    sight = Sight(objects, now, time.monotonic() - standing.step_at)
    if standing.next_step < len(fault.steps):
        step = fault.steps[standing.next_step]
        if step.when(sight):
            try:
                if step.objects:
                    apply(fault.namespace, list(step.objects))
                if step.command:
                    kubectl("--namespace", fault.namespace, *step.command)
            except KubectlError as error:
                standing.failure = str(error)
            standing.next_step, standing.step_at = standing.next_step + 1, time.monotonic()
    elif fault.developed(sight):
        standing.developed = True
        kubectl("label", "namespace", fault.namespace, f"{LABEL}=developed", "--overwrite")
        return
    if time.monotonic() - standing.begun > fault.seconds:
        standing.failure = f"not developed after {fault.seconds:.0f} s (step {standing.next_step}): {_picture(objects)}"


def _picture(objects: Iterable[Object]) -> str:
    """A line that helps to see why a fault did not develop."""
    pods = [f"{o['metadata']['name']} {o.get('status', {}).get('phase')}" for o in objects if o["kind"] == "Pod"]
    reasons = Counter(str(o.get("reason")) for o in objects if o["kind"] == "Event")
    return f"pods {pods}, events {dict(reasons)}"
