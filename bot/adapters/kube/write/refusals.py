"""What the API server says when it does not do a write, in plain words: which error it is, and what to do next.

Pure; used by `sending`. The server's own words are always kept: they name the quota, the webhook or the field.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from bot.adapters.kube.access.failures import ApiStatus, shorten
from bot.domain.errors import ClusterError, ClusterUnreachable, ObjectChanged, ObjectGone, WriteRefused

MAX_WORDS = 600
"""Characters of the server's own words that are kept."""

_BUSY = frozenset({429})
_QUOTA = re.compile(r"(?:exceeded|failed) quota: ([^,:]+)")
_WEBHOOK = re.compile(r'admission webhook "([^"]+)" denied')
_BROKEN_WEBHOOK = re.compile(r'failed calling webhook "([^"]+)"')
_IMPERSONATION = re.compile(r'cannot impersonate resource "([^"]+)"')
_RBAC = re.compile(r'User "([^"]*)" cannot (\w+) resource "([^"]+)" in API group "([^"]*)" in the namespace "([^"]+)"')
_POD_SECURITY = re.compile(r"violates PodSecurity|security context constraint|PodSecurityPolicy")
_LIMIT_RANGE = re.compile(r"(?:maximum|minimum) \S+ usage per \w+ is|max limit to request ratio")

Plain = tuple[str, str]
"""What happened (without its end), and what to do next."""


def refusal(target: str, http_status: int, status: ApiStatus) -> ClusterError | None:
    """The error for an answer outside 2xx that says for certain that nothing was written; None when it does not.

    A 5xx leaves the outcome open, unless a webhook was asked in vain: that comes before anything is written.
    """
    words = shorten(status.message, MAX_WORDS).rstrip(".")
    if http_status == 404:
        return ObjectGone(f"{target} is not in the cluster any more ({words}).", "Check again: the cause may be gone.")
    if http_status == 409:
        return ObjectChanged(f"{target} is not as it was when looked at ({words}).", "Look at the preview again.")
    if http_status in _BUSY:
        return ClusterUnreachable(f"The API server is too busy; nothing was changed ({words}).", "Try again soon.")
    if http_status >= 500 and not _BROKEN_WEBHOOK.search(words):
        return None
    what, next_step = _plain_words(http_status, words)
    return WriteRefused(f"{what}: {words}.", next_step)


def _plain_words(http_status: int, words: str) -> Plain:
    for pattern, explain in _REASONS:
        if found := pattern.search(words):
            return explain(found)
    if http_status == 403:
        return "The cluster forbids it", "Ask the cluster's administrators."
    if http_status == 422:
        return _invalid(words)
    return f"The API server refused it (HTTP {http_status})", "Change it by hand, and report this remedy as wrong."


def _invalid(words: str) -> Plain:
    if "immutable" in words or "may not change once set" in words:
        return "A field of it cannot be changed once it is set", "Create the object anew, or change another field."
    if "field is forbidden" in words or "Forbidden:" in words:
        return "A field of it may not be changed", "Change it by hand, in the way the cluster's words say."
    return "The API server finds the new values invalid", "Choose other values, or change it by hand."


def _rbac(found: re.Match[str]) -> Plain:
    user, verb, resource, group, namespace = found.groups()
    qualified = f"{resource}.{group}" if group else resource
    role = user.removeprefix("triage:")
    if role != user:
        advice = (
            f"Bind the role: `kubectl create rolebinding triage-{role} -n {namespace} --clusterrole=triage-{role} "
            f"--group={user}`, or ask somebody whose role may."
        )
    else:
        advice = f"This account needs the right to {verb} {qualified} in {namespace}."
    return f"The cluster does not let {user} {verb} {qualified} in {namespace}", advice


_REASONS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], Plain]], ...] = (
    (
        _IMPERSONATION,
        lambda found: (
            f"The bot's account may not act in this role (impersonate {found[1]})",
            "Apply deploy/rbac/impersonation.yaml.",
        ),
    ),
    (_RBAC, _rbac),
    (
        _QUOTA,
        lambda found: (
            f"The quota {found[1].strip()} of the namespace does not allow it",
            f"Ask for less, or have the ResourceQuota {found[1].strip()} raised.",
        ),
    ),
    (
        _WEBHOOK,
        lambda found: (
            f"The admission webhook {found[1]} does not allow it",
            "Its words say why; its owners can allow it.",
        ),
    ),
    (
        _BROKEN_WEBHOOK,
        lambda found: (
            f"The admission webhook {found[1]} does not answer, so the cluster accepts no change; nothing was changed",
            "Repair the webhook, or try again.",
        ),
    ),
    (
        _POD_SECURITY,
        lambda _: (
            "The namespace's security rules do not allow such pods",
            "Change the pod template as the words say, or ask the cluster's administrators.",
        ),
    ),
    (
        _LIMIT_RANGE,
        lambda _: (
            "A LimitRange of the namespace does not allow it",
            "Stay within the LimitRange, or have it changed.",
        ),
    ),
)
"""The first that fits counts."""
