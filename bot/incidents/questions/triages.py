"""Runs one triage in a worker thread and shows what comes of it: progress, then a card, a question, or what went wrong.

Called by `posts`, `commands` and `rechecks` once it is clear who asks and where the answer goes. A question is in the
store until its answer is shown, so that another process finishes it when this one dies.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Protocol

from bot.diagnosis.ports import Clock, Examined, IncidentStore, NamespaceChoice, Triage, TriageRequest
from bot.diagnosis.worker import Worker
from bot.domain.errors import ChatError, StoreError, TriageError, UsageError
from bot.domain.incidents import PendingRequest
from bot.incidents import notices
from bot.incidents.asking.quiet import AfterQuietLook, attributed, judged
from bot.incidents.card_facts import CHECK_AGAIN
from bot.incidents.card_model import CardModel
from bot.incidents.card_reconciler import CardReconciler
from bot.incidents.cards import check_again_button
from bot.incidents.findings import QuestionResult
from bot.incidents.pasted.ledger import source_of
from bot.incidents.pasted.withdrawals import Withdrawals
from bot.incidents.ports import Answer, Tell, derived_id, new_id
from bot.incidents.questions.held import HeldQuestions
from bot.incidents.questions.origin import QuestionOrigin, asked_from_json, request_from_json, request_to_json
from bot.incidents.questions.showing import Showing
from bot.incidents.tokens import Spot, Tokens
from bot.redaction.boundary import Boundary
from bot.redaction.symptoms import redact_symptoms
from bot.runtime.logs import about_incident

LEASE = timedelta(seconds=45)
"""A process that does not say within this time that it lives has its questions taken over."""
MOST_ATTEMPTS = 3

_log = logging.getLogger(__name__)


class Answers(Protocol):
    """Makes the answer of a question: where it stands, and what happens to the question when it is there."""

    def __call__(self, question: PendingRequest, asked: QuestionOrigin) -> Answer:
        """The answer."""


@dataclass(frozen=True)
class TriageDeps:
    """The stores a triage works with. `owner` names this process."""

    questions: HeldQuestions
    incidents: IncidentStore
    tokens: Tokens
    clock: Clock
    owner: str
    boundary: Boundary
    tell: Tell
    withdrawals: Withdrawals
    took: Callable[[PendingRequest], bool] = lambda _: False
    """Goes on with what was kept among the questions and is none yet, and says whether it did."""


class Triages:
    """Starts triages and keeps track of those that run. `link` gives the address of a message of ours, if it can."""

    def __init__(
        self, triage: Triage, worker: Worker, deps: TriageDeps, cards: CardReconciler, answers: Answers,
        link: Callable[[str, str], str],
    ) -> None:  # fmt: skip
        self._triage = triage
        self._worker = worker
        self._deps = deps
        self._answers = answers
        self._showing = Showing(deps.incidents, deps.questions, cards, link)
        self._lock = threading.Lock()
        self._running: dict[str, Answer] = {}

    def ask(self, asked: QuestionOrigin, request: TriageRequest) -> bool:
        """Keep a question and queue its triage. False when the queue is full: people were told. Raises `StoreError`."""
        now = self._deps.clock()
        # What is kept holds no secret of the paste, and neither does anything that is made of it.
        request = replace(request, symptoms=redact_symptoms(request.symptoms, self._deps.boundary.redactor()))
        question = PendingRequest(
            id=derived_id(asked.receipt, f"{request.app} {request.namespace}") if asked.receipt else new_id(),
            place=asked.model_dump(mode="json"),
            request=request_to_json(request),
            asked_at=now,
            owner=self._deps.owner,
            owned_until=now + LEASE,
            attempts=asked.attempt,
        )
        if not self._deps.questions.add(question):
            return True  # the process that died over the message had asked it: it is under way
        answer = self._answers(question, asked)
        answer.progress(notices.progress(request.app, "Reading the cluster", asked.asked_by))
        if self._start(question, asked, request, answer):
            return True
        answer.finish(notices.busy())
        return False

    def is_under_way(self, channel: str, source_ts: str) -> bool:
        """Whether what was pasted there is not answered yet, in any process. Raises `StoreError`."""
        return self._deps.questions.under_way(channel, source_ts)

    def resume(self, question: PendingRequest) -> None:
        """Finish a question whose process died."""
        if self._deps.took(question):
            return
        try:
            asked, request = asked_from_json(question.place), request_from_json(question.request)
        except StoreError as error:
            self._set_aside(question, error)
            return
        answer = self._answers(question, asked)
        if question.attempts > MOST_ATTEMPTS:
            answer.finish(notices.given_up())
        elif not self._start(question, asked, request, answer):
            answer.finish(notices.busy())

    def _set_aside(self, question: PendingRequest, error: StoreError) -> None:
        """A question that this version cannot read: nobody can answer it, and the person hears so."""
        _log.error("question %s was set aside: %s", question.id, error)
        self._deps.questions.drop(question.id)
        channel, user = question.place.get("channel"), question.place.get("user")
        if isinstance(channel, str) and isinstance(user, str) and channel and user:
            thread = question.place.get("thread_ts")
            problem = UsageError("Your last question was kept by another version of the bot.", "Ask again.")
            self._deps.tell(channel, user, notices.failure(problem), thread if isinstance(thread, str) else None)

    def interrupt(self) -> None:
        """The program stops: say so where a triage has not finished. Another process finishes it, or the next start."""
        with self._lock:
            unfinished = list(self._running.values())
        for answer in unfinished:
            answer.progress(notices.handed_over())

    def _start(self, question: PendingRequest, asked: QuestionOrigin, request: TriageRequest, answer: Answer) -> bool:
        with self._lock:
            self._running[question.id] = answer
        accepted = self._worker.submit(
            lambda: self._about(question, asked, request, answer),
            name=f"triage of {request.app}",
            on_crash=lambda incident: self._end(question, lambda: answer.finish(notices.crashed(incident))),
        )
        if not accepted:
            self._end(question, lambda: None)
        return accepted

    def _end(self, question: PendingRequest, last: Callable[[], None]) -> None:
        with self._lock:
            self._running.pop(question.id, None)
        last()

    def _about(self, question: PendingRequest, asked: QuestionOrigin, request: TriageRequest, answer: Answer) -> None:
        # The incident that is checked again; a new one gets the id of its question.
        with about_incident(asked.incident or question.id):
            try:
                self._run(question, asked, request, answer)
            except (StoreError, ChatError) as error:
                self._leave(question, answer, error)

    def _leave(self, question: PendingRequest, answer: Answer, error: TriageError) -> None:
        """The database or the chat has failed under it, which says nothing about the question: it is begun again."""
        _log.warning("question %s is left to the next look: %s", question.id, error)
        with suppress(TriageError):
            answer.settle()  # what is being sent must not meet what the next one sends
        self._end(question, lambda: self._deps.questions.leave(question.id, self._deps.clock(), error))

    def _run(self, question: PendingRequest, asked: QuestionOrigin, request: TriageRequest, answer: Answer) -> None:
        def progress(step: str) -> None:
            answer.progress(notices.progress(request.app, step, asked.asked_by))

        began = self._deps.clock()
        try:
            outcome = self._triage.examine(request, progress)
            if asked.quiet and self._stays_quiet(question, asked, outcome, answer):
                return
            if asked.quiet and isinstance(outcome, Examined):  # from here on as if its own text had said whose it is
                asked, request = asked.but(quiet=False), attributed(request, outcome.diagnosis)
                answer = self._answers(question, asked)
            if isinstance(outcome, NamespaceChoice):
                message = self._choice(question, asked.but(ts=answer.settle()), request, outcome)
                self._end(question, lambda: answer.finish(message))
                return
            now = self._deps.clock()
            seconds = (now - began).total_seconds()
            if self._deps.withdrawals.is_gone(source_of(asked.channel, asked.source_ts)):
                asked, request = asked.but(source_ts=""), replace(request, symptoms=())
                outcome = replace(outcome, diagnosis=replace(outcome.diagnosis, symptoms=()))
            found = QuestionResult(question.id, asked, request, outcome.diagnosis, now, seconds)
            _log.info("a triage of %s took %.1f s: %s", request.app, seconds, outcome.diagnosis.headline)
            self._showing.show(found, outcome, answer)
            self._take_back(source_of(asked.channel, asked.source_ts))
        except (StoreError, ChatError):
            raise
        except TriageError as error:
            _log.warning("a triage of %s failed: %s", request.app, error)
            message = self._failure(question, asked.but(ts=answer.settle()), request, error)
            self._end(question, lambda: answer.finish(message))
        else:
            self._end(question, lambda: None)

    def _take_back(self, source: str) -> None:
        """What was deleted at the moment in which it was put on a card goes from there again."""
        if self._deps.withdrawals.is_gone(source):
            self._deps.withdrawals.edited(source)

    def _stays_quiet(
        self, question: PendingRequest, asked: QuestionOrigin, outcome: Examined | NamespaceChoice, answer: Answer
    ) -> bool:
        """After a look that nobody asked for: ask whose it is, or say nothing; False where there is an answer."""
        look = judged(outcome)
        if self._deps.withdrawals.is_gone(source_of(asked.channel, asked.source_ts)):
            look = AfterQuietLook.SILENCE
        if look is AfterQuietLook.ASK:
            self._end(question, lambda: answer.finish(notices.given_up()))
        elif look is AfterQuietLook.SILENCE:
            self._end(question, lambda: self._deps.questions.drop(question.id))
        return look is not AfterQuietLook.ANSWER

    def _choice(
        self, question: PendingRequest, asked: QuestionOrigin, request: TriageRequest, choice: NamespaceChoice
    ) -> CardModel:
        spot = _spot(question, asked)
        choices = []
        for namespace in choice.namespaces:
            chosen = request_to_json(replace(request, app=choice.app, namespace=namespace))
            payload = {"request": chosen, "asked": asked.for_a_button()}
            choices.append((namespace, self._deps.tokens.issue(notices.CHOOSE_NAMESPACE, spot, payload)))
        return notices.namespace_choice(choice.app, choices)

    def _failure(
        self, question: PendingRequest, asked: QuestionOrigin, request: TriageRequest, error: TriageError
    ) -> CardModel:
        if isinstance(error, UsageError) or asked.private or asked.quiet:
            return notices.failure(error, asked.unread)
        payload = {
            "request": request_to_json(request),
            "asked": asked.for_a_button(),
        }
        token = self._deps.tokens.issue(CHECK_AGAIN, _spot(question, asked), payload)
        return notices.failure(error, asked.unread, [check_again_button(request.app, token)])


def card_of(question: PendingRequest) -> str:
    """The name that ties the buttons of a question's answer together."""
    return f"question {question.id}"


def _spot(question: PendingRequest, asked: QuestionOrigin) -> Spot:
    private_to = asked.user if asked.private else ""
    return Spot(asked.team, asked.channel, card_of(question), asked.ts, private_to)
