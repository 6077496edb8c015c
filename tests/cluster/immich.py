"""A stand-in for Immich, the second app: its four parts with the names, ports, labels and words of the real one.

Called by test_other_app.py. The server really connects to Postgres and Redis before it serves and really calls the
machine-learning service, so refused connections and their words come from Node, as in the real one.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from tests.cluster.app import App, config_map, deployment, http_probe, service
from tests.cluster.fault import Fault
from tests.cluster.kubectl import Object

SERVER, LEARNING, POSTGRES, REDIS = "immich-server", "immich-machine-learning", "immich-postgres", "immich-valkey"

_SERVER = """
const { net, http, fs } = { net: require("net"), http: require("http"), fs: require("fs") };
const env = process.env, url = env.IMMICH_MACHINE_LEARNING_URL || "http://immich-machine-learning:3003";
const stamp = () => new Date().toLocaleString("en-US");
const nest = (level, where, text) => console.log(`[Nest] 7  - ${stamp()}   ${level.padStart(5)} [${where}] ${text}`);
const end = text => {
  console.error(`microservices worker error: ${text}`);
  console.log("microservices worker exited with code 1\\nKilling api process");
  process.exit(1);
};
console.log("Initializing Immich v2.2.3\\nDetected CPU Cores: 2");
if (env.IMMICH_PORT && isNaN(Number(env.IMMICH_PORT)))
  throw new Error('Config validation error: "IMMICH_PORT" must be a number');
console.log("Starting api worker\\nStarting microservices worker");
nest("LOG", "Api:WebsocketRepository", "Initialized websocket server");
const reach = (host, port, failed, done) => net.connect(port, host, done).on("error", failed);
const database = () => reach(env.DB_HOSTNAME, 5432, error => end(`${error}, stack: ${error.stack}`), redis);
const redis = () => reach(env.REDIS_HOSTNAME, 6379, error => { console.error(error); setTimeout(redis, 1000); }, start);
const start = () => {
  nest("LOG", "Microservices:DatabaseRepository", "Running migrations, this may take a while");
  FAIL
  const ping = (q, r) => { r.statusCode = q.url == "/api/server/ping" ? 200 : 404; r.end('{"res":"pong"}'); };
  http.createServer(ping).listen(2283, () => {
    nest("LOG", "Api:Bootstrap", "Immich Server is listening on http://[::1]:2283 [v2.2.3] [production] ");
    setInterval(search, 2000);
  });
};
const request = '{"clip":{"visual":{"modelName":"ViT-B-32__openai"}}}';
const search = async () => {
  const warn = why =>
    nest("WARN", "Microservices:MachineLearningRepository", `Machine learning request to "${url}" ${why}`);
  try {
    const answer = await fetch(new URL("/predict", url), { method: "POST", body: request });
    if (answer.ok) return;
    warn(`failed with status ${answer.status}: ${answer.statusText}`);
  } catch (error) { warn(`failed: ${error.message}`); }
  nest("ERROR", "Microservices:{}", `Unable to run job handler (SmartSearch): Error: Machine learning request ` +
    `'${request}' failed for all URLs`);
};
database();
"""

_LEARNING = """
const log = (level, text) => console.log(`[${new Date().toISOString().slice(2, 10)}] ${level.padEnd(8)} ${text}`);
console.log("Initializing Immich ML v2.2.3");
log("INFO", "Starting gunicorn 23.0.0");
const answer = (q, r) => r.end(q.url == "/ping" ? "pong" : "{}");
const listen = () => require("http").createServer(answer).listen(3003, "0.0.0.0",
  () => log("INFO", "Listening at: http://[::]:3003 (9)"));
"""
_ALLOCATE = "const kept = []; setInterval(() => kept.push(Buffer.alloc(16 << 20, 1)), 50);"
LEARN = _LEARNING + "listen();"
LEARN_AND_ALLOCATE = _LEARNING + f"listen(); setTimeout(() => {{ {_ALLOCATE} }}, 3000);"
# gunicorn's master goes on when the kernel ends a worker, and starts another one.
LEARN_WITH_DYING_WORKERS = (
    _LEARNING
    + f"""
listen();
const boot = () => {{
  const worker = require("child_process").spawn(process.execPath, ["-e", {json.dumps(_ALLOCATE)}]);
  log("INFO", `Booting worker with pid: ${{worker.pid}}`);
  worker.on("exit", (code, signal) => {{
    if (signal == "SIGKILL") log("ERROR", `Worker (pid:${{worker.pid}}) was sent SIGKILL! Perhaps out of memory?`);
    setTimeout(boot, 5000);
  }});
}};
setTimeout(boot, 3000);
"""
)
ACCEPT = 'require("net").createServer(() => {}).listen(Number(process.env.PORT));'


def server(fail: str = "") -> str:
    """The server's program; `fail` is what it says, with Immich's words, when it ends instead of serving."""
    return _SERVER.replace("FAIL", f"end({json.dumps(fail)}); return;" if fail else "")


def immich() -> App:
    """All four parts, as the chart and CloudNativePG name them, with the chart's probes on the server."""
    env = {
        "DB_HOSTNAME": POSTGRES,
        "REDIS_HOSTNAME": REDIS,
        "IMMICH_MACHINE_LEARNING_URL": f"http://{LEARNING}:3003",
    }
    probe = http_probe("/api/server/ping", "http", failureThreshold=3)
    web: Object = {
        "name": "main",
        "args": [server()],
        "envFrom": [{"configMapRef": {"name": "immich-env"}}],
        "ports": [{"name": "http", "containerPort": 2283}],
        "readinessProbe": probe,
        "livenessProbe": {**probe, "initialDelaySeconds": 60},
    }
    learning: Object = {
        "name": "main",
        "args": [LEARN],
        "ports": [{"name": "http", "containerPort": 3003}],
        "resources": {"requests": {"memory": "32Mi"}, "limits": {"memory": "256Mi"}},
    }
    return App(
        [
            config_map("immich-env", env),
            service(SERVER, _labels(SERVER, "server"), 2283, "http", "http"),
            service(LEARNING, _labels(LEARNING, "machine-learning"), 3003, "http", "http"),
            service(POSTGRES, _labels(POSTGRES, "postgresql"), 5432, 5432),
            service(REDIS, _labels(REDIS, "valkey"), 6379, 6379),
            deployment(POSTGRES, _labels(POSTGRES, "postgresql"), _store(5432)),
            deployment(REDIS, _labels(REDIS, "valkey"), _store(6379)),
            deployment(LEARNING, _labels(LEARNING, "machine-learning"), learning),
            deployment(SERVER, _labels(SERVER, "server"), web),
        ]
    )


def part(app: App, name: str) -> Object:
    """The Deployment of a part."""
    return app.find("Deployment", name)


def container(app: App, name: str) -> Object:
    """The only container of a part."""
    found: Object = part(app, name)["spec"]["template"]["spec"]["containers"][0]
    return found


def _labels(app: str, name: str) -> dict[str, str]:
    return {"app": app, "app.kubernetes.io/name": name, "app.kubernetes.io/instance": "immich"}


def _store(port: int) -> Object:
    """Something that accepts connections, which is all that the server asks of it at start."""
    return {
        "name": "main",
        "args": [ACCEPT],
        "env": [{"name": "PORT", "value": str(port)}],
        "ports": [{"containerPort": port}],
        "readinessProbe": {"tcpSocket": {"port": port}, "periodSeconds": 3},
    }


@dataclass(frozen=True)
class OtherFault(Fault):
    """A row about the second app, in a namespace that no row of Onyx has.

    `by_name` is a workload as a person names it, and the cause that is then named, without any playbook of an app.
    """

    by_name: tuple[str, str] | None = None

    @property
    def namespace(self) -> str:
        return f"other-{self.id}"
