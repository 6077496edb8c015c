"""Puts a diagnosis in plain words: builds the question and grounds the answer. Pure.

The diagnosis is finished when this begins. Nothing here returns a cause, a verdict or a remedy.
"""

from __future__ import annotations

import json

from pydantic import ValidationError

from bot.domain.diagnosis import Cause, Diagnosis
from bot.narration.fence import bounded, fence, rule
from bot.narration.grounding import Claims, Sentence, grounded
from bot.narration.ports import Question, Reply

LONGEST_EVIDENCE = 12_000
"""Characters of evidence that are sent: about 4,000 tokens, which small models still hold."""
MOST_SYMPTOM_LINES = 3

_SYSTEM = (
    "You put the result of an incident diagnosis into plain words for the engineer on call. The diagnosis was made by "
    "rules and is final: do not add, remove, doubt or rank causes, and do not propose actions. Write two to five short "
    "sentences: what is broken, how it is known, what people notice. Each sentence cites in `checks` the ids of the "
    "checks it rests on, exactly as they are given. Use no numbers, names or links that are not in the data. "
)
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
                "required": ["text", "checks"],
                "properties": {
                    "text": {"type": "string"},
                    "checks": {"type": "array", "items": {"type": "string"}},
                },
            },
        }
    },
}


def explanation_question(diagnosis: Diagnosis, delimiter: str) -> Question:
    """What the model is asked about a diagnosis, which is redacted already."""
    evidence = bounded(_evidence(diagnosis), LONGEST_EVIDENCE)
    return Question("explain", _SYSTEM + rule(delimiter), fence(evidence, delimiter), SCHEMA)


def ground_explanation(reply: Reply, diagnosis: Diagnosis, given: str) -> tuple[Sentence, ...]:
    """The sentences that may be shown; none when the answer is of no use.

    One that names a cause which is not a root cause contradicts the diagnosis, or weighs causes: it is dropped.
    """
    try:
        claims = Claims.model_validate(dict(reply.data))
    except ValidationError:
        return ()
    roots = {cause.id for cause in diagnosis.root_causes}
    others = [cause.id for cause in diagnosis.causes if cause.id not in roots]
    sentences = grounded(claims.sentences, {check.id for check in diagnosis.checks}, given)
    return tuple(one for one in sentences if not any(name in one.text for name in others))


def _evidence(diagnosis: Diagnosis) -> str:
    """Everything the model may speak of, as JSON."""
    wanted = {name for cause in diagnosis.root_causes for name in (*cause.because, *cause.against)}
    checks = sorted(diagnosis.checks, key=lambda check: (check.id not in wanted, check.status.value))
    return json.dumps(
        {
            "app": diagnosis.app,
            "verdict": diagnosis.verdict.value,
            "headline": diagnosis.headline,
            "root_causes": [_cause(cause) for cause in diagnosis.root_causes],
            "symptoms": [
                {
                    "title": item.symptom.title,
                    "count": item.symptom.count,
                    "explained_by": item.explained_by,
                    "lines": [line[:300] for line in item.symptom.lines[:MOST_SYMPTOM_LINES]],
                }
                for item in diagnosis.symptoms
            ],
            "could_not_check": [gap.sentence() for gap in diagnosis.gaps],
            "checks": [{"id": one.id, "status": one.status.value, "summary": one.summary} for one in checks],
        },
        ensure_ascii=False,
        indent=1,
    )


def _cause(cause: Cause) -> dict[str, object]:
    return {
        "id": cause.id,
        "verdict": cause.verdict.value,
        "sentence": cause.sentence,
        "because": list(cause.because),
        "explains": list(cause.explains),
    }
