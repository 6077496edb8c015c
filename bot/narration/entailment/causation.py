"""Whether a "because" or a "so" joins what the engine has joined. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from bot.narration.entailment import lexicon, synonyms
from bot.narration.entailment.parts import Concept
from bot.narration.entailment.reading import Clause
from bot.narration.entailment.words import base

FREE = frozenset(base(one) for one in lexicon.FREE_NOUNS)
"""Base forms of the nouns that may stand for a component."""


class Carrying(Protocol):
    """What a sentence is compared with (see `bot.narration.statements.Statement`)."""

    @property
    def clauses(self) -> tuple[tuple[Clause, ...], ...]:
        """One row of clauses for each of its wordings."""

    @property
    def cause(self) -> str:
        """The confirmed root cause that it states, or ""."""

    @property
    def follows(self) -> tuple[str, ...]:
        """The confirmed causes that explain what it states."""


Group = list[tuple[Clause, tuple[Carrying, ...]]]


def causes_hold(clauses: Sequence[Clause], by: Sequence[tuple[Carrying, ...]]) -> bool:
    """Whether every "because" and "so" joins a cause that was found with what it explains, in this direction."""
    for at, clause in enumerate(clauses):
        if not clause.link:
            continue
        left, right = _group(clauses, by, at, -1), _group(clauses, by, at, 1)
        effects, causes = (left, right) if clause.link == "because" else (right, left)
        if not causes or not effects:
            return False
        roots = {one.cause for _, found in causes for one in found if one.cause and _states_cause(one, causes)}
        if any(_says_so_itself(one, clause.link, left, right) for one in by[at]):
            continue
        if not all(_may_follow(part, found, roots) or _is_next(causes, part, found) for part, found in effects):
            return False
    return True


def _says_so_itself(statement: Carrying, link: str, left: Group, right: Group) -> bool:
    """Whether a statement joins the same two sides with the same word."""
    said = [{one for part, _ in side for one in part.concepts} for side in (left, right)]
    for row in statement.clauses:
        for at, part in enumerate(row):
            sides = [{one for each in half for one in each.concepts} for half in (row[:at], row[at:])]
            if part.link == link and said[0] <= sides[0] and said[1] <= sides[1]:
                return True
    return False


def _group(clauses: Sequence[Clause], by: Sequence[tuple[Carrying, ...]], at: int, step: int) -> Group:
    """The clauses on one side of a link, up to the next one."""
    found: Group = []
    place = at if step > 0 else at - 1
    while 0 <= place < len(clauses):
        if step > 0 and place > at and clauses[place].link:
            break
        found.append((clauses[place], by[place]))
        if step < 0 and clauses[place].link:
            break
        place += step
    return found


def _states_cause(statement: Carrying, group: Group) -> bool:
    """Whether one of the clauses says what the cause is, and not only something about it."""
    title = statement.clauses[0]
    core = {concept for one in title for concept in one.concepts}
    words = {word for one in title for word in one.words}
    for clause, found in group:
        if statement not in found:
            continue
        if core and (clause.concepts & core or _same_meaning(clause, statement, core)):
            return True
        if not core and (words - FREE) & clause.words:
            return True
    return False


def _same_meaning(clause: Clause, statement: Carrying, core: set[Concept]) -> bool:
    """A wording from the table states the cause unless it only says what follows from any cause."""
    if not clause.concepts:
        return False
    title = {word for one in statement.clauses[0] for word in one.words} - FREE
    if clause.concepts <= synonyms.CONSEQUENCES and not clause.words & title:
        return False
    return any(clause.concepts <= one.concepts for row in statement.clauses[1:] for one in row if core)


def _may_follow(clause: Clause, found: tuple[Carrying, ...], roots: set[str]) -> bool:
    """Whether a clause says what one of these causes explains, or a consequence that its own statement has."""
    for one in found:
        if roots & set(one.follows):
            return True
        if one.cause in roots and clause.concepts and clause.concepts <= synonyms.CONSEQUENCES:
            return True
    return False


_CHAIN = {("killed", "+"): 1, ("ended", "+"): 1, ("crashing", "+"): 1, ("restart", "+"): 1, ("start", "-"): 1,
          ("running", "-"): 1, ("created", "-"): 1, ("ready", "-"): 2, ("endpoint", "-"): 3, ("reach", "-"): 4,
          ("reached", "-"): 4, ("refuse", "+"): 4, ("refused", "+"): 4, ("answer", "-"): 4}  # fmt: skip
"""By Kubernetes' rules: what ends is not ready, what is not ready is no endpoint, and without one nobody gets in."""


def _is_next(causes: Group, clause: Clause, found: tuple[Carrying, ...]) -> bool:
    """Whether a consequence of a root cause leads to a later one of the same cause."""
    before = {rank for part, _ in causes for one, rank in _CHAIN.items() if one in part.concepts}
    after = {rank for one, rank in _CHAIN.items() if one in clause.concepts}
    if not before or not after or max(before) >= min(after):
        return False
    if not all(part.concepts and part.concepts <= set(_CHAIN) for part, _ in causes):
        return False
    roots = [{name for one in carried for name in (*one.follows, one.cause) if name} for _, carried in causes]
    mine = {name for one in found for name in one.follows}
    return all(mine & theirs for theirs in roots)
