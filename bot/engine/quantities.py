"""Kubernetes quantities, as far as remedies need them."""

from __future__ import annotations

import re

_UNITS = {
    "": 1, "k": 10**3, "M": 10**6, "G": 10**9, "T": 10**12,
    "Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40,
}  # fmt: skip
_QUANTITY = re.compile(r"^(\d+(?:\.\d+)?)([kMGT]i?|Ki)?$")


def memory_bytes(quantity: str) -> int | None:
    """Bytes of a memory quantity such as `512Mi`; None if it is not one."""
    match = _QUANTITY.match(quantity.strip())
    if match is None:
        return None
    return int(float(match[1]) * _UNITS[match[2] or ""])


def doubled_memory(quantity: str) -> str | None:
    """Twice the quantity, in the largest binary unit that divides it; None if it is no memory quantity."""
    size = memory_bytes(quantity)
    if size is None:
        return None
    size *= 2
    for unit in ("Gi", "Mi", "Ki"):
        if size % _UNITS[unit] == 0:
            return f"{size // _UNITS[unit]}{unit}"
    return str(size)
