"""The fields the API server fills in when a client leaves them out.

Called by the registry on create and on every change, in place on the caller's own copy. Covers what the sandbox' kinds
show in `kubectl get -o yaml` and what the controllers rely on; kinds not listed are stored as given.
"""

from __future__ import annotations

import base64
from collections.abc import Callable

from bot.sandbox.cluster.state.kinds import Kind
from bot.sandbox.cluster.state.values import Object, safe_hash

CLUSTER_IP_PREFIX = "172.30"
"""The Service network, as OpenShift has it."""


def fill_defaults(kind: Kind, item: Object) -> None:
    """Fill in what is missing, in place."""
    filler = _FILLERS.get(kind.storage)
    if filler is not None:
        filler(item)


def _namespace(item: Object) -> None:
    meta = item["metadata"]
    meta.setdefault("labels", {})["kubernetes.io/metadata.name"] = meta["name"]
    item.setdefault("spec", {}).setdefault("finalizers", ["kubernetes"])
    item.setdefault("status", {}).setdefault("phase", "Active")


def _secret(item: Object) -> None:
    item.setdefault("type", "Opaque")
    for key, text in (item.pop("stringData", None) or {}).items():
        item.setdefault("data", {})[key] = base64.b64encode(str(text).encode()).decode()


def _pod(item: Object) -> None:
    fill_pod_spec(item.setdefault("spec", {}))
    for container in item["spec"].get("containers") or []:
        resources = container["resources"]
        for name, value in (resources.get("limits") or {}).items():
            resources.setdefault("requests", {}).setdefault(name, value)
    item["spec"].setdefault("serviceAccountName", "default")
    item["spec"].setdefault("serviceAccount", item["spec"]["serviceAccountName"])
    item["spec"].setdefault("enableServiceLinks", True)
    item["spec"].setdefault("preemptionPolicy", "PreemptLowerPriority")
    item["spec"].setdefault("priority", 0)
    tolerations = item["spec"].setdefault("tolerations", [])
    for taint in ("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"):
        if not any(entry.get("key") == taint for entry in tolerations):
            tolerations.append({"key": taint, "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300})
    item.setdefault("status", {}).setdefault("phase", "Pending")
    item["status"].setdefault("qosClass", quality_of_service(item["spec"]))


def quality_of_service(spec: Object) -> str:
    """Guaranteed, Burstable or BestEffort."""
    resources = [container.get("resources") or {} for container in spec.get("containers") or []]
    if not any(entry.get("requests") or entry.get("limits") for entry in resources):
        return "BestEffort"
    names = {"cpu", "memory"}
    equal = all(
        set(entry.get("limits") or {}) >= names and entry.get("limits") == entry.get("requests") for entry in resources
    )
    return "Guaranteed" if equal else "Burstable"


def fill_pod_spec(spec: Object) -> None:
    """Defaults of a pod template or a pod, in place."""
    spec.setdefault("restartPolicy", "Always")
    spec.setdefault("dnsPolicy", "ClusterFirst")
    spec.setdefault("terminationGracePeriodSeconds", 30)
    spec.setdefault("schedulerName", "default-scheduler")
    spec.setdefault("securityContext", {})
    for group in ("containers", "initContainers"):
        for container in spec.get(group) or []:
            _container(container)
    for volume in spec.get("volumes") or []:
        for source in ("configMap", "secret", "projected"):
            if source in volume:
                volume[source].setdefault("defaultMode", 420)


def _container(container: Object) -> None:
    image = str(container.get("image", ""))
    untagged = ":" not in image.rsplit("/", 1)[-1]
    latest = untagged or image.endswith(":latest")
    container.setdefault("imagePullPolicy", "Always" if latest else "IfNotPresent")
    container.setdefault("resources", {})
    container.setdefault("terminationMessagePath", "/dev/termination-log")
    container.setdefault("terminationMessagePolicy", "File")
    for port in container.get("ports") or []:
        port.setdefault("protocol", "TCP")
    for name in ("readinessProbe", "livenessProbe", "startupProbe"):
        if container.get(name):
            _probe(container[name])


def _probe(probe: Object) -> None:
    for field, value in (
        ("timeoutSeconds", 1),
        ("periodSeconds", 10),
        ("successThreshold", 1),
        ("failureThreshold", 3),
    ):
        probe.setdefault(field, value)
    if "httpGet" in probe:
        probe["httpGet"].setdefault("scheme", "HTTP")
        probe["httpGet"].setdefault("path", "/")


def _template(item: Object) -> None:
    template = item.setdefault("spec", {}).setdefault("template", {})
    template.setdefault("metadata", {}).setdefault("creationTimestamp", None)
    fill_pod_spec(template.setdefault("spec", {}))


def _deployment(item: Object) -> None:
    _template(item)
    spec = item["spec"]
    spec.setdefault("replicas", 1)
    spec.setdefault("revisionHistoryLimit", 10)
    spec.setdefault("progressDeadlineSeconds", 600)
    strategy = spec.setdefault("strategy", {})
    if strategy.setdefault("type", "RollingUpdate") == "RollingUpdate":
        rolling = strategy.setdefault("rollingUpdate", {})
        rolling.setdefault("maxUnavailable", "25%")
        rolling.setdefault("maxSurge", "25%")


def _replica_set(item: Object) -> None:
    _template(item)
    item["spec"].setdefault("replicas", 1)


def _stateful_set(item: Object) -> None:
    _template(item)
    spec = item["spec"]
    spec.setdefault("replicas", 1)
    spec.setdefault("podManagementPolicy", "OrderedReady")
    spec.setdefault("revisionHistoryLimit", 10)
    spec.setdefault("persistentVolumeClaimRetentionPolicy", {"whenDeleted": "Retain", "whenScaled": "Retain"})
    spec.setdefault("updateStrategy", {"type": "RollingUpdate", "rollingUpdate": {"partition": 0}})
    for claim in spec.get("volumeClaimTemplates") or []:
        claim.setdefault("apiVersion", "v1")
        claim.setdefault("kind", "PersistentVolumeClaim")


def _service(item: Object) -> None:
    spec = item.setdefault("spec", {})
    if spec.setdefault("type", "ClusterIP") == "ExternalName":
        return
    spec.setdefault("clusterIP", cluster_ip(f"{item['metadata'].get('namespace')}/{item['metadata'].get('name')}"))
    spec.setdefault("clusterIPs", [spec["clusterIP"]])
    spec.setdefault("sessionAffinity", "None")
    spec.setdefault("ipFamilies", ["IPv4"])
    spec.setdefault("ipFamilyPolicy", "SingleStack")
    spec.setdefault("internalTrafficPolicy", "Cluster")
    for port in spec.get("ports") or []:
        port.setdefault("protocol", "TCP")
        port.setdefault("targetPort", port.get("port"))
    item.setdefault("status", {"loadBalancer": {}})


def cluster_ip(identity: str) -> str:
    """The address of a Service in the simulated Service network: the same for the same namespace and name."""
    digits = [ord(letter) for letter in safe_hash(identity, 6)]
    return f"{CLUSTER_IP_PREFIX}.{16 + (digits[0] * 7 + digits[1]) % 230}.{1 + (digits[2] * 11 + digits[3]) % 250}"


def _claim(item: Object) -> None:
    item.setdefault("spec", {}).setdefault("volumeMode", "Filesystem")
    item["spec"].setdefault("storageClassName", "standard")
    item.setdefault("status", {}).setdefault("phase", "Pending")


def _network_policy(item: Object) -> None:
    spec = item.setdefault("spec", {})
    spec.setdefault("podSelector", {})
    if "policyTypes" not in spec:
        spec["policyTypes"] = ["Ingress", *(["Egress"] if spec.get("egress") else [])]
    for side in ("ingress", "egress"):
        for rule in spec.get(side) or []:
            for port in rule.get("ports") or []:
                port.setdefault("protocol", "TCP")


_FILLERS: dict[str, Callable[[Object], None]] = {
    "namespaces": _namespace,
    "secrets": _secret,
    "pods": _pod,
    "services": _service,
    "persistentvolumeclaims": _claim,
    "deployments.apps": _deployment,
    "replicasets.apps": _replica_set,
    "daemonsets.apps": _template,
    "statefulsets.apps": _stateful_set,
    "networkpolicies.networking.k8s.io": _network_policy,
}
