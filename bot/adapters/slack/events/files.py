"""Downloads the text files and snippets of a message, with the bot's token, from Slack's hosts only.

Called by the listener's job, never by the listener. Whatever cannot be read becomes a sentence for the card: an answer
that ignored half of what was pasted would mislead. It follows no redirect to a host that may not see the token.
"""

from __future__ import annotations

import http.client
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.adapters.slack.render.blocks import Json
from bot.adapters.slack.render.limits import FILE_BYTES, FILES_PER_POST, HTTP_TIMEOUT_SECONDS
from bot.adapters.slack.send.trust import may_see_token
from bot.domain.errors import SlackError
from bot.incidents.plain_text import one_line

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


class FileReader:
    """Reads the files of one message after the other. `lookup` is files.info, for files that are only announced."""

    def __init__(self, token: str, api_url: str, lookup: Callable[[str], Json]) -> None:
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
                text, complete = self._read_one(file)
            except _Unreadable as problem:
                unread.append(problem.message)
            else:
                texts.append(text)
                unread += [] if complete else [f"{_name(file)}: only its first {FILE_BYTES // 2**20} MB were read"]
        if len(files) > FILES_PER_POST:
            unread.append(f"{len(files) - FILES_PER_POST} more files: only the first {FILES_PER_POST} are read")
        return ReadFiles(tuple(texts), tuple(unread))

    def _read_one(self, file: Json) -> tuple[str, bool]:
        described = self._described(file)
        name = _name(described)
        if described.get("mode") == "tombstone":
            raise _Unreadable(f"{name}: it was deleted")
        if described.get("mode") == "external" or described.get("is_external"):
            raise _Unreadable(f"{name}: it is not stored in Slack")
        if not _is_text(described):
            raise _Unreadable(f"{name}: it is not a text file")
        url = str(described.get("url_private_download") or described.get("url_private") or "")
        if not may_see_token(url, self._api_url):
            raise _Unreadable(f"{name}: its address is not one of Slack's")
        data = self._download(name, url, expects_html=described.get("mimetype") == "text/html")
        return _decoded(name, data[:FILE_BYTES]), len(data) <= FILE_BYTES

    def _described(self, file: Json) -> Json:
        if file.get("url_private") or file.get("mode") == "tombstone" or not file.get("id"):
            return file
        try:
            return self._lookup(str(file["id"])) or file
        except SlackError as error:
            raise _Unreadable(f"{_name(file)}: {error.message}") from error

    def _download(self, name: str, url: str, *, expects_html: bool) -> bytes:
        """Up to one byte more than the limit, so that the caller can tell whether something is missing."""
        request = urllib.request.Request(url, headers={"Authorization": f"Bearer {self._token}"})
        try:
            with self._opener.open(request, timeout=HTTP_TIMEOUT_SECONDS) as response:
                content_type = response.headers.get_content_type()
                data: bytes = response.read(FILE_BYTES + 1)
        except urllib.error.HTTPError as error:
            raise _Unreadable(f"{name}: Slack answered HTTP {error.code}") from error
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise _Unreadable(f"{name}: the download failed ({one_line(str(error), 80)})") from error
        opening = data[:200].lstrip().lower()
        if not expects_html and (content_type == "text/html" or opening.startswith((b"<!doctype html", b"<html"))):
            raise _Unreadable(f"{name}: Slack sent a login page; the bot needs the scope files:read, then a reinstall")
        return data


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


def _decoded(name: str, data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    if b"\x00" in data[:8192]:
        raise _Unreadable(f"{name}: it is not text")
    return data.decode("utf-8-sig", "replace")
