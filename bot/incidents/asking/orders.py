"""Imperatives: what is to be done, and to what. Used by `meaning`. Pure."""

from __future__ import annotations

import re

from bot.incidents.asking import slots
from bot.incidents.asking.lexicon import ACTS, AT_THE_END, GIVING, NOISE, QUESTIONS, RESOURCES
from bot.incidents.asking.meanings import Intent, Understood
from bot.incidents.asking.spelling import begins, stem

_BYTES = re.compile(r"\d+(?:\.\d+)?(?:[mg]i?b?|megs?|gigs?)")
_AS_NOUNS = {
    "restart": "restart",
    "reboot": "restart",
    "bounce": "restart",
    "rollback": "roll_back",
    "revert": "roll_back",
}


def ordered(core: str) -> Understood | None:
    """An imperative: the longest phrase that the sentence begins with."""
    if core.startswith("try "):
        _, first, *rest = core.split()
        core = " ".join((stem(first), *rest))
    core = core.removeprefix("to ")
    if apart := _apart(core):
        return Understood(Intent.ACT, act=apart)
    best: tuple[str, str] | None = None
    for kind, phrases in ACTS.items():
        for phrase in phrases:
            if begins(core, phrase) and (best is None or len(phrase) > len(best[1])):
                best = (kind, phrase)
    if best is None:
        return _otherwise(core)
    about = " ".join(word for word in core.split()[len(best[1].split()) :] if word not in ("the", "a", "please", "now"))
    return Understood(Intent.ACT, act=best[0], about=about)


def _otherwise(core: str) -> Understood | None:
    """An imperative with its verb at the end, or that says of what something shall have more."""
    for kind, phrases in ACTS.items():
        last = next((one for one in phrases if one in AT_THE_END and core.endswith(f" {one}")), None)
        if last is not None:
            about = [word for word in core[: -len(last)].split() if word not in ("den", "die", "das", "de", "le", "la")]
            return Understood(Intent.ACT, act=kind, about=" ".join(about))
    words = core.split()
    wanted = next((word for word in words if word in RESOURCES or (_BYTES.fullmatch(word) and "limit" in words)), None)
    if wanted is None or (words[0] in QUESTIONS and words[:2] != ["have", "more"]) or not GIVING & set(words):
        return None
    about = [word for word in words if word not in GIVING | {wanted, *NOISE, "limit"} and not word[0].isdigit()]
    return Understood(Intent.ACT, act=RESOURCES.get(wanted, "raise_memory"), about=" ".join(about))


def _apart(core: str) -> str:
    """An order whose words stand apart: "take that change back", "turn it off and on", "apply your suggestion"."""
    words = core.split()
    stems = [stem(word) for word in words]
    if not 2 <= len(words) <= 10:
        return ""
    if words[0] in ("take", "put") and words[-1] == "back":
        return "undo"
    if words[0] == "roll" and "back" in words[1:]:
        return "roll_back"
    if stems[0] in ("turn", "switch", "power") and {"off", "on"} <= set(words):
        return "restart"
    if words[:2] == ["go", "back"] and {"version", "release", "revision", "build", "image"} & set(stems):
        return "roll_back"
    if words[0] in slots.TAKING and slots.EARLIER & set(words) and slots.VERSIONS & set(stems):
        return "roll_back"
    apply = words[0] in ("apply", "use", "do", "try") or (
        stems[0] in slots.GOING_ON and {"with", "ahead", "on"} & set(words)
    )
    if apply and any(one in slots.REMEDIES for one in stems[1:]):
        return "fix"
    performs = words[0] in slots.PERFORMING or (words[0] in ("it", "this", "that") and stems[1] in slots.PERFORMING)
    if not performs:
        return ""
    return next((_AS_NOUNS[one] for one in stems[1:] if one in _AS_NOUNS), "")
