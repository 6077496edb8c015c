"""`triage snapshot`, and the file behind `triage diagnose --snapshot`. Writes nothing but the file that was named."""

from __future__ import annotations

import os
import sys
import tempfile
from argparse import Namespace
from pathlib import Path

from bot.cli.output import print_json, progress
from bot.diagnosis.snapshot import MAX_BYTES, Snapshot, decode_snapshot, encode_snapshot, snapshot_report, snapshot_text
from bot.domain.errors import UsageError

STDOUT = "-"


def save(snapshot: Snapshot, arguments: Namespace) -> int:
    """Write the snapshot where the arguments say, and print what is in it."""
    name: str = arguments.file
    data = encode_snapshot(snapshot, compress=name.endswith(".gz"))
    if name == STDOUT:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
        sys.stderr.write(snapshot_text(snapshot, None, len(data)) + "\n")
        return 0
    _write(Path(name), data, overwrite=arguments.force)
    if arguments.output == "json":
        print_json(snapshot_report(snapshot, name, len(data)))
    else:
        sys.stdout.write(snapshot_text(snapshot, name, len(data)) + "\n")
    return 0


def load(name: str, app: str | None = None, *, bare: bool = False) -> Snapshot:
    """The snapshot in a file, or on standard input for `-`; of this app, or of what has the `bare` name.

    Raises `UsageError` with what to do.
    """
    if name == STDOUT:
        return decode_snapshot(sys.stdin.buffer.read(MAX_BYTES + 1), "standard input", app, bare=bare)
    progress(f"Reading {name}")
    try:
        with Path(name).open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except FileNotFoundError as exc:
        raise UsageError(f"There is no file {name}.", "Name a snapshot that `triage snapshot` has saved.") from exc
    except OSError as exc:
        raise UsageError(f"{name} cannot be read: {exc.strerror}.", "Name a snapshot file.") from exc
    return decode_snapshot(data, name, app, bare=bare)


def check_target(arguments: Namespace) -> None:
    """Refuse a file that cannot be written before anything is read. Raises `UsageError`."""
    name: str = arguments.file
    if name == STDOUT:
        return
    path = Path(name)
    if path.is_dir():
        raise UsageError(f"{name} is a directory.", "Name a file in it, for example snapshot.json.gz.")
    if not path.parent.is_dir():
        raise UsageError(f"There is no directory {path.parent}.", "Make it first, or name another file.")
    if path.exists() and not arguments.force:
        raise UsageError(f"{name} is already there.", "Name another file, or overwrite it with --force.")


def _write(path: Path, data: bytes, *, overwrite: bool) -> None:
    """All or nothing: under another name first. mkstemp gives it to its owner alone (0600)."""
    try:
        handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            if overwrite:
                Path(temporary).replace(path)
            else:
                os.link(temporary, path)  # unlike a rename, this fails where a file has appeared meanwhile
        finally:
            Path(temporary).unlink(missing_ok=True)
    except FileExistsError as exc:
        raise UsageError(f"{path} is already there.", "Name another file, or overwrite it with --force.") from exc
    except OSError as exc:
        raise UsageError(f"{path} cannot be written: {exc.strerror}.", "Name a file that you may write.") from exc
