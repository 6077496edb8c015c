"""What can go wrong with one request, before it is known whether that is a gap or the end of the triage.

Used inside this package only. A `NoAnswer` becomes a gap when other requests were answered, and `ClusterUnreachable`
when none was; nothing here decides that.
"""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import ValidationError

from bot.domain.errors import ClusterError
from bot.domain.facts import Gap, GapReason
from bot.domain.kubernetes import KubernetesModel

MAX_DETAIL = 300
"""Characters of a server's own words that are kept in a gap."""


class NoAnswer(ClusterError):
    """One request got no complete answer. `reason` is TIMED_OUT or FAILED, `detail` says what happened.

    `slow`: it took long to find out, so it should not be found out again for every other request. `listened`: the
    request was sent, and silence was the answer.
    """

    def __init__(
        self, reason: GapReason, detail: str, remedy: str, *, slow: bool = False, listened: bool = False
    ) -> None:
        super().__init__(f"The API server gave no answer: {detail}.", remedy)
        self.reason = reason
        self.detail = detail
        self.slow = slow
        self.listened = listened


class AnswerTooLarge(ClusterError):
    """The answer exceeds the byte limit of its request; the connection was closed."""

    def __init__(self, limit_bytes: int) -> None:
        super().__init__(f"The answer is larger than {limit_bytes} bytes.", "Ask for fewer objects at once.")


class StatusDetails(KubernetesModel):
    """What a Status is about."""

    name: str = ""
    kind: str = ""


class ApiStatus(KubernetesModel):
    """The body by which a Kubernetes API server says that it did not do what was asked."""

    kind: str = ""
    api_version: str = ""
    message: str = ""
    reason: str = ""
    code: int = 0
    details: StatusDetails = StatusDetails()


def api_status(body: bytes) -> ApiStatus | None:
    """The API server's own Status object, or None when the body is anything else (HTML, an application's JSON…)."""
    if not body.lstrip().startswith(b"{"):
        return None
    try:
        status = ApiStatus.model_validate_json(body)
    except ValidationError:
        return None
    return status if (status.kind, status.api_version) == ("Status", "v1") else None


@dataclass(frozen=True, slots=True)
class ReadTarget:
    """What a request reads, as a gap will name it: `what` for a person, the rest for the Role that would allow it."""

    what: str
    verb: str
    resource: str
    namespace: str = ""

    def gap(self, reason: GapReason, detail: str = "") -> Gap:
        """A gap about this target."""
        return Gap(
            reason=reason,
            what=self.what,
            detail=shorten(detail),
            verb=self.verb,
            resource=self.resource,
            namespace=self.namespace,
        )


def shorten(text: str, limit: int = MAX_DETAIL) -> str:
    """One line of at most `limit` characters."""
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


def refusal_gap(target: ReadTarget, http_status: int, status: ApiStatus | None, retry_after: float = 0.0) -> Gap:
    """The gap for an answer outside 2xx. Only the API server's own words count as forbidden or absent. `retry_after`:
    seconds that it asks us to wait.
    """
    if http_status == 429:
        return target.gap(GapReason.FAILED, f"the API server asks to slow down (429) for {retry_after:g} s")
    if status is None:
        return target.gap(GapReason.FAILED, f"HTTP {http_status}, not from a Kubernetes API server")
    if http_status == 403:
        return target.gap(GapReason.FORBIDDEN, status.message)
    if http_status == 404:
        return target.gap(GapReason.ABSENT, status.message)
    if http_status == 504 or status.reason == "Timeout":
        return target.gap(GapReason.TIMED_OUT, status.message)
    return target.gap(GapReason.FAILED, f"HTTP {http_status}: {status.message}")
