"""Loads a policy file: the policy, or a list of everything that is wrong with it.

Called by the reload (`source`) and by `triage policy check`. Never loads a part of a file.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from bot.changes.policy.compiler import compiled
from bot.changes.policy.model import Policy
from bot.changes.policy.rules import check
from bot.changes.policy.schema import PolicyFile
from bot.domain.errors import PolicyRejected
from bot.playbook.positions import START, Position, Problem
from bot.playbook.salvage import salvage
from bot.playbook.source import SourceFile, read_file
from bot.playbook.wording import mistakes, place, sentence
from bot.playbook.yaml_text import Document, read

SCHEMA = "triage/policy/v1"

_Found = list[tuple[Position, str]]


def load(path: Path) -> Policy:
    """Read and check a policy file.

    Raises `PolicyRejected` with all mistakes, sorted, each as `file:line:column: message`; a file that is not there or
    cannot be read is one of them.
    """
    return parse(read_file(path, path.name))


def parse(source: SourceFile) -> Policy:
    """The same for contents that were already read. Raises `PolicyRejected`."""
    found: _Found = []
    spec: PolicyFile | None = None
    if source.refusal:
        found.append((START, source.refusal))
    else:
        document = read(source.content)
        found += document.problems
        if document.data is not None:
            spec = _validated(document, found)
    if spec is None or found:
        problems = sorted({Problem(source.name, position, message) for position, message in found})
        raise PolicyRejected(tuple(str(problem) for problem in problems))
    return compiled(spec, hashlib.sha256(source.content).hexdigest())


def _validated(document: Document, found: _Found) -> PolicyFile | None:
    """What the file says, or as much of it as can be understood, for the rules; `found` gets its mistakes."""
    positions, wrong = document.positions, list(document.damaged)
    spec: PolicyFile | None
    try:
        spec = PolicyFile.model_validate(document.data)
    except ValidationError as error:
        for mistake in mistakes(error, positions, document.damaged):
            found.append((place(mistake, positions), sentence(mistake, PolicyFile)))
            wrong.append(mistake.path)
        spec = _salvaged(document)
    for path, text in check(spec) if spec is not None else ():
        if not any(inner[: len(path)] == path for inner in wrong):  # else it only follows from that
            found.append((positions.of(path), text))
    return spec


def _salvaged(document: Document) -> PolicyFile | None:
    """The rest of a file with mistakes; nothing is ever decided by it."""
    data: dict[str, Any] = document.data
    data.update(schema=SCHEMA, kind="policy", enabled=False)
    if not isinstance(data.get("roles"), dict):
        data["roles"] = {}
    kept = salvage(PolicyFile, data, document.positions)
    return kept if isinstance(kept, PolicyFile) else None
