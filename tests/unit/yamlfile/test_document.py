"""The YAML reader: plain data, exact places, and a sentence for everything it refuses."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.yamlfile.document import MAX_DEPTH, read
from bot.yamlfile.positions import Position
from bot.yamlfile.scalars import Surprise, plain_value
from tests.unit.playbook_files import HERE, good_files

PARSERS = [yaml.SafeLoader, getattr(yaml, "CSafeLoader", yaml.SafeLoader)]
TEXT = """\
# a comment
title: "quoted"
nested:
  list:
    - one
    - {a: 1, b: 2.5}
  on: true
block: |
  line
  \tindented by a tab
nothing:
"""


@pytest.fixture(params=PARSERS, ids=lambda parser: parser.__name__)
def parser(request: pytest.FixtureRequest) -> Any:
    return request.param


def test_values_are_plain_data(parser: Any) -> None:
    document = read(TEXT.encode(), parser)

    assert document.problems == []
    assert document.data == {
        "title": "quoted",
        "nested": {"list": ["one", {"a": 1, "b": 2.5}], "on": True},
        "block": "line\n\tindented by a tab\n",
        "nothing": None,
    }


def test_every_key_and_value_has_its_place(parser: Any) -> None:
    positions = read(TEXT.encode(), parser).positions

    assert positions.of(("title",)) == Position(2, 8)
    assert positions.of_key(("nested", "list")) == Position(4, 3)
    assert positions.of(("nested", "list", 1)) == Position(6, 7)
    assert positions.of(("nested", "list", 1, "b")) == Position(6, 17)
    assert positions.of(("nested", "list", 1, "gone", "deeper")) == Position(6, 7)
    assert positions.of_key(()) == Position(2, 1)


def test_columns_count_characters_and_not_bytes(parser: Any) -> None:
    document = read("{ä: ö, b: yes}".encode(), parser)

    assert [position for position, _ in document.problems] == [Position(1, 11)]


@pytest.mark.parametrize("name", sorted(good_files()))
def test_both_parsers_read_the_same(name: str) -> None:
    content = good_files()[name].encode()
    first, second = (read(content, parser) for parser in PARSERS)

    assert first.problems == second.problems == []
    assert first.data == second.data
    assert first.positions == second.positions


@pytest.mark.parametrize("path", sorted((HERE / "bad").glob("*.yaml")), ids=lambda path: path.stem)
def test_both_parsers_refuse_the_same_lines(path: Any) -> None:
    first, second = (read(path.read_bytes(), parser) for parser in PARSERS)

    assert [position.line for position, _ in first.problems] == [position.line for position, _ in second.problems]


@pytest.mark.parametrize(
    ("content", "position", "message"),
    [
        (b"", (1, 1), "the file is empty"),
        (b"\n\n# only a comment\n", (1, 1), "the file is empty"),
        (b"null\n", (1, 1), "the file is empty"),
        (b"just a text\n", (1, 1), "must be a mapping"),
        (b"a: 1\nb: caf\xe9\n", (2, 7), "not UTF-8"),
        ("a: 1".encode("utf-16"), (1, 1), "not UTF-8"),
        (b"a: 1\nb: \x07\n", (2, 4), "U+0007 is not allowed"),
        (b"a: 1\n---\nb: 2\n", (2, 1), "second document"),
        (b"a: 1\n\tb: 2\n", (2, 1), "a tab"),
        (b"? [a]\n: 1\n", (1, 3), "cannot be a key"),
        (b"~: 1\n", (1, 1), "the key `~` is not a text"),
        (b"true: 1\n", (1, 1), "the key `true` is not a text"),
        (b"a: !!python/object:os.system x\n", (1, 4), "is a YAML tag"),
        (b"a: &x 1\n", (1, 4), "is a YAML anchor"),
        (b"a: 1\nb: {<<: 2}\n", (2, 5), "merges mappings"),
        (b"a: [1, 2\n", (1, 4), "not closed"),
        (b"a: 'it's'\n", (1, 8), "closing quote"),
        (b"a: @b\n", (1, 4), "cannot begin with `@`"),
        (b"a: 1\na: 2\n", (2, 1), "already given in line 1"),
        (b"a: |\nb\n", (2, 1), "Indent all of it"),
        (b"a: ? b\n", (1, 4), "put the text in quotes"),
    ],
)
def test_what_is_not_one_plain_document_is_refused_in_words(
    content: bytes, position: tuple[int, int], message: str, parser: Any
) -> None:
    problems = read(content, parser).problems

    assert len(problems) == 1
    assert problems[0][0] == Position(*position)
    assert message in problems[0][1]


def test_an_alias_bomb_is_refused_without_being_built() -> None:
    levels = ["a: &a [x, x]"] + [f"{b}: &{b} [*{a}, *{a}]" for a, b in zip("abcdefghij", "bcdefghijk", strict=True)]

    problems = read("\n".join(levels).encode()).problems

    assert len(problems) == 11 + 20
    assert all("YAML anchor" in message or "YAML alias" in message for _, message in problems)


def test_deep_nesting_is_refused_at_the_level_that_is_too_deep(parser: Any) -> None:
    assert read(b"a: " + b"[" * (MAX_DEPTH - 1) + b"]" * (MAX_DEPTH - 1), parser).problems == []
    problems = read(b"a: " + b"[" * 400 + b"]" * 400, parser).problems

    assert problems == [(Position(1, 3 + MAX_DEPTH), f"this is nested more than {MAX_DEPTH} levels deep")]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", 0), ("-12", -12), ("3.50", 3.5), ("1e3", 1000.0), ("true", True), ("false", False), ("null", None),
        ("~", None), ("", None), ("text", "text"), ("2.7.0", "2.7.0"), ("10.0.0.1:8080", "10.0.0.1:8080"),
        ("-", "-"), ("nobody", "nobody"), ("<2.7", "<2.7"), ("2Gi", "2Gi"), (".yaml", ".yaml"), ("2026-01", "2026-01"),
    ],
)  # fmt: skip
def test_plain_values_that_all_readers_agree_on_are_taken(text: str, value: object) -> None:
    found = plain_value(text)

    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    "text",
    [
        "yes", "No", "ON", "off", "True", "FALSE", "Null", "010", "08", "0o17", "0x1F", "0b11", "1_000", "1:30",
        "190:20:30.15", ".inf",
        "-.INF", ".nan", ".5", "1.", "+1", "2026-01-31", "2026-01-31 10:00:00", "9" * 5000, "1e999",
    ],
)  # fmt: skip
def test_plain_values_that_readers_disagree_on_are_refused(text: str) -> None:
    assert isinstance(plain_value(text), Surprise)


def test_a_switch_word_may_be_a_key() -> None:
    assert plain_value("on", is_key=True) == "on"
    assert isinstance(plain_value("True", is_key=True), Surprise)


def test_whatever_yaml_1_1_does_not_read_as_a_text_is_no_text_here() -> None:
    resolver = yaml.resolver.Resolver()
    for text in (f"{a}{b}{c}{d}" for a in "01.-+yn" for b in "0x_.:e-" for c in ("", *"17oa") for d in ("", *"0:_")):
        tag = resolver.resolve(yaml.ScalarNode, text, (True, False))
        if tag.rpartition(":")[2] in ("int", "float", "bool", "null", "timestamp"):
            assert not isinstance(plain_value(text), str), text


@settings(max_examples=200, deadline=None)
@given(st.one_of(st.binary(max_size=60), st.text("ab:-{}[]'\"\t\n #&*!|>%@`?,0~\\", max_size=40).map(str.encode)))
def test_no_content_makes_the_reader_raise(content: bytes) -> None:
    document = read(content)

    assert isinstance(document.data, dict) or document.problems
    for position, message in document.problems:
        assert position.line >= 1
        assert position.column >= 1
        assert message
