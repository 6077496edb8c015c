"""Text from logs cannot ping, link, hide or break out, wherever it is put."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.adapters.slack.render.text import Markup, escape, escaped, join, moment
from bot.incidents.plain_text import PLACEHOLDER, clean, one_line, spoken_duration

ENTITY = re.compile(r"&(amp|lt|gt);")


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]0;title\x07after", "after"),
        ("\x1b]8;;http://evil\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x9b31mred", "red"),
        ("ab\x08c\x00d\x7f", "abcd"),
        ("a\u202eb\u2066c\u2069d", "abcd"),
        ("a\u200bb\u200dc\ufeffd\u00ade", "abcde"),
        ("a\U000e0041b", "ab"),
        ("a\r\nb\rc\u2028d", "a\nb\nc\nd"),
        ("a\tb", "a\tb"),
        ("lone \ud83d surrogate", "lone \ufffd surrogate"),
        ("", PLACEHOLDER),
        (" \n\u200b ", PLACEHOLDER),
        ("日本語 🔥 ok", "日本語 🔥 ok"),
    ],
)
def test_clean_keeps_what_can_be_read_and_nothing_else(raw: str, shown: str) -> None:
    assert clean(raw, 100) == shown


def test_a_million_lines_are_cut_quickly_and_say_so() -> None:
    cut = clean("line\n" * 1_000_000, 50)
    assert len(cut) <= 50
    assert cut.endswith("…")


def test_one_line_is_one_line() -> None:
    assert one_line("a\n\n b\t c\r\n", 10) == "a b c"


@pytest.mark.parametrize(
    ("raw", "sent"),
    [
        ("<!channel> <@U123> <http://x|y>", "&lt;!channel&gt; &lt;@U123&gt; &lt;http://x|y&gt;"),
        ("&lt;!here&gt;", "&amp;lt;!here&amp;gt;"),
        ("a & b", "a &amp; b"),
    ],
)
def test_escape_is_final(raw: str, sent: str) -> None:
    assert escape(raw) == sent


@given(st.text(alphabet="<>&ab", max_size=60), st.integers(min_value=2, max_value=80))
def test_escaped_is_within_its_limit_and_never_cut_inside_an_entity(text: str, limit: int) -> None:
    sent = escaped(text, limit)
    assert len(sent) <= limit
    assert "&" not in ENTITY.sub("", sent)
    assert "<" not in sent


@given(st.text(max_size=300), st.integers(min_value=10, max_value=50))
def test_clean_is_bounded_never_empty_and_can_be_encoded(text: str, limit: int) -> None:
    cleaned = clean(text, limit)
    assert 1 <= len(cleaned) <= limit
    assert cleaned.encode()
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069]", cleaned)


def test_markup_escapes_plain_strings_and_takes_markup_as_it_is() -> None:
    when = moment(datetime(2026, 11, 23, 10, 2, tzinfo=UTC), with_date=False)
    made = join(" <·> ", [Markup("<@U1> & co"), when])
    assert made.source == "&lt;@U1&gt; &amp; co &lt;·&gt; <!date^1795428120^{time}|10:02 UTC>"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (-5, "under a minute"), (59, "under a minute"), (420, "7 min"), (3600, "1 h"), (7500, "2 h 5 min"),
        (86400, "1 d"), (273600, "3 d 4 h"),
    ],
)  # fmt: skip
def test_durations_are_said_as_people_say_them(seconds: float, said: str) -> None:
    assert spoken_duration(seconds) == said
