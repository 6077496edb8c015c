"""Check on a workload whose pods are meant to end: did its latest run succeed, does it go on for ever, is one due?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.facts import Check, FactValue, Gap, GapReason
from bot.domain.kubernetes import ContainerStateTerminated, Event, Pod, Workload
from bot.domain.kubernetes.kinds import WORKLOAD_KINDS, runs_once
from bot.engine.binding import Binding, BoundComponent
from bot.engine.checks.answer import CheckBuilder
from bot.engine.checks.containers import clock_time, newest_first, plural, runs, shortened
from bot.engine.checks.detail.run_pods import nobodys_failure
from bot.engine.checks.logs import ending_reason
from bot.engine.values.exit_codes import ending_in_words
from bot.engine.values.schedules import CronSchedule
from bot.playbook.catalogue import ScopeKind

_CANNOT_START = frozenset(
    {
        "FailedNeedsStart",
        "UnparseableSchedule",
        "InvalidSchedule",
        "UnknownTimeZone",
        "TooManyMissedTimes",
        "MissSchedule",
        "FailedGet",
    }
)
_LATE = timedelta(minutes=2)
"""A controller looks at its CronJobs every ten seconds; pods of a run need a while to be made."""
_RECENT = timedelta(hours=24)
"""A bare pod that failed longer ago is what somebody has left behind."""


def is_run(component: BoundComponent) -> bool:
    """Whether the component's pods are meant to end."""
    workload = component.workload
    if workload is None:
        return False
    if workload.kind == "Pod":
        return workload.spec.template.spec.restart_policy in ("Never", "OnFailure")
    return runs_once(workload.kind) or _is_step(component)


def _is_step(component: BoundComponent) -> bool:
    """Whether a controller that nobody has listed makes pods that are to end: steps of workflows, tasks of builds."""
    workload, pods = component.workload, (*component.pods, *component.finished, *component.leaving)
    if workload is None or workload.kind in WORKLOAD_KINDS or not pods:
        return False
    return all(pod.spec.restart_policy in ("Never", "OnFailure") for pod in pods)


@dataclass(frozen=True, slots=True)
class _Run:
    """The latest run: the Job (None for a bare pod), and its pods, the newest first."""

    job: Workload | None
    pods: tuple[Pod, ...]

    @property
    def failed_pods(self) -> tuple[Pod, ...]:
        return tuple(pod for pod in self.pods if pod.status.phase == "Failed")

    @property
    def failed(self) -> str:
        """The reason for which it gave up; empty if it did not."""
        if self.job is None:
            pod = self.pods[0] if self.pods else None
            return (pod.status.reason or "PodFailed") if pod is not None and pod.status.phase == "Failed" else ""
        condition = self.job.condition("Failed")
        return (condition.reason or "Failed") if condition is not None and condition.status == "True" else ""

    @property
    def completed(self) -> bool:
        if self.job is None:
            return bool(self.pods) and self.pods[0].status.phase == "Succeeded"
        condition = self.job.condition("Complete")
        return condition is not None and condition.status == "True"

    @property
    def ended(self) -> bool:
        return self.completed or bool(self.failed)


def latest_run(component: BoundComponent) -> _Run:
    """The newest run that tells something: the one under way, else the last that ended."""
    workload = component.workload
    pods = sorted((*component.pods, *component.finished, *component.leaving), key=_made_at, reverse=True)
    if workload is None or workload.kind == "Pod" or not runs_once(workload.kind):
        return _Run(None, tuple(pods))
    if workload.kind == "Job":
        return _Run(workload, tuple(pods))
    jobs = sorted(component.jobs, key=_made_at, reverse=True)
    if not jobs:
        return _Run(None, ())
    job = jobs[0]
    mine = tuple(pod for pod in pods if pod.metadata.controller and pod.metadata.controller.uid == job.metadata.uid)
    return _Run(job, mine)


def check_run(binding: Binding, component: BoundComponent, kind: ScopeKind) -> Check:
    """Did the latest run end well, or is it under way as it should be?"""
    workload = component.workload
    target = workload.target if workload else component.name
    question = CheckBuilder(kind, component.name, "run", binding.kubectl(f"describe {target}"))
    facts: dict[str, FactValue | Gap] = {"run.once": is_run(component), "run.kind": workload.kind if workload else ""}
    facts |= _QUIET
    if workload is None or not is_run(component):
        return question.idle("It is no Job: its pods are meant to run on.", facts)
    gap = binding.gap("pods")
    if gap is not None:
        return question.open(gap, {"run.once": True, "run.kind": workload.kind})
    run = latest_run(component)
    if run.failed and _is_step(component):
        gap = Gap(GapReason.NOT_READ, f"what {workload.target} makes of its pod that failed", "it may try again")
        return question.open(gap, {"run.once": True, "run.kind": workload.kind})
    aside = nobodys_failure(run.pods[0]) if run.job is None and run.pods else ""
    if aside:
        return question.idle(aside, facts)
    facts |= _ending(binding, run)
    if _done_since(workload, run):
        return question.answered(True, f"{workload.target}: a run after the one that failed ended well.", facts)
    facts |= _failing(binding, component, run)
    facts |= _stuck(binding, run)
    if workload.kind == "CronJob":
        facts |= _scheduled(binding, workload, component)
    facts["run.suspended"] = workload.spec.suspend
    text = _words(workload, run, facts)
    facts["run.text"] = text
    bad = any(facts[name] is True for name in _BAD)
    return question.answered(not bad, f"{text[0].upper()}{text[1:]}.", facts)


def _done_since(workload: Workload, run: _Run) -> bool:
    """Whether a later run than the newest that is left ended well: a CronJob may keep records of failures only."""
    done, made = workload.status.last_successful_time, run.job.metadata.creation_timestamp if run.job else None
    if workload.kind != "CronJob" or not run.failed or done is None or made is None:
        return False
    last = workload.status.last_schedule_time
    return done > made and (last is None or done >= last)


_BAD = ("run.failed", "run.failing", "run.stuck", "run.suspended", "run.blocked", "run.missed")
_QUIET: dict[str, FactValue | Gap] = {
    **dict.fromkeys(_BAD, False),
    "run.reason": "",
    "run.ending": "nothing is recorded about its end",
    "run.words": "the log says nothing",
    "run.count": 0,
    "run.stuck_text": "",
    "run.schedule_text": "",
    "run.text": "",
}


def _made_at(item: Pod | Workload) -> float:
    made = item.metadata.creation_timestamp
    return made.timestamp() if made else 0.0


def _ending(binding: Binding, run: _Run) -> dict[str, FactValue | Gap]:
    """How the last pod of the run ended, and its last words."""
    pod = next(iter(run.failed_pods), next(iter(run.pods), None))
    if pod is None:
        return {"run.ending": gone} if (gone := _gave_up(run)) else {}
    end = _worst_end(pod)
    logs = [log for log in binding.view.logs if log.pod == pod.metadata.name and log.text is not None]
    words = ending_reason(sorted(logs, key=lambda log: not log.previous))
    reason = pod.status.reason if end is None else ""
    text = ending_in_words(end) if end is not None else (reason or "nothing is recorded about its end")
    return {"run.ending": text, "run.words": words or "the log says nothing"}


def _gave_up(run: _Run) -> str:
    """Why a Job without a pod has failed: at its deadline the controller takes its pods away, and their logs."""
    if run.job is None or not run.failed:
        return ""
    limit = run.job.spec.active_deadline_seconds
    if run.failed == "DeadlineExceeded" and limit is not None:
        return f"not done at its deadline of {limit} seconds; its pods and their logs were taken away then"
    return f"{run.failed}; none of its pods is left"


def _worst_end(pod: Pod) -> ContainerStateTerminated | None:
    ends = [run.last_end for run in runs((pod,)) if run.last_end is not None]
    return next((end for end in ends if end.exit_code != 0), ends[-1] if ends else None)


def _failing(binding: Binding, component: BoundComponent, run: _Run) -> dict[str, FactValue | Gap]:
    failed = run.failed
    old = run.job is None and failed and not _is_recent(binding, component, run)
    restarts = max((item.status.restart_count for item in runs(run.pods)), default=0)
    count = max(run.job.status.failed if run.job else 0, len(run.failed_pods), restarts)
    tries = max(len(run.failed_pods), run.job.status.failed if run.job is not None else 0)
    at_work = any(pod.status.phase == "Running" for pod in run.pods)
    retrying = not run.ended and (tries > 1 or (tries == 1 and not at_work))
    return {
        "run.failed": bool(failed) and not old,
        "run.failing": retrying,
        "run.reason": failed,
        "run.count": count,
    }


def _is_recent(binding: Binding, component: BoundComponent, run: _Run) -> bool:
    """Whether a bare pod failed lately, or was asked about by name."""
    if binding.graph is not None and component.name in binding.graph.subject:
        return True
    end = _worst_end(run.pods[0])
    moment = (end.finished_at if end else None) or run.pods[0].status.start_time
    return run.pods[0].status.reason != "Evicted" and binding.within(moment, _RECENT.total_seconds())


def _stuck(binding: Binding, run: _Run) -> dict[str, FactValue | Gap]:
    """A run whose work is done and that another container keeps alive."""
    for pod in run.pods:
        if pod.status.phase != "Running":
            continue
        statuses = pod.status.container_statuses
        done = [item for item in statuses if item.state.terminated and item.state.terminated.exit_code == 0]
        going = [item for item in statuses if item.state.running]
        if not done or len(done) + len(going) < len(statuses):
            continue
        times = [item.state.terminated.finished_at for item in done if item.state.terminated]
        ended = max((moment for moment in times if moment is not None), default=None)
        if going and (ended is None or not binding.within(ended, 20, pod.metadata.name)):
            names = ", ".join(item.name for item in going)
            words = f"container {done[0].name} has ended, and container {names} runs on, so the pod never completes"
            return {"run.stuck": True, "run.stuck_text": words}
    return {}


def _scheduled(binding: Binding, workload: Workload, component: BoundComponent) -> dict[str, FactValue | Gap]:
    """Whether starts are missed, or kept back by a run that does not end."""
    last = workload.status.last_schedule_time
    try:
        schedule = CronSchedule(workload.spec.schedule, workload.spec.time_zone)
    except ValueError as exc:
        return {"run.missed": True, "run.schedule_text": f"its schedule cannot be read: {exc}"}
    due = schedule.next_after(binding.now)
    zone = workload.spec.time_zone or "the controller's zone, mostly UTC"
    when = f"schedule {workload.spec.schedule} ({zone}), last started {_time(last)}, next {_time(due)}"
    active = [item for item in component.jobs if not _Run(item, ()).ended]
    oldest = min(
        (item.metadata.creation_timestamp for item in active if item.metadata.creation_timestamp), default=None
    )
    should_have = schedule.next_after(oldest) if oldest else None
    # A run that is now and then longer than until the next one is what Forbid is for.
    should_have = schedule.next_after(should_have) if should_have else None
    forbids = workload.spec.concurrency_policy == "Forbid"
    blocked = forbids and binding.lasts(should_have, timedelta(seconds=15))
    events = _events(binding, workload)
    since = last or workload.metadata.creation_timestamp
    missed_at = schedule.next_after(since) if since else None
    late = binding.lasts(missed_at, _LATE) and not active and not workload.spec.suspend
    words = when
    if blocked and oldest:
        words = (
            f"the run of {_time(oldest)} ({_name_of(active, oldest)}) has not ended, and {workload.spec.schedule} may "
            f"not start beside it; {when}"
        )
    elif (events or late) and not workload.spec.suspend:
        words = (
            f"{shortened(events[0].message)}; {when}" if events else f"no run has started since {_time(since)}; {when}"
        )
    return {
        "run.blocked": blocked,
        "run.missed": bool(late or (events and not active)) and not workload.spec.suspend,
        "run.schedule_text": words,
    }


def _name_of(jobs: Sequence[Workload], made: datetime) -> str:
    return next((item.target for item in jobs if item.metadata.creation_timestamp == made), "its Job")


def _events(binding: Binding, workload: Workload) -> list[Event]:
    found = [
        event
        for event in binding.view.events
        if event.involved_object.kind == "CronJob"
        and event.involved_object.name == workload.metadata.name
        and event.reason in _CANNOT_START
        and binding.within(event.last_seen, 900)
    ]
    return newest_first(found)


def _time(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d} {clock_time(moment)}" if moment else "never"


def _words(workload: Workload, run: _Run, facts: dict[str, FactValue | Gap]) -> str:
    about = f"{workload.target}"
    if facts["run.suspended"]:
        return f"{about} is suspended, so nothing starts"
    if facts["run.blocked"] or facts["run.missed"]:
        return f"{about}: {facts['run.schedule_text']}"
    if facts["run.stuck"]:
        return f"{about}: {facts['run.stuck_text']}"
    if run.failed:
        return f"{about} failed ({facts['run.reason']}) after {plural(int(str(facts['run.count'])), 'failed pod')}"
    if facts["run.failing"]:
        return f"{about} keeps failing: {plural(int(str(facts['run.count'])), 'failed pod')}"
    if run.completed:
        end = run.job.status.completion_time if run.job else None
        return f"{about} completed" + (f" at {_time(end)}" if end else "")
    return f"{about} is under way" if run.pods else f"{about} has no run"
