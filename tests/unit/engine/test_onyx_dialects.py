"""What the drivers of Onyx say of one fault, in every place where Onyx prints it: each is told as that fault.

The messages are those of the pinned drivers, provoked on a real Postgres 15 and Redis 7; opensearch-py's and botocore's
follow their sources.
"""

import json

import pytest

from tests.unit.onyx_matcher import matcher

_LINE = "{level:<10}11/29/2026 08:55:12 AM {file:>27} {line:>4}: {text}"
_REQUEST = (
    '  File "/app/venv/lib/python3.13/site-packages/starlette/middleware/errors.py", line 164, in __call__\n'
    "    await self.app(scope, receive, _send)"
)


def _line(level, file, line, text):
    return _LINE.format(level=f"{level}:", file=file, line=line, text=text)


def _texts(faults, places):
    return [
        pytest.param(symptom, place(message), id=f"{fault}-{name}")
        for fault, (symptom, message) in faults.items()
        for name, place in places.items()
    ]


_PORT = 'connection to server at "relational_db" (172.18.0.2), port 5432 failed: '
SYNC = {
    "refused": ("postgres_unreachable", _PORT + "Connection refused\n\tIs the server running on that host"),
    "database": ("postgres_database_missing", _PORT + 'FATAL:  database "onyx" does not exist'),
    "user": ("postgres_login_failed", _PORT + 'FATAL:  password authentication failed for user "onyx_app"'),
    "too-many": ("postgres_exhausted", _PORT + "FATAL:  sorry, too many clients already"),
    "starting": ("postgres_unreachable", _PORT + "FATAL:  the database system is starting up"),
    "way": ("postgres_unreachable", _PORT + "No route to host\n\tIs the server running on that host"),
}
SYNC_PLACES = {
    "tracing": lambda text: _line(
        "WARNING",
        "provider_config.py",
        140,
        f"Failed to read tracing config from DB; (psycopg2.OperationalError) {text}",
    ),
    "end": lambda text: (
        f"sqlalchemy.exc.OperationalError: (psycopg2.OperationalError) {text}\n"
        "(Background on this error at: https://sqlalche.me/e/20/e3q8)\n\nERROR:    Application startup failed. Exiting."
    ),
    "request": lambda text: _line("ERROR", "main.py", 483, f"(psycopg2.OperationalError) {text}\n{_REQUEST}"),
    "body": lambda text: json.dumps({"detail": f"(psycopg2.OperationalError) {text}"}),
}
ASYNC = {
    "refused": ("postgres_unreachable", "[Errno 111] Connect call failed ('172.18.0.2', 5432)"),
    "database": ("postgres_database_missing", 'database "onyx" does not exist'),
    "user": ("postgres_login_failed", 'password authentication failed for user "onyx_app"'),
    "too-many": ("postgres_exhausted", "sorry, too many clients already"),
    "starting": ("postgres_unreachable", "the database system is starting up"),
    "stopping": ("postgres_unreachable", "the database system is shutting down"),
}
ASYNC_PLACES = {
    "alembic": lambda text: f"ERROR [env_py] Error migrating schema public: {text}",
    "request": lambda text: _line("ERROR", "main.py", 483, f"{text}\n{_REQUEST}"),
    "body": lambda text: json.dumps({"detail": text}),
}
REDIS = {
    "refused": ("redis_unreachable", "Error 111 connecting to cache:6379. Connection refused."),
    "closed": ("redis_unreachable", "Connection closed by server."),
    "reset": ("redis_unreachable", "Error while reading from cache:6379 : (104, 'Connection reset by peer')"),
    "clients": ("redis_connections_used_up", "max number of clients reached"),
    "no-password": ("redis_login_failed", "Authentication required."),
    "password": ("redis_login_failed", "invalid username-password pair or user is disabled."),
    "replica": ("redis_read_only", "You can't write against a read only replica."),
    "primary-lost": (
        "redis_read_only",
        "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.",
    ),
    "loading": ("redis_loading", "Redis is loading the dataset in memory"),
    "memory": ("redis_out_of_memory", "command not allowed when used memory > 'maxmemory'."),
    "silent": ("redis_not_answering", "Timeout reading from socket"),
}
REDIS_PLACES = {
    "request": lambda text: _line("ERROR", "main.py", 483, f"{text}\n{_REQUEST}"),
    "info": lambda text: _line(
        "WARNING", "redis_pool.py", 489, f"Could not read Redis INFO for server diagnostics: {text}"
    ),
    "licence": lambda text: _line(
        "WARNING", "license_enforcement.py", 211, f"Failed to check license metadata: {text}"
    ),
    "body": lambda text: json.dumps({"detail": text}),
}
INDEX = {
    "login": ("document_index_login_failed", "AuthenticationException(401, 'Unauthorized')"),
    "not-ready": ("document_index_not_ready", "TransportError(503, 'OpenSearch Security not initialized.')"),
    "certificate": (
        "document_index_tls_mismatch",
        (
            "SSLError([SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: self-signed certificate (_ssl.c:10))"
            " caused by: SSLError([SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: self-signed certificate)"
        ),
    ),
    "missing": (
        "document_index_missing",
        "NotFoundError(404, 'index_not_found_exception', 'no such index [danswer_chunk_nomic]')",
    ),
    "blocked": (
        "index_write_blocked",
        (
            "AuthorizationException(403, 'cluster_block_exception', 'index [danswer_chunk_nomic] blocked by: "
            "[TOO_MANY_REQUESTS/12/disk usage exceeded flood-stage watermark, index has read-only-allow-delete "
            "block];')"
        ),
    ),
}
INDEX_PLACES = {
    "start": lambda text: _line(
        "ERROR",
        "setup.py",
        256,
        "Document index OpenSearchIndexPair setup did not succeed. The relevant service may not be ready yet. "
        f"Retrying in 5 seconds.\nTraceback (most recent call last):\nopensearchpy.exceptions.X: {text}",
    ),
    "search": lambda text: _line(
        "ERROR", "threadpool_concurrency.py", 372, f"Function at index 0 failed due to {text}"
    ),
    "tool": lambda text: _line(
        "ERROR", "tool_runner.py", 200, f"Unexpected error running tool internal_search: {text}"
    ),
    "body": lambda text: json.dumps({"detail": text}),
}
STORE = {
    "denied": ("object_store_access_denied", "(AccessDenied) when calling the PutObject operation: Access Denied."),
    "bucket": (
        "object_store_bucket_missing",
        "(NoSuchBucket) when calling the PutObject operation: The specified bucket does not exist",
    ),
    "busy": (
        "object_store_unreachable",
        "(SlowDown) when calling the PutObject operation (reached max retries: 4): Please reduce your request rate.",
    ),
}
STORE_PLACES = {
    "upload": lambda text: _line(
        "ERROR", "api.py", 226, f"Error uploading files - ClientError: An error occurred {text}"
    ),
    "end": lambda text: f"botocore.exceptions.ClientError: An error occurred {text}",
}


@pytest.mark.parametrize(
    ("symptom", "text"),
    [
        *_texts(SYNC, SYNC_PLACES),
        *_texts(ASYNC, ASYNC_PLACES),
        *_texts(REDIS, REDIS_PLACES),
        *_texts(INDEX, INDEX_PLACES),
        *_texts(STORE, STORE_PLACES),
    ],
)
def test_the_words_of_a_driver_are_told_as_its_fault_wherever_they_stand(symptom, text):
    found = [item.id for item in matcher().match(text)]
    assert found[:1] == [symptom]
    assert len(found) <= 2


@pytest.mark.parametrize(
    "text",
    [
        '{"detail":"Connection closed."}',
        _line("INFO", "main.py", 483, "the database system is described in README"),
        "app.py 12: max number of clients reached",
        _line("INFO", "app_base.py", 425, "Primary worker is not ready yet. elapsed=15.0 timeout=60.0"),
    ],
)
def test_what_only_looks_like_it_is_left_alone(text):
    assert matcher().match(text) == ()
