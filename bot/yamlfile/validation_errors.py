"""Turns pydantic's errors about a file into sentences for its author, each with its place in the file.

Called by the recipe. Says every mistake once: what only follows from another mistake (a list that is "too short"
because its item is wrong, a missing `title` beside an unknown `titel`) is left out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel, ValidationError

from bot.yamlfile.model_fields import fields_at
from bot.yamlfile.positions import Path, Position, Positions
from bot.yamlfile.spelling import listed, nearest, short, unknown

_KINDS_OF_VALUE = {
    "bool": "true or false",
    "int": "a number",
    "float": "a number",
    "str": "a text",
    "list[str]": "a list of texts",
}
NAME_PATTERN = r"^[a-z][a-z0-9_-]*$"


@dataclass(frozen=True)
class Mistake:
    """One error of validation. `path` leads to the value in the file; `members` are the types of a union it is not."""

    kind: str
    path: Path
    value: Any
    context: Mapping[str, Any]
    is_key: bool = False
    location: Path = ()
    members: tuple[str, ...] = field(default=())

    @property
    def name(self) -> str:
        """How a sentence calls the value: by its key, or as an item of a list."""
        if not self.path:
            return "the file"
        last = self.path[-1]
        if isinstance(last, str):
            return f"`{last}`"
        owner = next((step for step in reversed(self.path) if isinstance(step, str)), None)
        return f"item {last + 1}" + (f" of `{owner}`" if owner else "")


def mistakes(error: ValidationError, positions: Positions, damaged: Iterable[Path] = ()) -> list[Mistake]:
    """The errors an author should hear of. `damaged` are values whose mistakes were reported already."""
    found: dict[tuple[Path, str], Mistake] = {}
    for item in error.errors(include_url=False):
        mistake = _mistake(item, positions)
        if any(_is_spoilt(mistake, path) for path in damaged):
            continue
        key = (mistake.path, "union" if mistake.members else f"{mistake.kind} {mistake.is_key}")
        earlier = found.get(key)
        if earlier is not None and mistake.members:
            mistake = Mistake("union", mistake.path, earlier.value, {}, members=earlier.members + mistake.members)
        found[key] = mistake
    return _without_consequences(list(found.values()), damaged)


def _is_spoilt(mistake: Mistake, damaged: Path) -> bool:
    """Whether it says nothing new: its value was refused already, or the missing field may be in a refused merge."""
    if mistake.kind == "missing" and damaged == (*mistake.path[:-1], "<<"):
        return True
    return mistake.path[: len(damaged)] == damaged


def _mistake(item: Any, positions: Positions) -> Mistake:
    """Leave the names of union members out of pydantic's location, so that it fits the file."""
    here, is_key = positions, False
    path: list[str | int] = []
    members: list[str] = []
    location: Path = item["loc"]
    for step in location:
        if step == "[key]":
            is_key = True
        elif step in here.children:
            here = here.children[step]
            path.append(step)
            members.clear()
        else:
            members.append(str(step))
    if item["type"] == "missing":
        path.append(location[-1])
        members.clear()
    in_union = tuple(name for name in members if name in _KINDS_OF_VALUE)
    return Mistake(item["type"], tuple(path), item["input"], item.get("ctx", {}), is_key, location, in_union)


def _without_consequences(found: list[Mistake], damaged: Iterable[Path]) -> list[Mistake]:
    wrong = [*(mistake.path for mistake in found), *damaged]
    unknown_fields = [mistake for mistake in found if mistake.kind == "extra_forbidden"]
    return [mistake for mistake in found if not _follows(mistake, wrong, unknown_fields)]


def _follows(mistake: Mistake, wrong: list[Path], unknown_fields: list[Mistake]) -> bool:
    if mistake.kind in ("too_short", "union"):
        return any(len(path) > len(mistake.path) and path[: len(mistake.path)] == mistake.path for path in wrong)
    if mistake.kind == "missing":
        return any(
            other.path[:-1] == mistake.path[:-1] and nearest(str(other.path[-1]), [str(mistake.path[-1])])
            for other in unknown_fields
        )
    return False


def place(mistake: Mistake, positions: Positions) -> Position:
    """Where an author should look."""
    if mistake.kind == "missing":
        return positions.of_key(mistake.path[:-1])
    if mistake.kind == "extra_forbidden" or mistake.is_key:
        return positions.of_key(mistake.path)
    if mistake.kind == "condition" and isinstance(mistake.value, dict) and "op" in mistake.value:
        return positions.of((*mistake.path, "op"))
    return positions.of(mistake.path)


@dataclass(frozen=True)
class Phrases:
    """What one kind of file adds to the general sentences.

    `patterns`: what each pattern of its schema asks for, in words. `special`: sentences about error types of its own.
    """

    patterns: Mapping[str, str]
    special: Mapping[str, Callable[[Mistake, type[BaseModel]], str]] = field(default_factory=dict)


GENERAL = Phrases({NAME_PATTERN: "a name has small letters, digits, `-` and `_`, and begins with a letter"})


def sentence(mistake: Mistake, model: type[BaseModel], phrases: Phrases = GENERAL) -> str:
    """What is wrong, and what to write instead."""
    if mistake.kind == "string_pattern_mismatch":
        return _about_pattern(mistake, phrases)
    special = phrases.special.get(mistake.kind) or _SPECIAL.get(mistake.kind)
    if special is not None:
        return special(mistake, model)
    return _about_size(mistake) or _about_type(mistake)


def _about_missing(mistake: Mistake, _: type[BaseModel]) -> str:
    around = Mistake("", mistake.path[:-1], None, {}).name
    return f"the field {mistake.name} is missing" + ("" if len(mistake.path) == 1 else f" in {around}")


def _about_unknown(mistake: Mistake, model: type[BaseModel]) -> str:
    return unknown("field", str(mistake.path[-1]), fields_at(model, mistake.location[:-1]), limit=20)


def _about_pattern(mistake: Mistake, phrases: Phrases) -> str:
    pattern = str(mistake.context.get("pattern"))
    wanted = phrases.patterns.get(pattern, f"it must fit the pattern {pattern}")
    return f"`{short(mistake.value)}` will not do: {wanted}"


def _about_rule(mistake: Mistake, _: type[BaseModel]) -> str:
    return f"{mistake.name}: {mistake.context.get('error')}"


def _about_choice(mistake: Mistake, _: type[BaseModel]) -> str:
    name, value = mistake.name, mistake.value
    choices = re.findall(r"'([^']*)'", str(mistake.context.get("expected", "")))
    meant = nearest(value, choices) if isinstance(value, str) else None
    if meant is not None:
        return f"{name} cannot be `{short(value)}`; did you mean `{meant}`?"
    problem = f"cannot be `{short(value)}`" if isinstance(value, str) else but_is(value)
    return f"{name} {problem}; write {listed(choices, 'or')}"


_SPECIAL: Mapping[str, Callable[[Mistake, type[BaseModel]], str]] = {
    "missing": _about_missing,
    "extra_forbidden": _about_unknown,
    "literal_error": _about_choice,
    "value_error": _about_rule,
}


_SIZES: Mapping[str, tuple[str, str]] = {
    "greater_than_equal": ("at least", "ge"),
    "less_than_equal": ("at most", "le"),
    "greater_than": ("more than", "gt"),
}


def _about_size(mistake: Mistake) -> str | None:
    name, value, context = mistake.name, mistake.value, mistake.context
    if mistake.kind == "string_too_short":
        return f"{name} is empty"
    if mistake.kind == "string_too_long":
        return f"{name} has {len(value)} characters; at most {context['max_length']} are allowed"
    if mistake.kind == "too_short":
        return f"{name} needs at least {_items(context['min_length'])}"
    if mistake.kind in _SIZES:
        words, bound = _SIZES[mistake.kind]
        return f"{name} is {value}; it must be {words} {context[bound]}"
    return None


def _items(count: int) -> str:
    return "one entry" if count == 1 else f"{count} entries"


_WANTED = {
    "string_type": "a text",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "bool_type": "`true` or `false`",
    "tuple_type": "a list (lines that begin with `- `)",
    "list_type": "a list (lines that begin with `- `)",
    "dict_type": "a mapping (lines of the form `key: value`)",
    "model_type": "a mapping (lines of the form `key: value`)",
}


def _about_type(mistake: Mistake) -> str:
    name, value, kind = mistake.name, mistake.value, mistake.kind
    if mistake.members:
        wanted = " or ".join(dict.fromkeys(_KINDS_OF_VALUE[member] for member in mistake.members))
        hint = (
            "; for a fact that is true or false write `op: is_true` or `op: is_false`"
            if isinstance(value, bool)
            else ""
        )
        return f"{name} {but_is(value)}; it must be {wanted}{hint}"
    wanted = _WANTED.get(kind, "")
    if not wanted:
        return f"{name}: {mistake.context.get('error', kind.replace('_', ' '))}"
    return f"{name} {but_is(value)}; it must be {wanted}{_hint(kind, value)}"


def but_is(value: Any) -> str:
    """What a value is, instead of what it should be, as the middle of a sentence."""
    if value is None:
        return "has no value"
    if isinstance(value, bool):
        return f"is `{str(value).lower()}`"
    if isinstance(value, int | float):
        return f"is the number {value}"
    if isinstance(value, str):
        return f"is the text `{short(value)}`"
    return "is a list" if isinstance(value, list) else "is a mapping"


def _hint(kind: str, value: Any) -> str:
    if kind == "string_type":
        if isinstance(value, bool | int | float):
            return ": put it in quotes"
        if isinstance(value, dict | list):
            return ": put it in quotes if it begins with `{` or `[` or contains `: `"
    if kind in ("int_type", "float_type", "bool_type") and isinstance(value, str):
        return ", without quotes"
    return ""
