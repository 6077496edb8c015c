"""The operations port over the whole life of the program: it answers from the first moment, and says what is missing.

Used by `program`. A pod that waits for its database is alive and not ready, and its `/readyz` says why.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import TypeVar

from bot.adapters.metrics.prometheus import PrometheusMeasures
from bot.adapters.metrics.server import OperationsServer
from bot.domain.errors import TriageError
from bot.redaction import Boundary
from bot.runtime.readiness import Probes, Readiness

RETRY_SECONDS = 5.0

_log = logging.getLogger(__name__)

Made = TypeVar("Made")


class Pages:
    """`/healthz`, `/readyz` and `/metrics`. Without a port nothing is opened, and nothing is waited for."""

    def __init__(self, port: int | None, measures: PrometheusMeasures, boundary: Boundary) -> None:
        """Raises `ConfigurationError` when the port cannot be had."""
        self._boundary = boundary
        self._probes: Probes | None = None
        self._lost: Callable[[], str] = str
        self._missing = "The bot starts."
        self._server: OperationsServer | None = None
        if port is not None:
            content_type = measures.content_type
            self._server = OperationsServer(
                "0.0.0.0", port, self.readiness, lambda: (content_type, measures.expose()), self.lost
            )
            self._server.start()
            _log.info("operations port %d: /healthz, /readyz, /metrics", self._server.port)

    def readiness(self) -> Readiness:
        """The state now. Reasons quote what servers said: secrets in them are hidden."""
        found = self._probes.readiness() if self._probes else Readiness(ready=False, reasons={"start": self._missing})
        return Readiness(found.ready, self._boundary.json(found.reasons), self._boundary.json(found.notes))

    def started(self, probes: Probes, lost: Callable[[], str]) -> None:
        """The bot is complete: from now on these questions are asked. `lost`: why only a restart helps."""
        self._probes = probes
        self._lost = lost

    def lost(self) -> str:
        """Why only a restart helps; empty: nothing is lost."""
        return self._boundary.text(self._lost())

    def patiently(self, make: Callable[[], Made], passing: type[TriageError], stop: threading.Event) -> Made:
        """Make it, again and again while it fails with a `passing` error, as a service should.

        Where no port is open a person sits before the screen, and is told at once. Raises what `make` raises.
        """
        while True:
            try:
                return make()
            except passing as error:
                if self._server is None:
                    raise
                self._missing = str(error)
                _log.warning("not started yet, trying again in %.0f s: %s", RETRY_SECONDS, error)
                if stop.wait(RETRY_SECONDS):
                    raise

    def close(self) -> None:
        """Answer nothing more."""
        if self._server is not None:
            self._server.close()
