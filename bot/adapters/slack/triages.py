"""Runs one triage in a worker thread and shows what comes of it: progress, then a card, a question, or what went wrong.

Called by `posts`, `commands` and `clicks` once it is clear who asks and where the answer goes. It knows nothing of how
the question came in.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace

from bot.adapters.slack import notices
from bot.adapters.slack.answers import Answer
from bot.adapters.slack.blocks import Message
from bot.adapters.slack.cards import CardButtons, card, check_again_button
from bot.adapters.slack.records import Record, Records, new_card
from bot.domain.diagnosis import Diagnosis
from bot.domain.errors import TriageError, UsageError
from bot.triage.ports import Clock, NamespaceChoice, Triage, TriageRequest
from bot.triage.worker import Worker


@dataclass(frozen=True)
class Question:
    """What is asked, by whom (a name to show), and what of the paste could not be read."""

    request: TriageRequest
    asked_by: str = ""
    unread: tuple[str, ...] = ()


class Triages:
    """Starts triages and keeps track of those that run."""

    def __init__(self, triage: Triage, worker: Worker, records: Records, clock: Clock) -> None:
        self._triage = triage
        self._worker = worker
        self._records = records
        self._clock = clock
        self._lock = threading.Lock()
        self._running: set[Answer] = set()

    def start(self, question: Question, answer: Answer) -> bool:
        """Queue a triage whose outcome is shown in `answer`. False when the queue is full: nothing was shown then."""
        with self._lock:
            self._running.add(answer)
        accepted = self._worker.submit(
            lambda: self._run(question, answer),
            name=f"triage of {question.request.app}",
            on_crash=lambda incident: self._finish(answer, notices.crashed(incident)),
        )
        if not accepted:
            with self._lock:
                self._running.discard(answer)
        return accepted

    def interrupt(self) -> None:
        """Tell everybody whose triage has not finished that it will not: the program stops."""
        with self._lock:
            unfinished = list(self._running)
        for answer in unfinished:
            self._finish(answer, notices.restarting())

    def _run(self, question: Question, answer: Answer) -> None:
        app = question.request.app
        began = self._clock()
        try:
            outcome = self._triage.diagnose(
                question.request, lambda step: answer.progress(notices.progress(app, step, question.asked_by))
            )
        except TriageError as error:
            message = self._failure(question, answer, error)
        else:
            seconds = (self._clock() - began).total_seconds()
            message = (
                self._choice(question, answer, outcome)
                if isinstance(outcome, NamespaceChoice)
                else self._card(question, answer, outcome, seconds)
            )
        self._finish(answer, message)

    def _finish(self, answer: Answer, message: Message) -> None:
        answer.finish(message)
        with self._lock:
            self._running.discard(answer)

    def _card(self, question: Question, answer: Answer, diagnosis: Diagnosis, seconds: float) -> Message:
        # What was found out about the namespace is kept, so that "check again" looks at the same place: a release too.
        asked = question.request.namespace or ""
        place = asked if asked.partition("/")[0] == diagnosis.namespace else diagnosis.namespace
        request = replace(question.request, namespace=place)
        record = Record(answer.place, request, new_card(), diagnosis, question.unread)
        buttons = CardButtons(
            details=self._records.issue(record),
            check_again=self._records.issue(record) if answer.place.ref else "",
        )
        return card(diagnosis, asked_by=question.asked_by, seconds=seconds, unread=question.unread, buttons=buttons)

    def _choice(self, question: Question, answer: Answer, choice: NamespaceChoice) -> Message:
        name = new_card()
        choices = []
        for namespace in choice.namespaces:
            request = replace(question.request, app=choice.app, namespace=namespace)
            record = Record(answer.place, request, name, unread=question.unread)
            choices.append((namespace, self._records.issue(record)))
        return notices.namespace_choice(choice.app, choices)

    def _failure(self, question: Question, answer: Answer, error: TriageError) -> Message:
        if isinstance(error, UsageError) or answer.place.ref is None:
            return notices.failure(error, question.unread)
        token = self._records.issue(Record(answer.place, question.request, new_card(), unread=question.unread))
        return notices.failure(error, question.unread, [check_again_button(question.request.app, token)])
