"""Redacts the lines and fields of symptoms and the lines of failed calls, which are quoted from a paste.

Called by whoever shows or keeps symptoms. Apart from `view`: `triage match` needs no model of the cluster.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from bot.domain.calls import FailedCall
from bot.domain.symptoms import PasteReading, Symptom
from bot.redaction.redactor import Redactor


def redact_symptoms(symptoms: Iterable[Symptom], redactor: Redactor) -> tuple[Symptom, ...]:
    """The symptoms with the secrets in their lines and fields hidden, and tokens that were in the paste renumbered."""
    return tuple(
        replace(
            item,
            lines=tuple(redactor.texts([redactor.own(line) for line in item.lines])),
            calls=redact_calls(item.calls, redactor),
            fields={name: redactor.value(name, redactor.own(value)) for name, value in item.fields.items()},
            over=redactor.texts([redactor.own(item.over)])[0] if item.over else "",
            attribution=replace(item.attribution, evidence=tuple(redactor.texts(list(item.attribution.evidence)))),
        )
        for item in symptoms
    )


def redact_reading(reading: PasteReading, redactor: Redactor) -> PasteReading:
    """What a paste says with the secrets hidden."""
    symptoms, foreign = redact_symptoms(reading.symptoms, redactor), redact_symptoms(reading.foreign, redactor)
    mentions = tuple(
        replace(item, state=redactor.texts([redactor.own(item.state)])[0]) if item.state else item
        for item in reading.mentions
    )
    meanings = tuple(
        replace(
            item,
            line=redactor.texts([redactor.own(item.line)])[0],
            fields={name: redactor.value(name, redactor.own(value)) for name, value in item.fields.items()},
        )
        for item in reading.meanings
    )
    return replace(
        reading,
        meanings=meanings,
        symptoms=symptoms,
        foreign=foreign,
        calls=redact_calls(reading.calls, redactor),
        mentions=mentions,
    )


def redact_calls(calls: Iterable[FailedCall], redactor: Redactor) -> tuple[FailedCall, ...]:
    """The failed calls with the secrets in their lines hidden."""
    return tuple(replace(item, line=redactor.texts([redactor.own(item.line)])[0]) for item in calls)


def tokens_in(symptoms: Iterable[Symptom]) -> Mapping[str, int]:
    """How many different secrets have tokens in these symptoms, by kind."""
    counter = Redactor()
    counter.adopt(
        text for item in symptoms for text in (*item.lines, *item.fields.values(), *(call.line for call in item.calls))
    )
    return counter.present
