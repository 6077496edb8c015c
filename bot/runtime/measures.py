"""What is counted while the bot runs. Implemented by `bot.adapters.metrics`; without it, nothing is counted.

Labels are names from playbooks, policy and code. Never text from people or from the cluster: that would leak, and grow.
"""

from __future__ import annotations

from collections.abc import Callable


class Measures:
    """Counters and gauges. No method raises or waits. As it stands here, it counts nothing."""

    def paste(self, *, symptoms: int) -> None:
        """A text was looked at, and so many symptoms were found in it."""

    def symptom(self, symptom: str) -> None:
        """A symptom was found."""

    def diagnosis(self, app: str, verdict: str, seconds: float, *, gaps: int) -> None:
        """A diagnosis was made, with so many things that could not be seen."""

    def step(self, step: str, seconds: float) -> None:
        """A step of a triage (`match`, `diagnose`, `post`…) took so long."""

    def approval(self, outcome: str) -> None:
        """An approval was given, declined or ran out (`approved`, `declined`, `expired`)."""

    def refusal(self, reason: str) -> None:
        """Somebody was refused; the reason is a code of the policy."""

    def change(self, outcome: str) -> None:
        """A change reached its end (`fixed`, `not_fixed`, `failed`…)."""

    def model_answer(self, purpose: str, outcome: str) -> None:
        """A language model was asked; the outcome is a value of `bot.narration.outcome.Outcome`."""

    def slack_error(self, code: str) -> None:
        """A call to Slack failed, with Slack's code."""

    def cluster_error(self, kind: str) -> None:
        """The cluster could not be read (`ClusterUnreachable`…)."""

    def job_ran(self, job: str, seconds: float, *, failed: bool) -> None:
        """A job or monitor has run."""

    def job_skipped(self, job: str) -> None:
        """A run was left out, because the one before still went on."""

    def leading(self, term: int | None) -> None:
        """Whether this replica leads, and in which term."""

    def thread_failed(self, thread: str) -> None:
        """A round of a long-lived loop, or a thread, died of something unexpected."""

    def watch_queue(self, name: str, depth: Callable[[], int]) -> None:
        """Ask this for the depth of a queue whenever somebody looks."""
