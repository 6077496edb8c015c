"""Objects as an API server lists them (no kind, nulls, managedFields), for the stub. A small, broken Onyx."""

from typing import Any

Object = dict[str, Any]

NAMESPACE = "onyx"
PASSWORD = "pa55word-that-must-not-surface"


def metadata(name: str, **more: Any) -> Object:
    """Metadata with what real servers add."""
    return {
        "name": name,
        "namespace": NAMESPACE,
        "uid": f"uid-{name}",
        "resourceVersion": "7",
        "creationTimestamp": "2026-11-02T09:00:00Z",
        "managedFields": [{"manager": "kubectl", "operation": "Update", "time": "2026-11-02T09:00:00Z"}],
        **more,
    }


def environment() -> list[Object]:
    """Variables of every sort: wanted, not wanted, empty, by reference, with credentials in a URL."""
    return [
        {"name": "INTERNAL_URL", "value": f"http://web:{PASSWORD}@api-server:8080/api"},
        {"name": "EMPTY_URL"},
        {"name": "POSTGRES_PASSWORD", "value": PASSWORD},
        {"name": "API_KEY", "valueFrom": {"secretKeyRef": {"name": "keys", "key": "api"}}},
        {"name": "HOST_URL", "valueFrom": {"configMapKeyRef": {"name": "web-server-config", "key": "HOST_URL"}}},
    ]


def pod_spec(container: str = "api-server") -> Object:
    """A pod template's spec."""
    return {
        "nodeName": "node-1",
        "containers": [
            {
                "name": container,
                "image": "onyxdotapp/onyx-backend:latest",
                "command": ["/bin/sh", "-c", "sleep 1 # " + "x" * 400],
                "args": ["--database", f"postgres://onyx:{PASSWORD}@db:5432/onyx"],
                "env": environment(),
                "envFrom": [{"configMapRef": {"name": "web-server-config"}}, {"secretRef": {"name": "keys"}}],
                "ports": [{"name": "http", "containerPort": 8080}],
                "resources": {"limits": {"memory": "2Gi", "cpu": 1}},
            }
        ],
        "initContainers": None,
    }


def pod(name: str, *, ready: bool = False, container: str = "api-server") -> Object:
    """A pod that was killed for memory, or a ready one."""
    killed = {"terminated": {"exitCode": 137, "reason": "OOMKilled", "finishedAt": "2026-11-02T10:08:00Z"}}
    past = {"restartCount": 0, "lastState": {}} if ready else {"restartCount": 5, "lastState": killed}
    return {
        "metadata": metadata(
            name,
            labels={"app": "api-server"},
            annotations={
                "kubectl.kubernetes.io/last-applied-configuration": f'{{"password": "{PASSWORD}"}}',
                "kubectl.kubernetes.io/restartedAt": "2026-11-02T09:59:00Z",
            },
            ownerReferences=[{"kind": "ReplicaSet", "name": "api-server-1", "uid": "uid-rs", "controller": True}],
        ),
        "spec": pod_spec(container),
        "status": {
            "phase": "Running",
            "podIP": "10.1.2.3",
            "conditions": [{"type": "Ready", "status": str(ready), "lastProbeTime": None}],
            "containerStatuses": [
                {"name": container, "ready": ready, "state": {"running": {"startedAt": None}}, **past}
            ],
        },
    }


def workload(name: str) -> Object:
    """A Deployment, StatefulSet or ReplicaSet."""
    return {
        "metadata": metadata(name),
        "spec": {
            "replicas": 0,
            "selector": {"matchLabels": {"app": name}},
            "template": {"metadata": {"creationTimestamp": None, "labels": {"app": name}}, "spec": pod_spec(name)},
        },
        "status": {"observedGeneration": 2, "readyReplicas": 0},
    }


def service(name: str = "api-server", kind: str = "ClusterIP") -> Object:
    """A Service of one port."""
    ports = [{"name": "http", "port": 8080, "targetPort": "http", "protocol": "TCP"}]
    spec = {"type": kind, "clusterIP": "172.30.154.48", "selector": {"app": name}, "ports": ports}
    return {"metadata": metadata(name), "spec": spec, "status": {"loadBalancer": {}}}


def endpoint_slice(service_name: str = "api-server", ready: bool | None = False) -> Object:
    """A slice with one pod behind it."""
    target = {"kind": "Pod", "name": "api-server-1-a", "namespace": NAMESPACE}
    return {
        "metadata": metadata(f"{service_name}-x1", labels={"kubernetes.io/service-name": service_name}),
        "addressType": "IPv4",
        "endpoints": [{"addresses": ["10.1.2.3"], "conditions": {"ready": ready}, "targetRef": target}],
        "ports": [{"name": "http", "port": 8080, "protocol": "TCP"}],
    }


def endpoints(name: str = "api-server") -> Object:
    """The older form: two subsets, one of them with addresses that are not ready."""
    pod_a = {"kind": "Pod", "name": "api-server-1-a"}
    ports = [{"name": "http", "port": 8080, "protocol": "TCP"}]
    return {
        "metadata": metadata(name),
        "subsets": [
            {"notReadyAddresses": [{"ip": "10.1.2.3", "targetRef": pod_a}], "ports": ports},
            {"addresses": [{"ip": "10.1.2.4"}], "ports": ports},
        ],
    }


def config_map() -> Object:
    """INTERNAL_URL was written twice, by two managers."""
    fields = {"f:data": {".": {}, "f:INTERNAL_URL": {}, "f:OPENAI_KEY": {}}}
    return {
        "metadata": metadata(
            "web-server-config",
            managedFields=[
                {"manager": "helm", "time": "2026-11-02T08:00:00Z", "fieldsV1": fields},
                {"manager": "kubectl", "time": "2026-11-02T09:30:00Z", "fieldsV1": {"f:data": {"f:INTERNAL_URL": {}}}},
                {"manager": "old", "fieldsV1": None},
            ],
        ),
        "data": {"INTERNAL_URL": f"http://u:{PASSWORD}@api-server:8080", "OPENAI_KEY": PASSWORD},
        "binaryData": {"logo.png": "AAAA"},
    }


def event(name: str, moment: str | None, **more: Any) -> Object:
    """A core/v1 Event as legacy reporters write it."""
    return {
        "metadata": metadata(name),
        "involvedObject": {"kind": "Pod", "name": "api-server-1-a", "namespace": NAMESPACE},
        "type": "Warning",
        "reason": "BackOff",
        "message": "Back-off restarting failed container",
        "count": 3,
        "eventTime": None,
        "series": None,
        "lastTimestamp": moment,
        **more,
    }


def named(name: str, **more: Any) -> Object:
    """Any other object."""
    return {"metadata": metadata(name), **more}


def broken_onyx() -> dict[tuple[str, str], list[Any]]:
    """Everything the stub serves unless a test says otherwise."""
    conditions = [{"type": "Ready", "status": "True"}]
    return {
        ("namespaces", ""): [named("onyx"), named("default"), named("other")],
        ("nodes", ""): [named("node-1", status={"conditions": conditions})],
        ("pods", NAMESPACE): [pod("api-server-1-a"), pod("api-server-1-b", ready=True)],
        ("services", NAMESPACE): [service()],
        ("endpointslices", NAMESPACE): [endpoint_slice()],
        ("endpoints", NAMESPACE): [endpoints()],
        ("deployments", NAMESPACE): [workload("api-server")],
        ("replicasets", NAMESPACE): [workload("api-server-1")],
        ("statefulsets", NAMESPACE): [workload("postgres")],
        ("configmaps", NAMESPACE): [config_map()],
        ("networkpolicies", NAMESPACE): [
            named("deny", spec={"podSelector": {}, "policyTypes": ["Ingress"], "ingress": [{"from": None}]})
        ],
        ("events", NAMESPACE): [event("late", "2026-11-02T10:09:00Z"), event("early", "2026-11-02T10:01:00Z")],
        ("resourcequotas", NAMESPACE): [named("quota", status={"hard": {"pods": 4}, "used": {"pods": "4"}})],
        ("persistentvolumeclaims", NAMESPACE): [named("data", status={"phase": "Bound"})],
        ("services", "other"): [service("redis"), service("alias", "ExternalName")],
        ("endpointslices", "other"): [endpoint_slice("redis", ready=None), endpoint_slice("unrelated", ready=True)],
    }
