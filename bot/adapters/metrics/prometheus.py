"""Prometheus behind the port `bot.runtime.measures.Measures`: the one module that knows its client.

Made by the wiring. A registry of its own, so that nothing else in the process is published. Every name here is used by
`deploy/observability`, and a test holds them together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

from bot.redaction import Boundary
from bot.runtime.measures import Measures

SECONDS = (0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 20, 60)


class PrometheusMeasures(Measures):
    """Counts into a registry. Implements `Measures`; thread-safe.

    Labels are names by contract; those that come from files or from other programs pass the boundary all the same.
    """

    content_type = CONTENT_TYPE_LATEST

    def __init__(self, version: str, boundary: Boundary | None = None) -> None:
        self._label = (boundary or Boundary()).label
        self.registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        PlatformCollector(registry=registry)
        Info("triage", "The program.", registry=registry).info({"version": version})
        self._pastes = Counter("triage_pastes", "Texts that were looked at.", ["recognised"], registry=registry)
        self._symptoms = Counter("triage_symptoms", "Symptoms found in texts.", ["symptom"], registry=registry)
        self._diagnoses = Counter("triage_diagnoses", "Diagnoses by verdict.", ["app", "verdict"], registry=registry)
        self._gaps = Counter("triage_gaps", "Things that could not be seen.", ["app"], registry=registry)
        self._steps = Histogram(
            "triage_step_seconds", "Duration of a step of a triage.", ["step"], buckets=SECONDS, registry=registry
        )
        self._approvals = Counter("triage_approvals", "Approvals by outcome.", ["outcome"], registry=registry)
        self._refusals = Counter("triage_refusals", "Refusals by reason.", ["reason"], registry=registry)
        self._changes = Counter("triage_changes", "Changes that reached their end.", ["outcome"], registry=registry)
        self._models = Counter(
            "triage_model_answers", "Questions to a language model.", ["purpose", "outcome"], registry=registry
        )
        self._slack_errors = Counter("triage_slack_errors", "Calls to Slack that failed.", ["code"], registry=registry)
        self._cluster_errors = Counter(
            "triage_cluster_errors", "Looks at a cluster that failed.", ["kind"], registry=registry
        )
        self._job_runs = Counter("triage_job_runs", "Runs of jobs and monitors.", ["job", "result"], registry=registry)
        self._jobs = Histogram(
            "triage_job_seconds", "Duration of jobs and monitors.", ["job"], buckets=SECONDS, registry=registry
        )
        self._leader = Gauge("triage_leader", "1 where the schedule runs.", registry=registry)
        self._term = Gauge("triage_leader_term", "Term of this replica's last leadership.", registry=registry)
        self._threads = Counter(
            "triage_thread_failures", "Rounds of loops, and threads, that died of something unexpected.",
            ["thread"], registry=registry,
        )  # fmt: skip
        self._queues = _Queues()
        registry.register(self._queues)

    def expose(self) -> bytes:
        """Everything, in Prometheus' text format."""
        return generate_latest(self.registry)

    def paste(self, *, symptoms: int) -> None:
        """See `Measures`."""
        self._pastes.labels("yes" if symptoms else "no").inc()

    def symptom(self, symptom: str) -> None:
        """See `Measures`."""
        self._symptoms.labels(self._label(symptom)).inc()

    def diagnosis(self, app: str, verdict: str, seconds: float, *, gaps: int) -> None:
        """See `Measures`."""
        self._diagnoses.labels(self._label(app), verdict).inc()
        self._gaps.labels(self._label(app)).inc(gaps)
        self._steps.labels("diagnose").observe(seconds)

    def step(self, step: str, seconds: float) -> None:
        """See `Measures`."""
        self._steps.labels(self._label(step)).observe(seconds)

    def approval(self, outcome: str) -> None:
        """See `Measures`."""
        self._approvals.labels(self._label(outcome)).inc()

    def refusal(self, reason: str) -> None:
        """See `Measures`."""
        self._refusals.labels(self._label(reason)).inc()

    def change(self, outcome: str) -> None:
        """See `Measures`."""
        self._changes.labels(self._label(outcome)).inc()

    def model_answer(self, purpose: str, outcome: str) -> None:
        """See `Measures`."""
        self._models.labels(self._label(purpose), self._label(outcome)).inc()

    def slack_error(self, code: str) -> None:
        """See `Measures`."""
        self._slack_errors.labels(self._label(code)).inc()

    def cluster_error(self, kind: str) -> None:
        """See `Measures`."""
        self._cluster_errors.labels(self._label(kind)).inc()

    def job_ran(self, job: str, seconds: float, *, failed: bool) -> None:
        """See `Measures`."""
        self._job_runs.labels(self._label(job), "failed" if failed else "done").inc()
        self._jobs.labels(self._label(job)).observe(seconds)

    def job_skipped(self, job: str) -> None:
        """See `Measures`."""
        self._job_runs.labels(self._label(job), "skipped").inc()

    def leading(self, term: int | None) -> None:
        """See `Measures`."""
        self._leader.set(0 if term is None else 1)
        if term is not None:
            self._term.set(term)

    def thread_failed(self, thread: str) -> None:
        """See `Measures`."""
        self._threads.labels(self._label(thread)).inc()

    def watch_queue(self, name: str, depth: Callable[[], int]) -> None:
        """See `Measures`."""
        self._queues.depths[name] = depth


class _Queues(Collector):
    """Asks every queue when somebody looks."""

    def __init__(self) -> None:
        self.depths: dict[str, Callable[[], int]] = {}

    def collect(self) -> Iterable[Metric]:
        """The depths now."""
        family = GaugeMetricFamily("triage_queue_depth", "Work that runs or waits.", labels=["queue"])
        for name, depth in self.depths.items():
            family.add_metric([name], depth())
        return [family]
