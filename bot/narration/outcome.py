"""Why words of a model are shown or not: a code for metrics, and a sentence for people. Pure."""

from __future__ import annotations

from enum import StrEnum


class Outcome(StrEnum):
    """What became of one question to a model. The values are labels of a metric."""

    SHOWN = "shown"
    NOT_CARRIED = "not_carried"
    NO_SENTENCE = "no_sentence"
    OTHER_SHAPE = "other_shape"
    CUT_OFF = "cut_off"
    REFUSED = "refused"
    SLOW = "slow"
    UNREACHABLE = "unreachable"
    BUDGET = "budget"
    UNUSABLE = "unusable"


_WORDS = {
    Outcome.NO_SENTENCE: "its answer holds no sentence",
    Outcome.OTHER_SHAPE: "its answer is JSON of another shape than was asked for",
    Outcome.CUT_OFF: "its answer was cut off at the length that was asked for",
    Outcome.REFUSED: "it refused to answer",
    Outcome.SLOW: "it did not answer in time",
    Outcome.UNREACHABLE: "its server gave no answer",
    Outcome.BUDGET: "the day's budget is used up",
    Outcome.UNUSABLE: "its answer cannot be used",
}


def why_nothing(outcome: Outcome, dropped: int) -> str:
    """Why nothing is shown, to complete "no explanation: …"."""
    if outcome is Outcome.NOT_CARRIED:
        return f"{dropped} of {dropped} sentences of the model say what the diagnosis does not carry"
    return _WORDS.get(outcome, "the model said nothing that can be shown")
