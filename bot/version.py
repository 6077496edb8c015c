"""Which version of the program this is. Read by the command line, snapshots and labels; the only place that states it.

`pyproject.toml` takes its version from here, so that the container image, which is not installed from a wheel, knows it
as well.
"""

from __future__ import annotations

VERSION = "0.2.0"
