"""`KubernetesReader`: the port `bot.diagnosis.ports.ClusterReader` over a real API server.

Made by the wiring, used by the triage use case from several threads. It only reads.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from difflib import get_close_matches

from bot.adapters.kube.access.connection import ApiConnection
from bot.adapters.kube.access.session import Deadline, RequestCounter, Session
from bot.adapters.kube.read.catalogue import DEPLOYMENTS_EVERYWHERE, NAMESPACES
from bot.adapters.kube.read.decode import Decoder
from bot.adapters.kube.read.fetch_details import read_second_look
from bot.adapters.kube.read.list_resources import FirstReads, ServerMemory, read_first_look
from bot.adapters.kube.read.logs import LogLimits
from bot.adapters.kube.read.paging import PageLimits, read_list
from bot.diagnosis.ports import Clock, ListRequest
from bot.domain.diagnosis import Cost
from bot.domain.errors import ClusterError, ClusterUnreachable, NamespaceNotFound
from bot.domain.facts import GapReason
from bot.domain.kubernetes import Namespace, Workload
from bot.domain.view import DetailRequest, View

NAMESPACE_NAME = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
NAMESPACES_SHOWN = 10


def utc_now() -> datetime:
    """The current time of this machine."""
    return datetime.now(UTC)


class KubernetesReader:
    """Reads one cluster with one account. Thread-safe; `close` ends its threads and connections.

    `deadline_seconds` bounds each look as a whole; `clock` gives the time of a view when the API server sends none;
    `monotonic` and `sleep` measure and wait in seconds.
    """

    def __init__(  # noqa: PLR0913 -- limits with defaults, all by name
        self,
        connection: ApiConnection,
        *,
        deadline_seconds: float = 20,
        workers: int = 6,
        page_size: int = 250,
        max_pages: int = 40,
        log_tail_lines: int = 200,
        log_limit_bytes: int = 256 * 1024,
        allow_exec: bool = False,
        clock: Clock = utc_now,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.cluster = connection.cluster
        self.default_namespace = connection.default_namespace
        self._connection = connection
        self._deadline_seconds = deadline_seconds
        self._allow_exec = allow_exec
        self._pages = PageLimits(page_size=page_size, max_pages=max_pages)
        self._logs = LogLimits(log_tail_lines, log_limit_bytes)
        self._clock, self._monotonic, self._sleep = clock, monotonic, sleep
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="cluster-read")
        self._memory = ServerMemory()
        self._counter = RequestCounter()
        self._closed = False
        self._seconds = 0.0
        self._seconds_lock = threading.Lock()

    def namespaces(self) -> Sequence[str]:
        """Names of all namespaces, sorted. Raises `ClusterError` when this account cannot list them."""
        with self._look() as session:
            names, problem = self._list_namespaces(session)
        if problem is not None:
            raise problem
        return names

    def workloads_everywhere(self) -> Sequence[Workload]:
        """See `ClusterReader.workloads_everywhere`. One request per page of 250."""
        source = DEPLOYMENTS_EVERYWHERE
        with self._look() as session:
            listing = read_list(session, source.path(""), source.target(""), Decoder(source.plural), self._pages)
        if listing.gap is not None:
            raise ClusterError(
                f"The Deployments of {self.cluster} cannot be listed ({listing.gap.sentence()}).",
                "Name the namespace yourself (-n), or let this account list deployments in all namespaces.",
            )
        return tuple(item for item in listing.items if isinstance(item, Workload))

    def list_resources(self, request: ListRequest) -> View:
        """See `ClusterReader.list_resources`."""
        if not NAMESPACE_NAME.fullmatch(request.namespace):
            raise NamespaceNotFound(
                f"{request.namespace!r} cannot be a namespace.", "Name one that `kubectl get namespaces` shows."
            )
        with self._look() as session:
            reads = read_first_look(session, self._pool, request, self._pages, self._memory)
            self._require_an_answer(reads)
            if reads.namespace_missing:
                raise self._namespace_not_found(session, request.namespace)
        return self._view(request.namespace, reads, session.server_time)

    def fetch_details(self, view: View, wanted: DetailRequest) -> View:
        """See `ClusterReader.fetch_details`. At most 12 requests; what is beyond is a gap of its own."""
        with self._look(known_to_answer=True) as session:
            allowed = wanted if self._allow_exec else wanted.model_copy(update={"variables": ()})
            return read_second_look(session, self._pool, view, allowed, self._logs, self._memory)

    def cost(self) -> Cost:
        """Requests sent since this reader was made, and the seconds of all looks together."""
        with self._seconds_lock:
            return Cost(api_requests=self._counter.requests, seconds=self._seconds)

    def close(self) -> None:
        """Take no new looks; those under way still end. Idle connections are closed."""
        self._closed = True
        self._pool.shutdown(wait=False)
        self._connection.close()

    @contextmanager
    def _look(self, *, known_to_answer: bool = False) -> Iterator[Session]:
        if self._closed:
            raise ClusterError(
                f"The connection to {self.cluster} is closed.", "Ask again: the program is about to stop or to restart."
            )
        began = self._monotonic()
        self._connection.freshen(began)
        deadline = Deadline(began + self._deadline_seconds, self._monotonic)
        try:
            yield Session(self._connection, deadline, self._counter, self._sleep, known_to_answer=known_to_answer)
        finally:
            with self._seconds_lock:
                self._seconds += self._monotonic() - began

    def _view(self, namespace: str, reads: FirstReads, server_time: datetime | None) -> View:
        return View(
            cluster=self.cluster,
            context=self._connection.context,
            namespace=namespace,
            collected_at=server_time or self._clock(),
            clock="server" if server_time else "ours",
            server_version=self._memory.version,
            gaps={resource: listing.gap for resource, listing in reads.lists.items() if listing.gap is not None},
            **{resource: tuple(listing.items) for resource, listing in reads.lists.items()},
        )

    def _require_an_answer(self, reads: FirstReads) -> None:
        if reads.anything_spoke:
            return
        server, failure = self._connection.server, reads.first_failure
        if failure is None:
            raise ClusterUnreachable(
                f"What answers at {server} is not a Kubernetes API server.",
                "Check the server address of the kubeconfig context, and whether a proxy stands in between.",
            )
        raise ClusterUnreachable(f"The cluster cannot be reached: {failure.detail}.", failure.remedy) from failure

    def _list_namespaces(self, session: Session) -> tuple[tuple[str, ...], ClusterError | None]:
        listing = read_list(
            session, NAMESPACES.path(""), NAMESPACES.target(""), Decoder(NAMESPACES.plural), self._pages
        )
        names = tuple(sorted(item.metadata.name for item in listing.items if isinstance(item, Namespace)))
        gap = listing.gap
        if gap is None or (names and gap.reason in {GapReason.MALFORMED, GapReason.CUT_OFF}):
            return names, None
        if listing.failure is not None:
            problem: ClusterError = ClusterUnreachable(
                f"The namespaces cannot be listed: {listing.failure.detail}.", listing.failure.remedy
            )
        else:
            problem = ClusterError(
                f"The namespaces of {self.cluster} cannot be listed ({gap.sentence()}).",
                "Name the namespace yourself (-n), or let this account list namespaces.",
            )
        return names, problem

    def _namespace_not_found(self, session: Session, namespace: str) -> NamespaceNotFound:
        names, _ = self._list_namespaces(session)
        return NamespaceNotFound(f"There is no namespace {namespace} in {self.cluster}.", _suggest(namespace, names))


def _suggest(namespace: str, names: Sequence[str]) -> str:
    if not names:
        return "Check the name and the cluster: this account may not list the namespaces."
    close = get_close_matches(namespace, names, n=3)
    if close:
        return f"Did you mean {' or '.join(close)}?"
    more = f" and {len(names) - NAMESPACES_SHOWN} more" if len(names) > NAMESPACES_SHOWN else ""
    return f"These exist: {', '.join(names[:NAMESPACES_SHOWN])}{more}."
