"""Answers of the simulated API server as HTTP responses."""

from __future__ import annotations

import gzip
import json

from aiohttp import web

from bot.sandbox.cluster.api.calls import ApiServerResponse
from bot.sandbox.cluster.state.values import Object

_COMPRESS_FROM = 128 * 1024


def encoded(raw: web.Request, answer: ApiServerResponse) -> web.Response:
    """The answer to this request; a long one is compressed for who takes that."""
    data = answer.body if isinstance(answer.body, bytes) else json_bytes(answer.body)
    headers = {"Content-Type": answer.content_type, "Cache-Control": "no-cache, private", **answer.headers}
    if len(data) >= _COMPRESS_FROM and "gzip" in raw.headers.get("Accept-Encoding", ""):
        data = gzip.compress(data, compresslevel=1)
        headers["Content-Encoding"] = "gzip"
    return web.Response(status=answer.status, body=data, headers=headers)


def json_bytes(body: Object) -> bytes:
    """Compact JSON in UTF-8."""
    return json.dumps(body, separators=(",", ":"), ensure_ascii=False).encode()
