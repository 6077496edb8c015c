"""What the coarse patterns pass over holds nothing: they find every place in which a fine one matches."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

import pytest

from bot.redaction.coarse import Coarse, Group, coarse, compiled
from bot.redaction.patterns import passes
from tests.corpus import secrets_carriers, secrets_tuning
from tests.corpus.ordinary_logs import LINES, ordinary_lines
from tests.corpus.secret_cases import build
from tests.corpus.secrets_stranger import ROWS, SECOND, strangers

GROUPS = {
    **{f"form {number}": group for number, (_, group) in enumerate(passes().by_form)},
    "phrase": passes().by_phrase,
    "object": passes().in_objects,
    "prose": passes().in_prose,
    "told": passes().told,
}
SINGLE = ("pair", "rejected", "flag", "userinfo_encoded", "cookie", "commands", "links", "in_groups", "struct")


def among_ordinary_lines(apart: int) -> bytes:
    """Every text of the corpora, with this many ordinary lines before each."""
    rows = (
        secrets_carriers.FIRST,
        secrets_carriers.FRESH,
        secrets_carriers.THIRD,
        secrets_carriers.FOURTH,
        ROWS,
        SECOND,
    )
    cases = [case for table in rows for case in strangers(table, 5)] + build(secrets_tuning.ROWS, 5)
    ordinary = ordinary_lines(LINES)

    def lines() -> Iterator[str]:
        for case in cases:
            yield from islice(ordinary, apart)
            yield case.text

    return "\n".join(lines()).encode()


@pytest.fixture(scope="module", params=[0, 20])
def text(request: pytest.FixtureRequest) -> bytes:
    return among_ordinary_lines(request.param)


@pytest.mark.parametrize("group", GROUPS.values(), ids=GROUPS)
def test_a_group_finds_what_its_patterns_find_in_all_of_the_text(text: bytes, group: Group) -> None:
    found = {(number, match.span(match.lastindex)) for number, match in group.finditer(text)}
    for first, pattern in group.fine:
        every = {(first + match.lastindex - 1, match.span(match.lastindex)) for match in pattern.finditer(text)}
        assert every <= found


@pytest.mark.parametrize("name", SINGLE)
def test_what_is_rare_lies_in_the_places_found_for_it(text: bytes, name: str) -> None:
    places = passes().rare.places(text)
    for match in getattr(passes(), name).finditer(text):
        start, end = match.span(match.lastindex)
        assert [place for place in places if place[0] <= start and end <= place[1]], match.group()


def test_most_of_an_ordinary_log_is_passed_over() -> None:
    text = "\n".join(islice(ordinary_lines(LINES), 4000)).encode()
    for name, group in {**GROUPS, "rare": passes().rare}.items():
        places = group.places(text) if name != "prose" else []
        assert sum(end - start for start, end in places) < len(text) / 4, name


@pytest.mark.parametrize(
    ("pattern", "looser"),
    [
        (r"a{40}", r"a{10,}"),
        (r"a{40,}", r"a{10,}"),
        (r"a{2,40}?b", r"a{2,}?b"),
        (r"a{0,3}", r"a{0,}"),
        (r"a{3}b{6}", r"a{3}b{6}"),
        (r"[{}]\{4}", r"[{}]\{4}"),
    ],
)
def test_a_coarse_pattern_counts_to_ten(pattern: str, looser: str) -> None:
    assert coarse(pattern) == looser
    assert compiled(looser)


def test_a_place_begins_and_ends_with_lines_and_many_are_all() -> None:
    text = b"x\n" * 2000 + b"ab\n" + b"y\n" * 2000
    (only,) = Coarse(["ab"]).places(text)
    assert only[0] == 4000
    assert 4500 <= only[1] < 4600
    assert text[only[1] - 1 : only[1]] == b"\n"
    assert Coarse(["ab"]).places(b"ab\n" * 100) == [(0, 300)]
    assert Coarse(["ab"]).places(b"x") == []
