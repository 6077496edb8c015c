"""Of a large log the end is read, where its error is; compressed logs are unpacked; what is left out is said."""

from __future__ import annotations

import gzip
import io
import zipfile

import pytest

from bot.adapters.slack.events.intake.unpacking import Unpackable, ends_of, is_packed, unpacked
from bot.adapters.slack.render.limits import FILE_BYTES, FILE_HEAD_BYTES
from tests.unit.adapters.slack.test_files import Server, file, reader, servers

__all__ = ["servers"]
LINE = b"2026-11-23 10:08:02 INFO nothing happens here at all, line after line\n"
LAST = b"connect ECONNREFUSED 172.30.154.48:8080\n"
LARGE = LINE * (12 * 2**20 // len(LINE)) + LAST


def test_the_end_of_a_large_log_is_read_from_a_server_that_gives_parts(servers: tuple[Server, Server]) -> None:
    own, _ = servers
    own.pages["/part"] = (206, {"Content-Range": f"bytes 3000000-{len(LARGE) - 1}/{len(LARGE)}"}, LARGE[3_000_000:])
    read = reader(own).read([file(own, "/part", size=len(LARGE))])
    assert read.texts[0].endswith(LAST.decode())
    assert "only its last" in read.unread[0]
    assert "2.9 MB between or before were not" in read.unread[0]


def test_the_end_of_a_large_log_is_read_from_a_server_that_sends_everything(servers: tuple[Server, Server]) -> None:
    own, _ = servers
    own.pages["/whole"] = (200, {}, LARGE)
    for size in ({"size": len(LARGE)}, {}):
        read = reader(own).read([file(own, "/whole", **size)])
        assert read.texts[0].startswith(LINE.decode())
        assert read.texts[0].endswith(LAST.decode())
        assert "its first 1.0 MB and its last 9.0 MB" in read.unread[0]


def zipped(*files: tuple[str, bytes]) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files:
            archive.writestr(name, content)
    return data.getvalue()


@pytest.mark.parametrize(
    ("name", "mimetype", "data"),
    [
        ("web.log.gz", "application/gzip", gzip.compress(LARGE)),
        ("web.log.gz", "application/x-gzip", gzip.compress(LINE) + gzip.compress(LAST)),
        ("web.zip", "application/zip", zipped(("web.log", LARGE))),
    ],
)
def test_a_compressed_log_is_unpacked(servers: tuple[Server, Server], name: str, mimetype: str, data: bytes) -> None:
    own, _ = servers
    own.pages["/packed"] = (200, {"Content-Type": mimetype}, data)
    described = {"name": name, "mimetype": mimetype, "mode": "hosted", "filetype": "gzip"}
    read = reader(own).read([file(own, "/packed", **described)])
    assert read.texts[0].startswith(LINE.decode())
    assert read.texts[0].endswith(LAST.decode())


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (zipped(("a.log", LINE), ("b.log", LINE)), "holds 2 files"),
        (zipped(), "not a compressed log"),
        (b"PK\x03\x04 and nothing more", "cannot be unpacked"),
        (b"\x28\xb5\x2f\xfd and more", "zstd"),
        (b"\x7fELF", "not a compressed log"),
    ],
)
def test_what_cannot_be_unpacked_is_said(servers: tuple[Server, Server], data: bytes, said: str) -> None:
    own, _ = servers
    own.pages["/odd"] = (200, {}, data)
    described = {"name": "web.zip", "mimetype": "application/zip", "mode": "hosted", "filetype": "zip"}
    read = reader(own).read([file(own, "/odd", **described)])
    assert read.texts == ()
    assert said in read.unread[0]


def test_a_small_file_that_unpacks_to_an_endless_one_is_bounded() -> None:
    kept = ends_of((b"0" * 2**20 for _ in range(10_000)), most=40 * 2**20)
    assert kept.unseen
    assert len(kept.head) + len(kept.tail) == FILE_BYTES
    assert len(kept.head) == FILE_HEAD_BYTES
    bomb = gzip.compress(b"0" * (64 * 2**20))
    assert len(bomb) < 100_000
    found = unpacked(bomb)
    assert len(found.head) + len(found.tail) == FILE_BYTES


def test_a_log_that_was_cut_off_while_it_was_compressed_gives_what_it_has() -> None:
    whole = gzip.compress(LINE * 1_000)
    assert is_packed(whole)
    assert unpacked(whole[:-20]).head.startswith(LINE)
    with pytest.raises(Unpackable):
        unpacked(b"\x1f\x8b\x08\x00" + b"\xff" * 40)
