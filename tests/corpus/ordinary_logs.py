"""Twenty thousand lines of ordinary logs without a secret, from templates of real formats, by a seeded generator.

A mark such as `<uuid>` is filled in anew on every line. Many lines hold what looks like a secret and is none: digests,
ids, cursors, certificates, field names, questions about passwords.
"""

# ruff: noqa: E501, SIM905

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterator, Mapping
from random import Random

from tests.corpus.secret_values import BASE62, DIGITS, HEX, LOWER, pick

LINES = 20_000

_MARK = re.compile(r"<(\w+)>")
_NAMES = "alice bob carol dave erin frank grace heidi".split()
_APPS = "api-server web-server background indexing-worker vespa postgres redis nginx model-server".split()
_PATHS = "/health /api/chat/send-message /api/persona /api/me /metrics /static/js/main.chunk.js /api/manage/connector".split()


def _b64(random: Random, count: int) -> str:
    return base64.b64encode(random.randbytes(count)).decode()


def _cursor(random: Random) -> str:
    return base64.b64encode(json.dumps({"v": "meta.k8s.io/v1", "rv": random.randrange(10**9)}).encode()).decode()


_FILLERS: Mapping[str, Callable[[Random], str]] = {
    "ts": lambda r: f"2026-11-23T10:{r.randrange(60):02}:{r.randrange(60):02}.{r.randrange(10**6):06}Z",
    "date": lambda r: f"2026-11-23 10:{r.randrange(60):02}:{r.randrange(60):02}",
    "clf": lambda r: f"23/Nov/2026:10:{r.randrange(60):02}:{r.randrange(60):02} +0000",
    "klog": lambda r: f"1123 10:{r.randrange(60):02}:{r.randrange(60):02}.{r.randrange(10**6):06}",
    "ip": lambda r: f"10.{r.randrange(256)}.{r.randrange(256)}.{r.randrange(256)}",
    "ip6": lambda r: f"fd00::{pick(r, HEX, 4)}:{pick(r, HEX, 4)}",
    "port": lambda r: str(r.randrange(1024, 65536)),
    "n": lambda r: str(r.randrange(1, 5000)),
    "big": lambda r: str(r.randrange(10**9, 10**12)),
    "f": lambda r: f"{r.random() * 900:.3f}",
    "uuid": lambda r: "-".join(pick(r, HEX, size) for size in (8, 4, 4, 4, 12)),
    "sha1": lambda r: pick(r, HEX, 40),
    "sha256": lambda r: pick(r, HEX, 64),
    "short": lambda r: pick(r, HEX, 7),
    "md5": lambda r: pick(r, HEX, 32),
    "span": lambda r: pick(r, HEX, 16),
    "hash": lambda r: pick(r, "bcdfghjklmnpqrstvwxz2456789", 10),
    "pod": lambda r: (
        f"{r.choice(_APPS)}-{pick(r, 'bcdfghjklmnpqrstvwxz2456789', 10)}-{pick(r, 'bcdfghjklmnpqrstvwxz2456789', 5)}"
    ),
    "app": lambda r: r.choice(_APPS),
    "path": lambda r: r.choice(_PATHS),
    "name": lambda r: r.choice(_NAMES),
    "level": lambda r: r.choice(["DEBUG", "INFO", "WARN", "ERROR"]),
    "b64": lambda r: _b64(r, r.randrange(20, 90)),
    "cursor": _cursor,
    "nano": lambda r: pick(r, BASE62 + "-_", 21),
    "ulid": lambda r: "01J" + pick(r, "0123456789ABCDEFGHJKMNPQRSTVWXYZ", 23),
    "mongo": lambda r: pick(r, HEX, 24),
    "digits": lambda r: pick(r, DIGITS, 10),
    "word": lambda r: pick(r, LOWER, 8),
}

_TEMPLATES = (
    # web servers and proxies
    '<ip> - - [<clf>] "GET <path>?page=<n> HTTP/1.1" 200 <n> "-" "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36" "<ip>"',
    '<ip> - <name> [<clf>] "POST <path> HTTP/2.0" 499 0 "https://onyx.example.com/chat?chatId=<uuid>" "Mozilla/5.0" rt=<f> uct="<f>" ua="<ip>:8080"',
    '2026/11/23 10:08:02 [error] 31#31: *<n> connect() failed (111: Connection refused) while connecting to upstream, client: <ip>, server: _, request: "GET <path> HTTP/1.1", upstream: "http://<ip>:8080<path>", host: "onyx.example.com"',
    '[<ts>] "GET <path> HTTP/1.1" 503 UF upstream_reset_before_response_started{connection_failure} - "-" 0 91 <n> - "-" "curl/8.5.0" "<uuid>" "api:8080" "<ip>:8080" outbound|8080||api.onyx.svc.cluster.local - <ip>:<port>',
    'level=info ts=<ts> caller=traefik/log.go:<n> msg="Configuration loaded" providerName=kubernetes hash=<big>',
    'etag: "<sha1>" cache-control: max-age=<n>',
    '<ip> - - [<clf>] "GET /_next/static/chunks/<md5>.js?v=<short> HTTP/1.1" 304 0',
    'nginx: [warn] the "ssl" directive is deprecated in /etc/nginx/conf.d/default.conf:<n>',
    # databases and queues
    "<date>.113 UTC [<n>] LOG:  checkpoint complete: wrote <n> buffers (<f>%); 0 WAL file(s) added, 0 removed, 1 recycled; write=<f> s",
    '<date>.113 UTC [<n>] FATAL:  password authentication failed for user "<name>"',
    '<date>.113 UTC [<n>] DETAIL:  Connection matched file "/var/lib/postgresql/data/pg_hba.conf" line <n>: "host all all all scram-sha-256"',
    '<date>.113 UTC [<n>] ERROR:  relation "user_token" does not exist at character <n>',
    "<date>.113 UTC [<n>] STATEMENT:  SELECT id, hashed_password, token_count FROM chat_message WHERE chat_session_id = '<uuid>' LIMIT <n>",
    "<date>.113 UTC [<n>] LOG:  duration: <f> ms  execute <unnamed_query>: SELECT secret_name FROM credential WHERE id = $1",
    '<date>.113 UTC [<n>] ERROR:  duplicate key value violates unique constraint "api_key_hash_key"',
    "1:M 23 Nov 2026 10:08:02.118 * Background saving started by pid <n>",
    "1:M 23 Nov 2026 10:08:02.118 # WARNING: no password set for the default user; connections are accepted from any interface",
    "NOAUTH Authentication required.",
    "<ts> [error] <0.<n>.0> PLAIN login refused: user '<name>' - invalid credentials",
    "[<date>,118] INFO [GroupCoordinator 1]: Preparing to rebalance group <word> in state PreparingRebalance with old generation <n> (__consumer_offsets-<n>) (kafka.coordinator.group.GroupCoordinator)",
    '{"type": "server", "timestamp": "<ts>", "level": "INFO", "component": "o.e.c.m.MetadataCreateIndexService", "cluster.uuid": "<nano>", "node.id": "<nano>", "message": "[<word>] creating index"}',
    "<big>.<digits>\t<app>.onyx.svc.cluster.local\t<n>/<n>\tcontainer\tContainer.com.yahoo.container.jdisc\tinfo\tSwitching to the latest deployed set of configurations. Application config generation: <n>",
    "[<date>,<n>][INFO ][o.o.p.PluginsService] [<pod>] loaded module [opensearch-security]",
    # python
    'INFO:     <ip>:<port> - "GET <path> HTTP/1.1" 200 OK',
    'INFO:     11/23/2026 10:08:02 AM                    h11_impl.py  473: [API:<nano>] <ip>:<port> - "POST <path> HTTP/1.1" 200',
    "[<date>,118: INFO/MainProcess] Task check_for_indexing[<uuid>] received",
    "[<date>,118: INFO/ForkPoolWorker-<n>] Task docprocessing_task[<uuid>] succeeded in <f>s: None",
    "[<date>,118: ERROR/MainProcess] consumer: Cannot connect to redis://redis:6379/15: Error 111 connecting to redis:6379. Connection refused..",
    "<date>,118 - sqlalchemy.engine.Engine - INFO - [generated in <f>s] {'user_id_1': UUID('<uuid>'), 'param_1': <n>}",
    "<date>,118 - sqlalchemy.engine.Engine - INFO - SELECT api_key.id, api_key.hashed_api_key, api_key.name FROM api_key",
    '  File "/usr/local/lib/python3.11/site-packages/fastapi_users/authentication/transport/cookie.py", line <n>, in get_login_response',
    "    token = await self.strategy.write_token(user)",
    "    password = config.get('password', default_password)",
    '    raise HTTPException(status_code=401, detail="Invalid or expired token")',
    "    if not secrets.compare_digest(api_key, expected_api_key):",
    "    session = boto3.Session(aws_access_key_id=access_key, aws_secret_access_key=secret_key)",
    "pydantic_core._pydantic_core.ValidationError: 1 validation error for Settings\npassword\n  Field required [type=missing, input_value={'user': '<name>'}, input_type=dict]".replace(
        "\n", " "
    ),
    "KeyError: 'OPENAI_API_KEY'",
    "alembic.util.exc.CommandError: Can't locate revision identified by '<hash>'",
    "usage: {'prompt_tokens': <n>, 'completion_tokens': <n>, 'total_tokens': <n>}",
    "Token indices sequence length is longer than the specified maximum sequence length for this model (<n> > 512).",
    "tokenizer_config.json: 100%|##########| <n>/<n> [00:00<00:00, <f>kB/s]",
    "model_server: loaded nomic-ai/nomic-embed-text-v1 revision <sha1>",
    # java, go, node
    "<date>.118  INFO 1 --- [nio-8080-exec-<n>] o.s.web.servlet.DispatcherServlet        : Completed initialization in <n> ms",
    "<date>.118  WARN 1 --- [main] .s.s.UserDetailsServiceAutoConfiguration : Using generated security password is disabled in this profile",
    "\tat org.springframework.security.authentication.UsernamePasswordAuthenticationToken.setAuthenticated(UsernamePasswordAuthenticationToken.java:<n>)",
    "io.jsonwebtoken.ExpiredJwtException: JWT expired at <ts>. Current time: <ts>, a difference of <n> milliseconds.",
    'time="<ts>" level=info msg="refreshing token" component=auth attempt=<n> duration=<f>ms',
    'time="<ts>" level=error msg="secret not found" namespace=onyx secret=onyx-postgresql key=postgres-password',
    'I<klog>       1 controller.go:<n>] "Reconciler completed" controller="secret" namespace="onyx" name="<word>-token" reconcileID="<uuid>"',
    'E<klog>       1 reflector.go:<n>] "Failed to watch" err="failed to list *v1.Secret: secrets is forbidden: User \\"system:serviceaccount:onyx:<word>\\" cannot list resource"',
    'W<klog>       1 warnings.go:70] unknown field "spec.template.spec.imagePullSecret"',
    "goroutine <n> [running]: main.(*Server).Authenticate(0xc000<span>, {0x<span>, 0x<n>})",
    '{"level":"info","ts":<big>.<digits>,"caller":"embed/etcd.go:<n>","msg":"serving client traffic","address":"<ip>:2379","hash":"<sha256>"}',
    "   ▲ Next.js 15.2.4 - Local: http://localhost:3000 - ready in <n>ms",
    "Error: connect ECONNREFUSED <ip>:8080 at TCPConnectWrap.afterConnect [as oncomplete] (node:net:1611:16) { errno: -111, code: 'ECONNREFUSED', syscall: 'connect', address: '<ip>', port: 8080 } digest: '<digits>'",
    "SyntaxError: Unexpected token '<', \"<!DOCTYPE \"... is not valid JSON",
    "[auth] jwt malformed, sending 401 to <ip>",
    "npm http fetch GET 200 https://registry.npmjs.org/<word>/-/<word>-<n>.0.0.tgz integrity sha512-<b64>",
    # kubernetes
    "<pod>   1/1     Running   <n>          5d<n>h   <ip>   node-<n>   <none>   <none>",
    'Normal   Pulled     <n>m   kubelet  Successfully pulled image "docker.io/onyxdotapp/onyx-backend:v2.1.0@sha256:<sha256>" in <f>s',
    'Warning  Unhealthy  <n>m   kubelet  Readiness probe failed: Get "http://<ip>:8080/health": dial tcp <ip>:8080: connect: connection refused',
    "Warning  Failed     <n>m   kubelet  Error: couldn't find key OPENAI_API_KEY in Secret onyx/onyx-llm",
    'MountVolume.SetUp failed for volume "kube-api-access-<word>" : object "onyx"/"kube-root-ca.crt" not registered',
    "Container ID:  containerd://<sha256>",
    "    Image ID:      docker.io/library/postgres@sha256:<sha256>",
    "      POSTGRES_PASSWORD:  <set_to> Optional: false",
    "    SecretName:  onyx-tls-<word>",
    "    TokenExpirationSeconds:  3607",
    "      secretKeyRef: {key: redis_password, name: onyx-redis, optional: false}",
    "Labels: app=<app>,pod-template-hash=<hash>,controller-revision-hash=<app>-<hash>",
    "Annotations: checksum/config: <sha256>",
    "Annotations: kubectl.kubernetes.io/restartedAt: <ts>, deployment.kubernetes.io/revision: <n>",
    '{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"<uuid>","requestURI":"/api/v1/namespaces/onyx/secrets?limit=500","verb":"list"}',
    "GET /api/v1/pods?limit=250&continue=<cursor> 200 in <n> milliseconds",
    "secret/onyx-<word> configured",
    "serviceaccount/default token requested: expirationSeconds=3607 audience=https://kubernetes.default.svc",
    'resourceVersion: "<big>" uid: <uuid>',
    # ids, digests, blobs
    "trace_id=<md5> span_id=<span> trace_flags=01 <level> request finished",
    "traceparent: 00-<md5>-<span>-01",
    "commit <sha1> (HEAD -> main, origin/main) Merge pull request #<n>",
    "Already up to date. HEAD is now at <short> Fix password reset mail",
    "sha256:<sha256> 1.2MB / 3.4MB",
    "upload <ulid> finished: md5=<md5> bytes=<big>",
    "document_id=FILE_CONNECTOR__<uuid> chunk=<n> embedding_sha=<sha256>",
    "mongo ObjectId('<mongo>') inserted",
    "x-request-id: <uuid> x-amzn-trace-id: Root=1-<short>-<mongo>",
    "thumbnail data:image/png;base64,<b64>",
    "payload=<b64> codec=zstd",
    "-----BEGIN CERTIFICATE----- MIID<b64>",
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI<b64> <name>@laptop",
    "SHA256:<b64> fingerprint of host key",
    "cache key=persona:<n>:<uuid> hit",
    "idempotency_key=<uuid> accepted",
    "partition_key=<word>-<n> sort_key=<ts> primary_key=<big>",
    "public_key=<b64> accepted for peer <ip>",
    "license: Apache-2.0, key fingerprint <md5>",
    "csrf check skipped for <path>",
    # prose, questions, counters
    "<date> <level> user <name>@example.com asked for a password reset",
    "<date> <level> password changed for <name>",
    "<date> <level> login: no password given, redirecting to SSO",
    "<date> <level> token expired <n> seconds ago for session <uuid>",
    "<date> <level> api key <n> of <n> was rotated",
    "<date> <level> AUTH_TYPE is set to basic but OAUTH_CLIENT_ID is missing",
    "<date> <level> secret scanning is disabled",
    "<date> <level> rate limit: <n> tokens left, resets in <n>s",
    "<date> <level> max_tokens=<n> temperature=0.<n> model=gpt-4o",
    "<date> <level> tests: pass=<n> fail=0 skip=<n>",
    "<date> <level> chat_session_id=<uuid> message_id=<n> latency=<f>s",
    "<date> <level> Basic auth is enabled, Bearer tokens are accepted",
    '<date> <level> WWW-Authenticate: Bearer realm="https://auth.example.com/token",service="registry",scope="repository:acme/app:pull"',
    "<date> <level> token_type=bearer expires_in=3600 scope=openid",
    "<date> <level> reading password from /run/secrets/postgres-password",
    "<date> <level> credential 17 (<word>) has no access to connector <n>",
    "<date> <level> cookie consent shown to <n> visitors",
    "<date> <level> session <uuid> closed by <name>",
    "<date> <level> mail to ops@example.com queued as <ulid>",
    "<date> <level> see https://docs.example.com/security/secrets?section=rotation#token-expiry",
    "<date> <level> connecting to postgresql://postgres:5432/onyx as onyx",
    "<date> <level> proxy http://proxy.example.com:3128 in use, no_proxy=.svc,.cluster.local,<ip>",
    "<date> <level> memory limit 2Gi exceeded, exit code 137, restarts=<n>",
    "<date> <level> feature flags: new_login=true password_policy=strict mfa=off",
    "<date> <level> passing <n> arguments; bypass cache: yes; compass ready",
    "<date> <level> key=<word> value=<n> ttl=<n>",
    "<date> <level> keys: <n>, evicted: <n>, passes: <n>",
    "<date> <level> author=<name> authority=<word> authorized=true authorization: granted",
    "<date> <level> access token for <name> issued (id <uuid>, valid 3600 s)",
    '<date> <level> Secret "<word>" in namespace "onyx" was updated, reloading',
    "<date> <level> the pwd is /app and the shell is bash",
    "<date> <level> lease holder <pod>_<uuid> renewed",
)


def ordinary_lines(count: int = LINES, seed: int = 23) -> Iterator[str]:
    """So many lines, each template about equally often."""
    random = Random(seed)

    def fill(mark: re.Match[str]) -> str:
        filler = _FILLERS.get(mark.group(1))
        return filler(random) if filler else mark.group(0)

    for number in range(count):
        yield _MARK.sub(fill, _TEMPLATES[number % len(_TEMPLATES)])
