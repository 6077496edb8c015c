# ruff: noqa: E501
"""Faults inside the depot's pods, of the kinds that make pods, and those that only a log shows."""

from __future__ import annotations

from functools import partial
from typing import Any

from tests.shop import depot_programs as d
from tests.shop import programs as p
from tests.shop.app import Object, container, pod_spec
from tests.shop.depot import Depot
from tests.shop.row import Row

GATE, VIEW, LABELS = "deployment/gate", "deployment/track-view", "deployment/labels"
SORTER, INTAKE = "deployment/sorter", "deployment/scan-intake"
LEDGER, BROKER = "statefulset/ledger", "statefulset/broker"
HOG = "const a=[];setInterval(()=>a.push(Buffer.alloc(1<<24,1)),50)"


def row(name: str, change: Any, about: str, words: tuple[str, ...], **more: Any) -> Row:
    return Row(f"p-{name}", change, about, words, shop=Depot, entrance=GATE, strict=True, **more)


def pod_memory(shop: Depot) -> None:
    """A bare pod beside the app, killed for memory."""
    spec = pod_spec("kiosk", HOG, 0, resources={"limits": {"memory": "80Mi"}, "requests": {"memory": "32Mi"}})
    shop.add("v1", "Pod", "kiosk", spec=spec)


def job_gives_up(shop: Depot) -> None:
    shop.drop("Job", "schema")
    text = "Mysql2::Error: Duplicate column name 'weight_g': ALTER TABLE parcels ADD weight_g int"
    shop.job("schema", p.says_and_ends(text, 1))


def job_waits(shop: Depot) -> None:
    wait = "setInterval(()=>fetch('http://search-index:9200/_cat').catch(e=>console.error('backfill: index not reachable yet:',e.cause.message)),1500)"
    shop.job("backfill", wait)


def cron_refused(shop: Depot) -> None:
    shop.drop("CronJob", "nightly-manifest")
    text = "paramiko.ssh_exception.AuthenticationException: Authentication failed for carrier@sftp.carrier.example"
    shop.cron("nightly-manifest", p.says_and_ends(text), "* * * * *")


def cron_image(shop: Depot) -> None:
    shop.drop("CronJob", "purge")
    cron = shop.cron("purge", "0", "* * * * *", concurrencyPolicy="Forbid")
    cron["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"][0]["image"] = "lab.local/purge:v3"


def cron_suspended(shop: Depot) -> None:
    shop.find("CronJob", "nightly-manifest")["spec"]["suspend"] = True


def daemon_memory(shop: Depot) -> None:
    shop.pod("node-scan")["containers"][0]["resources"] = {"requests": {"memory": "900Gi"}}


def daemon_crash(shop: Depot) -> None:
    text = "panic: open /dev/ttyUSB0: no such file or directory\n\ngoroutine 1 [running]:\nmain.main()\n\t/src/scan.go:27 +0x1d"
    shop.pod("node-scan")["containers"][0]["args"] = [p.says_and_ends(text, 2)]


def on_delete() -> list[Object]:
    shop = Depot()
    found = shop.find("StatefulSet", "broker")
    found["spec"]["updateStrategy"] = {"type": "OnDelete"}
    found["spec"]["template"]["spec"]["containers"][0]["env"] = [
        {"name": "RABBITMQ_VM_MEMORY_HIGH_WATERMARK", "value": "0.7"}
    ]
    return [found]


def changes_on_delete(shop: Depot) -> None:
    shop.find("StatefulSet", "broker")["spec"]["updateStrategy"] = {"type": "OnDelete"}


def init(shop: Depot, name: str, script: str, **more: Any) -> None:
    box = container((script and f"wait-{name}") or "prepare", "")
    box.update(command=["/bin/sh", "-c"], args=[script], **more)
    shop.pod(name)["initContainers"] = [box]


def init_silent(shop: Depot) -> None:
    init(shop, "track-view", "until nslookup ledger-rw >/dev/null 2>&1; do sleep 2; done")


def init_memory(shop: Depot) -> None:
    box = container("load-routes", HOG)
    box["resources"] = {"limits": {"memory": "90Mi"}, "requests": {"memory": "32Mi"}}
    shop.pod("sorter")["initContainers"] = [box]


def init_image(shop: Depot) -> None:
    init(shop, "track-view", "true", image="lab.local/assets:41")


def init_url(shop: Depot) -> None:
    box = container(
        "fetch-rates",
        "fetch('http://tariffs:8080/rates').catch(e=>{console.error('cannot fetch rates:',e.cause.message);process.exit(1)})",
    )
    shop.pod("labels")["initContainers"] = [box]


def sidecar_killed(shop: Depot) -> None:
    """A sidecar whose liveness probe asks a port that it does not open."""
    box = container("audit-tail", "console.log('tailing');setInterval(()=>{},1e6)")
    box["livenessProbe"] = {"httpGet": {"path": "/ready", "port": 15021}, "periodSeconds": 2, "failureThreshold": 2}
    shop.pod("labels")["containers"].append(box)


def no_such_program(shop: Depot) -> None:
    shop.box("labels").update(command=["labels-serv"], args=["--listen=:9090"])


def bad_flag(shop: Depot) -> None:
    text = 'flag provided but not defined: -listen-addr\nUsage of /labels:\n  -listen string\n    \taddress (default ":9090")'
    shop.runs("labels", p.says_and_ends(text, 2))


def key_error(shop: Depot) -> None:
    text = "/app/config/boot.rb:7:in `fetch': key not found: \"LEDGER_POOL\" (KeyError)\n\tfrom /app/config/boot.rb:7:in `<main>'"
    shop.runs("track-view", p.says_and_ends(text))


def panic_head(shop: Depot) -> None:
    """The error stands above hundreds of lines of goroutines."""
    program = (
        'console.error("panic: assignment to entry in nil map\\n");for(let i=1;i<140;i++)console.error(`goroutine ${i} [select]:\\n'
        "net/http.(*persistConn).writeLoop(0xc000${i}ea0)\\n\\t/usr/local/go/src/net/http/transport.go:2421 +0xe5\\n"
        "created by net/http.(*Transport).dialConn in goroutine ${i+400}\\n\\t/usr/local/go/src/net/http/transport.go:1777 +0x16f1\\n`);process.exit(2)"
    )
    shop.runs("labels", program)


def config_head(shop: Depot) -> None:
    """The error stands above a long list of what the program would take."""
    program = (
        'console.error("ERROR: unknown exchange type \\"fan-out\\" in /etc/rabbitmq/definitions.json");'
        "for(let i=0;i<500;i++)console.error(`  known option ${i}: channel_max_${i} (default ${i*8})`);process.exit(1)"
    )
    shop.pod("broker")["containers"][0]["args"] = [program]


def ends_well(shop: Depot) -> None:
    shop.runs("labels", "console.log('labels 4.2 printed its configuration')")


def ledger_memory(shop: Depot) -> None:
    box = shop.box("ledger")
    box.update(args=[HOG], resources={"limits": {"memory": "96Mi"}, "requests": {"memory": "32Mi"}})


def liveness_command(shop: Depot) -> None:
    probe = {"exec": {"command": ["/bin/sh", "-c", "celery inspect ping"]}, "periodSeconds": 2, "failureThreshold": 2}
    shop.box("sorter")["livenessProbe"] = probe


def deep_readiness(shop: Depot) -> None:
    """Track-view says that it is not ready because its ledger is at zero."""
    program = d.TRACK_VIEW.replace(
        'return r.end("ok");', "return ledger(e=>{if(e){r.statusCode=503;console.log('W, readiness: '+e)}r.end('')});"
    )
    shop.runs("track-view", program)
    shop.template("ledger")["replicas"] = 0


def read_only(shop: Depot) -> None:
    text = "labels: cannot open cache: open /var/cache/labels/index: read-only file system"
    shop.box("labels")["securityContext"] = {"readOnlyRootFilesystem": True}
    shop.runs("labels", p.says_and_ends(text))


def privileged_port(shop: Depot) -> None:
    text = "2026/11/29 10:00:00 [emerg] 1#1: bind() to 0.0.0.0:80 failed (13: Permission denied)\nnginx: [emerg] bind() to 0.0.0.0:80 failed (13: Permission denied)"
    shop.runs("gate", p.says_and_ends(text))


def hangs(shop: Depot) -> None:
    """It takes the calls and never answers."""
    shop.runs("track-view", d.TRACK_VIEW.replace("const k=(++id)", "return;const k=(++id)"))


def zero(name: str, shop: Depot) -> None:
    shop.template(name)["replicas"] = 0


def ledger_says(text: str, shop: Depot) -> None:
    """The ledger refuses each statement with this, which its callers log."""
    shop.box("ledger")["args"] = [d.LEDGER.replace('s.write("OK\\n")', f"s.write({'ERR ' + text!r}+'\\n')")]


def labels_say(text: str, shop: Depot) -> None:
    """Labels writes this for every call and cuts it."""
    program = d.LABELS.replace('s.write("OK\\n")', f"(console.error({text!r}),s.end())")
    shop.runs("labels", program)


def sorter_says(text: str, shop: Depot) -> None:
    shop.runs("sorter", f"{d.SORTER};setInterval(()=>console.error(t()+{text!r}),1700)")


def needle(shop: Depot) -> None:
    """One error among hundreds of ordinary lines."""
    flood = "for(let i=0;i<30;i++)console.log(t()+`INFO/ForkPoolWorker-1] Task sorter.tasks.assign_chute[${n++}] succeeded in 0.0${i}s: None`)"
    error = "if(k++%7===0)console.error(t()+'ERROR/ForkPoolWorker-2] chute 14 rejected parcel: dead letter exchange parcels.dlx is full')"
    shop.runs("sorter", f"{d.SORTER};let n=0,k=0;setInterval(()=>{{{error};{flood}}},300)")


def alarm(shop: Depot) -> None:
    """The broker blocks who publishes; who calls it waits in vain."""
    text = "memory resource limit alarm set on node rabbit@broker-0.\\n\\n*** Publishers will be blocked until this alarm clears ***"
    program = d.BROKER.replace('s.write("OK\\n")', "0")
    shop.box("broker")["args"] = [f'{program}setInterval(()=>console.log(t()+"[warning] <0.353.0> {text}"),3000)']


def threads(shop: Depot) -> None:
    text = "java.lang.OutOfMemoryError: unable to create native thread: possibly out of memory or process/resource limits reached"
    program = d.SCAN_INTAKE.replace(
        'if(up)return r.end("ok");',
        f"{{console.error(t()+' ERROR 1 --- [nio-8080-exec-9] o.a.t.u.n.NioEndpoint : '+{text!r});r.statusCode=500;return r.end()}}",
    )
    shop.runs("scan-intake", program)


def certificate(shop: Depot) -> None:
    text = "GRPC::Unavailable (14:failed to connect to all addresses; last error: UNKNOWN: ipv4:172.30.9.14:9090: Ssl handshake failed: SSL_ERROR_SSL: error:1000007d:SSL routines:OPENSSL_internal:CERTIFICATE_VERIFY_FAILED: certificate has expired)"
    shop.runs("track-view", d.TRACK_VIEW.replace("labels(e=>{if(e)", f"labels(e=>{{e={text!r};if(e)"))


def rights(shop: Depot) -> None:
    text = (
        "kubernetes.client.exceptions.ApiException: (403) Reason: Forbidden HTTP response body: "
        '{"kind":"Status","status":"Failure","message":"leases.coordination.k8s.io \\"sorter-leader\\" is forbidden: User \\"system:serviceaccount:PLACE:default\\" '
        'cannot update resource \\"leases\\" in API group \\"coordination.k8s.io\\" in the namespace \\"PLACE\\"","reason":"Forbidden","code":403}'
    )
    sorter_says("ERROR/MainProcess] leader election: " + text, shop)


LOGS = {
    "locks": (
        ledger_says,
        "Lock wait timeout exceeded; try restarting transaction",
        VIEW,
        ("lock wait timeout",),
        True,
    ),
    "column": (ledger_says, "Unknown column 'parcels.weight_g' in 'field list'", VIEW, ("unknown column",), True),
    "connections": (ledger_says, "Too many connections", VIEW, ("too many connections",), True),
    "read-only-ledger": (
        ledger_says,
        "The MySQL server is running with the --read-only option so it cannot execute this statement",
        VIEW,
        ("--read-only",),
        True,
    ),
    "range": (ledger_says, "Out of range value for column 'id' at row 1", VIEW, ("out of range",), True),
    "files": (
        labels_say,
        '{"level":"error","msg":"accept tcp [::]:9090: accept4: too many open files; retrying in 1s"}',
        LABELS,
        ("labels", "too many open files"),
        True,
    ),
    "font": (
        labels_say,
        '{"level":"error","msg":"render failed","error":"open /usr/share/fonts/code128.ttf: no such file or directory"}',
        LABELS,
        ("labels", "code128.ttf"),
        True,
    ),
    "poison": (
        sorter_says,
        "ERROR/ForkPoolWorker-1] json.decoder.JSONDecodeError: Expecting value: line 1 column 1 (char 0): redelivering message 7719",
        SORTER,
        ("sorter", "jsondecodeerror"),
        False,
    ),
    "carrier": (
        sorter_says,
        "ERROR/ForkPoolWorker-1] requests.exceptions.HTTPError: 503 Server Error: Service Unavailable for url: https://api.carrier.example/v2/slots",
        SORTER,
        ("sorter", "api.carrier.example"),
        False,
    ),
}

ROWS = (
    row("pod-memory", pod_memory, "pod/kiosk", ("kiosk", "memory"), front=False),
    row("job-gives-up", job_gives_up, "job/schema", ("schema", "weight_g"), front=False),
    row("job-waits", job_waits, "job/backfill", ("backfill", "search-index"), front=False),
    row(
        "cron-refused",
        cron_refused,
        "cronjob/nightly-manifest",
        ("nightly-manifest", "authentication"),
        front=False,
        seconds=90,
    ),
    row("cron-image", cron_image, "cronjob/purge", ("purge", "lab.local/purge:v3"), front=False, seconds=90),
    row("cron-suspended", cron_suspended, "cronjob/nightly-manifest", ("nightly-manifest", "suspended"), front=False),
    row("daemon-memory", daemon_memory, "daemonset/node-scan", ("node-scan", "memory"), front=False),
    row("daemon-crash", daemon_crash, "daemonset/node-scan", ("node-scan", "/dev/ttyusb0"), front=False),
    row("on-delete", changes_on_delete, BROKER, ("broker", "ondelete"), front=False, seconds=20, later=on_delete),
    row("init-silent", init_silent, VIEW, ("track-view", "ledger-rw")),
    row("init-memory", init_memory, SORTER, ("sorter", "load-routes", "memory"), front=False),
    row("init-image", init_image, VIEW, ("track-view", "lab.local/assets:41")),
    row("init-url", init_url, LABELS, ("labels", "tariffs")),
    row("sidecar-killed", sidecar_killed, LABELS, ("audit-tail", "15021"), seconds=60),
    row("no-such-program", no_such_program, LABELS, ("labels", "labels-serv")),
    row("bad-flag", bad_flag, LABELS, ("labels", "listen-addr")),
    row("key-error", key_error, VIEW, ("track-view", "ledger_pool")),
    row("panic-head", panic_head, LABELS, ("labels", "nil map")),
    row("config-head", config_head, BROKER, ("broker", "fan-out")),
    row("ends-well", ends_well, LABELS, ("labels", "code 0")),
    row("ledger-memory", ledger_memory, LEDGER, ("ledger", "memory")),
    row("liveness-command", liveness_command, SORTER, ("sorter", "celery"), front=False),
    row("deep-readiness", deep_readiness, LEDGER, ("ledger", "zero")),
    row("read-only", read_only, LABELS, ("labels", "read-only")),
    row("privileged-port", privileged_port, GATE, ("gate", "permission denied")),
    row("hangs", hangs, VIEW, ("track-view",), also=("gate",)),
    row("labels-zero", partial(zero, "labels"), LABELS, ("labels", "zero")),
    row("sorter-zero", partial(zero, "sorter"), SORTER, ("sorter", "zero"), front=False, unsure=True),
    row("broker-zero", partial(zero, "broker"), BROKER, ("broker", "zero")),
    row("needle", needle, SORTER, ("sorter", "parcels.dlx"), front=False),
    row("alarm", alarm, BROKER, ("broker", "alarm"), also=("scan-intake", "sorter")),
    row("threads", threads, INTAKE, ("scan-intake", "native thread")),
    row("certificate", certificate, VIEW, ("track-view", "certificate"), also=("labels",)),
    row("rights", rights, SORTER, ("sorter", "leases"), front=False),
    *(
        row(
            f"log-{name}",
            partial(how, text),
            about,
            words,
            front=front,
            also=("ledger", "sorter") if how is ledger_says else (),
        )
        for name, (how, text, about, words, front) in LOGS.items()
    ),
)
