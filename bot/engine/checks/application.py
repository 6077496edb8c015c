"""Checks on the app as a whole: versions of both ends of the primary route, the session store, and the summary."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.domain.facts import Check, CheckStatus, FactValue, Gap, GapReason
from bot.domain.view import Resource
from bot.engine.binding import Binding, BoundComponent
from bot.engine.checks.answer import CheckBuilder
from bot.engine.checks.containers import clock_time, runs, unstable_runs
from bot.engine.checks.pods import image_tag

if TYPE_CHECKING:
    from packaging.version import Version

ESSENTIAL: Mapping[str, frozenset[str]] = {
    "workload": frozenset(
        {
            "workload",
            "pods",
            "restarts",
            "scheduling",
            "image",
            "config",
            "creation",
            "probes",
            "rollout",
            "node",
            "health",
            "run",
        }
    ),
    "dependency": frozenset({"reachable"}),
    "route": frozenset(
        {"service", "selector", "ports", "endpoints", "url", "freshness", "policies", "path", "dns", "observed"}
    ),
}
"""Checks that must pass before anybody may say "healthy", by scope."""


def version_of(tag: str) -> Version | None:
    """The version an image tag states; None for `latest`, branch names and digests."""
    from packaging.version import InvalidVersion, Version  # noqa: PLC0415 - slow to import, and rarely needed

    try:
        return Version(tag.removeprefix("v"))
    except InvalidVersion:
        return None


def _is_older(tag: str, other: str) -> bool:
    """Whether the version of one image tag is before that of the other, patches aside; False where one has none."""
    one, another = version_of(tag), version_of(other)
    return one is not None and another is not None and one.release[:2] < another.release[:2]


def check_versions(binding: Binding) -> Check:
    """Are caller and called component of the primary route of the same version?"""
    question = CheckBuilder("app", "app", "versions", binding.kubectl("get deployments -o wide"))
    route = next((item for item in binding.routes.values() if item.spec.primary), None)
    ends = (route.caller, route.called) if route else ()
    containers = [end.container for end in ends]
    tags = [image_tag(item.image) if item else "" for item in containers]
    if route is None or not all(tags) or any(tag == "latest" for tag in tags):
        shown = " and ".join(tag or "no tag" for tag in tags) or "none"
        gap = Gap(GapReason.ABSENT, "whether the image versions agree", f"the image tags say nothing: {shown}")
        return question.open(gap, {"versions.known": False, "versions.text": shown})
    differ = tags[0] != tags[1]
    older = differ and _is_older(tags[1], tags[0])
    text = f"{route.caller.spec.label} {tags[0]}, {route.called.spec.label} {tags[1]}"
    facts: dict[str, FactValue | Gap] = {
        "versions.known": True,
        "versions.differ": differ,
        "versions.older_api": older,
        "versions.text": text,
    }
    return question.answered(not differ, f"Image tags {'differ' if differ else 'agree'}: {text}.", facts)


def check_sessions(binding: Binding) -> Check:
    """Did the component that keeps logins restart lately, or is it down?"""
    keeper = next((item for item in binding.components.values() if item.spec.keeps_sessions), None)
    selector = f" -l {keeper.selector}" if keeper and keeper.selector else ""
    question = CheckBuilder("app", "app", "sessions", binding.kubectl(f"get pods{selector}"))
    if keeper is None or keeper.workload is None:
        absent = Gap(GapReason.ABSENT, "the session store", "it is not in this namespace")
        return question.open((keeper.gap if keeper else None) or absent)
    unread = binding.gap("pods")
    if unread is not None:
        return question.open(unread)
    unstable, text = _session_words(binding, keeper)
    facts: dict[str, FactValue | Gap] = {"sessions.unstable": unstable, "sessions.text": text}
    return question.answered(not unstable, f"{keeper.spec.label}: {text}.", facts)


def _session_words(binding: Binding, keeper: BoundComponent) -> tuple[bool, str]:
    if not any(pod.ready for pod in keeper.pods):
        return True, "it is down"
    if unstable_runs(binding, keeper):
        return True, "it keeps ending"
    recent = [
        run.started_at
        for run in runs(keeper.pods)
        if run.status.restart_count > 0 and run.started_at and binding.now - run.started_at < timedelta(hours=1)
    ]
    if recent:
        return True, f"it restarted at {clock_time(max(recent))}, which logs people out"
    return False, "it runs without a recent restart"


def check_summary(binding: Binding, checks: Sequence[Check]) -> Check:
    """Does every essential check pass, and is there an outage that is over?"""
    question = CheckBuilder("app", "app", "summary", binding.kubectl("get all"))
    outside = [item for item in checks if _is_outside(binding, item)]
    kept_out = {id(item) for item in outside}  # there are thousands: none is compared with all others
    relevant = [item for item in checks if _is_essential(binding, item) and id(item) not in kept_out]
    taken = {id(item) for item in relevant}
    relevant += [
        item for item in checks if id(item) not in taken and (_ends_everything(item) or _hurts_somebody(binding, item))
    ]
    failed = [item for item in relevant if item.status is CheckStatus.FAIL]
    unknown = [item for item in relevant if item.status is CheckStatus.UNKNOWN]
    over = _outage(binding, checks)
    facts: dict[str, FactValue | Gap] = dict(over)
    if failed:
        text = f"{len(failed)} of {len(relevant)} essential checks fail: {', '.join(item.id for item in failed)}"
        return question.answered(False, f"{text}.", facts | {"healthy": False, "text": text})
    if unknown:
        gap = unknown[0].gap or Gap(GapReason.NOT_READ, unknown[0].id)
        return question.open(gap, facts | {"text": f"{len(unknown)} checks could not be made"})
    text = (
        f"all {len(relevant)} essential checks pass{_not_asked(binding, outside)}{_partly(binding)}{_not_seen(binding)}"
    )
    return question.answered(True, f"{text[0].upper()}{text[1:]}.", facts | {"healthy": True, "text": text})


def _ends_everything(check: Check) -> bool:
    """A namespace that is being deleted takes the app along, however well its pods are at the moment."""
    return check.id == "app.namespace" and check.status is CheckStatus.FAIL


_HURTING = frozenset(
    {"report", "demand", "calls", "initial", "containers", "claims", "placement", "admission", "creation"}
)


def _hurts_somebody(binding: Binding, check: Check) -> bool:
    """Whether somebody suffers in a discovered app, whatever the cause is: then nobody may say that it is well."""
    return binding.graph is not None and check.status is CheckStatus.FAIL and check.id.rpartition(".")[2] in _HURTING


def _is_essential(binding: Binding, check: Check) -> bool:
    scope, _, name = check.id.partition(".")
    if scope in binding.routes:
        return name in ESSENTIAL["route"]
    component = binding.components.get(scope)
    if component is None:
        return False
    return name in ESSENTIAL["dependency" if component.spec.role == "dependency" else "workload"]


def _is_outside(binding: Binding, check: Check) -> bool:
    """Whether it is the check of a dependency outside that nobody misses: what needs it serves, and that is judged.

    It is not seen to be up; but an app whose database is elsewhere can be well all the same.
    """
    scope, _, name = check.id.partition(".")
    if scope not in binding.components or name != "reachable" or check.status is not CheckStatus.UNKNOWN:
        return False
    known = {word: check.facts.get(f"{scope}.dependency.{word}") for word in ("external", "hurts", "logged")}
    return known == {"external": True, "hurts": False, "logged": False}


def _not_asked(binding: Binding, outside: Sequence[Check]) -> str:
    names = [binding.components[item.id.partition(".")[0]].spec.label for item in outside]
    return f"; not asked, because it is outside: {', '.join(names)}" if names else ""


def _partly(binding: Binding) -> str:
    """Pods of a dependency that keep ending while others of it serve: a standby, say."""
    words = ""
    for item in binding.components.values():
        if item.spec.role == "dependency" and any(pod.ready for pod in item.pods):
            ending = {run.pod.metadata.name: run.pod for run in unstable_runs(binding, item) if not run.pod.ready}
            ready = sum(pod.ready for pod in item.pods)
            if ending:
                names = ", ".join(sorted(ending)[:3])
                words += f"; but {ready} of {len(item.pods)} pods of {item.spec.label} serve: {names} keeps ending"
    return words


_UNSEEN: Mapping[Resource, str] = {
    "nodes": "a node that stops reporting is seen late",
    "namespaces": "a namespace that is being deleted is seen late",
}
"""What may be left unread and the app is still called healthy: its pods show it, but not at once."""


def _not_seen(binding: Binding) -> str:
    words = [f"; {name} may not be read, so {late}" for name, late in _UNSEEN.items() if binding.gap(name) is not None]
    return "".join(words)


def _outage(binding: Binding, checks: Sequence[Check]) -> dict[str, FactValue | Gap]:
    """Facts of the most recent outage of a called component that is over."""
    called = [route.spec.to for route in binding.routes.values()] or [
        name for name, item in binding.components.items() if item.spec.role == "service"
    ]
    wanted = {f"{name}.history" for name in called}
    histories = [item for item in checks if item.id in wanted]
    for check in histories:
        scope = check.id.partition(".")[0]
        if check.facts.get(f"{scope}.outage.ended") is True:
            named = binding.components[scope].named
            text = check.facts[f"{scope}.outage.text"]
            return {
                "outage.ended": True,
                "outage.recent": check.facts[f"{scope}.outage.recent"],
                "outage.text": f"{named} was {text}" if isinstance(text, str) else text,
            }
    gap = next((item.gap for item in histories if item.gap is not None), None)
    if gap is not None:
        return {"outage.ended": gap, "outage.recent": gap, "outage.text": gap}
    return {"outage.ended": False, "outage.recent": False, "outage.text": "no outage is recorded"}
