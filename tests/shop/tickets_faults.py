# ruff: noqa: E501
"""How the ticket shop is broken, and what only looks so; the right answers were written before the first question."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from tests.shop import programs as q
from tests.shop import tickets_programs as p
from tests.shop.depot import claim, variable
from tests.shop.row import Row
from tests.shop.tickets import CONNECTION, LABEL, Tickets

GATEWAY, CATALOGUE, BASKET, PAYMENT = (f"deployment/{one}" for one in ("gateway", "catalogue", "basket", "payment"))
STORE, CACHE, BANK, MAILER = (
    "statefulset/store",
    "deployment/session-cache",
    "deployment/bank-stub",
    "deployment/mailer",
)


def row(name: str, change: Callable[[Any], Any], about: str, words: tuple[str, ...], **more: Any) -> Row:
    """A row of the ticket shop; its views begin with t-."""
    return Row(f"t-{name}", lambda shop: change(shop) and None, about, words, shop=Tickets, entrance=GATEWAY, **more)


def says(name: str, text: str, code: int = 1) -> Callable[[Tickets], None]:
    return lambda shop: shop.box(name).update(args=[q.says_and_ends(text, code)])


def prints(name: str, program: str, text: str) -> Callable[[Tickets], None]:
    """It works on and prints this."""
    more = ";setInterval(()=>console.error(" + repr(text) + "),2000)"

    def change(shop: Tickets) -> None:
        box = shop.box(name)
        box["args"][0] = program + more

    return change


def swap(name: str, program: str, text: str, by: str) -> Callable[[Tickets], None]:
    def change(shop: Tickets) -> None:
        assert text in program
        shop.box(name)["args"][0] = program.replace(text, by)

    return change


def route(text: str, by: str, shop: Tickets) -> None:
    data = shop.find("ConfigMap", "gateway-routes")["data"]
    assert text in data["routes.json"]
    data["routes.json"] = data["routes.json"].replace(text, by)


def connection(text: str, by: str, shop: Tickets, name: str = "ConnectionStrings__Events") -> None:
    shop.box("catalogue")["env"] = [variable(name, CONNECTION.replace(text, by))]


def bank(value: str, shop: Tickets) -> None:
    shop.find("ConfigMap", "payment-settings")["data"] = {"bank.endpoint": value}


def service(name: str, shop: Tickets, **spec: Any) -> None:
    shop.find("Service", name)["spec"].update(spec)


def target(name: str, value: int | str, shop: Tickets) -> None:
    shop.find("Service", name)["spec"]["ports"][0]["targetPort"] = value


def pod(name: str, **spec: Any) -> Callable[[Tickets], None]:
    return lambda shop: shop.pod(name).update(spec)


def box(name: str, **more: Any) -> Callable[[Tickets], None]:
    return lambda shop: shop.box(name).update(more)


def bare_finalizer(shop: Tickets) -> None:
    shop.bare("seat-map", "setInterval(()=>{},1e6)")["metadata"]["finalizers"] = ["tickets.example/release-seats"]


def job(text: str, code: int, shop: Tickets) -> None:
    made = shop.job("seed-events", f"console.log({text!r});process.exit({code})")
    del made["spec"]["template"]["spec"]["containers"][0]["envFrom"]


def claims(shop: Tickets) -> None:
    made = claim()
    made["spec"]["storageClassName"] = "fast-ssd"
    shop.template("store")["volumeClaimTemplates"] = [made]
    shop.wide = [item for item in shop.wide if item["kind"] != "PersistentVolume"]


def not_a_program(shop: Tickets) -> None:
    shop.add("v1", "ConfigMap", "bank-bin", binaryData={"bank": "f0VMRgIBAQAAAAAAAAAAAAIAtwABAAAA"})
    shop.pod("bank-stub")["volumes"] = [{"name": "bin", "configMap": {"name": "bank-bin", "defaultMode": 0o755}}]
    shop.box("bank-stub").update(command=["/opt/bank"], args=[], volumeMounts=[{"name": "bin", "mountPath": "/opt"}])


def child_killed(shop: Tickets) -> None:
    """The kernel kills a child for memory; the container's own process lives on and says so."""
    hog = "const a=[];setInterval(()=>a.push(Buffer.alloc(1<<24,1)),20)"
    program = (
        p.BASKET
        + f';function child(){{const c=require("child_process").spawn("/usr/bin/node",["-e",{hog!r}]);c.on("exit",(k,g)=>{{console.error(t()+` level=ERROR msg="pricing worker ended" pid=${{c.pid}} err="signal: ${{g==="SIGKILL"?"killed":g}}"`);setTimeout(child,3000)}})}}child()'
    )
    shop.box("basket")["args"][0] = program
    shop.box("basket")["resources"] = {"limits": {"memory": "200Mi"}, "requests": {"memory": "32Mi"}}


def slow(shop: Tickets) -> None:
    shop.box("catalogue")["args"] = [f"console.log('warming caches');setTimeout(()=>{{{p.CATALOGUE}}},45000)"]
    probe = {"httpGet": {"path": "/health", "port": 8080}, "periodSeconds": 3, "failureThreshold": 3}
    shop.box("catalogue")["livenessProbe"] = probe


def deep_ready(shop: Tickets) -> None:
    """The basket is not ready while its cache is away; the cache cannot read its file."""
    swap("basket", p.BASKET, 'return r.end("ok");', 'return ask(e=>{r.statusCode=e?503:200;r.end(e||"ok")});')(shop)
    says(
        "session-cache",
        "1:M 30 Nov 2026 05:00:00.113 # Bad file format reading the append only file appendonly.aof.1.incr.aof: make a backup of your AOF file, then use ./redis-check-aof --fix <filename.manifest>",
    )(shop)


def lockdown(shop: Tickets, target: str = "session-cache") -> None:
    """The cluster of the test does not enforce it."""
    peers = [{"from": [{"podSelector": {"matchLabels": {"role": "admin"}}}]}]
    spec = {"podSelector": {"matchLabels": {LABEL: target}}, "policyTypes": ["Ingress"], "ingress": peers}
    shop.add("networking.k8s.io/v1", "NetworkPolicy", "lockdown", spec=spec)


def quota(shop: Tickets) -> None:
    spec = {"hard": {"limits.cpu": "4"}}
    shop.objects.insert(
        0, {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "box-office"}, "spec": spec}
    )
    for item in shop.objects:
        if item["kind"] in ("Deployment", "StatefulSet") and item["metadata"]["name"] != "basket":
            for one in item["spec"]["template"]["spec"]["containers"]:
                one["resources"] = {"limits": {"cpu": "300m"}, "requests": {"cpu": "5m"}}


def ingress_port(shop: Tickets) -> None:
    path = shop.find("Ingress", "tickets")["spec"]["rules"][0]["http"]["paths"][0]
    path["backend"]["service"]["port"] = {"name": "web"}


def throttled(shop: Tickets) -> None:
    """Slow for want of processor time, and all the same well."""
    shop.box("basket")["resources"] = {"limits": {"cpu": "120m"}, "requests": {"cpu": "10m"}}
    prints("basket", p.BASKET, 'time=2026-11-30T05:00:00Z level=WARN msg="slow request" took=1.84s')(shop)


def once(shop: Tickets) -> None:
    """It ended once, at its start, and has run since."""
    shop.pod("bank-stub")["volumes"] = [{"name": "tmp", "emptyDir": {}}]
    program = 'const f="/var/first/mark",fs=require("fs");if(!fs.existsSync(f)){fs.writeFileSync(f,"");console.error("license server not reachable yet");process.exit(1)}'
    shop.box("bank-stub").update(args=[program + p.BANK], volumeMounts=[{"name": "tmp", "mountPath": "/var/first"}])


def optional(shop: Tickets) -> None:
    reference = {"secretKeyRef": {"name": "smtp-login", "key": "password", "optional": True}}
    shop.box("mailer")["env"].append({"name": "SMTP_PASSWORD", "valueFrom": reference})


def legacy(shop: Tickets) -> None:
    shop.workload("legacy-seats", "0", 8080)["spec"]["replicas"] = 0


def scanners(shop: Tickets) -> None:
    swap(
        "gateway",
        p.GATEWAY,
        "setInterval(()=>{for",
        'setInterval(()=>{log(40,{msg:"no route",url:"/wp-login.php",statusCode:404});for',
    )(shop)


LEASES = 'E1130 05:00:00.118820       1 leaderelection.go:330] error retrieving resource lock PLACE/mailer: leases.coordination.k8s.io "mailer" is forbidden: User "system:serviceaccount:PLACE:default" cannot get resource "leases" in API group "coordination.k8s.io" in the namespace "PLACE"'
WAITS = "until nc -w 1 store-primary 5432 </dev/null 2>/dev/null; do echo 'store not up yet, trying again in 2s'; sleep 2; done"
LATE = f"setTimeout(()=>{{{p.CACHE}}},9000)"

ROWS = (
    row(
        "job-exists",
        partial(job, 'ERROR:  relation "events" already exists', 3),
        "job/seed-events",
        ("seed-events", "already exists"),
        front=False,
    ),
    row("store-class", claims, STORE, ("store", "fast-ssd")),
    row(
        "spool-full",
        prints(
            "basket",
            p.BASKET,
            'time=2026-11-30T05:00:00Z level=ERROR msg="keep basket" err="write /var/spool/basket/0012.tmp: no space left on device"',
        ),
        BASKET,
        ("basket", "no space left"),
    ),
    row(
        "certificate",
        swap(
            "payment",
            p.PAYMENT,
            'fetch(U+"/charge"',
            'bad("RequestException: cURL error 60: SSL certificate problem: certificate has expired (see https://curl.haxx.se/libcurl/c/libcurl-errors.html)");fetch(U+"/x"',
        ),
        PAYMENT,
        ("payment", "certificate"),
    ),
    row(
        "init-waits",
        lambda shop: shop.beside("catalogue", WAITS, "wait-store", "initContainers"),
        CATALOGUE,
        ("catalogue", "wait-store"),
    ),
    row(
        "init-fails",
        lambda shop: shop.beside(
            "basket",
            "echo 'ERROR: Validate failed: Migrations have failed validation'; exit 1",
            "flyway",
            "initContainers",
        ),
        BASKET,
        ("flyway", "migrations have failed"),
    ),
    row(
        "sidecar",
        lambda shop: shop.beside(
            "payment",
            "echo '[ERROR] agent.auth.handler: error authenticating: error=\"permission denied\"'; sleep 1; exit 1",
            "vault-agent",
        ),
        PAYMENT,
        ("vault-agent", "permission denied"),
    ),
    row("not-a-program", not_a_program, BANK, ("bank-stub", "exec format")),
    row("child-killed", child_killed, BASKET, ("basket", "killed"), seconds=50),
    row("slow-start", slow, CATALOGUE, ("catalogue", "liveness"), seconds=60),
    row("deep-ready", deep_ready, CACHE, ("session-cache", "append only file")),
    row("password", partial(connection, "row-F-12", "row-G-12"), CATALOGUE, ("catalogue", "password"), also=("store",)),
    row("target-name", partial(target, "catalogue", "web"), "service/catalogue", ("service catalogue", "web")),
    row(
        "selector",
        partial(service, "session-cache", selector={LABEL: "sessions"}),
        "service/session-cache",
        ("service session-cache", "sessions"),
    ),
    row("route-port", partial(route, "payment:8080", "payment:8081"), GATEWAY, ("payment", "8081")),
    row("bank-elsewhere", partial(bank, "http://bank-stub.finance:9000"), PAYMENT, ("bank_endpoint", "finance")),
    row(
        "argument",
        lambda shop: shop.box("basket")["args"].__setitem__(2, "--redis-addr=session-cach:6379"),
        BASKET,
        ("basket", "session-cach"),
    ),
    row("store-name", partial(connection, "Host=store", "Host=stores"), CATALOGUE, ("catalogue", "stores")),
    row(
        "leases", prints("smtp-relay", p.RELAY, LEASES), "deployment/smtp-relay", ("smtp-relay", "leases"), front=False
    ),
    row("ingress-port", ingress_port, "ingress/tickets", ("tickets", "web"), front=False),
    row(
        "rate-limit",
        prints(
            "payment",
            p.PAYMENT,
            '{"level":"error","ts":"2026-11-30T05:00:00Z","msg":"charge failed","status":429,"error":"Too Many Requests","url":"https://api.bank.example/v2/charge"}',
        ),
        PAYMENT,
        ("payment", "429"),
    ),
    row("outside", partial(bank, "https://api.bank.example.invalid"), PAYMENT, ("payment", "api.bank.example.invalid")),
    row(
        "key-typo",
        lambda shop: connection("x", "x", shop, "ConnectionStrings__Event"),
        CATALOGUE,
        ("catalogue", "connectionstring"),
    ),
    row("store-zero", lambda shop: shop.template("store").update(replicas=0), STORE, ("store", "zero")),
    row("bad-json", partial(route, ',"/pay"', '"/pay"'), GATEWAY, ("gateway", "json")),
    row(
        "too-many",
        swap(
            "catalogue",
            p.CATALOGUE,
            's.write(p.Password+"\\n")',
            'end("Npgsql.PostgresException (0x80004005): 53300: sorry, too many clients already")',
        ),
        CATALOGUE,
        ("too many clients",),
        also=("store",),
    ),
    row(
        "dns", pod("basket", dnsPolicy="None", dnsConfig={"nameservers": ["10.9.9.9"]}), BASKET, ("basket", "10.9.9.9")
    ),
    row(
        "bare-stuck",
        bare_finalizer,
        "pod/seat-map",
        ("seat-map", "tickets.example/release-seats"),
        front=False,
        seconds=75,
        commands=("delete pod seat-map --wait=false",),
        frees=(("pod", "seat-map"),),
    ),
    row("no-relay", lambda shop: shop.drop("Service", "smtp-relay"), MAILER, ("smtp-relay", "service"), front=False),
    row("quota", quota, BASKET, ("basket", "box-office")),
    row(
        "relay-refused",
        lambda shop: shop.runs("smtp-relay", p.RELAY.replace("2525)", "2526)")),
        "deployment/smtp-relay",
        ("smtp-relay", "2525"),
        front=False,
    ),
    row("well", lambda _: None, GATEWAY, (), well=True),
    row("well-policy", partial(lockdown, target="basket"), BASKET, (), well=True),
    row("well-throttled", throttled, BASKET, (), well=True),
    row(
        "well-job",
        partial(job, "seeded 311 events, 0 errors, 3 failed seats were skipped", 0),
        "job/seed-events",
        (),
        well=True,
    ),
    row("well-once", once, BANK, (), well=True, seconds=70),
    row("well-scanners", scanners, GATEWAY, (), well=True),
    row("well-late", lambda shop: shop.runs("session-cache", LATE), CACHE, (), well=True, seconds=90),
    row(
        "well-words",
        prints("smtp-relay", p.RELAY, "relay: status deferred=0 bounced=0 errors=0 last_error=none timeouts=0"),
        "deployment/smtp-relay",
        (),
        well=True,
    ),
)
