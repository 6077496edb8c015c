"""Secrets that must surface nowhere, and the look for them.

Every canary holds one mark, in a realistic form. Tests plant canaries wherever secrets turn up; whatever leaves the
program is searched for the mark, plain, in Base64 and in URL encoding. Nothing here is a constant that a scanner could
take for a leak: the values are put together when they are asked for.
"""

from __future__ import annotations

import base64
import re
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.sandbox.workspace.workspace import Workspace

MARK = "C4N4RY" + "Q7Z9X"


@dataclass(frozen=True)
class Canary:
    """One secret and the text in which it is planted."""

    place: str
    text: str


def cookie_line() -> str:
    """For pastes of every test: hidden like any secret, but none that a person is warned about."""
    return f"Cookie: fastapiusersauth={MARK}k2j4h6g8"


def url(host: str = "relational-db:5432") -> str:
    return f"postgresql://onyx:{MARK}pw1@{host}/onyx"


def aws_key() -> str:
    return "AKIA" + MARK + "ABCDE"


def pem() -> str:
    body = "\n".join(f"MIIE{MARK}{number}" + "a1B2c3D4" * 6 for number in range(3))
    kind = "PRIVATE KEY"
    return f"-----BEGIN {kind}-----\n{body}\n-----END {kind}-----"


def paste() -> str:
    """A person's paste: an error that is known, and all sorts of secrets around it."""
    return "\n".join(
        (
            f"Error: connect ECONNREFUSED 172.30.154.48:8080 token={MARK}err1",
            f"  headers: {{ authorization: 'Bearer {MARK}.abc.def1' }}",
            f"DATABASE_URL={url()}",
            f"AWS_ACCESS_KEY_ID={aws_key()}",
            f'{{"user":"a","password":"{MARK}!7","port":1}}',
            pem(),
            cookie_line(),
        )
    )


_FORMS = (
    MARK.lower(),
    *(base64.b64encode(b"\0" * shift + MARK.encode())[4 if shift else 0 : -4].decode().lower() for shift in range(3)),
    "".join(f"%{ord(character):02x}" for character in MARK).lower(),
)
_ANY = re.compile("|".join(re.escape(form) for form in _FORMS))


def found_in(data: str | bytes) -> list[str]:
    """Where a canary surfaces, with a little around it."""
    text = data.decode("utf-8", "replace") if isinstance(data, bytes) else data
    return [text[max(0, hit.start() - 60) : hit.end() + 20] for hit in _ANY.finditer(text.lower())]


def assert_none(outlet: str, data: str | bytes | Iterable[str]) -> None:
    """Fail when a canary is in what left the program there."""
    parts = [data] if isinstance(data, str | bytes) else list(data)
    seen = [place for part in parts for place in found_in(part)]
    assert not seen, f"{len(seen)} secrets surface in {outlet}, the first: {seen[0]!r}"


def assert_none_in_slack(workspace: Workspace) -> None:
    """Fail when a canary is in anything that a bot has sent to this workspace."""
    assert_none("Slack", (f"{call.method} {dict(call.arguments)}" for call in workspace.calls))


@contextmanager
def listening() -> Iterator[None]:
    """Fail when, meanwhile, a bot sends a canary to any workspace: calls, acknowledgements, answers, files."""
    meter = sys.modules.get("bot.sandbox.workspace.api.meter")
    if meter is None:  # nobody can have a workspace
        yield
        return
    surfaced: list[str] = []

    def look(what: str, content: object) -> None:
        text = content if isinstance(content, str | bytes) else str(content)
        surfaced.extend(f"{what}: {place}" for place in found_in(text))

    meter.LISTENERS.append(look)
    try:
        yield
    finally:
        meter.LISTENERS.remove(look)
    assert not surfaced, f"{len(surfaced)} secrets were sent to Slack, the first in {surfaced[0]!r}"
