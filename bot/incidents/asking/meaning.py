"""From a sentence to what it means, one of a few things; where it is not understood, it says so.

Called by the chat adapter for what was said to the bot and holds no known error. Pure: names of apps, namespaces and
workloads are given. Quotes, code, emoji and mentions say nothing; single typing errors are forgiven.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot.domain.kubernetes.kinds import WORKLOAD_KINDS
from bot.incidents.asking import questions
from bot.incidents.asking.lexicon import (
    ABOUT,
    ACTS,
    AT_THE_END,
    DOUBT,
    GIVING,
    GREETINGS,
    HELP,
    NOISE,
    NOTED,
    POLITE,
    PROGRESS,
    QUESTIONS,
    RESOURCES,
    STATUS,
    THANKS,
    WHY,
)
from bot.incidents.asking.spelling import begins, is_one_of, near, one_off, simple, speaks_of

MOST_WORDS = 40
"""Whoever says more tells a story, and is not read by this grammar."""
_QUOTED = re.compile(r"```.*?(?:```|\Z)|`[^`\n]*`|^[^\S\n]*(?:>|&gt;)[^\n]*$", re.DOTALL | re.MULTILINE)
_MARKS = re.compile(r"<[@#!][^>]*>|:[a-z0-9_+-]+:|https?://\S+", re.IGNORECASE)
_TOP_KINDS = {name: row.names[0] for row in WORKLOAD_KINDS.values() if not row.often_owned for name in row.names}
_WORKLOAD = re.compile(rf"\b(?:{'|'.join(_TOP_KINDS)})/[a-z0-9][a-z0-9.-]*", re.IGNORECASE)
MOST_OF_TALK = 25
_NO_TALK = re.compile(
    r"[\n`{}\[\]=<>|_]|https?:|\w\.\w+\(|\d{2,}|[A-Z]{4,}|\w[Ee]rror|\w:\w"
    r"|\b(?:error|exception|failed|refused|timeout)\b"
)
_EMOJI = re.compile(r":[a-z0-9_+-]+:", re.IGNORECASE)
_NAMESPACE = re.compile(
    r"(?:\b(?:in|namespace|ns)|-n|--namespace)[\s=]+(?:the\s+)?(?:namespace\s+)?([a-z0-9][a-z0-9-]*)\b"
)
_COMMON = frozenset(
    word
    for phrases in (NOISE, ABOUT, THANKS, NOTED, GREETINGS, HELP, STATUS, WHY, POLITE, *ACTS.values())
    for phrase in phrases
    for word in phrase.split()
)
"""Words that are never a misspelled name."""


_BEGINNINGS = frozenset({"how", "what", "on", "are", "is", "show", "and"})


class Meaning(StrEnum):
    """What somebody wants."""

    TRIAGE = "triage"
    """Look at an app, a workload or a namespace."""
    CHOOSE = "choose"
    """The same, but two are named."""
    STATUS = "status"
    """How are things here; look again."""
    WHY = "why"
    ACT = "act"
    """Do something."""
    WHO = "who"
    """Who may do something about it."""
    CHANGES = "changes"
    """What was changed."""
    SINCE = "since"
    LOGS = "logs"
    """Show the log."""
    HELP = "help"
    NOTHING = "nothing"
    """Thanks, and the like: no answer is wanted."""
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Vocabulary:
    """The names there are: apps as (id, title); namespaces and workloads (`deployment/api-server`) known now."""

    apps: Sequence[tuple[str, str]] = ()
    namespaces: frozenset[str] = frozenset()
    workloads: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Understood:
    """What it means. `apps` are ids (or one workload) to look at, `act` a kind of `lexicon.ACTS`, `about` the words
    after it: what it is to be done to."""

    meaning: Meaning
    apps: tuple[str, ...] = ()
    namespace: str | None = None
    act: str = ""
    about: str = ""


def is_plain_talk(text: str) -> bool:
    """A short sentence of words, and nothing that could be an error: no code, no line breaks, no numbers with signs."""
    return len(text.split()) <= MOST_OF_TALK and not _NO_TALK.search(text.strip())


def understand(text: str, known: Vocabulary, *, among_people: bool = False) -> Understood:
    """What somebody means who says this to the bot.

    among_people: others read along, in a channel: what is said to them, or is told, needs no answer
    """
    bare = _MARKS.sub(" ", _QUOTED.sub(" ", text))
    sentence = simple(bare)
    words = sentence.split()
    if not words:
        if _QUOTED.search(text):
            return Understood(Meaning.UNKNOWN)
        empty = not bare.strip(" \t\n?!.") and not _EMOJI.search(text)
        return Understood(Meaning.HELP if empty else Meaning.NOTHING)
    if len(words) > MOST_WORDS:
        return Understood(Meaning.UNKNOWN)
    if among_people and questions.is_to_others(_QUOTED.sub(" ", text)):
        return Understood(Meaning.NOTHING)
    if found := _command(bare, known) or _just_a_name(sentence, known):
        return found
    core = _without_politeness(sentence)
    pointed = _not_pointing(core)
    return (
        (None if "\n" in bare.strip() else _by_parts(sentence, core, known))
        or _fixed(sentence, core)
        or _told(words, among_people=among_people)
        or _act(core)
        or _named(bare, words, known)
        or _why(core)
        or _loose(sentence, pointed)
        or _short_question(pointed)
        or _question(sentence, pointed, question="?" in bare)
        or _last_sentence(bare, known, among_people=among_people)
        or (Understood(Meaning.NOTHING) if among_people and questions.is_told(words, question="?" in bare) else None)
        or Understood(Meaning.UNKNOWN)
    )


def _last_sentence(bare: str, known: Vocabulary, *, among_people: bool) -> Understood | None:
    """Of several sentences that make no sense together, what the last one means."""
    parts = [part for part in re.split(r"(?<=[.!?])\s+|\n+", bare) if simple(part)]
    if len(parts) < 2:
        return None
    found = understand(parts[-1], known, among_people=among_people)
    return found if found.meaning is not Meaning.UNKNOWN else None


def _just_a_name(sentence: str, known: Vocabulary) -> Understood | None:
    """Nothing but the name of a workload that something is known about."""
    named = [
        one for one in sorted(known.workloads) if sentence in (name := one.partition("/")[2], name.replace("-", " "))
    ]
    return Understood(Meaning.TRIAGE, (named[0],)) if len(named) == 1 else None


def _by_parts(sentence: str, core: str, known: Vocabulary) -> Understood | None:
    """A question about rights, changes, the beginning, the log or another cause, whatever else it names."""
    words = core.split()
    if not words:
        return None
    if questions.asks_who(words) or questions.asks_who(sentence.split()):
        return Understood(Meaning.WHO)
    if questions.asks_since(core, words):
        return Understood(Meaning.SINCE)
    if questions.asks_for_the_log(words):
        return Understood(Meaning.LOGS)
    if questions.asks_what_changed(words):
        return Understood(Meaning.CHANGES)
    other = questions.asks_for_another_cause(core, words)
    if (
        not other
        or any(_app_of(word, known) or word in known.namespaces for word in words)
        or _apps_by_title(words, known)
    ):
        return None
    return Understood(Meaning.WHY, about=other)


def _question(sentence: str, core: str, *, question: bool) -> Understood | None:
    """What is left: how it is, what proves it, how one speaks to the bot."""
    if questions.wants_another_look(core.split()):
        return Understood(Meaning.STATUS)
    for words in (core.split(), sentence.split()):
        if questions.asks_how_it_is(words, question=question):
            return Understood(Meaning.STATUS)
        if questions.asks_for_the_evidence(words):
            return Understood(Meaning.WHY)
        if questions.asks_how_to_speak(words):
            return Understood(Meaning.HELP)
        if guess := questions.guessed(words, question=question):
            return Understood(Meaning(guess))
    return None


def _told(words: Sequence[str], *, among_people: bool) -> Understood | None:
    """What somebody says that they did: nothing is asked; and what others are asked about somebody."""
    if questions.did_it_themselves(words) or questions.forbids(words):
        return Understood(Meaning.NOTHING)
    if questions.asks_about_somebody(words):
        return Understood(Meaning.NOTHING if among_people else Meaning.UNKNOWN)
    return None


def _command(bare: str, known: Vocabulary) -> Understood | None:
    """`onyx`, `onyx prod`, `onyx -n prod`: as after the slash command."""
    said = [
        word
        for word in bare.lower().strip(" ?!.,").split()
        if word not in ("-n", "--namespace", "in", "namespace", "please", "pls", "plz")
    ]
    app = _app_of(said[0], known) if 1 <= len(said) <= 2 else ""
    if not app or (len(said) == 2 and said[1] in _COMMON):
        return None
    return Understood(Meaning.TRIAGE, (app,), said[1] if len(said) == 2 else None)


def _fixed(sentence: str, core: str) -> Understood | None:
    """Whole sentences that mean one thing."""
    for said in dict.fromkeys((sentence, core)):
        if said in HELP or said in GREETINGS:
            return Understood(Meaning.HELP)
        if said in THANKS or said in NOTED:
            return Understood(Meaning.NOTHING)
        if said in STATUS:
            return Understood(Meaning.STATUS)
    return None


def _act(core: str) -> Understood | None:
    """An imperative: the longest phrase that the sentence begins with."""
    core = core.removeprefix("try ").removeprefix("to ")
    if apart := questions.wants_apart(core):
        return Understood(Meaning.ACT, act=apart)
    best: tuple[str, str] | None = None
    for kind, phrases in ACTS.items():
        for phrase in phrases:
            if begins(core, phrase) and (best is None or len(phrase) > len(best[1])):
                best = (kind, phrase)
    if best is None:
        return _act_otherwise(core)
    about = " ".join(word for word in core.split()[len(best[1].split()) :] if word not in ("the", "a", "please", "now"))
    return Understood(Meaning.ACT, act=best[0], about=about)


def _act_otherwise(core: str) -> Understood | None:
    """An imperative with its verb at the end, or that says of what something shall have more."""
    for kind, phrases in ACTS.items():
        last = next((one for one in phrases if one in AT_THE_END and core.endswith(f" {one}")), None)
        if last is not None:
            about = [word for word in core[: -len(last)].split() if word not in ("den", "die", "das", "de", "le", "la")]
            return Understood(Meaning.ACT, act=kind, about=" ".join(about))
    words = core.split()
    wanted = next((word for word in words if word in RESOURCES), None)
    if wanted is None or (words[0] in QUESTIONS and words[:2] != ["have", "more"]) or not GIVING & set(words):
        return None
    about = [word for word in words if word not in GIVING | {wanted, *NOISE, "limit"} and not word[0].isdigit()]
    return Understood(Meaning.ACT, act=RESOURCES[wanted], about=" ".join(about))


def _named(bare: str, words: Sequence[str], known: Vocabulary) -> Understood | None:
    """A sentence with the name of an app, a workload or a namespace, that asks how it is."""
    if found := _WORKLOAD.search(bare):
        kind, _, name = found.group().lower().partition("/")
        return Understood(Meaning.TRIAGE, (f"{_TOP_KINDS[kind]}/{name.rstrip('.')}",), _namespace(bare, known))
    apps = list(dict.fromkeys(app for word in words if (app := _app_of(word, known))))
    apps += [app for app in _apps_by_title(words, known) if app not in apps]
    if not apps:
        return _elsewhere(bare, words, known)
    if any(is_one_of(word, THANKS) for word in words[:2]) and "?" not in bare:
        return Understood(Meaning.NOTHING)
    rest = [word for word in words if not _app_of(word, known) and word not in NOISE]
    first = next((word for word in words if word not in NOISE), "")
    looks = any(f"look {where}" in " ".join(words) for where in ("into", "at", "after"))
    asks = looks or any(is_one_of(word, ABOUT) for word in rest) or "?" in bare or len(rest) <= 1
    asks = asks or bool(_app_of(first, known))
    if not asks:
        return None
    namespace = _namespace(bare, known)
    if len(apps) > 1:
        return Understood(Meaning.CHOOSE, tuple(apps), namespace)
    return Understood(Meaning.TRIAGE, tuple(apps), namespace)


def _elsewhere(bare: str, words: Sequence[str], known: Vocabulary) -> Understood | None:
    """No app is named, but a workload or a namespace that something is known about."""
    asks = any(is_one_of(word, ABOUT) for word in words) or "?" in bare
    if not asks:
        return None
    joined = " ".join(words)
    workloads = [one for one in sorted(known.workloads) if speaks_of(joined, one.partition("/")[2])]
    if workloads:
        meaning = Meaning.TRIAGE if len(workloads) == 1 else Meaning.CHOOSE
        return Understood(meaning, tuple(workloads), _namespace(bare, known))
    namespace = next((word for word in words if word in known.namespaces), None)
    return Understood(Meaning.STATUS, namespace=namespace) if namespace else None


def _why(core: str) -> Understood | None:
    return Understood(Meaning.WHY) if any(begins(core, phrase) for phrase in WHY) else None


def _loose(sentence: str, core: str) -> Understood | None:
    """What begins like something that is understood: "thanks a lot, works again", "ok I will look after lunch"."""
    for phrases, meaning in ((THANKS, Meaning.NOTHING), (NOTED, Meaning.NOTHING)):
        if len(sentence.split()) <= 12 and any(begins(sentence, phrase) for phrase in phrases if len(phrase) > 1):
            return Understood(meaning)
    for said in (core, sentence):
        nearest = [near(said, phrases) for phrases in (HELP, STATUS, THANKS, NOTED, GREETINGS)]
        for found, meaning in zip(
            nearest, (Meaning.HELP, Meaning.STATUS, Meaning.NOTHING, Meaning.NOTHING, Meaning.HELP), strict=True
        ):
            if found:
                return Understood(meaning)
    if any(begins(core, phrase) for phrase in HELP if " " in phrase) or one_off(core, "help"):
        return Understood(Meaning.HELP)
    words = core.split()
    if len(words) <= 6 and any(begins(core, phrase) for phrase in STATUS if " " in phrase):
        return None if {"with", "of"} & set(words) else Understood(Meaning.STATUS)
    if any(begins(sentence, phrase) for phrase in GREETINGS) and len(words) <= 3:
        return Understood(Meaning.HELP)
    if words and is_one_of(words[0], {"help", "hilfe"}):
        return Understood(Meaning.HELP)
    return None


def _not_pointing(core: str) -> str:
    """Without "with this" at the end, which says nothing."""
    for pointing in (" with this", " with that", " with it"):
        core = core.removesuffix(pointing)
    return core


def _short_question(core: str) -> Understood | None:
    """What is made of a few words that ask for progress, or for evidence, and of nothing else that says anything."""
    words = core.split()
    telling = [word for word in words if word not in NOISE or word in PROGRESS]
    if not 1 <= len(words) <= 8 or not telling:
        return None
    if all(is_one_of(word, PROGRESS) for word in telling):
        return Understood(Meaning.STATUS)
    if words[0] in _BEGINNINGS and all(is_one_of(word, DOUBT) for word in telling):
        return Understood(Meaning.WHY)
    return None


# ---------------------------------------------------------------------- words


def _without_politeness(sentence: str) -> str:
    """The sentence without what says nothing at its ends."""
    before = ""
    while before != sentence:
        before = sentence
        for phrase in POLITE:
            if sentence.startswith(f"{phrase} "):
                sentence = sentence[len(phrase) + 1 :]
            if phrase in ("please", "pls", "plz", "now", "bot") and sentence.endswith(f" {phrase}"):
                sentence = sentence[: -len(phrase) - 1]
    return sentence


def _app_of(word: str, known: Vocabulary) -> str:
    """The app that this word names; one typing error is forgiven in a name of four letters or more."""
    word = word.strip("?!.,:;'\"").lower().removesuffix("'s")
    for app, _ in known.apps:
        if word == app.lower():
            return app
    long = [app for app, _ in known.apps if len(app) >= 4 and word[:1] == app[:1].lower()]
    meant = [app for app in long if one_off(word, app.lower())]
    return meant[0] if len(meant) == 1 and word not in _COMMON else ""


def _apps_by_title(words: Sequence[str], known: Vocabulary) -> list[str]:
    joined = " ".join(words)
    return [app for app, title in known.apps if len(title) > 3 and speaks_of(joined, simple(title))]


def _namespace(bare: str, known: Vocabulary) -> str | None:
    lower = bare.lower()
    for found in _NAMESPACE.finditer(lower):
        name = found.group(1)
        if name not in NOISE and name not in ABOUT and not _app_of(name, known):
            return name
    return next((word for word in re.findall(r"[a-z0-9-]+", lower) if word in known.namespaces), None)
