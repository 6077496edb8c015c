"""Clusters the reader's contract is tested on: the stub, the sandbox' simulated cluster, and a real one.

Each world holds an Onyx-like app with a Service behind which a pod is ready, a container that has ended before, and a
Service with nobody behind it. The real one is the cluster KUBECONFIG names: the app gets a namespace of its own there,
which is removed at the end.
"""

import base64
import json
import time
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bot.sandbox.cluster import SimulatedCluster
from bot.sandbox.cluster.state.served import DEFAULT
from bot.settings import load_settings
from tests.cluster.kubectl import KubectlError, kubectl, read
from tests.contract.kube.cluster_objects import NAMESPACE, broken_onyx, endpoint_slice, endpoints, pod, service
from tests.contract.kube.cluster_stub import StubCluster, always, as_json, status

Object = dict[str, Any]
MANIFEST = Path(__file__).parents[2] / "cluster" / "onyx-like.yaml"
READY_SECONDS = 120


@dataclass(frozen=True)
class World:
    """A cluster, seen by an account that may read everything and by a stranger who may read nothing.

    `service` and `deserted` are the name and port of Services with somebody and nobody behind them, `ended` the pod and
    container that ran before.
    """

    kubeconfig: str | None
    stranger_kubeconfig: str
    namespace: str
    service: tuple[str, str]
    deserted: tuple[str, str]
    ended: tuple[str, str]
    raw: Callable[[str], Any]
    health_path: str = "/health"

    def names(self, group: str, plural: str) -> list[str]:
        """The names in a list of the namespace, without the reader."""
        items = self.raw(f"/{group}/namespaces/{self.namespace}/{plural}")["items"]
        return sorted(item["metadata"]["name"] for item in items)


@contextmanager
def stub_world(folder: Path) -> Iterator[World]:
    """The stub: the broken Onyx with a second, ready pod behind its Service."""
    objects = broken_onyx()
    ready = endpoint_slice(ready=True)
    ready["endpoints"][0]["targetRef"]["name"] = "api-server-1-b"
    objects["endpointslices", NAMESPACE] = [ready]
    both = endpoints()
    both["subsets"] = [{"addresses": [{"ip": "10.1.2.3", "targetRef": {"kind": "Pod", "name": "api-server-1-b"}}]}]
    objects["endpoints", NAMESPACE] = [both]
    objects["services", NAMESPACE].append(service("deserted"))
    objects["pods", NAMESPACE] = [pod("api-server-1-a"), pod("api-server-1-b", ready=True)]
    ok, nobody = as_json({"success": True}), status(503, 'no endpoints available for service "deserted"')
    stub = StubCluster(
        objects,
        logs={("api-server-1-a", "api-server", True): b"Uvicorn running\nKilled\n"},
        health={
            "pods/api-server-1-b:8080/health": always(ok),
            "services/api-server:8080/health": always(ok),
            "services/deserted:8080/health": always(nobody),
        },
        stranger="stranger-token",
    )
    with stub:
        kubeconfig = stub.write_kubeconfig(folder / "kubeconfig")
        yield World(
            kubeconfig=str(kubeconfig),
            stranger_kubeconfig=str(stub.write_kubeconfig(folder / "stranger", token="stranger-token")),
            namespace=NAMESPACE,
            service=("api-server", "8080"),
            deserted=("deserted", "8080"),
            ended=("api-server-1-a", "api-server"),
            raw=_getter(kubeconfig),
        )


@contextmanager
def sandbox_world(folder: Path, release: str = DEFAULT) -> Iterator[World]:
    """The simulated cluster: the API server crashes, the web server is well."""
    with SimulatedCluster(release=release) as cluster:
        cluster.inject("api-crash-looping")
        kubeconfig = cluster.write_kubeconfig(folder / "kubeconfig", "admin")
        raw = _getter(kubeconfig)
        deserted = service("deserted")
        deserted["metadata"] = {"name": "deserted"}
        deserted["spec"] = {"selector": {"app": "nobody"}, "ports": [{"port": 8080}]}
        _post(kubeconfig, "/api/v1/namespaces/onyx/services", {"apiVersion": "v1", "kind": "Service", **deserted})
        cluster.tick()
        yield World(
            kubeconfig=str(kubeconfig),
            stranger_kubeconfig=str(cluster.write_kubeconfig(folder / "stranger", "nobody")),
            namespace="onyx",
            service=("web-server", "3000"),
            deserted=("deserted", "8080"),
            ended=_ended(raw("/api/v1/namespaces/onyx/pods")["items"]),
            raw=raw,
            health_path="/",
        )


@contextmanager
def real_world(folder: Path) -> Iterator[World]:
    """A namespace of its own on the cluster KUBECONFIG names."""
    namespace = f"reader-{uuid.uuid4().hex[:8]}"
    kubectl("create", "namespace", namespace)
    try:
        _apply_app(namespace)
        yield World(
            kubeconfig=load_settings().kubeconfig,
            stranger_kubeconfig=str(_stranger(namespace, folder / "stranger")),
            namespace=namespace,
            service=("api-server", "8080"),
            deserted=("deserted", "8080"),
            ended=_ended(read("pods", "--namespace", namespace)["items"]),
            raw=lambda path: json.loads(kubectl("get", "--raw", path)),
        )
    finally:
        kubectl("delete", "namespace", namespace, "--wait=false")


def _ended(pods: list[Object]) -> tuple[str, str]:
    """A pod and container that ran before."""
    return next(
        (item["metadata"]["name"], one["name"])
        for item in pods
        for one in item["status"].get("containerStatuses", ())
        if "terminated" in one.get("lastState", {})
    )


def _credentials(kubeconfig: Path) -> tuple[str, str]:
    document = yaml.safe_load(kubeconfig.read_text())
    name = document["current-context"]
    context = next(item["context"] for item in document["contexts"] if item["name"] == name)
    cluster = next(item["cluster"] for item in document["clusters"] if item["name"] == context["cluster"])
    user = next(item["user"] for item in document["users"] if item["name"] == context["user"])
    return cluster["server"], user["token"]


def _getter(kubeconfig: Path) -> Callable[[str], Any]:
    def get(path: str) -> Any:
        return _send(kubeconfig, path, None)

    return get


def _post(kubeconfig: Path, path: str, body: Object) -> Any:
    return _send(kubeconfig, path, json.dumps(body).encode())


def _send(kubeconfig: Path, path: str, body: bytes | None) -> Any:
    server, token = _credentials(kubeconfig)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    request = urllib.request.Request(server + path, data=body, headers=headers)
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=30) as answer:
        return json.load(answer)


def _apply_app(namespace: str) -> None:
    objects = [item for item in yaml.safe_load_all(MANIFEST.read_text()) if item["kind"] != "Namespace"]
    for item in objects:
        item["metadata"]["namespace"] = namespace
        item["spec"] = {key: value for key, value in item.get("spec", {}).items() if key != "clusterIP"}
        if not item["spec"]:
            del item["spec"]
    image = next(i for i in objects if i["kind"] == "Deployment")["spec"]["template"]["spec"]["containers"][0]["image"]
    ends = {"name": "job", "image": image, "imagePullPolicy": "IfNotPresent", "command": ["/bin/sh", "-c"]}
    # It ends once: of a container that goes on ending, the node may have removed the run that its status still names.
    ends["args"] = [
        "[ -e /once/ran ] && exec sleep 3600; touch /once/ran; echo started; echo 'boom: no such table'; exit 3"
    ]
    ends["volumeMounts"] = [{"name": "once", "mountPath": "/once"}]
    once = {"containers": [ends], "volumes": [{"name": "once", "emptyDir": {}}], "terminationGracePeriodSeconds": 0}
    objects.append(_object("Pod", "ends", namespace, once))
    deserted = {"selector": {"app": "nobody"}, "ports": [{"port": 8080}]}
    objects.append(_object("Service", "deserted", namespace, deserted))
    listing = {"apiVersion": "v1", "kind": "List", "items": objects}
    kubectl("apply", "--validate=false", "--filename", "-", stdin=json.dumps(listing))
    for name in ("api-server", "web-server"):
        kubectl("rollout", "status", f"deployment/{name}", "-n", namespace, seconds=READY_SECONDS)
    _wait_until_it_has_ended(namespace)


def _object(kind: str, name: str, namespace: str, spec: Object) -> Object:
    return {"apiVersion": "v1", "kind": kind, "metadata": {"name": name, "namespace": namespace}, "spec": spec}


def _wait_until_it_has_ended(namespace: str) -> None:
    """Until the kubelet has restarted the pod once."""
    ends_at = time.monotonic() + READY_SECONDS
    restarts = "jsonpath={.status.containerStatuses[0].restartCount}"
    while kubectl("get", "pod", "ends", "--namespace", namespace, "--output", restarts).strip() in {"", "0"}:
        if time.monotonic() > ends_at:
            raise AssertionError("the pod `ends` was not restarted in time")


def _stranger(namespace: str, path: Path) -> Path:
    """A kubeconfig of the namespace's own ServiceAccount, which has no rights."""
    document = json.loads(kubectl("config", "view", "--raw", "--minify", "--flatten", "--output", "json"))
    try:
        token = kubectl("create", "token", "default", "--namespace", namespace).strip()
    except KubectlError:  # before 1.24 every ServiceAccount had a token of its own
        encoded = "jsonpath={.items[?(@.type=='kubernetes.io/service-account-token')].data.token}"
        token = _decoded(kubectl("get", "secrets", "--namespace", namespace, "--output", encoded).split()[0])
    document["users"] = [{"name": document["users"][0]["name"], "user": {"token": token}}]
    path.write_text(json.dumps(document))
    return path


def _decoded(text: str) -> str:
    return base64.b64decode(text).decode()
