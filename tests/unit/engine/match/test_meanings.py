"""Lines that mean the same in every program are told, each kind once."""

from bot.engine.match.matcher import Matcher
from bot.playbook.schema import LineSpec

LINES = (
    LineSpec(
        id="port-taken",
        what="its port is taken",
        pattern=r"EADDRINUSE.*?(?P<port>\d+)",
        own=True,
        says=("EADDRINUSE :1",),
    ),
    LineSpec(
        id="refused", what="what it calls refuses", pattern=r"(?i)connection refused", says=("Connection refused",)
    ),
)


def meanings(text):
    return Matcher({}, (), LINES).read(text).meanings


def test_each_kind_of_line_is_told_once_with_its_first_line():
    found = meanings("x\nlisten EADDRINUSE :::3000\nConnection refused\nConnection refused")
    assert [(one.id, one.count, one.line_number, one.own) for one in found] == [
        ("port-taken", 1, 2, True),
        ("refused", 2, 3, False),
    ]
    assert found[0].fields == {"port": "3000"}


def test_a_line_in_a_record_is_told_too():
    (found,) = meanings('{\n  "level": "error",\n  "message": "it failed\\nConnection refused"\n}')
    assert (found.line, found.line_number) == ("Connection refused", 3)


def test_a_large_paste_is_read_at_both_ends():
    assert meanings("x\n" * 20_000 + "Connection refused")[0].line_number == 20_001


def test_without_known_lines_nothing_is_told():
    assert Matcher({}, ()).read("Connection refused").meanings == ()
