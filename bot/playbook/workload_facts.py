"""Further facts about a workload: its run, init containers, claims, placement, settings, what its log reports."""

from __future__ import annotations

from bot.playbook.fact_spec import FactSpec, facts_of_check

WORKLOAD_DETAIL: dict[str, FactSpec] = {
    **facts_of_check(
        "run",
        run__once=("bool", "Whether its pods are meant to end: a Job, a CronJob, or a pod that is not restarted."),
        run__kind=("str", "Its kind: `Deployment`, `Job`…"),
        run__failed=("bool", "Whether its latest run gave up."),
        run__failing=("bool", "Whether pods of its latest run failed and it has not given up yet."),
        run__reason=("str", "Why it gave up, e.g. `BackoffLimitExceeded`; empty if it did not."),
        run__ending=("str", "How its last pod ended, with what the exit code means."),
        run__words=("str", "The line of the log that says why; `the log says nothing` if none does."),
        run__count=("int", "Pods of the latest run that failed."),
        run__stuck=("bool", "Whether a run does not end though its work is done, or blocks what should follow."),
        run__stuck_text=("str", "Why."),
        run__suspended=("bool", "Whether it is suspended."),
        run__blocked=("bool", "Whether a run that has not ended keeps the next ones from starting."),
        run__missed=("bool", "Whether its schedule cannot be read, or starts were missed."),
        run__schedule_text=("str", "Schedule, last and next run in words."),
        run__text=("str", "The state of the run in words."),
    ),
}
