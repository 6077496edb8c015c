"""The exact lines Onyx, Node, uvicorn and psycopg2 print. Pure functions from values to text.

Used by the programs in this package only.
"""

from __future__ import annotations

import hashlib
from datetime import datetime

from bot.sandbox.cluster.process.program import Unreached

_ERRNO = {"ECONNREFUSED": -111, "ETIMEDOUT": -110, "EHOSTUNREACH": -113, "ENOTFOUND": -3008, "EAI_AGAIN": -3001}
_COLOURS = {"INFO": 92, "NOTICE": 94, "WARNING": 93, "ERROR": 91}
USER_ID = "755033c6-4661-4be5-9622-c6d51f5d1533"


def onyx_line(level: str, at: datetime, file: str, line: int, message: str) -> str:
    """One line in the format of Onyx' own logger, which colours the level also where nobody sees it."""
    space = " " * max(1, 9 - len(level))
    coloured = f"\x1b[{_COLOURS.get(level, 92)}m{level}\x1b[0m"
    return f"{coloured}:{space}{at:%m/%d/%Y %I:%M:%S %p} {file:>30} {line:>4}: {message}"


def request_id(*parts: object) -> str:
    """Eight url-safe characters, the same for the same request."""
    digest = hashlib.sha256("/".join(map(str, parts)).encode()).digest()
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return "".join(letters[byte % 64] for byte in digest[:8])


def access_line(at: datetime, identity: str, peer: str, method: str, path: str, status: int) -> str:
    """uvicorn's access line as Onyx formats it: no reason phrase, with the request id."""
    return onyx_line("INFO", at, "h11_impl.py", 473, f'[API:{identity}] {peer} - "{method} {path} HTTP/1.1" {status}')


def not_found_lines(at: datetime, identity: str) -> str:
    """The API's lines for a path no route knows."""
    head = onyx_line("ERROR", at, "main.py", 319, f"[API:{identity}] 404: Not Found")
    lines = (
        head,
        '  File "/usr/local/lib/python3.11/site-packages/starlette/_exception_handler.py", line 42, in wrapped_app',
        "    await app(scope, receive, sender)",
        '  File "/usr/local/lib/python3.11/site-packages/starlette/routing.py", line 735, in app',
        "    await self.default(scope, receive, send)",
        '  File "/usr/local/lib/python3.11/site-packages/starlette/routing.py", line 669, in not_found',
        "    raise HTTPException(status_code=404)",
        "",
    )
    return "\n".join(lines)


def database_error(failure: Unreached, *, ends_with: str = "") -> str:
    """psycopg2's and SQLAlchemy's words for a database that cannot be reached."""
    if failure.code in ("ENOTFOUND", "EAI_AGAIN"):
        why = "Name or service not known" if failure.code == "ENOTFOUND" else "Temporary failure in name resolution"
        said = f'could not translate host name "{failure.host}" to address: {why}'
    else:
        words = {"ECONNREFUSED": "Connection refused", "EHOSTUNREACH": "No route to host"}
        why = words.get(failure.code, "Connection timed out")
        where = f" ({failure.address})" if failure.address != failure.host else ""
        said = (
            f'connection to server at "{failure.host}"{where}, port {failure.port} failed: {why}\n'
            "\tIs the server running on that host and accepting TCP/IP connections?"
        )
    return database_traceback(said, ends_with=ends_with)


def database_refusal(host: str, address: str, port: int, why: str) -> str:
    """What psycopg2 says when Postgres answers and refuses."""
    where = f" ({address})" if address != host else ""
    return f'connection to server at "{host}"{where}, port {port} failed: FATAL:  {why}'


def database_traceback(said: str, *, error: str = "OperationalError", ends_with: str = "") -> str:
    """The traceback of the warm-up that ends in this error of psycopg2."""
    kind = "psycopg2" if error == "OperationalError" else "psycopg2.errors"
    outer = "OperationalError" if error == "OperationalError" else "ProgrammingError"
    site = "/usr/local/lib/python3.11/site-packages"
    lines = (
        "Traceback (most recent call last):",
        f'  File "{site}/sqlalchemy/engine/base.py", line 146, in __init__',
        "    self._dbapi_connection = engine.raw_connection()",
        f'  File "{site}/sqlalchemy/engine/default.py", line 616, in connect',
        "    return self.loaded_dbapi.connect(*cargs, **cparams)",
        f'  File "{site}/psycopg2/__init__.py", line 122, in connect',
        "    conn = _connect(dsn, connection_factory=connection_factory, **kwasync)",
        f"{kind}.{error}: {said}",
        "",
        "",
        "The above exception was the direct cause of the following exception:",
        "",
        "Traceback (most recent call last):",
        '  File "/app/onyx/db/engine/connection_warmup.py", line 15, in warm_up_connections',
        "    connections = [sync_postgres_engine.connect() for _ in range(sync_connections_to_warm_up)]",
        f'  File "{site}/sqlalchemy/engine/base.py", line 3277, in connect',
        "    return self._connection_cls(self)",
        f"sqlalchemy.exc.{outer}: ({kind}.{error}) {said}",
        "",
        "(Background on this error at: https://sqlalche.me/e/20/e3q8)",
    )
    return "\n".join(lines) + ("\n" + ends_with if ends_with else "")


MISSING_TABLE = (
    'relation "encrypted_key_value_store" does not exist\nLINE 2: FROM encrypted_key_value_store \n             ^\n'
)
UNKNOWN_REVISION = """\
ERROR [alembic.util.messaging] Can't locate revision identified by 'deadbeef1234'
  FAILED: Can't locate revision identified by 'deadbeef1234'"""


def redis_error(failure: Unreached | None, host: str) -> str:
    """What redis-py says: of a connection that fails, or of a login that is refused."""
    if failure is None:
        return "invalid username-password pair or user is disabled."
    number, words = {
        "ENOTFOUND": (-2, "Name or service not known"),
        "EAI_AGAIN": (-3, "Temporary failure in name resolution"),
        "EHOSTUNREACH": (113, "No route to host"),
    }.get(failure.code, (111, "Connection refused"))
    return f"Error {number} connecting to {host}:{failure.port}. {words}."


def lock_error(error: str, *, login: bool) -> str:
    """The traceback of the lock in Redis that is taken before the document index is set up."""
    kind = "AuthenticationError" if login else "ConnectionError"
    lines = (
        "Traceback (most recent call last):",
        '  File "/app/onyx/setup.py", line 228, in setup_document_indices',
        "    document_index.verify_and_create_index_if_necessary(",
        '  File "/app/onyx/redis/lock_context.py", line 55, in redis_shared_lock',
        "    acquired = lock.acquire()",
        '  File "/usr/local/lib/python3.11/site-packages/redis/connection.py", line 283, in connect',
        "    raise ConnectionError(self._error_message(e))",
        f"redis.exceptions.{kind}: {error}",
    )
    return "\n".join(lines)


def secret_error() -> str:
    """What the API says when USER_AUTH_SECRET is empty."""
    lines = (
        "ERROR:    Traceback (most recent call last):",
        '  File "/usr/local/lib/python3.11/site-packages/starlette/routing.py", line 692, in lifespan',
        "    async with self.lifespan_context(app) as maybe_state:",
        '  File "/app/onyx/main.py", line 247, in lifespan',
        "    verify_auth_setting()",
        '  File "/app/onyx/auth/users.py", line 190, in verify_auth_setting',
        "    raise ValueError(",
        "ValueError: USER_AUTH_SECRET is empty. Set it to a random value, for example from `openssl rand -hex 32`.",
        "",
        "ERROR:    Application startup failed. Exiting.",
    )
    return "\n".join(lines)


def _digest(failure: Unreached) -> str:
    text = f"{failure.code}{failure.host}{failure.port}"
    return str(int(hashlib.sha256(text.encode()).hexdigest()[:8], 16))


def fetch_failed(failure: Unreached) -> str:
    """Next 15 on Node 20: an uncaught `TypeError: fetch failed` with its cause."""
    head = (
        " \u2a2f TypeError: fetch failed\n"
        "    at async d (.next/server/chunks/ssr/_a6b5856d._.js:1:323)\n"
        "    at async c (.next/server/app/layout.js:2:7916) {\n"
        f"  digest: '{_digest(failure)}',\n"
    )
    return head + _cause(failure) + "\n}"


def _cause(failure: Unreached) -> str:
    if failure.code in ("ENOTFOUND", "EAI_AGAIN"):
        said = f"getaddrinfo {failure.code} {failure.host}"
        return (
            f"  [cause]: [Error: {said}] {{\n    errno: {_ERRNO[failure.code]},\n    code: '{failure.code}',\n"
            f"    syscall: 'getaddrinfo',\n    hostname: '{failure.host}'\n  }}"
        )
    if failure.code == "UND_ERR_SOCKET":
        return (
            "  [cause]: [SocketError: other side closed] {\n    code: 'UND_ERR_SOCKET',\n    socket: {\n"
            f"      remoteAddress: '{failure.address}',\n      remotePort: {failure.port}\n    }}\n  }}"
        )
    if failure.code == "UND_ERR_HEADERS_TIMEOUT":
        return "  [cause]: [HeadersTimeoutError: Headers Timeout Error] {\n    code: 'UND_ERR_HEADERS_TIMEOUT'\n  }"
    if failure.code == "ETIMEDOUT":
        # Node's fetch gives up after ten seconds, long before the kernel's ETIMEDOUT.
        where = f"attempted address: {failure.host}:{failure.port}, timeout: 10000ms"
        head = f"  [cause]: [ConnectTimeoutError: Connect Timeout Error ({where})] {{"
        return f"{head}\n    code: 'UND_ERR_CONNECT_TIMEOUT'\n  }}"
    said = f"connect {failure.code} {failure.address}:{failure.port}"
    return (
        f"  [cause]: Error: {said}\n      at <unknown> (Error: {said}) {{\n    errno: {_ERRNO[failure.code]},\n"
        f"    code: '{failure.code}',\n    syscall: 'connect',\n    address: '{failure.address}',\n"
        f"    port: {failure.port}\n  }}"
    )


def invalid_url(url: str) -> str:
    """fetch() given something that is no URL."""
    return (
        " \u2a2f TypeError: Failed to parse URL from "
        + url
        + "\n    at async c (.next/server/app/layout.js:2:7916) {\n"
        f"  [cause]: [TypeError: Invalid URL] {{\n    code: 'ERR_INVALID_URL',\n    input: '{url}'\n  }}\n}}"
    )


def login_contradiction() -> str:
    """The pair of lines the web server prints for a request whose fetches disagree."""
    return (
        "Failed to fetch assistants - Access denied. User is not authenticated.\n"
        "Login page: User is logged in, redirecting to chat {\n"
        f"  userId: '{USER_ID}',\n  is_active: true,\n  is_anonymous: null\n}}"
    )
