"""Hides the credentials in URLs (`http://user:password@host`) before anything is kept.

Called by the field filters for every value that is kept. It knows URLs only; other secrets are the
redaction boundary's task.
"""

from __future__ import annotations

import re

_USERINFO = re.compile(
    r"""(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*://)
        (?P<user>[^\s/?\#:@"'<>]*)
        (?P<password>:(?!\d{1,5}(?:[/?\#\s]|$))(?:[^\s/"'<>]*|[^\s"'<>]*?))?
        @""",
    re.VERBOSE,
)
"""A scheme, a user and perhaps a password up to the `@`. `host:8080/?mail=a@b` is a port and a path, not a password.

A password may hold an unescaped `@`, and (second alternative) an unescaped slash: both occur in real settings.
"""


def mask_url_credentials(text: str) -> str:
    """The text with the password of every URL, and a user without password, shown as `***`."""
    if "://" not in text or "@" not in text:
        return text
    return _USERINFO.sub(_masked, text)


def _masked(match: re.Match[str]) -> str:
    user = f"{match['user']}:***" if match["password"] is not None else "***"
    return f"{match['scheme']}{user}@"
