"""Questions and statements by their parts: who may, what changed, since when, the log, is it something else.

And what is said to other people, or only told. Used by `meaning`. Pure.

Each rule looks for parts (a question word, what it is about), never for a whole sentence.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from bot.incidents.asking import slots
from bot.incidents.asking.lexicon import ABOUT, ACTS, NOISE, PROGRESS, STATUS
from bot.incidents.asking.spelling import begins, is_one_of, stem

_TO_OTHERS = re.compile(
    r"^\s*(?:(?:hey|hi|ok|so|and|cc)[\s,]+)?"
    r"(?:<@[UWS][A-Z0-9]+(?:\|[^>]*)?>|<!subteam[^>]*>|@(?!channel\b|here\b|everyone\b)[\w.-]+)"
)
_COMMAND_OF_OTHERS = re.compile(r"^\s*/(?!triage\b)[a-z][\w-]*\b", re.IGNORECASE)
_SINCE = (
    "since when", "how long", "when did", "when has", "seit wann", "wie lange", "depuis quand", "desde cuando",
    "cuanto tiempo", "da quando", "sinds wanneer", "how old",
)  # fmt: skip
_WHEN_OVER = frozenset({"take", "until", "till", "last", "need", "more", "eta", "still"})
_INSTEAD = re.compile(
    r"^(?:(?:so|but|maybe|perhaps|and) )?(?:could|can|might|may|is|was|would)(?: not)? "
    r"(?:it|this|that)(?: not)?(?: be)?\b"
)
_SURELY_NOT = re.compile(
    r"^(?:are you (?:sure|certain|confident|positive)|how (?:sure|certain) are you)(?: that)? (?:it|this|that) is not\b"
)
MOST_OF_A_QUESTION = 14
_OPENS = frozenset({"all", "everything", "still", "and", "und", "any", "anything", "so", "et", "y"})
_BEGINNING = frozenset(
    {"start", "begin", "happen", "break", "occur", "fail", "show", "appear", "arise", "pop", "surface", "come"}
)
_STANDING = frozenset({"state", "doing", "stand", "lage", "status", "aus", "far", "look", "looks", "looking"})


def is_to_others(text: str) -> bool:
    """Whether somebody else is spoken to: another person's mention stands first, or another program's name."""
    if _TO_OTHERS.search(text) or _COMMAND_OF_OTHERS.search(text):
        return True
    words = re.sub(r"[^a-z0-9\s-]", " ", text.lower()).split()
    return bool(words) and any(word in slots.OTHER_PROGRAMS for word in words[: 2 if words[0] in ("hey", "ok") else 1])


def asks_who(words: Sequence[str]) -> bool:
    """Who may approve, press, do it; may I."""
    if not 1 <= len(words) <= MOST_OF_A_QUESTION:
        return False
    stems = [stem(word) for word in words]
    about = any(is_one_of(one, slots.RIGHT) for one in stems)
    which = words[0] in ("which", "what") and {"people", "person", "persons", "role", "group", "team"} & set(stems[1:3])
    doing = {"can", "may", "could", "able"} & set(words[:4]) and _acts(stems)
    if (which or any(one in slots.WHOM for one in stems[:4])) and (about or doing):
        return True
    if stems[0] in slots.WHOM and {"i", "we"} & set(words[1:4]) and {"ask", "talk", "contact", "call"} & set(stems):
        return True
    if words[0] == "why" and ("button" in words or ({"i", "we"} & set(words[1:5]) and about)):
        return True
    if words[0] in ("can", "may", "could") and len(words) <= 6 and words[1:2] != ["you"] and stems[2:3] == ["approve"]:
        return True
    asks = words[0] in ("am", "may", "can", "do", "does", "are", "is", "has", "have", "why")
    if asks and any(is_one_of(one, slots.LEAVE) for one in stems):
        return True
    mine = asks and {"i", "we", "my"} & set(words[:3])
    return bool(mine and ({"rights", "permissions", "role"} & set(words) or (about and {"own", "myself"} & set(words))))


def asks_what_changed(words: Sequence[str]) -> bool:
    """What was changed, and was anything deployed."""
    if not 1 <= len(words) <= MOST_OF_A_QUESTION:
        return False
    stems = [stem(word) for word in words]
    surely = any(is_one_of(one, slots.SURELY_ALTERED) for one in stems)
    if surely and len(words) <= 3 and not _acts(stems[:1]):
        return True
    if surely and words[0] in ("show", "list") and len(words) <= 6:
        return True
    if words[0] in ("which", "what") and any(one in slots.VERSIONS for one in stems[1:3]):
        return True
    opens = words[0] in {*slots.ASKING, "any", "anything", "something"} or len(words) <= 5
    if not opens or not slots.SEARCHING & set(words[:2]):
        return False
    if "roll" in stems and "out" in words[stems.index("roll") + 1 :]:
        return True
    nouns = {"deployment"} if words[0] in ("any", "recent", "last", "latest", "which", "new") else set()
    surely = surely or (words[0] in slots.ASKING and any(one in slots.TOUCHED for one in stems))
    return surely or bool({"deploy", "release", "rollout", "ship", "push", "merge", *nouns} & set(stems))


def asks_since(core: str, words: Sequence[str]) -> bool:
    """Since when; not how long it will take."""
    if len(words) > MOST_OF_A_QUESTION or _WHEN_OVER & set(words):
        return False
    if any(begins(core.removeprefix("for "), phrase) for phrase in _SINCE):
        return True
    if words[0] == "since" and len(words) <= 4:
        return True
    when = words[0] in ("when", "wann") or words[:2] == ["what", "time"]
    return when and any(stem(word) in _BEGINNING for word in words)


def asks_for_the_log(words: Sequence[str]) -> bool:
    """Show me the log."""
    stems = [stem(word) for word in words]
    if len(words) > MOST_OF_A_QUESTION:
        return False
    if slots.ENDS & set(stems) and slots.OUTPUT & set(stems) and any(one in slots.SHOWING for one in stems[:3]):
        return True
    if stems[0] in slots.SHOWING and stems[-1] in ("error", "message") and len(words) <= 5:
        return True
    if not any(one in slots.RECORDS for one in stems):
        return False
    rest = [one for one, word in zip(stems, words, strict=True) if one not in slots.RECORDS and word not in NOISE]
    return not rest or any(one in slots.SHOWING for one in stems) or (words[0] in ("what", "which") and len(words) <= 8)


def asks_for_another_cause(core: str, words: Sequence[str]) -> str:
    """What else it could be ("could it be postgres?", "why not redis"); empty: that is not asked."""
    found = _INSTEAD.match(core) or _SURELY_NOT.match(core)
    if found:
        rest = core[found.end() :].split()
    elif tuple(words[:2]) in (("why", "not"), ("what", "about"), ("how", "about")):
        rest = list(words[2:])
    elif core.startswith(("why is it not ", "why is not it ")):
        rest = list(words[4:])
    else:
        return ""
    telling = [word for word in rest if word not in NOISE and word not in ("instead", "rather", "fault", "just", "it")]
    known = {*PROGRESS, *slots.AGAIN_FINE, *slots.PLACEHOLDERS}
    told = [word for word in telling if word in known or is_one_of(word, ABOUT) or stem(word) in known]
    supposes = words[0] in ("could", "might", "may", "would", "can") or (
        words[0] in ("but", "so") and "could" in words[:2]
    )
    supposes = supposes or (words[0] in ("is", "was") and "not" in words[1:3])
    if not 1 <= len(telling) <= 3 or len(told) > (len(telling) - 1 if supposes else 0):
        return ""
    return "" if _acts([stem(word) for word in telling[:1]]) or core in STATUS else " ".join(telling)


def asks_how_it_is(words: Sequence[str], *, question: bool) -> bool:
    """A short question that speaks of nothing but how things are: did that help, are we good, did the restart work."""
    if not 2 <= len(words) <= 12 or words[0] in ("who", "why", "where", "which"):
        return False
    state = {*PROGRESS, *slots.AGAIN_FINE}
    said = [word for word in words if is_one_of(word, state) or stem(word) in {stem(one) for one in state}]
    if not question and words[0] not in {*slots.ASKING, *_OPENS, *slots.NO_NEWS}:
        return False
    silent = {*NOISE, *slots.ASKING, *slots.NO_NEWS, *slots.PLACEHOLDERS}
    if any(word not in said and word not in silent and stem(word) not in silent for word in words):
        return False
    return bool(said) or bool(_STANDING & set(words))


def asks_for_the_evidence(words: Sequence[str]) -> bool:
    """What proves that, what led you there, how sure are you."""
    if not 2 <= len(words) <= 10 or words[0] not in ("what", "how", "which", "where", "on", "based", "says"):
        return False
    stems = [stem(word) for word in words[1:]]
    said = {one for one in stems if is_one_of(one, slots.CLAIM)}
    silent = {*NOISE, "brought", "come", "came", "make", "get", "got"}
    return bool(said) and all(one in said or one in silent for one in stems)


def asks_how_to_speak(words: Sequence[str]) -> bool:
    """How one talks to the bot."""
    if words[:1] != ["how"] or len(words) > 9 or not {"you", "this", "it", "bot", "thing"} & set(words):
        return False
    stems = [stem(word) for word in words[1:]]
    telling = [one for one in stems if one not in NOISE and one not in ("bot", "thing", "with", "up")]
    return bool(telling) and all(one in slots.ADDRESSING for one in telling)


def wants_another_look(words: Sequence[str]) -> bool:
    """ "Refresh please", "rerun the checks", "take another look"."""
    stems = [stem(word) for word in words]
    if stems[:1] and stems[0] in ("take", "have", "give", "get", "do", "run") and len(words) <= 8:
        again = next((at for at, one in enumerate(stems) if one in slots.REPEATED), len(stems))
        if any(one in slots.LOOKS for one in stems[again + 1 : again + 3]):
            return True
    telling = [stem(word) for word in words if word not in NOISE or word == "update"]
    silent = {"once", "check", "thing", "pod", "result", "card", "state", "status"}
    return (
        1 <= len(telling) <= 3
        and telling[0] in slots.LOOKING_AGAIN
        and {*telling[1:]} <= {*slots.LOOKING_AGAIN, *silent}
    )


def asks_what_it_can(words: Sequence[str]) -> bool:
    """What kind of things can you do; not what it can do about something."""
    if not 3 <= len(words) <= 10 or words[0] not in ("what", "which") or "you" not in words:
        return False
    telling = [one for word in words[1:] if word not in NOISE and (one := stem(word)) not in NOISE]
    about = {"about", "this", "that", "it", "here", "now"} & set(words)
    return not about and bool({"can", "could", "able"} & set(words)) and all(one in slots.ABILITIES for one in telling)


def sighs(words: Sequence[str]) -> bool:
    """Ugh, again."""
    return 2 <= len(words) <= 4 and words[-1] == "again" and all(word in slots.SIGHS for word in words[:-1])


def guessed(words: Sequence[str], *, question: bool) -> str:
    """What a question, or an order, that no rule knows is most likely about, by one word of it; empty: nobody knows."""
    if not 1 <= len(words) <= MOST_OF_A_QUESTION:
        return ""
    stems = [stem(word) for word in words]
    asks = question or words[0] in slots.ASKING
    if any(one in slots.RECORDS for one in stems) and (
        asks or stems[0] in {*slots.VERBS, *slots.SHOWING, "pull", "dump", "grab"}
    ):
        return "logs"
    if not asks:
        return ""
    if {"you", "your", "bot"} & set(words) and any(one in slots.OFFERED for one in stems):
        return "help"
    if any(one in slots.RIGHT for one in stems) and {"i", "we", "me", "who", "you", *slots.SOMEBODY} & set(words):
        return "who"
    if words[0] in ("when", "wann", "cuando", "quand") and {"was", "were", "did", "has", "had", "war", "hat"} & set(
        words[:4]
    ):
        return "since"
    causes = any(one in slots.CAUSE for one in stems)
    makes = words[0] in ("what", "where", "which") and any(one in slots.CAUSING for one in stems[1:5])
    comes = words[0] == "how" and {"come", "came", "arrive", "get", "got"} & set(stems) and {"you"} & set(words)
    return "why" if causes or makes or comes else ""


def forbids(words: Sequence[str]) -> bool:
    """Do not restart it."""
    opening = [word for word in words[:5] if word not in ("please", "pls", "ok", "hey", "so", "and", "but")]
    return opening[:2] == ["do", "not"] or opening[:1] == ["never"]


def is_told(words: Sequence[str], *, question: bool) -> bool:
    """A statement to people, or a question to people: what somebody did, does or thinks; who knows, who can join."""
    if not words:
        return False
    first = words[0]
    if len(words) == 1:
        return True
    opens = ("can", "could", "does", "do", "did", "is")
    if first in slots.SOMEBODY or (first in opens and bool(slots.SOMEBODY & set(words[1:2]))):
        return True
    if first in ("who", "whose", "wer") and not {"triage", "you", "bot"} & set(words):
        return True
    if question:
        return False
    denies = first in ("can", "could", "would", "do") and words[1:2] == ["not"]
    return denies or first in ("will", "let", "lets") or (first not in slots.ASKING and first not in slots.VERBS)


def asks_about_somebody(words: Sequence[str]) -> bool:
    """Who owns, runs, wrote it; does anybody know who."""
    stems = [stem(word) for word in words[:6]]
    who = next((at for at, one in enumerate(stems) if one in slots.WHOM), None)
    if who is None or (who > 0 and not slots.SOMEBODY & set(stems[:who])):
        return False
    return any(one in slots.OWNING for one in stems[who + 1 : who + 4])


def did_it_themselves(words: Sequence[str]) -> bool:
    """ "I restarted the api server", "we rolled back onyx": what was done, by whom."""
    if not words or words[0] not in slots.PEOPLE or words[0] in ("customers", "customer", "users", "user", "people"):
        return False
    deeds = ((word, stem(word)) for word in words[1:4])
    return any(one in slots.DEEDS and (word != one or one == "cut") for word, one in deeds if not word.endswith("ing"))


def _acts(stems: Collection[str]) -> bool:
    return any(one in {phrase.split()[0] for phrases in ACTS.values() for phrase in phrases} for one in stems)
