"""Builds the Home tab out of what is known. Called by `home`. Pure.

Always within Slack's limits; what does not fit is counted, never silently left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.adapters.slack.render.blocks import (
    Json,
    actions,
    bullets,
    divider,
    home_view,
    link_button,
    paragraph,
    rich_text,
    small_print,
    span,
)
from bot.adapters.slack.render.card import fit
from bot.adapters.slack.render.home_facts import HomeItem
from bot.adapters.slack.render.limits import BLOCKS_PER_VIEW, VIEW_BLOCK_CHARACTERS
from bot.adapters.slack.render.text import Markup, moment
from bot.incidents.notices import Apps, OpenIncident
from bot.incidents.pasted.answer import OPEN_CARD
from bot.incidents.plain_text import one_line

LISTED = 10
APPS_NAMED = 3
SENTENCE_CHARACTERS = 250


@dataclass(frozen=True)
class HomeContent:
    """Everything on one person's tab. `problems` say what could not be found out; `hidden` counts open incidents in
    channels that this person is not in."""

    apps: Apps
    incidents: Sequence[OpenIncident]
    hidden: int
    approvals: Sequence[HomeItem]
    rights: Sequence[str]
    monitors: Sequence[str]
    muted: Sequence[HomeItem]
    health: Sequence[str]
    at: datetime
    problems: tuple[str, ...] = ()


def home_page(content: HomeContent) -> Json:
    """The view."""
    opening: list[Json] = []
    parts = list(_parts(content))
    body, complete = fit(parts, VIEW_BLOCK_CHARACTERS, BLOCKS_PER_VIEW - 4)
    if not complete:
        body.append(rich_text(paragraph(span("There is more than fits here.", 100))))
    closing = [divider(), small_print(Markup("as of ", moment(content.at, with_date=True), "; open this tab again"))]
    return home_view([*opening, *body, *closing])


def closed_page(reason: str, who_can_help: str) -> Json:
    """The tab of somebody who may not ask."""
    return home_view(
        [
            rich_text(paragraph(span("This page shows you nothing, because you may not ask me.", 100, bold=True))),
            rich_text(paragraph(span(reason, 300)), paragraph(span(who_can_help, 300))),
        ]
    )


def _parts(content: HomeContent) -> Iterator[Json]:
    """What is open and what waits for this person, then what the person may do; the rest in small print."""
    if content.problems:
        yield from _listed("Could not find out", content.problems)
    yield from _incidents(content)
    if content.approvals:
        yield from _items("Approvals that wait for you", content.approvals)
    yield from _listed("What you may do", content.rights, "ask and read; no policy lets you change anything")
    ways = [f"/triage {name} looks at {title} now" for name, title in content.apps[:APPS_NAMED]]
    more = len(content.apps) - APPS_NAMED
    if more > 0:
        ways[-1] += f"; {more} more apps are known"
    yield from _listed("How to ask", [*ways, "or paste an error where the bot is, or mention it with one"])
    if content.monitors:
        yield from _listed("Monitors", content.monitors)
    if content.muted:
        yield from _items("Muted", content.muted)
    nothing = [
        said
        for said, there in (
            ("no approval waits for you", content.approvals),
            ("no monitor is set up", content.monitors),
            ("nothing is muted", content.muted),
        )
        if not there
    ]
    if nothing:
        yield small_print(Markup(f"Besides: {', '.join(nothing)}."))
    health = " · ".join(content.health[:LISTED]) or "nothing is known about its health"
    yield small_print(Markup(one_line(f"The bot: {health}", 600)))


def _incidents(content: HomeContent) -> Iterator[Json]:
    yield _label("Open incidents")
    if not content.incidents and not content.hidden:
        yield rich_text(paragraph(span("Nothing is open.", 100)))
    for number, one in enumerate(content.incidents[:LISTED], start=1):
        yield rich_text(paragraph(span(one.title, SENTENCE_CHARACTERS)))
        yield small_print(Markup("since ", moment(one.opened_at, with_date=True)))
        if one.link:
            yield actions(
                [link_button(f"{OPEN_CARD}_{number}", "Open the card", one.link, spoken=f"Card: {one.title}")]
            )
    if len(content.incidents) > LISTED:
        yield rich_text(paragraph(span(f"and {len(content.incidents) - LISTED} more", 60)))
    if content.hidden:
        yield rich_text(paragraph(span(f"{content.hidden} in channels that you are not in", 100)))


def _items(label: str, items: Sequence[HomeItem]) -> Iterator[Json]:
    yield _label(label)
    for item in items[:LISTED]:
        yield rich_text(paragraph(span(item.sentence, SENTENCE_CHARACTERS)))
        if item.buttons:
            yield actions(item.buttons)
    if len(items) > LISTED:
        yield rich_text(paragraph(span(f"and {len(items) - LISTED} more", 60)))


def _listed(label: str, sentences: Sequence[str], none: str = "") -> Iterator[Json]:
    said = [[span(sentence, SENTENCE_CHARACTERS)] for sentence in sentences[:LISTED]]
    if len(sentences) > LISTED:
        said.append([span(f"and {len(sentences) - LISTED} more", 60)])
    yield rich_text(paragraph(span(label, 60, bold=True)), bullets(said or [[span(none, 100)]]))


def _label(label: str) -> Json:
    return rich_text(paragraph(span(label, 60, bold=True)))
