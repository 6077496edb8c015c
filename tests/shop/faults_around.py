"""Faults of scheduling, storage, admission, network, configuration; and what only a log shows."""

from __future__ import annotations

from functools import partial

from tests.shop import programs as p
from tests.shop.app import Object, Shop, http_probe, secret
from tests.shop.faults_inside import DB, FRONT, ORDERS, terse
from tests.shop.row import Row


def selector(shop: Shop) -> None:
    shop.pod("db")["nodeSelector"] = {"pool": "database"}


def cpu(shop: Shop) -> None:
    shop.box("db")["resources"] = {"requests": {"cpu": "64"}}


def gpu(shop: Shop) -> None:
    shop.box("db")["resources"] = {"limits": {"nvidia.com/gpu": "1"}}


def node_name(shop: Shop) -> None:
    shop.pod("db")["nodeName"] = "worker-17"


def affinity(shop: Shop) -> None:
    term = {"labelSelector": {"matchLabels": {"app": "cache"}}, "topologyKey": "kubernetes.io/hostname"}
    shop.pod("db")["affinity"] = {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [term]}}


def volume(shop: Shop, claim: str) -> None:
    shop.pod("db")["volumes"] = [{"name": "data", "persistentVolumeClaim": {"claimName": claim}}]
    shop.box("db")["volumeMounts"] = [{"name": "data", "mountPath": "/data"}]


def claim_pending(shop: Shop) -> None:
    volume(shop, "db-data")
    wants = {"requests": {"storage": "5Gi"}}
    spec = {"accessModes": ["ReadWriteOnce"], "resources": wants, "storageClassName": "premium"}
    shop.add("v1", "PersistentVolumeClaim", "db-data", spec=spec)


def claim_without_class(shop: Shop) -> None:
    volume(shop, "db-data")
    spec = {"accessModes": ["ReadWriteMany"], "resources": {"requests": {"storage": "5Gi"}}}
    shop.add("v1", "PersistentVolumeClaim", "db-data", spec=spec)


def quota(shop: Shop) -> None:
    shop.objects.insert(0, {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "team"}})
    shop.objects[0]["spec"] = {"hard": {"requests.cpu": "300m"}}
    for name in ("cache", "front", "mail", "db"):
        shop.box(name)["resources"] = {"requests": {"cpu": "10m"}}
    shop.box("orders")["resources"] = {"requests": {"cpu": "400m"}}


def limits(shop: Shop) -> None:
    shop.objects.insert(0, {"apiVersion": "v1", "kind": "LimitRange", "metadata": {"name": "small"}})
    shop.objects[0]["spec"] = {"limits": [{"type": "Container", "max": {"memory": "300Mi"}}]}
    shop.box("orders")["resources"] = {"limits": {"memory": "512Mi"}}


def account(shop: Shop) -> None:
    shop.pod("orders")["serviceAccountName"] = "orders-runner"


def finalizer(shop: Shop) -> None:
    shop.find("Deployment", "db")["metadata"]["finalizers"] = ["backup.example.com/before-delete"]


def no_service(shop: Shop) -> None:
    shop.drop("Service", "orders")


def wrong_selector(shop: Shop) -> None:
    shop.find("Service", "db")["spec"]["selector"] = {"app": "database"}


def wrong_target(shop: Shop) -> None:
    shop.find("Service", "orders")["spec"]["ports"][0]["targetPort"] = 8000


def wrong_port_name(shop: Shop) -> None:
    shop.find("Service", "orders")["spec"]["ports"][0]["targetPort"] = "web"


def too_wide(shop: Shop) -> None:
    for name in ("db", "cache"):
        shop.find("Deployment", name)["spec"]["template"]["metadata"]["labels"]["tier"] = "data"
    shop.find("Service", "db")["spec"]["selector"] = {"tier": "data"}


def shifted(shop: Shop) -> None:
    """A program that moved to another port, with Service and declaration left behind."""
    shop.runs("orders", p.ORDERS.replace(".listen(8080", ".listen(9090"))
    del shop.box("orders")["readinessProbe"]


def loopback_only(shop: Shop) -> None:
    shop.runs("db", p.DB.replace(".listen(5432)", '.listen(5432,"127.0.0.1")'))


def no_answer_address(shop: Shop) -> None:
    shop.set("DB_HOST", "10.255.255.1")


def override(shop: Shop) -> None:
    shop.box("orders")["env"].append({"name": "DB_HOST", "value": "db-old"})


def dns_none(shop: Shop) -> None:
    shop.pod("orders").update(dnsPolicy="None", dnsConfig={"nameservers": ["192.0.2.53"]})


def dns_default(shop: Shop) -> None:
    shop.pod("front")["dnsPolicy"] = "Default"


def ingress_class(shop: Shop) -> None:
    shop.ingress("shop", "front", 3000, "haproxy-internal")


def ingress_backend(shop: Shop) -> None:
    shop.ingress("shop", "frontend", 3000)


def ingress_port(shop: Shop) -> None:
    shop.ingress("shop", "front", 8080)


def ingress_twice(shop: Shop) -> None:
    shop.ingress("shop", "front", 3000)
    shop.ingress("shop-old", "orders", 8080)


def autoscaler(shop: Shop) -> None:
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "frontend"}
    shop.add("autoscaling/v1", "HorizontalPodAutoscaler", "front", spec={"scaleTargetRef": target, "maxReplicas": 3})


def no_key(shop: Shop) -> None:
    shop.box("orders")["env"].append(secret("STRIPE_KEY", "db", "stripe-key"))


def no_secret(shop: Shop) -> None:
    shop.box("orders")["env"].append(secret("STRIPE_KEY", "stripe", "key"))


def no_mount(shop: Shop) -> None:
    shop.pod("orders")["volumes"] = [{"name": "prices", "configMap": {"name": "prices"}}]
    shop.box("orders")["volumeMounts"] = [{"name": "prices", "mountPath": "/etc/prices"}]


def no_file(shop: Shop) -> None:
    shop.runs("orders", 'require("fs").readFileSync("/etc/shop/prices.json")')


def wrong_password(shop: Shop) -> None:
    shop.add("v1", "Secret", "db-orders", stringData={"password": "other-77"})
    shop.box("orders")["env"] = [secret("DB_PASSWORD", "db-orders")]


def rotated() -> list[Object]:
    return [{"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "db"}, "stringData": {"password": "new-90"}}]


def own_rights(shop: Shop) -> None:
    text = (
        'ERROR cannot reload settings: configmaps is forbidden: User "system:serviceaccount:anyns-own-rights:default" '
        'cannot list resource "configmaps" in API group "" in the namespace "anyns-own-rights"'
    )
    shop.runs("mail", p.says_on(text))


def zero(shop: Shop) -> None:
    shop.find("Deployment", "db")["spec"]["replicas"] = 0


def cache_zero(shop: Shop) -> None:
    shop.find("Deployment", "cache")["spec"]["replicas"] = 0


def passed_on(text: str, shop: Shop) -> None:
    """Orders fails each request with this in its log; everything else is well."""
    shop.runs("orders", p.ORDERS.replace("ask(e=>{", f"ask(e=>{{e=e||new Error({text!r});"))


def db_says(text: str, shop: Shop) -> None:
    """The database refuses each session with this in its own log."""
    shop.runs("db", p.DB.replace("s.write(", f"(console.log({text!r}),s.end()),0&&s.write("))


def says(name: str, text: str, shop: Shop) -> None:
    shop.runs(name, p.says_on(text))


def heap(shop: Shop) -> None:
    shop.box("orders")["args"] = [
        "const a=[];setInterval(()=>{for(let i=0;i<4e5;i++)a.push({i,s:'x'+i})},20);" + p.ORDERS
    ]
    shop.box("orders")["command"] = ["/usr/bin/node", "--max-old-space-size=40", "-e"]


def foreign(shop: Shop) -> None:
    shop.set("ORDERS_URL", "http://orders.warehouse.svc.cluster.local:8080")


def own_loopback(shop: Shop) -> None:
    shop.set("ORDERS_URL", "http://localhost:8080")


def scheme(shop: Shop) -> None:
    shop.set("ORDERS_URL", "https://orders:8080")


def setting(key: str, value: str, shop: Shop) -> None:
    shop.set(key, value)


def same(shop: Shop) -> None:
    shop.set("LOG_LEVEL", "debug")


def one_retry(shop: Shop) -> None:
    """The front could not reach orders once, at its start."""
    shop.runs("front", p.FRONT + 'console.error("ERROR cannot show orders: connect ECONNREFUSED 172.30.9.9:8080");')


def done_job(shop: Shop) -> None:
    shop.job("migrate", "console.log('ERROR level is set to debug; 0 errors')")


def optional(shop: Shop) -> None:
    entry = secret("STRIPE_KEY", "stripe", "key")
    entry["valueFrom"]["secretKeyRef"]["optional"] = True
    shop.box("orders")["env"].append(entry)


def slow_start(shop: Shop) -> None:
    shop.runs("orders", f"setTimeout(()=>{{{p.ORDERS}}},6000)")
    shop.box("orders")["readinessProbe"] = http_probe(8080)


def one_line(shop: Shop) -> None:
    shop.runs("mail", p.MAIL + 'setTimeout(()=>console.error("WARN  message 17 bounced: 550 no such user"),900);')


SAYS = {
    "clients": ("db", db_says, "FATAL:  sorry, too many clients already", ("db", "too many")),
    "disk-full": ("db", db_says, "PANIC:  could not write to file: No space left on device", ("db", "no space left")),
    "pool": ("orders", passed_on, "TimeoutError: QueuePool limit of size 5 overflow 10 reached", ("orders", "pool")),
    "certificate": (
        "orders",
        passed_on,
        "x509: certificate has expired or is not yet valid",
        ("orders", "certificate"),
    ),
    "rate": (
        "orders",
        passed_on,
        "POST https://api.stripe.example/v1/charges: 429 Too Many Requests",
        ("orders", "429"),
    ),
    "files": ("orders", passed_on, "EMFILE: too many open files, open '/tmp/a'", ("orders", "too many open files")),
    "table": ("orders", passed_on, 'error: relation "orders" does not exist', ("orders", "relation")),
    "outside-down": (
        "orders",
        passed_on,
        "POST https://pay.example.net/charge answered 503",
        ("orders", "pay.example.net"),
    ),
    "outside-name": (
        "orders",
        passed_on,
        "getaddrinfo ENOTFOUND pay.example.invalid",
        ("orders", "pay.example.invalid"),
    ),
    "read-only": ("orders", passed_on, "EROFS: read-only file system, open '/data/o.db'", ("orders", "read-only")),
}

ROWS = (
    Row("node-selector", terse(selector), DB, ("db", "pool", "database")),
    Row("cpu", terse(cpu, p.FRONT_SILENT), DB, ("db", "cpu")),
    Row("gpu", gpu, DB, ("db", "nvidia.com/gpu")),
    Row("node-name", terse(node_name), DB, ("db", "worker-17")),
    Row("anti-affinity", affinity, DB, ("db", "anti-affinity")),
    Row("claim-pending", terse(claim_pending), DB, ("db", "premium")),
    Row("claim-missing", lambda shop: volume(shop, "db-files"), DB, ("db", "db-files")),
    Row("claim-no-class", terse(claim_without_class), DB, ("db-data", "class")),
    Row("quota", quota, ORDERS, ("orders", "quota")),
    Row("limits", terse(limits), ORDERS, ("orders", "limitrange")),
    Row("account", account, ORDERS, ("orders", "orders-runner")),
    Row(
        "finalizer",
        finalizer,
        DB,
        ("db", "backup.example.com"),
        seconds=75,
        front=False,
        commands=("delete deployment db --wait=false",),
        frees=(("deployment", "db"),),
    ),
    Row("no-service", no_service, "service/orders", ("orders", "service")),
    Row("wrong-selector", terse(wrong_selector), "service/db", ("service db", "database")),
    Row("wrong-target", wrong_target, "service/orders", ("service orders", "8000")),
    Row("wrong-port-name", terse(wrong_port_name), "service/orders", ("service orders", "web")),
    Row("too-wide", too_wide, "service/db", ("service db", "cache")),
    Row("shifted", terse(shifted), FRONT, ("orders", "8080")),
    Row("loopback-only", loopback_only, DB, ("db", "5432")),
    Row("url-port", lambda shop: shop.set("ORDERS_URL", "http://orders:9000"), FRONT, ("orders_url", "9000")),
    Row(
        "url-name", terse(lambda shop: shop.set("DB_HOST", "database"), p.FRONT_SILENT), ORDERS, ("database", "db_host")
    ),
    Row("url-namespace", foreign, FRONT, ("orders_url", "warehouse")),
    Row("url-loopback", terse(own_loopback), FRONT, ("orders_url", "localhost")),
    Row("url-scheme", scheme, FRONT, ("orders_url", "https")),
    Row("url-override", terse(override), ORDERS, ("db-old", "db_host")),
    Row("url-nowhere", no_answer_address, ORDERS, ("10.255.255.1",)),
    Row("dns-none", dns_none, ORDERS, ("orders", "192.0.2.53")),
    Row("dns-default", dns_default, FRONT, ("front", "dnspolicy")),
    Row("ingress-class", ingress_class, "ingress/shop", ("shop", "haproxy-internal")),
    Row("ingress-backend", ingress_backend, "ingress/shop", ("shop", "frontend"), front=False),
    Row("ingress-port", ingress_port, "ingress/shop", ("shop", "8080")),
    Row("ingress-twice", ingress_twice, "ingress/shop", ("shop", "shop-old")),
    Row("autoscaler", autoscaler, "hpa/front", ("front", "frontend"), front=False),
    Row("no-key", terse(no_key), ORDERS, ("orders", "stripe-key")),
    Row("no-secret", no_secret, ORDERS, ("orders", "stripe")),
    Row("no-mount", terse(no_mount, p.FRONT_SILENT), ORDERS, ("orders", "prices")),
    Row("no-file", no_file, ORDERS, ("orders", "prices.json")),
    Row("password", terse(wrong_password), ORDERS, ("orders", "password")),
    Row(
        "rotated",
        same,
        ORDERS,
        ("orders", "secret db"),
        seconds=20,
        later=rotated,
        commands=("rollout restart deployment db",),
    ),
    Row("own-rights", own_rights, "deployment/mail", ("mail", "configmaps"), front=False),
    Row("zero", terse(zero, p.FRONT_SILENT), DB, ("db", "zero")),
    Row("cache-zero", cache_zero, "deployment/mail", ("cache", "zero"), front=False),
    Row("heap", heap, ORDERS, ("orders", "heap")),
    Row(
        "queue",
        partial(says, "mail", "ERROR queue full: 10000 messages waiting, dropping"),
        "deployment/mail",
        ("mail", "queue"),
        front=False,
    ),
    *(
        Row(f"says-{name}", terse(partial(how, text), p.FRONT_TERSE if n % 2 else p.FRONT), f"deployment/{who}", words)
        for n, (name, (who, how, text, words)) in enumerate(SAYS.items())
    ),
    Row("well", same, ORDERS, (), well=True),
    Row("well-retry", one_retry, FRONT, (), well=True, seconds=60),
    Row("well-job", done_job, "job/migrate", (), well=True),
    Row("well-optional", optional, ORDERS, (), well=True),
    Row("well-slow", slow_start, ORDERS, (), well=True, seconds=60),
    Row("well-bounce", one_line, "deployment/mail", (), well=True),
)
