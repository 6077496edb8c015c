"""The kinds of failure that a log can report, and what is known of all lines of one. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise

from bot.engine.checks.containers import shortened
from bot.engine.checks.detail.blame import is_statement, is_told_of_others
from bot.engine.checks.detail.held import GIVES_UP, HeldWords
from bot.engine.discovery.evidence import TRANSPORT
from bot.engine.values.levels import is_error, is_mild, is_put_off, is_quiet

QUEUE_LAG, PUT_OFF, SLOW_CALLS = "queue_lag", "put_off", "slow_calls"
TOO_EARLY = "token_too_early"
WAITS_FOR_LOCKS = "database_locked"
SERVED_ERRORS = "served_errors"
ANSWERED_ERROR = "dependency_error"
VAGUE = ("error_line", "crash", PUT_OFF)
"""Kinds that say that something fails, and not what."""
BAD_ANSWERS = frozenset({ANSWERED_ERROR, "method_unknown"})
"""Kinds by which a program tells that what it calls answers, and with an error."""
OF_OTHERS = frozenset({kind.value for kind in TRANSPORT} | BAD_ANSWERS | {SERVED_ERRORS})
"""Kinds that may be the trouble of what is called."""

_LEVEL = re.compile(r"(?i)\b(?:lag|backlog|depth)\b\D{0,20}(\d{1,12})\b")


_NO_MORE = re.compile(r"(?i)\b(?:giving up|gives? up|gave up|given up|no (?:more|longer)\b)")
_REASON = re.compile(r"(?i)\b(?:fail(?:ed|ure|s)?|could not|cannot|unable to|exception)\b[^\n]{0,60}?: \S")
"""`query failed: syntax error at "SELCT"`; `query aborted`, which follows, says less."""


@dataclass
class Reported:
    """All lines of one kind in the last minutes."""

    name: str
    what: str
    own: bool
    count: int = 0
    first: datetime | None = None
    last: datetime | None = None
    text: str = ""
    host: str = ""
    port: int = 0
    fields: dict[str, str] = field(default_factory=dict)
    ends_log: bool = False
    """Whether nothing was logged after it."""
    mild: bool = True
    """Whether the program calls every such line an information."""
    containers: set[str] = field(default_factory=set)
    """The containers whose logs hold these lines."""
    put_off: bool = True
    """Whether the program says of every such line that it keeps what failed for later."""
    amid: bool = False
    """Whether the program says other things since, that are no failure; for kinds that depend on it."""
    standing: bool = False
    """Whether it was said once and holds since, as the other thing was not said."""
    statements: bool = True
    """Whether every such line is a database's about a statement that it gave back."""
    quiet: bool = True
    """Whether every such line is only for who looks into how the program works."""
    held: bool = True
    """Whether every such line was said as its container began, ended in trouble, and has said nothing since."""
    sure: bool = True
    """Whether what is held so leaves no doubt that it still holds."""
    gives_up: bool = False
    """Whether the newest such line is an error that says that it is not tried again."""
    levels: list[int] = field(default_factory=list)
    """Of what falls behind: how far, line by line, as far as the lines say so."""

    def add(self, line: str, at: datetime | None, count: int = 1, *, held: HeldWords | None = None) -> None:
        self.count += count
        self.held = self.held and held is not None
        self.sure = self.sure and (held is None or held.sure)
        self.mild = self.mild and is_mild(line)
        self.put_off = self.put_off and is_put_off(line)
        self.quiet = self.quiet and (is_quiet(line) or is_told_of_others(self.name, line))
        self.statements = self.statements and is_statement(line)
        if not (self.text and ((held is not None and GIVES_UP.search(line)) or self._says_less(line))):
            self.text = shortened(line)
        self.gives_up = is_error(line) and _NO_MORE.search(line) is not None
        level = _LEVEL.search(line) if self.name == QUEUE_LAG else None
        if level is not None:
            self.levels.append(int(level[1]))
        if at is not None:
            self.first = min(self.first or at, at)
            self.last = max(self.last or at, at)

    def _says_less(self, line: str) -> bool:
        """Whether a line says that something fails, and the one that is kept also why."""
        return self.name in VAGUE and _REASON.search(self.text) is not None and _REASON.search(line) is None


_ENOUGH_LEVELS = 6
_GROWS_FOR = timedelta(seconds=20)
"""Shorter is the moment in which a burst comes in."""


def grows(item: Reported) -> bool:
    """Whether what falls behind does so from line to line, and by now twice as far as at first."""
    if item.first is None or item.last is None or item.last - item.first < _GROWS_FOR:
        return False
    return _only_rises(item.levels) and item.levels[-1] >= 2 * item.levels[0]


def shrinks(item: Reported) -> bool:
    """Whether what had fallen behind catches up from line to line."""
    return _only_rises(item.levels[::-1]) and item.levels[-1] < item.levels[0]


def _only_rises(levels: Sequence[int]) -> bool:
    return len(levels) >= _ENOUGH_LEVELS and all(one <= other for one, other in pairwise(levels))
