"""A judged cause as it is told: title and sentence by its verdict, remedies, impact, who holds the workload."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.domain.diagnosis import Cause, CauseVerdict, ExplainedSymptom, Impact
from bot.domain.facts import Check, CheckStatus, FactValue, Gap
from bot.domain.remedies import Remedy
from bot.engine.binding import Binding, BoundComponent
from bot.engine.binding.holding import holders_of
from bot.engine.explain.addresses import with_names
from bot.engine.explain.headline import shared_words
from bot.engine.judge.impact import Loss
from bot.engine.judge.verdicts import Judged, fill, is_known
from bot.engine.remedies import remedies_of


def cause_of(  # noqa: PLR0913, PLR0917 - all that a cause is told with
    item: Judged,
    follows: Mapping[str, Sequence[str]],
    explained: Sequence[ExplainedSymptom],
    checks: Sequence[Check],
    facts: Mapping[str, FactValue | Gap],
    binding: Binding,
    loss: Loss,
) -> Cause:
    """The cause for the diagnosis. `follows`: by cause, those it explains; `loss`: what it takes away."""
    spec = item.spec
    confirmed = item.verdict is CauseVerdict.CONFIRMED
    component = binding.components.get(item.hypothesis.component)
    without = component.spec.without if component is not None and confirmed else ""
    symptoms = [entry.symptom.id for entry in explained if entry.explained_by == spec.id]
    consequences = follows.get(spec.id, ())
    return Cause(
        id=spec.id,
        verdict=item.verdict,
        title=fill(_title(item), facts) + shared_words(item, binding, " (and {})"),
        sentence=with_names(_sentence(item, facts), binding.view.services)
        + (f" Without it: {without}." if without else "")
        + shared_words(item, binding, " The same holds for {}."),
        component=item.hypothesis.component,
        benign=spec.benign,
        state=spec.state,
        because=item.because + (_supporting(item, checks, binding) if confirmed and not spec.state else ()),
        against=item.against,
        explains=(*symptoms, *consequences) if confirmed else (),
        explained_by=item.explained_by,
        separated_by=spec.separated_by or _checks_of(item.missing),
        remedies=_remedies(item, facts, binding),
        references=spec.references,
        impact=_lowered(loss.impact, component) if confirmed else Impact.UNKNOWN,
        affected=loss.words if confirmed else "",
        held_by=_holders(item, facts, component, binding),
        shared_with=item.shared_with,
    )


def _holders(
    item: Judged, facts: Mapping[str, FactValue | Gap], component: BoundComponent | None, binding: Binding
) -> tuple[str, ...]:
    """Who holds the object as it is; of a memory limit that an autoscaler sets in each pod, that one first."""
    found = [holder.name for holder in holders_of(component.workload if component else None, binding.view)]
    sizer = facts.get(f"{item.hypothesis.component}.oom.autoscaler")
    if item.spec.id == f"{item.hypothesis.component}-oom-killed" and isinstance(sizer, str) and sizer:
        found.insert(0, f"VerticalPodAutoscaler {sizer}")
    return tuple(found)


def _remedies(item: Judged, facts: Mapping[str, FactValue | Gap], binding: Binding) -> tuple[Remedy, ...]:
    """What would help. What is only likely gets no fix that writes: the next step is to look further."""
    if item.verdict not in (CauseVerdict.CONFIRMED, CauseVerdict.LIKELY):
        return ()
    found = remedies_of(item.spec, facts, binding)
    if item.verdict is CauseVerdict.CONFIRMED:
        return found
    return tuple(remedy for remedy in found if not remedy.steps)


def _title(item: Judged) -> str:
    likely = item.verdict is CauseVerdict.LIKELY
    return item.spec.title_if_likely if likely and item.spec.title_if_likely else item.spec.title


def _sentence(item: Judged, facts: Mapping[str, FactValue | Gap]) -> str:
    """What is so. Of a cause that does not hold, its sentence would be false, or half of it unknown."""
    if item.verdict is CauseVerdict.CONFIRMED or item.explained_by is not None:
        return fill(item.spec.sentence, facts)
    if item.verdict is CauseVerdict.LIKELY:
        return fill(item.spec.sentence if is_known(item.spec.sentence, facts) else item.spec.title + ".", facts)
    if item.verdict is CauseVerdict.UNKNOWN:
        return f"It cannot be judged: {', '.join(item.missing[:3])} could not be seen." if item.missing else ""
    if item.verdict is CauseVerdict.POSSIBLE:
        return "Nothing shows it, and nothing rules it out."
    return f"Ruled out by {', '.join(item.against[:3])}." if item.against else "Ruled out."


def _lowered(impact: Impact, component: BoundComponent | None) -> Impact:
    """What the app loses: a worker that is down leaves it degraded."""
    minor = component is not None and component.spec.importance != "essential"
    return Impact.DEGRADED if minor and impact is Impact.DOWN else impact


def _supporting(item: Judged, checks: Sequence[Check], binding: Binding) -> tuple[str, ...]:
    """Failed checks that show the effect of a confirmed cause: pods that are not ready, a Service without endpoints."""
    scope = item.hypothesis.component
    names = {f"{scope}.pods", f"{scope}.endpoints"}
    names |= {f"{name}.endpoints" for name, route in binding.routes.items() if route.spec.to == scope}
    return tuple(
        check.id
        for check in checks
        if check.id in names and check.status is CheckStatus.FAIL and check.id not in item.because
    )


def _checks_of(facts: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name.split(".", 1)[0] for name in facts))
