# ruff: noqa: E501
"""Faults around the depot's pods: scheduling, storage, admission, network, configuration; and what looks like one and is none."""

from __future__ import annotations

from functools import partial

from tests.shop import depot_programs as d
from tests.shop.app import Object, container, secret
from tests.shop.depot import PLACE, Depot, claim
from tests.shop.depot_inside import BROKER, GATE, INTAKE, LABELS, LEDGER, SORTER, VIEW, row


def spread(shop: Depot) -> None:
    rule = {
        "maxSkew": 1,
        "topologyKey": "example.com/rack",
        "whenUnsatisfiable": "DoNotSchedule",
        "labelSelector": {"matchLabels": {"app": "labels"}},
    }
    shop.pod("labels")["topologySpreadConstraints"] = [rule]


def no_priority(shop: Depot) -> None:
    shop.pod("labels")["priorityClassName"] = "gold"


def storage_quota(shop: Depot) -> None:
    shop.objects.insert(
        0,
        {
            "apiVersion": "v1",
            "kind": "ResourceQuota",
            "metadata": {"name": "shelves"},
            "spec": {"hard": {"persistentvolumeclaims": "1"}},
        },
    )


def too_small(shop: Depot) -> None:
    """The claim asks for more than the volume that is there has."""
    shop.template("ledger")["volumeClaimTemplates"] = [claim(size="20Gi")]


def second_ordinal(shop: Depot) -> None:
    shop.template("broker")["replicas"] = 2


def other_class(shop: Depot) -> None:
    made = claim()
    made["spec"]["storageClassName"] = "shelf-ssd"
    shop.template("broker")["volumeClaimTemplates"] = [made]
    shop.wide = [item for item in shop.wide if item["metadata"]["name"] != f"{PLACE}-broker"]


def guard(name: str, policy: str = "Fail", service: str = "parcel-guard", **more: object) -> Object:
    """A webhook that is asked before pods of this namespace are made."""
    hook = {
        "name": f"{name}.depot.example",
        "clientConfig": {"service": {"namespace": PLACE, "name": service, "path": "/validate", "port": 443}},
        "rules": [{"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["pods"]}],
        "failurePolicy": policy,
        "sideEffects": "None",
        "admissionReviewVersions": ["v1"],
        "timeoutSeconds": 2,
        "namespaceSelector": {"matchLabels": {"guarded": PLACE}},
        **more,
    }
    return {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingWebhookConfiguration",
        "metadata": {"name": f"{PLACE}-{name}"},
        "webhooks": [hook],
    }


def guarded(shop: Depot, policy: str = "Fail") -> None:
    """Makes the guard's Service, which has nobody behind it."""
    shop.service("parcel-guard", {"app": "parcel-guard"}, 443, 8443)
    shop.wide.append(guard("guard", policy))


def webhook_gone(shop: Depot) -> None:
    guarded(shop)
    shop.drop("Service", "parcel-guard")


def away(shop: Depot) -> None:
    """Nothing is changed before it runs."""


def deleted_namespace(shop: Depot) -> None:
    """A bucket's record that nobody finishes keeps the namespace."""
    shop.add("v1", "ConfigMap", "bucket", data={"a": "b"})["metadata"]["finalizers"] = [
        "storage.example.com/empty-bucket"
    ]


def no_ledger_service(shop: Depot) -> None:
    shop.drop("Service", "ledger")


def selector(shop: Depot) -> None:
    shop.find("Service", "track-view")["spec"]["selector"] = {"app": "track-view", "release": "blue"}


def target_name(shop: Depot) -> None:
    shop.find("Service", "labels")["spec"]["ports"][0]["targetPort"] = "grpc"


def too_wide(shop: Depot) -> None:
    for name in ("broker", "sorter"):
        shop.template(name)["template"]["metadata"]["labels"]["tier"] = "queue"
    shop.find("Service", "broker")["spec"]["selector"] = {"tier": "queue"}


def setting(key: str, value: str, shop: Depot) -> None:
    shop.find("ConfigMap", "parcels")["data"][key] = value


def corrected() -> list[Object]:
    """The setting is right now; the pods still have the old one."""
    return [Depot().find("ConfigMap", "parcels")]


def aliases(shop: Depot) -> None:
    shop.pod("track-view")["hostAliases"] = [{"ip": "10.255.255.9", "hostnames": ["ledger"]}]


def renumbered() -> list[Object]:
    """The broker's Service was made anew and has another address, which running pods do not learn."""
    return [Depot().find("Service", "broker")]


def ingress_backend(shop: Depot) -> None:
    shop.drop("Ingress", "parcels")
    shop.ingress("parcels", "gateway", 80, "edge")


def autoscaled(shop: Depot) -> None:
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "scan-intake"}
    shop.box("scan-intake")["resources"] = {"requests": {"cpu": "10m"}}
    spec = {"scaleTargetRef": target, "maxReplicas": 4, "targetCPUUtilizationPercentage": 60}
    shop.add("autoscaling/v1", "HorizontalPodAutoscaler", "scan-intake", spec=spec)


def no_tuning(shop: Depot) -> None:
    shop.box("sorter")["envFrom"] = [{"configMapRef": {"name": "sorter-tuning"}}]


def no_root_password(shop: Depot) -> None:
    shop.box("ledger")["env"].append(secret("MYSQL_ROOT_PASSWORD", "ledger", "root-password"))


def other_password(shop: Depot) -> None:
    shop.add("v1", "Secret", "ledger-old", stringData={"password": "amber-60"})
    shop.box("track-view")["env"] = [secret("LEDGER_PASSWORD", "ledger-old")]


def other_dsn(shop: Depot) -> None:
    """Only the worker, whose URL is in a Secret that is never read, has the wrong host."""
    shop.find("Secret", "ledger-dsn")["stringData"]["dsn"] = "mysql://parcels:amber-61@ledger-main:3306/parcels"


def volume_of_secret(shop: Depot) -> None:
    shop.pod("gate")["volumes"].append({"name": "tls", "secret": {"secretName": "gate-tls"}})
    shop.box("gate")["volumeMounts"].append({"name": "tls", "mountPath": "/etc/tls"})


def priority(shop: Depot) -> None:
    kind = {"apiVersion": "scheduling.k8s.io/v1", "kind": "PriorityClass", "metadata": {"name": f"{PLACE}-urgent"}}
    shop.wide.append({**kind, "value": 9000})


def preempted(shop: Depot) -> None:
    priority(shop)
    shop.box("labels")["resources"] = {"requests": {"cpu": "700m"}}


def urgent(shares: str) -> list[Object]:
    shop = Depot()
    made = shop.workload("batch-print", "setInterval(()=>{},1e6)", 0)
    made["spec"]["template"]["spec"]["priorityClassName"] = f"{PLACE}-urgent"
    shop.box("batch-print")["resources"] = {"requests": {"cpu": shares}}
    return [made]


def quiet_worker(shop: Depot) -> None:
    """Lines that look like errors and tell of none."""
    shop.runs(
        "sorter",
        d.SORTER
        + ";setInterval(()=>console.log(t()+'INFO/MainProcess] error_rate=0.0 failed=0 retries=0 last_error=none'),2000)",
    )


def busy_shutdown(shop: Depot) -> None:
    """The gateway refused a few calls while track-view started."""
    shop.runs("track-view", f"setTimeout(()=>{{{d.TRACK_VIEW}}},7000)")


def exporter(shop: Depot) -> None:
    """A second container that says little and does its work."""
    shop.pod("ledger")["containers"].append(container("exporter", "console.log('exporting');setInterval(()=>{},1e6)"))


NODE = "taint nodes lab-node depot=closed:NoSchedule --overwrite"
OPEN = "taint nodes lab-node depot=closed:NoSchedule-"

ROWS = (
    row("spread", spread, LABELS, ("labels", "example.com/rack")),
    row(
        "taint",
        away,
        LABELS,
        ("labels", "depot=closed"),
        seconds=15,
        commands=(NODE, "delete pod -l app=labels"),
        after=(OPEN,),
        alone=True,
    ),
    row(
        "cordon",
        away,
        LABELS,
        ("labels", "cordon"),
        seconds=15,
        commands=("cordon lab-node", "delete pod -l app=labels"),
        after=("uncordon lab-node",),
        alone=True,
    ),
    row(
        "preempted",
        preempted,
        LABELS,
        ("labels", "batch-print"),
        seconds=20,
        later=partial(urgent, "1600m"),
        alone=True,
        also=("batch-print",),
    ),
    row("no-priority", no_priority, LABELS, ("labels", "gold")),
    row("storage-quota", storage_quota, BROKER, ("quota", "shelves"), front=False, also=("ledger",)),
    row("too-small", too_small, LEDGER, ("ledger", "data-ledger-0")),
    row("second-ordinal", second_ordinal, BROKER, ("broker", "data-broker-1"), front=False),
    row("other-class", other_class, BROKER, ("broker", "shelf-ssd")),
    row(
        "webhook-down",
        guarded,
        LABELS,
        ("guard.depot.example", "parcel-guard"),
        seconds=15,
        commands=("label namespace PLACE guarded=PLACE", "delete pod -l app=labels"),
    ),
    row(
        "webhook-gone",
        webhook_gone,
        LABELS,
        ("guard.depot.example", "parcel-guard"),
        seconds=15,
        commands=("label namespace PLACE guarded=PLACE", "delete pod -l app=labels"),
    ),
    row(
        "namespace-ends",
        deleted_namespace,
        "namespace/anyns-p-namespace-ends",
        ("storage.example.com", "bucket"),
        front=False,
        seconds=15,
        commands=("delete namespace PLACE --wait=false",),
        frees=(("configmap", "bucket"),),
    ),
    row("no-ledger-service", no_ledger_service, "service/ledger", ("ledger", "service"), also=("track-view", "sorter")),
    row("selector", selector, "service/track-view", ("service track-view", "release=blue"), also=("gate",)),
    row("target-name", target_name, "service/labels", ("service labels", "grpc"), also=("track-view",)),
    row("too-wide", too_wide, "service/broker", ("service broker", "sorter"), front=False),
    row("file-name", lambda shop: shop.tune("track-view:", "track-views:"), GATE, ("gate", "track-views")),
    row(
        "file-port",
        lambda shop: shop.tune("track-view:8080", "track-view:8081"),
        GATE,
        ("track-view", "8081"),
        also=("track-view",),
    ),
    row(
        "other-namespace",
        partial(setting, "LABELS_TARGET", "labels.print.svc.cluster.local:9090"),
        VIEW,
        ("labels_target", "print"),
    ),
    row("other-port", partial(setting, "LABELS_TARGET", "dns:///labels:9091"), VIEW, ("labels_target", "9091")),
    row("ledger-name", partial(setting, "LEDGER_HOST", "ledger-rw"), VIEW, ("ledger_host", "ledger-rw")),
    row(
        "stale-setting",
        partial(setting, "LABELS_TARGET", "label-printer:9090"),
        VIEW,
        ("track-view", "configmap parcels"),
        seconds=20,
        later=corrected,
    ),
    row("aliases", aliases, VIEW, ("track-view", "10.255.255.9")),
    row(
        "renumbered",
        away,
        INTAKE,
        ("scan-intake", "broker"),
        seconds=15,
        commands=("delete service broker", "delete pod broker-0"),
        last=renumbered,
        also=("broker",),
    ),
    row("ingress-backend", ingress_backend, "ingress/parcels", ("parcels", "gateway"), front=False),
    row("autoscaler", autoscaled, "hpa/scan-intake", ("scan-intake", "metric"), front=False),
    row("no-tuning", no_tuning, SORTER, ("sorter", "sorter-tuning"), front=False),
    row("no-root-password", no_root_password, LEDGER, ("ledger", "root-password")),
    row("other-password", other_password, VIEW, ("track-view", "denied"), also=("ledger",)),
    row("other-dsn", other_dsn, SORTER, ("sorter", "ledger-main"), front=False),
    row("no-tls", volume_of_secret, GATE, ("gate", "gate-tls")),
    row("well", exporter, GATE, (), well=True),
    row("well-words", quiet_worker, SORTER, (), well=True),
    row("well-late", busy_shutdown, VIEW, (), well=True, seconds=90),
    row("well-priority", priority, LABELS, (), well=True, seconds=20, later=partial(urgent, "10m"), alone=True),
    row(
        "well-ignored",
        partial(guarded, policy="Ignore"),
        LABELS,
        (),
        well=True,
        seconds=15,
        commands=("label namespace PLACE guarded=PLACE", "delete pod -l app=labels"),
    ),
    row("well-unguarded", guarded, LABELS, (), well=True, seconds=15, commands=("delete pod -l app=labels",)),
    row("well-tainted", away, LABELS, (), well=True, seconds=15, commands=(NODE,), after=(OPEN,), alone=True),
    row(
        "well-cordoned",
        away,
        LABELS,
        (),
        well=True,
        seconds=15,
        commands=("cordon lab-node",),
        after=("uncordon lab-node",),
        alone=True,
    ),
)
