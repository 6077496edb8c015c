"""What a screen adds to a log is undone, and a log that only looks so stays as it is."""

from bot.engine.match.layout import as_printed

LINE = (
    'sqlalchemy.exc.OperationalError: (psycopg2.Error) connection to server at "relational_db" (172.18.0.2), '
    'port 5432 failed: FATAL:  password authentication failed for user "onyx"'
)


def test_numbers_in_order_are_a_gutter():
    assert as_printed("\n   8  a\n   9    b\n  10  c") == "\na\n  b\nc"


def test_numbers_that_are_the_lines_own_stay():
    for text in (
        "\n200  GET /\n500  GET /a\n404  GET /b",
        "\n1  a\n2  b",
        "\n1  a\n2  b\nc",
        "\n1234.5\n1235.5\n1236.5",
    ):
        assert as_printed(text) == text


def test_a_line_broken_at_the_width_of_the_terminal_is_one_again_and_no_line_is_lost():
    broken = "\n" + "\n".join(LINE[at : at + 80] for at in range(0, len(LINE), 80)) + "\nnext"
    assert as_printed(broken) == f"\n{LINE}\n\n\nnext"


def test_lines_that_are_as_long_by_chance_stay():
    same = "x" * 75
    table = f"\nNAME   {'a' * 73}\nb   {'c' * 76}\nd"
    for text in (
        table,
        f"\nINFO {same}\nINFO {same}\nINFO {same}",
        f"\n{'y' * 81}\n{'z' * 80}\nend",
        f"\n{'y' * 70}\nend",
    ):
        assert as_printed(text) == text
