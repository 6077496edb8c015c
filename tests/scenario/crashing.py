"""Runs the whole life of a change, kills its process at a chosen step, and lets another process find the truth.

A step is a call that changes something: a row in the database, or an object in the cluster. Between two of them a
process only reads, so that to be killed before a step is to be killed after the one before it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bot.adapters.store.store import Store
from bot.changes.actor import Actor
from bot.changes.authority import OwnRights, PolicyAuthority
from bot.changes.deps import Authority
from bot.changes.journal import Journal
from bot.changes.policy.source import PolicySource
from bot.changes.ports import Impersonation
from bot.changes.results import Previewed
from bot.changes.service import ChangeService
from bot.domain.changes import Change, ChangeState, Person, Write
from bot.domain.diagnosis import Cause, CauseVerdict, Diagnosis, Verdict
from bot.domain.errors import StoreError
from bot.domain.remedies import Remedy, Risk, Step, StepKind
from tests.scenario.tiny_cluster import TinyCluster

S = ChangeState
HEALED = "enough"
ANNA, BEN = (
    Actor(Person(user=user, team="T0HOME0000", name=user), is_full_member=True, channel="C0INCIDENT", original=True)
    for user in ("U0ANNA0000", "U0BEN00000")
)
POLICY = """\
schema: triage/policy/v1
kind: policy
enabled: true
roles:
  operator:
    may: [low, medium, high]
    apps: ["*"]
    namespaces: ["*"]
    clusters: ["*"]
    held_by: {users: [U0ANNA0000, U0BEN00000]}
approvals: {low: 0, medium: 0, high: 1}
"""


class Killed(BaseException):
    """The process is gone at this very moment."""


class Clock:
    """A clock that stands until it is told to go on."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


class Fuse:
    """Counts the steps of one process, and kills it at one of them."""

    def __init__(self, at: int = -1, when: str = "before") -> None:
        self.at, self.when = at, when
        self.steps: list[str] = []

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        self.steps.append(name)
        mine = len(self.steps) - 1 == self.at
        if mine and self.when == "before":
            raise Killed(name)
        yield
        if mine:
            raise Killed(name)


class FusedStore:
    """A change store whose calls that write may be the last ones of the process."""

    def __init__(self, store: Any, fuse: Fuse) -> None:
        self._store, self._fuse = store, fuse

    def __getattr__(self, name: str) -> Any:
        call = getattr(self._store, name)
        if name not in ("add", "move", "update", "approve"):
            return call

        def fused(*arguments: Any, **fields: Any) -> Any:
            with self._fuse.step(f"{name} {arguments[1] if name == 'move' else ''}".strip()):
                return call(*arguments, **fields)

        return fused


class FusedWriter:
    """A cluster writer whose writes may be the last ones of the process. `late`: it dies, and its request arrives."""

    def __init__(self, cluster: TinyCluster, fuse: Fuse, clock: Clock) -> None:
        self._cluster, self._fuse, self._clock = cluster, fuse, clock

    def __getattr__(self, name: str) -> Any:
        return getattr(self._cluster, name)

    def apply(self, acting_as: Impersonation | None, write: Write, change_id: str) -> None:
        if self._fuse.when == "late" and len(self._fuse.steps) == self._fuse.at:
            self._cluster.send_late(write, change_id, self._clock.now + timedelta(seconds=12))
            raise Killed("apply")
        with self._fuse.step("apply"):
            self._cluster.apply(acting_as, write, change_id)


class LostAfterClaim:
    """A change store whose database goes away right after the claim."""

    def __init__(self, store: Any) -> None:
        self._store, self._lost = store, False

    def __getattr__(self, name: str) -> Any:
        call = getattr(self._store, name)

        def answer(*arguments: Any, **fields: Any) -> Any:
            if self._lost:
                raise StoreError("The database does not answer.", "Start it.")
            self._lost = name == "move" and arguments[1] is S.CLAIMED
            return call(*arguments, **fields)

        return answer


@dataclass(frozen=True)
class Life:
    """Which life: how many objects, whether somebody else must agree, whether it is taken back in the end."""

    claim: str
    steps: int = 1
    approvals: int = 0
    undone: bool = False


LIVES = (
    Life("one object, nobody else asked"),
    Life("two objects, nobody else asked", steps=2),
    Life("two objects, one approval, taken back", steps=2, approvals=1, undone=True),
)


class Theatre:
    """One database, one cluster, one clock; processes come and go."""

    def __init__(self, life: Life, store: Store, clock: Clock, policy: Path, incident: str = "i1") -> None:
        self.life, self.store, self.clock, self.incident = life, store, clock, incident
        self._policy_file, self._policy = policy, PolicySource(policy)
        self.healing = True
        self.looked: Callable[[], object] = lambda: None
        self.cluster = TinyCluster(clock, configmap_env="wrong", deployment_web="wrong")

    def process(
        self,
        fuse: Fuse | None = None,
        *,
        writer: Any = None,
        store: Any = None,
        own_rights: bool = False,
        clock: Callable[[], datetime] | None = None,
    ) -> ChangeService:
        """A new process. Nothing of the others is in its memory. `clock`: its machine's own, where that is wrong."""
        fuse = fuse or Fuse()
        store = FusedStore(store or self.store.changes, fuse)
        writer = writer or FusedWriter(self.cluster, fuse, self.clock)
        authority: Authority = OwnRights(None, "root") if own_rights else PolicyAuthority(self._policy)
        journal = Journal(store, self.store.audit)
        return ChangeService(journal, lambda _: writer, authority, self.diagnose, clock or self.clock)

    def set_policy(self, old: str, new: str) -> None:
        """Edit the policy file and have it read again."""
        path = self._policy_file
        assert path.read_text().count(old) == 1, old
        path.write_text(path.read_text().replace(old, new))
        self._policy.refresh()

    def failing_after_claim(self) -> Any:
        """The database, which answers nothing after the next claim."""
        return LostAfterClaim(self.store.changes)

    def operating_system_user(self) -> Actor:
        """Who presses on the command line."""
        return Actor(Person(user="root"), original=True)

    def remedy(self) -> Remedy:
        first = Step(StepKind.PATCH, "configmap/env", {"says": HEALED})
        steps = (first, Step(StepKind.RESTART, "deployment/web"))[: self.life.steps]
        risk = Risk.HIGH if self.life.approvals else Risk.LOW
        return Remedy(
            "set-config", "set_config", "Set the URL", "configmap/env", "operator", "", steps=steps, risk=risk
        )

    def diagnose(self, _cluster: str = "prod", _app: str = "onyx", _place: str = "onyx") -> Diagnosis:
        """The cause is there while the object says the wrong thing."""
        self.looked()
        healed = self.healing and self.cluster.things["configmap/env"].says == HEALED
        verdict = CauseVerdict.RULED_OUT if healed else CauseVerdict.CONFIRMED
        cause = Cause("internal-url-wrong", verdict, "The URL is wrong", "The URL is wrong.", remedies=(self.remedy(),))
        return Diagnosis(
            app="onyx", app_title="Onyx", namespace="onyx", cluster="prod", collected_at=self.clock.now,
            verdict=Verdict.HEALTHY if healed else Verdict.FAULT_FOUND,
            headline="Onyx is healthy." if healed else "Onyx: the URL is wrong.",
            root_causes=() if healed else (cause,), symptoms=(), causes=(cause,), checks=(), gaps=(),
        )  # fmt: skip

    def live(self, service: ChangeService) -> None:
        """What people do, and what the ticker does, from the offer to the end."""
        offers = service.offer(self.diagnose(), incident_id=self.incident, details={})
        assert len(offers.changes) == 1, offers.withheld
        change = offers.changes[0]
        previewed = service.preview(change.id, ANNA)
        assert isinstance(previewed, Previewed), previewed
        service.request(change.id, ANNA, previewed.change.digest)
        if self.life.approvals:
            service.approve(change.id, BEN)
        self.wait(service)
        if self.life.undone:
            service.undo(change.id, BEN)
            self.wait(service)

    def wait(self, service: ChangeService) -> None:
        """Ticks until nothing is due for any change."""
        for _ in range(400):
            waiting = [change.due_at for change in self.changes() if change.due_at]
            if not waiting:
                return
            self.clock.now = max(self.clock.now + timedelta(seconds=1), min(waiting))
            service.tick(self.clock.now)
        raise AssertionError([(change.state, change.outcome) for change in self.changes()])

    def changes(self) -> list[Change]:
        return list(self.store.changes.of_incident(self.incident))


def kills(steps: Sequence[str]) -> Iterator[Fuse]:
    """One for each step: after it; before and during it too where the cluster is written to."""
    for index, step in enumerate(steps):
        for when in ("before", "after", "late") if step == "apply" or not index else ("after",):
            if when != "late" or step == "apply":
                yield Fuse(index, when)


def policy_in(folder: Path) -> Path:
    """The file of a policy that lets both of them do everything."""
    path = folder / "policy.yaml"
    path.write_text(POLICY)
    return path
