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
from bot.incidents.paste_answer import OPEN_CARD
from bot.incidents.plain_text import spoken_time

LISTED = 10
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
    opening = [rich_text(paragraph(span("What is open, what waits for you, and what the bot watches", 100, bold=True)))]
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
            rich_text(paragraph(span("There is nothing here for you, sorry.", 100, bold=True))),
            rich_text(paragraph(span(reason, 300)), paragraph(span(who_can_help, 300))),
        ]
    )


def _parts(content: HomeContent) -> Iterator[Json]:
    if content.problems:
        yield from _listed("Could not find out", content.problems)
    yield from _incidents(content)
    yield from _items("Approvals that wait for you", content.approvals, "none")
    yield from _listed("What you may do", content.rights, "ask and read; no policy lets you change anything")
    yield from _listed("Monitors", content.monitors, "none is set up")
    yield from _items("Muted", content.muted, "nothing")
    yield from _listed("The bot", content.health, "nothing is known about its health")
    ways = [f"/triage {name} looks at {title} now" for name, title in content.apps[:LISTED]]
    yield from _listed("How to ask", [*ways, "or paste an error where the bot is, or mention it with one"])


def _incidents(content: HomeContent) -> Iterator[Json]:
    yield _label("Open incidents")
    if not content.incidents and not content.hidden:
        yield rich_text(paragraph(span("nothing is open", 100)))
    for number, one in enumerate(content.incidents[:LISTED], start=1):
        since = f" (since {spoken_time(one.opened_at, with_date=True)})"
        yield rich_text(paragraph(span(one.title, SENTENCE_CHARACTERS), span(since, 60)))
        if one.link:
            yield actions(
                [link_button(f"{OPEN_CARD}_{number}", "Open the card", one.link, spoken=f"Card: {one.title}")]
            )
    if len(content.incidents) > LISTED:
        yield rich_text(paragraph(span(f"and {len(content.incidents) - LISTED} more", 60)))
    if content.hidden:
        yield rich_text(paragraph(span(f"{content.hidden} in channels that you are not in", 100)))


def _items(label: str, items: Sequence[HomeItem], none: str) -> Iterator[Json]:
    yield _label(label)
    if not items:
        yield rich_text(paragraph(span(none, 100)))
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
