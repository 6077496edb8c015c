"""The filter of the matcher asks for no less than the patterns do: a loosened one finds all that the pattern finds."""

from __future__ import annotations

import pytest

from bot.engine.match.patterns import without_counts


@pytest.mark.parametrize(
    ("pattern", "loosened"),
    [
        (r"a{2}b{0,3}?c{1,}", r"a+b*?c+"),
        (r"(?:refused|timed\s+out){1,3}", r"(?:refused|timed\s+out)+"),
        (r"[){1,2}]x{4}", r"[){1,2}]x+"),
        (r"[\]{1,2}]y{3}", r"[\]{1,2}]y+"),
        (r"[]{1,2}]", r"[]{1,2}]"),
        (r"[[:alpha:]{1}]q{0}", r"[[:alpha:]{1}]q*"),
        (r"\x{10}\p{Lu}{2}", r"\x{10}\p{Lu}+"),
        (r"\Qa){2}\E(b){2,4}", r"\Qa){2}\E(b)+"),
        (r"\{2}a{,2}", r"\{2}a{,2}"),
    ],
)
def test_only_counts_of_repetitions_are_loosened(pattern: str, loosened: str) -> None:
    assert without_counts(pattern) == loosened
