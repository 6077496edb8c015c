"""The second look: logs, health answers and foreign Services, at most 12 requests, side by side.

Called by `reader` with what the engine wants after the first look. What does not fit, or is not done in time, becomes a
gap of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from itertools import zip_longest

from bot.adapters.kube.access.session import Session
from bot.adapters.kube.read.budget import Budget
from bot.adapters.kube.read.catalogue import NEEDED_SOURCES
from bot.adapters.kube.read.execute import not_executed, read_variable
from bot.adapters.kube.read.foreign import REQUESTS, foreign_gap, read_foreign_service
from bot.adapters.kube.read.health import ask_health, not_asked
from bot.adapters.kube.read.list_resources import ServerMemory, read_served
from bot.adapters.kube.read.logs import LogLimits, not_read, read_log
from bot.adapters.kube.read.paging import PageLimits
from bot.adapters.kube.read.parallel import run_all
from bot.diagnosis.ports import ListRequest
from bot.domain.facts import Gap, GapReason
from bot.domain.kubernetes import KubernetesModel
from bot.domain.view import (
    ContainerLog,
    DetailRequest,
    ForeignService,
    HealthAnswer,
    HealthRequest,
    LogRequest,
    Resource,
    RunningVariable,
    VariableRequest,
    View,
)

MAX_REQUESTS = 12
MAX_WIDE_REQUESTS = 72
"""For a question about a namespace: at most 40 logs, 20 health answers, and what stands around them."""


MAX_BURSTS = 8
"""Logs of which more is read because all that was read is of the last minutes."""


@dataclass(frozen=True, slots=True)
class FurtherList:
    """A list that something in the first look asked for."""

    resource: Resource
    items: tuple[KubernetesModel, ...] = ()
    gap: Gap | None = None


Finding = ContainerLog | HealthAnswer | ForeignService | RunningVariable | FurtherList


@dataclass(frozen=True, slots=True)
class _Read:
    """One thing to read: its price in requests, how to read it, and what stands in for it when it is not read."""

    price: int
    run: Callable[[], Finding]
    without: Callable[[GapReason, str], Finding]


def read_second_look(
    session: Session, pool: Executor, view: View, wanted: DetailRequest, limits: LogLimits, memory: ServerMemory
) -> View:
    """The view with the findings added. Raises `ClusterUnauthorized`."""
    most = MAX_WIDE_REQUESTS if wanted.wide else MAX_REQUESTS
    budget, bursts = Budget(most), Budget(MAX_BURSTS)
    reads = _in_turn(
        [_list_read(session, view, resource, memory) for resource in wanted.lists],
        [_log_read(session, view, request, limits, (budget, bursts)) for request in wanted.logs],
        [_health_read(session, view, request, budget) for request in wanted.health],
        [_foreign_read(session, namespace, name, memory) for namespace, name in wanted.services],
        [_variable_read(session, view, request) for request in wanted.variables],
    )
    affordable = [budget.take(read.price) for read in reads]
    chosen = [read for read, yes in zip(reads, affordable, strict=True) if yes]
    left_out = [read for read, yes in zip(reads, affordable, strict=True) if not yes]
    findings = run_all(
        pool,
        [read.run for read in chosen],
        session.deadline,
        lambda index: chosen[index].without(GapReason.TIMED_OUT, ""),
    )
    beyond = f"only {most} requests are spent on details"
    return _with_findings(view, [*findings, *(read.without(GapReason.CUT_OFF, beyond) for read in left_out)])


def _log_read(
    session: Session, view: View, request: LogRequest, limits: LogLimits, budgets: tuple[Budget, Budget]
) -> _Read:
    return _Read(
        1,
        partial(read_log, session, view.namespace, request, limits, *budgets),
        partial(not_read, view.namespace, request),
    )


def _health_read(session: Session, view: View, request: HealthRequest, budget: Budget) -> _Read:
    return _Read(
        1,
        partial(ask_health, session, view.namespace, request, view.pods, budget),
        partial(not_asked, view.namespace, request),
    )


def _foreign_read(session: Session, namespace: str, name: str, memory: ServerMemory) -> _Read:
    return _Read(
        REQUESTS,
        partial(read_foreign_service, session, namespace, name, memory),
        partial(foreign_gap, namespace, name),
    )


def _list_read(session: Session, view: View, resource: Resource, memory: ServerMemory) -> _Read:
    sources = NEEDED_SOURCES[resource]

    def read() -> FurtherList:
        request = ListRequest(view.namespace, wide=True)
        found = [read_served(session, source, request, PageLimits(max_pages=4), memory) for source in sources]
        items = tuple(item for listing in found for item in listing.items)
        return FurtherList(resource, items, next((listing.gap for listing in found if listing.gap), None))

    def without(reason: GapReason, detail: str) -> FurtherList:
        return FurtherList(resource, gap=sources[0].target(view.namespace).gap(reason, detail))

    return _Read(len(sources), read, without)


def _variable_read(session: Session, view: View, request: VariableRequest) -> _Read:
    return _Read(
        1,
        partial(read_variable, session, view.namespace, request),
        partial(not_executed, view.namespace, request),
    )


def _in_turn(*kinds: Sequence[_Read]) -> list[_Read]:
    """One of each kind, then the next of each: the most wanted of every kind fit first."""
    return [read for turn in zip_longest(*kinds) for read in turn if read is not None]


def _with_findings(view: View, findings: Sequence[Finding]) -> View:
    further = [item for item in findings if isinstance(item, FurtherList)]
    return view.model_copy(
        update={
            **{item.resource: item.items for item in further},
            "gaps": {**view.gaps, **{item.resource: item.gap for item in further if item.gap is not None}},
            "logs": (*view.logs, *(item for item in findings if isinstance(item, ContainerLog))),
            "running_variables": tuple(item for item in findings if isinstance(item, RunningVariable)),
            "health": (*view.health, *(item for item in findings if isinstance(item, HealthAnswer))),
            "foreign_services": (
                *view.foreign_services,
                *(item for item in findings if isinstance(item, ForeignService)),
            ),
        }
    )
