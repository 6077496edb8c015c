"""Secrets in the lines they turn up in, and ordinary lines that must stay as they are.

None of the secrets is real. The sign `·` is taken out before use: it keeps scanners of repositories from taking the
examples for leaks.
"""

from dataclasses import dataclass

MIDDLE_DOT = "·"
AWS = "AKIA·IOSFODNN7EXAMPLE"
AWS_SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCY·EXAMPLEKEY"
JWT = "eyJhbGciOiJIUzI1NiJ9·.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U"
SLACK = "xoxb-·123456789012-1234567890123-AbCdEfGhIjKlMnOpQrStUvWx"
GITHUB = "ghp_·16C7e42F292c6912E7710c838347Ae178B4a"
OPENAI = "sk-·proj-Ab12Cd34Ef56Gh78Ij90Kl12Mn34Op56"
BASE64_USER = "YWRtaW46aHVudGVyMg=="
KEY_LINE = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj"
STAMP = "2026-11-23T17:44:30.380819437Z "


@dataclass(frozen=True)
class Leak:
    """A text with secrets in it: none of `secrets` may be left, and `kept` must still be there."""

    kind: str
    text: str
    secrets: tuple[str, ...]
    kept: tuple[str, ...] = ()


def _leak(kind: str, text: str, *secrets: str, kept: tuple[str, ...] = ()) -> Leak:
    return Leak(kind, text.replace(MIDDLE_DOT, ""), tuple(item.replace(MIDDLE_DOT, "") for item in secrets), kept)


LEAKS: tuple[Leak, ...] = (
    # known forms
    _leak("aws-key", f"botocore: signing with {AWS} in us-east-1", AWS, kept=("us-east-1",)),
    _leak("aws-key", f"AWS_ACCESS_KEY_ID={AWS}", AWS, kept=("AWS_ACCESS_KEY_ID=",)),
    _leak("aws-key", "assumed role, key ASIA·Y34FZKBOKMUTVV7A", "ASIA·Y34FZKBOKMUTVV7A"),
    _leak("api-key", f"AWS_SECRET_ACCESS_KEY={AWS_SECRET}", AWS_SECRET),
    _leak("api-key", f"aws_secret_access_key = {AWS_SECRET}", AWS_SECRET),
    _leak("jwt", f"decoded {JWT} for user 7", JWT, kept=("for user 7",)),
    _leak("jwt", "cut: eyJhbGciOiJSUzI1NiIsImtpZCI6·IkFCQ0RFRkdI", "eyJhbGciOiJSUzI1NiIsImtpZCI6·IkFCQ0RFRkdI"),
    _leak("slack-token", f"slack_sdk: token {SLACK} rejected", SLACK, kept=("rejected",)),
    _leak("slack-token", f"SLACK_APP_TOKEN=xapp-·1-A012ABCDEFG-1234567890123-{'0a1b' * 16}", "0a1b0a1b"),
    _leak(
        "webhook-url",
        "POST https://hooks.slack.com/services/·T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX 404",
        "T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX",
        kept=("hooks.slack.com/services/", "404"),
    ),
    _leak(
        "webhook-url",
        "https://discord.com/api/webhooks/1234567890123/·abcdefghijklmnopqrstuvwxyz0123456789AB",
        "abcdefghijklmnopqrstuvwxyz0123456789AB",
    ),
    _leak(
        "telegram-token",
        "https://api.telegram.org/bot123456789:·AAF-abcdefghijklmnopqrstuvwxyz012345/getMe",
        "AAF-abcdefghijklmnopqrstuvwxyz012345",
        kept=("/getMe",),
    ),
    _leak("github-token", f"git clone https://{GITHUB}@github.com/acme/app.git", GITHUB, kept=("github.com/acme",)),
    _leak("github-token", "github_pat_·11ABCDEFG0123456789_abcdefghijklmnopqrstuvwxyz", "11ABCDEFG0123456789_abcdefgh"),
    _leak("gitlab-token", "PRIVATE-TOKEN: glpat-·ABCdef123456_-7890xy", "glpat-·ABCdef123456_-7890xy"),
    _leak("openai-key", f"openai.AuthenticationError: Incorrect API key provided: {OPENAI}.", OPENAI),
    _leak("openai-key", f"GEN_AI_API_KEY={OPENAI}", OPENAI),
    _leak("openai-key", "x-api-key: sk-·ant-api03-AbCdEfGhIjKlMnOpQrStUvWxYz0123", "AbCdEfGhIjKlMnOpQrStUvWxYz0123"),
    _leak("model-key", "huggingface_hub: using hf_·AbCdEfGhIjKlMnOpQrStUvWxYz01234567", "hf_·AbCdEfGhIjKlMnOp"),
    _leak("google-key", "GET /maps?key=AIza·SyA1234567890abcdefghijklmnopqrstuv", "AIza·SyA1234567890abcdef"),
    _leak("google-key", "client_secret=GOCSPX-·a1B2c3D4e5F6g7H8i9J0k1L2m3N4", "GOCSPX-·a1B2c3D4e5F6"),
    _leak("stripe-key", "stripe.error: Invalid API Key: sk_live_·51H8xyzABCDEFGHIJKLMNOP", "51H8xyzABCDEFGHIJKLMNOP"),
    _leak("stripe-key", "whsec_·ABCDEFGHIJKLMNOPQRSTUVWX0123", "whsec_·ABCDEFGHIJKLMNOPQRSTUVWX0123"),
    _leak("twilio-key", f"twilio api key SK·{'0123456789abcdef' * 2}", f"SK·{'0123456789abcdef' * 2}"),
    _leak(
        "sendgrid-key", "SG.·abcdefghijklmnopqrstuv.ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789abcdefg", "ABCDEFGHIJKLMNOPQRST"
    ),
    _leak("npm-token", f"//registry.npmjs.org/:_authToken=npm_·{'aB3d' * 9}", f"npm_·{'aB3d' * 9}"),
    _leak("pypi-token", f"TWINE_PASSWORD=pypi-·AgEIcHlwaS5vcmcC{'aB3d' * 15}", "AgEIcHlwaS5vcmcC"),
    _leak("vault-token", "X-Vault-Token: hvs.·CAESIAbCdEfGhIjKlMnOpQrStUv", "hvs.·CAESIAbCdEfGhIjKlMnOpQrStUv"),
    _leak("cloud-token", f"databricks: dapi·{'0123456789abcdef' * 2}", f"dapi·{'0123456789abcdef' * 2}"),
    _leak("cloud-token", f"doctl auth init -t dop_v1_·{'0123456789abcdef' * 4}", "0123456789abcdef0123"),
    _leak("azure-key", "azure: value abc8Q~·dEfGhIjKlMnOpQrStUvWxYz0123456789ab rejected", "dEfGhIjKlMnOpQrStUvWxYz"),
    _leak(
        "azure-key",
        f"DefaultEndpointsProtocol=https;AccountName=acme;AccountKey={'aB3d' * 21}==;EndpointSuffix=core",
        "aB3daB3d",
        kept=("AccountName=acme", "EndpointSuffix=core"),
    ),
    _leak(
        "azure-key",
        f"Endpoint=sb://acme.servicebus.windows.net/;SharedAccessKeyName=root;SharedAccessKey={'aB3d' * 10}=",
        "aB3daB3d",
        kept=("SharedAccessKeyName=root",),
    ),
    _leak(
        "signature",
        "https://acme.blob.core.windows.net/f/a.pdf?sv=2024-11-04&se=2026-12-01&sr=b&sp=r&sig=·Zm9vYmFy%2Bq8%3D",
        "Zm9vYmFy%2Bq8%3D",
        kept=("sv=2024-11-04", "se=2026-12-01"),
    ),
    _leak(
        "signature",
        f"https://b.s3.amazonaws.com/f?X-Amz-Date=20261123T174430Z&X-Amz-Signature={'0a1b' * 16}&x=1",
        "0a1b0a1b",
        kept=("X-Amz-Date=20261123T174430Z", "&x=1"),
    ),
    _leak("signature", f"storage.googleapis.com/b/o?X-Goog-Algorithm=GOOG4&X-Goog-Signature={'0a1b' * 40}", "0a1b0a1b"),
    _leak(
        "oauth-code",
        'GET /auth/oauth/callback?code=4/0AbCdEfGhIjKlMnOpQrSt&state=x HTTP/1.1" 400',
        "0AbCdEfGhIjKlMnOpQrSt",
    ),
    _leak(
        "password-hash",
        "user row: $2b$12$·EixZaYVK1fsbw1ZfbX3OXePaWxn96p36WQoeG6Lruj3vjPGga31lW",
        "EixZaYVK1fsbw1ZfbX3OXe",
    ),
    _leak(
        "password-hash", "ALTER ROLE x PASSWORD 'SCRAM-SHA-256$4096:c2FsdA==$c3RvcmVkS2V5:c2VydmVyS2V5'", "c3RvcmVkS2V5"
    ),
    # environment
    _leak("password", "POSTGRES_PASSWORD=hunter2", "hunter2", kept=("POSTGRES_PASSWORD=",)),
    _leak("password", "POSTGRES_PASSWORD=postgres", "=postgres"),
    _leak("password", "export DB_PASS='p@ss w0rd'", "p@ss w0rd"),
    _leak("password", "HOST=db\nREDIS_PASSWORD=a,b;c&d)e\nPORT=6379", "a,b;c&d)e", kept=("HOST=db", "PORT=6379")),
    _leak("password", "      DB_PASSWORD:  Sup3rS3cret", "Sup3rS3cret"),
    _leak("secret", "USER_AUTH_SECRET=b8f1c0ffee", "b8f1c0ffee"),
    _leak("secret", "ENCRYPTION_KEY_SECRET: 0123456789abcdef", "0123456789abcdef"),
    _leak("api-key", "COHERE_API_KEY=Zx81abcDEFghi", "Zx81abcDEFghi"),
    _leak("password", f"{STAMP}env PGPASSWORD=s3cr3t psql -h db -U onyx", "s3cr3t", kept=("psql -h db -U onyx",)),
    _leak("password", "\x1b[36mpassword\x1b[0m=\x1b[35mhunter2\x1b[0m", "hunter2"),
    _leak("password", "{Name:DB_PASSWORD Value:hunter2 ValueFrom:nil}", "hunter2", kept=("ValueFrom:nil",)),
    _leak("password", '{"name":"DB_PASSWORD","value":"hunter2"}', "hunter2"),
    _leak(
        "password", "- name: DB_PASSWORD\n  value: hunter2\n- name: HOST\n  value: db", "hunter2", kept=("value: db",)
    ),
    _leak("token", '"name": "SLACK_TOKEN",\n      "value": "abc123def456"', "abc123def456"),
    # YAML, JSON, dictionaries, code
    _leak("password", "  password: hunter2", "hunter2"),
    _leak(
        "password", 'db:\n  password: "hunter2 with spaces"\n  port: 5432', "hunter2 with spaces", kept=("port: 5432",)
    ),
    _leak("password", "adminPassword: |\n    hunter2hunter2\nnext: 1", "hunter2hunter2", kept=("next: 1",)),
    _leak("password", '{"user": "onyx", "password": "hunter2", "port": 5432}', "hunter2", kept=('"port": 5432',)),
    _leak("password", r'{"password": "hun\"ter2"}', "hun", "ter2"),
    _leak("password", r'"{\"user\":\"a\",\"password\":\"hunter2\",\"port\":1}"', "hunter2", kept=("port",)),
    _leak("token", r"body={\"token\":\"abc123def\"} status=401", "abc123def", kept=("status=401",)),
    _leak("password", "{'user': 'a', 'password': \"it's-me\", 'port': 1}", "it's-me", kept=("'port': 1",)),
    _leak("password", "{'password': 'it's-me', 'port': 1}", "it's-me", kept=("'port': 1",)),
    _leak("password", 'connect(host="db", password="hunter2", port=5432)', "hunter2", kept=("port=5432",)),
    _leak("password", "spring.datasource.password=hunter2", "hunter2"),
    _leak("api-key", '{"apiKey":"Zx81abcDEFghi"}', "Zx81abcDEFghi"),
    _leak("secret", "client_secret: 'Zx81abcDEFghi'", "Zx81abcDEFghi"),
    _leak("token", "access_token=Zx81abcDEFghi&expires_in=3600", "Zx81abcDEFghi", kept=("expires_in=3600",)),
    _leak("password", '<property name="password" value="hunter2"/>', "hunter2"),
    _leak("password", "<ns:password>hunter2</ns:password>", "hunter2"),
    _leak("password", "Server=db;User Id=sa;Password=hunter2;Database=x", "hunter2", kept=("Database=x",)),
    _leak("password", "failed to log in with password: hunter2", "hunter2"),
    _leak("password", "CREATE USER onyx WITH PASSWORD 'hunter2';", "hunter2"),
    _leak("password", "CREATE USER 'a'@'%' IDENTIFIED BY 'hunter2'", "hunter2"),
    _leak("password", "host=db user=onyx password=hunter2 dbname=onyx", "hunter2", kept=("dbname=onyx",)),
    _leak("token", "GET /api/x?token=Zx81abcDEFghi HTTP/1.1", "Zx81abcDEFghi", kept=("HTTP/1.1",)),
    _leak("password", "form: user=a&password%3Dhunter2%26x", "hunter2"),
    # commands
    _leak("password", "args: --user a --password hunter2 --port 1", "hunter2", kept=("--port 1",)),
    _leak("token", '["kubeadm","join","--token","abcdef.0123456789abcdef"]', "abcdef.0123456789abcdef"),
    _leak("password", "sh -c 'mysql -h db -u root -phunter2 onyx'", "hunter2", kept=("onyx",)),
    _leak("password", "redis-cli -h cache -a hunter2 ping", "hunter2", kept=("ping",)),
    _leak("password", "curl -sS -u admin:hunter2 https://db:9200", "hunter2", kept=("https://db:9200",)),
    _leak("password", "sshpass -p hunter2 ssh host", "hunter2"),
    _leak("password", 'MONITOR 1700000000.1 [0 10.0.0.7:1234] "AUTH" "hunter2"', "hunter2", kept=("10.0.0.7:1234",)),
    _leak("password", "machine github.com login bot password hunter2", "hunter2"),
    _leak("secret", "kubectl create secret generic x --from-literal=smtp=hunter2", "hunter2"),
    _leak("api-key", "headers={'x-api-key': ['Zx81abcDEFghi'], 'a': ['b']}", "Zx81abcDEFghi", kept=("'a': ['b']",)),
    _leak("password", '<add key="DbPassword" value="hunter2" />', "hunter2"),
    _leak("api-key", "SECRET_KEY_BASE=3f9a8b7c6d5e4f3a", "3f9a8b7c6d5e4f3a"),
    _leak("private-key", "key: b3BlbnNzaC1rZXktdjEA·AAAABG5vbmUAAAAEbm9uZQ", "AAAABG5vbmUAAAAEbm9uZQ"),
    # URLs
    _leak("url-password", "postgresql://onyx:hunter2@db:5432/onyx?sslmode=disable", "hunter2", kept=("@db:5432/onyx",)),
    _leak("url-password", "redis://:hunter2@cache:6379/0", "hunter2", kept=("@cache:6379/0",)),
    _leak("url-password", "amqp://u:p@ss/w0rd@mq:5672", "p@ss/w0rd", kept=("@mq:5672",)),
    _leak("url-password", "mongodb+srv://u:hunter2@c0.example.net/?retryWrites=true", "hunter2"),
    _leak("url-password", "dsn=postgres%3A%2F%2Fonyx%3Ahunter2%40db%3A5432%2Fonyx", "hunter2"),
    _leak("url-password", "https://0123456789abcdef0123456789abcdef@o1.ingest.sentry.io/1", "0123456789abcdef0123"),
    _leak("url-password", "GET http://h:8080/redirect?to=http://u:hunter2@h/", "hunter2", kept=("h:8080",)),
    # headers
    _leak("authorization", "Authorization: Bearer Zx81abcDEFghi", "Zx81abcDEFghi", kept=("Authorization: Bearer",)),
    _leak("authorization", "{'Authorization': 'Bearer Zx81abcDEFghi'}", "Zx81abcDEFghi"),
    _leak("authorization", "(b'authorization', b'Bearer Zx81abcDEFghi')", "Zx81abcDEFghi"),
    _leak("authorization", "authorization: token Zx81abcDEFghi", "Zx81abcDEFghi"),
    _leak("bearer", "curl -H 'auth: bearer Zx81abcDEF.ghi'", "Zx81abcDEF.ghi"),
    _leak("basic-auth", f"Authorization: Basic {BASE64_USER}", BASE64_USER),
    _leak("basic-auth", f'{{"auths":{{"registry.example.com":{{"auth":"{BASE64_USER}"}}}}}}', BASE64_USER),
    _leak("api-key", "X-Api-Key: Zx81abcDEFghi", "Zx81abcDEFghi"),
    _leak("signature", f"AWS4-HMAC-SHA256 Credential=x/s3, SignedHeaders=host, Signature={'0a1b' * 16}", "0a1b0a1b"),
    _leak("cookie", "Cookie: fastapiusersauth=Zx81abcDEFghi; theme=dark-mode", "Zx81abcDEFghi"),
    _leak(
        "cookie",
        "set-cookie: fastapiusersauth=Zx81abcDEFghi; HttpOnly; Max-Age=604800; Path=/",
        "Zx81abcDEFghi",
        kept=("Max-Age=604800", "Path=/"),
    ),
    _leak("session", "JSESSIONID=0A1B2C3D4E5F60718293A4B5C6D7E8F9", "0A1B2C3D4E5F60718293"),
    _leak("session", "sessionid=3kf9s0a8df7g6h5j4k3l2", "3kf9s0a8df7g6h5j4k3l2"),
    # keys and manifests
    _leak(
        "private-key",
        f"-----BEGIN PRIVATE KEY-----\n{KEY_LINE}\n{KEY_LINE[:20]}==\n-----END PRIVATE KEY-----\nnext",
        KEY_LINE,
        KEY_LINE[:20],
        kept=("next",),
    ),
    _leak("private-key", f"-----BEGIN OPENSSH PRIVATE KEY-----\n{KEY_LINE}\n{KEY_LINE}", KEY_LINE),
    _leak(
        "private-key",
        f"-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\n{KEY_LINE}\nok: 1",
        KEY_LINE,
        kept=("ok: 1",),
    ),
    _leak(
        "private-key",
        f"{STAMP}-----BEGIN EC PRIVATE KEY-----\n{STAMP}{KEY_LINE}\n{STAMP}ready",
        KEY_LINE,
        kept=(f"{STAMP}ready",),
    ),
    _leak(
        "private-key",
        f"{STAMP}{KEY_LINE[:64]}\n{STAMP}{KEY_LINE[:24]}=\n{STAMP}-----END PRIVATE KEY-----",
        KEY_LINE[:24],
    ),
    _leak(
        "private-key",
        rf'{{"key":"-----BEGIN PRIVATE KEY-----\n{KEY_LINE}\n-----END PRIVATE KEY-----\n","id":1}}',
        KEY_LINE,
        kept=('"id":1',),
    ),
    _leak(
        "private-key",
        "users:\n- user:\n    client-key-data: LS0tLS1CRUdJTiBSU0EgUFJJVkFURSBLRVkt",
        "LS0tLS1CRUdJTiBSU0Eg",
    ),
    _leak(
        "secret-data",
        "apiVersion: v1\ndata:\n  smtp: aHVudGVyMg==\nkind: Secret\nmetadata:\n  name: mail",
        "aHVudGVyMg==",
        kept=("name: mail",),
    ),
    _leak(
        "secret-data",
        '{"apiVersion":"v1","data":{"a":"aHVudGVyMg=="},"kind":"Secret","metadata":{"name":"mail"}}',
        "aHVudGVyMg==",
        kept=('"name":"mail"',),
    ),
    _leak(
        "secret-data",
        "items:\n- data:\n    a: plain\n  kind: ConfigMap\n- data:\n    smtp: aHVudGVyMg==\n  kind: Secret\n- data:\n"
        "    b: other\n  kind: ConfigMap",
        "aHVudGVyMg==",
        kept=("a: plain", "b: other"),
    ),
    _leak(
        "secret-data",
        "kind: Secret\nstringData:\n  smtp: |\n    first\n    second\ntype: Opaque",
        "first",
        "second",
        kept=("type: Opaque",),
    ),
    _leak("secret-data", r"last-applied: {\"data\":{\"a\":\"aHVudGVyMg==\"},\"kind\":\"Secret\"}", "aHVudGVyMg=="),
)

ORDINARY: tuple[str, ...] = (
    "connect ECONNREFUSED 172.30.154.48:8080",
    "api-server-6b9fcf557d-vhtcz   1/1   Running   0   5d",
    "request_id=0f8fad5b-d9cb-469f-a165-70867728950e took 31 ms",
    "Image: docker.io/onyxdotapp/onyx-backend@sha256:4bcff63911fcb4448bd4fdacec207030997caf25e9bea4045fa6c8c44de311d1",
    "imageID: docker-pullable://onyxdotapp-onyx-backend-v2@sha256:4bcff63911fcb4448bd4fdacec207030997caf25e9bea4045fa6c8c44de311d1",
    "pod-template-hash=6b9fcf557d,app=api-server",
    "controller-revision-hash: onyx-postgres-5d7c8f9b6c",
    "2026-11-23T17:44:30.380819437Z INFO started",
    "ERROR [alembic.util.messaging] Can't locate revision identified by '9f2c1a7b6d3e'",
    'FATAL:  password authentication failed for user "postgres"',
    'Warning  Failed  kubelet  Error: secret "onyx-postgresql" not found',
    'MountVolume.SetUp failed for volume "tls" : secret "onyx-tls" not found',
    "Error: couldn't find key POSTGRES_PASSWORD in Secret onyx/onyx-postgresql",
    "references non-existent secret key: postgres-password",
    "SyntaxError: Unexpected token < in JSON at position 0",
    "Unexpected token: punc (()",
    "SyntaxError: Unexpected token 'I', \"Internal S\"... is not valid JSON",
    "usage: prompt_tokens=512 completion_tokens=128 total_tokens=640",
    '{"max_tokens": 4096, "token_count": 33, "tokenizer": "cl100k_base"}',
    "token=33 of 4096",
    "Rejected session token: reason=expired",
    "invalid token: expired",
    "token: expired",
    "Token: null, Secret: None",
    "password=None, user=None",
    "    password=settings.postgres_password,",
    "    self.token = token",
    "    api_key = os.environ['OPENAI_API_KEY']",
    "    token = get_token(request)",
    "    client = OpenAI(api_key=api_key, base_url=base_url)",
    "    conn = connect(user=user, password=password)",
    "password: $(POSTGRES_PASSWORD)",
    "password: ${POSTGRES_PASSWORD}",
    "POSTGRES_PASSWORD=$POSTGRES_PASSWORD",
    "password: {{ .Values.auth.password }}",
    "password: <redacted>",
    "password=***",
    "token: [FILTERED]",
    "password: ********",
    "      POSTGRES_PASSWORD:  <set to the key 'postgres-password' in secret 'onyx-postgresql'>  Optional: false",
    "        secretKeyRef: {name: onyx-postgresql, key: password}",
    "  secretName: onyx-tls",
    "  existingSecret: onyx-postgresql",
    "imagePullSecrets: [{name: regcred}]",
    "automountServiceAccountToken: false",
    "    /var/run/secrets/kubernetes.io/serviceaccount from kube-api-access-x7k2p (ro)",
    "token: /var/run/secrets/kubernetes.io/serviceaccount/token",
    "POSTGRES_PASSWORD_FILE=/run/secrets/postgres",
    "USER_AUTH_SECRET is empty; set it before going to production",
    "token_type=bearer expires_in=3600",
    'WWW-Authenticate: Bearer realm="onyx"',
    "Bearer authentication is required",
    "Basic authentication failed for admin",
    "authorization: enabled",
    "--authorization-mode=Node,RBAC --token-auth-file=/etc/tokens",
    "chat_session_id=0f8fad5b-d9cb-469f-a165-70867728950e message 7",
    "session_id: 0f8fad5b-d9cb-469f-a165-70867728950e",
    "GET http://api-server:8080/health?notify=ops@example.com 200",
    "INTERNAL_URL=http://onyx-api-service.onyx.svc.cluster.local:8080",
    "see https://github.com/onyx-dot-app/onyx/issues/123#issuecomment-1",
    "git@github.com: Permission denied (publickey).",
    "user alice@example.com signed in",
    "-----BEGIN CERTIFICATE-----",
    "tests: pass=12 fail=0 skip=3",
    "pass: 33",
    "bypass=true",
    "password_reset_enabled=true PASSWORD_MIN_LENGTH=8",
    "psql -h db -p 5432 -U onyx",
    "docker run -p 8080:8080 nginx",
    "redis.exceptions.AuthenticationError: WRONGPASS invalid username-password pair",
    "NOAUTH Authentication required.",
    "Set-Cookie header is missing",
    "cookies: disabled",
    "key=api-server value=3",
    "sk-learn 1.4.0, task-1234567890abcdefghij started",
    "containerd://3a7d1f0c9b8e7a6d5c4b3a2910f8e7d6c5b4a3928170f6e5d4c3b2a190817f6e",
    "OOMKilled exit code 137, memory limit 2Gi",
    'level=info ts=2026-11-23T17:44:30Z caller=main.go:42 msg="token refresh" took=31ms',
    "secret/onyx-postgresql unchanged",
    "  - secretRef: {name: onyx-env}",
    "Mountable secrets: default-token-x7k2p",
    "access key rotated 3 days ago",
    "Use --password to supply the password; --token TOKEN is optional",
    "trace_id=4bf92f3577b34da6a3ce929d0e0e4736 span_id=00f067aa0ba902b7",
    'etag: "33a64df551425fcc55e4d42a148795d9f25f89d4"',
    "continue: eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6MTAwMH0",
    "commit 1f3870be274f6c49b3e31a0c6728957f1f3870be",
    "The ‹password:1› was hidden, password=‹password:1› too",
)
