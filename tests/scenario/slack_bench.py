"""What the Slack scenarios share: a real bot over Socket Mode in a sandbox workspace, and a triage made of answers.

Faked: the triage itself (`CannedTriage`), because its own tests are elsewhere. Not faked: Bolt, the SDK's clients,
HTTP, WebSocket. Every message the bot sends is judged by the workspace's strict validator, and once more by `valid`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime

from slack_bolt import BoltRequest

from bot.adapters.slack.bot import LISTENER_THREADS, SlackBot
from bot.adapters.slack.events.services import SlackDeps
from bot.adapters.slack.options import ChangeOptions, ModelDeps, Options, SlackStores
from bot.adapters.slack.render.home_facts import HomeFacts, NoFacts
from bot.adapters.slack.settings import SlackSettings
from bot.adapters.store.store import Store, open_store
from bot.diagnosis.ports import Clock, Examined, NamespaceChoice, Progress, TriageRequest
from bot.diagnosis.worker import Worker
from bot.domain.diagnosis import Diagnosis
from bot.domain.errors import PasteRejected
from bot.domain.incidents import IncidentState
from bot.domain.symptoms import PasteReading, Symptom
from bot.incidents.questions.upkeep import INTERVAL_SECONDS
from bot.incidents.sending.rate_limiter import RateLimits
from bot.sandbox.workspace.rules.validate import check_message, check_modal
from bot.sandbox.workspace.state.seed import GUEST, INCIDENTS, ONCALL, SECOND, SHARED
from bot.sandbox.workspace.workspace import Workspace
from tests.canaries import assert_none_in_slack, cookie_line
from tests.support.workspaces import PATIENCE_SECONDS, patient_workspace
from tests.unit.slack_samples import oom

ERROR = "connect ECONNREFUSED 172.30.154.48:8080"
PASTE = f"The chat is broken:\n```\nError: {ERROR}\n    at TCPConnectWrap.afterConnect\n    {cookie_line()}\n```"
AT_ONCE = RateLimits(0.2, 0.02, 10_000, 10_000, 10_000, 10_000.0, first_pause_seconds=0.05)
"""So that tests do not wait for Slack's rate tiers, which have tests of their own."""
NEVER = 36_000.0
"""Of seconds between two rounds of upkeep: nothing that a test sees is its work."""
NOW = datetime(2026, 11, 23, 10, 9, tzinfo=UTC)


class CannedTriage:
    """Implements `ports.Triage`: recognises one error, and answers what the test put in `outcome`.

    `outcome` may be a diagnosis, a choice, an exception to raise, or a function of the request.
    """

    def __init__(self) -> None:
        self.outcome: object = oom()
        self.steps: Sequence[str] = ("Reading pods, services and events in onyx",)
        self.requests: list[TriageRequest] = []
        self.pastes: list[str] = []
        self.known = ERROR
        self.others: dict[str, Symptom] = {}
        self.reads: Callable[[str, Collection[str]], PasteReading] | None = None
        self.bound: tuple[str, ...] = ()
        self.go = threading.Event()
        self.go.set()

    def apps(self) -> Sequence[tuple[str, str]]:
        return (("onyx", "Onyx"), ("shop", "Web shop"))

    def match(self, text: str, app: str | None = None) -> tuple[Symptom, ...]:  # noqa: ARG002  the port has it
        self.pastes.append(text)
        if "\x00" in text:
            raise PasteRejected("The paste is binary.", "Paste text.")
        others = tuple(replace(one, count=text.count(said)) for said, one in self.others.items() if said in text)
        if self.known not in text:
            return others
        symptom = oom().symptoms[0].symptom
        return (replace(symptom, count=text.count(self.known), lines=(self.known,)), *others)

    def read(self, text: str, bound: Collection[str] = ()) -> PasteReading:
        self.bound = tuple(bound)
        return self.reads(text, bound) if self.reads else PasteReading(self.match(text))

    def diagnose(self, request: TriageRequest, progress: Progress) -> Diagnosis | NamespaceChoice:
        self.requests.append(request)
        for step in self.steps:
            progress(step)
        assert self.go.wait(PATIENCE_SECONDS), "the test forgot to let the triage go on"
        outcome = self.outcome(request) if callable(self.outcome) else self.outcome
        if isinstance(outcome, Exception):
            raise outcome
        assert isinstance(outcome, Diagnosis | NamespaceChoice)
        return outcome

    def examine(self, request: TriageRequest, progress: Progress) -> Examined | NamespaceChoice:
        outcome = self.diagnose(request, progress)
        return outcome if isinstance(outcome, NamespaceChoice) else Examined(outcome, lambda: b"the view")


def now() -> datetime:
    """A clock that stands still."""
    return NOW


def slack_stores(store: Store) -> SlackStores:
    """What the bot keeps, on this database."""
    return SlackStores(store.buttons, store.incidents, store.questions, store.seen, store.inbox)


def make_bot(
    place: Workspace,
    triage: CannedTriage,
    store: Store,
    *,
    worker: Worker | None = None,
    clock: Clock = now,
    changes: ChangeOptions | None = None,
    model: ModelDeps | None = None,
    pace: RateLimits | None = None,
    facts: HomeFacts | None = None,
    upkeep_seconds: float = INTERVAL_SECONDS,
    **settings: object,
) -> SlackBot:
    """A bot in this workspace that watches #incidents; not connected."""
    chosen = {"channels": ("#incidents", SHARED), "allow_bots": ("B0ALERTS",), **settings}
    slack = SlackSettings(bot_token=place.bot_token, app_token=place.app_token, api_url=place.api_url, **chosen)
    options = Options(
        pace or AT_ONCE, changes=changes, model=model, facts=facts or NoFacts(), upkeep_seconds=upkeep_seconds
    )
    return SlackBot(slack, triage, slack_stores(store), worker or Worker(4, 20), clock, options)


def services_of(bot: SlackBot) -> SlackDeps:
    """What a connected bot works with."""
    assert bot._parts is not None
    return bot._parts.services


class Bench:
    """A workspace with a connected bot, and short words for what a test does and sees."""

    def __init__(self, workspace: Workspace, triage: CannedTriage, bot: SlackBot, store: Store) -> None:
        self.workspace = workspace
        self.triage = triage
        self.bot = bot
        self.store = store
        self._said_before: dict[str, int] = {}

    def fresh(self) -> Bench:
        """The same, with a triage as good as new and every incident closed."""
        self.triage.go.set()
        self.settled()
        self.triage.__dict__.update(CannedTriage().__dict__)
        while still := self.store.incidents.open_incidents():
            for incident in still:
                self.store.incidents.update(incident, state=IncidentState.RESOLVED)
        self._said_before = {user: len(self.workspace.ephemerals(user)) for user in (ONCALL, SECOND, GUEST)}
        for user in (ONCALL, SECOND, GUEST):
            if self.workspace.views(user):
                self.workspace.close_view(user, everything=True)
        return self

    @contextmanager
    def holding_posts(self) -> Iterator[None]:
        """Meanwhile Slack is too busy for chat.postMessage."""
        self.workspace.fail_next("chat.postMessage", status=429, retry_after=1)
        yield

    def thread(self, ts: str, channel: str = INCIDENTS) -> list[dict]:
        """The bot's messages in a thread."""
        found = self.workspace.messages(channel, ts)
        return [message for message in found if message.get("bot_id") == self.workspace.bot_id]

    def answer(self, ts: str, says: str, channel: str = INCIDENTS) -> dict:
        """Wait until a message of the bot in the thread says this, and return it."""
        return self._found(lambda: [one for one in self.thread(ts, channel) if says in one["text"]], says)

    def posted(self, says: str, channel: str = INCIDENTS) -> dict:
        """Wait until a message of the bot in the channel, outside threads, says this."""
        mine = self.workspace.bot_id
        return self._found(
            lambda: [
                one
                for one in self.workspace.messages(channel)
                if one.get("bot_id") == mine and "thread_ts" not in one and says in one["text"]
            ],
            says,
        )

    def whispered(self, user: str, says: str) -> dict:
        """Wait until only this person sees this; what was said before `fresh` does not count."""
        old = self._said_before.get(user, 0)
        return self._found(
            lambda: [one for one in self.workspace.ephemerals(user)[old:] if says in one["text"]], f"{says!r} to {user}"
        )

    def modal(self, user: str, says: str) -> dict:
        """Wait until the topmost modal says this."""
        return self._found(lambda: [view for view in self.workspace.views(user)[-1:] if says in str(view)], says)

    def dispatch(self, body: dict) -> int:
        """Hand the bot a payload that the workspace cannot make; the status it is acknowledged with."""
        assert self.bot._app is not None
        return self.bot._app.dispatch(BoltRequest(body=body, mode="socket_mode")).status

    def settled_desk(self) -> None:
        """Wait until every payload was acknowledged and every first answer was given; triages may go on."""
        services = services_of(self.bot)
        self.delivered()
        with services.desk._changed:
            assert services.desk._changed.wait_for(
                lambda: not services.desk._busy and not services.desk._waiting, PATIENCE_SECONDS
            )
        assert services.queue.flush(PATIENCE_SECONDS)

    def settled(self) -> None:
        """Wait until every payload was acknowledged and nothing is at work any more."""
        services = services_of(self.bot)
        workers = (services.desk, services.clicks, self.bot._worker)
        idle = False
        while not idle:  # what ends last may have given something to one that was idle before
            self.delivered()
            for worker in workers:
                with worker._changed:
                    assert worker._changed.wait_for(lambda w=worker: not w._busy and not w._waiting, PATIENCE_SECONDS)
            assert services.queue.flush(PATIENCE_SECONDS)
            idle = all(not worker._busy and not worker._waiting for worker in workers)

    def caught_up(self) -> None:
        """The same, and no edit waits any more: whoever ends what one waits for has it taken over."""
        self.settled()
        while self._messages_kept():
            assert self.workspace.wait_for(lambda: not self._messages_kept(), PATIENCE_SECONDS)
            self.settled()

    def _messages_kept(self) -> int:
        with self.store.database.read() as connection:
            return int(connection.exec_driver_sql("select count(*) from inbox").scalar_one())

    def delivered(self) -> None:
        """Wait until every payload was acknowledged and every listener has returned; an event is acknowledged first."""
        assert self.workspace.wait_for(lambda: self.workspace.in_flight == 0, PATIENCE_SECONDS)
        everyone = threading.Barrier(LISTENER_THREADS)
        for waiting in [self.bot._executor.submit(everyone.wait, PATIENCE_SECONDS) for _ in range(LISTENER_THREADS)]:
            waiting.result(PATIENCE_SECONDS)

    def _found(self, look: Callable[[], list[dict]], says: str) -> dict:
        assert self.workspace.wait_for(look, PATIENCE_SECONDS), f"nobody said {says!r}"
        return look()[-1]


@contextmanager
def bench(
    *,
    workspace: Workspace | None = None,
    worker: Worker | None = None,
    settings: dict[str, object] | None = None,
    model: ModelDeps | None = None,
    facts: HomeFacts | None = None,
    clock: Clock = now,
) -> Iterator[Bench]:
    """A workspace and a bot that watches #incidents; both are gone afterwards."""
    triage = CannedTriage()
    store = open_store("sqlite://", clock)
    with workspace or patient_workspace() as place:
        bot = make_bot(place, triage, store, worker=worker, model=model, facts=facts, clock=clock, **(settings or {}))
        bot.connect()
        try:
            yield Bench(place, triage, bot, store)
            refused = [call for call in place.calls if call.error in REFUSED_PAYLOADS]
            assert not refused, refused
            assert_none_in_slack(place)
        finally:
            triage.go.set()
            bot.close(4)
            store.close()


REFUSED_PAYLOADS = {"invalid_blocks", "invalid_arguments", "msg_too_long", "msg_blocks_too_long", "no_text"}


def valid(message: dict) -> dict:
    """The message, after the validator found nothing."""
    assert check_message(text=message["text"], blocks=message.get("blocks"), updating=True) is None
    return message


def valid_modal(view: dict) -> dict:
    """The view, after the validator found nothing."""
    names = ("type", "title", "blocks", "close", "private_metadata", "submit", "callback_id")
    payload = {name: view[name] for name in names if view.get(name)}
    assert check_modal(payload) is None
    return view
