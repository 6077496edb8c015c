"""What a paste says by itself, without a cluster, as text and as JSON. Printed by `triage match`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from shlex import quote

from bot.diagnosis.call_text import calls_text
from bot.diagnosis.following import leads
from bot.diagnosis.report import SCHEMA, Json, failed_call_json, symptom_json
from bot.diagnosis.text_report import safe
from bot.diagnosis.told import spoken_fields
from bot.domain.attribution import Owner
from bot.domain.meanings import Meaning
from bot.domain.mentions import MentionedObject
from bot.domain.symptoms import PasteReading, Symptom

_MENTIONS = 8


def paste_report(reading: PasteReading) -> Json:
    """What `triage match -o json` prints. `foreign`: known shapes that are another program's errors."""
    return {
        "schema": SCHEMA,
        "symptoms": [symptom_json(item) for item in reading.symptoms],
        "foreign": [symptom_json(item) for item in reading.foreign],
        "failed_calls": [failed_call_json(item) for item in reading.calls],
        "meanings": [_meaning(item) for item in reading.meanings],
        "mentions": [_mention(item) for item in reading.mentions],
    }


def _meaning(item: Meaning) -> Json:
    """One kind of line that means the same in every program's log."""
    return {
        "id": item.id,
        "what": item.what,
        "own": item.own,
        "fields": dict(item.fields),
        "line": item.line,
        "line_number": item.line_number,
        "count": item.count,
    }


def _mention(item: MentionedObject) -> Json:
    """One object that a paste names; what its text does not say is null."""
    return {
        "kind": item.kind,
        "name": item.name,
        "namespace": item.namespace or None,
        "state": item.state or None,
        "in_trouble": item.in_trouble,
        "line_number": item.line,
        "count": item.count,
    }


def paste_text(reading: PasteReading, titles: Mapping[str, str], name: str = "FILE") -> str:
    """What `triage match` prints. `titles`: how people call the apps; `name`: of the file, for commands."""
    ours = [line for item in reading.symptoms if item.attribution.owner is Owner.OURS for line in _symptom(item)]
    open_ = [
        line
        for item in reading.symptoms
        if item.attribution.owner is Owner.MAYBE
        for line in _could_be(item, titles, name)
    ]
    foreign = [line for item in reading.foreign for line in _foreign(item, titles)]
    parts = ours + open_ + foreign or ["No known error was found in the paste."]
    if reading.calls:
        parts += ["", "Failed calls (how far each got: name, way, port, TLS, protocol, answer, status, meaning):"]
        parts += [safe(line) for line in calls_text(reading.calls)]
    if reading.meanings:
        parts += ["", "What its lines mean, in any program:"]
        for one in reading.meanings:
            parts.append(safe(f"  {one.what}  ×{one.count}" + (", of its own" if one.own else "")))
            parts.append(safe(f"  {one.line_number:>6}: {one.line}"))
    bad = [item for item in reading.mentions if item.in_trouble]
    if bad:
        parts += ["", "Named, and not well:"]
        parts += [safe(f"  {item.line:>6}: {item.said}{_where(item)}  {item.state}") for item in bad[:_MENTIONS]]
    if not ours and (reading.calls or reading.meanings or bad):
        parts += ["", "Not known: which program this is, and what its other lines mean; no playbook describes it."]
    asked = [lead for lead in leads(reading) if "/" in lead.subject]
    if asked:
        parts += ["", "To look at what it names:", *(f"  {safe(lead.command)}" for lead in asked)]
    return "\n".join(parts)


def _where(item: MentionedObject) -> str:
    return f" in {item.namespace}" if item.namespace else ""


def _symptom(item: Symptom) -> Iterator[str]:
    fields = ", ".join(f"{name} {value}" for name, value in spoken_fields(item) if value)
    yield f"{item.id}  ×{item.count}  {item.title}" + (f"\n  {safe(fields)}" if fields else "")
    numbers = item.line_numbers or tuple(range(1, len(item.lines) + 1))
    for number, line in zip(numbers, item.lines, strict=False):
        yield f"  {number:>6}: {safe(line)}"
    if item.over:
        yield "  over: the same log goes on with"
        yield f"  {item.over_line:>6}: {safe(item.over)}"


def _could_be(item: Symptom, titles: Mapping[str, str], name: str) -> Iterator[str]:
    title = titles.get(item.app, item.app)
    first, *lines = _symptom(item)
    yield f"could be {title}: {first}"
    yield from lines
    yield f"  not said to be: {safe('; '.join(item.attribution.evidence))}"
    yield f"  if it is, ask: triage diagnose {item.app} --paste {safe(quote(name))}"


def _foreign(item: Symptom, titles: Mapping[str, str]) -> Iterator[str]:
    title = titles.get(item.app, item.app)
    yield f"not {title}: looks like {item.id} ({item.title}), but {safe('; '.join(item.attribution.evidence))}"
