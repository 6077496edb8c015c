"""Everything the bot says that is not a diagnosis: progress, questions, help, refusals and failures.

Pure. All human text of the adapter that is not part of a card stands here.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.adapters.slack.blocks import Json, Message, button
from bot.adapters.slack.limits import BUTTONS_PER_BLOCK
from bot.adapters.slack.outline import Outline, Section, Tone, render
from bot.domain.errors import TriageError

CHOOSE_NAMESPACE = "choose_namespace"
"""Prefix of the action ids; each button has a number of its own, because Slack wants them to differ."""

Apps = Sequence[tuple[str, str]]
"""(id, title) of every app."""


def progress(app: str, step: str, asked_by: str = "") -> Message:
    """What is being done now."""
    prints = (app, f"asked by {asked_by}") if asked_by else (app,)
    return render(Outline(Tone.WORKING, step, prints))


def failure(error: TriageError, unread: Sequence[str] = (), buttons: Sequence[Json] = ()) -> Message:
    """An error of ours: what is wrong, and what to do next."""
    sections = [Section("What to do", (error.remedy,), limit=600)] if error.remedy else []
    if unread:
        sections.append(_unread(unread))
    return render(Outline(Tone.FAILED, error.message, sections=tuple(sections), buttons=tuple(buttons)))


def crashed(incident: str) -> Message:
    """An unexpected failure. The log has the rest under the same id."""
    remedy = f"Ask again; if it happens again, tell whoever runs the bot to look for incident {incident} in its log."
    return render(
        Outline(Tone.FAILED, "This triage stopped because of a mistake in the bot.", sections=(_todo(remedy),))
    )


def busy() -> Message:
    """The queue is full."""
    headline = "Too many triages are waiting, so this one was not started."
    return render(Outline(Tone.FAILED, headline, sections=(_todo("Ask again in a minute."),)))


def restarting() -> Message:
    """The bot was stopped in the middle."""
    headline = "The bot was restarted before this triage was finished."
    return render(Outline(Tone.FAILED, headline, sections=(_todo("Ask again in a minute."),)))


def namespace_choice(app: str, choices: Sequence[tuple[str, str]]) -> Message:
    """Which namespace? `choices` are (namespace, token)."""
    shown = choices[:BUTTONS_PER_BLOCK]
    buttons = [
        button(f"{CHOOSE_NAMESPACE}_{number}", namespace, token, spoken=f"Triage {app} in {namespace}")
        for number, (namespace, token) in enumerate(shown)
    ]
    hint = f"Or name it: /triage {app} NAMESPACE"
    if len(choices) > len(shown):
        hint = f"{len(choices) - len(shown)} more are not shown. Name it: /triage {app} NAMESPACE"
    return render(
        Outline(
            Tone.QUESTION,
            f"{app} runs in {len(choices)} namespaces. Which one do you mean?",
            sections=(Section("Choose", (hint,), limit=200),),
            buttons=tuple(buttons),
        )
    )


def usage(apps: Apps, *, headline: str = "Which app shall I look at?") -> Message:
    """Which apps there are, and how to ask."""
    return render(Outline(Tone.HELP, headline, sections=_ways(apps)))


def nothing_found(apps: Apps, unread: Sequence[str] = ()) -> Message:
    """A message to the bot that holds no error it knows."""
    titles = " and ".join(title for _, title in apps) or "any app"
    looked = Section("I looked for", (f"the errors that the playbooks of {titles} describe",), limit=300)
    gaps = (_unread(unread),) if unread else ()
    return render(
        Outline(
            Tone.HELP,
            "I found no error that I know in this message.",
            sections=(looked, *gaps, *_ways(apps)),
        )
    )


def refusal(reason: str, who_can_help: str) -> Message:
    """Somebody may not ask; says why and who could."""
    return render(Outline(Tone.REFUSED, reason, sections=(Section("Who can", (who_can_help,), limit=300),)))


def stale_card(apps: Apps) -> str:
    """A button whose meaning is lost."""
    return f"This card is from before a restart, or too old: ask again with {_example(apps)}."


def private_notice(sentence: str) -> Message:
    """One sentence for one person."""
    return render(Outline(Tone.HELP, sentence, word="Triage"))


def _example(apps: Apps) -> str:
    return f"/triage {apps[0][0]}" if apps else "/triage"


def _todo(remedy: str) -> Section:
    return Section("What to do", (remedy,), limit=600)


def _unread(unread: Sequence[str]) -> Section:
    return Section("Could not check", tuple(unread[:10]), limit=200, bulleted=True, essential=True)


def _ways(apps: Apps) -> tuple[Section, ...]:
    known = tuple(f"{name} ({title})" for name, title in apps[:20])
    return (
        Section("Apps", known or ("none: no playbook describes an app",), limit=80),
        Section(
            "How to ask",
            (
                f"{_example(apps)} looks at the cluster now; add a namespace if there are several",
                "or paste the error here, or mention me with it; a text file will do as well",
            ),
            limit=160,
            bulleted=True,
        ),
    )
