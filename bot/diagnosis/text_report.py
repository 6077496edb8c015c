"""Diagnoses and symptoms as text for a terminal. Meaning never hangs on colour: every mark has its word."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from bot.diagnosis.call_text import rungs
from bot.diagnosis.rights import missing_rules
from bot.diagnosis.told import evidence
from bot.domain.diagnosis import Cause, CauseVerdict, Cost, Diagnosis, ExplainedSymptom, Verdict
from bot.domain.facts import Check, CheckStatus
from bot.engine.calls.words import shown_by
from bot.engine.headline import open_ones

MARKS = {
    Verdict.FAULT_FOUND: "FAULT",
    Verdict.RECOVERED: "OVER",
    Verdict.HEALTHY: "HEALTHY",
    Verdict.INCONCLUSIVE: "UNCLEAR",
}
_LABEL = 17
_FOLLOWING = 5
"""Consequences of one root cause that are told."""
_CHECKS = 8
"""Failed checks that are told of a discovered app, which has hundreds: those that show the root causes first."""
RESTATED = frozenset({"paste", "app.summary"})
"""Checks that only count or repeat what stands elsewhere: no list of failures names them."""
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069]")


def safe(text: str) -> str:
    """Text from logs and objects without what could steer a terminal: escape, control and direction characters."""
    return _CONTROL.sub("", text)


def diagnosis_text(diagnosis: Diagnosis, cost: Cost, *, every_check: bool = False, width: int = 110) -> str:
    """What `triage diagnose` prints: the card's content, then checks with their kubectl commands."""
    lines = _wrapped(f"[{MARKS[diagnosis.verdict]}] {diagnosis.headline}", width, "")
    lines += [*_small_print(diagnosis, cost, width), ""]
    for cause in diagnosis.root_causes:
        label = "Result" if cause.state or cause.benign else "Root cause"
        lines += _row(label, f"{cause.sentence} ({cause.verdict.value}, {cause.id})", width)
        lines += _what_follows(cause, diagnosis, width)
    if diagnosis.looked_at:
        lines += _row("Looked at", diagnosis.looked_at, width)
    lines += _symptom_rows(diagnosis, width)
    lines += _because(diagnosis, width)
    if diagnosis.verdict is not Verdict.HEALTHY and diagnosis.ruled_out:
        lines += _row("Ruled out", " · ".join(diagnosis.ruled_out), width)
    if diagnosis.verdict is Verdict.INCONCLUSIVE:
        lines += _open_rows(diagnosis.causes, width)
    for gap in diagnosis.gaps:
        lines += _row("Could not check", gap.sentence(), width)
    for note in diagnosis.further_notes:
        lines += _row("Note", note, width)
    if diagnosis.hidden:
        lines += _row("Hidden", hidden_words(diagnosis.hidden), width)
    lines += _remedies(diagnosis.root_causes, width)
    lines += ["", *_check_rows(_told(diagnosis, every_check), len(diagnosis.checks), every_check, width)]
    rules = missing_rules(diagnosis.gaps)
    if rules:
        lines += ["", "To let this account see what it could not, apply this:", textwrap.indent(rules, "  ")]
    return "\n".join(lines)


def hidden_words(hidden: Mapping[str, int]) -> str:
    """What was hidden, for a person: `2 × password, 1 × aws-key, each replaced by a token such as ‹password:1›`."""
    counts = ", ".join(f"{count} × {kind}" for kind, count in hidden.items())
    first = next(iter(hidden), "password")
    return f"{counts}, each replaced by a token such as ‹{first}:1›" if counts else "nothing"


def _small_print(diagnosis: Diagnosis, cost: Cost, width: int) -> list[str]:
    """Where and when; lines end between two statements only."""
    parts = [diagnosis.app, f"namespace {diagnosis.namespace}", f"cluster {diagnosis.cluster}"]
    if diagnosis.since and diagnosis.until:
        parts.append(f"from {_clock(diagnosis.since)} to {_clock(diagnosis.until)}")
    elif diagnosis.since:
        parts.append(f"since {_clock(diagnosis.since)}")
    parts.append(f"seen {_clock(diagnosis.collected_at)}")
    parts.append(f"{cost.api_requests} requests in {cost.seconds:.1f} s" if cost.api_requests else "from a snapshot")
    whole = [safe(part).replace(" ", "\N{NO-BREAK SPACE}") for part in parts]
    return [line.replace("\N{NO-BREAK SPACE}", " ") for line in _wrapped(" · ".join(whole), width, "")]


def _clock(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%S %Z")


def _row(label: str, text: str, width: int) -> list[str]:
    return textwrap.wrap(
        safe(text),
        width,
        initial_indent=f"{label:<{_LABEL}}",
        subsequent_indent=" " * _LABEL,
        break_long_words=False,
        break_on_hyphens=False,
    ) or [label]


def _symptom_rows(diagnosis: Diagnosis, width: int) -> list[str]:
    explained = [item for item in diagnosis.symptoms if item.explained_by]
    left = [item for item in diagnosis.symptoms if not item.explained_by]
    rows: list[str] = []
    if explained:
        words = " · ".join(f"{item.symptom.title} ×{item.symptom.count}" for item in explained)
        rows += _row("Explains", words, width)
    for item in diagnosis.symptoms:
        rows += _call_rows(item, width)
    for item in left:
        rows += _row("Unexplained", f"{item.symptom.title} ×{item.symptom.count}", width)
    return rows


def _what_follows(root: Cause, diagnosis: Diagnosis, width: int) -> list[str]:
    """The way to a root cause, and what else is only its consequence."""
    rows = _row("Chain", f"{chain_words(root)}: {root.title}", width) if root.chain else []
    titles = diagnosis.consequences_of(root)
    for title in titles[:_FOLLOWING]:
        rows += _row("Follows from it", title, width)
    more = len(titles) - _FOLLOWING
    return rows + (_row("", f"and {more} more that follow from it", width) if more > 0 else [])


def chain_words(cause: Cause) -> str:
    """`front → orders → db → claim db-data`."""
    return " → ".join(cause.chain)


def _call_rows(item: ExplainedSymptom, width: int) -> list[str]:
    """What the error itself shows, rung by rung, and whether the cause makes such an error."""
    calls = [call for call in item.symptom.calls if not call.is_vague][:3]
    if not calls:
        return []
    rows: list[str] = []
    for call in calls:
        rows += _row("The error shows", f"{shown_by(call)}   {rungs(call)}", width)
    return rows + (_row("Fits", f"{item.fit.value}: {item.fit_reason}", width) if item.fit else [])


def _because(diagnosis: Diagnosis, width: int) -> list[str]:
    rows: list[str] = []
    for fact in evidence(diagnosis, diagnosis.root_causes)[:6]:
        rows += _row("Because", fact, width)
    return rows


def _open_rows(causes: Sequence[Cause], width: int) -> list[str]:
    rows: list[str] = []
    for cause in open_ones(causes)[:3]:
        word = {CauseVerdict.LIKELY: "Likely", CauseVerdict.POSSIBLE: "Possible"}.get(cause.verdict, "Not known")
        more = f" To decide, look at: {', '.join(cause.separated_by)}." if cause.separated_by else ""
        rows += _row(word, f"{cause.title} ({cause.id}).{more}", width)
    return rows


def _wrapped(text: str, width: int, indent: str, more: str = "") -> list[str]:
    """Prose within the width; words stay whole, and what goes on is indented by `more`."""
    return textwrap.wrap(
        safe(text),
        width,
        initial_indent=indent,
        subsequent_indent=indent + more,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _remedies(causes: Iterable[Cause], width: int) -> list[str]:
    rows: list[str] = []
    for cause in causes:
        for remedy in cause.remedies:
            rows += _wrapped(remedy.title, width, "  ")
            if remedy.command:
                rows.append(f"    $ {safe(remedy.command)}")
            if remedy.note:
                rows += _wrapped(remedy.note, width, "    ")
    return ["", "What would fix it:", *rows] if rows else []


def _told(diagnosis: Diagnosis, every: bool) -> Sequence[Check]:
    """The checks to list, in their order."""
    if every:
        return diagnosis.checks
    failed = [check for check in diagnosis.checks if check.status is CheckStatus.FAIL and check.id not in RESTATED]
    if not diagnosis.looked_at or len(failed) <= _CHECKS:
        return failed
    proof = {name for cause in diagnosis.root_causes for name in cause.because}
    first = {check.id for check in sorted(failed, key=lambda check: check.id not in proof)[:_CHECKS]}
    return [check for check in failed if check.id in first]


def _check_rows(shown: Sequence[Check], total: int, every: bool, width: int) -> list[str]:
    words = {CheckStatus.PASS: "ok", CheckStatus.FAIL: "FAIL", CheckStatus.UNKNOWN: "?"}
    hidden = total - len(shown)
    rows = ["Checks:" if every else f"Failed checks ({hidden} more with --all-checks):"]
    for check in shown:
        rows += _wrapped(f"{words[check.status]:<5}{check.id:<24} {check.summary}", width, "  ", " " * 5)
        if check.command:
            rows.append(f"       $ {safe(check.command)}")
    return rows if shown or every else [f"No check fails ({hidden} checks; --all-checks lists them)."]
