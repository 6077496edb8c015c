# ruff: noqa: E501
"""Faults of the kinds that public evaluation suites are made of, told in our own words and put into the shop."""

from __future__ import annotations

from functools import partial

from tests.shop import programs as p
from tests.shop.app import Object, Shop, container, http_probe
from tests.shop.faults_inside import DB, FRONT, ORDERS, terse
from tests.shop.row import Row

MAIL = "deployment/mail"


def shadowed(shop: Shop) -> None:
    shop.box("orders")["env"] += [{"name": "DB_HOST", "value": "db"}, {"name": "DB_HOST", "value": "db-shadow"}]


def host_port(shop: Shop) -> None:
    shop.box("cache")["ports"] = [{"containerPort": 6379, "hostPort": 16379}]
    shop.box("orders")["ports"] = [{"containerPort": 8080, "hostPort": 16379}]


def apart(shop: Shop) -> None:
    term = {"labelSelector": {"matchLabels": {"app": "front"}}, "topologyKey": "kubernetes.io/hostname"}
    shop.pod("front")["affinity"] = {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [term]}}
    shop.find("Deployment", "front")["spec"]["replicas"] = 2


def key_gone(shop: Shop) -> None:
    """A setting is lost: Node then calls its own address."""
    del shop.find("ConfigMap", "shop")["data"]["DB_HOST"]


def flag(shop: Shop) -> None:
    shop.runs(
        "front", p.says_on('ERROR feature flag "checkout-v2" is on, but its handler is not registered', front_http())
    )


def front_http() -> str:
    return 'require("http").createServer((q,r)=>r.end("ok")).listen(3000);'


def no_requests(shop: Shop) -> None:
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "front"}
    spec = {"scaleTargetRef": target, "maxReplicas": 3, "targetCPUUtilizationPercentage": 60}
    shop.add("autoscaling/v1", "HorizontalPodAutoscaler", "front", spec=spec)


def stuck_config(shop: Shop) -> None:
    found = shop.add("v1", "ConfigMap", "tenant", data={"a": "b"})
    found["metadata"]["finalizers"] = ["tenants.example.com/cleanup"]


def no_token(shop: Shop) -> None:
    shop.pod("mail")["automountServiceAccountToken"] = False
    shop.runs("mail", 'require("fs").readFileSync("/var/run/secrets/kubernetes.io/serviceaccount/token")')


def read_only(shop: Shop) -> None:
    shop.box("orders")["securityContext"] = {"readOnlyRootFilesystem": True}
    shop.runs("orders", 'require("fs").writeFileSync("/etc/orders.lock","1");' + p.ORDERS)


def not_root(shop: Shop) -> None:
    shop.box("orders")["securityContext"] = {"runAsNonRoot": True}


def pull_secret(shop: Shop) -> None:
    shop.box("orders")["image"] = "registry.example.invalid/shop/orders:2.1"
    shop.pod("orders")["imagePullSecrets"] = [{"name": "registry-login"}]


def image_name(shop: Shop) -> None:
    shop.box("orders")["image"] = "lab.local/Orders App:1"


def config_key(shop: Shop) -> None:
    shop.box("orders")["env"].append(
        {"name": "CURRENCY", "valueFrom": {"configMapKeyRef": {"name": "shop", "key": "CURRENCY"}}}
    )


def mounted_key(shop: Shop) -> None:
    items = [{"key": "prices.json", "path": "prices.json"}]
    shop.pod("orders")["volumes"] = [{"name": "prices", "configMap": {"name": "shop", "items": items}}]
    shop.box("orders")["volumeMounts"] = [{"name": "prices", "mountPath": "/etc/prices"}]


def impatient(shop: Shop) -> None:
    shop.runs("orders", f"setTimeout(()=>{{{p.ORDERS}}},25000)")
    del shop.box("orders")["readinessProbe"]
    shop.box("orders")["livenessProbe"] = http_probe(8080, periodSeconds=2, failureThreshold=2)


def startup(shop: Shop) -> None:
    shop.box("orders")["startupProbe"] = http_probe(8080, "/started", failureThreshold=3)
    shop.runs(
        "orders",
        p.ORDERS.replace('r.end("ok");', 'r.end("ok");if(q.url==="/started"){r.statusCode=404;return r.end()}'),
    )


def probe_command(shop: Shop) -> None:
    shop.box("db")["readinessProbe"] = {"exec": {"command": ["pg_isready"]}, "periodSeconds": 3}


def endless_job(shop: Shop) -> None:
    shop.job("import", "console.log('waiting for /import/done');setInterval(()=>{},1000)", activeDeadlineSeconds=20)


def two_boxes(shop: Shop) -> None:
    box = container("exporter", p.says_on("ERROR cannot export invoice: template invoice.tmpl is missing"))
    shop.pod("mail")["containers"].append(box)


def pool(shop: Shop) -> None:
    lines = """for(let i=0;i<150;i++)console.log(JSON.stringify({level:"INFO",message:"request ok",pool:"40/100"}));
for(let i=0;i<30;i++)console.log(JSON.stringify({level:"WARN",message:"Connection pool nearly exhausted: 9"+(i%10)+"/100"}));
for(let i=0;i<20;i++)console.log(JSON.stringify({level:"ERROR",message:"Request failed: connection pool exhausted (100/100), waited 30s"}));"""
    shop.runs("mail", lines + "setInterval(()=>{},1000)")


def flapping(shop: Shop) -> None:
    says = """setInterval(()=>console.log(JSON.stringify(Math.random()<.6?{level:"ERROR",message:"Request timeout connecting to cache after 5000ms"}
:{level:"INFO",message:"Request completed - Status: 200"})),700);"""
    shop.runs("mail", says)


def limited(shop: Shop) -> None:
    says = 'setInterval(()=>console.log(JSON.stringify({level:"ERROR",status:429,path:"/v1/rates",message:"Too Many Requests"})),900);'
    shop.runs("mail", says)


def login(shop: Shop) -> None:
    says = """let n=0;setInterval(()=>console.log(`[${new Date().toISOString()}] `+(n++%3?"INFO: User u"+n+" accessing dashboard":
"ERROR: Login failed: Identity provider certificate has expired")),600);"""
    shop.runs("mail", says)


def cascade(shop: Shop) -> None:
    says = """setInterval(()=>{console.log('{"service":"mail","level":"ERROR","message":"Token check failed: auth-service lost its connection to Redis"}')},1500);"""
    shop.runs("mail", says)


def external(shop: Shop) -> None:
    shop.drop("Service", "db")
    shop.add("v1", "Service", "db", spec={"type": "ExternalName", "externalName": "pg-17.rds.example.invalid"})


def paused() -> list[Object]:
    shop = Shop()
    shop.box("orders")["image"] = "lab.local/app:2"
    found = shop.find("Deployment", "orders")
    found["spec"]["paused"] = True
    return [found]


def rolled(change: str) -> list[Object]:
    """A new revision of the front that does not come up, while the old one serves."""
    shop = Shop()
    found = shop.find("Deployment", "front")
    found["spec"]["strategy"] = {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1}}
    if change == "image":
        shop.box("front")["image"] = "lab.local/front:9"
    else:
        shop.runs("front", p.says_and_ends("Error: Cannot find module 'express'"))
    return [found]


def rolling(shop: Shop) -> None:
    found = shop.find("Deployment", "front")
    found["spec"]["strategy"] = {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1}}


def no_room(shop: Shop) -> None:
    shop.find("Deployment", "orders")["spec"]["replicas"] = 3
    shop.box("orders")["resources"] = {"requests": {"cpu": "900m"}}


def pod_count(shop: Shop) -> None:
    shop.objects.insert(0, {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "pods"}})
    shop.objects[0]["spec"] = {"hard": {"pods": "4"}}


def no_limits(shop: Shop) -> None:
    shop.objects.insert(0, {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "memory"}})
    shop.objects[0]["spec"] = {"hard": {"limits.memory": "2Gi"}}
    for name in ("cache", "front", "mail", "db"):
        shop.box(name)["resources"] = {"limits": {"memory": "200Mi"}}


def udp(shop: Shop) -> None:
    shop.find("Service", "db")["spec"]["ports"][0]["protocol"] = "UDP"


def not_authorized(shop: Shop) -> None:
    text = 'MongoServerError: not authorized on orders to execute command { find: "orders" }'
    shop.runs("orders", p.ORDERS.replace("ask(e=>{", f"ask(e=>{{e=e||new Error({text!r});"))


def redis_full(shop: Shop) -> None:
    shop.runs("mail", p.says_on("ReplyError: OOM command not allowed when used memory > 'maxmemory'."))


def leak(shop: Shop) -> None:
    shop.runs("orders", "const a=[];setInterval(()=>a.push(Buffer.alloc(1<<22,1)),200);" + p.ORDERS)
    shop.box("orders")["resources"] = {"limits": {"memory": "140Mi"}}


def stuck_pod(shop: Shop) -> None:
    shop.add("v1", "Pod", "batch-7", spec={"terminationGracePeriodSeconds": 1, "containers": [container("b", p.CACHE)]})
    shop.find("Pod", "batch-7")["metadata"]["finalizers"] = ["queue.example.com/drain"]


def name_of_job_host(shop: Shop) -> None:
    fetch = "fetch('http://warehouse-exports.example.invalid/stock').catch(e=>{console.error(e.cause.message);process.exit(6)})"
    shop.job("get-stock", fetch)


def module(shop: Shop) -> None:
    shop.runs("orders", "require('/app/server.js')")


def python_trace(shop: Shop) -> None:
    text = (
        'Traceback (most recent call last):\n  File "/app/main.py", line 12, in <module>\n    rate = RATES[currency]\n'
        "KeyError: 'EUR'"
    )
    shop.runs("orders", p.says_and_ends(text))


def java_trace(shop: Shop) -> None:
    text = (
        'Exception in thread "main" java.lang.IllegalStateException: no tax table for 2027\n'
        "\tat com.shop.Tax.load(Tax.java:41)\n\tat com.shop.Main.main(Main.java:9)"
    )
    shop.runs("orders", p.says_and_ends(text))


def spring(shop: Shop) -> None:
    text = (
        "org.springframework.beans.factory.BeanCreationException: Error creating bean with name 'orders'\n"
        "Caused by: org.postgresql.util.PSQLException: Connection to db:5432 refused. Check that the hostname and port are correct\n"
        "\tat org.postgresql.core.v3.ConnectionFactoryImpl.openConnectionImpl(ConnectionFactoryImpl.java:319)"
    )
    shop.runs("orders", p.says_and_ends(text))
    shop.find("Deployment", "db")["spec"]["replicas"] = 0


def go_fatal(shop: Shop) -> None:
    text = "2026/11/29 10:00:00 cannot start: dial tcp: lookup db-main on 172.30.0.10:53: no such host"
    shop.runs("orders", p.says_and_ends(text))
    shop.set("DB_HOST", "db-main")


def slow_database(shop: Shop) -> None:
    shop.runs(
        "orders",
        p.ORDERS.replace("ask(e=>{", "ask(e=>{e=e||new Error('canceling statement due to statement timeout');"),
    )


ROWS = (
    Row("shadowed", terse(shadowed), ORDERS, ("db-shadow", "db_host")),
    Row("host-port", terse(host_port), ORDERS, ("orders", "port")),
    Row("apart", apart, FRONT, ("front", "anti-affinity")),
    Row("key-gone", terse(key_gone), ORDERS, ("orders", "5432")),
    Row("flag", flag, FRONT, ("front", "checkout-v2")),
    Row("no-requests", no_requests, "hpa/front", ("front", "metric")),
    Row(
        "stuck-config",
        stuck_config,
        "configmap/tenant",
        ("tenant", "tenants.example.com"),
        front=False,
        seconds=75,
        commands=("delete configmap tenant --wait=false",),
        frees=(("configmap", "tenant"),),
    ),
    Row("no-token", no_token, MAIL, ("mail", "token"), front=False),
    Row("read-only", terse(read_only), ORDERS, ("orders", "read-only")),
    Row("not-root", not_root, ORDERS, ("orders", "runasnonroot")),
    Row("pull-secret", terse(pull_secret), ORDERS, ("orders", "registry.example.invalid")),
    Row("image-name", image_name, ORDERS, ("orders", "orders app")),
    Row("config-key", terse(config_key), ORDERS, ("orders", "currency")),
    Row("mounted-key", mounted_key, ORDERS, ("orders", "prices.json")),
    Row("impatient", terse(impatient), ORDERS, ("orders", "liveness"), seconds=60),
    Row("startup", startup, ORDERS, ("orders", "/started")),
    Row("probe-command", terse(probe_command), DB, ("db", "pg_isready")),
    Row("endless-job", endless_job, "job/import", ("import", "deadline"), front=False, seconds=50),
    Row("two-boxes", two_boxes, MAIL, ("mail", "invoice.tmpl"), front=False),
    Row("suite-pool", pool, MAIL, ("mail", "pool"), front=False),
    Row("flapping", flapping, MAIL, ("mail", "cache"), front=False),
    Row("limited", limited, MAIL, ("mail", "429"), front=False),
    Row("login", login, MAIL, ("mail", "certificate"), front=False),
    Row("cascade", cascade, MAIL, ("mail", "redis"), front=False),
    Row("external", terse(external), "service/db", ("pg-17.rds.example.invalid",)),
    Row("paused", rolling, ORDERS, ("orders", "paused"), front=False, seconds=20, later=paused),
    Row("roll-image", rolling, FRONT, ("front", "lab.local/front:9"), seconds=25, later=partial(rolled, "image")),
    Row("roll-crash", rolling, FRONT, ("front", "express"), seconds=25, later=partial(rolled, "crash")),
    Row("no-room", no_room, ORDERS, ("orders", "cpu")),
    Row("pod-count", pod_count, "namespace/anyns-pod-count", ("quota",), front=False),
    Row("no-limits", terse(no_limits), ORDERS, ("orders", "limits.memory")),
    Row("udp", udp, "service/db", ("db", "udp")),
    Row("not-authorized", terse(not_authorized), ORDERS, ("orders", "not authorized")),
    Row("redis-full", redis_full, MAIL, ("mail", "maxmemory"), front=False),
    Row("leak", leak, ORDERS, ("orders", "memory"), seconds=60),
    Row(
        "stuck-pod",
        stuck_pod,
        "pod/batch-7",
        ("batch-7", "queue.example.com"),
        front=False,
        seconds=75,
        commands=("delete pod batch-7 --wait=false",),
        frees=(("pod", "batch-7"),),
    ),
    Row("job-host", name_of_job_host, "job/get-stock", ("get-stock", "warehouse-exports.example.invalid"), front=False),
    Row("module", module, ORDERS, ("orders", "/app/server.js")),
    Row("python", terse(python_trace), ORDERS, ("orders", "keyerror")),
    Row("java", java_trace, ORDERS, ("orders", "no tax table")),
    Row("spring", terse(spring), ORDERS, ("db", "zero")),
    Row("go", go_fatal, ORDERS, ("db-main",)),
    Row("statements", slow_database, ORDERS, ("orders", "statement timeout")),
)
