"""Kubernetes quantities, as far as remedies need them: memory in bytes, CPU in thousandths of a core."""

from __future__ import annotations

import re
from decimal import Decimal

_UNITS = {
    "": 1, "k": 10**3, "M": 10**6, "G": 10**9, "T": 10**12, "P": 10**15,
    "Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40, "Pi": 2**50,
}  # fmt: skip
_MEMORY = re.compile(r"([0-9]{1,24}(?:\.[0-9]{1,24})?)([kMGTP]|[KMGTP]i)?")
_CPU = re.compile(r"([0-9]{1,24}(?:\.[0-9]{1,24})?)(m)?")
_PLAIN = re.compile(r"(?:0|[1-9][0-9]{0,14})(?:\.[0-9]{1,9})?(?:m|[kMGTP]|[KMGTP]i)?")
_BINARY = ("Ti", "Gi", "Mi", "Ki")


def memory_bytes(quantity: str) -> int | None:
    """Bytes of a memory quantity such as `512Mi`; None if it is not one."""
    match = _MEMORY.fullmatch(quantity.strip())
    if match is None:
        return None
    return int(Decimal(match[1]) * _UNITS[match[2] or ""])


def cpu_thousandths(quantity: str) -> int | None:
    """Thousandths of a core of a CPU quantity such as `500m` or `1.5`; None if it is not one."""
    match = _CPU.fullmatch(quantity.strip())
    if match is None:
        return None
    return int(Decimal(match[1]) * (1 if match[2] else 1000))


def is_plainly_written(quantity: str) -> bool:
    """Whether it is written as one writes it: ASCII digits, no leading zeros, no endless ones."""
    return _PLAIN.fullmatch(quantity) is not None


def doubled_memory(quantity: str) -> str | None:
    """Twice the quantity in its own style: `1G` gives `2G`, `512Mi` gives `1Gi`; None if it is no memory quantity."""
    size = memory_bytes(quantity)
    match = _MEMORY.fullmatch(quantity.strip())
    if size is None or match is None:
        return None
    unit = match[2] or ""
    if unit and unit not in _BINARY and (size * 2) % _UNITS[unit] == 0:
        return f"{size * 2 // _UNITS[unit]}{unit}"
    for binary in _BINARY:
        if size * 2 % _UNITS[binary] == 0:
            return f"{size * 2 // _UNITS[binary]}{binary}"
    return str(size * 2)


def doubled_cpu(quantity: str) -> str | None:
    """Twice the quantity: `500m` gives `1`, `750m` gives `1500m`; None if it is no CPU quantity."""
    thousandths = cpu_thousandths(quantity)
    if thousandths is None:
        return None
    doubled = thousandths * 2
    return f"{doubled}m" if doubled % 1000 else str(doubled // 1000)
