"""Whether a sentence is carried by statements. Pure: the one function that guards what a model may word.

Each clause of the sentence has to be carried whole by one statement: by its subject, every concept with its pole, every
quantity with what it counts, every name letter by letter, and every other word. What joins clauses as cause and effect
has to be joined so by the engine. What is not understood is not carried.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from bot.narration.entailment import lexicon, synonyms
from bot.narration.entailment.causation import FREE, Carrying, causes_hold
from bot.narration.entailment.parts import Concept
from bot.narration.entailment.reading import Clause, Names, read
from bot.narration.entailment.words import base, odd_characters, plain

LONGEST_SENTENCE = 400
MOST_CLAUSES = 12
_CITATION = re.compile(r"\s*[\[(][\w., -]*[\])](?=\s*[.!]?\s*$)")
_WORD = re.compile(r"(?<![\w/.:=-])[a-z]+(?:['-][a-z]+)*(?![\w/:=]|\.\w)")
_VAGUE = frozenset(base(one) for one in lexicon.VAGUE_COUNTS)
_FORBIDDEN = lexicon.FORBIDDEN | frozenset(base(one) for one in lexicon.FORBIDDEN)


@dataclass(frozen=True, slots=True)
class JudgedSentence:
    """Whether a sentence is carried, and if not, why: for `--show-sent` and tests."""

    carried: bool
    reason: str = ""
    subject: str = ""
    """What a pronoun in the next sentence stands for."""


def judge(
    text: str, evidence: Sequence[Carrying], names: Names, about: Collection[str] = (), *, over: bool = False
) -> JudgedSentence:
    """Whether these statements carry the sentence. `about`: what "it" stands for where no name stood before; `over`:
    what is described is past, so that nothing of it may be said as if it were so now.
    """
    said = without_citations(text)
    if reason := _unfit(said):
        return JudgedSentence(False, reason)
    clauses = read(said, names)
    if not clauses or len(clauses) > MOST_CLAUSES or not any(one.says_something for one in clauses):
        return JudgedSentence(False, "says nothing")
    by: list[tuple[Carrying, ...]] = []
    subjects, named = set(about), set(about)
    for clause in (replace(one, words=one.words - names.kinds) for one in clauses):
        if clause.order:
            return JudgedSentence(False, "an order")
        if _of_its_own(clause):
            return JudgedSentence(False, "says of a component what is true of something that belongs to it")
        subject = _subject(clause, subjects, named)
        found = tuple(one for one in evidence if _carries(one, clause, subject))
        if not found or (clause.hence and not any(one.follows for one in found)):
            return JudgedSentence(False, f"not carried: {_shown(clause)}")
        subjects = (subjects if not clause.entities else set()) | set(clause.entities)
        named |= set(clause.entities)
        by.append(found)
    if not causes_hold(clauses, by):
        return JudgedSentence(False, "a cause that was not found")
    if over and not _past(said):
        return JudgedSentence(False, "says of something past that it lasts")
    return JudgedSentence(True, subject=next((one.entities[0] for one in clauses if one.entities), ""))


@dataclass(frozen=True, slots=True)
class _Text:
    """A text of others, as something to compare a sentence with."""

    clauses: tuple[tuple[Clause, ...], ...]
    cause: str = ""
    follows: tuple[str, ...] = ()


def carried_by_texts(sentence: str, texts: Iterable[str]) -> bool:
    """Whether one of these texts (lines of a log, a description) says what the sentence says. "Both say that …" and the
    like are looked through.
    """
    said = _INTRODUCTION.sub("", without_citations(sentence))
    evidence = [_Text((_plain_clauses(text),)) for text in texts if text.strip()]
    return judge(said, evidence, Names()).carried


def _plain_clauses(text: str) -> tuple[Clause, ...]:
    return tuple(replace(one, reported=False, order=False) for one in read(text[:2_000], Names()))


_INTRODUCTION = re.compile(
    r"(?i)^(?:both|they|it|this|that|(?:the|these|those|both|this|line|lines) ?[\w ]{0,30}?"
    r"(?:lines?|texts?|logs?|messages?|errors?|excerpts?)(?: \d+)?) (?:both |also )?"
    r"(?:say|show|mean|report|indicate|describe|mention|state)s?(?: that)? "
)


def without_citations(text: str) -> str:
    """The sentence without the ids in brackets that some models repeat at its end."""
    flat = " ".join(text.split())
    while (match := _CITATION.search(flat)) and (
        "." in match.group().strip(" .") or re.search(r"\bs\d", match.group())
    ):
        flat = flat[: match.start()] + flat[match.end() :]
    return flat.strip()


def _unfit(said: str) -> str:
    if not said or len(said) > LONGEST_SENTENCE:
        return "empty or too long"
    if odd_characters(said) or ("://" in said and "http" not in said):
        return "characters that do not belong in a sentence"
    if "?" in said or "!" in said:
        return "a question or a call"
    words = _WORD.findall(plain(said))
    bad = next((one for one in words if one in _FORBIDDEN or one == "bounded"), "")
    return f"a word that no statement has: {bad}" if bad else ""


def _subject(clause: Clause, before: Collection[str], named: Collection[str]) -> frozenset[str]:
    """What a clause may be about. With no name of its own it is about what stood before; where it begins with a noun
    ("the Service"), that belongs to anything that was named.
    """
    if not clause.entities and not clause.pronoun and (clause.words or clause.idents):
        return frozenset((*named, *clause.inherited, *before))
    return frozenset(clause.entities[:1] or clause.inherited or before)


def _carries(statement: Carrying, clause: Clause, subject: Collection[str]) -> bool:
    """Names, numbers and times may stand anywhere in a statement; what is said of them has to stand in one wording."""
    rows = [
        [one for one in row if _same_way(one, clause) and _about(one, clause, subject)] for row in statement.clauses
    ]
    everything = [one for row in rows for one in row]
    if not everything:
        return False
    takes_pods = any(name in lexicon.TAKES_PODS for name, _ in clause.concepts)
    where = [one for one in everything if one.concepts & clause.concepts] if takes_pods else everything
    if not clause.idents <= {name for one in where for name in one.idents}:
        return False
    agreeing = [one for one in everything if not _opposes(one, clause)]
    if not all(_has_number(value, label, agreeing) for value, label in clause.numbers):
        return False
    if not all(_has_time(clock, role, everything) for clock, role in clause.times):
        return False
    return any(_row_carries(row, clause) for row in rows if row)


def _row_carries(fitting: Sequence[Clause], clause: Clause) -> bool:
    """One wording of a statement: its parts that are about the same, and said in the same way, together."""
    if not clause.says_something:
        return True
    stating = [one for one in fitting if _widened(one.concepts) & clause.concepts and not _says_less(one, clause)]
    if not clause.concepts <= {wide for one in stating for wide in _widened(one.concepts)}:
        return False
    takes_pods = any(name in lexicon.TAKES_PODS for name, _ in clause.concepts)
    return _has_words(clause, stating if takes_pods else [*stating, *(one for one in fitting if not one.concepts)])


def _says_less(part: Clause, clause: Clause) -> bool:
    """Whether a part denies something narrower than the clause does: “no outage that is over is recorded” does not say
    that there is no outage.
    """
    if part.head - FREE - clause.words and (clause.entities or not clause.words):
        return True
    if not clause.words - FREE and _denies_of_a_thing(part) and part.idents - clause.idents:
        return True
    of_existence = any(name == "exists" for name, _ in part.concepts)
    if not part.negative and not of_existence and ("pass", "-") not in part.concepts:
        return False
    needed = part.words if of_existence else part.words - FREE if part.negative else frozenset()
    return not needed <= clause.words or (len(part.concepts) > 1 and not part.concepts <= clause.concepts)


def _denies_of_a_thing(part: Clause) -> bool:
    """“INTERNAL_URL is not set for the web server”: what is missing there is the variable, not the server."""
    return any(name in lexicon.OF_THINGS and pole == "-" for name, pole in part.concepts)


def _of_its_own(clause: Clause) -> bool:
    """“The API server is not bound”: of a component nobody says such a thing; its claim or its image is meant."""
    if not clause.negative or not clause.entities or clause.idents:
        return False
    words = clause.words - FREE
    return (("pull", "-") in clause.concepts and not words) or bool(words and words <= lexicon.NEVER_OF_COMPONENTS)


def _opposes(part: Clause, clause: Clause) -> bool:
    """Whether a part says the opposite of something that the clause says: its numbers are about that."""
    return any((name, "-" if pole == "+" else "+") in part.concepts for name, pole in clause.concepts)


def _same_way(part: Clause, clause: Clause) -> bool:
    listed = clause.listed and not part.listed and bool(clause.concepts or clause.words)
    return part.hedged == clause.hedged and part.reported == clause.reported and not listed


def _about(part: Clause, clause: Clause, subject: Collection[str]) -> bool:
    """Whether a part of a statement is about what the clause is about: the same names in the same order, or its first
    one alone; where neither names anything, what stood before.
    """
    if clause.entities:
        # Who acts and who suffers: “a probe ends it” and “it is ended by a probe” agree.
        if part.entities and (part.acted_on != clause.acted_on) != (part.passive != clause.passive):
            return False
        own = part.entities or part.inherited[:1]
        short = own[:1] if clause.pronoun else own
        return clause.entities in (own, short) or (not part.entities and set(clause.entities) <= set(part.inherited))
    if part.entities and part.acted_on and not clause.pronoun and not clause.words & FREE:
        return False
    owner = part.entities[:1] or part.inherited
    if not owner and not subject:
        return True
    return bool(set(subject) & set(owner)) or (owner == ("app",) and not clause.pronoun)


def _widened(concepts: Iterable[Concept]) -> set[Concept]:
    found: set[Concept] = set()
    for one in concepts:
        found.add(one)
        found.update(synonyms.IMPLIES.get(one, ()))
    return found


def _has_number(value: str, label: str, parts: Sequence[Clause]) -> bool:
    there = {number for one in parts for number in one.numbers}
    return (value, label) in there or (not label and any(value == one for one, _ in there)) or (
        bool(re.search(r"[a-z]", value)) and any(value == one for one, _ in there)
    )  # fmt: skip


def _has_time(clock: str, role: str, parts: Sequence[Clause]) -> bool:
    return any(
        role == other and (clock == known or (clock.count(":") == 1 and known.startswith(clock + ":")))
        for one in parts
        for known, other in one.times
    )


def _has_words(clause: Clause, parts: Sequence[Clause]) -> bool:
    takes_pods = any(name in lexicon.TAKES_PODS for name, _ in clause.concepts)
    # Of things with names of their own, and as an object, a pod is not the same as its component.
    wanted = clause.words if takes_pods or (clause.idents and not clause.concepts) else clause.words - FREE
    if wanted & _VAGUE and _is_repeated(parts):
        wanted -= _VAGUE
    if clause.concepts or not wanted:
        there = {word for one in parts for word in one.words}
        return wanted <= there
    for one in parts:
        if wanted <= one.words and one.negative == clause.negative and clause.idents <= one.idents:
            # Less than what is denied is more: “no probe is set” says more than “no readiness probe is set”.
            if clause.negative and not (one.words - FREE) <= wanted:
                continue
            return True
    return False


def _is_repeated(parts: Sequence[Clause]) -> bool:
    return any(
        ("crashing", "+") in one.concepts or any(label == "restart" and value > "1" for value, label in one.numbers)
        for one in parts
    )


_PAST = re.compile(r"\b(?:was|were|had|has been|have been|over|recovered|again|healthy|ago|until|lasted)\b")


def _past(said: str) -> bool:
    return bool(_PAST.search(said.lower()))


def _shown(clause: Clause) -> str:
    parts = [*clause.entities, *(f"{name}{pole}" for name, pole in sorted(clause.concepts)), *sorted(clause.words)]
    parts += [*sorted(clause.idents), *(f"{value} {label}".strip() for value, label in sorted(clause.numbers))]
    return ", ".join([*parts, *(f"{role} {clock}" for clock, role in sorted(clause.times))])
