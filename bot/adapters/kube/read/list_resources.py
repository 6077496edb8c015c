"""The first look: every list of the catalogue, the namespace itself and the server's version, side by side.

Called by `reader`. It decides what is a gap and what ends the triage; it does not interpret any object.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from urllib.parse import quote

from pydantic import ValidationError

from bot.adapters.kube.access.failures import AnswerTooLarge, NoAnswer, ReadTarget, api_status, refusal_gap
from bot.adapters.kube.access.session import ApiResponse, Bounds, Session
from bot.adapters.kube.read.catalogue import (
    ENDPOINT_SLICES,
    ENDPOINTS,
    SOURCES,
    WIDE_SOURCES,
    Source,
    namespace_target,
)
from bot.adapters.kube.read.decode import Decoder
from bot.adapters.kube.read.paging import Listing, PageLimits, read_list
from bot.adapters.kube.read.parallel import run_all
from bot.diagnosis.ports import ListRequest
from bot.domain.facts import GapReason
from bot.domain.kubernetes import Event, KubernetesModel
from bot.domain.view import Resource

MAX_EVENTS = 2000
SMALL_ANSWER = Bounds(1024 * 1024)


class ServerMemory:
    """What one API server told us that stays true from look to look. Written by any thread; the last one counts."""

    def __init__(self) -> None:
        self.version = ""
        self.slices_missing = False
        self.unserved: frozenset[str] = frozenset()
        """Paths of API groups that it does not serve."""


class ServerVersion(KubernetesModel):
    """The answer of `/version`."""

    git_version: str = ""


@dataclass(frozen=True, slots=True)
class FirstReads:
    """The outcome of every read of the first look."""

    lists: Mapping[Resource, Listing]

    @property
    def anything_spoke(self) -> bool:
        """Whether a Kubernetes API server answered any of the reads."""
        return any(listing.spoke for listing in self.lists.values())

    @property
    def first_failure(self) -> NoAnswer | None:
        """The failure of the first read that got no answer."""
        return next((listing.failure for listing in self.lists.values() if listing.failure), None)

    @property
    def namespace_missing(self) -> bool:
        """Whether the API server itself says that there is no such namespace."""
        gap = self.lists["namespaces"].gap
        return gap is not None and gap.reason is GapReason.ABSENT


def read_first_look(
    session: Session, pool: Executor, request: ListRequest, limits: PageLimits, memory: ServerMemory
) -> FirstReads:
    """Run all reads; raises `ClusterUnauthorized`."""
    sources = (*SOURCES, *WIDE_SOURCES) if request.wide else SOURCES
    targets = {source.resource: source.target(request.namespace) for source in sources}
    targets["namespaces"] = namespace_target(request.namespace)
    tasks: dict[Resource, Callable[[], Listing]] = {
        source.resource: partial(_read_source, session, source, request, limits, memory) for source in sources
    }
    tasks["namespaces"] = partial(_read_namespace, session, request.namespace, targets["namespaces"])
    version = [] if memory.version else [partial(_read_version, session, memory)]
    resources = list(tasks)

    def unfinished(index: int) -> Listing:
        failure = NoAnswer(GapReason.TIMED_OUT, "no answer in time", "Check the API server's load, and try again.")
        target = targets[resources[index]] if index < len(resources) else ReadTarget("the version", "get", "version")
        return Listing(gap=target.gap(GapReason.TIMED_OUT), failure=failure)

    results = run_all(pool, [*tasks.values(), *version], session.deadline, unfinished)
    return FirstReads(dict(zip(resources, results, strict=False)))


def _read_source(
    session: Session, source: Source, request: ListRequest, limits: PageLimits, memory: ServerMemory
) -> Listing:
    if source is ENDPOINT_SLICES:
        return _read_endpoints(session, request, limits, memory)
    listing = read_served(session, source, request, limits, memory)
    if source.resource == "events":
        _keep_newest(listing, source.target(request.namespace))
    return listing


def read_served(
    session: Session, source: Source, request: ListRequest, limits: PageLimits, memory: ServerMemory
) -> Listing:
    """The list as this server serves it: an older group where the newer is missing, empty where none is served."""
    older = source.before
    if source in SOURCES:
        return _read(session, source, request, limits)
    key = f"{source.group}/{source.plural}"
    listing = Listing(spoke=True) if key in memory.unserved else _read(session, source, request, limits)
    if listing.http_status == 404:
        memory.unserved |= {key}
    if key not in memory.unserved:
        return listing
    return read_served(session, older, request, limits, memory) if older else Listing(spoke=True)


def _read(session: Session, source: Source, request: ListRequest, limits: PageLimits) -> Listing:
    namespace = request.namespace
    decode = Decoder(source.plural, request.variables)
    return read_list(session, source.path(namespace), source.target(namespace), decode, limits)


def _read_endpoints(session: Session, request: ListRequest, limits: PageLimits, memory: ServerMemory) -> Listing:
    """EndpointSlices; Endpoints where slices are not served (before Kubernetes 1.21) or not allowed."""
    slices: Listing | None = None
    if not memory.slices_missing:
        slices = _read(session, ENDPOINT_SLICES, request, limits)
        memory.slices_missing = slices.http_status == 404
        if slices.http_status not in {403, 404}:
            return slices
    endpoints = _read(session, ENDPOINTS, request, limits)
    forbidden = slices is not None and slices.http_status == 403 and endpoints.http_status == 403
    return slices if forbidden and slices is not None else endpoints


def _read_namespace(session: Session, namespace: str, target: ReadTarget) -> Listing:
    path = f"/api/v1/namespaces/{quote(namespace, safe='')}"
    try:
        answer = session.get(path, bounds=SMALL_ANSWER)
    except NoAnswer as exc:
        return Listing(gap=target.gap(exc.reason, exc.detail), failure=exc)
    except AnswerTooLarge as exc:
        return Listing(gap=target.gap(GapReason.FAILED, exc.message), spoke=True)
    if not answer.ok:
        status = api_status(answer.body)
        gap = refusal_gap(target, answer.status, status)
        return Listing(gap=gap, spoke=status is not None, http_status=answer.status)
    return _one_object(answer, target)


def _one_object(answer: ApiResponse, target: ReadTarget) -> Listing:
    try:
        found = Decoder(target.resource).single(answer.body)
    except ValueError as exc:  # not JSON, or `NotUnderstood`
        return Listing(gap=target.gap(GapReason.MALFORMED, str(exc)), http_status=answer.status)
    return Listing(items=list(found), spoke=True, http_status=answer.status)


def _read_version(session: Session, memory: ServerMemory) -> Listing:
    """Best effort: a diagnosis does not need the version, so its absence is no gap."""
    try:
        answer = session.get("/version", bounds=SMALL_ANSWER)
        if answer.ok:
            memory.version = ServerVersion.model_validate_json(answer.body).git_version
    except (NoAnswer, AnswerTooLarge, ValidationError):
        pass
    return Listing()


def _keep_newest(listing: Listing, target: ReadTarget) -> None:
    """Events in the order in which they were last seen, at most `MAX_EVENTS`."""
    events = [item for item in listing.items if isinstance(item, Event)]
    events.sort(key=_last_seen)
    dropped = len(events) - MAX_EVENTS
    listing.items = list(events[-MAX_EVENTS:])
    if dropped > 0 and listing.gap is None:
        listing.gap = target.gap(GapReason.CUT_OFF, f"{dropped} older events are left out")


def _last_seen(event: Event) -> tuple[float, str]:
    moment = event.last_seen
    return (moment.timestamp() if moment else 0.0, event.metadata.name)
