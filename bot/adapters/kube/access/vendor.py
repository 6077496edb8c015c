"""Imports the few modules of the official client that are needed, without all the others.

`import kubernetes` loads watches, the dynamic client, leader election, OAuth and (where it is installed) a JSON Schema
validator: half a second before the first request. Imported by the package itself, before any of its modules, so that
these find what they name already loaded. Who imports `kubernetes` later gets all of it, with the same classes.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec, module_from_spec

NEEDED = (
    "kubernetes.client.configuration",
    "kubernetes.client.exceptions",
    "kubernetes.client.rest",
    "kubernetes.config.config_exception",
    "kubernetes.config.incluster_config",
)
_PACKAGES = ("kubernetes", "kubernetes.config")
"""Packages whose own code imports everything below them; `kubernetes.client` is lazy by itself."""


def load_needed() -> None:
    """Import the modules in NEEDED. Does nothing special when the whole client is loaded already."""
    with _without_their_own_code(_PACKAGES):
        for name in NEEDED:
            importlib.import_module(name)


@contextmanager
def _without_their_own_code(packages: tuple[str, ...]) -> Iterator[None]:
    """Within the block, these packages are only places in which their modules are found; afterwards they are not
    loaded.
    """
    placed = []
    try:
        for name in packages:
            spec = None if name in sys.modules else find_spec(name)
            if spec is not None:
                sys.modules[name] = module_from_spec(spec)  # made, but not executed
                placed.append(name)
        yield
    finally:
        for name in placed:
            sys.modules.pop(name, None)
