"""A broken Onyx in the simulated cluster, a policy, a database, and the change service over all of it.

Everything is the real thing but the clock, which is the simulated cluster's and moves only when a test moves it.
"""

from __future__ import annotations

import atexit
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from bot.adapters.kube import KubernetesReader, KubernetesWriter, connect, connect_for_writing
from bot.adapters.kube.write.sending import FENCE_MANAGER
from bot.adapters.store.store import Store, open_store
from bot.changes.actor import Actor
from bot.changes.authority import OwnRights, PolicyAuthority
from bot.changes.deps import Authority
from bot.changes.journal import Journal
from bot.changes.policy.source import PolicySource
from bot.changes.ports import AuditLog, ChangeStore, ClusterWriter
from bot.changes.results import Previewed, Requested
from bot.changes.service import ChangeService
from bot.diagnosis.ports import TriageRequest
from bot.diagnosis.service import TriageService
from bot.domain.changes import Change, ChangeState, Person
from bot.domain.diagnosis import Diagnosis
from bot.playbook.loaded import PlaybookSet
from bot.sandbox.cluster import SimulatedCluster
from tests.contract.kube.simulated_cluster_client import noon
from tests.support.shipped import shipped_playbooks

TEAM, CHANNEL = "T0HOME0000", "C0INCIDENT"
ANNA, BEN, CARL, EVE = "U0ANNA0000", "U0BEN00000", "U0CARL0000", "U0EVE00000"
"""Anna and Ben are operators, Carl is an admin, Eve holds nothing."""

POLICY = """\
schema: triage/policy/v1
kind: policy
enabled: true
team: T0HOME0000
roles:
  operator:
    may: [restart, scale_up, raise_memory, fix_probe, set_config, restart_caller, fix_service_selector, allow_route]
    apps: [onyx]
    namespaces: [onyx]
    clusters: ["*"]
    held_by: {users: [U0ANNA0000, U0BEN00000]}
  admin:
    includes: [operator]
    may: [low, medium, high]
    apps: ["*"]
    namespaces: ["*"]
    clusters: ["*"]
    held_by: {users: [U0CARL0000]}
approvals: {low: 0, medium: 0, high: 1}
bounds:
  memory_limit: {min: 64Mi, max: 8Gi}
  replicas: {max: 5}
  port: {min: 1, max: 65535}
budgets: {per_person_per_hour: 10, per_workload_per_hour: 5, per_hour: 30}
expiry: {offer: 30m, approval: 10m}
verify: {for: 5m}
withdraw_after: 2
"""


@cache
def playbooks() -> PlaybookSet:
    """The program's playbooks, loaded once for all tests."""
    return shipped_playbooks()


def person(user: str = ANNA, **facts: Any) -> Actor:
    """A full member who presses a button of the original card, or whatever the facts make of them."""
    team = facts.pop("team", TEAM)
    known = {"is_full_member": True, "original": True, "channel": CHANNEL, "place": f"{CHANNEL}/1.2", **facts}
    return Actor(Person(user=user, team=team, name=user[2:5].title()), **known)


def as_admin() -> Actor:
    """Carl, who may do everything."""
    return person(CARL)


@dataclass
class Stage:
    """One broken app and everything that can change it. `cluster.now()` is everybody's clock."""

    cluster: Any
    folder: Path
    url: str
    policy: PolicySource
    writer: KubernetesWriter
    reader: KubernetesReader
    store: Store

    def __post_init__(self) -> None:
        self.triage = TriageService(playbooks, lambda: self.reader)
        self.service = self.another()
        self._known: tuple[datetime, Diagnosis] | None = None
        self._written = len(self.cluster.writes)

    def another(
        self,
        *,
        store: ChangeStore | None = None,
        audit: AuditLog | None = None,
        writer: Callable[[str], ClusterWriter] | None = None,
        own_rights: bool = False,
    ) -> ChangeService:
        """One more replica, with the same database unless it brings its own."""
        journal = Journal(store or self.store.changes, audit or self.store.audit)
        authority: Authority = OwnRights(None, "root") if own_rights else PolicyAuthority(self.policy)
        return ChangeService(journal, writer or self.to_cluster, authority, self.diagnose, self.cluster.now)

    def to_cluster(self, _cluster: str) -> ClusterWriter:
        """The real writer."""
        return self.writer

    def diagnose(self, _cluster: str = "", app: str = "onyx", place: str = "onyx") -> Diagnosis:
        """The real diagnosis, now."""
        found = self.triage.diagnose(TriageRequest(app, place), lambda _: None)
        assert isinstance(found, Diagnosis)
        return found

    def known(self, kind: str) -> Diagnosis:
        """The diagnosis with this kind of remedy alone, as others only cost time; read anew when time has passed."""
        if self._known is None or self._known[0] != self.cluster.now():
            self._known = (self.cluster.now(), self.diagnose())
        found = self._known[1]
        roots = tuple(
            replace(cause, remedies=tuple(item for item in cause.remedies if item.kind == kind))
            for cause in found.root_causes
        )
        return replace(found, root_causes=roots)

    def offered(self, kind: str, incident: str = "i1") -> Change:
        """The offer of this kind of remedy for what is broken now."""
        offers = self.service.offer(self.known(kind), incident_id=incident, details={})
        found = [change for change in offers.changes if change.remedy.kind == kind]
        assert found, (offers, [item.reason for item in offers.withheld])
        return found[0]

    def previewed(self, kind: str, who: Actor | None = None, incident: str = "i1") -> Change:
        """The same, looked at by Anna."""
        answer = self.service.preview(self.offered(kind, incident).id, who or person())
        assert isinstance(answer, Previewed), answer
        return answer.change

    def requested(self, kind: str, who: Actor | None = None, incident: str = "i1") -> Change:
        """The same, asked for by Anna."""
        change = self.previewed(kind, who, incident)
        answer = self.service.request(change.id, who or person(), change.digest)
        assert isinstance(answer, Requested), answer
        return answer.change

    def change(self, change_id: str) -> Change:
        """As it is in the database now."""
        found = self.store.changes.get(change_id)
        assert found is not None
        return found

    def until_done(self, change_id: str, service: ChangeService | None = None, seconds: int = 900) -> Change:
        """Let time pass, second by second, with a tick each, until the change has its outcome."""
        for _ in range(seconds):
            change = self.change(change_id)
            if change.due_at is None:
                return change
            self.cluster.advance(1)
            if change.due_at <= self.cluster.now():
                (service or self.service).tick(self.cluster.now())
        raise AssertionError(f"no outcome after {seconds} s: {self.change(change_id)}")

    def set_policy(self, *changes: tuple[str, str]) -> None:
        """Edit the policy file and have it read again."""
        path = self.folder / "policy.yaml"
        text = path.read_text()
        for old, new in changes:
            assert text.count(old) == 1, old
            text = text.replace(old, new)
        path.write_text(text)
        self.policy.refresh()

    def states(self, change_id: str) -> list[str]:
        """The states it went through, by the audit log."""
        return [
            entry.event.removeprefix("change.")
            for entry in self.store.audit.entries(about=change_id, newest=200)
            if entry.event.startswith("change.")
        ]

    def refusals(self, change_id: str) -> list[str]:
        """The codes of the refusals in the audit log, oldest first."""
        entries = self.store.audit.entries(about=change_id, newest=200)
        return [str(entry.detail["code"]) for entry in entries if entry.event == "refused"]

    def writes(self) -> list[Any]:
        """Writes that took effect in the cluster, other than dry runs, and fences, which say nothing new."""
        found = list(self.cluster.writes)[self._written :]
        return [one for one in found if ("fieldManager", FENCE_MANAGER) not in one.query]


def allow(cluster: Any, role: str = "operator", verbs: tuple[str, ...] = ("get", "patch", "create", "delete")) -> None:
    """The cluster's own RBAC for a role of the policy."""
    resources = ["deployments", "statefulsets", "services", "configmaps", "networkpolicies"]
    rule = {"apiGroups": ["", "apps", "networking.k8s.io"], "resources": resources, "verbs": list(verbs)}
    meta = {"name": f"triage-{role}", "namespace": "onyx"}
    rbac = "rbac.authorization.k8s.io"
    cluster.apply({"apiVersion": f"{rbac}/v1", "kind": "Role", "metadata": meta, "rules": [rule]})
    binding = {
        "apiVersion": f"{rbac}/v1",
        "kind": "RoleBinding",
        "metadata": meta,
        "subjects": [{"kind": "Group", "apiGroup": rbac, "name": f"triage:{role}"}],
        "roleRef": {"kind": "Role", "name": f"triage-{role}", "apiGroup": rbac},
    }
    cluster.apply(binding)


@cache
def _cluster() -> SimulatedCluster:
    """One cluster for all tests of this process: to break it anew is cheaper than to make one."""
    cluster = SimulatedCluster(clock=noon)
    cluster.start()
    atexit.register(cluster.stop)
    for role in ("operator", "admin"):
        allow(cluster, role)
    return cluster


@contextmanager
def stage(fault: str, folder: Path, *, url: str = "sqlite://", policy: str = POLICY) -> Iterator[Stage]:
    """Everything put together, with a fault."""
    cluster = _cluster()
    cluster.behave()
    cluster.inject(fault)
    path = folder / "policy.yaml"
    path.write_text(policy)
    kubeconfig = str(cluster.write_kubeconfig(folder / "kubeconfig"))
    reads = connect(kubeconfig=kubeconfig, context=None, in_cluster=False)
    writes = connect_for_writing(kubeconfig=kubeconfig, context=None, in_cluster=False)
    store, writer = open_store(url, cluster.now), KubernetesWriter(reads, writes)
    reader = KubernetesReader(reads, deadline_seconds=20)
    try:
        yield Stage(cluster, folder, url, PolicySource(path), writer, reader, store)
    finally:
        store.close()


__all__ = ["ANNA", "BEN", "CARL", "EVE", "Change", "ChangeState", "Stage", "allow", "person", "stage"]
