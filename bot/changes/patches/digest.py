"""The fingerprint of what would be written. What was previewed is what is requested, approved and sent."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence

from bot.domain.changes import Write


def digest_of(writes: Sequence[Write]) -> str:
    """SHA-256 over the canonical JSON of the writes, in hexadecimal."""
    data = [write.model_dump(mode="json") for write in writes]
    canonical = json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(canonical.encode()).hexdigest()
