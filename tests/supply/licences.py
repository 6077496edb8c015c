"""Which licence each locked package has, by its own metadata, and which may be part of what is shipped."""

from __future__ import annotations

import re
from importlib.metadata import PackageNotFoundError, metadata

ALLOWED = frozenset({
    "0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT", "MPL-2.0", "PSF-2.0", "Unlicense", "Zlib",
    "LGPL-3.0-only",  # psycopg: used as a library, unchanged, and can be replaced
})  # fmt: skip
"""SPDX ids. What is copied into the image must be among them; a new one is a decision of people."""
_SPOKEN = {
    "apache 2.0": "Apache-2.0", "apache license 2.0": "Apache-2.0", "apache software license": "Apache-2.0",
    "apache license, version 2.0": "Apache-2.0", "bsd license": "BSD-3-Clause", "bsd": "BSD-3-Clause",
    "mit license": "MIT", "mit": "MIT", "isc license (iscl)": "ISC", "python software foundation license": "PSF-2.0",
    "mozilla public license 2.0 (mpl 2.0)": "MPL-2.0",
}  # fmt: skip
_ID = re.compile(r"[A-Za-z0-9.+-]+")


def licence_of(name: str) -> str:
    """The licence as an SPDX expression; empty where the package does not say, or is not installed here."""
    try:
        said = metadata(name)
    except PackageNotFoundError:
        return ""
    expression = said.get("License-Expression") or ""
    if expression:
        return expression
    short = (said.get("License") or "").strip()
    if short and "\n" not in short and len(short) < 60:
        return _SPOKEN.get(short.lower(), short)
    classes = [
        one.rpartition("::")[2].strip() for one in said.get_all("Classifier") or [] if one.startswith("License ::")
    ]
    return next((_SPOKEN[one.lower()] for one in classes if one.lower() in _SPOKEN), "")


def is_allowed(expression: str) -> bool:
    """Whether all parts of an `AND` are allowed, and one of an `OR`."""
    if " OR " in expression:
        return any(is_allowed(one.strip(" ()")) for one in expression.split(" OR "))
    parts = [one for one in _ID.findall(expression) if one not in ("AND", "WITH")]
    return bool(parts) and all(one in ALLOWED for one in parts)
