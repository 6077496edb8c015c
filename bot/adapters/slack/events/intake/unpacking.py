"""Keeps of a long stream of bytes what is worth reading: its beginning and its end, where a log tells its error.

Also unpacks compressed logs, bounded: a small file may become an endless one. Pure apart from the stream it is given.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bot.adapters.slack.render.limits import FILE_BYTES, FILE_HEAD_BYTES, UNPACKED_BYTES

CHUNK = 256 * 1024
_GZIP = b"\x1f\x8b"
_ZIP = b"PK\x03\x04"
_ZSTD = b"\x28\xb5\x2f\xfd"


class Unpackable(Exception):
    """It cannot be unpacked; the message says why, without the file's name."""


@dataclass(frozen=True)
class StreamEnds:
    """What was kept of a stream. `left_out` bytes between the two parts were not; `unseen`: it went on behind them."""

    head: bytes
    tail: bytes = b""
    left_out: int = 0
    unseen: bool = False

    @property
    def complete(self) -> bool:
        """Whether this is all there is."""
        return not self.left_out and not self.unseen


def ends_of(chunks: Iterable[bytes], most: int = UNPACKED_BYTES) -> StreamEnds:
    """The first `FILE_HEAD_BYTES` and the last bytes of a stream, `FILE_BYTES` together; read up to `most` bytes."""
    room = FILE_BYTES - FILE_HEAD_BYTES
    head, tail, seen = bytearray(), bytearray(), 0
    for chunk in chunks:
        seen += len(chunk)
        missing = FILE_HEAD_BYTES - len(head)
        head += chunk[: max(0, missing)]
        tail += chunk[max(0, missing) :]
        if len(tail) > 2 * room:
            del tail[: len(tail) - room]
        if seen >= most:
            return _kept(head, tail[-room:], seen, unseen=True)
    return _kept(head, tail[-room:], seen, unseen=False)


def is_packed(data: bytes) -> bool:
    """Whether these bytes begin a compressed file that this module knows."""
    return data.startswith((_GZIP, _ZIP, _ZSTD))


def unpacked(data: bytes) -> StreamEnds:
    """The ends of what a compressed file holds. Raises `Unpackable`."""
    if data.startswith(_ZSTD):
        raise Unpackable("it is compressed with zstd, which I cannot unpack; send it as .gz, .zip or plain")
    try:
        return ends_of(_unzipped(data) if data.startswith(_ZIP) else _gunzipped(data))
    except (zlib.error, zipfile.BadZipFile, EOFError, OSError, RuntimeError, NotImplementedError) as error:
        raise Unpackable("it cannot be unpacked (cut off, encrypted or damaged)") from error


def _gunzipped(data: bytes) -> Iterator[bytes]:
    """All members of a gzip file; a last one that was cut off gives what it has."""
    while data.startswith(_GZIP):
        member = zlib.decompressobj(wbits=31)
        waiting = data
        while not member.eof:
            chunk = member.decompress(waiting, CHUNK)
            waiting = member.unconsumed_tail
            if chunk:
                yield chunk
            elif not waiting:
                return
        data = member.unused_data


def _unzipped(data: bytes) -> Iterator[bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        files = [one for one in archive.infolist() if not one.is_dir() and not one.filename.startswith("__MACOSX")]
        if len(files) != 1:
            raise Unpackable(f"it holds {len(files)} files; send the one that matters")
        with archive.open(files[0]) as file:
            while chunk := file.read(CHUNK):
                yield chunk


def _kept(head: bytearray, tail: bytearray, seen: int, *, unseen: bool) -> StreamEnds:
    return StreamEnds(bytes(head), bytes(tail), seen - len(head) - len(tail), unseen)
