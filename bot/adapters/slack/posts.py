"""Messages: mentions, direct messages, and everything in the watched channels.

`receive` runs in a listener and only queues; the rest runs at the desk. A message in a watched channel in which no
known error is found gets no answer, whoever wrote it: it is chatter.
"""

from __future__ import annotations

import logging
import re

from bot.adapters.slack import notices
from bot.adapters.slack.answers import Answer
from bot.adapters.slack.api import SlackRefused
from bot.adapters.slack.blocks import Json, Message
from bot.adapters.slack.commands import request_in
from bot.adapters.slack.files import ReadFiles
from bot.adapters.slack.incoming import Post, read_post, read_shortcut, words
from bot.adapters.slack.people import Admitted, Caller, Denied
from bot.adapters.slack.records import Place
from bot.adapters.slack.services import Services
from bot.adapters.slack.triages import Question
from bot.domain.errors import PasteRejected, SlackError, TriageError
from bot.domain.symptoms import Symptom
from bot.triage.ports import TriageRequest

APPS_PER_POST = 3
_CHANNEL_ID = re.compile(r"^[CG][A-Z0-9]{6,}$")

_log = logging.getLogger(__name__)


class Posts:
    """Answers posts."""

    def __init__(self, services: Services) -> None:
        self._services = services
        watched = [channel.lstrip("#") for channel in services.settings.channels]
        self._watched = frozenset(watched)
        self._watched_names = frozenset(channel for channel in watched if not _CHANNEL_ID.match(channel))

    def receive(self, body: Json) -> None:
        """Queue a `message` or `app_mention` event, once."""
        post = read_post(body, self._services.identity.user_id)
        if post is None or not self._concerns_us(post):
            return
        keys = {f"post:{post.team}:{post.channel}:{post.ts}"}
        if body.get("event_id"):
            keys.add(f"event:{body['event_id']}")
        if not self._services.seen.first_time(keys):
            return
        accepted = self._services.desk.submit(
            lambda: self._run(post),
            name=f"post {post.channel}/{post.ts}",
            on_crash=lambda incident: self._whisper(post, notices.crashed(incident)),
        )
        if not accepted:
            self._services.seen.forget(keys)
            self._services.clicks.submit(lambda: self._whisper(post, notices.busy()), name="tell that the desk is full")

    def receive_shortcut(self, body: Json) -> None:
        """Queue the message that somebody used the shortcut on. Every use is answered: it was asked for."""
        post = read_shortcut(body)
        if post is None or not self._services.seen.first_time({f"shortcut:{body.get('trigger_id') or post.ts}"}):
            return
        accepted = self._services.desk.submit(
            lambda: self._run(post),
            name=f"shortcut {post.channel}/{post.ts}",
            on_crash=lambda incident: self._whisper(post, notices.crashed(incident)),
        )
        if not accepted:
            self._services.clicks.submit(lambda: self._whisper(post, notices.busy()), name="tell that the desk is full")

    def _concerns_us(self, post: Post) -> bool:
        identity, settings = self._services.identity, self._services.settings
        if post.user == identity.user_id or (post.bot_id and post.bot_id == identity.bot_id):
            return False
        if post.bot_id and not {post.bot_id, post.app_id, post.user} & set(settings.allow_bots):
            return False
        return post.addressed or post.channel in self._watched or bool(self._watched_names)

    def _is_watched(self, channel: str) -> bool:
        if channel in self._watched:
            return True
        return bool(self._watched_names) and self._services.gate.channel_name(channel) in self._watched_names

    def _run(self, post: Post) -> None:
        try:
            self._handle(post)
        except TriageError as error:
            _log.error("the post %s/%s was not answered: %s", post.channel, post.ts, error)
            self._whisper(post, notices.failure(error))

    def _handle(self, post: Post) -> None:
        if not post.addressed and not self._is_watched(post.channel):
            return
        problem: PasteRejected | None = None
        symptoms: tuple[Symptom, ...] = ()
        try:
            symptoms = self._match(post.paste)
        except PasteRejected as rejected:
            problem = rejected
        if not (post.addressed or symptoms or post.files):
            return
        admission = self._admit(post)
        if isinstance(admission, Denied):
            if post.addressed or symptoms:
                self._whisper(post, notices.refusal(admission.reason, admission.who_can_help))
            return
        if problem is not None and post.addressed and not post.files:
            self._reply(post, notices.failure(problem))
            return
        self._answer(post, admission, symptoms)

    def _answer(self, post: Post, asker: Admitted, symptoms: tuple[Symptom, ...]) -> None:
        files = self._services.files.read(post.files) if post.files else ReadFiles()
        unread = list(files.unread)
        if files.texts:
            try:
                symptoms = self._match("\n".join([post.paste, *files.texts]))
            except PasteRejected as rejected:
                unread.append(f"the attached files: {rejected.message}")
        if symptoms:
            self._diagnose(post, asker, symptoms, tuple(unread))
        elif post.addressed:
            self._converse(post, asker, tuple(unread))

    def _match(self, text: str) -> tuple[Symptom, ...]:
        return self._services.triage.match(text) if text.strip() else ()

    def _admit(self, post: Post) -> Admitted | Denied:
        allowed_bot = bool(post.bot_id)  # bots that are not allowed were left out long before
        person = Admitted("a bot") if allowed_bot else self._services.gate.person(Caller(post.user, post.teams))
        if isinstance(person, Denied):
            return person
        denied = self._services.gate.channel(post.channel, shared=post.shared)
        # What the bot cannot see it cannot post to either: the answer will be private, where that is possible.
        return person if denied is None or (denied.unknown_channel and post.response_url) else denied

    def _diagnose(self, post: Post, asker: Admitted, symptoms: tuple[Symptom, ...], unread: tuple[str, ...]) -> None:
        """One answer for each app the symptoms belong to."""
        apps = list(dict.fromkeys(symptom.app for symptom in symptoms))
        for app in apps[:APPS_PER_POST]:
            own = tuple(symptom for symptom in symptoms if symptom.app == app)
            self._start(post, Question(TriageRequest(app, symptoms=own), asker.name, unread))

    def _converse(self, post: Post, asker: Admitted, unread: tuple[str, ...]) -> None:
        """Somebody spoke to the bot, and there is no known error in it."""
        apps = self._services.triage.apps()
        said = words(post.paste)
        request = request_in(said, apps)
        if request is not None:
            self._start(post, Question(request, asker.name, unread))
        elif not said or said == ("help",):
            self._reply(post, notices.usage(apps))
        else:
            self._reply(post, notices.nothing_found(apps, unread))

    def _start(self, post: Post, question: Question) -> None:
        first = notices.progress(question.request.app, "Reading the cluster", question.asked_by)
        answer = self._place(post, first)
        if not self._services.triages.start(question, answer):
            answer.finish(notices.busy())

    def _place(self, post: Post, first: Message) -> Answer:
        """Where the answer goes, with the first progress shown there: in the thread, or privately where the bot is not
        in the channel and there is a way to do so."""
        try:
            ref = self._services.api.post(post.channel, first, post.thread)
        except SlackRefused:
            if not post.response_url:
                raise
            answer = self._private(post)
            answer.progress(first)
            return answer
        return self._services.edited(post.team, ref)

    def _reply(self, post: Post, message: Message) -> None:
        try:
            self._services.api.post(post.channel, message, post.thread)
        except SlackRefused:
            if not post.response_url:
                raise
            self._private(post).finish(message)

    def _private(self, post: Post) -> Answer:
        return self._services.private(post.response_url, Place(post.team, post.channel, private_to=post.user))

    def _whisper(self, post: Post, message: Message) -> None:
        if not post.user:
            return
        if post.response_url:
            self._private(post).finish(message)
            return
        try:
            self._services.api.whisper(post.channel, post.user, message, post.thread_ts)
        except SlackError as error:
            _log.warning("somebody could not be told: %s", error)
