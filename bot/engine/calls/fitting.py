"""Whether a cause makes a failure: the table of causes and failures, asked about one call. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.domain.calls import RUNGS, CallFailure, FailedCall, Rung
from bot.domain.diagnosis import Fit
from bot.engine.binding import Binding
from bot.engine.calls.places import CallDestination, place_of
from bot.engine.calls.words import needs, noun
from bot.engine.judge.conditions import Facts, judge
from bot.playbook.schema import CauseSpec, Makes

_FROM_A_PROXY = (502, 503, 504)
_ORDER = (Fit.FITS, Fit.POSSIBLE, Fit.CONTRADICTS)


@dataclass(frozen=True, slots=True)
class Fitting:
    """How a cause fits the calls of a symptom, and why, in one sentence."""

    fit: Fit
    reason: str


def fitting_of(
    spec: CauseSpec, title: str, calls: Sequence[FailedCall], binding: Binding, scope: str, facts: Facts
) -> Fitting | None:
    """How a cause fits the failed calls that were meant for `scope`; None if it says nothing, or nothing failed.

    Of several calls the best one counts: the others may be of another time. `title` is the cause's, filled in.
    """
    if spec.makes is None or isinstance(spec.makes, str) or not calls:
        return None
    found = [_of_call(spec.makes, title, call, place_of(call, binding, scope), facts) for call in calls]
    return min(found, key=lambda one: _ORDER.index(one.fit))


def _of_call(
    entries: Iterable[Makes], title: str, call: FailedCall, place: CallDestination | None, facts: Facts
) -> Fitting:
    fit, depends = Fit.CONTRADICTS, ""
    for entry in entries:
        found = _of_entry(entry, call, place, facts)
        if _ORDER.index(found) < _ORDER.index(fit):
            fit, depends = found, entry.depends
    if fit is Fit.CONTRADICTS and call.kind is CallFailure.HTTP_STATUS and call.status in _FROM_A_PROXY:
        return Fitting(Fit.POSSIBLE, f"Status {call.status} is what a proxy on the way answers when it gets no answer.")
    return Fitting(fit, _reason(fit, depends, title, call, place))


def _of_entry(entry: Makes, call: FailedCall, place: CallDestination | None, facts: Facts) -> Fit:
    strange = place is not None and place.where == "outside"
    if strange and set(entry.to) == {"loopback"}:
        return Fit.CONTRADICTS
    if place is not None and not strange and place.where not in entry.to:
        return Fit.CONTRADICTS
    holds = judge(entry.when, facts).truth if entry.when is not None else True
    if holds is False:
        return Fit.CONTRADICTS
    if call.kind.value in entry.fits:
        return Fit.POSSIBLE if holds is None or strange or call.is_vague else Fit.FITS
    return Fit.POSSIBLE if any(kind.value in (*entry.fits, *entry.possible) for kind in call.kinds) else Fit.CONTRADICTS


def _reason(fit: Fit, depends: str, title: str, call: FailedCall, place: CallDestination | None) -> str:
    if call.is_vague:
        return "The error says only that a call failed, and not how."
    what = _capital(noun(call))
    where = f" ({place.words})" if place is not None and place.where in ("kept", "outside", "other", "pod") else ""
    if fit is Fit.FITS:
        return f"{what}{where} is what this makes."
    if fit is Fit.POSSIBLE:
        doubt = f", if {depends}" if depends else ""
        if call.also and call.kind.value not in depends:
            doubt = doubt or ": the text leaves open how it failed"
        return f"{what}{where} is possible here{doubt}."
    why = needs(call) if place is None or place.where not in ("loopback", "other", "kept") else f"went to {place.words}"
    return f"{what} {why}, so it is not because {title}; that may have come later."


def next_step(call: FailedCall, place: CallDestination | None, scope_label: str) -> str:
    """What to look at when nothing that is known explains a failure: a sentence, or "" where there is no advice."""
    if place is not None and place.where == "loopback":
        return (
            "The program called its own pod: look at the address it was started with; restart it if that is right now."
        )
    if place is not None and place.where == "kept":
        return (
            f"It went to {place.words}: the caller may hold an address from before; restart the caller. "
            "Or the text is of another namespace or cluster."
        )
    if place is not None and place.where in ("outside", "other"):
        return f"It went to {place.words}: compare it with what is configured, and ask which cluster it is from."
    match RUNGS[call.kind]:
        case Rung.NAME:
            return f"Resolve {call.host or 'the name'} from the caller's pod: look at cluster DNS and the spelling."
        case Rung.WAY:
            return "Look at NetworkPolicies, the nodes, and the port of the Service."
        case Rung.PORT:
            return f"Look whether {scope_label} was restarting or had no ready pod at that time."
        case Rung.ANSWER:
            return f"Look into the log of {scope_label} at that time: it accepted the call and did not finish it."
    return ""


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
