"""From a sentence to what it means, one of a few things; where it is not understood, it says so.

Called by the chat adapter for what was said to the bot and holds no known error. Pure: names of apps, namespaces and
workloads are given. Quotes, code, emoji and mentions say nothing; single typing errors are forgiven.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.incidents.asking import questions, slots
from bot.incidents.asking.lexicon import DOUBT, GREETINGS, HELP, NOISE, NOTED, POLITE, PROGRESS, STATUS, THANKS, WHY
from bot.incidents.asking.meanings import Intent, KnownNames, Understood
from bot.incidents.asking.names import app_of, apps_by_title, command, just_a_name, named
from bot.incidents.asking.orders import ordered
from bot.incidents.asking.spelling import begins, is_one_of, near, one_off, simple

MOST_WORDS = 40
"""Whoever says more tells a story, and is not read by this grammar."""
_QUOTED = re.compile(r"```.*?(?:```|\Z)|`[^`\n]*`|^[^\S\n]*(?:>|&gt;)[^\n]*$", re.DOTALL | re.MULTILINE)
_MARKS = re.compile(r"<[@#!][^>]*>|:[a-z0-9_+-]+:|https?://\S+", re.IGNORECASE)
MOST_OF_TALK = 25
_NO_TALK = re.compile(
    r"[\n`{}\[\]=<>|_]|https?:|\w\.\w+\(|\d{2,}|[A-Z]{4,}|\w[Ee]rror|\w:\w"
    r"|\b(?:error|exception|failed|refused|timeout)\b"
)
_EMOJI = re.compile(r":[a-z0-9_+-]+:", re.IGNORECASE)
_SENTENCES = re.compile(
    r"(?<=[.!?])\s+|\n+|,\s+(?=(?:can|could|would|will)\s+(?:you|somebody|someone|anyone)\b)", re.IGNORECASE
)
"""Where one ends and the next begins; a request after a comma is one of its own."""
_THIS_THING = re.compile(r"\b(this|that) (?:thing|bot|tool|program)\b")
_IDIOMS = re.compile(rf"\b(?:{'|'.join(slots.IDIOMS)})\b")
_BEGINNINGS = frozenset({"how", "what", "on", "are", "is", "show", "and"})


def is_plain_talk(text: str) -> bool:
    """A short sentence of words, and nothing that could be an error: no code, no line breaks, no numbers with signs."""
    return len(text.split()) <= MOST_OF_TALK and not _NO_TALK.search(text.strip())


def understand(text: str, known: KnownNames, *, among_people: bool = False) -> Understood:
    """What somebody means who says this to the bot.

    among_people: others read along, in a channel: what is said to them, or is told, needs no answer
    """
    bare = _MARKS.sub(" ", _QUOTED.sub(" ", text))
    sentence = _plainly(simple(bare), question="?" in bare)
    words = sentence.split()
    if not words:
        if _QUOTED.search(text):
            return Understood(Intent.UNKNOWN)
        empty = not bare.strip(" \t\n?!.") and not _EMOJI.search(text)
        return Understood(Intent.HELP if empty else Intent.NOTHING)
    if len(words) > MOST_WORDS:
        return Understood(Intent.UNKNOWN)
    if among_people and (questions.is_to_others(_QUOTED.sub(" ", text)) or questions.sighs(words)):
        return Understood(Intent.NOTHING)
    if found := command(bare, known) or just_a_name(sentence, known):
        return found
    core = _without_politeness(sentence)
    pointed = _not_pointing(core)
    return (
        (None if "\n" in bare.strip() else _by_parts(sentence, core, known))
        or _fixed(sentence, core)
        or _told(words, among_people=among_people)
        or ordered(core)
        or named(bare, words, known)
        or _why(core)
        or _loose(sentence, pointed)
        or _short_question(pointed)
        or _question(sentence, pointed, question="?" in bare)
        or _last_sentence(bare, known, among_people=among_people)
        or (Understood(Intent.NOTHING) if among_people and questions.is_told(words, question="?" in bare) else None)
        or Understood(Intent.UNKNOWN)
    )


def _last_sentence(bare: str, known: KnownNames, *, among_people: bool) -> Understood | None:
    """Of several sentences that make no sense together, what the last one means."""
    parts = [part for part in _SENTENCES.split(bare) if simple(part)]
    if len(parts) < 2:
        return None
    found = understand(parts[-1], known, among_people=among_people)
    return found if found.meaning is not Intent.UNKNOWN else None


def _by_parts(sentence: str, core: str, known: KnownNames) -> Understood | None:
    """A question about rights, changes, the beginning, the log or another cause, whatever else it names."""
    words = core.split()
    if not words:
        return None
    if questions.asks_who(words) or questions.asks_who(sentence.split()):
        return Understood(Intent.WHO)
    if questions.asks_since(core, words):
        return Understood(Intent.SINCE)
    if questions.asks_for_the_log(words):
        return Understood(Intent.LOGS)
    if questions.asks_what_changed(words):
        return Understood(Intent.CHANGES)
    other = questions.asks_for_another_cause(core, words)
    if (
        not other
        or any(app_of(word, known) or word in known.namespaces for word in words)
        or apps_by_title(words, known)
    ):
        return None
    return Understood(Intent.WHY, about=other)


def _question(sentence: str, core: str, *, question: bool) -> Understood | None:
    """What is left: how it is, what proves it, how one speaks to the bot."""
    if questions.wants_another_look(core.split()):
        return Understood(Intent.STATUS)
    for words in (core.split(), sentence.split()):
        if questions.asks_what_it_can(words):
            return Understood(Intent.HELP)
        if questions.asks_how_it_is(words, question=question):
            return Understood(Intent.STATUS)
        if questions.asks_for_the_evidence(words):
            return Understood(Intent.WHY)
        if questions.asks_how_to_speak(words):
            return Understood(Intent.HELP)
        if guess := questions.guessed(words, question=question):
            return Understood(Intent(guess))
    return None


def _told(words: Sequence[str], *, among_people: bool) -> Understood | None:
    """What somebody says that they did: nothing is asked; and what others are asked about somebody."""
    if questions.did_it_themselves(words) or questions.forbids(words):
        return Understood(Intent.NOTHING)
    if questions.asks_about_somebody(words):
        return Understood(Intent.NOTHING if among_people else Intent.UNKNOWN)
    return None


def _fixed(sentence: str, core: str) -> Understood | None:
    """Whole sentences that mean one thing."""
    for said in dict.fromkeys((sentence, core, _THIS_THING.sub(r"\1", core))):
        if said in HELP or said in GREETINGS:
            return Understood(Intent.HELP)
        if said in THANKS or said in NOTED:
            return Understood(Intent.NOTHING)
        if said in STATUS:
            return Understood(Intent.STATUS)
    return None


def _why(core: str) -> Understood | None:
    return Understood(Intent.WHY) if any(begins(core, phrase) for phrase in WHY) else None


def _loose(sentence: str, core: str) -> Understood | None:
    """What begins like something that is understood: "thanks a lot, works again", "ok I will look after lunch"."""
    for phrases, meaning in ((THANKS, Intent.NOTHING), (NOTED, Intent.NOTHING)):
        if len(sentence.split()) <= 12 and any(begins(sentence, phrase) for phrase in phrases if len(phrase) > 1):
            return Understood(meaning)
    for said in (core, sentence):
        nearest = [near(said, phrases) for phrases in (HELP, STATUS, THANKS, NOTED, GREETINGS)]
        for found, meaning in zip(
            nearest, (Intent.HELP, Intent.STATUS, Intent.NOTHING, Intent.NOTHING, Intent.HELP), strict=True
        ):
            if found:
                return Understood(meaning)
    if any(begins(core, phrase) for phrase in HELP if " " in phrase) or one_off(core, "help"):
        return Understood(Intent.HELP)
    words = core.split()
    if len(words) <= 6 and any(begins(core, phrase) for phrase in STATUS if " " in phrase):
        return None if {"with", "of"} & set(words) else Understood(Intent.STATUS)
    if any(begins(sentence, phrase) for phrase in GREETINGS) and len(words) <= 3:
        return Understood(Intent.HELP)
    if words and is_one_of(words[0], {"help", "hilfe"}):
        return Understood(Intent.HELP)
    return None


def _plainly(sentence: str, *, question: bool) -> str:
    """A question with one plain word for what is said in many."""
    asks = question or sentence.partition(" ")[0] in slots.ASKING
    return _IDIOMS.sub("recovered", sentence) if asks else sentence


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
        return Understood(Intent.STATUS)
    if words[0] in _BEGINNINGS and all(is_one_of(word, DOUBT) for word in telling):
        return Understood(Intent.WHY)
    return None


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
