"""What a log's lines say does not depend on their colours."""

import pytest

from bot.domain.view import ContainerLog


@pytest.mark.parametrize(
    ("printed", "said"),
    [
        ("\x1b[92mINFO\x1b[0m:     ready", "INFO:     ready"),
        ("\x1b[1;31;40mERROR\x1b[m refused", "ERROR refused"),
        ("nothing [31m to take away", "nothing [31m to take away"),
        ("", ""),
        (None, None),
    ],
)
def test_colours_are_no_part_of_a_line(printed: str | None, said: str | None) -> None:
    assert ContainerLog(pod="p", container="c", text=printed).text == said
