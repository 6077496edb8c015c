"""Which line of a log says why the program ended: not the last one, where that only belongs to a list or a dump."""

import pytest

from bot.domain.view import ContainerLog
from bot.engine.checks.logs import ending_reason

READ_ERROR = '{"s":"E","c":"WT","msg":"WiredTiger error","attr":{"message":"pread: Input/output error"}}'
ASSERTION = '{"s":"F","c":"ASSERT","msg":"Fatal assertion","attr":{"msgid":50853}}'
MYSQL = "2026-11-30T15:47:26.484000Z 0 [ERROR]"
DENIED = "[Server] Could not open file '/var/lib/mysql/is_writable' for error logging: Permission denied"
UNUSABLE = "[Server] The designated data directory /var/lib/mysql/ is unusable. You can remove all files"
FIELDS = "SQL State  : 42S21\nError Code : 1060"
GOROUTINES = "\n".join(
    f"goroutine {number} [select]:\nnet/http.(*persistConn).writeLoop(0xc000)\n\t/go/transport.go:2421 +0xe5\n"
    for number in range(40)
)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (f"listening\npanic: assignment to entry in nil map\n\n{GOROUTINES}", "panic: assignment to entry in nil map"),
        (
            f"fatal error: all goroutines are asleep\n\n{GOROUTINES}\nexit status 2",
            "fatal error: all goroutines are asleep",
        ),
        (
            "flag provided but not defined: -listen-addr\nUsage of /labels:\n  -listen string\n    \taddress",
            "flag provided but not defined: -listen-addr",
        ),
        # The list comes first, and what is wrong behind it.
        (
            "usage: sorter [-h]\nsorter: error: unrecognized arguments: --fast",
            "sorter: error: unrecognized arguments: --fast",
        ),
        # A list of what there is, with the error above it.
        ("ERROR: unknown exchange type\n" + "  known option 1\n" * 300, "ERROR: unknown exchange type"),
        ("Disk Usage: 41 %\nbye", "bye"),
        # An error's number says more than what the program thinks of it.
        ("CRITICAL: cannot load the history\n[Errno 28] No space left on device", "[Errno 28] No space left on device"),
        (
            "java.lang.OutOfMemoryError: Java heap space\n\tat a.B.c(B.java:4)\nfatal error in thread [main], exiting",
            "java.lang.OutOfMemoryError: Java heap space",
        ),
        ("ERROR: licence expired\nExiting...", "ERROR: licence expired"),
        # MongoDB says that it asserts, and aborts: why stands above.
        (f"{READ_ERROR}\n{ASSERTION}\n***aborting after fassert() failure", READ_ERROR),
        (
            f"{MYSQL} [MY-010187] {DENIED}\n{MYSQL} [MY-013236] {UNUSABLE}\n{MYSQL} [MY-010119] [Server] Aborting",
            f"{MYSQL} [MY-010187] {DENIED}".partition(" ")[2],
        ),
        # A failure that is told field by field.
        (
            f"ERROR: Migration failed!\n-----\nERROR: Rolled back\n{FIELDS}\nMessage    : Duplicate column name 'vat'",
            "ERROR: Rolled back: Duplicate column name 'vat'",
        ),
        (f"ERROR: Rolled back\n{FIELDS}", "ERROR: Rolled back"),
        ("ERROR: Rolled back\nbye\nMessage: see you", "ERROR: Rolled back"),
        # Where nothing else is said, that is all there is.
        ("Shutting down", "Shutting down"),
        ("", ""),
    ],
)
def test_the_line_that_says_why(text: str, reason: str) -> None:
    assert ending_reason([ContainerLog(pod="a", container="a", text=text)]) == reason
