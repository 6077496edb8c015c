"""What the containers of the Onyx-like app run: small Node programs that serve, break, or fail as the real one does.

Used by app.py and the fault tables. The reasons they print are the ones Onyx, SQLAlchemy and uvicorn print; connections
are really attempted, so a "Connection refused" in a log is a refused connection.
"""

import json
from textwrap import dedent

_SERVE = """
const answer = (q, r) => {
  if (q.url == "/health") {
    r.setHeader("content-type", "application/json");
    r.end('{"success":true,"message":"ok","data":null}');
  }
  else if (q.url == "/me") r.end("{}");
  else { r.statusCode = 404; r.end('{"detail":"Not Found"}'); }
};
const serve = (host, port, handler) => require("http").createServer(handler || answer).listen(port, host,
  () => console.log(`INFO:     Uvicorn running on http://${host}:${port} (Press CTRL+C to quit)`));
console.log("INFO:     Started server process [1]");
"""

SERVE = _SERVE + 'serve("0.0.0.0", 8080);'
LISTEN_ON_LOOPBACK = _SERVE + 'serve("127.0.0.1", 8080);'
LISTEN_ON_ANOTHER_PORT = _SERVE + 'serve("0.0.0.0", 8000);'
NEVER_ANSWER = _SERVE + 'serve("0.0.0.0", 8080, () => {});'
# All its workers wait for a connection to the database, which it says; what asks meanwhile waits with them.
SATURATED = (
    _SERVE
    + """serve("0.0.0.0", 8080, () => {});
setInterval(() => console.error("sqlalchemy.exc.TimeoutError: QueuePool limit of size 40 overflow 10 reached, " +
  "connection timed out, timeout 30.00 (Background on this error at: https://sqlalche.me/e/20/3o7r)"), 1500);
"""
)
NEVER_LISTEN = (
    'console.log("INFO  [alembic.runtime.migration] Context impl PostgresqlImpl."); setInterval(() => {}, 1000);'
)

_ALLOCATE = "const kept = []; setInterval(() => kept.push(Buffer.alloc(16 << 20, 1)), 50);"
ALLOCATE = _SERVE + f'serve("0.0.0.0", 8080); setTimeout(() => {{ {_ALLOCATE} }}, 4000);'
ALLOCATE_AT_START = f'console.log("INFO  [alembic.runtime.migration] Context impl PostgresqlImpl."); {_ALLOCATE}'
# Needs a volume at /state that outlives the container: the first life ends for memory, the second one serves.
ALLOCATE_ONCE = (
    _SERVE
    + f"""
if (require("fs").existsSync("/state/killed")) serve("0.0.0.0", 8080);
else {{ require("fs").writeFileSync("/state/killed", ""); {_ALLOCATE} }}
"""
)


def fail(text: str, code: int = 1) -> str:
    """A program that prints `text` to stderr and exits with `code`."""
    return f"console.error({json.dumps(dedent(text).strip())}); process.exit({code});"


def need(host: str, port: int, *, refused: str, unknown: str = "", before: str = "", code: int = 1) -> str:
    """A program that really connects to host:port, serves when that works, and otherwise prints why not and exits.

    In the texts HOST, ADDRESS and PORT stand for what was tried; `unknown` is for a name that does not resolve.
    """
    return (
        _SERVE
        + f"""
const host = {json.dumps(host)}, port = {port}, say = (text, address) =>
  console.error(text.replace(/HOST/g, host).replace(/ADDRESS/g, address).replace(/PORT/g, port));
say({json.dumps(before)}, "");
require("dns").lookup(host, 4, (error, address) => {{
  if (error) {{ say({json.dumps(unknown or refused)}, ""); process.exit({code}); }}
  const socket = require("net").connect(port, address);
  socket.on("connect", () => {{ socket.destroy(); serve("0.0.0.0", 8080); }});
  socket.on("error", () => {{ say({json.dumps(refused)}, address); process.exit({code}); }});
}});
"""
    )


_TRACEBACK = (
    'Traceback (most recent call last):\n  File "/usr/local/bin/alembic", line 8, in <module>\n    sys.exit(main())\n'
)
STARTUP_FAILED = "ERROR:    Application startup failed. Exiting."


def need_postgres(host: str) -> str:
    """`alembic upgrade head`, then the server: exits 1 with psycopg2's words when Postgres does not accept."""
    return need(
        host,
        5432,
        refused=_TRACEBACK + "sqlalchemy.exc.OperationalError: (psycopg2.OperationalError) connection to server at "
        '"HOST" (ADDRESS), port PORT failed: Connection refused\n'
        "\tIs the server running on that host and accepting TCP/IP connections?\n",
        unknown=_TRACEBACK
        + "sqlalchemy.exc.OperationalError: (psycopg2.OperationalError) could not translate host name "
        '"HOST" to address: Name or service not known\n',
    )


def need_redis(host: str) -> str:
    """A start that reads the key-value store first: exits 3 with redis-py's words."""
    return need(
        host,
        6379,
        refused="redis.exceptions.ConnectionError: Error 111 connecting to HOST:PORT. Connection refused.\n"
        + STARTUP_FAILED,
        code=3,
    )


def need_vespa(host: str) -> str:
    """Onyx up to 2.x: Vespa's configuration server on 19071, retried, then exit 3."""
    return need(
        host,
        19071,
        before="INFO:     Verifying Document Index(s) is/are available.\nINFO:     Setting up Vespa (attempt 1/1)...",
        refused="requests.exceptions.ConnectionError: HTTPConnectionPool(host='HOST', port=PORT): Max retries exceeded "
        "with url: /application/v2/tenant/default/prepareandactivate (Caused by NewConnectionError('<"
        "urllib3.connection.HTTPConnection object at 0x7f1c2c0>: Failed to establish a new connection: [Errno 111] "
        "Connection refused'))\n"
        "NOTICE:   Vespa setup did not succeed. The Vespa service may not be ready yet. Retrying in 5 seconds.\n"
        "ERROR:    Attempt limit reached. (1)\nRuntimeError: Could not connect to Vespa within the specified timeout.\n"
        + STARTUP_FAILED,
        code=3,
    )


def need_opensearch(host: str) -> str:
    """Onyx from 3.x on: OpenSearch on 9200."""
    return need(
        host,
        9200,
        before="INFO:     Verifying Document Index(s) is/are available.",
        refused="opensearchpy.exceptions.ConnectionError: ConnectionError(<urllib3.connection.HTTPSConnection "
        "object at 0x7f1c2c0>: Failed to establish a new connection: [Errno 111] Connection refused) "
        "host='HOST' port=PORT\n"
        "ERROR:    Document index OpenSearchDocumentIndex setup did not succeed. "
        "The relevant service may not be ready yet.\n"
        "RuntimeError: Could not connect to a document index within the specified timeout.\n" + STARTUP_FAILED,
        code=3,
    )


def wait_for_model_server(host: str) -> str:
    """The warm-up that blocks the start, without ending, while the model server refuses: port 8080 stays closed."""
    return f"""
console.log("INFO:     Model Server: http://{host}:9000");
let attempt = 0;
const warm = () => require("net").connect(9000, {json.dumps(host)}).on("error", () => {{
  attempt = attempt % 20 + 1;
  console.error("requests.exceptions.ConnectionError: HTTPConnectionPool(host='{host}', port=9000): Max retries " +
    "exceeded with url: /encoder/bi-encoder-embed (Caused by NewConnectionError('Failed to establish a new " +
    "connection: [Errno 111] Connection refused'))");
  console.error(`WARNING:  Attempt ${{attempt}}/20 failed; retrying in 5 seconds...`);
  setTimeout(warm, 5000);
}});
warm();
"""
