"""For a paste in which no rule found anything: which known symptom it resembles, as a suggestion to a person. Pure.

It recognises nothing: the person who presses "triage as this" does. Only symptoms that exist can be suggested, and the
lines that are given as the reason must be lines of the paste.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, ValidationError

from bot.domain.symptoms import Symptom
from bot.narration.entailment.carried import carried_by_texts
from bot.narration.fence import fence, rule
from bot.narration.grounding import is_harmless, tidy
from bot.narration.ports import ModelPrompt, Reply
from bot.playbook.schema import SymptomPlaybook

MOST_LINES = 120
LONGEST_LINE = 300
NONE = "none"
MOST_CITED = 5
OWN_WHY = "Compare these lines with it yourself: what the model gave as its reason, neither of them says."
"""Stands where a model's reason says more than the lines and the known error do."""

_SYSTEM = (
    "You compare an error message with a catalogue of known errors. Choose the one entry that means the same failure, "
    f"or `{NONE}` if none does; most texts resemble none. In `why`, say in one sentence what they have in common. In "
    "`lines`, give the numbers of the lines that show it. Propose no causes and no actions. "
)


class _Answer(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    symptom: str
    why: str
    lines: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Resemblance:
    """A suggestion: the known symptom `symptom_id` of `app`, why, and the lines of the paste that show it.

    `why` is untrusted text: escape it like a log line.
    """

    app: str
    symptom_id: str
    title: str
    why: str
    lines: tuple[str, ...]
    line_numbers: tuple[int, ...]


def resemblance_question(paste: str, symptoms: Sequence[SymptomPlaybook], delimiter: str) -> ModelPrompt:
    """What the model is asked about a redacted paste."""
    numbered = "\n".join(f"{number}: {line[:LONGEST_LINE]}" for number, line in _lines(paste))
    catalogue = "\n".join(f"- {_key(item)}: {item.title}. {item.description}" for item in symptoms)
    user = f"Known errors:\n{catalogue}\n\nThe text, with line numbers:\n{fence(numbered, delimiter)}"
    keys = [_key(item) for item in symptoms]
    schema = {
        "type": "object",
        "additionalProperties": False,
        "required": ["symptom", "why", "lines"],
        "properties": {
            "symptom": {"type": "string", "enum": [*keys, NONE]},
            "why": {"type": "string"},
            "lines": {"type": "array", "items": {"type": "integer"}},
        },
    }
    return ModelPrompt("resemble", _SYSTEM + rule(delimiter), user, schema, max_tokens=300)


def ground_resemblance(reply: Reply, paste: str, symptoms: Sequence[SymptomPlaybook], given: str) -> Resemblance | None:
    """The suggestion, if the symptom exists, the lines do, and the reason holds nothing to act on. A reason that
    neither the lines nor the known error carry is left out.
    """
    try:
        answer = _Answer.model_validate(dict(reply.data))
    except ValidationError:
        return None
    known = {_key(item): item for item in symptoms}.get(answer.symptom)
    lines = dict(_lines(paste))
    cited = tuple(number for number in dict.fromkeys(answer.lines) if lines.get(number, "").strip())[:MOST_CITED]
    why = tidy(answer.why)
    if known is None or not cited or not why or not is_harmless(why, given):
        return None
    if not carried_by_texts(why, [*(lines[number] for number in cited), known.title, known.description]):
        why = OWN_WHY
    return Resemblance(known.app, known.id, known.title, why, tuple(lines[number] for number in cited), cited)


def suggested_symptom(found: Resemblance) -> Symptom:
    """What a triage is asked with after a person has pressed "triage as this": the person says that it is this one."""
    return Symptom(
        id=found.symptom_id,
        title=found.title,
        playbook=f"{found.app}/{found.symptom_id}",
        app=found.app,
        count=1,
        lines=found.lines,
        line_numbers=found.line_numbers,
        signature="chosen by a person",
    )


def _key(symptom: SymptomPlaybook) -> str:
    return f"{symptom.app}/{symptom.id}"


def _lines(paste: str) -> list[tuple[int, str]]:
    """Numbered lines: the first half and the last half of what fits."""
    lines = list(enumerate(paste.splitlines(), 1))
    return lines if len(lines) <= MOST_LINES else lines[: MOST_LINES // 2] + lines[-MOST_LINES // 2 :]
