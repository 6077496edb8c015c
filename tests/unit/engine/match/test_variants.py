"""The four errors are recognised in every form they are printed in, however they are wrapped."""

import pytest

from tests.support.sampling import sampled
from tests.unit.match_shapes import SHAPES, WRAPS
from tests.unit.onyx_matcher import ids

EVERY = [(shape, wrap) for shape in SHAPES for wrap in WRAPS]


@pytest.mark.parametrize("wrap", sampled(WRAPS, 5))
def test_every_shape_is_recognised_in_this_wrapping(wrap):
    wrong = {}
    for shape, (expected, text) in SHAPES.items():
        found = ids(WRAPS[wrap](text, expected))
        if found != {expected}:
            wrong[shape] = found
    assert wrong == {}


@pytest.mark.parametrize("shape", SHAPES)
def test_a_shape_between_other_lines_is_found_once(shape):
    expected, text = SHAPES[shape]
    noise = 'INFO:     10/07/2025 10:11:12 AM   h11_impl.py  473: [API:zzzzzzzz] 10.0.0.1:5 - "GET /me HTTP/1.1" 200'
    assert ids("\n".join([noise] * 30 + [text] + [noise] * 30)) == {expected}
