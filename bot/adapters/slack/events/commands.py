"""The slash command `/triage [app] [namespace]`, also with a namespace, or an object in one, in place of the app.

`receive` runs in a listener and only queues; the rest runs at the desk. The answer is a message in the channel where
the bot is a member, and private where it is not. What is no name is a sentence, and is understood as in a mention.
"""

from __future__ import annotations

import dataclasses
import logging
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.adapters.slack.events.intake.incoming import words
from bot.adapters.slack.events.overview import open_here
from bot.adapters.slack.events.people import Denied, SlackUser
from bot.adapters.slack.events.services import SlackDeps
from bot.adapters.slack.render.blocks import Json
from bot.adapters.slack.render.card import as_message
from bot.diagnosis.across_clusters import SEPARATOR
from bot.diagnosis.ports import TriageRequest
from bot.diagnosis.subject_words import KINDS
from bot.domain.errors import TriageError
from bot.domain.incidents import PendingRequest
from bot.incidents import notices
from bot.incidents.asking.meanings import Intent, Understood
from bot.incidents.card_model import CardModel
from bot.incidents.ports import Answer
from bot.incidents.questions.origin import QuestionOrigin

_NOISE = frozenset({"-n", "--namespace", "in", "namespace"})

_NO_NAMESPACE = frozenset({"why", "status", "thanks", "hi", "hello", "hey", "restart"})
"""Single words that mean what they say. Whoever has such a namespace asks for `ns/status`."""

_NAME = re.compile(r"[a-z0-9]([-a-z0-9.]{0,250}[a-z0-9])?")
"""A name as Kubernetes allows it."""

KEPT_AS = "command"

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Command:
    """One use of the slash command."""

    team: str
    channel: str
    user: str
    said: tuple[str, ...]
    response_url: str


def request_in(said: Sequence[str], apps: notices.Apps) -> TriageRequest | None:
    """`onyx`, `onyx prod`, `onyx -n prod` as a question; None when it is anything else."""
    meant = [word for word in said if word.lower() not in _NOISE]
    known = {app.lower(): app for app, _ in apps}
    if not 1 <= len(meant) <= 2 or meant[0].lower() not in known:
        return None
    return TriageRequest(known[meant[0].lower()], meant[1] if len(meant) == 2 else None)


def subject_in(said: Sequence[str], *, bare: bool) -> TriageRequest | None:
    """`deployment/front shop`, `ns/shop@prod` as a question about what no playbook describes; None if it is none.

    `bare`: `deployment front` counts as well, as `deployment/front`, and so does a word without a kind, as a namespace,
    or before one as whatever has that name in it. In talk it would be a word like any other.
    """
    meant = [word for word in said if word.lower() not in _NOISE]
    if bare and len(meant) > 1 and meant[0].lower().partition(".")[0] in KINDS:
        meant = ["/".join(meant[:2]), *meant[2:]]  # as kubectl takes it
    if not 1 <= len(meant) <= 2:
        return None
    word, at, cluster = meant[0].partition(SEPARATOR)
    kind, slash, name = word.partition("/")
    place = meant[1] if len(meant) == 2 else (f"{at}{cluster}" or None)
    if slash:
        known = KINDS.get(kind.lower().partition(".")[0])
        if known is None or not _NAME.fullmatch(name):
            return None
        return TriageRequest(word, place)
    if not bare or not _NAME.fullmatch(word) or word == "help":
        return None
    return TriageRequest(f"namespace/{word}" if len(meant) == 1 else word, place)


class Commands:
    """Answers the slash command."""

    def __init__(self, services: SlackDeps, understood: Callable[[str], Understood]) -> None:
        """`understood` is the grammar of mentions."""
        self._services = services
        self._understood = understood
        services.acknowledged.resumes(KEPT_AS, self._resume)

    def receive(self, body: Json) -> str:
        """Queue the command; what to acknowledge with, which only this person sees (usually nothing)."""
        command = Command(
            team=str(body.get("team_id") or ""),
            channel=str(body.get("channel_id") or ""),
            user=str(body.get("user_id") or ""),
            said=words(str(body.get("text") or "")),
            response_url=str(body.get("response_url") or ""),
        )
        trigger, acknowledged = str(body.get("trigger_id") or ""), self._services.acknowledged
        try:
            row = acknowledged.keep(
                KEPT_AS, trigger, {"channel": command.channel, "user": command.user}, dataclasses.asdict(command)
            )
        except TriageError as error:
            _log.error("a command was not taken: %s", error)
            return as_message(notices.failure(error)).text
        if row is None or self._at_the_desk(command, row):
            return ""
        acknowledged.forget(KEPT_AS, trigger, row)
        return as_message(notices.busy()).text

    def _at_the_desk(self, command: Command, row: PendingRequest) -> bool:
        def crashed(incident: str) -> None:
            self._private(command).finish(notices.crashed(incident))
            self._services.acknowledged.done(row)

        return self._services.desk.submit(
            lambda: self._run(command, row), name=f"command of {command.user}", on_crash=crashed
        )

    def _resume(self, row: PendingRequest) -> None:
        """A command whose process died."""
        said = row.place[KEPT_AS]
        names = ("team", "channel", "user", "response_url")
        command = Command(
            said=tuple(str(word) for word in said.get("said") or ()),
            **{name: str(said.get(name) or "") for name in names},
        )
        if not self._at_the_desk(command, row):
            self._services.questions.leave(row.id, self._services.clock())

    def _run(self, command: Command, row: PendingRequest) -> None:
        def failed(error: TriageError) -> None:
            _log.error("a command was not answered: %s", error)
            self._private(command).finish(notices.failure(error))

        self._services.acknowledged.carry_out(row, lambda: self._handle(command, row), failed)

    def _handle(self, command: Command, row: PendingRequest) -> None:
        private = self._private(command)
        asker = self._services.gate.person(SlackUser(command.user, frozenset({command.team} - {""})))
        if isinstance(asker, Denied):
            private.finish(notices.refusal(asker.reason, asker.who_can_help))
            return
        apps = self._services.triage.apps()
        if not command.said or self._asks_how_things_are(command.said):
            private.finish(notices.overview(apps, open_here(self._services, command.channel)))
            return
        request = self._request(command.said, apps)
        if isinstance(request, CardModel):
            private.finish(request)
            return
        denied = self._services.gate.channel(command.channel, shared=None)
        if denied is not None and not denied.unknown_channel:
            private.finish(notices.refusal(denied.reason, denied.who_can_help))
            return
        asked = QuestionOrigin(
            team=command.team,
            channel=command.channel,
            user=command.user,
            asked_by=asker.name,
            private=denied is not None or not self._services.gate.may_post(command.channel),
            response_url=command.response_url,
            receipt=row.id,  # so that a second process that carries it out asks the same question
            attempt=row.attempts,
        )
        self._services.triages.ask(asked, request)

    def _request(self, said: Sequence[str], apps: notices.Apps) -> TriageRequest | CardModel:
        """What is to be looked at, or what is said instead. Names come first: a namespace may be called "test"."""
        request = request_in(said, apps)
        if request is None and not _names_an_app(said, apps) and " ".join(said).lower() not in _NO_NAMESPACE:
            request = subject_in(said, bare=True)
        if request is not None:
            return request
        meant = self._understood(" ".join(said))
        match meant.meaning:
            case Intent.TRIAGE:
                return TriageRequest(meant.apps[0], meant.namespace)
            case Intent.CHOOSE:
                return notices.usage(apps, headline=f"Which of them: {' or '.join(meant.apps)}? Name one.")
            case Intent.WHY | Intent.ACT | Intent.WHO | Intent.CHANGES | Intent.SINCE | Intent.LOGS:
                return notices.usage(apps, headline="That is about a card: mention me in its thread.")
        return notices.usage(apps, headline=_puzzled(said, apps))

    def _asks_how_things_are(self, said: Sequence[str]) -> bool:
        named = len(said) <= 2 and " ".join(said).lower() not in _NO_NAMESPACE
        meant = self._understood(" ".join(said))
        return not named and meant.meaning is Intent.STATUS

    def _private(self, command: Command) -> Answer:
        return self._services.private(command.response_url)


def _names_an_app(said: Sequence[str], apps: notices.Apps) -> bool:
    return said[0].lower() in {app.lower() for app, _ in apps}


def _puzzled(said: Sequence[str], apps: notices.Apps) -> str:
    if said[0].lower() == "help":
        return "Which app shall I look at?"
    if _names_an_app(said, apps):
        return "That is more than an app and a namespace."
    return f"No playbook describes an app named {said[0][:60]}."
