"""What a person or a setting says about whose error a paste shows, beside what the text says."""

from __future__ import annotations

from bot.domain.attribution import Attribution, Owner


def claimed(attribution: Attribution, claim: str) -> Attribution:
    """The attribution with a claim (a sentence, or nothing): it decides only what the text leaves open."""
    if not claim or attribution.owner is not Owner.MAYBE:
        return attribution
    return Attribution(Owner.OURS, (claim, *attribution.evidence), claimed=True)
