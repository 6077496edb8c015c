"""Ports, counted: what was asked and what came of it, when a cluster was last read, who was refused.

Wrapped around the real ones by the wiring. They change no answer and swallow no error.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from bot.changes.journal import REFUSED
from bot.changes.ports import AuditLog
from bot.diagnosis.ports import Examined, NamespaceChoice, Progress, Triage, TriageRequest
from bot.domain.diagnosis import Diagnosis
from bot.domain.errors import ClusterError, NamespaceNotFound
from bot.domain.symptoms import PasteReading, Symptom
from bot.runtime.measures import Measures
from bot.runtime.readiness import LastSuccess


class MeasuredTriage:
    """Implements `Triage`. `seconds` is a monotonic clock; `cluster_read` is told of every look."""

    def __init__(
        self, triage: Triage, measures: Measures, cluster_read: LastSuccess, seconds: Callable[[], float]
    ) -> None:
        self._triage = triage
        self._measures = measures
        self._cluster_read = cluster_read
        self._seconds = seconds

    def apps(self) -> Sequence[tuple[str, str]]:
        """See `Triage`."""
        return self._triage.apps()

    def match(self, text: str, app: str | None = None) -> tuple[Symptom, ...]:
        """See `Triage`."""
        began = self._seconds()
        found = self._triage.match(text, app)
        self._measures.step("match", self._seconds() - began)
        self._measures.paste(symptoms=len(found))
        for symptom in found:
            self._measures.symptom(symptom.id)
        return found

    def read(self, text: str, bound: Collection[str] = ()) -> PasteReading:
        """See `Triage`."""
        began = self._seconds()
        found = self._triage.read(text, bound)
        self._measures.step("match", self._seconds() - began)
        self._measures.paste(symptoms=len(found.symptoms))
        for symptom in found.symptoms:
            self._measures.symptom(symptom.id)
        return found

    def diagnose(self, request: TriageRequest, progress: Progress) -> Diagnosis | NamespaceChoice:
        """See `Triage`."""
        began = self._seconds()
        with self._looking():
            found = self._triage.diagnose(request, progress)
        if isinstance(found, Diagnosis):
            self._count(found, self._seconds() - began)
        return found

    def examine(self, request: TriageRequest, progress: Progress) -> Examined | NamespaceChoice:
        """See `Triage`."""
        began = self._seconds()
        with self._looking():
            found = self._triage.examine(request, progress)
        if isinstance(found, Examined):
            self._count(found.diagnosis, self._seconds() - began)
        return found

    @contextmanager
    def _looking(self) -> Iterator[None]:
        try:
            yield
        except NamespaceNotFound:  # said by a cluster that answers
            self._cluster_read.succeeded()
            raise
        except ClusterError as error:
            self._measures.cluster_error(type(error).__name__)
            self._cluster_read.failed(error.message)
            raise
        self._cluster_read.succeeded()

    def _count(self, diagnosis: Diagnosis, seconds: float) -> None:
        self._measures.diagnosis(diagnosis.app, diagnosis.verdict.value, seconds, gaps=len(diagnosis.gaps))


class MeasuredAudit:
    """Implements `AuditLog`: refusals are counted by their code, once they are written down."""

    def __init__(self, audit: AuditLog, measures: Measures) -> None:
        self._audit = audit
        self._measures = measures

    def append(self, event: str, by: str, about: str, detail: Mapping[str, Any]) -> None:
        """See `AuditLog`."""
        self._audit.append(event, by, about, detail)
        if event == REFUSED:
            self._measures.refusal(str(detail.get("code", "")))
