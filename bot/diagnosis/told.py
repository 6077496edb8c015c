"""What shows a root cause, without what its own sentence has said already: nobody reads one thing twice. And the fields
of a symptom, as people say them.

Used by the card and by the text for a terminal. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from bot.domain.diagnosis import Cause, Diagnosis
from bot.domain.symptoms import Symptom

_CLAUSES = re.compile(r"(?<=[^\s.])[.;:] |…")
_SUBJECT = re.compile(r"^(?:it|they|there|this) ")


def evidence(diagnosis: Diagnosis, causes: Sequence[Cause]) -> tuple[str, ...]:
    """The summaries of the checks that confirm these causes, each once, in the causes' order."""
    summaries = {check.id: check.summary for check in diagnosis.checks}
    said = " ".join(_plain(text) for cause in causes for text in (cause.title, cause.sentence))
    facts = dict.fromkeys(summaries[name] for cause in causes for name in cause.because if name in summaries)
    return tuple(fact for fact in facts if not is_said(fact, said))


def spoken_fields(symptom: Symptom) -> Iterator[tuple[str, str]]:
    """Fields as people say them: an address with its port, and ECONNREFUSED by its name, which is a code."""
    port = symptom.fields.get("port", "")
    for name, value in symptom.fields.items():
        if name == "address" and port and ":" not in value:
            yield name, f"{value}:{port}"
        elif name == "errno" and not value.lstrip("-").isdigit():
            yield "code", value
        elif not (name == "port" and "address" in symptom.fields):
            yield name, value


def is_said(fact: str, said: str) -> bool:
    """Whether each clause of the fact stands in the text; a label before a colon and an `it` carry no news."""
    first, _, rest = fact.partition(": ")
    bodies = [fact, rest] if rest and len(first.split()) <= 2 else [fact]
    text = _plain(said)
    return any(all(_SUBJECT.sub("", _plain(clause)) in text for clause in _clauses(body)) for body in bodies)


def _clauses(text: str) -> list[str]:
    return [clause for clause in _CLAUSES.split(text) if clause.strip()]


def _plain(text: str) -> str:
    return " ".join(text.lower().split()).strip(" .…;:{")
