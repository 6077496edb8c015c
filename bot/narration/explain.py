"""Puts a diagnosis in plain words: builds the question, and keeps of the answer what the diagnosis carries. Pure.

The diagnosis is finished when this begins. A model gets its statements and nothing else, and each sentence of its
answer is shown only if the statements that it cites carry it (`entailment/carried.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import ValidationError

from bot.domain.diagnosis import Diagnosis
from bot.narration.entailment.carried import judge, without_citations
from bot.narration.entailment.languages import ENGLISH, Language, translates
from bot.narration.fence import fence, rule
from bot.narration.grounding import Claimed, ClaimedSentences, Sentence, is_harmless, tidy
from bot.narration.outcome import Outcome
from bot.narration.ports import ModelPrompt, Reply
from bot.narration.statements import Statement, Statements, statements_of

MOST_JUDGED = 50
"""Sentences of an answer that are looked at; a model was asked for five."""
MOST_SHOWN = 6
LONGEST_ANSWER_TOKENS = 400

_SYSTEM = (
    "You put the result of an incident diagnosis into plain words for the engineer on call. You get numbered "
    "statements; they are true, final and all there is. Write two to five short sentences: what is broken, how it is "
    "known, what follows. Each sentence only says what statements say, keeps their names and numbers, and cites their "
    "ids in `statements`. Add nothing: no cause, number, name, advice, forecast or comfort of your own. "
)
_IN_OTHER = "Write in {0}; keep names, numbers and quoted text as they are. "
SCHEMA = {
    "type": "object",
    "additionalProperties": False,
    "required": ["sentences"],
    "properties": {
        "sentences": {
            "type": "array",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["text", "statements"],
                "properties": {
                    "text": {"type": "string"},
                    "statements": {"type": "array", "items": {"type": "string"}},
                },
            },
        }
    },
}


@dataclass(frozen=True, slots=True)
class Dropped:
    """A sentence that is not shown, and why. Its text is untrusted."""

    text: str
    why: str


@dataclass(frozen=True, slots=True)
class CheckedExplanation:
    """What is left of an answer: sentences to show, and what was dropped."""

    sentences: tuple[Sentence, ...]
    dropped: tuple[Dropped, ...] = ()
    outcome: Outcome = Outcome.SHOWN


def explanation_question(diagnosis: Diagnosis, delimiter: str, language: Language = ENGLISH) -> ModelPrompt:
    """What the model is asked about a diagnosis, which is redacted already."""
    told = "\n".join(f"{one.id}: {one.text}" for one in statements_of(diagnosis).told)
    other = "" if language is ENGLISH else _IN_OTHER.format(language.name)
    system = _SYSTEM + other + rule(delimiter)
    return ModelPrompt("explain", system, fence(told, delimiter), SCHEMA, max_tokens=LONGEST_ANSWER_TOKENS)


def kept_of(reply: Reply, diagnosis: Diagnosis, given: str, language: Language = ENGLISH) -> CheckedExplanation:
    """What of an answer may be shown. `given` is what the model was sent, after the last redaction."""
    try:
        claims = ClaimedSentences.model_validate(dict(reply.data)).sentences
    except ValidationError:
        return CheckedExplanation((), outcome=Outcome.OTHER_SHAPE)
    if not any(claim.text.strip() for claim in claims):
        return CheckedExplanation((), outcome=Outcome.NO_SENTENCE)
    statements = statements_of(diagnosis)
    shown: list[Sentence] = []
    dropped: list[Dropped] = [Dropped(tidy(one.text), "too many sentences") for one in claims[MOST_JUDGED:][:5]]
    subject: str | None = None
    for claim in claims[:MOST_JUDGED]:
        if not claim.text.strip():
            continue
        why, found, subject = _judged(claim, statements, given, language, subject)
        if why or len(shown) >= MOST_SHOWN or any(one.text == found.text for one in shown):
            dropped.append(Dropped(tidy(claim.text), why or "said already"))
        else:
            shown.append(found)
    return CheckedExplanation(tuple(shown), tuple(dropped), Outcome.SHOWN if shown else Outcome.NOT_CARRIED)


def _judged(
    claim: Claimed, statements: Statements, given: str, language: Language, subject: str | None
) -> tuple[str, Sentence, str | None]:
    """Why a sentence is not shown ("" if it is), the sentence, and what "it" stands for in the next one."""
    text = without_citations(claim.text)
    ids = claim.ids()
    sentence = Sentence(text, tuple(ids))
    evidence = statements.cited(ids)
    if evidence is None:
        return "cites nothing that exists", sentence, subject
    if len(claim.text) > len(tidy(claim.text)) + 20 and len(claim.text) > 2000:
        return "too long", sentence, subject
    if not is_harmless(text, given):
        return "a link, a mention, a command or a number of its own", sentence, subject
    about = {subject} if subject else statements.about
    if language is not ENGLISH:
        translated = _text(evidence, ids)
        why = translates(text, translated, [one.text for one in evidence], statements.names, language)
        return why, Sentence(text, tuple(ids), translated), subject
    judged = judge(text, evidence, statements.names, about, over=statements.over)
    if not judged.carried:
        return judged.reason, sentence, subject
    return "", sentence, judged.subject or subject


def _text(evidence: Sequence[Statement], ids: Sequence[str]) -> str:
    """The statements that a sentence in another language stands for, in the engine's words."""
    wanted = set(ids)
    return " ".join(one.text for one in evidence if one.id in wanted or wanted & set(one.checks))
