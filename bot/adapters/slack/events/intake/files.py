"""Downloads the text files and snippets of a message, with the bot's token, from Slack's hosts only.

Called by the listener's job, never by the listener. Whatever cannot be read becomes a sentence for the card: an answer
that ignored half of what was pasted would mislead. It follows no redirect to a host that may not see the token.
"""

from __future__ import annotations

import http.client
import re
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.adapters.slack.events.intake.unpacking import CHUNK, StreamEnds, Unpackable, ends_of, is_packed, unpacked
from bot.adapters.slack.render.blocks import Json
from bot.adapters.slack.render.limits import (
    FILE_BYTES,
    FILE_HEAD_BYTES,
    FILES_PER_POST,
    HTTP_TIMEOUT_SECONDS,
    UNPACKED_BYTES,
)
from bot.adapters.slack.send.trust import may_see_token
from bot.domain.errors import SlackError
from bot.incidents.plain_text import one_line

ATTEMPTS = 3
"""How often a download is tried that Slack does not give."""
NAMED = 5
"""Files that are named when they are too many to be read."""
_PACKED_TYPES = frozenset({"gzip", "zip", "gz", "zst", "zstd"})
_PACKED_ENDINGS = (".gz", ".zip", ".zst")
_TEXT_TYPES = frozenset(
    {"text", "log", "json", "yaml", "yml", "csv", "xml", "shell", "markdown", "post", "txt", "toml"}
)
_TEXT_MIMETYPES = ("application/json", "application/x-yaml", "application/yaml", "application/xml", "application/x-sh")


@dataclass(frozen=True)
class ReadFiles:
    """The text of all files that could be read, and a sentence for each that could not, wholly or in part."""

    texts: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()


class _Unreadable(SlackError):
    """One file cannot be read; the message is the sentence for the card."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence, "Paste the lines that matter.")


class _Passing(_Unreadable):
    """The same may succeed in so many seconds."""

    seconds = 1.0


class FileReader:
    """Reads the files of one message after the other. `lookup` is files.info, for files that are only announced;
    `pause` waits so many seconds before a download is tried again, False: it is not."""

    def __init__(
        self, token: str, api_url: str, lookup: Callable[[str], Json], pause: Callable[[float], bool] = lambda _: False
    ) -> None:
        self._pause = pause
        self._token = token
        self._api_url = api_url
        self._lookup = lookup
        self._opener = urllib.request.build_opener(_SameTrust(api_url))

    def read(self, files: Sequence[Json]) -> ReadFiles:
        """The text of the files. Never raises: what fails is said in `unread`."""
        texts: list[str] = []
        unread: list[str] = []
        for file in files[:FILES_PER_POST]:
            try:
                text, note = self._read_one(file)
            except _Unreadable as problem:
                unread.append(problem.message)
            else:
                texts.append(text)
                unread += [note] if note else []
        unread += [
            f"{_name(file)}: only the first {FILES_PER_POST} files are read" for file in files[FILES_PER_POST:][:NAMED]
        ]
        if len(files) > FILES_PER_POST + NAMED:
            unread.append(f"{len(files) - FILES_PER_POST - NAMED} more files: only the first {FILES_PER_POST} are read")
        return ReadFiles(tuple(texts), tuple(unread))

    def _read_one(self, file: Json) -> tuple[str, str]:
        """The text, and a sentence about what of it was not read (empty: all was)."""
        described = self._described(file)
        name = _name(described)
        if described.get("mode") == "tombstone":
            raise _Unreadable(f"{name}: it was deleted")
        if described.get("mode") == "external" or described.get("is_external"):
            raise _Unreadable(f"{name}: it is not stored in Slack")
        packed = _may_be_packed(described)
        if not _is_text(described) and not packed:
            raise _Unreadable(f"{name}: it is not a text file")
        url = str(described.get("url_private_download") or described.get("url_private") or "")
        if not may_see_token(url, self._api_url):
            raise _Unreadable(f"{name}: its address is not one of Slack's")
        size = described.get("size")
        large = isinstance(size, int) and not isinstance(size, bool) and size > FILE_BYTES
        if large and packed:
            raise _too_large_packed(name)
        kept = self._download(name, url, expects_html=described.get("mimetype") == "text/html", last_part=large)
        if is_packed(kept.head):
            if not kept.complete:
                raise _Unreadable(
                    f"{name}: it is compressed and larger than {FILE_BYTES // 2**20} MB; send its last part"
                )
            try:
                kept = unpacked(kept.head + kept.tail)
            except Unpackable as error:
                raise _Unreadable(f"{name}: {error}") from error
        elif packed and not _is_text(described):
            raise _Unreadable(f"{name}: it is not a compressed log that I know (.gz, .zip)")
        return _text_of(name, kept), _what_was_left_out(name, kept)

    def _described(self, file: Json) -> Json:
        if file.get("url_private") or file.get("mode") == "tombstone" or not file.get("id"):
            return file
        try:
            return self._lookup(str(file["id"])) or file
        except SlackError as error:
            raise _Unreadable(f"{_name(file)}: {error.message}") from error

    def _download(self, name: str, url: str, *, expects_html: bool, last_part: bool) -> StreamEnds:
        """Beginning and end of the file. Of a large one the last part is asked for, where the server can give parts."""
        headers = {"Authorization": f"Bearer {self._token}"}
        if last_part:
            headers["Range"] = f"bytes=-{FILE_BYTES - FILE_HEAD_BYTES}"
        request = urllib.request.Request(url, headers=headers)
        for last in (False,) * (ATTEMPTS - 1) + (True,):
            try:
                return self._downloaded(name, request, expects_html=expects_html)
            except _Passing as error:
                if last or not self._pause(error.seconds):
                    raise
        raise AssertionError("the last attempt returns or raises")

    def _downloaded(self, name: str, request: urllib.request.Request, *, expects_html: bool) -> StreamEnds:
        try:
            with self._opener.open(request, timeout=HTTP_TIMEOUT_SECONDS) as response:
                content_type = response.headers.get_content_type()
                kept = ends_of(iter(lambda: response.read(CHUNK), b""))
                if response.status == 206:
                    kept = StreamEnds(b"", kept.head + kept.tail, _bytes_before(response.headers.get("Content-Range")))
        except urllib.error.HTTPError as error:
            kind = _Passing if error.code == 429 or error.code >= 500 else _Unreadable
            raise kind(f"{name}: Slack answered HTTP {error.code}") from error
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise _Passing(f"{name}: the download failed ({one_line(str(error), 80)})") from error
        opening = (kept.head or kept.tail)[:200].lstrip().lower()
        if not expects_html and (content_type == "text/html" or opening.startswith((b"<!doctype html", b"<html"))):
            raise _Unreadable(f"{name}: Slack sent a login page; the bot needs the scope files:read, then a reinstall")
        return kept


class _SameTrust(urllib.request.HTTPRedirectHandler):
    """Follows a redirect only to where the token may go."""

    max_redirections = 3

    def __init__(self, api_url: str) -> None:
        self._api_url = api_url

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: object,
        code: int,
        msg: str,
        headers: object,
        newurl: str,
    ) -> urllib.request.Request | None:
        """None makes urllib raise the redirect as an error."""
        if not may_see_token(newurl, self._api_url):
            return None
        return super().redirect_request(req, fp, code, msg, headers, newurl)  # type: ignore[arg-type]


def _name(file: Json) -> str:
    return one_line(str(file.get("name") or file.get("title") or "a file"), 60)


def _is_text(file: Json) -> bool:
    mimetype = str(file.get("mimetype") or "")
    return (
        file.get("mode") in ("snippet", "post")
        or mimetype.startswith("text/")
        or mimetype in _TEXT_MIMETYPES
        or str(file.get("filetype") or "") in _TEXT_TYPES
    )


def _too_large_packed(name: str) -> _Unreadable:
    return _Unreadable(f"{name}: it is compressed and larger than {FILE_BYTES // 2**20} MB; send its last part")


def _may_be_packed(file: Json) -> bool:
    name = str(file.get("name") or "").lower()
    return str(file.get("filetype") or "") in _PACKED_TYPES or name.endswith(_PACKED_ENDINGS)


def _bytes_before(content_range: str | None) -> int:
    """How many bytes stand before the part that was sent: `bytes 900-999/1000`; at least one."""
    found = re.match(r"bytes (\d+)-", content_range or "")
    return max(1, int(found[1])) if found else 1


def _text_of(name: str, kept: StreamEnds) -> str:
    """The text of both ends, each from a whole line on."""
    if kept.complete:
        return _decoded(name, kept.head + kept.tail)
    tail = kept.tail.partition(b"\n")[2] if b"\n" in kept.tail[:CHUNK] else kept.tail
    parts = [_decoded(name, part) for part in (kept.head, tail) if part]
    return "\n".join(parts)


def _what_was_left_out(name: str, kept: StreamEnds) -> str:
    if kept.complete:
        return ""
    if kept.unseen:
        return (
            f"{name}: only its first {UNPACKED_BYTES // 2**20} MB were looked through, and of these beginning and end"
        )
    last = f"its last {_megabytes(len(kept.tail))}"
    parts = f"its first {_megabytes(len(kept.head))} and {last}" if kept.head else last
    return f"{name}: only {parts} were read; {_megabytes(kept.left_out)} between or before were not"


def _megabytes(size: int) -> str:
    return f"{size / 2**20:.1f} MB" if size < 10 * 2**20 else f"{size // 2**20} MB"


def _decoded(name: str, data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    if b"\x00" in data[:8192]:
        raise _Unreadable(f"{name}: it is not text")
    return data.decode("utf-8-sig", "replace")
