"""What works and what does not, one result per thing: `triage doctor`, and the summary on App Home.

The wiring hands over checks as small functions; each asks one adapter and returns results. Here is what they have in
common, and what answers mean. Nothing is changed by looking.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from bot.changes.guard.presence import GuardFound, Presence
from bot.changes.ports import Permission
from bot.diagnosis.rights import missing_rules
from bot.domain.errors import FilesRejected, TriageError
from bot.domain.facts import Gap, GapReason
from bot.redaction import Boundary
from bot.runtime.ports import StoreHealth

TOLERATED_SKEW_SECONDS = 60.0
"""Slack refuses requests that are five minutes off, and times on cards would be wrong long before."""
SEVERE_SKEW_SECONDS = 300.0


class Status(StrEnum):
    """How something is."""

    OK = "ok"
    WARNING = "warning"
    """It works, but not all of it."""
    FAILED = "failed"
    NOT_CONFIGURED = "not configured"


@dataclass(frozen=True, slots=True)
class Result:
    """One answer. `remedy` says what to do, `detail` is something to apply or read in full (YAML, mistakes)."""

    name: str
    status: Status
    sentence: str
    remedy: str = ""
    detail: str = ""


Check = Callable[[], Sequence[Result]]
"""Asks about one thing. May raise `TriageError`: that is a failure, with its remedy."""


def examine(checks: Mapping[str, Check], boundary: Boundary | None = None) -> tuple[Result, ...]:
    """All results, in the order of the checks, without secrets: they quote what servers said."""
    hide = (boundary or Boundary()).text
    return tuple(
        replace(item, sentence=hide(item.sentence), remedy=hide(item.remedy), detail=hide(item.detail))
        for name, check in checks.items()
        for item in _run(name, check)
    )


def _run(name: str, check: Check) -> Sequence[Result]:
    try:
        return check()
    except FilesRejected as error:
        return (Result(name, Status.FAILED, error.message, error.remedy, "\n".join(error.problems)),)
    except TriageError as error:
        return (Result(name, Status.FAILED, error.message, error.remedy),)


def is_well(results: Iterable[Result]) -> bool:
    """Whether nothing has failed."""
    return all(result.status is not Status.FAILED for result in results)


def report(results: Sequence[Result]) -> dict[str, Any]:
    """The results as JSON: a stable interface."""
    rows = [
        {
            "name": item.name,
            "status": item.status.value,
            "sentence": item.sentence,
            "remedy": item.remedy or None,
            "detail": item.detail or None,
        }
        for item in results
    ]
    return {"schema": "triage/v1", "ok": is_well(results), "checks": rows}


_MARKS = {Status.OK: "ok     ", Status.WARNING: "warning", Status.FAILED: "FAILED ", Status.NOT_CONFIGURED: "not set"}


def text(results: Sequence[Result]) -> str:
    """The results for a terminal, with what to do below each that is not well."""
    width = max((len(item.name) for item in results), default=0)
    lines: list[str] = []
    for item in results:
        lines.append(f"{_MARKS[item.status]}  {item.name:<{width}}  {item.sentence}")
        if item.remedy and item.status is not Status.OK:
            lines.append(f"{'':9}{'':<{width}}  → {item.remedy}")
        lines += [f"{'':11}{line}" for line in item.detail.splitlines()]
    failed = sum(item.status is Status.FAILED for item in results)
    warned = sum(item.status is Status.WARNING for item in results)
    lines.append(f"{len(results)} checks: {failed} failed, {warned} with a warning.")
    return "\n".join(lines)


# --- what answers mean ---------------------------------------------------------------------------------------------


def not_configured(name: str, sentence: str, remedy: str) -> tuple[Result, ...]:
    """Something that nobody has set up. Not a fault."""
    return (Result(name, Status.NOT_CONFIGURED, sentence, remedy),)


def clock_result(name: str, theirs: datetime | None, ours: datetime) -> tuple[Result, ...]:
    """How far this machine's clock is off another one's; no result where the other did not say its time."""
    if theirs is None:
        return ()
    skew = (ours - theirs).total_seconds()
    if abs(skew) <= TOLERATED_SKEW_SECONDS:
        return (Result(name, Status.OK, f"The clock agrees, to {abs(skew):.0f} s."),)
    words = f"The clock of this machine is {abs(skew):.0f} s {'ahead of' if skew > 0 else 'behind'} theirs."
    status = Status.FAILED if abs(skew) > SEVERE_SKEW_SECONDS else Status.WARNING
    return (Result(name, status, words, "Set the clock right (NTP): times on cards and expiries go by it."),)


def scope_results(
    name: str, granted: frozenset[str] | None, essential: Iterable[str], useful: Mapping[str, str]
) -> tuple[Result, ...]:
    """Whether a bot token may do what the bot does. `useful`: scopes with what does not work without them."""
    if granted is None:
        return (Result(name, Status.WARNING, "The server does not say which scopes the bot token has."),)
    remedy = "Add it under OAuth & Permissions of your Slack app, then install the app again."
    lacking = sorted(set(essential) - granted)
    if lacking:
        return (Result(name, Status.FAILED, f"The bot token lacks the scope {', '.join(lacking)}.", remedy),)
    without = sorted(set(useful) - granted)
    if without:
        words = "; ".join(f"{scope} ({useful[scope]})" for scope in without)
        return (Result(name, Status.WARNING, f"The bot token lacks scopes: {words}.", remedy),)
    return (Result(name, Status.OK, f"All {len(granted)} scopes that are needed."),)


def database_results(health: StoreHealth) -> tuple[Result, ...]:
    """The database, its tables, and the audit log."""
    if not health.ready:
        remedy = "Correct TRIAGE_DATABASE, or start the database; `triage run` makes and migrates the tables."
        return (Result("database", Status.FAILED, health.problem or "The database cannot be used.", remedy),)
    found = [Result("database", Status.OK, f"{health.backend}, {health.place}, tables of version {health.version}.")]
    if health.audit_problem:
        remedy = "Until it is right, nobody may change anything; diagnoses go on."
        found.append(Result("audit", Status.FAILED, health.audit_problem, remedy))
    return tuple(found)


def rights_result(namespace: str, gaps: Iterable[Gap]) -> Result:
    """What the account may not read in a namespace, with the Role that would grant it."""
    found = tuple(gaps)
    name = f"rights in {namespace}"
    forbidden = [gap for gap in found if gap.reason is GapReason.FORBIDDEN]
    if forbidden:
        words = "; ".join(gap.sentence() for gap in forbidden)
        remedy = "Apply this, or bind deploy/rbac/reader.yaml there."
        return Result(name, Status.WARNING, f"Not everything can be read: {words}.", remedy, missing_rules(forbidden))
    others = [gap for gap in found if gap.reason in (GapReason.TIMED_OUT, GapReason.FAILED)]
    if others:
        return Result(name, Status.WARNING, "; ".join(gap.sentence() for gap in others) + ".", "Try again.")
    return Result(name, Status.OK, "Everything that a diagnosis lists can be read.")


def acting_result(namespace: str, permissions: Mapping[str, Permission]) -> Result:
    """Whether the cluster lets the roles of the policy (by name) change deployments in a namespace; if not, what to do.

    Without these rights no fix button is drawn there.
    """
    name = f"changes in {namespace}"
    refused = {role: answer for role, answer in permissions.items() if not answer.allowed}
    if not permissions:
        return Result(name, Status.OK, "The policy lets no role change anything there.")
    if not refused:
        return Result(name, Status.OK, f"The cluster lets these roles change deployments: {', '.join(permissions)}.")
    words = " ".join(dict.fromkeys(answer.reason for answer in refused.values()))
    asked = {role: answer for role, answer in refused.items() if answer.known}
    if not asked:
        return Result(name, Status.WARNING, words, "Try again.")
    remedy = "Apply this as an administrator of the cluster; a role of your own must be added to the files first."
    return Result(name, Status.WARNING, words, remedy, "\n".join(_to_apply(namespace, asked)))


def guard_result(name: str, found: GuardFound, beyond: Sequence[str] = ()) -> tuple[Result, ...]:
    """Whether the cluster itself keeps the roles to the fields of the remedies. It is optional, so only half of it is a
    warning; and whoever may not look is told that, not that it is missing. `beyond`: roles to which the policy gives
    what the guard keeps for `admin`.
    """
    if found.presence is Presence.WHOLE and beyond:
        words = (
            f"The field guard is installed, and lets only admin roll back; the policy lets {', '.join(beyond)}, too."
        )
        return (Result(name, Status.WARNING, words, "Give roll_back and allow_route to the role admin only."),)
    if found.presence is Presence.WHOLE:
        return (
            Result(name, Status.OK, "The field guard is installed: the roles can change only what remedies change."),
        )
    if found.presence is Presence.PART:
        words = "The field guard is not whole: " + "; ".join(found.faults) + "."
        return (Result(name, Status.WARNING, words, "Apply it anew as an administrator.", _APPLY_GUARD),)
    sentence, remedy = _GUARD_WORDS[found.presence]
    return not_configured(name, sentence, remedy)


_APPLY_GUARD = "kubectl apply -f deploy/rbac/field-guard.yaml"
_LISTS = "validatingadmissionpolicies,validatingadmissionpolicybindings"
_GUARD_WORDS = {
    Presence.ABSENT: (
        "The field guard is not installed: whoever holds a role's rights may change any field of a Deployment.",
        f"It is optional, on Kubernetes 1.30 or newer: {_APPLY_GUARD}",
    ),
    Presence.NOT_SERVED: (
        "The API server serves no ValidatingAdmissionPolicies, so there is no field guard.",
        "It needs Kubernetes 1.30 or newer.",
    ),
    Presence.UNKNOWN: (
        "Whether the field guard is installed cannot be told: this account may not list admission policies.",
        f"To let it: kubectl create clusterrole triage-guard-reader --verb=list --resource={_LISTS}; then bind that.",
    ),
}


def _to_apply(namespace: str, refused: Mapping[str, Permission]) -> Iterator[str]:
    if not all(answer.acts for answer in refused.values()):
        yield "kubectl apply -f deploy/rbac/impersonation.yaml"
    yield "kubectl apply -f deploy/rbac/roles.yaml"
    for role in refused:
        named = f"triage-{role}"
        yield f"kubectl create rolebinding {named} -n {namespace} --clusterrole={named} --group=triage:{role}"


def space_result(name: str, free_bytes: int, least_bytes: int = 200 * 1024 * 1024) -> Result:
    """Whether the state directory has room."""
    free = f"{free_bytes / 1024**2:.0f} MiB free"
    if free_bytes < least_bytes:
        return Result(name, Status.WARNING, f"Only {free}.", "Make room: with a full disk nothing can be approved.")
    return Result(name, Status.OK, f"{free}.")


def summary(results: Sequence[Result]) -> tuple[str, ...]:
    """The results in a few sentences, for App Home: what is wrong, with what to do; one sentence when nothing is."""
    wrong = [item for item in results if item.status in (Status.FAILED, Status.WARNING)]
    if not wrong:
        return (f"All {len(results)} checks are well.",)
    return tuple(f"{item.name}: {item.sentence} {item.remedy}".strip() for item in wrong)
