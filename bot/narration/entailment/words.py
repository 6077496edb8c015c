"""Base forms of words, contractions, and the characters that may stand in a sentence. Pure."""

from __future__ import annotations

import re
from functools import cache

_ALLOWED = frozenset("‘’“”–—→×…‹›·'\"")
_QUOTES = str.maketrans({"‘": "'", "’": "'", "“": '"', "”": '"', "–": ",", "—": ",", "→": " to ", "…": " ", "·": ";"})
_CONTRACTIONS = (
    (re.compile(r"\b(ca)n't\b"), "can not"),
    (re.compile(r"\bwon't\b"), "will not"),
    (re.compile(r"\bcannot\b"), "can not"),
    (re.compile(r"n't\b"), " not"),
    (re.compile(r"\b(it|there|that|what)'s\b"), r"\1 is"),
    (re.compile(r"'(?:ve)\b"), " have"),
    (re.compile(r"'(?:re)\b"), " are"),
    (re.compile(r"'ll\b"), " will"),
    (re.compile(r"'s\b|(?<=s)'(?=\s)"), " of"),
    (
        re.compile(r"\b(?:is|are|was|were) unable to\b|\bunable to\b|\bfails? to\b|\bfailed to\b|\bfailing to\b"),
        "can not",
    ),
    (re.compile(r"\bnetwork polic(?:y|ies)\b"), "networkpolicy"),
    (re.compile(r"\bconfig map(s?)\b"), r"configmap\1"),
    (re.compile(r"\bagain and again\b|\bover and over(?: again)?\b|\btime and again\b"), "repeatedly"),
    (re.compile(r"\bafter (?=\w+ (?:restarts?|times)\b)"), "with "),
    (re.compile(r"\b(?:is|are|was) set to (?=\d)"), "is "),
    (re.compile(r"\bthere (?:is|are|was|were) (?:no|not an?y?) (?=ready|running|healthy|available)"), "not "),
    (re.compile(r"\bthere (?:is|are|was|were) (?:no|not an?y?)\b"), "not thereis"),
    (re.compile(r"\bhas endpoints: "), "has endpoints "),
    (re.compile(r"\b(?:be|is|are|was|were|being) (?:reached|contacted|connected to)\b"), "be-reached"),
    (re.compile(r"\bno longer\b|\bnot any (?:longer|more)\b|\bnot anymore\b"), "not nolonger"),
    (re.compile(r"\bneeds? to\b|\bhas to\b|\bhave to\b"), "must"),
    (re.compile(r"\bgoing to\b|\babout to\b|\bbound to\b"), "will"),
    (re.compile(r"\bthan (?:it|they) (?:may|can) use\b"), "than allowed"),
    (re.compile(r"\b(?:http )?status ?code\b"), "status"),
    (re.compile(r"\bno one\b"), "nobody"),
    (
        re.compile(r"\bat least\b|\bat most\b|\bmore than (?=\d)|\bless than (?=\d)|\bfewer than\b|\bup to (?=\d)"),
        "bounded",
    ),
)
_IRREGULAR = {
    "ran": "run", "began": "begin", "begun": "begin", "kept": "keep", "went": "go", "goes": "go", "gone": "gone",
    "was": "be", "were": "be", "is": "be", "are": "be", "been": "be", "being": "be", "am": "be", "has": "have",
    "had": "have", "does": "do", "did": "do", "done": "do", "said": "say", "says": "say", "lost": "lost",
    "found": "find",
    "died": "die", "dies": "die", "dying": "die", "quit": "quit", "shown": "show", "cut": "cut", "set": "set",
    "using": "use", "used": "use", "uses": "use", "led": "lead", "sent": "send", "held": "hold", "took": "take",
    "serves": "serve", "serving": "serve", "served": "serve", "endpoints": "endpoint", "processes": "process",
    "process": "process", "statuses": "status", "status": "status", "access": "access", "address": "address",
    "addresses": "address", "less": "less", "this": "this", "its": "its", "dns": "dns", "tls": "tls", "dies.": "die",
    "listening": "listen", "missing": "missing", "during": "during", "nothing": "nothing", "string": "string",
    "kubernetes": "kubernetes", "redis": "redis", "postgres": "postgres", "always": "always", "does.": "do",
    "ingress": "ingress", "egress": "egress", "pending": "pending", "hosted": "host", "need": "need", "needed": "need",
    "speed": "speed", "exceed": "exceed", "exceeded": "exceed", "failed": "fail", "fetched": "fetch", "ring": "ring",
    "previous": "previous", "bring": "bring", "brought": "bring", "left": "leave", "met": "meet", "hung": "hang",
}  # fmt: skip


def odd_characters(text: str) -> bool:
    """Whether a text holds characters that no plain English sentence about a cluster has: look-alikes, marks that
    show nothing, other scripts, markup.
    """
    return any((ord(char) > 126 and char not in _ALLOWED) or ord(char) < 32 for char in text) or any(
        char in text for char in "<>`*|@#~^\\{}$"
    )


def plain(text: str) -> str:
    """The text in lower case, with contractions written out and typographic marks made plain."""
    found = text.translate(_QUOTES).lower().replace("@", " ").replace("%", " percent ")
    found = re.sub(r"×\s*(\d+)", r" \1 times", found)
    for pattern, replacement in _CONTRACTIONS:
        found = pattern.sub(replacement, found)
    return found


@cache
def base(word: str) -> str:
    """The base form of a word, good enough to compare: both sides are treated alike."""
    if word in _IRREGULAR:
        return _without_e(_IRREGULAR[word])
    for suffix, least in (("ies", 4), ("ied", 4)):
        if word.endswith(suffix) and len(word) > least:
            return word[: -len(suffix)] + "y"
    if word.endswith("ing") and len(word) > 5:
        return _undoubled(word[:-3])
    if word.endswith("ed") and len(word) > 4:
        return _undoubled(word[:-2])
    if word.endswith(("sses", "shes", "ches", "xes", "zes")):
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is")) and len(word) > 3:
        return _without_e(word[:-1])
    return _without_e(word)


def _undoubled(stem: str) -> str:
    if len(stem) > 3 and stem[-1] == stem[-2] and stem[-1] not in "lsz":
        return stem[:-1]
    return _without_e(stem)


def _without_e(stem: str) -> str:
    return stem[:-1] if stem.endswith("e") and len(stem) > 3 else stem
