"""What counts as one occurrence: a log line and the exception that its traceback ends with are one."""

from __future__ import annotations

import pytest

from tests.unit.onyx_matcher import matcher

TRACED = """\
ERROR:    11/12/2025 07:14:03 AM   main.py  319: [API:a] Could not trace chat message
history File "/app/onyx/chat/chat_utils.py", line 260, in create_chat_chain RuntimeError: Could not trace chat message
history
"""


@pytest.mark.parametrize(
    ("text", "count"),
    [
        (TRACED, 1),
        (TRACED + TRACED.replace("07:14:03", "07:15:03"), 2),
        (TRACED.replace("ERROR:    11/12/2025 07:14:03 AM   main.py  319: ", ""), 2),  # no time: nothing says that
        ("RuntimeError: Could not trace chat message history\n" * 2, 2),
    ],
)
def test_a_log_line_and_the_exception_below_it_are_one_occurrence(text: str, count: int) -> None:
    (found,) = matcher().match(text)
    assert (found.id, found.count) == ("chat_history_broken", count)
