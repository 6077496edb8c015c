"""Drafts a playbook with cases from an error that no playbook knows, for a person to review. Pure.

A draft recognises an error and says what to look at; it has no causes and no remedies. It is shown to nobody before
lint and cases accept it, together with the playbooks in force, as `triage playbooks check` would.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.diagnosis.cases import run_cases
from bot.domain.errors import FilesRejected
from bot.engine.match.matcher import Matcher
from bot.narration.entailment.carried import carried_by_texts
from bot.narration.fence import bounded, fence, rule
from bot.narration.grounding import tidy
from bot.narration.ports import ModelPrompt, Reply
from bot.playbook.loaded import PlaybookSet
from bot.playbook.loader import parse
from bot.yamlfile.files import CASES_SUFFIX, SUFFIX, SourceFile

LONGEST_PASTE = 8_000
MOST_PROBLEMS = 10

_SYSTEM = (
    "You draft a rule that recognises one error in logs. Answer with: an `id` in snake_case, a short `title`, a "
    "`description` of one or two sentences saying what fails, a `severity`, one to three `signatures`, each an RE2 "
    "regular expression (no look-around, no back-references) that matches the lines that show the error and little "
    r"else: write `\s+` for blanks, `\d+` for numbers, `[^\s]+` for ids, addresses and names that change; `matches`: "
    "one to three excerpts copied exactly from the text, in which a signature must match; `lookalikes`: two to four "
    "similar lines of ordinary logs, made up by you, in which none may match. Propose no causes and no actions. "
)
_STRINGS = {"type": "array", "items": {"type": "string"}}
SCHEMA = {
    "type": "object",
    "additionalProperties": False,
    "required": ["id", "title", "description", "severity", "signatures", "matches", "lookalikes"],
    "properties": {
        "id": {"type": "string"},
        "title": {"type": "string"},
        "description": {"type": "string"},
        "severity": {"type": "string", "enum": ["critical", "warning", "info"]},
        "signatures": _STRINGS,
        "matches": _STRINGS,
        "lookalikes": _STRINGS,
    },
}
_Texts = Annotated[tuple[str, ...], Field(min_length=1, max_length=6)]
_NOT_IN_AN_ID = re.compile(r"[^a-z0-9]+")
_NOT_IN_A_LINE = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]")


class _Answer(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    id: str
    title: Annotated[str, Field(min_length=1)]
    description: Annotated[str, Field(min_length=1)]
    severity: Literal["critical", "warning", "info"]
    signatures: _Texts
    matches: _Texts
    lookalikes: _Texts


@dataclass(frozen=True, slots=True)
class Draft:
    """A playbook file and the case file that belongs beside it, checked. `name` and `cases_name` are file names."""

    app: str
    id: str
    name: str
    playbook: str
    cases_name: str
    cases: str


class DraftRejected(FilesRejected):
    """What the model drafted does not pass the checks of a playbook; `problems` says why."""

    def __init__(self, problems: Iterable[str]) -> None:
        remedy = "So it is not shown. Ask again, give more of the log, or write the playbook by hand."
        super().__init__("checks of the model's draft", tuple(problems)[:MOST_PROBLEMS], remedy)


def draft_question(paste: str, app: str, delimiter: str, problems: Sequence[str] = ()) -> ModelPrompt:
    """What the model is asked; `problems` are those of its first attempt."""
    again = ""
    if problems:
        # What a linter says quotes what the model wrote, and so perhaps the log: it is data too.
        again = f"\nYour last draft had these mistakes:\n{fence(chr(10).join(problems[:MOST_PROBLEMS]), delimiter)}"
    user = f"The app is called {app}. The text:\n{fence(bounded(paste, LONGEST_PASTE), delimiter)}{again}"
    return ModelPrompt("draft", _SYSTEM + rule(delimiter), user, SCHEMA, max_tokens=1500)


def checked_draft(reply: Reply, paste: str, app: str, playbooks: PlaybookSet) -> Draft:
    """The draft as two files. Raises `DraftRejected` unless lint and all cases hold, together with the other playbooks.

    The excerpts that must match have to stand in the paste: a model cannot prove its pattern with a text of its own.
    """
    try:
        answer = _Answer.model_validate(dict(reply.data))
    except ValidationError as exc:
        problems = [f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in exc.errors()]
        raise DraftRejected(problems) from exc
    excerpts = [text for text in answer.matches if text.strip() and _is_excerpt(text, paste)]
    if not excerpts:
        raise DraftRejected(["matches: no excerpt is copied exactly from the text"])
    draft = _written(answer, excerpts, app, _unproven(answer, paste))
    problems = _lint(draft, playbooks) or list(_cases(draft, playbooks))
    if problems:
        raise DraftRejected(problems)
    return draft


def _is_excerpt(text: str, paste: str) -> bool:
    return " ".join(text.split()) in " ".join(paste.split())


def _lint(draft: Draft, playbooks: PlaybookSet) -> list[str]:
    try:
        parse(_sources(draft, playbooks))
    except FilesRejected as rejected:
        return [problem for problem in rejected.problems if problem.startswith((draft.name, draft.cases_name))]
    return []


def _cases(draft: Draft, playbooks: PlaybookSet) -> Iterator[str]:
    """The draft's own cases, and the pastes of the app's other playbooks: it must not take what belongs to them."""
    together = parse(_sources(draft, playbooks), rules=False)
    alone = replace(together, files=tuple(file for file in together.files if file.name == draft.name))
    for result in run_cases(alone):
        if result.problems:
            yield f"{result.file}: {result.name}: {'; '.join(result.problems)}"
    mine = [item for item in together.symptoms_of(draft.app) if item.id == draft.id]
    matcher = Matcher(together.apps, mine, checked=True)
    for file in together.files:
        if file.cases is None or file.app != draft.app or file.cases_name == draft.cases_name:
            continue
        for paste in file.cases.pastes:
            if matcher.match(paste.text, draft.app):
                yield f"{draft.name}: also found in “{paste.name}” of {file.cases_name}; make the pattern narrower"


def _sources(draft: Draft, playbooks: PlaybookSet) -> list[SourceFile]:
    """The draft beside the playbooks in force, whose files are read again."""
    there = [
        SourceFile(path, name, path.read_bytes())
        for file in playbooks.files
        for path, name in ((file.path, file.name), (_beside(file.path), file.cases_name))
        if path.is_file()
    ]
    mine = [
        SourceFile(Path(draft.name), draft.name, draft.playbook.encode()),
        SourceFile(Path(draft.cases_name), draft.cases_name, draft.cases.encode()),
    ]
    return [*there, *mine]


def _beside(path: Path) -> Path:
    return path.with_name(path.name.removesuffix(SUFFIX) + CASES_SUFFIX)


def _unproven(answer: _Answer, paste: str) -> list[str]:
    """The sentences of a draft that nothing in the paste says: a person has to know them otherwise."""
    lines = [*paste.splitlines(), paste]
    said = [answer.title, *re.split(r"(?<=[.!?])\s+", answer.description)]
    return [tidy(one, 200) for one in said if one.strip() and not carried_by_texts(one, lines)]


def _written(answer: _Answer, excerpts: Sequence[str], app: str, unproven: Sequence[str]) -> Draft:
    identifier = _NOT_IN_AN_ID.sub("_", answer.id.lower()).strip("_")[:60] or "draft"
    if not identifier[0].isalpha():
        identifier = f"error_{identifier}"
    name = identifier.replace("_", "-")
    lines = [
        "# Drafted by a language model and checked by `triage playbooks check`. Review it before you use it:",
        "# are the signatures narrow enough, and is it really an error of its own?",
        "schema: triage/playbook/v1",
        "kind: symptom",
        f"app: {app}",
        f"id: {identifier}",
        *(
            f"# Nothing in the text says this, so prove it or take it out: {_NOT_IN_A_LINE.sub(' ', one)}"
            for one in unproven
        ),
        f"title: {_text(tidy(answer.title, 150))}",
        f"description: {_text(tidy(answer.description, 600))}",
        f"severity: {answer.severity}",
        "",
        "signatures:",
    ]
    for number, pattern in enumerate(answer.signatures, 1):
        lines += [f"  - id: form-{number}", f"    pattern: {_text(_NOT_IN_A_LINE.sub('', pattern))}"]
    cases = ["schema: triage/playbook/v1", "kind: cases", "pastes:"]
    for number, text in enumerate(excerpts, 1):
        cases += _case(f"as it was pasted, {number}", text, "match")
    for number, text in enumerate(answer.lookalikes, 1):
        cases += _case(f"look-alike {number}", text, "none")
    return Draft(
        app, identifier, f"{app}/{name}{SUFFIX}", _joined(lines), f"{app}/{name}{CASES_SUFFIX}", _joined(cases)
    )


def _case(name: str, text: str, expect: str) -> list[str]:
    return [f"  - name: {_text(name)}", f"    text: {_text(text)}", f"    expect: {expect}"]


def _text(text: str) -> str:
    """A YAML scalar in quotes: in single ones where possible, because backslashes stand for themselves there."""
    if "\n" not in text and not _NOT_IN_A_LINE.search(text):
        return "'" + text.replace("'", "''") + "'"
    return json.dumps(_NOT_IN_A_LINE.sub(" ", text), ensure_ascii=False)


def _joined(lines: Sequence[str]) -> str:
    return "\n".join(lines) + "\n"
