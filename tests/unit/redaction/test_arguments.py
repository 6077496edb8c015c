"""Passwords of commands whose words stand in a list: only the command says what `-p` means."""

from __future__ import annotations

import pytest

from bot.redaction import Redactor

LISTS = (
    "    Command:\n      mysqldump\n      -uroot\n      -pQ7w9hunter\n      shop\n    State:  Running\n",
    "    Command:\n      mysqldump\n    Args:\n      -uroot\n      -pQ7w9hunter\n",
    "command:\n- redis-cli\n- -a\n- Q7w9hunter\n- ping\nimage: redis\n",
    "        command:\n          - psql\n          - -p\n          - 'Q7w9hunter'\n",
    'CMD ["mysql", "-h", "db", "-pQ7w9hunter"]',
    '{"command":["redis-cli","-a","Q7w9hunter","ping"],"image":"redis"}',
    r'"{\"command\":[\"mysql\",\"-pQ7w9hunter\"]}"',
)
HARMLESS = (
    "    Command:\n      redis-cli\n    State:\n      -a\n      not-a-word\n",
    "args:\n- mysql\n- --host\n- db\nports:\n- -p8080\n",
    "    Args:\n      -pidfile\n      /run/app.pid\n",
    '["web", "-p", "8080"] ["mysql"] -p8080',
)


@pytest.mark.parametrize("text", LISTS)
def test_a_word_is_hidden_where_its_command_says_that_it_is_a_password(text: str) -> None:
    hidden = Redactor().text(text)
    assert hidden == text.replace("Q7w9hunter", "‹password:1›")


@pytest.mark.parametrize("text", HARMLESS)
def test_words_of_another_list_stay(text: str) -> None:
    assert Redactor().text(text) == text


def test_a_list_of_any_length_costs_no_more_than_its_window() -> None:
    text = "Args:\n" + "      --verbose\n" * 40_000
    assert Redactor().text(text) == text
