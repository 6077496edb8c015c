"""From a text to clauses: what is said of whom, with which quantities, and whether it is denied. Pure.

The same reading is made of the engine's statements and of a model's sentences, so that what it does not understand of
one it does not understand of the other either.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache

from bot.narration.entailment import lexicon
from bot.narration.entailment.parts import TOKEN, Concept, SentencePart, bases, concepts_of, parts_of, phrases
from bot.narration.entailment.words import base, plain


@dataclass(frozen=True, slots=True)
class Names:
    """What the things of a diagnosis are called: surface in lower case to the id of what it names.

    `kinds` are the kinds of its workloads ("deployment"), which may be said beside a name.
    """

    ids: Mapping[str, str] = field(default_factory=dict)
    kinds: frozenset[str] = frozenset()
    labels: tuple[str, ...] = ()
    """What people call the components, as in the label of a route: "web server → API server"."""

    def without_routes(self, text: str) -> str:
        """The text with the ends of a route in place of its label, where only one of them is meant."""
        text = text.replace("service/", "Service ")
        for caller in self.labels if "→" in text else ():
            for called in self.labels:
                label = f"{caller} → {called}"
                if label in text:
                    text = text.replace(f"Service of {label}", f"Service of {called}")
                    text = text.replace(f"Service for {label}", f"Service for {called}")
                    text = text.replace(f"caller of {label}", caller).replace(label, f"{caller} to {called}")
        return text

    def replaced(self, text: str) -> tuple[str, tuple[str, ...]]:
        """The text with every name replaced by a mark `@n@`, and the ids by number."""
        if not self.ids:
            return text, ()
        pattern = _pattern(tuple(sorted(self.ids, key=lambda one: (-len(one), one))))
        found: list[str] = []

        def mark(match: re.Match[str]) -> str:
            found.append(self.ids[match.group()])
            return f" @{len(found) - 1}@ "

        return pattern.sub(mark, text), tuple(found)


@cache
def _pattern(names: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(r"(?<![\w./-])(?:" + "|".join(map(re.escape, names)) + r")(?![\w-]|[./:]\w)")


@dataclass(frozen=True, slots=True)
class Clause:
    """One thing that is said. `entities` in the order in which they stand; without one, it is about `inherited`.

    `numbers` are values with what they count; `times` are clock times with `since` or `at`; `idents` are addresses,
    variables and names of objects, which are compared letter by letter.
    """

    entities: tuple[str, ...] = ()
    inherited: tuple[str, ...] = ()
    pronoun: bool = False
    concepts: frozenset[Concept] = frozenset()
    words: frozenset[str] = frozenset()
    numbers: frozenset[tuple[str, str]] = frozenset()
    times: frozenset[tuple[str, str]] = frozenset()
    idents: frozenset[str] = frozenset()
    head: frozenset[str] = frozenset()
    """The words before what is said: "node" in "the node of the API server is not ready"."""
    negative: bool = False
    hedged: bool = False
    reported: bool = False
    order: bool = False
    acted_on: bool = False
    """Whether the first name stands behind what is done: "a probe ends the API server"."""
    passive: bool = False
    listed: bool = False
    """Whether it names several things with "and" before it says something of all of them."""
    hence: bool = False
    """Whether it says that it follows from what was said before this sentence."""
    link: str = ""
    """How it hangs on the clauses before: "because", "so", or not at all."""

    @property
    def says_something(self) -> bool:
        """Whether it states anything about what it names."""
        return bool(self.concepts or self.words or self.numbers or self.times or self.idents)


_CLOCK = re.compile(r"\d{1,2}:\d{2}(?::\d{2})?$")
_NUMBER = re.compile(r"(\d+(?:\.\d+)?)([kmg]i?b?|ms|s|%)?$")
_RATIO = re.compile(r"\b(\d+)(?: ?/ ?| of (?:the |its |their )?)(\d+)\b|\b(\d+) ready of (\d+)\b")
_WORD = "|".join(lexicon.NUMBER_WORDS)
_WORD_RATIO = re.compile(rf"\b(?:\d+|{_WORD}) of (?:the |its |their )?(?:\d+|{_WORD})\b")
_BECAUSE = re.compile(r"\b(?:" + "|".join(sorted(lexicon.BECAUSE, key=len, reverse=True)) + r")\b")
_SO = re.compile(r"\b(?:" + "|".join(sorted(lexicon.SO, key=len, reverse=True)) + r")\b")
_SINCE = re.compile(r"\bsince\b(?! (?:about |around )?\d)")
_BEGAN = re.compile(
    r"\bsince (?=(?:about |around )?\d)|\b(?:began|begun|started|begins|begin|first failed) (?:at|on) (?=\d)"
)
_HENCE = re.compile(
    r"^(?:as a (?:result|consequence)(?: of (?:this|that))?|because of (?:this|that)|(?:that|this) is why|"
    r"therefore|thus|hence|consequently|accordingly|so)\b,?|"
    r"(?<=[a-z@]) (?:therefore|thus|hence|consequently|accordingly)\b"
)
_BETWEEN = re.compile(r"\bbetween (.{1,40}?) and ")


def read(text: str, names: Names) -> tuple[Clause, ...]:
    """The clauses of a text, in order."""
    made = plain(names.without_routes(text))
    made, entities = names.replaced(made)
    made = _BETWEEN.sub(r"between \1 to ", made)
    made = _SINCE.sub(" %because% ", _BEGAN.sub(" %begin% ", made))
    made = _HENCE.sub(" %thence% ", " ".join(made.split()))
    made = _SO.sub(" %so% ", _BECAUSE.sub(" %because% ", made))
    made = _RATIO.sub(_ratio, _WORD_RATIO.sub(_digits, made))
    clauses: list[Clause] = []
    subject: tuple[str, ...] = ()
    named: tuple[str, ...] = ()
    reported = False
    for part in parts_of(TOKEN.findall(made)):
        clause = _clause(part, entities)
        inherited = named[-1:] if part.relative else named if clause.pronoun else subject
        clause = replace(clause, inherited=inherited, reported=clause.reported or reported)
        subject = clause.entities[:1] or inherited[:1] or subject
        named = tuple(dict.fromkeys((*named, *clause.entities)))
        reported = reported or (clause.reported and part.ends_with_colon)
        clauses.append(clause)
    return tuple(clauses)


def _digits(match: re.Match[str]) -> str:
    return " ".join(str(lexicon.NUMBER_WORDS.get(one, one)) for one in match.group().split())


def _ratio(match: re.Match[str]) -> str:
    some, total = match.group(1) or match.group(3), match.group(2) or match.group(4)
    ready = " ready" if match.group(3) else ""
    return f" %ratio{some}of{total}% {ready}"


def _head(words: Sequence[str]) -> frozenset[str]:
    """The words before the first concept."""
    for at in range(len(words)):
        rows = phrases().get(words[at], ())
        if any(tuple(words[at : at + len(phrase)]) == phrase for phrase, _, _ in rows):
            return frozenset(words[:at])
    return frozenset(words)


def _clause(part: SentencePart, entities: Sequence[str]) -> Clause:
    words = _with_reached(part.tokens)
    named = tuple(dict.fromkeys(entities[int(one[1:-1])] for one in words if one.startswith("@")))
    numbers, zero, partial, words = _numbers(words)
    begun = "%begin%" in words
    times = frozenset((one.removesuffix(" utc"), "since" if begun else "at") for one in words if _CLOCK.fullmatch(one))
    spoken = [one for one in words if not one.startswith(("@", "%")) and not _CLOCK.fullmatch(one) and one != "utc"]
    hedged = any(one in _HEDGES for one in spoken)
    quotes = any(one in ("log", "say", "paste") for one in spoken) or {"last", "word"} <= set(spoken)
    kept = [one for one in spoken if one not in _HEDGES and not (quotes and one in _REPORTING)]
    concepts, left = concepts_of(kept)
    if "thereis" in kept and len(concepts) > 1:
        concepts, left = concepts_of([one for one in kept if one != "thereis"])
    negative = (sum(one == "not" for one in left) + zero) % 2 == 1
    idents = frozenset(one for one in left if _is_ident(one))
    rest = _rest(left, idents, numbered=bool(numbers))
    turned = {(name, _turned(pole) if negative else pole) for name, pole in concepts}
    turned = _by_ratio(turned, partial=partial)
    return Clause(
        entities=named,
        pronoun=any(one in _PRONOUNS for one in part.tokens),
        concepts=frozenset(turned),
        words=rest,
        head=_head(kept) & rest if turned else frozenset(),
        numbers=_labelled(numbers, turned),
        times=times,
        idents=idents,
        negative=negative,
        hedged=hedged,
        reported=quotes,
        hence="%thence%" in words,
        acted_on=_acted_on(part.tokens),
        passive="by" in part.tokens,
        listed=part.listed,
        order=any(one in lexicon.IMPERATIVES for one in part.starts),
        link=part.link,
    )


def _rest(left: Sequence[str], idents: frozenset[str], *, numbered: bool) -> frozenset[str]:
    """Words that are neither a concept nor a name nor a number; `time` is the unit of one that is."""
    return frozenset(
        one
        for one in left
        if one != "not"
        and one not in idents
        and not _NUMBER.fullmatch(one)
        and not (one == "time" and numbered)
        and (one[0].isalnum() or one in "&%+")
    )


_NAMED_BY_NUMBER = frozenset(base(one) for one in ("port", "code", "status", "revision", "version"))
_COUNTED = lexicon.COUNTED | frozenset(base(one) for one in lexicon.COUNTED)
_PRONOUNS = frozenset(("it", "its", "they", "their", "them", "itself", "this", "these", "those"))
_HEDGES = frozenset(base(one) for one in lexicon.HEDGES) | lexicon.HEDGES
_REPORTING = frozenset(base(one) for one in lexicon.REPORTING) | lexicon.REPORTING


_GENITIVE = frozenset(("of", "in", "for", "on", "from", "to", "behind"))


def _acted_on(tokens: Sequence[str]) -> bool:
    """Whether what is said stands before the first name, which then is its object and not a part of its subject."""
    at = next((place for place, one in enumerate(tokens) if one.startswith("@")), 0)
    before = [one for one in tokens[:at] if one not in ("the", "a", "an", "exists", "not")]
    if not before or before[-1] in _GENITIVE:
        return False
    return bool(concepts_of(bases(before))[0])


def _with_reached(tokens: Sequence[str]) -> list[str]:
    found: list[str] = []
    for token in tokens:
        found += ["be-reached"] if token == "be-reached" else bases([token])
    return found


def _turned(pole: str) -> str:
    return "-" if pole == "+" else "+"


def _by_ratio(concepts: set[Concept], *, partial: bool) -> set[Concept]:
    """“1 of 2 pods ready” says neither ready nor not ready."""
    if not partial:
        return concepts
    return {("partly-" + name, "+") if name in ("ready", "endpoint", "pass", "up") else (name, pole)
            for name, pole in concepts}  # fmt: skip


def _numbers(words: Sequence[str]) -> tuple[list[tuple[str, str]], int, bool, list[str]]:
    """Numbers with what they count; whether one of them is none of so many; and the other words."""
    found: list[tuple[str, str]] = []
    left: list[str] = []
    zero, partial = 0, False
    for at, word in enumerate(words):
        if word.startswith("%ratio"):
            some, _, total = word[6:-1].partition("of")
            found.append((f"{some}/{total}", _counted(words, at)))
            zero = max(zero, int(some in {"0", "00"}))
            partial = partial or some not in {"0", total}
        elif (match := _NUMBER.match(word)) is not None:
            label = _counted(words, at)
            found.append((match.group(1) + (match.group(2) or ""), label))
            zero = max(zero, int(match.group() == "0" and label == "restart"))
            left.append(word)
        elif word == "one" and _counted(words, at, before=False):
            found.append(("1", _counted(words, at, before=False)))
        else:
            left.append(word)
    return found, zero, partial, left


def _counted(words: Sequence[str], at: int, *, before: bool = True) -> str:
    """What the number at a place counts or names: the nearest such word after it, else before it."""
    if before and at and words[at - 1] in _NAMED_BY_NUMBER:
        return words[at - 1]
    for word in words[at + 1 : at + 4]:
        if word in _COUNTED:
            return word
        if word.startswith("%ratio") or _NUMBER.match(word):
            break
    for word in reversed(words[max(0, at - 4) : at] if before else ()):
        if word in _COUNTED:
            return word
    return ""


def _labelled(numbers: Iterable[tuple[str, str]], concepts: Iterable[Concept]) -> frozenset[tuple[str, str]]:
    """Times that something restarted, ended or was killed are one count."""
    ends = any(name in ("restart", "killed", "ended", "crashing", "oom") for name, _ in concepts)
    return frozenset((value, "restart" if label == "time" and ends else label) for value, label in numbers)


def _is_ident(word: str) -> bool:
    if _NUMBER.fullmatch(word):
        return False
    return any(mark in word for mark in "/:=_.[") or (any(c.isdigit() for c in word) and len(word) > 1)
