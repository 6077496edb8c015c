"""Cleaning: plain rows come out, and every row still knows its line in the paste and where it came from."""

import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.errors import PasteRejected
from bot.engine.match.clean import BLOCK_CHARACTERS, MAX_PASTE_BYTES, clean, decode

LINE = "Error: connect ECONNREFUSED 10.0.0.1:8080"
POD = "onyx-web-server-6c9d7f8b5-x2x7q"


@pytest.mark.parametrize(
    ("pasted", "cleaned"),
    [
        (f"[pod/{POD}/web-server] {LINE}", LINE),
        (f"[pod/{POD}/web-server]   indented", "  indented"),
        (f"{POD} web-server {LINE}", LINE),
        (f"web_server-1               | {LINE}", LINE),
        (f"2025-11-12T08:31:07.512345678Z {LINE}", LINE),
        (f"2025-11-12T08:31:07.512345678Z stdout F {LINE}", LINE),
        (f"2025-11-12T08:31:07+01:00 {LINE}", LINE),
        (f"Nov 12 08:14:03 node-1 dockerd[812]: {LINE}", LINE),
        (f"E1112 08:14:03.123456    1234 probe.go:123] {LINE}", LINE),
        ('{"log":"' + LINE + '\\n","stream":"stderr","time":"2025-11-12T07:14:03.118Z"}', LINE),
        (f'[pod/{POD}/web-server] {{"message": "{LINE}", "level": "error"}}', LINE),
        ('{"log":"first\\nsecond\\n"}', "first\f\nsecond"),
        ('{"log":"2025-11-12T08:31:07Z stdout F ' + LINE + '"}', LINE),
        ('{"log":"cut off ' + LINE, "cut off " + LINE),
        (f"\x1b[31m\x1b[1m{LINE}\x1b[0m", LINE),
        (f"\x1b]8;;http://x\x07{LINE}\x1b]8;;\x07", LINE),
        (f"[31m{LINE}[39m", LINE),
        (f"&gt; {LINE} &amp; more", LINE + " & more"),
        (f"> {LINE}", LINE),
        (f"```{LINE}```", LINE),
        ("<http://main.py|main.py> <https://x.y/z> <@U123|ann> <#C1|ops>", "main.py https://x.y/z ann ops"),
        ("„a“ «b» ‘c’ d–e f…", '"a" "b" \'c\' d-e f...'),
        ("a\u00a0b\u200b\u202ec", "a bc"),
        ("• point", "point"),
        # left alone
        (
            "INFO:     10/07/2025 10:11:12 AM   h11_impl.py  473: x",
            "INFO:     10/07/2025 10:11:12 AM   h11_impl.py  473: x",
        ),
        ('{"detail":"LOGIN_BAD_CREDENTIALS"}', '{"detail":"LOGIN_BAD_CREDENTIALS"}'),
        ('  "message": "pretty",', '  "message": "pretty",'),
        ('["log", {"log": 1}]', '["log", {"log": 1}]'),
        (f"{POD}   0/1   CrashLoopBackOff", f"{POD}   0/1   CrashLoopBackOff"),
        ("node-2 has a problem", "node-2 has a problem"),
        ("#include <stdio.h>", "#include <stdio.h>"),
    ],
)
def test_a_line_is_cleaned(pasted, cleaned):
    assert clean(pasted).text == cleaned


def test_line_endings_of_windows_go():
    assert clean("a\r\nb\r\n").text == "a\nb\n"


@pytest.mark.parametrize(
    ("pasted", "names"),
    [
        (f"[pod/{POD}/web-server] x", (POD, "web-server")),
        (f"\x1b[35m{POD}\x1b[0m web-server x", (POD, "web-server")),
        ("keycloak-0 keycloak x", ("keycloak-0", "keycloak")),
        ("web_server-1  | x", ("web_server-1",)),
        ("> web_server-1  | x", ("web_server-1",)),
        ('{"log":"x","kubernetes":{"pod_name":"p","container_name":"c"}}', ("p", "c")),
        ('{"textPayload":"x","resource":{"labels":{"pod_name":"p","container_name":"c"}}}', ("p", "c")),
        ('{"message":"x","kubernetes":{"pod":{"name":"p"},"container":{"name":"c"}}}', ("p", "c")),
        (f'[pod/{POD}/web-server] {{"message":"x","pod":"p"}}', (POD, "web-server", "p")),
        ('2025-11-12T08:31:07Z {pod="p", app="a"} x', ("p", "a")),
        ("Nov 12 08:14:03 node-1 keycloak[812]: x", ("keycloak",)),
        ("Nov 12 08:14:03 node-1 dockerd[812]: x", ()),
        ("2025-11-12T08:31:07Z x", ()),
        ("plain", ()),
    ],
)
def test_a_line_knows_its_source(pasted, names):
    paste = clean(pasted)
    assert paste.origin(1).names == names
    assert paste.names(1, 1) == [names]


def test_names_of_many_lines_are_those_of_each():
    lines = [f'{{"log":"{number}","kubernetes":{{"pod_name":"p{number % 3}"}}}}' for number in range(50)]
    lines += [f"[pod/p{number % 3}/c] {number}" for number in range(50)]
    paste = clean("\n".join(lines))
    assert paste.names(1, 100) == [paste.origin(number).names for number in range(1, 101)]


PIECES = st.sampled_from(
    [
        *(
            "\n",
            "\r\n",
            "{",
            '{"log":"',
            '"}',
            "\\n",
            "[pod/",
            "] ",
            "\x1b[31m",
            "\x1b]",
            "<http://",
            "|",
            ">",
            "&gt;",
            "`",
        ),
        *(" ", "\t", "a-1  | ", "2025-11-12T08:31:07Z ", "\u200b", "„", "\ud800", "\x00", "\x85", "\u2028", "*", "• "),
        *("9" * 30, '{"a":' * 20),
    ]
)


@given(st.lists(PIECES | st.text(max_size=5), max_size=40).map("".join))
def test_any_text_keeps_its_lines_and_every_row_can_be_asked_for(text):
    paste = clean(text)
    rows = paste.text.split("\n")
    lines = text.split("\n")
    assert len(rows) == paste.row_count
    assert len(lines) == paste.line_count
    places = [paste.line_of(number) for number in range(1, paste.row_count + 1)]
    assert places == sorted(places)
    for number, row in enumerate(rows, start=1):
        assert paste.row(number) == row.removesuffix("\f")
        assert paste.original(number) == lines[places[number - 1] - 1]
        paste.origin(number)


def test_blocks_join_to_the_whole_text():
    text = "\n".join(f"{number} {'x' * (number % 300)}" for number in range(5000))
    paste = clean(text)
    assert len(text) > 3 * BLOCK_CHARACTERS
    assert len(paste.blocks) > 3
    assert paste.text == text
    assert [paste.row(number) for number in (1, 2500, 5000)] == [
        text.split("\n")[number - 1] for number in (1, 2500, 5000)
    ]


@pytest.mark.parametrize("number", [0, 3, -1])
def test_a_row_that_is_not_there_is_an_error(number):
    with pytest.raises(IndexError):
        clean("a\nb").row(number)


@pytest.mark.parametrize(
    "data",
    [
        "größe".encode(),
        b"\xef\xbb\xbf" + "größe".encode(),
        "größe".encode("utf-16"),
        b"\xfe\xff" + "größe".encode("utf-16-be"),
        "größe".encode("utf-32"),
    ],
)
def test_text_is_decoded(data):
    assert decode(data) == "größe"


def test_invalid_bytes_are_replaced():
    assert decode(b"Could not \xff trace") == "Could not \ufffd trace"


def test_a_few_null_bytes_are_dropped():
    assert decode(b"x" * 500 + b"\0" + b"y") == "x" * 500 + "y"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b" \n\t\n", "empty"),
        (gzip.compress(b"log", mtime=0), "gzip"),
        (b"PK\x03\x04rest", "zip"),
        (b"\x7fELF" + bytes(range(256)) * 4, "not text"),
        (b"ab\0\0" * 100, "not text"),
        (b"x" * (MAX_PASTE_BYTES + 1), "64 MiB"),
    ],
)
def test_what_cannot_be_a_log_is_refused_with_advice(data, reason):
    with pytest.raises(PasteRejected) as refusal:
        decode(data)
    assert reason in refusal.value.message
    assert refusal.value.remedy
