"""What a language model does for this program, and all it does: `Wording`. Called by the command line and by Slack.

    explain     a finished diagnosis in plain words, each sentence carried by the statements it cites
    resembling  the known symptom that an unmatched paste resembles, for a button "triage as this"
    draft       a playbook with cases from an unmatched error, checked before anyone sees it

Every answer carries its `Participation`: which model took part and what was sent, so that people can ask. A model that
fails, is slow, is hostile or has no budget left costs its words and nothing else: no verdict, cause or remedy passes
through here.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

from bot.domain.diagnosis import Diagnosis
from bot.domain.errors import ModelError
from bot.narration.draft import Draft, DraftRejected, checked_draft, draft_question
from bot.narration.entailment.languages import ENGLISH, Language
from bot.narration.explain import Dropped, explanation_question, kept_of
from bot.narration.grounding import Sentence
from bot.narration.outcome import Outcome, why_nothing
from bot.narration.ports import CountAnswer, Model, ModelPrompt, Reply
from bot.narration.resemble import Resemblance, ground_resemblance, resemblance_question
from bot.narration.statements import statements_of
from bot.playbook.loaded import PlaybookSet
from bot.redaction import Boundary
from bot.redaction.personal import without_personal_data

MOST_OWN = 6
"""Statements in the engine's own words that stand in for a model's."""
LONGEST_ANSWER = 20_000
"""Characters of an answer that are kept for people who ask to see it."""

NewDelimiter = Callable[[], str]
"""Makes a fence's delimiter by chance (`secrets.token_hex`); never twice the same."""


def _count_nothing(purpose: str, outcome: str) -> None:
    """Where nothing is counted."""


@dataclass(frozen=True, slots=True)
class Participation:
    """That a model took part: for which purpose, which one, where, what was sent (redacted), and the tokens it took."""

    purpose: str
    model: str
    endpoint: str
    sent: str
    tokens_in: int
    tokens_out: int
    answer: str = ""
    """What was read of the answer, redacted: shown to who asks for it. Untrusted."""

    def label(self) -> str:
        """How words of the model are marked wherever they are shown."""
        return f"Worded by {self.model}. The diagnosis was made without it."


@dataclass(frozen=True, slots=True)
class Explanation:
    """A diagnosis in plain words. The texts of sentences are untrusted: escape them like log lines.

    Where no sentence is left, `outcome` says why, and `statements` says in the engine's words what a model could not.
    """

    sentences: tuple[Sentence, ...]
    participation: Participation
    dropped: tuple[Dropped, ...] = ()
    outcome: Outcome = Outcome.SHOWN
    statements: tuple[str, ...] = ()

    def why_nothing(self) -> str:
        """Why no sentence is shown, to complete "no explanation: …"."""
        return why_nothing(self.outcome, len(self.dropped))


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What an unmatched paste resembles; None: nothing that is known, says the model."""

    resemblance: Resemblance | None
    participation: Participation


@dataclass(frozen=True, slots=True)
class Drafted:
    """A checked draft."""

    draft: Draft
    participation: Participation


class Wording:
    """The one entry. Made by the wiring when a model is configured; where there is none, nobody calls it.

    Safe to use from several threads. Methods block up to the model's deadline: call them after the answer that was made
    without it has been posted. They raise `ModelError`, which callers show at most as a note.
    """

    def __init__(
        self,
        model: Model,
        boundary: Boundary,
        new_delimiter: NewDelimiter,
        *,
        language: Language = ENGLISH,
        personal_data: bool = False,
        count: CountAnswer = _count_nothing,
    ) -> None:
        self._model = model
        self._boundary = boundary
        self._new_delimiter = new_delimiter
        self._language = language
        self._hides_personal_data = not personal_data
        self._count = count

    @property
    def model(self) -> str:
        """Which model it is, for `doctor` and cards: `NAME at ADDRESS`."""
        return f"{self._model.name} at {self._model.endpoint}"

    def explain(self, diagnosis: Diagnosis) -> Explanation | None:
        """The diagnosis in plain words; None when nothing of the answer may be shown. Raises `ModelError`."""
        found = self.explanation(diagnosis)
        return found if found.sentences else None

    def explanation(self, diagnosis: Diagnosis) -> Explanation:
        """The same, with what was dropped and why also where nothing is left. Raises `ModelError`."""
        reply, took_part = self._ask(explanation_question(diagnosis, self._new_delimiter(), self._language))
        kept = kept_of(reply, diagnosis, took_part.sent, self._language)
        self._count("explain", kept.outcome.value)
        own = () if kept.sentences else tuple(one.text for one in statements_of(diagnosis).told[:MOST_OWN])
        return Explanation(kept.sentences, took_part, kept.dropped, kept.outcome, own)

    def resembling(self, paste: str, playbooks: PlaybookSet, app: str | None = None) -> Suggestion | None:
        """The known symptom (of one app, or any) that a raw paste resembles; None when the model was not asked at all,
        because there is nothing to compare. Raises `ModelError`.
        """
        symptoms = playbooks.symptoms if app is None else playbooks.symptoms_of(app)
        if not symptoms or not paste.strip():
            return None
        redacted = self._boundary.redactor().text(paste)
        reply, took_part = self._ask(resemblance_question(redacted, symptoms, self._new_delimiter()))
        found = ground_resemblance(reply, redacted, symptoms, took_part.sent)
        self._count("resemble", (Outcome.SHOWN if found else Outcome.NOT_CARRIED).value)
        return Suggestion(found, took_part)

    def draft(self, paste: str, app: str, playbooks: PlaybookSet) -> Drafted:
        """A playbook for the error in a raw paste. The model may correct its mistakes once.

        Raises `ModelError`, or `DraftRejected` when what it drafts does not pass the checks.
        """
        redacted = self._boundary.redactor().text(paste)
        reply, took_part = self._ask(draft_question(redacted, app, self._new_delimiter()))
        try:
            found = self._checked(reply, redacted, app, playbooks)
        except DraftRejected as rejected:
            self._count("draft", Outcome.NOT_CARRIED.value)
            reply, took_part = self._ask(draft_question(redacted, app, self._new_delimiter(), rejected.problems))
            found = self._checked(reply, redacted, app, playbooks)
        self._count("draft", Outcome.SHOWN.value)
        return Drafted(found, took_part)

    def _checked(self, reply: Reply, paste: str, app: str, playbooks: PlaybookSet) -> Draft:
        draft = checked_draft(reply, paste, app, playbooks)
        if self._boundary.text(draft.playbook + draft.cases) != draft.playbook + draft.cases:
            raise DraftRejected(["the draft contains what looks like a secret; use placeholders in look-alikes"])
        return draft

    def _ask(self, question: ModelPrompt) -> tuple[Reply, Participation]:
        """Ask with what is left after a last redaction. What is recorded as sent is what was sent."""
        last = self._boundary.redactor()
        last.adopt([question.user])
        user = last.text(question.user)
        if self._hides_personal_data:
            user = without_personal_data(user)
        asked = ModelPrompt(question.purpose, question.system, user, question.schema, question.max_tokens)
        try:
            reply = self._model.ask(asked)
        except ModelError as error:
            self._count(question.purpose, error.reason)
            raise
        model = self._model
        answer = self._boundary.redactor().text(
            reply.text or json.dumps(dict(reply.data), ensure_ascii=False, default=str)
        )
        return reply, Participation(
            question.purpose,
            model.name,
            model.endpoint,
            user,
            reply.tokens_in,
            reply.tokens_out,
            answer[:LONGEST_ANSWER],
        )
