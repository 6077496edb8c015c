"""Messages that belong to the one above them though they stand at the margin: what libpq, wget and curl print."""

from __future__ import annotations

import re

# What libpq prints below the first line of one attempt to connect, at the margin or indented below another.
GOES_ON = re.compile(
    rb"SSL SYSCALL error|connection to server (?:at|on) |\(?Is the server running|"
    rb"\s*before or while processing the request"
)
# wget, curl and others print the destination first, and how the call went some lines below it, at the margin.
GOES_BACK = re.compile(
    rb"HTTP request sent|curl: \(\d|(?:Empty reply|Recv failure|Operation|Connection) \w|ERROR: |"
    rb"GnuTLS: |OpenSSL: |Unable to establish SSL|Resolving \S|Failed writing HTTP|The certificate|WARNING: C\w+ not |"
    rb"SSL(?: certificate problem)?: |OpenSSL/\S+: error|Ncat: [A-Z]|could not connect \(|connect time out|"
    rb"short read during |Alert!: |apr_\w{3,30}\(|"
    rb"[*<] \S|\*\*\* \s|svn: E\d|error: '|Exception: \[|"
    rb"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d (?:ERROR \d|\()"
)
AT_MARGIN = re.compile(rb"\n(?:" + GOES_ON.pattern + rb"|" + GOES_BACK.pattern + rb")")
"""A line that is either."""

_BEGAN = re.compile(
    rb"(?:Connecting to \S[^\n]{0,200}connected\.|(?:\* )?(?: *Trying|Connected to) \S[^\n]{0,200}|"
    rb"--\d{4}-\d\d-\d\d \d\d:\d\d:\d\d--  \S[^\n]{0,300}|https?://[^\s:]\S{0,300}:|"
    rb"Ncat: Connected to \S{1,300}|PING \S{1,253}:\d{1,5} \([^\n]{0,300}|Looking up \S{1,253}:\d{1,5}|"
    rb"Benchmarking \S{1,253} \(be patient\)[^\n]{0,20}|svn: E170013: \S[^\n]{0,300}|"
    rb"\*\*\* Error connecting to \S{1,300}:|"
    rb"\w{3,20}: connect to server at '[^'\n]{1,253}' failed|\S[^\n]{0,60} Download aborted\. URI=\S{1,300})$",
    re.MULTILINE,
)
_BEGINNINGS = (
    b"svn: E170013",
    b"*** Error connecting to ",
    b"Connecting to ",
    b"Connected to ",
    b" Trying ",
    b"Ncat: Connected to ",
    b"PING ",
    b"Looking up ",
    b"Benchmarking ",
    b"--  http",
    b"http",
    b"connect to server at '",
)
_BACK = 3000
"""How far above its last words a call of wget or curl may have begun."""


def began(data: bytes, begin: int) -> int:
    """Where a call began whose end is the message that begins here."""
    low = max(begin - _BACK, 0)
    for at in sorted((data.rfind(words, low, begin) for words in _BEGINNINGS), reverse=True):
        if at >= 0:
            start = data.rfind(b"\n", 0, at) + 1
            if _BEGAN.match(data, start, begin):
                return start
    return begin
