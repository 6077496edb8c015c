"""Redacts JSON: documents for the database and the audit log, and payloads on their way to Slack.

Called by `boundary`. Texts are read together, so that a document costs one pass; what has no secret stays as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from bot.redaction.redactor import Redactor
from bot.redaction.scan import name_kind

Json = Any
"""What `json.loads` gives. Typed by whoever reads it."""

OPAQUE_KEYS = frozenset(
    {
        "action_id",
        "block_id",
        "callback_id",
        "channel",
        "external_id",
        "file_id",
        "private_metadata",
        "thread_ts",
        "token",
        "trigger_id",
        "ts",
        "type",
        "user",
        "value",
        "view_id",
    }
)
"""Keys of Slack's payloads that hold our own ids and tokens of buttons: they are made by chance, and must stay as they
are. `value` of a button is ours; what a person typed is in `initial_value`, which is looked at.
"""


def redact_document(document: Json, redactor: Redactor) -> Json:
    """The same document without secrets: each text, and each value whose key announces a secret."""
    return _rebuilt(document, redactor, _document_texts(document), named=redactor.value)


ADDRESSES = frozenset({"response_url"})
"""Keys in our own documents that hold an address to be called again, which may be one of those that grant access."""


def redact_texts(document: Json, redactor: Redactor) -> Json:
    """The same document of ours without secrets in its texts; names of fields announce nothing here."""
    texts = [text for text in _strings(document, ADDRESSES, keys=True) if text]
    return _rebuilt(document, redactor, texts, opaque=ADDRESSES)


def redact_slack(payload: Json, redactor: Redactor) -> Json:
    """The same payload without secrets. No text grows by it: Slack refuses a message for one letter too many."""
    texts = [text for text in _payload_texts(payload) if text]
    return _rebuilt(payload, redactor, texts, fit=True, opaque=OPAQUE_KEYS)


def _rebuilt(
    document: Json,
    redactor: Redactor,
    texts: Sequence[str],
    *,
    named: Callable[[str, str], str] | None = None,
    fit: bool = False,
    opaque: frozenset[str] = frozenset(),
) -> Json:
    """`named` hides values whose key announces a secret; `fit`: no text grows; `opaque`: keys of texts that stay."""
    distinct = list(dict.fromkeys(texts))
    found = redactor.texts(distinct)
    changed = {
        old: _fitted(new, len(old)) if fit else new for old, new in zip(distinct, found, strict=True) if new != old
    }

    def rebuild(value: Json, key: str) -> Json:
        if isinstance(value, str):
            if key in opaque:
                return value
            return named(key, value) if named is not None and name_kind(key) else changed.get(value, value)
        if isinstance(value, Mapping):
            says = _announced(value)
            return {
                changed.get(name, name): rebuild(item, says if name == "value" and says else name)
                for name, item in value.items()
            }
        if isinstance(value, list | tuple):
            return [rebuild(item, key) for item in value]
        return value

    return rebuild(document, "")


def _announced(item: Mapping[str, Json]) -> str:
    """What `value` is the value of in `{"name": "DB_PASSWORD", "value": …}`, as an environment writes it."""
    name = item.get("name") or item.get("key")
    return name if isinstance(name, str) and isinstance(item.get("value"), str) else ""


def _fitted(text: str, length: int) -> str:
    return text if len(text) <= length else text[: max(length - 1, 0)] + "…"


def _document_texts(document: Json) -> list[str]:
    return [text for text in _strings(document, frozenset(), keys=True) if text]


def _payload_texts(payload: Json) -> Iterator[str]:
    return _strings(payload, OPAQUE_KEYS, keys=False)


def _strings(value: Json, opaque: frozenset[str], *, keys: bool) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for name, item in value.items():
            if keys:
                yield name
            if name not in opaque or not isinstance(item, str):
                yield from _strings(item, opaque, keys=keys)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _strings(item, opaque, keys=keys)
