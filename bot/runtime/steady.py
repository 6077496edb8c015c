"""A clock that only goes forward, and also while the machine is suspended: what leases are measured by."""

from __future__ import annotations

import time

_BOOT_TIME = getattr(time, "CLOCK_BOOTTIME", None)


def steady_seconds() -> float:
    """Seconds since the machine was started, sleep included; where a system has no such clock, its monotonic one."""
    return time.monotonic() if _BOOT_TIME is None else time.clock_gettime(_BOOT_TIME)
