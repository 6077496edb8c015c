"""Objects that a paste names, in the shapes that kubectl, consoles, alerts and programs print them."""

# ruff: noqa: E501, ISC004 - lines of logs are as long as they are

import pytest

from bot.engine.mentions import mentions_in

CASES = {
    "kubectl get pods": (
        """$ kubectl -n chat get pods
NAME                        READY   STATUS             RESTARTS      AGE
api-7c9f6d5b8-x2x7q         0/1     CrashLoopBackOff   6 (41s ago)   22m
db-0                        1/1     Running            0             3d
migrate-29011-bz4xk         0/1     Completed          0             3d
web-5d8b9c7f6-2kxtp         1/2     Running            0             3d""",
        [("Pod", "api-7c9f6d5b8-x2x7q", "chat", True), ("Pod", "web-5d8b9c7f6-2kxtp", "chat", True)],
    ),
    "get pods -A, without its header": (
        "payments   ledger-6f9c8d7b5-kq2wn   0/1   ImagePullBackOff   0   12m",
        [("Pod", "ledger-6f9c8d7b5-kq2wn", "payments", True)],
    ),
    "get all": (
        """NAME                                READY   STATUS    RESTARTS   AGE
pod/librechat-79c455998f-s2tgx      0/1     Pending   0          5m

NAME                TYPE        CLUSTER-IP      EXTERNAL-IP   PORT(S)    AGE
service/librechat   ClusterIP   10.96.113.200   <none>        3080/TCP   5m

NAME                        READY   UP-TO-DATE   AVAILABLE   AGE
deployment.apps/librechat   0/1     1            0           5m""",
        [("Pod", "librechat-79c455998f-s2tgx", "", True), ("Deployment", "librechat", "", True)],
    ),
    "a node that is not ready, in an alert": (
        "Node worker-3 has been unready for more than 15 minutes.",
        [("Node", "worker-3", "", False)],
    ),
    "replicas of a Deployment, in a sentence": (
        "Deployment checkout in shop has 0 of 3 replicas available",
        [("Deployment", "checkout", "shop", False)],
    ),
    "tags of Datadog": (
        "kube_deployment:checkout kube_namespace:shop status:firing",
        [("Deployment", "checkout", "shop", False), ("Namespace", "shop", "", False)],
    ),
    "an autoscaler, in an alert": (
        "HorizontalPodAutoscaler shop/checkout failed to get cpu utilization",
        [("HorizontalPodAutoscaler", "checkout", "shop", True)],
    ),
    "a namespace, in a sentence": (
        "payments-api in namespace shop is down",
        [("Namespace", "shop", "", False)],
    ),
    "get events": (
        """LAST SEEN   TYPE      REASON             OBJECT                        MESSAGE
2m          Normal    Scheduled          pod/api-7c9f6d5b8-x2x7q       Successfully assigned chat/api-7c9f6d5b8-x2x7q
41s         Warning   FailedMount        pod/api-7c9f6d5b8-x2x7q       MountVolume.SetUp failed for volume "cfg"
12s         Warning   ProvisioningFailed persistentvolumeclaim/data-0  storageclass "fast" not found""",
        [("Pod", "api-7c9f6d5b8-x2x7q", "chat", True), ("PersistentVolumeClaim", "data-0", "chat", True)],
    ),
    "describe pod": (
        """Name:             ledger-6f9c8d7b5-kq2wn
Namespace:        payments
Service Account:  default
Node:             worker-3/10.0.0.13
Status:           Failed
Reason:           Evicted
Controlled By:    ReplicaSet/ledger-6f9c8d7b5""",
        [("Pod", "ledger-6f9c8d7b5-kq2wn", "payments", True)],
    ),
    "describe, its top cut off": (
        "Status:   Failed\nReason:   Evicted\nControlled By:  ReplicaSet/ledger-6f9c8d7b5",
        [("ReplicaSet", "ledger-6f9c8d7b5", "", True)],
    ),
    "get nodes": (
        "NAME       STATUS     ROLES    AGE   VERSION\nworker-3   NotReady   <none>   90d   v1.31.2",
        [("Node", "worker-3", "", True)],
    ),
    "get pvc": (
        "NAME     STATUS    VOLUME   CAPACITY   ACCESS MODES   STORAGECLASS   AGE\ndata-0   Pending                                      fast           2m",
        [("PersistentVolumeClaim", "data-0", "", True)],
    ),
    "get endpoints": (
        "NAME      ENDPOINTS   AGE\norders    <none>      5m",
        [("Service", "orders", "", True)],
    ),
    "log of kubectl --prefix": (
        "[pod/orders-6f9c8d7b5-kq2wn/api] boom",
        [("Pod", "orders-6f9c8d7b5-kq2wn", "", False)],
    ),
    "JSON record": (
        '{"message":"boom","kubernetes":{"pod_name":"orders-6f9c8d7b5-kq2wn","namespace_name":"shop"}}',
        [("Pod", "orders-6f9c8d7b5-kq2wn", "shop", False)],
    ),
    "kubelet": (
        'E1129 08:14:03.123456 1 pod_workers.go:951] "Error syncing pod, skipping" err="failed to \\"StartContainer\\"" '
        'pod="shop/orders-6f9c8d7b5-kq2wn" podUID=1',
        [("Pod", "orders-6f9c8d7b5-kq2wn", "shop", True)],
    ),
    "kubelet, older": (
        "Back-off restarting failed container=api pod=orders-6f9c8d7b5-kq2wn_shop(6b1e)",
        [("Pod", "orders-6f9c8d7b5-kq2wn", "shop", True)],
    ),
    "Alertmanager, text of the mixin": (
        "KubePodCrashLooping: Pod shop/orders-6f9c8d7b5-kq2wn (api) is in waiting state (reason: CrashLoopBackOff).",
        [("Pod", "orders-6f9c8d7b5-kq2wn", "shop", True)],
    ),
    "Alertmanager, deployment": (
        "Deployment shop/orders has not matched the expected number of replicas for longer than 15 minutes. Error",
        [("Deployment", "orders", "shop", True)],
    ),
    "Alertmanager, labels": (
        "[FIRING:1] KubePodNotReady\nLabels:\n - alertname = KubePodNotReady\n - namespace = shop\n - pod = orders-6f9c8d7b5-kq2wn",
        [("Pod", "orders-6f9c8d7b5-kq2wn", "shop", None), ("Namespace", "shop", "", None)],
    ),
    "Prometheus series": (
        'kube_pod_container_status_restarts_total{container="api", namespace="shop", pod="orders-6f9c8d7b5-kq2wn"} 12',
        [("Pod", "orders-6f9c8d7b5-kq2wn", "shop", None)],
    ),
    "claim that fills up": (
        "The PersistentVolume claimed by data-0 in Namespace shop is only 2% free.",
        [("PersistentVolumeClaim", "data-0", "shop", None)],
    ),
    "API error": (
        'Error from server (NotFound): deployments.apps "orders" not found',
        [("Deployment", "orders", "", True)],
    ),
    "quota": (
        'pods "orders-6f9c8d7b5-kq2wn" is forbidden: exceeded quota: compute in namespace "shop"',
        [("Pod", "orders-6f9c8d7b5-kq2wn", "shop", True)],
    ),
    "webhook": (
        'failed calling webhook "x": failed to call webhook: Post "https://hook.certs.svc:443/validate": connection refused',
        [("Service", "hook", "certs", None)],
    ),
    "host of a call": (
        "dial tcp: lookup orders-db.shop.svc.cluster.local: no such host",
        [("Service", "orders-db", "shop", None)],
    ),
    "image": (
        'Failed to pull image "registry.example/shop/orders:1.2": not found',
        [("Image", "registry.example/shop/orders:1.2", "", True)],
    ),
    "OpenShift console, a copied page": (
        "Project: shop\nPods\nP\norders-6f9c8d7b5-kq2wn\nNS\nshop\nN\nworker-3\nCrashLoopBackOff",
        [("Pod", "orders-6f9c8d7b5-kq2wn", "shop", None), ("Node", "worker-3", "", None)],
    ),
    "command": (
        "$ oc logs -n shop deploy/orders -c api --previous\npanic: boom",
        [("Deployment", "orders", "shop", None)],
    ),
    "prose": (
        "Can somebody look at orders-6f9c8d7b5-kq2wn in namespace shop? It keeps crashing.",
        [("Pod", "orders-6f9c8d7b5-kq2wn", "shop", True)],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_objects_are_named(name):
    text, expected = CASES[name]
    found = {(item.kind, item.name): item for item in mentions_in(text)}
    for kind, object_name, namespace, trouble in expected:
        item = found[kind, object_name]
        assert item.namespace == namespace
        assert trouble is None or item.in_trouble is trouble
    bad = [(item.kind, item.name) for item in mentions_in(text) if item.in_trouble]
    assert bad[: len(bad)] == [one[:2] for one in expected if one[3]] or any(one[3] is None for one in expected)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "the service is down and the pod of a job failed",
        "Traceback (most recent call last):\n  File \"/app/x.py\", line 3, in pod\nKeyError: 'name'",
        "node: not found\nService unavailable\nNamespaces are fine",
        "2026-05-04 08:11:02.131 ERROR com.acme.Pod could not load service",
        '"GET /api/pods HTTP/1.1" 404',
        "Error: Cannot find module '/app/node_modules/next'",
        "the deployment failed in production and is not finished; a node is under load",
    ],
)
def test_words_that_name_nothing_are_no_names(text):
    assert mentions_in(text) == ()


def test_a_namespace_that_is_the_only_one_is_everybodys():
    found = mentions_in("namespace=shop\napi-7c9f6d5b8-x2x7q  0/1  Error  3  5m\nimage: nothing")
    assert [(item.name, item.namespace) for item in found if item.kind == "Pod"] == [("api-7c9f6d5b8-x2x7q", "shop")]


def test_each_object_is_named_once_with_the_worst_that_is_said_of_it():
    text = "pod/a-0 is fine\npod/a-0 failed its probe\npod/a-0 again"
    (found,) = mentions_in(text)
    assert (found.count, found.line, found.in_trouble) == (3, 1, True)


def test_a_large_paste_is_read_at_both_ends():
    text = "pod/first-0 failed\n" + "x\n" * 20_000 + "pod/last-0 failed"
    assert [item.name for item in mentions_in(text)] == ["first-0", "last-0"]
