"""Objects, and what somebody with the rights of a role might do to them: what, of what, which field, which value."""

from __future__ import annotations

from typing import Any

from bot.engine.remedies.policies import DNS_PEERS
from tests.contract.kube.writer_objects import config_map, deployment, network_policy, service, stateful_set

Object = dict[str, Any]
DEPLOYMENT = deployment("api", "onyx", 1)
STATEFUL_SET = stateful_set("postgres", "onyx", 1)
SERVICE = service("api", "onyx")
CONFIG_MAP = config_map("settings", "onyx")
POLICY = network_policy("allow-web-to-api") | {"metadata": {"name": "allow-web-to-api", "namespace": "onyx"}}
EGRESS: Object = {
    **POLICY,
    "spec": {
        "podSelector": {"matchLabels": {"app": "web"}},
        "policyTypes": ["Egress"],
        "egress": [
            {"to": [{"podSelector": {"matchLabels": {"app": "api"}}}], "ports": [{"protocol": "TCP", "port": 8080}]},
            {
                "to": [*DNS_PEERS],
                "ports": [{"protocol": kind, "port": port} for port in (53, 5353) for kind in ("UDP", "TCP")],
            },
        ],
    },
}
NEW_SERVICE: Object = {
    "apiVersion": "v1",
    "kind": "Service",
    "metadata": {"name": "api", "namespace": "onyx", "annotations": {"triage/change": "c-1"}},
    "spec": {
        "selector": {"app": "api"},
        "ports": [{"name": "http", "port": 80, "targetPort": 8080, "protocol": "TCP"}],
        "type": "ClusterIP",
        "sessionAffinity": "None",
        "clusterIP": "10.0.0.7",
        "clusterIPs": ["10.0.0.7"],
    },
}
POD = "spec.template.spec"
SERVER = f"{POD}.containers.1"
SIDE = f"{POD}.containers.0"
SECRET = {"secretKeyRef": {"name": "root", "key": "password"}}
MARK = "metadata.annotations.triage/change"


UPDATES: list[tuple[str, Object, str, Any]] = [
    ("image", DEPLOYMENT, f"{SERVER}.image", "evil.example/miner:1"),
    ("image of a StatefulSet", STATEFUL_SET, f"{SERVER}.image", "evil.example/miner:1"),
    ("tag", DEPLOYMENT, f"{SERVER}.image", "lab.local/app:2"),
    ("pull policy", DEPLOYMENT, f"{SERVER}.imagePullPolicy", "Always"),
    ("command", DEPLOYMENT, f"{SERVER}.command", ["sh", "-c", "id"]),
    ("command taken away", DEPLOYMENT, f"{SERVER}.command", ...),
    ("arguments", DEPLOYMENT, f"{SERVER}.args", ["id"]),
    ("working directory", DEPLOYMENT, f"{SERVER}.workingDir", "/"),
    ("a new container", DEPLOYMENT, f"{POD}.containers.+", {"name": "x", "image": "x"}),
    ("a container less", DEPLOYMENT, SIDE, ...),
    ("a container of another name", DEPLOYMENT, f"{SIDE}.name", "other"),
    ("an init container", DEPLOYMENT, f"{POD}.initContainers", [{"name": "x", "image": "x"}]),
    ("an ephemeral container", DEPLOYMENT, f"{POD}.ephemeralContainers", [{"name": "x", "image": "x"}]),
    ("a lifecycle hook", DEPLOYMENT, f"{SERVER}.lifecycle", {"postStart": {"exec": {"command": ["id"]}}}),
    ("ServiceAccount", DEPLOYMENT, f"{POD}.serviceAccountName", "admin"),
    ("old name of the ServiceAccount", DEPLOYMENT, f"{POD}.serviceAccount", "admin"),
    ("token", DEPLOYMENT, f"{POD}.automountServiceAccountToken", True),
    ("volume of the host", DEPLOYMENT, f"{POD}.volumes", [{"name": "h", "hostPath": {"path": "/"}}]),
    ("volume of a Secret", STATEFUL_SET, f"{POD}.volumes", [{"name": "s", "secret": {"secretName": "root"}}]),
    ("mount", DEPLOYMENT, f"{SERVER}.volumeMounts", [{"name": "h", "mountPath": "/h"}]),
    ("privileged", DEPLOYMENT, f"{SERVER}.securityContext", {"privileged": True}),
    ("security of the pod", DEPLOYMENT, f"{POD}.securityContext", {"runAsUser": 0}),
    ("network of the host", DEPLOYMENT, f"{POD}.hostNetwork", True),
    ("processes of the host", DEPLOYMENT, f"{POD}.hostPID", True),
    ("node", DEPLOYMENT, f"{POD}.nodeName", "control-plane"),
    ("tolerations", DEPLOYMENT, f"{POD}.tolerations", [{"operator": "Exists"}]),
    ("priority", DEPLOYMENT, f"{POD}.priorityClassName", "system-node-critical"),
    ("aliases of hosts", DEPLOYMENT, f"{POD}.hostAliases", [{"ip": "1.2.3.4", "hostnames": ["api"]}]),
    ("resolver", DEPLOYMENT, f"{POD}.dnsConfig", {"nameservers": ["1.2.3.4"]}),
    ("port of the host", DEPLOYMENT, f"{SERVER}.ports.0.hostPort", 80),
    ("device", DEPLOYMENT, f"{SERVER}.resources.limits.nvidia~com/gpu", "1"),
    ("claims", DEPLOYMENT, f"{SERVER}.resources.claims", [{"name": "gpu"}]),
    ("a probe that runs something", DEPLOYMENT, f"{SERVER}.readinessProbe.exec", {"command": ["id"]}),
    ("a probe that was not there", DEPLOYMENT, f"{SERVER}.livenessProbe", {"exec": {"command": ["id"]}}),
    ("a probe taken away", DEPLOYMENT, f"{SERVER}.readinessProbe", ...),
    ("a probe of another host", DEPLOYMENT, f"{SERVER}.readinessProbe.httpGet.host", "169.254.169.254"),
    ("headers of a probe", DEPLOYMENT, f"{SERVER}.readinessProbe.httpGet.httpHeaders", [{"name": "a", "value": "b"}]),
    ("another variable", DEPLOYMENT, f"{SERVER}.env.0.value", "guessed"),
    ("a new variable", DEPLOYMENT, f"{SERVER}.env.+", {"name": "LD_PRELOAD", "value": "/tmp/x.so"}),
    ("a variable less", DEPLOYMENT, f"{SERVER}.env.0", ...),
    ("a Secret in the variable", DEPLOYMENT, f"{SERVER}.env.1", {"name": "INTERNAL_URL", "valueFrom": SECRET}),
    ("variables of a Secret", DEPLOYMENT, f"{SERVER}.envFrom", [{"secretRef": {"name": "root"}}]),
    ("metadata service", DEPLOYMENT, f"{SERVER}.env.1.value", "http://169.254.169.254"),
    ("metadata service in one number", DEPLOYMENT, f"{SERVER}.env.1.value", "http://2852039166:80"),
    ("metadata service in hex", DEPLOYMENT, f"{SERVER}.env.1.value", "http://0xa9fea9fe"),
    ("somebody else's host", DEPLOYMENT, f"{SERVER}.env.1.value", "https://evil.example/x"),
    ("somebody else's host after a user", DEPLOYMENT, f"{SERVER}.env.1.value", "http://api:80@evil.example"),
    ("another namespace", DEPLOYMENT, f"{SERVER}.env.1.value", "http://api.kube-system:80"),
    ("a line break in the address", DEPLOYMENT, f"{SERVER}.env.1.value", "http://api:80\n"),
    ("a variable in the address", DEPLOYMENT, f"{SERVER}.env.1.value", "http://$(DB_PASSWORD)"),
    ("selector of a Deployment", DEPLOYMENT, "spec.selector.matchLabels.app", "other"),
    ("strategy", DEPLOYMENT, "spec.strategy", {"type": "Recreate"}),
    ("paused", DEPLOYMENT, "spec.paused", True),
    ("history", DEPLOYMENT, "spec.revisionHistoryLimit", 0),
    ("volume claims", STATEFUL_SET, "spec.volumeClaimTemplates", [{"metadata": {"name": "x"}}]),
    ("labels of the pods", DEPLOYMENT, "spec.template.metadata.labels.app", "other"),
    ("a security profile of the pods", DEPLOYMENT, "spec.template.metadata.annotations", {"a.kubernetes.io/x": "y"}),
    ("labels", DEPLOYMENT, "metadata.labels.app", "other"),
    ("another annotation", DEPLOYMENT, "metadata.annotations.team", "other"),
    ("an owner", DEPLOYMENT, "metadata.ownerReferences", [{"kind": "Node", "name": "a"}]),
    ("finalizers", DEPLOYMENT, "metadata.finalizers", ["never"]),
    ("external addresses", SERVICE, "spec.externalIPs", ["1.1.1.1"]),
    ("a load balancer", SERVICE, "spec.type", "LoadBalancer"),
    ("another name", SERVICE, "spec.externalName", "evil.example"),
    ("every pod", SERVICE, "spec.selector", {}),
    ("port", SERVICE, "spec.ports.0.port", 81),
    ("port of the nodes", SERVICE, "spec.ports.0.nodePort", 30000),
    ("a port more", SERVICE, "spec.ports.+", {"name": "ssh", "port": 22, "targetPort": 22}),
    ("a port less", SERVICE, "spec.ports.1", ...),
    ("annotation of the cloud", SERVICE, "metadata.annotations", {"service.beta.kubernetes.io/x": "y"}),
    ("another key", CONFIG_MAP, "data.LOG_LEVEL", "debug"),
    ("a password", CONFIG_MAP, "data.DB_PASSWORD", "x"),
    ("a new key", CONFIG_MAP, "data.nginx~conf", "x"),
    ("a key less", CONFIG_MAP, "data.LOG_LEVEL", ...),
    ("bytes", CONFIG_MAP, "binaryData", {"x": "eA=="}),
    ("never to be changed", CONFIG_MAP, "immutable", True),
    ("an address elsewhere", CONFIG_MAP, "data.INTERNAL_URL", "http://evil.example"),
    ("the metadata service in the ConfigMap", CONFIG_MAP, "data.INTERNAL_URL", "http://10:8080"),
    ("a NetworkPolicy", POLICY, "spec.ingress", [{}]),
]
"""All refused: no remedy changes these."""


ALLOWED: list[tuple[str, Object, str, Any]] = [
    ("replicas", DEPLOYMENT, "spec.replicas", 3),
    ("replicas of a StatefulSet", STATEFUL_SET, "spec.replicas", 0),
    ("memory", DEPLOYMENT, f"{SERVER}.resources.limits.memory", "128Mi"),
    ("a first limit", DEPLOYMENT, f"{SIDE}.resources", {"limits": {"cpu": "1"}}),
    ("restart", DEPLOYMENT, "spec.template.metadata.annotations", {"kubectl.kubernetes.io/restartedAt": "now"}),
    ("path", DEPLOYMENT, f"{SERVER}.readinessProbe.httpGet.path", "/health"),
    ("port by its name", DEPLOYMENT, f"{SERVER}.readinessProbe.httpGet.port", "http"),
    ("times", DEPLOYMENT, f"{SERVER}.readinessProbe.timeoutSeconds", 5),
    ("address", DEPLOYMENT, f"{SERVER}.env.1.value", "http://api:8080"),
    ("address with its namespace", DEPLOYMENT, f"{SERVER}.env.1.value", "http://api.onyx.svc.cluster.local:8080/v1"),
    ("address taken away", DEPLOYMENT, f"{SERVER}.env.1", ...),
    ("address that was not there", DEPLOYMENT, f"{SIDE}.env", [{"name": "INTERNAL_URL", "value": "http://api"}]),
    ("key", CONFIG_MAP, "data.INTERNAL_URL", "http://api:8080"),
    ("key taken away", CONFIG_MAP, "data.INTERNAL_URL", ...),
    ("selector", SERVICE, "spec.selector", {"app": "api"}),
    ("target by its name", SERVICE, "spec.ports.0.targetPort", "http"),
    ("mark", SERVICE, "metadata.annotations", {"triage/change": "c-1"}),
    ("fence", CONFIG_MAP, "metadata.annotations", {"triage/fence": "c-1"}),
]
"""The near misses: what remedies change."""

PEER = "spec.ingress.0.from.0"
CREATIONS: list[tuple[str, Object, str, Any]] = [
    ("external addresses", NEW_SERVICE, "spec.externalIPs", ["1.1.1.1"]),
    ("load balancer", NEW_SERVICE, "spec.type", "LoadBalancer"),
    ("another name", NEW_SERVICE, "spec.externalName", "evil.example"),
    ("port of the nodes", NEW_SERVICE, "spec.ports.0.nodePort", 30000),
    ("two ports", NEW_SERVICE, "spec.ports.+", {"name": "x", "port": 1, "targetPort": 1, "protocol": "TCP"}),
    ("no selector", NEW_SERVICE, "spec.selector", ...),
    ("labels", NEW_SERVICE, "metadata.labels", {"a": "b"}),
    ("annotations", NEW_SERVICE, "metadata.annotations.cloud/internal", "no"),
    ("owner", NEW_SERVICE, "metadata.ownerReferences", [{"kind": "Node"}]),
    ("everybody in", POLICY, "spec.ingress", [{}]),
    ("every port", POLICY, "spec.ingress.0.ports", ...),
    ("addresses", POLICY, PEER, {"ipBlock": {"cidr": "0.0.0.0/0"}}),
    ("every namespace", POLICY, f"{PEER}.namespaceSelector", {}),
    ("every pod", POLICY, f"{PEER}.podSelector", {}),
    ("for every pod", POLICY, "spec.podSelector", {}),
    ("a range of ports", POLICY, "spec.ingress.0.ports.0.endPort", 65535),
    ("both directions", POLICY, "spec.policyTypes", ["Ingress", "Egress"]),
    ("everything out", EGRESS, "spec.egress.+", {}),
    ("https to everybody", EGRESS, "spec.egress.1.ports.0.port", 443),
    ("DNS to everybody", EGRESS, "spec.egress.1.to", ...),
    ("DNS to nobody in particular", EGRESS, "spec.egress.1.to", []),
    ("DNS to an address of theirs", EGRESS, "spec.egress.1.to.2.ipBlock.cidr", "0.0.0.0/0"),
    ("DNS to pods of theirs", EGRESS, "spec.egress.1.to.0.podSelector.matchLabels", {"app": "theirs"}),
    ("a Deployment", DEPLOYMENT, "spec.replicas", 1),
    ("a ConfigMap", CONFIG_MAP, "data.INTERNAL_URL", "http://api"),
]
"""Creations that no remedy makes."""
