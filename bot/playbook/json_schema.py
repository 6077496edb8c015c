"""The JSON Schema of playbooks, for editors that check and complete YAML. Printed by `triage playbooks schema`.

Weaker than the lint: it knows fields and types, but neither facts nor names.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, TypeAdapter

from bot.playbook.app_schema import AppPlaybook
from bot.playbook.case_schema import CaseFile
from bot.playbook.field_descriptions import FIELDS
from bot.playbook.schema import CausesPlaybook, SymptomPlaybook

DIALECT = "https://json-schema.org/draft/2020-12/schema"
ID = "urn:triage:schema:playbook:v1"
"""Names the schema wherever it is kept; changes with the version in the files' `schema`."""

_AnyFile = Annotated[AppPlaybook | SymptomPlaybook | CausesPlaybook | CaseFile, Field(discriminator="kind")]


def json_schema() -> dict[str, Any]:
    """One schema for all files: `oneOf` by `kind`, with a description for each field."""
    schema = TypeAdapter[Any](_AnyFile).json_schema(by_alias=True)
    for name, definition in schema["$defs"].items():
        for field, text in FIELDS.get(name, {}).items():
            definition["properties"][field]["description"] = text
    return {
        "$schema": DIALECT,
        "$id": ID,
        "title": "Triage playbook",
        "description": "A playbook (an app, a symptom, generic causes) or the cases beside one.",
        **schema,
    }
