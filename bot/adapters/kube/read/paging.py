"""Reads one list page by page, and keeps what it got when it cannot go on.

Called by the looks. A list that cannot be read, wholly or in part, is a `Listing` with a gap; only
`ClusterUnauthorized` is raised.
"""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

from bot.adapters.kube.access.connection import Query
from bot.adapters.kube.access.failures import AnswerTooLarge, NoAnswer, ReadTarget, api_status, refusal_gap
from bot.adapters.kube.access.session import MAX_MORE_PAGES, ApiResponse, Bounds, Session
from bot.adapters.kube.read.decode import Decoder, NotUnderstood
from bot.domain.facts import Gap, GapReason
from bot.domain.kubernetes import KubernetesModel

MAX_NAMES = 5
"""Names of objects that could not be understood, in a gap."""


@dataclass(frozen=True, slots=True)
class PageLimits:
    """Objects per page, pages per list, bytes per page (uncompressed)."""

    page_size: int = 250
    max_pages: int = 40
    max_page_bytes: int = 32 * 1024 * 1024


@dataclass(slots=True)
class Listing:
    """What was read of a list.

    `gap` says why it is not all of it. `spoke`: a Kubernetes API server answered, if only with a refusal. `http_status`
    is that of the last answer, 0 without one; `failure` is set when no answer came.
    """

    items: list[KubernetesModel] = field(default_factory=list)
    gap: Gap | None = None
    spoke: bool = False
    http_status: int = 0
    failure: NoAnswer | None = None


def read_list(
    session: Session, path: str, target: ReadTarget, decode: Decoder, limits: PageLimits, query: Query = ()
) -> Listing:
    """All pages of the list at `path`, within the limits and the session's deadline."""
    return _Reading(session, path, target, decode, limits, query).run()


class _Reading:
    """The state of one list while it is read.

    The next page is asked for before the items of this one are decoded: the server works while we do. In a thread of
    its own: those of the looks' pool wait for lists to end, and would wait for each other.
    """

    def __init__(
        self, session: Session, path: str, target: ReadTarget, decode: Decoder, limits: PageLimits, query: Query
    ) -> None:
        self.session, self.path, self.target, self.decode, self.query = session, path, target, decode, query
        self.limits = limits
        self.page_size = limits.page_size
        self.token = ""
        self.pages = 0
        self.tokens: set[str] = set()
        self.looping = self.spent = False
        self.restarted = False
        self.listing = Listing()
        self.strange: list[str] = []
        self.helper: ThreadPoolExecutor | None = None
        self.ahead: Future[ApiResponse] | None = None

    def run(self) -> Listing:
        try:
            while self._next_page():
                pass
        finally:
            if self.helper is not None:
                self.helper.shutdown(wait=False)
        if self.looping:
            self.listing.items = _each_once(self.listing.items)
        if self.strange and self.listing.gap is None:
            self.listing.gap = self.target.gap(GapReason.MALFORMED, _strange_words(self.strange))
        return self.listing

    def _next_page(self) -> bool:
        """Read one page; False when there is nothing more to ask for."""
        if self.pages >= self.limits.max_pages:
            return self._stop(GapReason.CUT_OFF, f"only the first {self.pages} pages were read")
        if self.looping:
            words = f"its pages lead in a circle, so only the first {self.pages} were read"
            return self._stop(GapReason.CUT_OFF, words)
        if self.spent:
            words = f"only its first {self.pages} pages were read: a look reads {MAX_MORE_PAGES} further pages in all"
            return self._stop(GapReason.CUT_OFF, words)
        ahead, self.ahead = self.ahead, None
        try:
            answer = ahead.result() if ahead is not None else self._ask()
        except AnswerTooLarge as exc:
            return self._with_smaller_pages(exc)
        except NoAnswer as exc:
            self.listing.failure = exc
            return self._stop(exc.reason, exc.detail)
        self.listing.http_status = answer.status
        return self._take(answer) if answer.ok else self._refused(answer)

    def _ask(self) -> ApiResponse:
        """The page at the token. Raises what `Session.get` raises."""
        limit = ("limit", str(self.page_size))
        token = (("continue", self.token),) if self.token else ()
        return self.session.get(self.path, (*self.query, limit, *token), bounds=Bounds(self.limits.max_page_bytes))

    def _take(self, answer: ApiResponse) -> bool:
        page = self.decode.page(answer.body)
        if page is None:
            return self._stop(GapReason.MALFORMED, "not a list of Kubernetes objects")
        items, self.token = page
        self.listing.spoke = True
        self.pages += 1
        self.looping = self.token in self.tokens
        self.tokens.add(self.token)
        self.spent = bool(self.token) and not self.looping and not self.session.take_page()
        if self.token and self.pages < self.limits.max_pages and not self.looping and not self.spent:
            self.helper = self.helper or ThreadPoolExecutor(1, thread_name_prefix="cluster-page")
            self.ahead = self.helper.submit(self._ask)
        items.reverse()
        while items:  # each is let go once it is decoded: a page is large before, and small after
            try:
                self.listing.items.extend(self.decode.item(items.pop()))
            except NotUnderstood as exc:
                self.strange.append(exc.name)
        return bool(self.token)

    def _refused(self, answer: ApiResponse) -> bool:
        status = api_status(answer.body)
        self.listing.spoke = self.listing.spoke or status is not None
        if answer.status == 410 and self.token and not self.restarted:
            # the list as it was when we began is no longer known: begin again, once
            self.restarted, self.token, self.pages = True, "", 0
            self.tokens.clear()
            self.listing.items.clear()
            self.strange.clear()
            return True
        self.listing.gap = refusal_gap(self.target, answer.status, status, answer.retry_after)
        return False

    def _with_smaller_pages(self, exc: AnswerTooLarge) -> bool:
        if self.page_size == 1:
            self.listing.spoke = True
            return self._stop(GapReason.FAILED, exc.message)
        self.page_size = max(1, self.page_size // 8)
        return True

    def _stop(self, reason: GapReason, detail: str) -> bool:
        self.listing.gap = self.target.gap(reason, detail)
        return False


def _each_once(items: list[KubernetesModel]) -> list[KubernetesModel]:
    """The objects of pages that came more than once."""
    found: dict[tuple[str, str], KubernetesModel] = {}
    for item in items:
        metadata = getattr(item, "metadata", None)
        name = (getattr(metadata, "namespace", "") or "", getattr(metadata, "name", "") or str(id(item)))
        found.setdefault(name, item)
    return list(found.values())


def _strange_words(names: list[str]) -> str:
    shown = ", ".join(name or "one without a name" for name in names[:MAX_NAMES])
    more = f" and {len(names) - MAX_NAMES} more" if len(names) > MAX_NAMES else ""
    return f"these could not be understood: {shown}{more}"
