"""Which faults stand on the cluster at a time: as many as its nodes have room for, prepared together.

Called by the suite's session fixture. Tests run in the order of the table, so a wave is prepared once, looked at, and
taken away.
"""

from collections.abc import Sequence

from tests.cluster.fault import Fault
from tests.cluster.kubectl import read
from tests.cluster.prepare import Standing, prepare, remove

SPARE_PODS = 8


class Stage:
    """Brings faults up wave by wave; with `keep` it leaves them standing and uses those that stand."""

    def __init__(self, faults: Sequence[Fault], room: int, *, keep: bool) -> None:
        self._waves = waves(faults, room)
        self._keep = keep
        self._up: dict[str, Standing] = {}

    def standing(self, fault: Fault) -> Standing:
        """The fault, developed or with the reason why not; prepares its whole wave when it is not up."""
        if fault.id not in self._up:
            self.clear(wait=True)
            wave = next(w for w in self._waves if fault in w)
            self._up = prepare(wave, keep=self._keep)
        return self._up[fault.id]

    def clear(self, *, wait: bool = False) -> None:
        """Take away what is up, unless it is to be kept."""
        if self._up and not self._keep:
            remove([s.fault for s in self._up.values()], wait=wait)
        self._up = {}


def waves(faults: Sequence[Fault], room: int) -> list[list[Fault]]:
    """Cut the table into runs of rows whose pods fit into `room` together."""
    result: list[list[Fault]] = [[]]
    used = 0
    for fault in faults:
        need = _pods(fault)
        if result[-1] and used + need > room:
            result.append([])
            used = 0
        result[-1].append(fault)
        used += need
    return result


def _pods(fault: Fault) -> int:
    """Pods that a row may have at a time; one more for those that add or replace one on the way."""
    kinds = [o for o in fault.app().objects if o["kind"] in ("Deployment", "Job")]
    return sum(int(o["spec"].get("replicas", 1)) for o in kinds) + bool(fault.steps)


def room_for_pods() -> int:
    """How many more pods the cluster's nodes take, less a few."""
    capacity = sum(int(node["status"]["allocatable"]["pods"]) for node in read("nodes")["items"])
    running = read("pods", "--all-namespaces", "--field-selector=status.phase!=Succeeded,status.phase!=Failed")["items"]
    others = [p for p in running if not p["metadata"]["namespace"].startswith("onyx-")]
    return max(4, capacity - len(others) - SPARE_PODS)
