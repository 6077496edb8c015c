"""What a language model does for this program, and all it does: `Wording`. Called by the command line and by Slack.

    explain     a finished diagnosis in plain words, each sentence with the checks it cites
    resembling  the known symptom that an unmatched paste resembles, for a button "triage as this"
    draft       a playbook with cases from an unmatched error, checked before anyone sees it

Every answer carries its `Participation`: which model took part and what was sent, so that people can ask. A model that
fails, is slow, is hostile or has no budget left costs its words and nothing else: no verdict, cause or remedy passes
through here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bot.domain.diagnosis import Diagnosis
from bot.narration.draft import Draft, DraftRejected, checked_draft, draft_question
from bot.narration.explain import explanation_question, ground_explanation
from bot.narration.grounding import Sentence
from bot.narration.ports import Model, Question, Reply
from bot.narration.resemble import Resemblance, ground_resemblance, resemblance_question
from bot.playbook.loaded import PlaybookSet
from bot.redaction import Boundary

NewDelimiter = Callable[[], str]
"""Makes a fence's delimiter by chance (`secrets.token_hex`); never twice the same."""


@dataclass(frozen=True, slots=True)
class Participation:
    """That a model took part: for which purpose, which one, where, what was sent (redacted), and the tokens it took."""

    purpose: str
    model: str
    endpoint: str
    sent: str
    tokens_in: int
    tokens_out: int

    def label(self) -> str:
        """How words of the model are marked wherever they are shown."""
        return f"Worded by {self.model}. The diagnosis was made without it."


@dataclass(frozen=True, slots=True)
class Explanation:
    """A diagnosis in plain words: at least one sentence. Their texts are untrusted: escape them like log lines."""

    sentences: tuple[Sentence, ...]
    participation: Participation


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

    def __init__(self, model: Model, boundary: Boundary, new_delimiter: NewDelimiter) -> None:
        self._model = model
        self._boundary = boundary
        self._new_delimiter = new_delimiter

    @property
    def model(self) -> str:
        """Which model it is, for `doctor` and cards: `NAME at ADDRESS`."""
        return f"{self._model.name} at {self._model.endpoint}"

    def explain(self, diagnosis: Diagnosis) -> Explanation | None:
        """The diagnosis in plain words; None when no sentence of the answer is grounded. Raises `ModelError`."""
        question = explanation_question(diagnosis, self._new_delimiter())
        reply, took_part = self._ask(question)
        sentences = ground_explanation(reply, diagnosis, took_part.sent)
        return Explanation(sentences, took_part) if sentences else None

    def resembling(self, paste: str, playbooks: PlaybookSet, app: str | None = None) -> Suggestion | None:
        """The known symptom (of one app, or any) that a raw paste resembles; None when the model was not asked at all,
        because there is nothing to compare. Raises `ModelError`.
        """
        symptoms = playbooks.symptoms if app is None else playbooks.symptoms_of(app)
        if not symptoms or not paste.strip():
            return None
        redacted = self._boundary.redactor().text(paste)
        reply, took_part = self._ask(resemblance_question(redacted, symptoms, self._new_delimiter()))
        return Suggestion(ground_resemblance(reply, redacted, symptoms, took_part.sent), took_part)

    def draft(self, paste: str, app: str, playbooks: PlaybookSet) -> Drafted:
        """A playbook for the error in a raw paste. The model may correct its mistakes once.

        Raises `ModelError`, or `DraftRejected` when what it drafts does not pass the checks.
        """
        redacted = self._boundary.redactor().text(paste)
        reply, took_part = self._ask(draft_question(redacted, app, self._new_delimiter()))
        try:
            return Drafted(self._checked(reply, redacted, app, playbooks), took_part)
        except DraftRejected as rejected:
            reply, took_part = self._ask(draft_question(redacted, app, self._new_delimiter(), rejected.problems))
            return Drafted(self._checked(reply, redacted, app, playbooks), took_part)

    def _checked(self, reply: Reply, paste: str, app: str, playbooks: PlaybookSet) -> Draft:
        draft = checked_draft(reply, paste, app, playbooks)
        if self._boundary.text(draft.playbook + draft.cases) != draft.playbook + draft.cases:
            raise DraftRejected(["the draft contains what looks like a secret; use placeholders in look-alikes"])
        return draft

    def _ask(self, question: Question) -> tuple[Reply, Participation]:
        """Ask with what is left after a last redaction. What is recorded as sent is what was sent."""
        last = self._boundary.redactor()
        last.adopt([question.user])
        user = last.text(question.user)
        asked = Question(question.purpose, question.system, user, question.schema, question.max_tokens)
        reply = self._model.ask(asked)
        model = self._model
        return reply, Participation(
            question.purpose, model.name, model.endpoint, user, reply.tokens_in, reply.tokens_out
        )
