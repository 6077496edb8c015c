"""Sentences in their simplest form, and words that are meant in spite of a typing error. Used by `meaning`. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

_SHORT = {
    "whats": "what is",
    "what s": "what is",
    "hows": "how is",
    "how s": "how is",
    "isnt": "is not",
    "im": "i am",
    "i m": "i am",
    "i ll": "i will",
    "ill": "i will",
    "its": "it is",
    "it s": "it is",
    "thats": "that is",
    "whos": "who is",
    "who s": "who is",
    **{
        f"{verb}n t": f"{verb} not"
        for verb in ("could", "would", "should", "is", "was", "are", "were", "do", "does", "did")
    },
    **{f"{verb}n t": f"{verb} not" for verb in ("has", "have", "had", "must")},
    **{f"{verb}nt": f"{verb} not" for verb in ("could", "would", "should", "was", "do", "does", "did", "has", "have")},
    "can t": "can not",
    "cant": "can not",
    "won t": "will not",
    "wont": "will not",
    "u": "you",
    "sth": "something",
    "smth": "something",
    "r": "are",
}


def simple(text: str) -> str:
    """Lower case, no accents, no punctuation, contractions written out, one space between words."""
    plain = "".join(one for one in unicodedata.normalize("NFKD", text) if not unicodedata.combining(one)).lower()
    plain = plain.replace("’", "'")
    words = re.sub(r"[^a-z0-9/'.\s-]", " ", plain).split()
    joined = " ".join(stripped for word in words if (stripped := word.strip("'.-/").replace("'", " ").strip()))
    out = f" {joined} "
    for short, whole in _SHORT.items():
        out = out.replace(f" {short} ", f" {whole} ")
    return " ".join(out.split())


def speaks_of(sentence: str, name: str) -> bool:
    """Whether a name stands in the sentence, with its dashes or without."""
    return any(re.search(rf"(?<![\w-]){re.escape(form)}(?![\w-])", sentence) for form in {name, name.replace("-", " ")})


def begins(sentence: str, phrase: str) -> bool:
    """Whether a sentence begins with a phrase, typing errors forgiven."""
    words, wanted = sentence.split(), phrase.split()
    return len(words) >= len(wanted) and all(same(one, two) for one, two in zip(words, wanted, strict=False))


def near(sentence: str, phrases: Iterable[str]) -> bool:
    """Whether a sentence is one of the phrases, typing errors forgiven."""
    words = sentence.split()
    for phrase in phrases:
        wanted = phrase.split()
        if len(words) == len(wanted) and all(same(one, two) for one, two in zip(words, wanted, strict=True)):
            return True
    return False


def is_one_of(word: str, words: Iterable[str]) -> bool:
    """Whether a word is one of these, a typing error forgiven."""
    return any(same(word, one) for one in words)


def same(said: str, meant: str) -> bool:
    """Whether a word is meant, with one typing error in a word of five letters or more."""
    return said == meant or (len(meant) >= 5 and said[:1] == meant[:1] and one_off(said, meant))


def one_off(one: str, two: str) -> bool:
    """Whether one letter is missing, too many, another one, or two are swapped."""
    if abs(len(one) - len(two)) > 1 or one == two:
        return one == two
    head = next((index for index, (a, b) in enumerate(zip(one, two, strict=False)) if a != b), min(len(one), len(two)))
    if len(one) == len(two):
        swapped = one[head : head + 2] == two[head : head + 2][::-1] and one[head + 2 :] == two[head + 2 :]
        return one[head + 1 :] == two[head + 1 :] or swapped
    longer, shorter = (one, two) if len(one) > len(two) else (two, one)
    return longer[head + 1 :] == shorter[head:]


_STEMS = {
    "rolled": "roll", "rolling": "roll", "broke": "break", "broken": "broken", "began": "begin", "begun": "begin",
    "got": "get", "gave": "give", "given": "give", "saw": "see", "seen": "see", "did": "do", "done": "do",
    "shipped": "ship", "scaled": "scale", "dropped": "drop", "tried": "try", "told": "tell", "found": "find",
    "approved": "approve", "approves": "approve", "approving": "approve", "changed": "change", "changes": "change",
    "changing": "change", "logs": "log", "released": "release", "releases": "release", "merged": "merge",
    "entitled": "entitle", "authorized": "authorize", "authorised": "authorise", "modified": "modify", "raised":
    "raise", "increased": "increase", "decreased": "decrease", "removed": "remove", "deleted": "delete", "updated":
    "update", "updates": "update", "modifications": "modification", "bounced": "bounce", "recycled": "recycle",
    "escalated": "escalate", "created": "create", "closed": "close", "filed": "file", "upgraded": "upgrade",
    "downgraded": "downgrade", "applied": "apply", "succeeded": "succeed", "traces": "trace", "news": "news",
    "based": "base", "paged": "page", "permitted": "permit", "deployed": "deploy", "rights": "right", "roles":
    "role", "owns": "own", "runs": "run",
}  # fmt: skip


_WHOLE = frozenset(
    {"this", "does", "news", "thus", "always", "perhaps", "nothing", "something", "anything", "everything"}
)


def stem(word: str) -> str:
    """A word without its ending: restarted, restarting and restarts are restart. What is too short stays as it is."""
    if word in _STEMS:
        return _STEMS[word]
    for ending in ("ing", "ed", "s"):
        bare = word[: -len(ending)]
        least = 3 if ending == "s" else 4
        if word.endswith(ending) and len(bare) >= least and not word.endswith("ss") and word not in _WHOLE:
            return bare[:-1] if ending != "s" and bare[-1:] == bare[-2:-1] and bare[-1] not in "lsz" else bare
    return word
