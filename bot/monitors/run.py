"""One run of a monitor: look, compare with what is known, tell people what has changed.

Called by the schedule on the leader, each run on a thread of its own. Reads the cluster through the use case, writes
only findings, and does nothing for people that was not claimed before. What it could not judge changes nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from bot.diagnosis.ports import Clock
from bot.domain.diagnosis import Cause, Diagnosis
from bot.domain.errors import TriageError
from bot.monitors.observations import about, blindness, fingerprint, observe, watched
from bot.monitors.ports import FindingStore, IncidentPoster, Mutes
from bot.monitors.schema import Monitor
from bot.monitors.state import Finding, FindingEffect, Observation, Phase, Rules, advance, suspect
from bot.runtime.effects import Effects
from bot.runtime.logs import about_incident

OWN_KEY = ""
"""The key of a monitor's finding about itself: that it does not work."""
MISSED_RUNS = 3

Look = Callable[[Monitor], Diagnosis]
"""Diagnoses what the monitor is about. Raises `TriageError` with a remedy."""

_log = logging.getLogger(__name__)


class MonitorRuns:
    """Runs monitors. One instance serves all of them, from several threads; `seconds` is a monotonic clock."""

    def __init__(  # noqa: PLR0913 -- the ports of one use case, by name
        self,
        *,
        look: Look,
        findings: FindingStore,
        effects: Effects,
        poster: IncidentPoster,
        mutes: Mutes,
        clock: Clock,
        seconds: Callable[[], float],
    ) -> None:
        self._look = look
        self._findings = findings
        self._effects = effects
        self._poster = poster
        self._mutes = mutes
        self._clock = clock
        self._seconds = seconds

    def run(self, monitor: Monitor) -> None:
        """One look. Raises `TriageError` when it could not be kept or told: the next run does what is left."""
        began = self._seconds()
        try:
            diagnosis = self._look(monitor)
        except TriageError as error:
            self._trouble(monitor, str(error))
            return
        took = self._seconds() - began
        if took > monitor.deadline.total_seconds():
            self._trouble(monitor, _too_slow(took, monitor))
            return
        self._trouble(monitor, blindness(diagnosis))
        self._compare(monitor, diagnosis)

    def still_running(self, monitor: Monitor, seconds: float) -> None:
        """A run was left out, because the one before has been going on for so long."""
        if seconds > monitor.deadline.total_seconds():
            self._trouble(monitor, _too_slow(seconds, monitor))

    def _compare(self, monitor: Monitor, diagnosis: Diagnosis) -> None:
        now = self._clock()
        present = watched(monitor, diagnosis)
        known = {item.key: item for item in self._findings.of_monitor(monitor.id) if item.key != OWN_KEY}
        for key, cause in present.items():
            finding = known.get(key) or suspect(monitor.id, key, cause.id, now)
            with about_incident(finding.incident):
                self._see(monitor, finding.model_copy(update={"title": cause.title}), about(diagnosis, cause), cause)
        for key, finding in known.items():
            if key not in present:
                with about_incident(finding.incident):
                    self._miss(monitor, finding, diagnosis)

    def _see(self, monitor: Monitor, finding: Finding, diagnosis: Diagnosis, cause: Cause) -> None:
        now = self._clock()
        outcome = advance(finding, Observation.PRESENT, fingerprint(diagnosis), now, rules_of(monitor))
        if outcome.finding is None:
            return
        if outcome.step in (FindingEffect.ANNOUNCE, FindingEffect.REOPEN) and finding.key in self._mutes.muted(now):
            self._findings.save(finding.model_copy(update={"last_seen": now}))
            return
        told = self._tell(monitor, outcome.step, outcome.finding, diagnosis)
        if told is not None:
            self._findings.save(told)
            if outcome.step is not None:
                with about_incident(told.incident):  # a new one has its id only now
                    _log.info("monitor %s: %s %s", monitor.id, outcome.step, cause.id)

    def _miss(self, monitor: Monitor, finding: Finding, diagnosis: Diagnosis) -> None:
        outcome = advance(finding, observe(finding, diagnosis), "", self._clock(), rules_of(monitor))
        if outcome.finding is None:
            self._findings.remove(finding)
        elif outcome.finding != finding:
            told = self._tell(monitor, outcome.step, outcome.finding, diagnosis)
            if told is not None:
                self._findings.save(told)

    def _tell(
        self, monitor: Monitor, step: FindingEffect | None, finding: Finding, diagnosis: Diagnosis
    ) -> Finding | None:
        """Tell people, once. The finding to keep; None when it is not ours to tell."""
        if step is None:
            return finding
        if step is FindingEffect.UPDATE:
            if not self._effects.leads():
                return None
            self._poster.update(finding.incident, diagnosis)
            return finding
        result = self._effects.once(
            effect_key(step, finding), lambda again: self._do(monitor, step, finding, diagnosis, again)
        )
        if result is None:
            return None
        return finding.model_copy(update={"incident": result})

    def _do(self, monitor: Monitor, step: FindingEffect, finding: Finding, diagnosis: Diagnosis, again: bool) -> str:
        """One effect. Returns the incident's id."""
        if step is FindingEffect.ANNOUNCE:
            return self._poster.announce(diagnosis, finding.key, monitor.channel, monitor.mention, again=again)
        if step is FindingEffect.REOPEN:
            self._poster.reopen(finding.incident, diagnosis, again=again)
        else:
            self._poster.close(finding.incident, duration_of(finding), again=again)
        return finding.incident

    def _trouble(self, monitor: Monitor, sentence: str) -> None:
        """Keep in mind whether the monitor works; say once that it does not, when that has lasted."""
        now = self._clock()
        known = next((item for item in self._findings.of_monitor(monitor.id) if item.key == OWN_KEY), None)
        if known is None and not sentence:
            return
        finding = known or suspect(monitor.id, OWN_KEY, "", now)
        if sentence:
            finding = finding.model_copy(update={"title": sentence})
        outcome = advance(finding, Observation.PRESENT if sentence else Observation.ABSENT, "", now, rules_of(monitor))
        if outcome.finding is None:
            self._findings.remove(finding)
            return
        if outcome.step is FindingEffect.ANNOUNCE and not self._say_trouble(monitor, outcome.finding):
            return
        if outcome.finding != known:
            self._findings.save(outcome.finding)

    def _say_trouble(self, monitor: Monitor, finding: Finding) -> bool:
        effect = effect_key(FindingEffect.ANNOUNCE, finding)

        def say(again: bool) -> str:
            self._poster.trouble(monitor.channel, monitor.id, finding.title, effect, again=again)
            return monitor.channel

        _log.warning("monitor %s does not work: %s", monitor.id, finding.title)
        return self._effects.once(effect, say) is not None


def rules_of(monitor: Monitor) -> Rules:
    """The monitor's times."""
    return Rules(monitor.lasting, monitor.reopen_within, MISSED_RUNS * monitor.every + monitor.deadline)


def effect_key(step: FindingEffect, finding: Finding) -> str:
    """The unique name of an effect: the same on every replica and after every crash."""
    return f"monitor/{finding.monitor}/{step}/{finding.first_seen.isoformat()}/{finding.episode}/{finding.key}"


def duration_of(finding: Finding) -> timedelta:
    """How long the fault lasted, in whole seconds."""
    end: datetime = finding.closed_at or finding.last_seen
    return timedelta(seconds=round((end - finding.first_seen).total_seconds()))


def _too_slow(seconds: float, monitor: Monitor) -> str:
    limit = monitor.deadline.total_seconds()
    return (
        f"Its run takes longer than its deadline of {limit:.0f} s (so far {seconds:.0f} s). Is the API server slow? "
        "Look at `triage doctor`, or raise `deadline`."
    )


def is_open(finding: Finding) -> bool:
    """Whether people were told of it and it is not over."""
    return finding.phase is Phase.OPEN
