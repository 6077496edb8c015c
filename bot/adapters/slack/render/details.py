"""The "Details" modal: what fails and what is unknown with commands, all causes, the raw lines of the symptoms.

Called when somebody presses Details. Pure. What does not fit into a modal goes on further pages; what does not fit
there either is cut, and the last line says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from bot.adapters.slack.render.blocks import (
    Json,
    actions,
    bullets,
    button,
    emoji,
    modal,
    paragraph,
    preformatted,
    rich_text,
    space,
    span,
)
from bot.adapters.slack.render.card import fit
from bot.adapters.slack.render.limits import BLOCKS_PER_VIEW, VIEW_BLOCK_CHARACTERS
from bot.adapters.slack.render.times import timed
from bot.diagnosis.text_report import RESTATED
from bot.domain.diagnosis import Cause, CauseVerdict, Diagnosis
from bot.domain.facts import Check, CheckStatus, GapReason
from bot.domain.places import place_words
from bot.incidents.card_model import Emoji
from bot.incidents.card_sections import VERDICT_WORDS, symptom_line

STATUS = {
    CheckStatus.PASS: (Emoji("white_check_mark", "✅"), "pass"),
    CheckStatus.FAIL: (Emoji("x", "❌"), "fail"),
    CheckStatus.UNKNOWN: (Emoji("grey_question", "❔"), "unknown"),
}
NOTHING = (Emoji("heavy_minus_sign", "➖"), "nothing to check")
_ORDER = (CheckStatus.FAIL, CheckStatus.UNKNOWN, CheckStatus.PASS)
# The sentence of a cause that nothing speaks for would read as if it were so: of the others the title is listed.
_SPOKEN_FOR = (CauseVerdict.CONFIRMED, CauseVerdict.LIKELY)
SYMPTOM_CHARACTERS = 1_500
GRAPH_CHARACTERS = 2_500
MOST_PAGES = 8
DETAILS_PAGE = "details_page"


def details(diagnosis: Diagnosis, page: int = 0, turn: Mapping[int, str] | None = None) -> Json:
    """The modal's view of one page, counted from 0. `turn` are the tokens of the buttons that show other pages."""
    pages = pages_of(diagnosis)
    page = min(page, len(pages) - 1)
    body = list(pages[page])
    if len(pages) > 1:
        body.append(rich_text(paragraph(span(f"Page {page + 1} of {len(pages)}", 60))))
        words = {page - 1: "Previous page", page + 1: "Next page"}
        buttons = [
            button(f"{DETAILS_PAGE}_{number}", words[number], token, spoken=f"{words[number]} of the details")
            for number, token in sorted((turn or {}).items())
            if number in words
        ]
        body += [actions(buttons)] if buttons else []
    return modal("Details", body)


def pages_of(diagnosis: Diagnosis) -> list[list[Json]]:
    """Everything there is to say, in pages that fit into a modal."""
    left, pages = list(_parts(diagnosis)), list[list[Json]]()
    while left and len(pages) < MOST_PAGES:
        shown, _ = fit(left, VIEW_BLOCK_CHARACTERS, BLOCKS_PER_VIEW - 4)
        pages.append(shown or left[:1])
        left = left[len(pages[-1]) :]
    if left:
        rest = f"More was found than fits here. All of it: triage diagnose {diagnosis.app} -n {diagnosis.namespace}"
        pages[-1].append(rich_text(paragraph(span(rest, 300))))
    return pages


def notice_view(title: str, sentence: str) -> Json:
    """A modal with one sentence: while the details are looked up, or why they are not shown."""
    return modal(title, [rich_text(paragraph(span(sentence, 400)))])


def _parts(diagnosis: Diagnosis) -> Iterator[Json]:
    about = " · ".join(place_words(diagnosis.app, diagnosis.namespace, diagnosis.cluster))
    title = paragraph(*timed(diagnosis.headline, 300, diagnosis.collected_at, bold=True))
    yield rich_text(title, paragraph(span(about, 250)))
    ranked = sorted(diagnosis.causes, key=lambda cause: list(VERDICT_WORDS).index(cause.verdict))
    yield from _causes("Causes", [one for one in ranked if one.verdict in _SPOKEN_FOR], diagnosis.collected_at)
    open_ones = [one.title for one in ranked if one.verdict not in (*_SPOKEN_FOR, CauseVerdict.RULED_OUT)]
    yield from _graph(diagnosis.graph)
    yield from _listed("Could not be ruled out, and nothing speaks for it", open_ones)
    yield from _listed("Could not check", [gap.sentence() for gap in diagnosis.gaps])
    yield from _listed("Note", diagnosis.notes)
    yield from _remedies(diagnosis)
    yield from _symptoms(diagnosis)
    yield from _checks(diagnosis)
    ruled_out = [cause for cause in diagnosis.causes if cause.verdict is CauseVerdict.RULED_OUT]
    yield from _ruled_out(ruled_out)
    yield from _one_by_one(diagnosis)


def _causes(label: str, causes: list[Cause], at: datetime) -> Iterator[Json]:
    if causes:
        yield rich_text(paragraph(span(label, 60, bold=True)), bullets(_cause(cause, at) for cause in causes[:30]))


def _graph(lines: Sequence[str]) -> Iterator[Json]:
    """Who calls whom, of an app that was discovered."""
    if lines:
        heading = paragraph(span("Who calls whom", 60, bold=True))
        yield rich_text(heading, preformatted("\n".join(line[:200] for line in lines), GRAPH_CHARACTERS))


def _ruled_out(causes: Sequence[Cause]) -> Iterator[Json]:
    """What it is not, under a heading that says so."""
    yield from _listed("Ruled out", [cause.title for cause in causes])


def _cause(cause: Cause, at: datetime) -> list[Json]:
    said = [span(cause.title, 150), space(f" ({VERDICT_WORDS[cause.verdict]})")]
    return [*said, space(": "), *timed(cause.sentence, 300, at)] if cause.sentence else said


def _listed(label: str, sentences: Sequence[str]) -> Iterator[Json]:
    if sentences:
        items = [[span(sentence, 300)] for sentence in list(dict.fromkeys(sentences))[:30]]
        yield rich_text(paragraph(span(label, 60, bold=True)), bullets(items))


def _symptoms(diagnosis: Diagnosis) -> Iterator[Json]:
    for item in diagnosis.symptoms[:20]:
        explained = "explained" if item.explained_by else "not explained"
        heading = paragraph(span(symptom_line(item.symptom), 200, bold=True), space(f" ({explained})"))
        lines = "\n".join(line[:400] for line in item.symptom.lines[:20])
        yield rich_text(heading, preformatted(lines, SYMPTOM_CHARACTERS)) if lines else rich_text(heading)


def _remedies(diagnosis: Diagnosis) -> Iterator[Json]:
    """Every fix with its command, by hand: the card shows one of them at most."""
    found = {remedy.id: remedy for cause in diagnosis.root_causes for remedy in cause.remedies}
    for number, remedy in enumerate(list(found.values())[:8]):
        said = [paragraph(span("Fixes", 60, bold=True))] if number == 0 else []
        note = [space(". "), span(remedy.note, 200)] if remedy.note else []
        said.append(paragraph(span(remedy.title.rstrip("."), 150), *note))
        yield rich_text(*said, *([preformatted(remedy.command, 500)] if remedy.command else []))


def _checks(diagnosis: Diagnosis) -> Iterator[Json]:
    """Failing ones first and unknown ones next, each with what asks the same; what passed in a few lines."""
    groups = {status: [check for check in diagnosis.checks if check.status is status] for status in _ORDER}
    idle = [check for check in diagnosis.checks if check.nothing_to_check]
    not_needed = [check for check in groups[CheckStatus.UNKNOWN] if _was_not_needed(check)]
    for status, word in ((CheckStatus.FAIL, "Failing"), (CheckStatus.UNKNOWN, "Unknown")):
        shown = [check for check in groups[status] if check not in not_needed and check not in idle]
        shown = [check for check in shown if check.id not in RESTATED]
        if shown:
            yield rich_text(paragraph(span(f"{word} ({len(shown)})", 60, bold=True)))
        for check in shown:
            yield _check(check, diagnosis.collected_at)
    passed = [check for check in groups[CheckStatus.PASS] if check not in idle]
    yield from _folded("Passed", passed)
    yield from _folded("Not looked at, because nothing pointed there", not_needed)
    yield from _folded("Nothing to check", idle)


def _one_by_one(diagnosis: Diagnosis) -> Iterator[Json]:
    """At the very end what was folded above, each with what asks the same."""
    folded = [check for check in diagnosis.checks if check.status is CheckStatus.PASS or _was_not_needed(check)]
    if folded:
        yield rich_text(paragraph(span("One by one", 60, bold=True)))
    for check in folded:
        yield _check(check, diagnosis.collected_at)


def _was_not_needed(check: Check) -> bool:
    """Whether it is open by choice: a log, for example, is read only where something points to it."""
    return check.gap is not None and check.gap.reason is GapReason.NOT_READ and not check.gap.detail


def _folded(label: str, checks: Sequence[Check]) -> Iterator[Json]:
    """Many checks in a few lines: what each is about, and the questions that were asked of it."""
    if not checks:
        return
    about: dict[str, list[str]] = {}
    for check in checks:
        scope, _, question = check.id.rpartition(".")
        about.setdefault(scope or check.id, []).append(question if scope else "")
    lines = [f"{scope}: {', '.join(names)}" if names != [""] else scope for scope, names in about.items()]
    yield rich_text(
        paragraph(span(f"{label} ({len(checks)})", 80, bold=True)), bullets([span(line, 400)] for line in lines[:40])
    )


def _check(check: Check, at: datetime) -> Json:
    sign, word = NOTHING if check.nothing_to_check else STATUS[check.status]
    said = paragraph(emoji(sign), space(f" {word}  "), *timed(check.summary, 300, at))
    name = paragraph(span(check.id, 80, code=True))
    return rich_text(said, name, preformatted(check.command, 500)) if check.command else rich_text(said, name)
