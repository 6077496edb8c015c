"""The modals of changes: the preview with its values, one moment, what came of it, and why not. Pure.

Called by `events.changes`. A modal is seen by one person and notifies nobody, so people, groups and
channels are mentioned in it by their ids.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.adapters.slack.render.blocks import (
    Json,
    Message,
    bullets,
    emoji,
    mention,
    modal,
    paragraph,
    plain_text,
    preformatted,
    rich_text,
    space,
    span,
    text_input,
)
from bot.adapters.slack.render.limits import MODAL_TITLE_CHARACTERS
from bot.adapters.slack.render.text import Markup, call
from bot.changes.policy.model import Holder, Policy
from bot.changes.results import Previewed, Refusal
from bot.domain.changes import Change
from bot.domain.places import place_words
from bot.domain.remedies import Parameter
from bot.incidents.card_model import CardStatus
from bot.incidents.fixes.words import approvals_words, bounds_hint, preview_lines, who
from bot.incidents.plain_text import one_line

FORM = "change_form"
TITLE = "Preview"
DIFF_CHARACTERS = 6_000
HOLDERS = 10
_RISKS = {"low": "low", "medium": "medium", "high": "high: it can do harm if it is the wrong fix"}


@dataclass(frozen=True)
class PreviewParts:
    """What a preview modal is made of.

    token:   what the modal carries; empty: it only shows
    submit:  what its button says
    holders: who could approve it, if somebody must
    news:    what has happened since it was last shown
    """

    previewed: Previewed
    policy: Policy | None = None
    token: str = ""
    submit: str = ""
    holders: tuple[Holder, ...] = ()
    news: str = ""
    editable: bool = True


def preview_view(look: PreviewParts) -> Json:
    """The preview: everything somebody must know who says yes."""
    change = look.previewed.change
    blocks = [*_about(change, look), *_diff(look.previewed), *_warnings(look.previewed.warnings)]
    blocks += _rules(change, look.holders)
    if look.editable and look.token:
        blocks += [_input(parameter, look.policy) for parameter in change.remedy.parameters]
    view = modal(TITLE, blocks, look.token)
    return _with_submit(view, look.submit) if look.token and look.submit else view


def edit_view(change: Change, problem: str, typed: Mapping[str, str], policy: Policy | None, token: str) -> Json:
    """The values again, because those that were typed cannot be."""
    blocks = [_sentence(CardStatus.FAILED, problem), rich_text(paragraph(span(change.remedy.title, 200, bold=True)))]
    blocks += [
        _input(parameter, policy, typed.get(parameter.name, parameter.value)) for parameter in change.remedy.parameters
    ]
    return _with_submit(modal(TITLE, blocks, token), "Preview")


def waiting_view(sentence: str, external_id: str) -> Json:
    """One moment. By its external id it can be replaced as soon as Slack has put it up."""
    return {**modal(TITLE, [_sentence(CardStatus.WORKING, sentence)]), "external_id": external_id}


def outcome_view(sentence: str) -> Json:
    """What came of it."""
    more = "The card shows how it goes on; you may close this."
    return modal(TITLE, [_sentence(CardStatus.NOTED, sentence), rich_text(paragraph(span(more, 100)))])


def answer_message(sentence: str) -> Message:
    """What came of it, for one person, beside the message with the button."""
    text = Markup(f"{CardStatus.NOTED.sign.character} {one_line(sentence, 1_000)}")
    return Message(str(text), [_sentence(CardStatus.NOTED, sentence)], one_line(sentence, 1_000))


def refusal_view(refusal: Refusal) -> Json:
    """Why not, and who could."""
    return modal("Not possible", refusal_blocks(refusal))


def refusal_message(refusal: Refusal) -> Message:
    """The same for one person, beside the message with the button."""
    said = one_line(refusal.sentence, 1_000)
    text = Markup(f"{CardStatus.REFUSED.sign.character} Refused · {said}")
    if refusal.who_can:
        names = [Markup(" ", call(holder.id)) for holder in refusal.who_can[:HOLDERS] if not _is_channel(holder)]
        text = Markup(text, " Who could:", *names) if names else text
    return Message(str(text), refusal_blocks(refusal), said)


def refusal_blocks(refusal: Refusal) -> list[Json]:
    """The sentence, and the holders by Slack's own mentions: only ever for what one person sees."""
    blocks = [_sentence(CardStatus.REFUSED, refusal.sentence)]
    return [*blocks, _holders("Who could:", refusal.who_can)] if refusal.who_can else blocks


def _about(change: Change, look: PreviewParts) -> Iterator[Json]:
    if look.news:
        yield _sentence(CardStatus.NOTED, look.news)
    place = " · ".join(place_words(change.app, change.namespace, change.cluster))
    said = [paragraph(span(change.remedy.title, 200, bold=True)), paragraph(span(place, 200))]
    if change.requester is not None:
        said.append(paragraph(span(who(change), 200)))
    if change.remedy.note:
        said.append(paragraph(span(change.remedy.note, 400)))
    yield rich_text(*said)


def _diff(previewed: Previewed) -> Iterator[Json]:
    lines = "\n".join(preview_lines(previewed))
    heading = paragraph(span("What will be changed (a dry run; nothing is changed yet)", 100, bold=True))
    yield rich_text(heading, preformatted(lines, DIFF_CHARACTERS))


def _warnings(warnings: Sequence[str]) -> Iterator[Json]:
    if warnings:
        label = paragraph(emoji(CardStatus.FAILED.sign), space(" "), span("Mind", 20, bold=True))
        yield rich_text(label, bullets([span(warning, 500)] for warning in warnings[:10]))


def _rules(change: Change, holders: Sequence[Holder]) -> Iterator[Json]:
    risk = _RISKS[change.remedy.risk.value]
    yield rich_text(paragraph(span(f"Risk {risk}; {approvals_words(change)}.", 200)))
    if change.approvals_needed and holders:
        yield _holders("Who can approve:", holders)
    if change.remedy.command:
        yield rich_text(paragraph(span("The same by hand", 40)), preformatted(change.remedy.command, 1_000))


def _holders(label: str, holders: Sequence[Holder]) -> Json:
    spans: list[Json] = [span(label, 40)]
    for holder in holders[:HOLDERS]:
        spans += [space(" members of " if _is_channel(holder) else " "), mention(holder.id)]
    if len(holders) > HOLDERS:
        spans.append(space(f" and {len(holders) - HOLDERS} more"))
    return rich_text(paragraph(*spans))


def _is_channel(holder: Holder) -> bool:
    return holder.kind.value == "channel"


def _input(parameter: Parameter, policy: Policy | None, typed: str = "") -> Json:
    hint = bounds_hint(policy, parameter.name, parameter.current)
    return text_input(parameter.name, parameter.label, typed or parameter.value, hint)


def _with_submit(view: Json, submit: str) -> Json:
    close = plain_text("Cancel", MODAL_TITLE_CHARACTERS)
    return {**view, "callback_id": FORM, "submit": plain_text(submit, MODAL_TITLE_CHARACTERS), "close": close}


def _sentence(status: CardStatus, sentence: str) -> Json:
    return rich_text(paragraph(emoji(status.sign), space(" "), span(sentence, 1_000)))
