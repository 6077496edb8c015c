"""Makes the question whose error a paste is: who presses says so, and the app is looked at.

Called where a paste is read, and where a quiet look at the cluster has not told (`quiet`).
"""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace

from bot.diagnosis.ports import Clock, SeenEvents, TriageRequest
from bot.domain.errors import ChatError
from bot.domain.symptoms import Symptom
from bot.engine.attribution.claims import claimed
from bot.incidents.asking.doubts import BUTTONS, THIS_ONE, Choice, asked_elsewhere, whose_is_it
from bot.incidents.card_model import CardModel
from bot.incidents.questions.origin import QuestionOrigin, request_to_json
from bot.incidents.tokens import Spot, Tokens
from bot.redaction.boundary import Boundary
from bot.redaction.symptoms import redact_symptoms

_log = logging.getLogger(__name__)

LATE = 2
"""Minutes after the question in which somebody else who pastes the same is told of it."""


def _keys(asked: QuestionOrigin, symptoms: Sequence[Symptom]) -> set[str]:
    return {f"doubt:{asked.team}:{asked.channel}:{item.app}:{item.id}" for item in symptoms}


def _whom(asked: QuestionOrigin) -> tuple[str, ...]:
    """Who was asked, and in which thread."""
    thread = (f"in:{asked.thread_ts}",) if asked.thread_ts else ()
    return (f"by:{asked.user}", *thread) if asked.user else thread


class Threads:
    """In which thread an error was asked about, the last few; of this process, so it may know nothing. Thread-safe."""

    MOST = 200

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: OrderedDict[str, tuple[str, str]] = OrderedDict()

    def remember(self, keys: Collection[str], channel: str, thread: str | None) -> None:
        """These errors are asked about in this thread."""
        if not thread:
            return
        with self._lock:
            for key in keys:
                self._known.pop(key, None)
                self._known[key] = (channel, thread)
            while len(self._known) > self.MOST:
                self._known.popitem(last=False)

    def of(self, keys: Collection[str]) -> tuple[str, str] | None:
        """Channel and thread of one of these errors."""
        with self._lock:
            return next((self._known[key] for key in keys if key in self._known), None)


@dataclass(frozen=True)
class AttributionQuestions:
    """`apps` gives (id, title) of every app; `link` the address of a message, by channel and time (`ChatError`)."""

    tokens: Tokens
    seen: SeenEvents
    boundary: Boundary
    apps: Callable[[], Sequence[tuple[str, str]]]
    clock: Clock
    link: Callable[[str, str], str]
    threads: Threads = field(default_factory=Threads)

    def first_time(self, asked: QuestionOrigin, symptoms: Sequence[Symptom], question: str = "") -> bool:
        """Whether nobody was asked about these errors in this channel, but by this same question."""
        if question and self.seen.has(f"doubt:{question}"):
            return True
        keys = _keys(asked, symptoms)
        if not any(self.seen.has(key) for key in keys):
            # Before the mark that decides: who comes second in the same moment finds these.
            minute = self._minute()
            self.seen.first_time({f"{key}:{what}" for key in keys for what in (f"at:{minute}", *_whom(asked))})
        fresh = self.seen.first_time(keys)
        if fresh:
            self.threads.remember(keys, asked.channel, asked.thread_ts)
        if fresh and question:
            self.seen.first_time({f"doubt:{question}"})
        return fresh

    def late(self, asked: QuestionOrigin, symptoms: Sequence[Symptom]) -> CardModel | None:
        """What to tell somebody else who comes with the same within two minutes of the question, elsewhere; once."""
        keys, minute = _keys(asked, symptoms), self._minute()
        lately = [key for key in keys if any(self.seen.has(f"{key}:at:{minute - back}") for back in range(LATE + 1))]
        if not lately or not asked.user:
            return None
        if any(self.seen.has(f"{key}:in:{asked.thread_ts}") for key in lately if asked.thread_ts):
            return None
        if not self.seen.first_time({f"{key}:by:{asked.user}" for key in lately}):
            return None
        return asked_elsewhere(redact_symptoms(symptoms, self.boundary.redactor()), self._address(lately))

    def _address(self, keys: Collection[str]) -> str:
        """The address of the thread in which one of these was asked about; empty if this process does not know it."""
        where = self.threads.of(keys)
        if where is None:
            return ""
        try:
            return self.link(*where)
        except ChatError as error:
            _log.warning("the thread of a question could not be linked to: %s", error)
            return ""

    def _minute(self) -> int:
        return int(self.clock().timestamp() // 60)

    def question(self, spot: Spot, asked: QuestionOrigin, symptoms: Sequence[Symptom]) -> CardModel:
        """The question, with a button for each app that comes into question."""
        symptoms = redact_symptoms(symptoms, self.boundary.redactor())
        titles = dict(self.apps())
        requests = []
        for app in dict.fromkeys(item.app for item in symptoms):
            title = titles.get(app, app)
            said = f"somebody here says that it is {title}'s"
            own = tuple(
                replace(item, attribution=claimed(item.attribution, said)) for item in symptoms if item.app == app
            )
            requests.append((f"It is {title}'s", f"Diagnose {title}", TriageRequest(app, None, own)))
        choices = self.choices(spot, asked, requests)
        return whose_is_it(symptoms, [titles.get(item.app, item.app) for item in symptoms], choices)

    def choices(
        self, spot: Spot, asked: QuestionOrigin, requests: Sequence[tuple[str, str, TriageRequest]]
    ) -> list[Choice]:
        """Buttons (what they say, how that is spoken) that ask this."""
        where = asked.for_a_button(quiet=False)
        return [
            (label, spoken, self.tokens.issue(THIS_ONE, spot, {"request": request_to_json(request), "asked": where}))
            for label, spoken, request in requests[:BUTTONS]
        ]
