# ruff: noqa: E501
"""A second shop, built as charts build them: long names, the database's URL in a Secret, other languages' words.

web (2 replicas, Go's words in JSON) → api (Python's words) → postgresql (StatefulSet, headless Service) and redis; a
worker that nobody calls.
"""

from __future__ import annotations

from typing import Any

from tests.shop import programs as p
from tests.shop.app import Object, Shop, container, http_probe, secret
from tests.shop.row import Row

WEB, API, PG = "deployment/acme-web", "deployment/acme-api", "statefulset/acme-postgresql"
WORKER, REDIS = "deployment/acme-worker", "deployment/acme-redis"

_API = (
    p.HEAD
    + """const u=new URL(E.DATABASE_URL),port=+u.port;
function ask(done){let over=false;const end=e=>{if(!over){over=true;s.destroy();done(e)}};const s=net.connect(port,u.hostname);
const at=`connection to server at "${u.hostname}", port ${port} failed: `;
s.setTimeout(2500,()=>end(at+"timeout expired"));s.on("connect",()=>s.write(u.password+"\\n"));
s.on("data",d=>end(/OK/.test(d)?null:at+'FATAL:  password authentication failed for user "shop"'));
s.on("error",e=>end(e.code==="ENOTFOUND"?`could not translate host name "${u.hostname}" to address: Name or service not known`:at+"Connection refused"));}
http.createServer((q,r)=>{if(q.url==="/ready")return r.end("ok");ask(e=>{if(!e)return r.end("[]");
console.error("Traceback (most recent call last):\\n  File \\"/app/db.py\\", line 31, in connect\\npsycopg2.OperationalError: "+e);
console.log(`INFO:     10.85.0.9:40312 - "GET ${q.url} HTTP/1.1" 500 Internal Server Error`);r.statusCode=500;r.end("{}")})})
.listen(8000,()=>console.log("INFO:     Uvicorn running on http://0.0.0.0:8000"));"""
)
_WEB = (
    p.HEAD
    + """const U=E.API_ADDR;const said=m=>console.log(JSON.stringify({time:new Date().toISOString(),level:"ERROR",msg:"render failed",error:m}));
async function load(){let r;try{r=await fetch("http://"+U+"/v1/bread",{signal:AbortSignal.timeout(4000)})}catch(e){const c=e.cause||e;
throw new Error(`Get "http://${U}/v1/bread": `+(c.code==="ENOTFOUND"?`dial tcp: lookup ${U.split(":")[0]}: no such host`:
c.code==="ECONNREFUSED"?`dial tcp ${c.address}:${c.port}: connect: connection refused`:"context deadline exceeded (Client.Timeout exceeded while awaiting headers)"))}
if(!r.ok)throw new Error("unexpected status "+r.status+" from api")}
http.createServer((q,r)=>{if(q.url==="/ready")return r.end("ok");load().then(()=>r.end("bread"),e=>{r.statusCode=502;r.end("bad gateway")})})
.listen(8080,()=>console.log('{"level":"INFO","msg":"listening on :8080"}'));
setInterval(()=>load().catch(e=>said(e.message)),2500);"""
)
_WORKER = (
    p.HEAD
    + """const u=new URL(E.BROKER_URL);console.log("celery@worker ready.");setInterval(()=>{const s=net.connect(+u.port,u.hostname,()=>s.end());
s.on("error",e=>console.error(`[ERROR/MainProcess] consumer: Cannot connect to ${E.BROKER_URL}: Error 111 connecting to ${u.hostname}:${u.port}. ${e.code==="ENOTFOUND"?"Name or service not known":"Connection refused"}.`))},2500);"""
)


class Bakery(Shop):
    """The second shop in which all is well."""

    def __init__(self) -> None:
        self.objects: list[Object] = []
        self.wide: list[Object] = []
        self.add("v1", "ConfigMap", "shop", data={"TZ": "UTC"})
        url = "postgresql://shop:crumbs-7@acme-postgresql:5432/shop"
        self.add("v1", "Secret", "acme-db", stringData={"url": url, "password": "crumbs-7"})
        pg = self.workload("acme-postgresql", p.DB, 5432, "StatefulSet", env=[secret("POSTGRES_PASSWORD", "acme-db")])
        pg["spec"]["serviceName"] = "acme-postgresql-headless"
        self.workload("acme-redis", p.CACHE, 6379)
        env = [secret("DATABASE_URL", "acme-db", "url"), {"name": "REDIS_HOST", "value": "acme-redis"}]
        self.workload("acme-api", _API, 8000, env=env, probe=http_probe(8000, "/ready"))
        web: list[Object] = [{"name": "API_ADDR", "value": "acme-api:80"}]
        self.workload("acme-web", _WEB, 8080, env=web, probe=http_probe(8080, "/ready"))
        self.find("Deployment", "acme-web")["spec"]["replicas"] = 2
        self.workload("acme-worker", _WORKER, 0, env=[{"name": "BROKER_URL", "value": "redis://acme-redis:6379/0"}])
        for name, port, target in (
            ("acme-postgresql", 5432, 5432),
            ("acme-redis", 6379, 6379),
            ("acme-api", 80, 8000),
            ("acme-web", 80, 8080),
        ):
            self.service(name, {"app": name}, port, target)
        self.service("acme-postgresql-headless", {"app": "acme-postgresql"}, 5432)["spec"]["clusterIP"] = "None"

    def set_of(self, name: str) -> Object:
        """The pod's spec in a StatefulSet's template."""
        found: Object = self.find("StatefulSet", name)["spec"]["template"]["spec"]
        return found


def pg_zero(shop: Bakery) -> None:
    shop.find("StatefulSet", "acme-postgresql")["spec"]["replicas"] = 0


def pg_crash(shop: Bakery) -> None:
    says = "PANIC:  could not locate a valid checkpoint record"
    shop.set_of("acme-postgresql")["containers"][0]["args"] = [p.says_and_ends(says)]


def pg_claim(shop: Bakery) -> None:
    spec = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "8Gi"}}, "storageClassName": "gp3"}
    shop.find("StatefulSet", "acme-postgresql")["spec"]["volumeClaimTemplates"] = [
        {"metadata": {"name": "data"}, "spec": spec}
    ]
    shop.set_of("acme-postgresql")["containers"][0]["volumeMounts"] = [{"name": "data", "mountPath": "/data"}]


def pg_selector(shop: Bakery) -> None:
    shop.find("Service", "acme-postgresql")["spec"]["selector"] = {"app": "acme-postgresql", "role": "primary"}


def pg_memory(shop: Bakery) -> None:
    box = shop.set_of("acme-postgresql")["containers"][0]
    box["args"] = ["const a=[];setInterval(()=>a.push(Buffer.alloc(1<<24,1)),50)"]
    box["resources"] = {"limits": {"memory": "96Mi"}}


def pg_probe(shop: Bakery) -> None:
    shop.set_of("acme-postgresql")["containers"][0]["readinessProbe"] = {
        "tcpSocket": {"port": 5433},
        "periodSeconds": 3,
    }


def pg_full(shop: Bakery) -> None:
    text = "FATAL:  could not write lock file postmaster.pid: No space left on device"
    shop.set_of("acme-postgresql")["containers"][0]["args"] = [p.says_and_ends(text)]


def pg_slots(shop: Bakery) -> None:
    text = "FATAL:  remaining connection slots are reserved for non-replication superuser connections"
    program = p.DB.replace("s.write(", f"(console.log({text!r}),s.end()),0&&s.write(")
    shop.set_of("acme-postgresql")["containers"][0]["args"] = [program]


def pg_service_gone(shop: Bakery) -> None:
    shop.drop("Service", "acme-postgresql")


def password(shop: Bakery) -> None:
    shop.add("v1", "Secret", "acme-pg", stringData={"password": "other-1"})
    shop.set_of("acme-postgresql")["containers"][0]["env"] = [secret("POSTGRES_PASSWORD", "acme-pg")]


def api_port(shop: Bakery) -> None:
    shop.find("Service", "acme-api")["spec"]["ports"][0]["targetPort"] = 8080


def api_variable(shop: Bakery) -> None:
    text = (
        'Traceback (most recent call last):\n  File "/app/main.py", line 9, in <module>\n'
        "    OVEN = os.environ['OVEN_KEY']\nKeyError: 'OVEN_KEY'"
    )
    shop.box("acme-api")["args"] = [p.says_and_ends(text)]


def api_secret(shop: Bakery) -> None:
    shop.box("acme-api")["env"].append(secret("OVEN_KEY", "oven-credentials", "key"))


def api_init(shop: Bakery) -> None:
    box = container("migrate", "")
    box.update(
        command=["/bin/sh", "-c"],
        args=["until nc -z -w 1 acme-postgresql-primary 5432; do echo no db yet; sleep 2; done"],
    )
    shop.pod("acme-api")["initContainers"] = [box]


def api_image(shop: Bakery) -> None:
    shop.box("acme-api")["image"] = "lab.local/acme-api:2026.11"


def api_quota(shop: Bakery) -> None:
    shop.objects.insert(0, {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "compute"}})
    shop.objects[0]["spec"] = {"hard": {"pods": "5"}}


def web_address(shop: Bakery) -> None:
    shop.box("acme-web")["env"] = [{"name": "API_ADDR", "value": "acme-backend:80"}]


def web_port(shop: Bakery) -> None:
    shop.box("acme-web")["env"] = [{"name": "API_ADDR", "value": "acme-api:8000"}]


def redis_port(shop: Bakery) -> None:
    shop.box("acme-redis")["args"] = [p.CACHE.replace("6379", "6380")]


def redis_node(shop: Bakery) -> None:
    shop.pod("acme-redis")["affinity"] = {
        "nodeAffinity": {
            "requiredDuringSchedulingIgnoredDuringExecution": {
                "nodeSelectorTerms": [
                    {
                        "matchExpressions": [
                            {"key": "topology.kubernetes.io/zone", "operator": "In", "values": ["eu-2c"]}
                        ]
                    }
                ]
            }
        }
    }


def dns(shop: Bakery) -> None:
    shop.pod("acme-api").update(dnsPolicy="Default")


def well(shop: Bakery) -> None:
    shop.box("acme-web")["env"].append({"name": "THEME", "value": "dark:1"})


def row(name: str, change: Any, about: str, words: tuple[str, ...], **more: Any) -> Row:
    return Row(f"b-{name}", change, about, words, shop=Bakery, entrance=WEB, **more)


ROWS = (
    row("pg-zero", pg_zero, PG, ("acme-postgresql", "zero")),
    row("pg-crash", pg_crash, PG, ("acme-postgresql", "checkpoint")),
    row("pg-claim", pg_claim, PG, ("acme-postgresql", "gp3")),
    row("pg-selector", pg_selector, "service/acme-postgresql", ("service acme-postgresql", "role=primary")),
    row("pg-memory", pg_memory, PG, ("acme-postgresql", "memory")),
    row("pg-probe", pg_probe, PG, ("acme-postgresql", "5433")),
    row("pg-full", pg_full, PG, ("acme-postgresql", "no space left")),
    row("pg-slots", pg_slots, PG, ("acme-postgresql", "connection slots")),
    row("pg-service", pg_service_gone, "service/acme-postgresql", ("no service acme-postgresql",)),
    row("password", password, API, ("acme-api", "password", "acme-db")),
    row("api-port", api_port, "service/acme-api", ("service acme-api", "8080")),
    row("api-variable", api_variable, API, ("acme-api", "oven_key")),
    row("api-secret", api_secret, API, ("acme-api", "oven-credentials")),
    row("api-init", api_init, API, ("acme-postgresql-primary",)),
    row("api-image", api_image, API, ("acme-api", "2026.11")),
    row("api-quota", api_quota, "namespace/anyns-b-api-quota", ("quota",), front=False),
    row("web-address", web_address, WEB, ("acme-backend", "api_addr")),
    row("web-port", web_port, WEB, ("8000", "api_addr")),
    row("redis-port", redis_port, REDIS, ("acme-redis", "6379"), front=False),
    row("redis-node", redis_node, REDIS, ("acme-redis", "eu-2c"), front=False),
    row("dns", dns, API, ("acme-api", "dnspolicy")),
    row("well", well, API, (), well=True),
)
