# ruff: noqa: E501
"""Faults inside pods and of the kinds that make pods."""

from __future__ import annotations

from tests.shop import programs as p
from tests.shop.app import Shop, container, pod_spec
from tests.shop.row import Row

ORDERS, DB, FRONT = "deployment/orders", "deployment/db", "deployment/front"


def cart(shop: Shop, spec: dict[str, object]) -> None:
    """A bare pod that the front calls."""
    shop.add("v1", "Pod", "cart", spec=spec)["metadata"]["labels"] = {"app": "cart"}
    shop.service("cart", {"app": "cart"}, 7000)
    shop.set("CART_URL", "http://cart:7000")
    call = 'setInterval(()=>fetch(E.CART_URL+"/cart").catch(e=>console.error("ERROR cart:",e.cause.message)),2000);'
    shop.runs("front", p.FRONT + call)


def bare_crash(shop: Shop) -> None:
    says = p.says_and_ends("TypeError: Cannot read properties of undefined (reading 'price')")
    cart(shop, pod_spec("cart", says, 7000))


def bare_pending(shop: Shop) -> None:
    cart(shop, {**pod_spec("cart", p.CACHE.replace("6379", "7000"), 7000), "nodeSelector": {"disk": "nvme"}})


def migrate_fails(shop: Shop) -> None:
    shop.job("migrate", p.says_and_ends('ERROR: could not open migration file "0042_orders.sql"', 3))
    shop.runs("orders", p.ORDERS.replace("ask(e=>{", """ask(e=>{e=e||new Error('relation "orders" does not exist');"""))


def deadline(shop: Shop) -> None:
    wait = "setInterval(()=>fetch('http://search:9200').catch(e=>console.error('waiting for search:',e.cause.message)),1500)"
    shop.job("index", wait, activeDeadlineSeconds=15)


def cron_fails(shop: Shop) -> None:
    shop.drop("CronJob", "report")
    shop.cron("report", p.says_and_ends("Error: bucket reports-2026 does not exist", 2), "* * * * *")


def cron_suspended(shop: Shop) -> None:
    shop.drop("CronJob", "report")
    shop.cron("report", p.REPORT, "* * * * *", suspend=True)


def cron_blocked(shop: Shop) -> None:
    shop.drop("CronJob", "report")
    cron = shop.cron("report", "console.log('done')", "* * * * *", concurrencyPolicy="Forbid")
    boxes = cron["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"]
    boxes.append(container("proxy", p.CACHE))


def daemon_crash(shop: Shop) -> None:
    shop.workload("log-agent", p.says_and_ends("Error: cannot parse /etc/agent/config.yaml: line 3"), 0, "DaemonSet")


def ordinal_pending(shop: Shop) -> None:
    shop.drop("Deployment", "db")
    env = [{"name": "POSTGRES_PASSWORD", "valueFrom": {"secretKeyRef": {"name": "db", "key": "password"}}}]
    db = shop.workload("db", p.DB, 5432, "StatefulSet", env=env)
    claim = {
        "accessModes": ["ReadWriteOnce"],
        "resources": {"requests": {"storage": "1Gi"}},
        "storageClassName": "fast",
    }
    db["spec"]["volumeClaimTemplates"] = [{"metadata": {"name": "data"}, "spec": claim}]
    db["spec"]["template"]["spec"]["containers"][0]["volumeMounts"] = [{"name": "data", "mountPath": "/data"}]


def evicted(shop: Shop) -> None:
    shop.pod("db")["volumes"] = [{"name": "tmp", "emptyDir": {"sizeLimit": "1Mi"}}]
    shop.box("db")["volumeMounts"] = [{"name": "tmp", "mountPath": "/scratch"}]
    shop.shell("db", "dd if=/dev/zero of=/scratch/x bs=1M count=5; sleep 3600")


def init(shop: Shop, script: str, name: str = "wait") -> None:
    box = container(name, "")
    box.update(command=["/bin/sh", "-c"], args=[script])
    shop.pod("orders")["initContainers"] = [box]


def init_waits(shop: Shop) -> None:
    init(shop, "until nc -z -w 1 db-primary 5432; do echo waiting for db-primary:5432; sleep 2; done")


def init_crashes(shop: Shop) -> None:
    init(shop, "echo 'FATAL: schema version 12 is older than 15' >&2; exit 7", "migrate")


def init_waits_for_what_is_down(shop: Shop) -> None:
    init(shop, "until nc -z -w 1 db 5432; do echo waiting for db:5432; sleep 2; done")
    shop.find("Deployment", "db")["spec"]["replicas"] = 0


def sidecar(shop: Shop, program: str, **more: object) -> None:
    shop.pod("orders")["containers"].append(container("metrics", program, **more))  # type: ignore[arg-type]


def sidecar_crash(shop: Shop) -> None:
    sidecar(shop, p.says_and_ends("panic: no scrape targets configured", 2))


def sidecar_port(shop: Shop) -> None:
    shop.pod("orders")["containers"].insert(0, container("metrics", p.CACHE.replace("6379", "8080")))
    shop.runs("orders", p.CACHE.replace("6379", "8080"))
    shop.pod("orders")["containers"][1]["args"] = ["setTimeout(()=>{" + p.ORDERS + "},1500)"]


def sidecar_memory(shop: Shop) -> None:
    hog = "const a=[];setInterval(()=>a.push(Buffer.alloc(1<<24,1)),50)"
    sidecar(shop, hog, resources={"limits": {"memory": "96Mi"}, "requests": {"memory": "32Mi"}})


def not_found(shop: Shop) -> None:
    shop.shell("orders", "exec orders-server --port 8080")


def no_entrypoint(shop: Shop) -> None:
    shop.box("orders").update(command=["/srv/bin/start"], args=[])


def not_executable(shop: Shop) -> None:
    shop.shell("orders", "exec /etc/hostname")


def segfault(shop: Shop) -> None:
    shop.shell("db", "echo starting; sleep 1; exit 139")


def killed_not_memory(shop: Shop) -> None:
    shop.shell("orders", "echo starting; sleep 1; exit 137")


def variable(shop: Shop) -> None:
    shop.runs("orders", p.says_and_ends("Error: environment variable PAYMENT_KEY is required"))


def memory(shop: Shop) -> None:
    shop.runs("db", "const a=[];setInterval(()=>a.push(Buffer.alloc(1<<24,1)),50)")
    shop.box("db")["resources"] = {"limits": {"memory": "100Mi"}, "requests": {"memory": "32Mi"}}


def absurd_memory(shop: Shop) -> None:
    shop.box("orders")["resources"] = {"limits": {"memory": "5Mi"}, "requests": {"memory": "5Mi"}}


def readiness(shop: Shop) -> None:
    shop.box("orders")["readinessProbe"]["httpGet"]["port"] = 8081


def liveness(shop: Shop) -> None:
    probe = {
        "httpGet": {"path": "/live", "port": 8090},
        "initialDelaySeconds": 3,
        "periodSeconds": 2,
        "failureThreshold": 2,
    }
    shop.box("orders")["livenessProbe"] = probe


def hangs(shop: Shop) -> None:
    shop.runs("db", "require('net').createServer(()=>{}).listen(5432);console.log('LOG:  ready')")


def image(shop: Shop) -> None:
    shop.box("db")["image"] = "lab.local/postgres:16.99"


def db_crash(shop: Shop) -> None:
    shop.runs("db", p.says_and_ends("FATAL:  database files are incompatible with server: created by version 13"))


def terse(change, front: str = p.FRONT_TERSE):  # type: ignore[no-untyped-def]
    """The same with a front that names nobody in its log."""

    def both(shop: Shop) -> None:
        shop.runs("front", front)
        change(shop)

    return both


ROWS = (
    Row("bare-crash", bare_crash, "pod/cart", ("cart", "price")),
    Row("bare-pending", bare_pending, "pod/cart", ("cart", "disk", "nvme")),
    Row("migrate-fails", migrate_fails, "job/migrate", ("migrate", "0042_orders"), front=False),
    Row("job-deadline", deadline, "job/index", ("index", "deadline"), front=False),
    Row("cron-fails", cron_fails, "cronjob/report", ("report", "reports-2026"), front=False, seconds=100),
    Row("cron-suspended", cron_suspended, "cronjob/report", ("report", "suspended"), front=False),
    Row("cron-blocked", cron_blocked, "cronjob/report", ("report", "proxy"), front=False, seconds=160),
    Row("daemon-crash", daemon_crash, "daemonset/log-agent", ("log-agent", "config.yaml"), front=False),
    Row("ordinal-pending", ordinal_pending, "statefulset/db", ("db", "claim", "fast")),
    Row("evicted", evicted, DB, ("db", "evicted"), seconds=60),
    Row("init-waits", terse(init_waits, p.FRONT_SILENT), ORDERS, ("db-primary",)),
    Row("init-crashes", init_crashes, ORDERS, ("migrate", "orders", "schema version")),
    Row("init-waits-for-down", terse(init_waits_for_what_is_down), ORDERS, ("db", "zero")),
    Row("sidecar-crash", sidecar_crash, ORDERS, ("metrics", "scrape targets")),
    Row("sidecar-port", terse(sidecar_port), ORDERS, ("orders", "8080", "eaddrinuse")),
    Row("sidecar-memory", sidecar_memory, ORDERS, ("metrics", "memory")),
    Row("not-found", not_found, ORDERS, ("orders", "orders-server")),
    Row("no-entrypoint", terse(no_entrypoint), ORDERS, ("orders", "/srv/bin/start")),
    Row("not-executable", not_executable, ORDERS, ("orders", "/etc/hostname")),
    Row("segfault", terse(segfault, p.FRONT_SILENT), DB, ("db", "139")),
    Row("killed-not-memory", killed_not_memory, ORDERS, ("orders", "137")),
    Row("variable", variable, ORDERS, ("orders", "payment_key")),
    Row("memory", terse(memory), DB, ("db", "memory")),
    Row("absurd-memory", absurd_memory, ORDERS, ("orders", "memory")),
    Row("readiness", terse(readiness), ORDERS, ("orders", "8081")),
    Row("liveness", liveness, ORDERS, ("orders", "8090")),
    Row("hangs", hangs, DB, ("db",)),
    Row("image", terse(image), DB, ("db", "16.99")),
    Row("db-crash", terse(db_crash, p.FRONT_SILENT), DB, ("db", "incompatible")),
)
