"""Answers messages, at the desk: mentions, direct messages, the message shortcut, and those in the watched channels.

`reception` takes them in. A message in a watched channel in which no known error is found gets no answer, whoever wrote
it: it is chatter. A message that is edited is looked at again.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace

from bot.adapters.slack.events.bindings import CHANNEL_ID, Bindings
from bot.adapters.slack.events.commands import request_in, subject_in
from bot.adapters.slack.events.conversation import Conversation, Speaker
from bot.adapters.slack.events.corrections import where_it_was_answered
from bot.adapters.slack.events.doubts import Doubts, request_of
from bot.adapters.slack.events.intake.earlier import earlier_in_thread
from bot.adapters.slack.events.intake.files import ReadFiles
from bot.adapters.slack.events.intake.incoming import Post, words
from bot.adapters.slack.events.intake.post_reading import PostReading
from bot.adapters.slack.events.intake.receipts import MOST_ATTEMPTS, Turn
from bot.adapters.slack.events.people import AllowedUser, Denied, SlackUser
from bot.adapters.slack.events.services import SlackDeps
from bot.diagnosis.ports import TriageRequest
from bot.domain.errors import ChatError, PasteRejected, StoreError, TriageError
from bot.domain.symptoms import NOTHING_SAID
from bot.incidents import notices
from bot.incidents.asking.meaning import is_plain_talk
from bot.incidents.asking.meanings import Intent
from bot.incidents.card_model import CardModel
from bot.incidents.pasted.ledger import source_of
from bot.incidents.ports import Fixed, Target, derived_id
from bot.incidents.questions.origin import QuestionOrigin
from bot.incidents.unmatched import Unmatched
from bot.redaction.live import credential_notice

APPS_PER_POST = 3

_log = logging.getLogger(__name__)


class Posts:
    """Answers posts. `unmatched` is told of those that were asked about and in which no rule found anything."""

    def __init__(
        self, services: SlackDeps, conversation: Conversation, unmatched: Callable[[Unmatched], None] = lambda _: None
    ) -> None:
        self._services = services
        self._conversation = conversation
        self._unmatched = unmatched
        self._doubts = Doubts(services)
        self._bindings = Bindings(services.settings.channels, services.gate.channel_name)
        self._watched = self._bindings.channels
        self._watched_names = frozenset(channel for channel in self._watched if not CHANNEL_ID.match(channel))

    @property
    def watched_ids(self) -> frozenset[str]:
        """The watched channels whose ids are known."""
        return self._watched - self._watched_names

    def may_be_watched(self, channel: str) -> bool:
        """Whether the channel is watched, as far as that can be told without asking Slack."""
        return channel in self._watched or bool(self._watched_names)

    def run(self, post: Post) -> None:
        """Answer the post, or find that there is nothing to answer. At the desk."""
        try:
            if not post.edited_ts or self._is_its_turn(post):
                self._handle(post)
        except TriageError as error:
            if post.receipt and _may_succeed_later(post, error):
                _log.warning("the post %s/%s has to wait: %s", post.channel, post.ts, error)
                self._services.receipts.leave(post.receipt, error)
                return
            _log.error("the post %s/%s was not answered: %s", post.channel, post.ts, error)
            self.whisper(post, notices.failure(error))

    def answer(self, post: Post) -> None:
        """The same for a post that nobody keeps in the inbox. Raises `TriageError`."""
        self._handle(post)

    def _is_its_turn(self, post: Post) -> bool:
        """Whether a correction is looked at now. It corrects the answer to what stood there first, so it waits for it:
        whoever gives that answer, in whatever replica, sees that it waits (`Receipts.ended`)."""
        turn = self._turn(post)
        if turn is Turn.LATER:
            self._services.receipts.set_free(post.receipt)
            if self._turn(post) is Turn.NOW:  # the answer came in between, when there was nothing to be seen yet
                self._services.receipts.ended(post.channel, post.ts)
        return turn is Turn.NOW

    def _turn(self, post: Post) -> Turn:
        turn = self._services.receipts.turn_of(post) if post.receipt else Turn.NOW
        under_way = turn is Turn.NOW and post.receipt and self._services.triages.is_under_way(post.channel, post.ts)
        return Turn.LATER if under_way else turn

    def _is_watched(self, channel: str) -> bool:
        if channel in self._watched:
            return True
        return bool(self._watched_names) and self._services.gate.channel_name(channel) in self._watched_names

    def _handle(self, post: Post) -> None:
        if not post.addressed and not self._is_watched(post.channel):
            return
        found = self._look(post, post.paste)
        if post.edited_ts and not found.symptoms:
            self._services.withdrawals.edited(source_of(post.channel, post.ts))
        if not (post.addressed or found.reading.symptoms or post.files):
            return
        admission = self._admit(post)
        if isinstance(admission, Denied):
            if post.addressed or found.symptoms:
                self.whisper(post, notices.refusal(admission.reason, admission.who_can_help))
            return
        self._warn(post, post.paste)
        if found.problem is not None and post.addressed and not post.files:
            self._reply(post, notices.failure(found.problem))
            return
        found = self._read_files(post, found)
        if found.symptoms:
            self._diagnose(post, admission, found)
        elif found.doubtful and not post.edited_ts:
            self._doubts.whose(post, self._asked(post, admission, found.unread), found.doubtful)
        elif post.addressed and not post.edited_ts:
            self._converse(post, admission, found)

    def _look(self, post: Post, text: str) -> PostReading:
        """What a text says; the apps that the channel is bound to, or that the person names, are claimed to be its."""
        named = request_in(words(post.paste), self._services.triage.apps()) if post.addressed else None
        bound = {one.app for one in self._bindings.of(post.channel)} | ({named.app} if named else set())
        try:
            reading = self._services.triage.read(text, tuple(sorted(bound))) if text.strip() else NOTHING_SAID
            return PostReading(reading, text=text)
        except PasteRejected as rejected:
            return PostReading(problem=rejected)

    def _read_files(self, post: Post, found: PostReading) -> PostReading:
        """What the attached files say as well."""
        files = self._services.files.read(post.files) if post.files else ReadFiles()
        unread = files.unread
        if files.texts:
            self._warn(post, "\n".join(files.texts))
            more = self._look(post, "\n".join([post.paste, *files.texts]))
            if more.problem is not None:
                unread = (*unread, f"the attached files: {more.problem.message}")
            else:
                found = more
        return PostReading(found.reading, unread, text=found.text)

    def _read_earlier(self, post: Post, found: PostReading) -> PostReading:
        """What was said before, where somebody calls the bot into a thread."""
        if not post.thread_ts or post.thread_ts == post.ts:
            return found
        earlier = earlier_in_thread(self._services, post)
        before = self._look(post, earlier.text)
        return PostReading(before.reading, (*found.unread, *earlier.unread), text=before.text)

    def _warn(self, post: Post, text: str) -> None:
        """Tell the author alone, at once, when what they pasted holds credentials that may still work."""
        said = credential_notice(self._services.boundary.live_credentials(text, self._services.clock()))
        if said:
            self.whisper(post, notices.credentials(said))

    def _admit(self, post: Post) -> AllowedUser | Denied:
        allowed_bot = bool(post.bot_id)  # bots that are not allowed were left out long before
        person = AllowedUser("a bot") if allowed_bot else self._services.gate.person(SlackUser(post.user, post.teams))
        if isinstance(person, Denied):
            return person
        denied = self._services.gate.channel(post.channel, shared=post.shared)
        # What the bot cannot see it cannot post to either: the answer will be private, where that is possible.
        return person if denied is None or (denied.unknown_channel and post.response_url) else denied

    def _diagnose(self, post: Post, asker: AllowedUser, found: PostReading) -> None:
        """One answer for each app the symptoms belong to."""
        named = request_in(words(post.paste), self._services.triage.apps())
        apps = list(dict.fromkeys(symptom.app for symptom in found.symptoms))
        for app in apps[:APPS_PER_POST]:
            own = tuple(symptom for symptom in found.symptoms if symptom.app == app)
            namespace = named.namespace if named is not None and named.app == app else None
            namespace = namespace or self._bindings.namespace(post.channel, app)
            self._ask(post, asker, TriageRequest(app, namespace, own), found.unread)

    def _converse(self, post: Post, asker: AllowedUser, found: PostReading) -> None:
        """Somebody spoke to the bot, and there is no known error in it."""
        named = subject_in(words(post.paste), bare=False)
        if named is not None:
            self._ask(post, asker, named, found.unread)
            return
        talk = self._conversation
        # What was pasted is for the bot, whoever reads along: only talk may be meant for others.
        among_people = not post.is_direct and not post.files and is_plain_talk(post.paste)
        said = talk.understood(post.paste, among_people=among_people)
        about_thread = said.meaning in (Intent.STATUS, Intent.UNKNOWN) or not words(post.paste)
        if about_thread and not talk.is_about_the_card(post, said):
            found = self._read_earlier(post, found)
            if found.symptoms:
                self._diagnose(post, asker, found)
                return
        elif about_thread and said.meaning is not Intent.UNKNOWN:
            said = replace(said, meaning=Intent.STATUS)
        speaker = self._speaker(post, asker, found.unread)
        asked_for_something = said.meaning in (Intent.TRIAGE, Intent.CHOOSE, Intent.ACT)
        if not asked_for_something and found.says_something and self._follow(speaker, found):
            return
        # Files that hold no known error, or could not be read, are never passed over in silence.
        answered = (not post.files or asked_for_something) and talk.answer(said, speaker)
        if answered or self._follow(speaker, found):
            return
        if is_plain_talk(post.paste) and not post.files and not found.unread:
            self._reply(post, talk.not_understood(post))
            return
        self._reply(
            post,
            notices.nothing_found(self._services.triage.apps(), found.unread),
            lambda answer: self._unmatched(Unmatched(speaker.asked, found.text, found.unread, answer)),
        )

    def _speaker(self, post: Post, asker: AllowedUser, unread: tuple[str, ...]) -> Speaker:
        """Who spoke, with how they are answered."""
        return Speaker(
            post,
            asker,
            unread,
            self._asked(post, asker, unread),
            lambda request: self._ask(post, asker, request, unread),
            lambda message: self._reply(post, message),
        )

    def _follow(self, speaker: Speaker, found: PostReading) -> bool:
        """Look at what the paste names, and tell what its lines mean; False if it names nothing and says nothing."""
        lead = self._doubts.follow(speaker.post, speaker.asked, found.reading)
        if lead is not None:
            speaker.ask(request_of(lead))
        return lead is not None or bool(found.reading.calls or found.reading.meanings)

    def _ask(self, post: Post, asker: AllowedUser, request: TriageRequest, unread: tuple[str, ...]) -> None:
        asked = self._asked(post, asker, unread)
        self._services.triages.ask(
            where_it_was_answered(self._services, post, asked) if post.edited_ts else asked, request
        )

    def _asked(self, post: Post, asker: AllowedUser, unread: tuple[str, ...]) -> QuestionOrigin:
        return QuestionOrigin(
            team=post.team,
            channel=post.channel,
            user=post.user,
            asked_by=asker.name,
            thread_ts=post.thread,
            source_ts=post.ts,
            edited_ts=post.edited_ts,
            private=bool(post.response_url) and not self._services.gate.may_post(post.channel),
            response_url=post.response_url,
            unread=unread,
            receipt=post.receipt or post.asked_as,
            attempt=post.attempt,
        )

    def _reply(self, post: Post, message: CardModel, posted: Callable[[Target], None] = lambda _: None) -> None:
        """Answer at once. `posted` is told when an answer that can still be edited stands there."""
        if post.response_url and not self._services.gate.may_post(post.channel):
            self._services.private(post.response_url).finish(message)
            return

        def shown(target: Target) -> None:
            safe()
            posted(target)

        def refused(_: Target, error: ChatError) -> None:
            safe()
            self.whisper(post, notices.failure(error))

        safe = self._services.receipts.hold(post.receipt)
        target = Target(post.channel, post.thread, doubtful=post.attempt > 1, source=post.ts)
        if post.receipt:
            target.id = derived_id(post.receipt, "reply")  # so that one of a process that died is found, not repeated
        self._services.queue.show(target, Fixed(message, shown, refused), final=True)

    def whisper(self, post: Post, message: CardModel) -> None:
        """Tell the author alone."""
        if post.user and post.response_url:
            self._services.private(post.response_url).finish(message)
        elif post.user:
            self._services.whisper(post.channel, post.user, message, post.thread_ts)


def _may_succeed_later(post: Post, error: TriageError) -> bool:
    if isinstance(error, StoreError):
        return error.passing or post.attempt < MOST_ATTEMPTS
    return isinstance(error, ChatError) and error.passing
