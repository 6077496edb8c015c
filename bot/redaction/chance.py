"""Whether letters and digits were mixed by chance, or are words that people say and names that they make. Pure.

Called by `judge`, `chosen` and `nearby`.
"""

from __future__ import annotations

import re

_COMMON = frozenset(
    b"been both case char data does done each else even file find from have here host into just keep kept last less"
    b" like line list long look made make many more most much must name need next none null once only open over pass"
    b" path read role root runs same seen sent show sure take text than that them then they this time true type used"
    b" user uses very want were what when will with word work your".split()
)
_VOWEL = re.compile(rb"[aeiouy]")
_UNSPOKEN = re.compile(
    rb"[^aeiouy]{4}|q[^u]|^(?:[bcdfghjkmnpqrtvwxz][bcdfgjkmpqtvxz]|[lj][^aeiouy])|[jqvx]$|[aeiou]{3}"
)
"""What English words do not have: how they begin, and where they have no vowel."""


_CASES = re.compile(rb"[A-Z]+|[a-z]+")
_OF_WORDS = re.compile(rb"(?:[A-Z]+|[A-Z]?[a-z]{3,}|[A-Z][a-z]+)+")
_PARTS = re.compile(rb"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_KINDS = bytes.maketrans(
    bytes(range(256)), bytes(48 if 48 <= one <= 57 else 65 if 65 <= one <= 90 else 97 for one in range(256))
)
"""What kind of character each is: a digit as 0, a capital as A, anything else as a."""


def is_mixed_case(value: bytes) -> bool:
    """Letters alone whose case changes as often as chance changes it."""
    return value.isalpha() and len(value) >= 8 and (len(_CASES.findall(value)) - 1) * 3 >= len(value)


def is_mixed_letters(value: bytes) -> bool:
    """The same of ten letters and more that are no words in CamelCase."""
    return len(value) >= 10 and is_mixed_case(value) and not _OF_WORDS.fullmatch(value)


def unspoken_parts(value: bytes) -> int:
    """Parts of a name in CamelCase that have no vowel: `Jwt`. Chance makes most of them so."""
    return sum(not _VOWEL.search(part.lower()) for part in _PARTS.findall(value))


def is_mixed(value: bytes) -> bool:
    """Small letters, capitals and digits in turn, as chance mixes them; a path or a name in CamelCase has runs."""
    kept = value.translate(_KINDS, b"+/=_-")
    if b"0" not in kept or b"A" not in kept or b"a" not in kept:
        return False
    return _changes(kept) * 5 >= len(kept) * 2


def _changes(kinds: bytes) -> int:
    """How often one kind of character follows another. Counting pairs is faster than finding runs."""
    digits = kinds.count(b"0a") + kinds.count(b"a0") + kinds.count(b"0A") + kinds.count(b"A0")
    return digits + kinds.count(b"aA") + kinds.count(b"Aa")


_PUBLIC = re.compile(rb"(?:phc|pk_(?:live|test)|cs_(?:live|test)|pub|public|pk|chunk|test)_")
"""Behind these stand ids and publishable keys."""


_NO_KEY = re.compile(
    rb"(?i)(?:sha\d*|md5|chatcmpl|cmpl|resp|req|msg|run|thread|asst|file|batch|evt|cus|sub|price|prod|acct|job|task|trace|span"
    rb"|user|usr|org|proj|call|toolu|chunk|etag|nonce|id|rev|build|snapshot|upload|image|layer|pod|node|lease|cursor|page)[_-]"
)
_PREFIX = re.compile(rb"(?:[a-z]{2,8}\d?|[A-Z]{2,8})[_~-]")


def is_shaped(value: bytes) -> bool:
    """Whether this is a key as its issuers make them today, whoever they are: a prefix in small letters, and behind its
    last line a tail of at least thirty characters that chance has mixed. Ids of this form are shorter.
    """
    if _PUBLIC.match(value) or _NO_KEY.match(value):
        return False
    tail = value.rpartition(b"_")[2]
    if len(tail) >= 30 and (is_mixed(tail) or (len(tail) >= 36 and is_chance(tail))):
        return True
    prefix = _PREFIX.match(value)
    behind = value[prefix.end() :] if prefix else b""
    return len(behind) >= 30 and is_mixed(behind)


def is_chance(value: bytes) -> bool:
    """Whether this is made of small letters and digits by chance: long, with digits all through it, and no name."""
    if len(value) < 32 or not (value.isalnum() and value.islower()):
        return False
    return _changes(value.translate(_KINDS)) * 5 >= len(value)


def are_words(value: bytes) -> bool:
    """Whether groups of four letters are words of a sentence, and no password in groups."""
    return any(group.lower() in _COMMON for group in value.split(b" "))


def may_be_words(value: bytes) -> bool:
    """Whether each of four groups could be said: it has a vowel, and begins and ends as words do."""
    groups = value.replace(b"-", b" ").split(b" ")
    return are_words(value) or all(_VOWEL.search(group) and not _UNSPOKEN.search(group) for group in groups)
