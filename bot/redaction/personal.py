"""Personal data: e-mail addresses, phone numbers, card numbers and IBANs whose check digits are right. Pure.

A rule set of its own. It is on for what goes to a language model, and off for what people see of their own cluster:
there an address is often the very thing that a log is about. `TRIAGE_HIDE_PERSONAL_DATA` turns it on there, too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from bot.redaction.span import Span

_EMAIL = re.compile(r"\b[A-Za-z0-9._%+-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,24}\b", re.ASCII)
_PHONE = re.compile(r"(?<![\w.:/+-])\+[1-9]\d{0,3}(?:[ ./-]?\(?\d{1,4}\)?){2,6}(?![\w:])", re.ASCII)
_CARD = re.compile(r"(?<![\w.:/-])\d{4}(?:[ -]?\d{4}){2}[ -]?\d{1,7}(?![\w.:/-])", re.ASCII)
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b", re.ASCII)


def without_personal_data(text: str) -> str:
    """The text with each of them replaced by a mark such as ‹email:1›; equal ones get equal marks."""
    known: dict[str, str] = {}
    counts: dict[str, int] = {}

    def mark(kind: str, fits: Callable[[str], bool]) -> Callable[[re.Match[str]], str]:
        def replaced(match: re.Match[str]) -> str:
            found = match.group()
            if not fits(found):
                return found
            if found not in known:
                counts[kind] = counts.get(kind, 0) + 1
                known[found] = f"‹{kind}:{counts[kind]}›"
            return known[found]

        return replaced

    for kind, pattern, fits in _KINDS:
        text = pattern.sub(mark(kind, fits), text)
    return text


def personal_spans(data: bytes) -> Iterator[Span]:
    """Where personal data stands in a text, of the kinds `email`, `iban`, `card` and `phone`."""
    text = data.decode("latin-1")  # one character a byte: the places are the same, and the patterns are ASCII
    for kind, pattern, fits in _KINDS:
        yield from (Span(*found.span(), kind) for found in pattern.finditer(text) if fits(found.group()))


def _is_phone(text: str) -> bool:
    return 8 <= sum(map(str.isdigit, text)) <= 15


def _is_card(text: str) -> bool:
    """Luhn's check, and a first digit that cards have."""
    digits = [int(one) for one in text if one.isdigit()]
    if not 13 <= len(digits) <= 19 or digits[0] not in (2, 3, 4, 5, 6):
        return False
    doubled = [digit if place % 2 == 0 else digit * 2 for place, digit in enumerate(reversed(digits))]
    return sum(one - 9 if one > 9 else one for one in doubled) % 10 == 0


def _is_iban(text: str) -> bool:
    """ISO 7064 MOD 97-10, and a length that IBANs have."""
    flat = text.replace(" ", "")
    if not 15 <= len(flat) <= 34:
        return False
    moved = flat[4:] + flat[:4]
    return int("".join(str(int(one, 36)) for one in moved)) % 97 == 1


def _is_any(_text: str) -> bool:
    return True


_KINDS: tuple[tuple[str, re.Pattern[str], Callable[[str], bool]], ...] = (
    ("email", _EMAIL, _is_any),
    ("iban", _IBAN, _is_iban),
    ("card", _CARD, _is_card),
    ("phone", _PHONE, _is_phone),
)
