"""Colour for a diagnosis on a terminal. Only adds: without it the same text says the same."""

from __future__ import annotations

import re

RED, GREEN, YELLOW, BOLD, DIM, RESET = "\x1b[31m", "\x1b[32m", "\x1b[33m", "\x1b[1m", "\x1b[2m", "\x1b[0m"
_VERDICTS = {"FAULT": RED, "OVER": GREEN, "HEALTHY": GREEN, "HARMLESS": GREEN, "UNCLEAR": YELLOW}
_STATUSES = {"FAIL": RED, "ok": GREEN, "?": YELLOW}
_HEADLINE = re.compile(rf"\A\[({'|'.join(_VERDICTS)})\] (.*)")
_LABEL = re.compile(r"^([A-Z][A-Za-z0-9 ()]{1,30}?)(?= {2})", re.MULTILINE)
_STATUS = re.compile(r"^( {2})(FAIL|ok|\?)(?= )", re.MULTILINE)
_COMMAND = re.compile(r"^( +)(\$ .*)$", re.MULTILINE)


def painted(text: str) -> str:
    """The text of `diagnosis_text` with colours: verdict, labels, statuses; commands step back."""
    text = _LABEL.sub(rf"{BOLD}\1{RESET}", text)
    text = _STATUS.sub(lambda found: f"{found[1]}{_STATUSES[found[2]]}{found[2]}{RESET}", text)
    text = _COMMAND.sub(rf"\1{DIM}\2{RESET}", text)
    return _HEADLINE.sub(lambda found: f"{_VERDICTS[found[1]]}[{found[1]}]{RESET} {BOLD}{found[2]}{RESET}", text)
