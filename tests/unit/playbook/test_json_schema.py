"""The JSON Schema for editors: one of each kind, closed, described."""

from __future__ import annotations

import json

from bot.playbook.field_descriptions import FIELDS
from bot.playbook.json_schema import json_schema


def test_there_is_one_schema_for_every_kind_of_file() -> None:
    schema = json_schema()

    kinds = schema["discriminator"]["mapping"]
    assert set(kinds) == {"app", "symptom", "causes", "cases"}
    assert {item["$ref"] for item in schema["oneOf"]} == set(kinds.values())


def test_fields_have_the_names_that_authors_write() -> None:
    definitions = json_schema()["$defs"]

    assert {"from", "to"} <= set(definitions["Route"]["properties"])
    assert "not" in definitions["Not"]["properties"]
    assert "for" in definitions["CausesPlaybook"]["required"]


def test_everything_is_described_and_nothing_unknown_is_allowed() -> None:
    for name, definition in json_schema()["$defs"].items():
        assert definition["description"], name
        assert definition["additionalProperties"] is False, name


def test_it_is_plain_json_and_always_the_same() -> None:
    assert json.loads(json.dumps(json_schema())) == json_schema()


def test_every_field_is_described_for_the_editor_and_none_that_is_not_there() -> None:
    definitions = json_schema()["$defs"]
    assert {name: set(item["properties"]) for name, item in definitions.items()} == {
        name: set(fields) for name, fields in FIELDS.items()
    }
    for name, item in definitions.items():
        for field, said in item["properties"].items():
            assert len(said["description"]) > 4, (name, field)


def test_the_schema_has_a_name_of_its_own() -> None:
    assert json_schema()["$id"] == "urn:triage:schema:playbook:v1"
