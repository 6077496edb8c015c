"""Finding every signature in a cleaned paste. Called by the matcher, which makes symptoms of what is found."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

import re2

from bot.engine.match.clean import CleanPaste
from bot.engine.match.page import Page, head, page_of
from bot.engine.match.patterns import Form, Patterns, Regex, SharedPattern

_TRIED_ON_ONE_LINE = 50
"""How often a pattern is tried again on a line where an `unless` has ruled out what it found."""

_KNOWN_WELL = 50
"""After so many occurrences of a symptom, a message in which one pattern was found is not searched for its others: they
could only add fields to an incident that is counted already."""


class Hit(NamedTuple):
    """One place where a pattern was found.

    `line` is the number of its first line, `head` that of the first line of its message, `column` the bytes from the
    start of the line, `fields` the named groups, `source` the names that the line carries in its prefix, `text` its
    message (of the first hits of a symptom only).
    """

    line: int
    column: int
    head: int
    fields: tuple[tuple[str, str], ...]
    source: tuple[str, ...]
    text: bytes = b""


_ASKED_OFTEN = 20
"""How often a page is searched around single hits before it is searched as a whole."""

Found = dict[tuple[int, int], list[Hit]]
"""The hits of each part of each signature, in order of their lines."""


def find(patterns: Patterns, paste: CleanPaste, wanted: frozenset[int]) -> Found:
    """The hits of the wanted symptoms; of a signature with parts only if all of them may be in the paste."""
    candidates = [patterns.candidates(text) for text in with_context(paste)]
    anywhere = frozenset[int]().union(*candidates)
    needed = {
        number
        for form in patterns.forms
        if form.symptom in wanted and anywhere.issuperset(form.looks)
        for number in form.looks
    }
    found: Found = defaultdict(list)
    occurred: dict[int, int] = defaultdict(int)
    for index, possible in enumerate(candidates):
        looks = sorted(possible & needed)
        if looks:
            block = paste.blocks[index]
            search = _PageSearch(patterns, page_of(paste, index), range(block.first, block.first + block.rows))
            search.run(looks, occurred, found)
    for hits in found.values():
        hits.sort()
    return found


def with_context(paste: CleanPaste) -> Iterator[bytes]:
    """The text of each block with the first lines of the next one: what lies across the border must be seen."""
    for index, block in enumerate(paste.blocks):
        yield block.data + (b"\n" + head(paste.blocks[index + 1].data) if index + 1 < len(paste.blocks) else b"")


class _PageSearch:
    """The search of one page. Only hits on the `own` lines count; the others belong to the pages before and after."""

    def __init__(self, patterns: Patterns, page: Page, own: range) -> None:
        self._patterns = patterns
        self._page = page
        self._own = own
        self._verdicts: dict[tuple[int, int], bool] = {}
        self._absent: dict[int, bool] = {}
        self._asked: dict[int, int] = defaultdict(int)
        self._covered: dict[int, list[tuple[int, int]]] = defaultdict(list)

    def run(self, looks: Iterable[int], occurred: dict[int, int], found: Found) -> None:
        """Add the page's hits to `found`, and to `occurred` how often each symptom was found by a single pattern."""
        for number in looks:
            look = self._patterns.looks[number]
            for start, end in self._stretches(look.symptom, occurred):
                for at, hit in self._hits(look, start, end, occurred):
                    for form, part in look.serves:
                        if self._fits(self._patterns.forms[form], at, hit):
                            found[form, part].append(hit)
                            occurred[look.symptom] += look.alone

    def _stretches(self, symptom: int, occurred: Mapping[int, int]) -> list[tuple[int, int]]:
        """Where to look: everywhere, or beside what is known already of a symptom that occurs often."""
        whole = len(self._page.data)
        if occurred[symptom] < _KNOWN_WELL:
            return [(0, whole)]
        stretches: list[tuple[int, int]] = []
        position = 0
        for start, end in sorted(self._covered[symptom]):
            if start > position:
                stretches.append((position, start))
            position = max(position, end)
        return [*stretches, (position, whole)] if position < whole else stretches

    def _hits(
        self, look: SharedPattern, start: int, end: int, occurred: Mapping[int, int]
    ) -> Iterator[tuple[int, Hit]]:
        """The hits of one pattern in a stretch of the page, at most one for each line."""
        page, position, tried = self._page, start, 0
        for match in look.regex.finditer(page.data, start, end):
            at, stop = page.within(*match.span())
            if at < position:
                continue
            line = page.line(at)
            if line not in self._own:
                position = page.line_end(at) + 1
                continue
            if look.unless is not None and self._is_excused(look.unless, at, stop):
                tried += 1
                if tried >= _TRIED_ON_ONE_LINE:
                    position, tried = page.line_end(at) + 1, 0
                continue
            position, tried = page.line_end(at) + 1, 0
            begin, finish = page.message(at)
            if not self._may_be(look, at, begin):
                continue
            often = occurred[look.symptom] >= _KNOWN_WELL
            fields = _fields(match, look) if look.regex.names and (look.compared or not often) else ()
            text = b"" if often else page.message_text(at)
            head = page.line_before(at, begin)
            yield at, Hit(line, at - page.line_start(at), head, fields, page.names(at), text)
            if look.alone:
                self._covered[look.symptom].append((begin, finish + 1))
                if often:
                    position = max(position, finish + 1)

    def _is_excused(self, unless: Regex, start: int, stop: int) -> bool:
        """Is there something on the hit's own lines that says it is not the error?"""
        return not self._is_absent(unless) and unless.search(self._page.own_lines(start, stop)) is not None

    def _is_absent(self, regex: Regex, *, inner: bool = False) -> bool:
        """Is this nowhere in the page? Found out only for a pattern that is asked for often; until then, no.

        `inner`: it is asked about whole messages, with the rows inside a record, and not about single rows.
        """
        key = id(regex)
        self._asked[key] += 1
        if self._asked[key] < _ASKED_OFTEN:
            return False
        if key not in self._absent:
            whole = inner or not self._page.has_inner_lines
            self._absent[key] = whole and regex.search(self._page.data) is None
        return self._absent[key]

    def _may_be(self, look: SharedPattern, at: int, begin: int) -> bool:
        """Does the hit come from the right component, in a message that nothing rules out for this symptom?"""
        kind = self._patterns.kinds[look.symptom]
        if kind.source is not None and not look.any_source:
            names = self._page.names(at)
            if names and not any(kind.source.match(name) for name in names):
                return False
        if kind.in_block is None:
            return True
        if self._is_absent(kind.in_block, inner=True):
            return True
        verdict = self._verdicts.get((look.symptom, begin))
        if verdict is None:
            verdict = kind.in_block.search(self._page.message_text(at)) is None
            self._verdicts[look.symptom, begin] = verdict
        return verdict

    def _fits(self, form: Form, at: int, hit: Hit) -> bool:
        """Does the hit obey the signature's own rules?"""
        if form.spec.needs_source and not hit.source:
            return False
        if self._is_in(form.in_block, lambda: self._page.message_text(at)):
            return False
        return not self._is_in(form.nearby, lambda: self._page.around(at, form.spec.nearby_lines))

    def _is_in(self, regex: Regex | None, text: Callable[[], bytes]) -> bool:
        """Is this found in a text of several rows of the page? That is only made if it may be."""
        return regex is not None and not self._is_absent(regex, inner=True) and regex.search(text()) is not None


def _fields(match: re2._Match, look: SharedPattern) -> tuple[tuple[str, str], ...]:
    values = match.groups()
    return tuple((name, value) for name, group in look.regex.names if (value := _text(values[group - 1])))


def _text(value: bytes | None) -> str:
    return value.decode("utf-8", errors="replace").strip() if value else ""
