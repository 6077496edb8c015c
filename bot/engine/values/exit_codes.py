"""What the exit codes of containers mean, in words. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from bot.domain.kubernetes import ContainerStateTerminated

_MEANINGS: Mapping[int, str] = {
    0: "it ended by itself without an error",
    126: "the command is there and may not be executed",
    127: "the command was not found",
    132: "SIGILL: an instruction that this CPU does not have; the image may be for another CPU",
    134: "SIGABRT: the program aborted itself",
    135: "SIGBUS: bad memory access",
    136: "SIGFPE: arithmetic error",
    137: "SIGKILL: killed from outside; not recorded as out of memory",
    139: "SIGSEGV: the program crashed on a bad memory access",
    143: "SIGTERM: it was asked to end",
    255: "an error that the program gives no code of its own",
}


def meaning(code: int) -> str:
    """What a code means by itself; empty for those that only the program knows (1, 2, 3…)."""
    return _MEANINGS.get(code, "")


def ending_in_words(end: ContainerStateTerminated | None) -> str:
    """`exit code 127 (the command was not found)`; `killed for memory (OOMKilled, exit code 137)`."""
    if end is None:
        return "nothing is recorded about its end"
    if end.reason == "OOMKilled":
        return f"killed for memory (OOMKilled, exit code {end.exit_code})"
    known = meaning(end.exit_code)
    words = f"exit code {end.exit_code}" + (f" ({known})" if known else "")
    if end.reason and end.reason not in ("Error", "Completed"):
        words += f", {end.reason}"
    return words
