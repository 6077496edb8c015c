"""Puts the bot together, once it is known who it is: who gets which part. Called by `bot`.

listeners ─▶ posts, commands, clicks ─▶ incidents.triages ─▶ answers, cards ─▶ queue ─▶ Slack
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from bot.adapters.slack.events.changes.forms import Forms
from bot.adapters.slack.events.changes.home import ChangeFacts
from bot.adapters.slack.events.changes.offered import OffersInWords
from bot.adapters.slack.events.changes.people import People
from bot.adapters.slack.events.changes.presses import Presses, Previews
from bot.adapters.slack.events.clicks import Clicks
from bot.adapters.slack.events.commands import Commands
from bot.adapters.slack.events.conversation import Conversation
from bot.adapters.slack.events.feedback import FeedbackPresses
from bot.adapters.slack.events.home import Home
from bot.adapters.slack.events.intake.acknowledged import AcknowledgedCommands
from bot.adapters.slack.events.intake.catching_up import CatchingUp
from bot.adapters.slack.events.intake.files import FileReader
from bot.adapters.slack.events.intake.receipts import Receipts
from bot.adapters.slack.events.intake.reception import Reception
from bot.adapters.slack.events.listeners import Receivers
from bot.adapters.slack.events.model.words import ModelButtons
from bot.adapters.slack.events.people import AdmissionRules, Gate
from bot.adapters.slack.events.posts import Posts
from bot.adapters.slack.events.presses import PressKind, SubmissionHandler
from bot.adapters.slack.events.rechecks import Rechecks
from bot.adapters.slack.events.services import SlackDeps
from bot.adapters.slack.events.submissions import Submissions
from bot.adapters.slack.options import ChangeOptions, Options, SlackStores
from bot.adapters.slack.render.home_facts import HomeFacts
from bot.adapters.slack.send.answers import AnswerMaker
from bot.adapters.slack.send.api import SlackApi
from bot.adapters.slack.send.links import Links
from bot.adapters.slack.send.reading import Identity
from bot.adapters.slack.send.trust import is_slack
from bot.adapters.slack.settings import SlackSettings
from bot.diagnosis.ports import Clock, Triage
from bot.diagnosis.worker import Worker
from bot.incidents.asking.whose import AttributionQuestions
from bot.incidents.card_model import CardModel
from bot.incidents.card_reconciler import CardDeps, CardReconciler
from bot.incidents.fixes.deps import FixDeps
from bot.incidents.fixes.follow import Fixes
from bot.incidents.monitor_posts import MonitorDeps
from bot.incidents.pasted.withdrawals import Withdrawals
from bot.incidents.ports import new_id
from bot.incidents.questions.held import HeldQuestions
from bot.incidents.questions.triages import TriageDeps, Triages
from bot.incidents.questions.upkeep import Upkeep
from bot.incidents.sending.queue import RateLimitedQueue
from bot.incidents.sending.rate_limiter import RateLimiter
from bot.incidents.tokens import Tokens
from bot.incidents.unmatched import Unmatched
from bot.runtime.loops import Failed

DESK_THREADS = 6
CLICK_THREADS = 4


@dataclass(frozen=True)
class AssemblyDeps:
    """What there is to put together."""

    settings: SlackSettings
    stores: SlackStores
    options: Options
    api: SlackApi
    identity: Identity
    triage: Triage
    worker: Worker
    clock: Clock
    is_open: Callable[[], bool]
    """Whether events can arrive now."""


@dataclass(frozen=True)
class BotParts:
    """The bot, put together. `fixes` and `model` are None where there are none."""

    services: SlackDeps
    receivers: Receivers
    reception: Reception
    upkeep: Upkeep
    catching_up: CatchingUp
    facts: HomeFacts
    fixes: Fixes | None
    model: ModelButtons | None

    def lost(self) -> str:
        """What has ended that should never end, as a sentence; empty: nothing."""
        if not self.services.queue.alive():
            return "The threads that send messages have ended."
        return "" if self.upkeep.is_alive() else "The thread that keeps promises (upkeep) has ended."

    def monitor_deps(self) -> MonitorDeps:
        """What monitors post with."""
        services = self.services
        return MonitorDeps(
            services.incidents,
            services.cards,
            services.queue,
            services.clock,
            services.identity.team_id,
            services.check_channel,
        )

    def close(self, timeout: float, worker: Worker) -> None:
        """Take no more work, finish what runs within `timeout` seconds, and give away what is not finished."""
        services = self.services
        self.reception.close()
        self.catching_up.stop()
        services.desk.drain(timeout / 4)
        services.clicks.drain(timeout / 8)
        for part in (self.fixes, self.model):
            if part is not None:
                part.close(timeout / 16)
        if not worker.drain(timeout / 2):
            services.triages.interrupt()
        services.queue.close(timeout / 4)
        self.upkeep.stop()
        services.receipts.release()


def assemble(given: AssemblyDeps) -> BotParts:
    """Everything but the way in."""
    services, deps = _services(given)
    failed = given.options.measures.thread_failed
    model = ModelButtons(services, given.options.model, failed) if given.options.model is not None else None
    kinds: dict[str, PressKind] = {}
    forms: dict[str, SubmissionHandler] = {}
    facts, fixes, offered = given.options.facts, None, None
    if (changes := given.options.changes) is not None:
        people = People(services, changes.policy)
        fixes = Fixes(_fix_deps(services, changes, people, failed))
        facts = ChangeFacts(services, people, changes, facts)
        offered = OffersInWords(services, people, changes)
        previews = Previews(services, changes.policy, fixes.requests)
        kinds |= Presses(services, changes, people, previews).kinds()
        forms |= Forms(services, changes, people, previews).submissions()
    if model is not None:
        kinds |= model.kinds()
        forms |= model.submissions()
    services.cards.consists_also_of(*(part for part in (fixes, model.explanations if model else None) if part))
    feedback, home = FeedbackPresses(services), Home(services, facts)
    kinds |= {**feedback.kinds(), **Rechecks(services).kinds(), **home.kinds()}
    forms |= feedback.submissions()
    talk = Conversation(services, offered)
    reception = Reception(services, Posts(services, talk, model.unmatched if model else _nothing_more))
    also, every = _also(reception, fixes), given.options.upkeep_seconds
    upkeep = Upkeep(deps, services.triages, services.cards, also, failed, every)
    services.receipts.wakes(upkeep.soon)
    catching_up = _catching_up(given, services, reception)
    receivers = Receivers(
        services,
        reception,
        Commands(services, talk.understood),
        Clicks(services, kinds),
        Submissions(services, forms),
        home,
        given.options.measures.slack_error,
    )
    return BotParts(services, receivers, reception, upkeep, catching_up, facts, fixes, model)


def _catching_up(given: AssemblyDeps, services: SlackDeps, reception: Reception) -> CatchingUp:
    """What reads the channels after a silence; it is told of everything that is heard."""
    measures = given.options.measures
    deaf, failed = (lambda: measures.slack_error("deaf")), measures.thread_failed
    found = CatchingUp(services, reception.watched_ids, given.is_open, reception.receive, deaf, failed)
    reception.hears(found.heard)
    return found


def _also(reception: Reception, fixes: Fixes | None) -> Callable[[], None]:
    """What upkeep does besides: messages that nobody deals with, and fixes."""

    def tick() -> None:
        reception.tick()
        if fixes is not None:
            fixes.tick()

    return tick


def _services(given: AssemblyDeps) -> tuple[SlackDeps, TriageDeps]:
    settings, identity, stores, clock, api = given.settings, given.identity, given.stores, given.clock, given.api
    failed = given.options.measures.thread_failed
    owner, tokens = new_id(), Tokens(stores.buttons, clock)
    queue = RateLimitedQueue(api, time.monotonic, RateLimiter(given.options.pace), failed)

    def tell(channel: str, user: str, said: CardModel, thread: str | None = None) -> None:
        services.whisper(channel, user, said, thread)

    cards = CardReconciler(CardDeps(stores.incidents, tokens, queue, clock, owner, tell, failed))
    receipts = Receipts(stores.inbox, clock, owner)
    questions = HeldQuestions(stores.questions, owner, receipts.ended)
    withdrawals = Withdrawals(stores.incidents, cards, stores.seen)
    acknowledged = AcknowledgedCommands(questions, stores.seen, clock, owner)
    deps = TriageDeps(
        questions, stores.incidents, tokens, clock, owner, given.options.boundary, tell, withdrawals, acknowledged.took
    )
    links = Links(api.permalink)
    whose = AttributionQuestions(tokens, stores.seen, given.options.boundary, given.triage.apps, clock, links.get)
    answers = AnswerMaker(api, settings.api_url, queue, cards, questions, stores.incidents, tokens, clock, whose)
    triages = Triages(given.triage, given.worker, deps, cards, answers, links.get)
    desk, clicks = _workers(given)
    services = SlackDeps(
        settings=settings,
        identity=identity,
        api=api,
        gate=Gate(api, _rules(settings, identity), identity, clock),
        files=FileReader(settings.bot_token, settings.api_url, api.file, api.pause),
        queue=queue,
        tokens=tokens,
        incidents=stores.incidents,
        cards=cards,
        withdrawals=withdrawals,
        seen=stores.seen,
        receipts=receipts,
        questions=questions,
        acknowledged=acknowledged,
        triage=given.triage,
        triages=triages,
        desk=desk,
        clicks=clicks,
        clock=clock,
        links=links,
        whose=whose,
        boundary=given.options.boundary,
    )
    return services, deps


def _rules(settings: SlackSettings, identity: Identity) -> AdmissionRules:
    """Whom the bot answers."""
    return AdmissionRules(
        home_team=settings.home_team or identity.team_id,
        in_shared_channels=settings.answer_in_shared_channels,
        helpers=settings.who_can_help,
        lenient=not is_slack(settings.api_url),
    )


def _workers(given: AssemblyDeps) -> tuple[Worker, Worker]:
    """Who deals with messages, and who with presses; the queues of both, and of the triages, are measured."""
    measures = given.options.measures
    desk = Worker(DESK_THREADS, 200, "slack-desk", measures.thread_failed)
    clicks = Worker(CLICK_THREADS, 100, "slack-clicks", measures.thread_failed)
    for name, worker in (("triage", given.worker), ("desk", desk), ("clicks", clicks)):
        measures.watch_queue(name, worker.load)
    return desk, clicks


def _fix_deps(services: SlackDeps, changes: ChangeOptions, people: People, failed: Failed) -> FixDeps:
    return FixDeps(
        service=changes.service,
        changes=changes.changes,
        policy=changes.policy,
        incidents=services.incidents,
        cards=services.cards,
        tokens=services.tokens,
        queue=services.queue,
        directory=people,
        tell=services.whisper,
        ask=services.triages.ask,
        boundary=services.boundary,
        clock=services.clock,
        failed=failed,
    )


def _nothing_more(_: Unmatched) -> None:
    """Without a model there is nothing to add to the answer."""
