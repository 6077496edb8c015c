"""Clusters the writer's contract is tested on: the simulated one, and (marker `cluster`) the one KUBECONFIG names.

In each there is an account with exactly the rights of `deploy/rbac`, and a namespace in which the roles are bound. On
the real one the ClusterRoles get names of their own, and everything is removed at the end.
"""

from __future__ import annotations

import base64
import json
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from kubernetes import client, config

from bot.adapters.kube import KubernetesWriter, connect, connect_for_writing
from bot.sandbox.account import FILES, bindings, grant_rights, rbac_folder
from bot.sandbox.cluster import SimulatedCluster
from bot.sandbox.cluster.state.served import DEFAULT
from bot.settings import load_settings
from tests.cluster.kubectl import KubectlError, kubectl, read
from tests.contract.kube.simulated_cluster_client import FastClock
from tests.contract.kube.writer_objects import PATHS

Object = dict[str, Any]
PATIENCE_SECONDS = 40
ACCOUNT = "system:serviceaccount:{}:triage"


@dataclass(frozen=True)
class Reply:
    """Status and decoded body of one answer."""

    status: int
    body: Object


class Administrator:
    """A plain client with every right; the tests look and meddle through it."""

    def __init__(self, kubeconfig: str | None) -> None:
        settings = client.Configuration()
        config.load_kube_config(kubeconfig, client_configuration=settings)
        settings.retries = False
        self._client = client.ApiClient(settings)

    def __call__(
        self, method: str, path: str, body: Object | None = None, headers: Mapping[str, str] | None = None
    ) -> Reply:
        content = "application/merge-patch+json" if method == "PATCH" else "application/json"
        sent = {"Content-Type": content, "Accept": "application/json", **(headers or {})}
        _, url, full, _, _ = self._client.param_serialize(
            method, path, header_params=sent, auth_settings=["BearerToken"]
        )
        answer = self._client.call_api(method, url, header_params=full, body=body, _request_timeout=30)
        return Reply(answer.status, json.loads(answer.read()))


@dataclass(frozen=True)
class Deed:
    """One line of the cluster's audit log, as far as the tests look."""

    verb: str
    resource: str
    name: str
    user: str
    groups: tuple[str, ...]
    extra: Mapping[str, tuple[str, ...]]
    authenticated: str
    status: int


@dataclass
class World:
    """A cluster and the bot's account on it. `deeds` are the writes in its namespace that the cluster has recorded."""

    namespace: str
    account: str
    kubeconfig: str
    admin: Administrator
    deeds: Callable[[], list[Deed]]
    simulated: SimulatedCluster | None = None
    _names: Iterator[int] = field(default_factory=lambda: iter(range(10_000)))

    def name(self, kind: str) -> str:
        """A name that nothing has had before."""
        return f"{kind[:6]}-{next(self._names)}"

    def path(self, kind: str, name: str = "") -> str:
        """The path of a list, or of one object."""
        return PATHS[kind].format(self.namespace) + (f"/{name}" if name else "")

    def create(self, item: Object) -> Object:
        """Create an object as the administrator."""
        answer = self.admin("POST", self.path(item["kind"].lower()), item)
        assert answer.status == 201, answer.body
        return answer.body

    def get(self, target: str) -> Object:
        """`kind/name` as it is now."""
        answer = self.admin("GET", self.path(*target.split("/")))
        assert answer.status == 200, answer.body
        return answer.body

    def exists(self, target: str) -> bool:
        """Whether `kind/name` is there."""
        return self.admin("GET", self.path(*target.split("/"))).status == 200

    def patch(self, target: str, body: Object) -> Object:
        """Somebody else changes the object (a merge patch)."""
        answer = self.admin("PATCH", self.path(*target.split("/")), body)
        assert answer.status == 200, answer.body
        return answer.body

    def delete(self, target: str) -> None:
        """Somebody else deletes the object."""
        assert self.admin("DELETE", self.path(*target.split("/"))).status in (200, 202)

    @contextmanager
    def writing(self, timeout_seconds: float = 12) -> Iterator[KubernetesWriter]:
        """A writer with the bot's account, closed at the end."""
        reads = connect(kubeconfig=self.kubeconfig, context=None, in_cluster=False)
        writes = connect_for_writing(kubeconfig=self.kubeconfig, context=None, in_cluster=False)
        with closing(KubernetesWriter(reads, writes, timeout_seconds=timeout_seconds)) as made:
            yield made


def wait_until(condition: Callable[[], bool], what: str, seconds: float = PATIENCE_SECONDS) -> None:
    """Poll until it holds; fail loudly when it never does."""
    ends_at = time.monotonic() + seconds
    pause = 0.02
    while not condition():
        assert time.monotonic() < ends_at, f"never happened: {what}"
        time.sleep(pause)
        pause = min(pause * 1.5, 0.5)


@contextmanager
def sandbox_world(folder: Path, release: str = DEFAULT) -> Iterator[World]:
    """The simulated cluster, twenty times as fast as the wall clock."""
    cluster = SimulatedCluster(clock=FastClock(), release=release)
    cluster.server.tick_seconds = 0.05
    with cluster:
        grant_rights(cluster, rbac_folder(), ("onyx",))
        kubeconfig = cluster.write_kubeconfig(folder / "bot", ACCOUNT.format("triage"), "sandbox")

        def deeds() -> list[Deed]:
            return [
                Deed(
                    seen.asked.verb,
                    seen.asked.resource,
                    seen.asked.name,
                    seen.user,
                    seen.groups,
                    dict(seen.extra),
                    seen.authenticated,
                    seen.status,
                )
                for seen in cluster.writes
                if seen.asked is not None and seen.asked.namespace == "onyx"
            ]

        admin = Administrator(str(cluster.write_kubeconfig(folder / "admin")))
        yield World("onyx", ACCOUNT.format("triage"), str(kubeconfig), admin, deeds, cluster)


@contextmanager
def real_world(folder: Path) -> Iterator[World]:
    """A namespace of its own on the cluster KUBECONFIG names, and the rights under names of their own."""
    mark = uuid.uuid4().hex[:8]
    namespace = f"writer-{mark}"
    kubectl("create", "namespace", namespace)
    rights = list(_renamed_rights(mark, namespace))
    listing = json.dumps({"apiVersion": "v1", "kind": "List", "items": rights})
    try:
        kubectl("apply", "--validate=false", "--filename", "-", stdin=listing)
        kubeconfig = _kubeconfig_of(namespace, folder / "bot")
        log = Path(load_settings().kubeconfig or "").parent / "log" / "audit.log"
        begins_at = log.stat().st_size if log.is_file() else 0
        admin = Administrator(None)
        yield World(
            namespace, ACCOUNT.format(namespace), str(kubeconfig), admin, lambda: _recorded(log, begins_at, namespace)
        )
    finally:
        kubectl("delete", "--wait=false", "--ignore-not-found", "--filename", "-", stdin=listing)
        kubectl("delete", "namespace", namespace, "--wait=false")


def _renamed_rights(mark: str, namespace: str) -> Iterator[Object]:
    """The files as they are, under names that nobody else on the cluster has."""
    files = [item for name in FILES for item in yaml.safe_load_all((rbac_folder() / name).read_text(encoding="utf-8"))]
    for item in (*files, *bindings(namespace)):
        if item["kind"] == "ServiceAccount":
            item["metadata"]["namespace"] = namespace
        else:
            item["metadata"]["name"] += f"-{mark}"
        if "roleRef" in item:
            item["roleRef"]["name"] += f"-{mark}"
        for subject in item.get("subjects") or ():
            if subject["kind"] == "ServiceAccount":
                subject["namespace"] = namespace
        yield item


def _kubeconfig_of(namespace: str, path: Path) -> Path:
    """A kubeconfig of the bot's account in this namespace."""
    document = json.loads(kubectl("config", "view", "--raw", "--minify", "--flatten", "--output", "json"))
    try:
        token = kubectl("create", "token", "triage", "--namespace", namespace).strip()
    except KubectlError:  # before 1.24 every ServiceAccount had a token of its own
        wait_until(lambda: bool(read("sa", "triage", "-n", namespace).get("secrets")), "the account has a token")
        secret = read("sa", "triage", "-n", namespace)["secrets"][0]["name"]
        token = base64.b64decode(read("secret", secret, "-n", namespace)["data"]["token"]).decode()
    document["users"] = [{"name": document["users"][0]["name"], "user": {"token": token}}]
    path.write_text(json.dumps(document))
    return path


def _recorded(log: Path, begins_at: int, namespace: str) -> list[Deed]:
    """The writes in the namespace that the API server's audit log holds since then."""
    found = []
    with log.open("rb") as lines:
        lines.seek(begins_at)
        for line in lines:
            if not line.endswith(b"\n") or namespace.encode() not in line:
                continue
            event = json.loads(line)
            about = event.get("objectRef") or {}
            tried = "dryRun=All" in event["requestURI"] or event["verb"] in ("get", "list", "watch")
            if event["stage"] != "ResponseComplete" or tried or about.get("namespace") != namespace:
                continue
            who = event.get("impersonatedUser") or event["user"]
            found.append(
                Deed(
                    event["verb"],
                    about["resource"],
                    about.get("name", ""),
                    who["username"],
                    tuple(who.get("groups") or ()),
                    {key: tuple(values) for key, values in (who.get("extra") or {}).items()},
                    event["user"]["username"],
                    event["responseStatus"]["code"],
                )
            )
    return found
