"""A saved view: what `triage snapshot` writes and `diagnose --snapshot` reads. Bytes only; files are the caller's.

A snapshot holds a redacted view and what is needed to trust it again: for which app, by which version, when. The header
says what was hidden, so that tokens given later do not collide with those inside.
"""

from __future__ import annotations

import gzip
import io
import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, get_args

from pydantic import TypeAdapter, ValidationError

from bot.diagnosis.subject_words import KINDS, NAMESPACE
from bot.domain.errors import UsageError
from bot.domain.facts import Gap, unseen
from bot.domain.view import Resource, View
from bot.redaction import Hidden
from bot.version import VERSION

SCHEMA = "triage/snapshot/v1"
MAX_BYTES = 256 << 20
"""Bytes of an unpacked snapshot: 5,000 pods need about a tenth."""
_GZIP = b"\x1f\x8b"
_TAKE_AGAIN = "Take it again: `triage snapshot APP -n NAMESPACE -f FILE`."
_UPGRADE = "Upgrade this program, or take the snapshot again with this version."


class SnapshotRejected(UsageError):
    """A file is no snapshot, is damaged, too new, or of another app."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A redacted view with its header. `hidden` says what was hidden in it, by kind of secret."""

    app: str
    view: View
    version: str
    created_at: datetime
    hidden: Mapping[str, Hidden] = field(default_factory=dict)


def program_version() -> str:
    """The version of this program."""
    return VERSION


def encode_snapshot(snapshot: Snapshot, *, compress: bool) -> bytes:
    """The snapshot as JSON, gzip if wanted. The same snapshot gives the same bytes."""
    document = {
        "schema": SCHEMA,
        "app": snapshot.app,
        "version": snapshot.version,
        "created_at": snapshot.created_at.isoformat(),
        "hidden": {kind: {"secrets": it.secrets, "places": it.places} for kind, it in snapshot.hidden.items()},
        "view": snapshot.view.model_dump(mode="json", by_alias=True, exclude_defaults=True),
    }
    data = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "backslashreplace") + b"\n"
    return gzip.compress(data, mtime=0) if compress else data


def decode_snapshot(data: bytes, name: str, app: str | None = None, *, bare: bool = False) -> Snapshot:
    """The snapshot in these bytes, packed or not. `name` is what messages call the file.

    `bare`: `app` is no app but the name of an object, of which the snapshot of its namespace tells as well.

    Raises `SnapshotRejected` when it is none, is damaged or too new, or when `app` is given and it is another's.
    """
    document = _document(_unpacked(data, name), name)
    _check_schema(document, name)
    try:
        snapshot = Snapshot(
            app=_SOME_TEXT.validate_python(document.get("app")),
            view=View.model_validate(document.get("view")),
            version=str(document.get("version", "")),
            created_at=_TIME.validate_python(document.get("created_at")),
            hidden=_HIDDEN.validate_python(document.get("hidden") or {}),
        )
    except ValidationError as exc:
        where = ".".join(str(part) for part in exc.errors()[0]["loc"])
        problem = f"{name} is not a whole snapshot" + (f": {where} cannot be understood." if where else ".")
        raise SnapshotRejected(problem, _TAKE_AGAIN) from exc
    if app is not None and snapshot.app != app and not _holds(snapshot.app, app, bare=bare):
        raise SnapshotRejected(
            f"{name} is a snapshot of {snapshot.app}, not of {app}.", f"Say `triage diagnose {snapshot.app}` instead."
        )
    return snapshot


def _holds(recorded: str, asked: str, *, bare: bool) -> bool:
    """Whether it is of a whole namespace, and asked about an object in it (`deployment/front`, `front`)."""
    kind, slash, _ = asked.partition("/")
    names_object = KINDS.get(kind.lower()) != NAMESPACE if slash else bare
    return recorded.startswith("namespace/") and names_object


_SOME_TEXT: TypeAdapter[str] = TypeAdapter(str)
_TIME: TypeAdapter[datetime] = TypeAdapter(datetime)
_HIDDEN: TypeAdapter[dict[str, Hidden]] = TypeAdapter(dict[str, Hidden])


def _unpacked(data: bytes, name: str) -> bytes:
    if data.startswith(_GZIP):
        try:
            with gzip.GzipFile(fileobj=io.BytesIO(data)) as packed:
                data = packed.read(MAX_BYTES + 1)
        except (OSError, EOFError, zlib.error) as exc:
            raise SnapshotRejected(f"{name} is damaged: it cannot be unpacked.", _TAKE_AGAIN) from exc
    if len(data) > MAX_BYTES:
        raise SnapshotRejected(f"{name} is larger than {MAX_BYTES >> 20} MiB unpacked.", _TAKE_AGAIN)
    return data


def _document(data: bytes, name: str) -> Mapping[str, Any]:
    try:
        document = json.loads(data)
    except (ValueError, RecursionError) as exc:
        raise SnapshotRejected(f"{name} is no snapshot: it is not JSON.", _TAKE_AGAIN) from exc
    if not isinstance(document, dict):
        raise SnapshotRejected(f"{name} is no snapshot.", _TAKE_AGAIN)
    return document


def _check_schema(document: Mapping[str, Any], name: str) -> None:
    schema = document.get("schema")
    if schema == SCHEMA:
        return
    if isinstance(schema, str) and schema.startswith("triage/snapshot/"):
        by = f" by version {document['version']}" if isinstance(document.get("version"), str) else ""
        raise SnapshotRejected(f"{name} was written{by} as {schema}, which this version cannot read.", _UPGRADE)
    raise SnapshotRejected(f"{name} is no snapshot: its schema is not {SCHEMA}.", _TAKE_AGAIN)


def snapshot_report(snapshot: Snapshot, file: str, size: int) -> dict[str, Any]:
    """What `triage snapshot -o json` prints: where it was saved (`size` in bytes), what is in it, what was hidden."""
    view = snapshot.view
    return {
        "schema": "triage/v1",
        "file": file,
        "bytes": size,
        "app": snapshot.app,
        "namespace": view.namespace,
        "cluster": view.cluster,
        "collected_at": view.collected_at.isoformat(),
        "objects": _objects(view),
        "logs": sum(log.text is not None for log in view.logs),
        "health_answers": sum(item.gap is None for item in view.health),
        "hidden": {kind: {"secrets": it.secrets, "places": it.places} for kind, it in snapshot.hidden.items()},
        "gaps": [gap.sentence() for gap in _gaps(view)],
    }


def snapshot_text(snapshot: Snapshot, file: str | None, size: int) -> str:
    """The same for a person. `file` is None when it was written to standard output."""
    view, objects = snapshot.view, _objects(snapshot.view)
    logs = sum(log.text is not None for log in view.logs)
    where = file or "standard output"
    counts = ", ".join(f"{count} {kind}" for kind, count in objects.items())
    lines = [
        f"Saved {snapshot.app} in namespace {view.namespace} of {view.cluster} to {where} ({size / 1024:.0f} KiB).",
        f"  objects  {sum(objects.values())}: {counts}" if objects else "  objects  none",
        f"  logs     {logs}, health answers {sum(item.gap is None for item in view.health)}",
        f"  hidden   {_hidden_words(snapshot.hidden)}",
    ]
    lines += [f"  not read {gap.sentence()}" for gap in _gaps(view)]
    if file is not None:
        lines.append(f"Replay it without the cluster: triage diagnose {snapshot.app} --snapshot {file}")
    return "\n".join(lines)


def _objects(view: View) -> dict[str, int]:
    counts = {kind: len(getattr(view, kind)) for kind in get_args(Resource)}
    return {kind: count for kind, count in counts.items() if count}


def _gaps(view: View) -> tuple[Gap, ...]:
    return unseen([*view.gaps.values(), *(log.gap for log in view.logs), *(item.gap for item in view.health)])


def _hidden_words(hidden: Mapping[str, Hidden]) -> str:
    words = [
        f"{it.secrets} × {kind}" + (f" in {it.places} places" if it.places > it.secrets else "")
        for kind, it in hidden.items()
    ]
    return ", ".join(words) or "nothing: no secret was found"
