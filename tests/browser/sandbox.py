"""The sandbox as `triage run` starts it, on free ports, for the length of a `with` block."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from bot.bootstrap.program import start_in_sandbox
from bot.redaction import Boundary
from bot.sandbox.start import Sandbox
from bot.settings import load_settings


@contextmanager
def running_sandbox() -> Iterator[Sandbox]:
    """Workspace, simulated cluster and the real bot between them."""
    with ExitStack() as stack:
        yield start_in_sandbox(stack, load_settings(port=0), Boundary(), lambda _line: None, real_cluster=False)
