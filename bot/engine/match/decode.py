"""From bytes to text. Called for files and standard input; refuses what cannot be a log."""

from __future__ import annotations

import codecs

from bot.domain.errors import PasteRejected

MAX_PASTE_BYTES = 64 * 1024 * 1024
"""The largest paste that is accepted."""

_SAMPLE = 64 * 1024
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16: its mark starts with the same two bytes
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_ARCHIVES = {
    b"\x1f\x8b": "a gzip file",
    b"PK\x03\x04": "a zip file",
    b"BZh": "a bzip2 file",
    b"\xfd7zXZ\x00": "an xz file",
    b"\x28\xb5\x2f\xfd": "a zstd file",
}
_CONTROL = bytes(code for code in range(32) if code not in b"\t\n\r\f\x1b\b") + b"\x7f"


def decode(data: bytes) -> str:
    """The text of a paste: UTF-8, or UTF-16 and UTF-32 by their byte order mark; invalid bytes become U+FFFD.

    Raises PasteRejected if it is empty, larger than MAX_PASTE_BYTES, or not text.
    """
    if len(data) > MAX_PASTE_BYTES:
        raise PasteRejected(
            f"The paste is larger than {MAX_PASTE_BYTES // 2**20} MiB, which is the most that is read.",
            "Cut it to the time around the error, for example with `kubectl logs --since=1h` or `tail -n 200000`.",
        )
    for mark, name in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            text = data[len(mark) :].decode(name, errors="replace")
            break
    else:
        _refuse_binary(data[:_SAMPLE])
        text = data.decode("utf-8", errors="replace")
    if "\0" in text:
        text = text.replace("\0", "")
    if not text or text.isspace():
        raise PasteRejected("The paste is empty.", "Paste the log lines that show the error.")
    return text


def _refuse_binary(sample: bytes) -> None:
    """Raise PasteRejected if the start of the data is an archive or mostly control characters."""
    for magic, kind in _ARCHIVES.items():
        if sample.startswith(magic):
            raise PasteRejected(f"The paste is {kind}, not text.", "Unpack it first, then give the log itself.")
    controls = len(sample) - len(sample.translate(None, _CONTROL))
    if controls * 10 > len(sample) or sample.count(b"\0") * 50 > len(sample):
        raise PasteRejected("The paste is not text.", "Give a text log, encoded as UTF-8 or UTF-16.")
