"""Which token stands for which secret. Shared by the redactors of one incident, so that equal secrets stay equal.

Keeps keyed digests, never the secrets themselves: what is not there cannot leak from memory or a core dump.
"""

from __future__ import annotations

import re
import secrets
import threading
from collections import Counter
from collections.abc import Mapping
from hashlib import blake2b

TOKEN = re.compile(r"‹([a-z0-9-]+):(\d+)›")
"""What stands in for a secret: its kind and a number."""

MOST_REMEMBERED = 20_000
"""Secrets that one book remembers. Beyond, the oldest are forgotten: they would get a new number, never a taken one."""


class TokenBook:
    """Numbers the secrets of each kind in the order in which they turn up. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._key = secrets.token_bytes(16)
        self._tokens: dict[bytes, str] = {}
        self._last: Counter[str] = Counter()

    def token(self, secret: bytes, kind: str) -> str:
        """The token of this secret; a new one, of this kind, when it was not seen before."""
        digest = blake2b(secret, digest_size=16, key=self._key).digest()
        with self._lock:
            known = self._tokens.get(digest)
            if known is None:
                if len(self._tokens) >= MOST_REMEMBERED:
                    del self._tokens[next(iter(self._tokens))]
                self._last[kind] += 1
                known = self._tokens[digest] = f"‹{kind}:{self._last[kind]}›"
            return known

    def reserve(self, numbers: Mapping[str, int]) -> None:
        """Begin after these numbers, by kind: tokens in text that was redacted before carry them."""
        with self._lock:
            for kind, number in numbers.items():
                self._last[kind] = max(self._last[kind], number)
