"""What Onyx prints when something that answers refuses it: index, bucket, Postgres without writes, language model.

Pure functions from values to text, after the real program's logs. Used by the programs of Onyx in this package only.
"""

from __future__ import annotations

from datetime import datetime

from bot.sandbox.cluster.process.program import Unreached
from bot.sandbox.cluster.process.texts import onyx_line

_SITE = "/usr/local/lib/python3.11/site-packages"
_OFFLINE = (
    "OSError: We couldn't connect to 'https://huggingface.co' to load the files, and couldn't find them in the "
    "cached files."
)
BUCKET = "onyx-file-store-bucket"


def index_refusal(mood: str) -> str:
    """The end of OpenSearch's client: 401 for a password that it does not know, 403 for one without rights."""
    kind, why = "AuthenticationException", "AuthenticationException(401, 'Unauthorized')"
    if mood == "forbids":
        reason = "no permissions for [cluster:admin/settings/update] and User [name=onyx, backend_roles=[]]"
        kind, why = "AuthorizationException", f"AuthorizationException(403, 'security_exception', '{reason}')"
    lines = (
        "Traceback (most recent call last):",
        '  File "/app/onyx/setup.py", line 228, in setup_document_indices',
        "    document_index.verify_and_create_index_if_necessary(",
        f'  File "{_SITE}/opensearchpy/connection/base.py", line 315, in _raise_error',
        "    raise HTTP_EXCEPTIONS.get(status_code, TransportError)(",
        f"opensearchpy.exceptions.{kind}: {why}",
    )
    return "\n".join(lines)


def bucket_refusal(at: datetime) -> str:
    """A 403 of the bucket: printed as "forbidden" even where the store does not know the key."""
    lines = (
        onyx_line("WARNING", at, "file_store.py", 308, f"S3 bucket '{BUCKET}' exists but access is forbidden"),
        "ERROR:    Traceback (most recent call last):",
        f'  File "{_SITE}/botocore/client.py", line 1074, in _make_api_call',
        "    raise error_class(parsed_response, operation_name)",
        "botocore.exceptions.ClientError: An error occurred (403) when calling the HeadBucket operation: Forbidden",
        "",
        "The above exception was the direct cause of the following exception:",
        "",
        "Traceback (most recent call last):",
        '  File "/app/onyx/file_store/file_store.py", line 310, in initialize',
        "    raise RuntimeError(",
        f"RuntimeError: Access denied to S3 bucket '{BUCKET}'. Please check credentials and permissions.",
        "",
        "ERROR:    Application startup failed. Exiting.",
    )
    return "\n".join(lines)


def bucket_unreached(at: datetime, url: str) -> str:
    """botocore's words for a store that it does not reach, after retries of its own."""
    said = f'Could not connect to the endpoint URL: "{url}/{BUCKET}"'
    lines = (
        onyx_line("ERROR", at, "file_store.py", 331, f"Failed to check S3 bucket '{BUCKET}': {said}"),
        f"botocore.exceptions.EndpointConnectionError: {said}",
        "",
        "ERROR:    Application startup failed. Exiting.",
    )
    return "\n".join(lines)


def gpu_unanswered(at: datetime, failure: Unreached, *, last: bool) -> str:
    """The question for a GPU, which only the first start on an empty database asks."""
    errno, words = {
        "ENOTFOUND": ("-2", "Name or service not known"),
        "EAI_AGAIN": ("-3", "Temporary failure in name resolution"),
        "EHOSTUNREACH": ("113", "No route to host"),
        "ETIMEDOUT": ("110", "Connection timed out"),
    }.get(failure.code, ("111", "Connection refused"))
    where = f"HTTPConnection(host='{failure.host}', port={failure.port})"
    cause = f'NewConnectionError("{where}: Failed to establish a new connection: [Errno {errno}] {words}")'
    pool = f"HTTPConnectionPool(host='{failure.host}', port={failure.port})"
    said = f"{pool}: Max retries exceeded with url: /api/gpu-status (Caused by {cause})"
    lines = [onyx_line("ERROR", at, "gpu_utils.py", 36, f"Error: Unable to fetch GPU status. Error: {said}")]
    if not last:
        retry = f"Retrying onyx.utils.gpu_utils.gpu_status_request in 5.0 seconds as it raised ConnectionError: {said}."
        return "\n".join([*lines, onyx_line("WARNING", at, "before_sleep.py", 65, retry)])
    lines += [
        "ERROR:    Traceback (most recent call last):",
        '  File "/app/onyx/setup.py", line 326, in update_default_multipass_indexing',
        "    gpu_available = gpu_status_request()",
        f'  File "{_SITE}/requests/adapters.py", line 678, in send',
        "    raise ConnectionError(e, request=request)",
        f"requests.exceptions.ConnectionError: {said}",
        "",
        "ERROR:    Application startup failed. Exiting.",
    ]
    return "\n".join(lines)


def port_taken(host: str, port: int) -> str:
    """uvicorn finds out only after its start is complete."""
    return (
        f"ERROR:    [Errno 98] error while attempting to bind on address ('{host}', {port}): "
        "[errno 98] address already in use\n"
        "INFO:     Waiting for application shutdown.\n"
        "INFO:     Application shutdown complete."
    )


def model_not_downloaded(model: str, failure: Unreached) -> str:
    """transformers' words in a model server that has no copy of its model and no way to fetch one."""
    words = "Temporary failure in name resolution" if failure.code == "EAI_AGAIN" else "Name or service not known"
    where = "HTTPSConnectionPool(host='huggingface.co', port=443)"
    why = f"NameResolutionError('Failed to resolve \\'huggingface.co\\': {words}')"
    path = f"/{model}/resolve/main/config.json"
    said = (
        f'requests.exceptions.ConnectionError: (MaxRetryError("{where}: Max retries exceeded with url: {path} '
        f'(Caused by {why})"))'
    )
    lines = (
        "ERROR:    Traceback (most recent call last):",
        f'  File "{_SITE}/huggingface_hub/file_download.py", line 1533, in _get_metadata_or_catch_error',
        "    metadata = get_hf_file_metadata(",
        said,
        "",
        "The above exception was the direct cause of the following exception:",
        "",
        "Traceback (most recent call last):",
        '  File "/app/model_server/main.py", line 65, in lifespan',
        "    warm_up_intent_model()",
        _OFFLINE,
        "Check your internet connection or see how to run the library in offline mode.",
        "",
        "ERROR:    Application startup failed. Exiting.",
    )
    return "\n".join(lines)


def write_refused(at: datetime, request: str) -> str:
    """A chat that cannot be stored. The route turns every error of the database into words about the persona."""
    said = "(psycopg2.errors.ReadOnlySqlTransaction) cannot execute INSERT in a read-only transaction"
    lines = (
        onyx_line("ERROR", at, "chat_backend.py", 483, f"[API:{request}] {said}"),
        "",
        "[SQL: INSERT INTO chat_session (id, user_id, persona_id, description) VALUES (%(id)s, %(user_id)s)]",
        "(Background on this error at: https://sqlalche.me/e/20/2j85)",
        "Traceback (most recent call last):",
        f'  File "{_SITE}/sqlalchemy/engine/default.py", line 952, in do_execute',
        "    cursor.execute(statement, parameters)",
        "psycopg2.errors.ReadOnlySqlTransaction: cannot execute INSERT in a read-only transaction",
        "",
        onyx_line("ERROR", at, "main.py", 483, f"[API:{request}] 400: Invalid Persona provided."),
    )
    return "\n".join(lines)


def model_refused(at: datetime, request: str) -> str:
    """A key that the provider of the language model does not accept."""
    said = "litellm.AuthenticationError: AuthenticationError: OpenAIException - Incorrect API key provided: sk-***."
    message = f"[API:{request}] Failed to process chat message due to {said}"
    lines = (
        onyx_line("ERROR", at, "process_message.py", 864, message),
        "Traceback (most recent call last):",
        f'  File "{_SITE}/litellm/llms/openai/openai.py", line 991, in async_streaming',
        "    headers, response = await self.make_openai_chat_completion_request(",
        "openai.AuthenticationError: Error code: 401 - {'error': {'code': 'invalid_api_key'}}",
        f"litellm.exceptions.AuthenticationError: {said}",
    )
    return "\n".join(lines)
