"""What the lines of a paste mean in any program's log. Pure; reads the beginning and the end of a large paste."""

from __future__ import annotations

from dataclasses import replace

from bot.domain.meanings import Meaning
from bot.engine.match.clean import CleanPaste
from bot.engine.values.known_lines import KnownLines

_ROWS = 700
_SHOWN = 300
_MOST = 12


def meanings_in(paste: CleanPaste, known: KnownLines) -> tuple[Meaning, ...]:
    """Each kind of line once, in the order of the text."""
    found: dict[str, Meaning] = {}
    rows = paste.row_count
    numbers = range(1, rows + 1) if rows <= 2 * _ROWS else [*range(1, _ROWS + 1), *range(rows - _ROWS + 1, rows + 1)]
    for number in numbers:
        read = known.first(paste.row(number))
        if read is None:
            continue
        spec, before = read.spec, found.get(read.spec.id)
        if before is not None:
            found[spec.id] = replace(before, count=before.count + 1)
            continue
        shown = read.text.strip()[:_SHOWN]
        found[spec.id] = Meaning(spec.id, spec.what, shown, paste.line_of(number), 1, spec.own, dict(read.fields))
    return tuple(found.values())[:_MOST]
