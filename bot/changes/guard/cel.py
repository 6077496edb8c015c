"""Small builders of CEL expressions. Pure.

Kubernetes evaluates them over objects without types, so that an object's fields can be counted and compared by name.
No string literal in them holds a space: `wrapped` breaks lines at spaces.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

OWN_ANNOTATIONS = ("triage/change", "triage/fence")
"""As in `bot.changes.patches.undo`: the marks that every write leaves on the object."""
BOOKKEEPING = ("managedFields", "generation", "resourceVersion")
"""What the API server itself changes in the metadata with every write."""
EMPTY = "{}"


@dataclass(frozen=True, slots=True)
class Rule:
    """Something that must hold, and what is said when it does not."""

    expression: str
    message: str


def names(items: Iterable[str]) -> str:
    """A list of strings."""
    return "[" + ", ".join(f"'{item}'" for item in items) + "]"


def literal(value: Any) -> str:
    """A value of JSON as CEL. Kubernetes takes only literals whose parts are all of one type, so each part is `dyn`."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"'{key}': dyn({literal(item)})" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(f"dyn({literal(item)})" for item in value) + "]"
    return f"'{value}'"


def optional(parent: str, field: str, otherwise: str = EMPTY) -> str:
    """A field that may be absent."""
    return f"(has({parent}.{field}) ? {parent}.{field} : {otherwise})"


def let(name: str, value: str, holds: str) -> str:
    """Something holds of a value that gets a name: CEL has no other way to say it twice."""
    return f"[{value}].all({name}, {holds})"


def same_but(now: str, old: str, allowed: Sequence[str]) -> str:
    """Two maps say the same, whatever they say under the keys that are allowed."""
    free = names(allowed)
    holds = (
        f"x.all(k, k in {free} || (k in y && x[k] == y[k])) && y.all(k, k in {free} || k in x)" if allowed else "x == y"
    )
    return let("x", now, let("y", old, holds))


def only(what: str, allowed: Sequence[str]) -> str:
    """A map says nothing else."""
    return f"{what}.all(k, k in {names(allowed)})"


def each(items: str, variable: str, holds: str) -> str:
    """Something holds for every item."""
    return f"{items}.all({variable}, {holds})"


def both(*parts: str) -> str:
    """All of them hold."""
    return "(" + " && ".join(parts) + ")"


def either(*parts: str) -> str:
    """At least one of them holds."""
    return "(" + " || ".join(parts) + ")"


def on(operation: str, holds: str) -> str:
    """Something must hold when this is done."""
    return f"request.operation != '{operation}' || {holds}"


def metadata_rule() -> Rule:
    """Of the metadata, an update changes the bot's own marks only."""
    now, old = "variables.now.metadata", "variables.old.metadata"
    holds = both(
        same_but("variables.now", "variables.old", ("metadata", "spec", "data", "status")),
        same_but(now, old, ("annotations", *BOOKKEEPING)),
        same_but(optional(now, "annotations"), optional(old, "annotations"), OWN_ANNOTATIONS),
    )
    return Rule(on("UPDATE", holds), "of the metadata, only the annotations triage/change and triage/fence may change")


def created_here_rule() -> Rule:
    """Only what the bot created, and nobody else has written to since, may be deleted."""
    old = "variables.old.metadata"
    holds = both(
        f"has({old}.annotations)",
        f"'triage/change' in {old}.annotations",
        f"has({old}.managedFields)",
        each(f"{old}.managedFields", "m", "(m.manager in ['triage', 'triage-fence'] || has(m.subresource))"),
    )
    return Rule(on("DELETE", holds), "only what Triage created, and nobody has written to since, may be deleted")


def wrapped(expression: str, width: int = 96) -> str:
    """The expression in lines that people can read."""
    return "\n".join(textwrap.wrap(expression, width, break_long_words=False, break_on_hyphens=False))
