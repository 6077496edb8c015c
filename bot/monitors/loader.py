"""Loads monitors: all of them, or a list of everything that is wrong with them.

Called at start, by the reload and by `triage doctor`. Reads the same strict YAML as playbooks, and knows the causes of
the playbooks in force, so that a misspelt cause is a mistake and not a monitor that stays silent for ever.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from bot.diagnosis.subjects import parse_subject
from bot.domain.errors import MonitorsRejected, UsageError
from bot.monitors.schema import Digest, Monitor, MonitorFile
from bot.playbook.instances import instances
from bot.playbook.loaded import PlaybookSet
from bot.yamlfile.files import CASES_SUFFIX, SourceFile
from bot.yamlfile.positions import Positions, Problem
from bot.yamlfile.recipe import Checked, check_file, listed_problems
from bot.yamlfile.spelling import short, unknown


@dataclass(frozen=True, slots=True)
class DailyDigest:
    """A digest with the time zone it goes by."""

    digest: Digest
    zone: str


@dataclass(frozen=True, slots=True)
class MonitorSet:
    """All monitors in force, by id, and the digests."""

    monitors: Mapping[str, Monitor]
    digests: tuple[DailyDigest, ...] = ()


NO_MONITORS = MonitorSet({})


def parse_monitors(
    sources: Iterable[SourceFile], playbooks: PlaybookSet, clusters: frozenset[str] | None = None
) -> MonitorSet:
    """The monitors of these files. `clusters`: the names there are; None: they are not known here.

    Raises `MonitorsRejected` with all mistakes of all files, each as `file:line:column: message`.
    """
    problems: list[Problem] = []
    monitors: dict[str, Monitor] = {}
    digests: list[DailyDigest] = []
    for source in sources:
        checked = _read(source)
        file, positions = checked.model, checked.positions
        problems += checked.problems
        if file is None:
            continue
        problems += _strange_names(source.name, file, positions, playbooks, clusters)
        for index, monitor in enumerate(file.monitors):
            if monitor.id in monitors:
                at = positions.of(("monitors", index, "id"))
                problems.append(Problem(source.name, at, f"there is another monitor `{monitor.id}`"))
            monitors.setdefault(monitor.id, monitor)
        if file.digest is not None:
            digests.append(DailyDigest(file.digest, file.zone))
    if problems:
        raise MonitorsRejected(listed_problems(problems))
    return MonitorSet(monitors, tuple(digests))


def _read(source: SourceFile) -> Checked[MonitorFile]:
    """What a file says; without a model when it has mistakes."""
    if source.refusal:
        source = replace(source, refusal=source.refusal.replace("playbook", "monitor"))
    elif source.name.endswith(CASES_SUFFIX):
        source = replace(source, refusal="monitors have no cases; rename or remove the file")
    return check_file(source, MonitorFile)


def _strange_names(
    name: str, file: MonitorFile, positions: Positions, playbooks: PlaybookSet, clusters: frozenset[str] | None
) -> Iterable[Problem]:
    """Apps, causes and clusters that do not exist."""
    for index, monitor in enumerate(file.monitors):
        steps = ("monitors", index)
        if clusters is not None and monitor.cluster and monitor.cluster not in clusters:
            message = unknown("cluster", short(monitor.cluster), clusters)
            yield Problem(name, positions.of((*steps, "cluster")), message)
        known = known_causes(monitor.app, playbooks)
        if known is None:
            message = unknown("app", short(monitor.app), playbooks.apps)
            yield Problem(name, positions.of((*steps, "app")), message)
        elif monitor.causes != "any" and known:
            for number, pattern in enumerate(monitor.causes):
                if not any(fnmatchcase(cause, pattern) for cause in known):
                    message = unknown("cause", short(pattern), known)
                    yield Problem(name, positions.of((*steps, "causes", number)), message)


def known_causes(app: str, playbooks: PlaybookSet) -> frozenset[str] | None:
    """Ids of the causes an app can have; empty for a workload without a playbook (any), None for an unknown app."""
    found = playbooks.apps.get(app)
    if found is not None:
        return frozenset(item.id for item in instances(playbooks, found))
    try:
        return frozenset() if "/" in app and parse_subject(app) is not None else None
    except UsageError:
        return None
