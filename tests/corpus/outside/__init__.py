"""Texts of an on-call engineer's pastes with secrets in them, and look-alikes, written before any rule was read.

`NAME.txt` holds secrets, `NAME-alike.txt` what must stay. A block begins with `=== kind`; its marks are those of
`secrets_stranger`: `«pieces»`, each piece as it stands or `[CLASS:LENGTH]` for characters by chance.
"""

from __future__ import annotations

import re
from pathlib import Path

from tests.corpus.secret_cases import Case
from tests.corpus.secrets_stranger import strangers

_HERE = Path(__file__).parent
_HEAD = re.compile(r"^=== (.+)\n", re.MULTILINE)


def cases(name: str, seed: int) -> list[Case]:
    """The blocks of one file; a case's form is its kind. The same seed gives the same values."""
    parts = _HEAD.split((_HERE / f"{name}.txt").read_text(encoding="utf-8"))[1:]
    return strangers(zip(parts[::2], (text.rstrip("\n") for text in parts[1::2]), strict=True), seed)
