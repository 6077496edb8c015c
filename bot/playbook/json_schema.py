"""The JSON Schema of playbooks, for editors that check and complete YAML. Printed by `triage playbooks schema`.

Weaker than the lint: it knows fields and types, but neither facts nor names.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, TypeAdapter

from bot.playbook.schema import AppPlaybook, CaseFile, CausesPlaybook, SymptomPlaybook

DIALECT = "https://json-schema.org/draft/2020-12/schema"

_AnyFile = Annotated[AppPlaybook | SymptomPlaybook | CausesPlaybook | CaseFile, Field(discriminator="kind")]


def json_schema() -> dict[str, Any]:
    """One schema for all files: `oneOf` by `kind`, with the docstrings of `bot.playbook.schema` as descriptions."""
    schema = TypeAdapter[Any](_AnyFile).json_schema(by_alias=True)
    return {
        "$schema": DIALECT,
        "title": "Triage playbook",
        "description": "A playbook (an app, a symptom, generic causes) or the cases beside one.",
        **schema,
    }
