"""The condition language of playbooks: typed comparisons of facts, combined with `all`, `any` and `not`.

Evaluated by `bot.engine.judge.conditions` in three-valued logic. There is deliberately no embedded programming
language.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Discriminator, Field, Tag

from bot.yamlfile.model import Strict

FactName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]*(\.[a-z0-9_-]+)+$")]
"""`scope.question.detail`, e.g. `api.pods.ready`. In generic playbooks the scope is `workload`, `route` or
`dependency`.
"""


class Truth(Strict):
    """The fact is a bool and is true (or false)."""

    fact: FactName
    op: Literal["is_true", "is_false"]


class Equality(Strict):
    """The fact equals (or does not equal) a number or a text."""

    fact: FactName
    op: Literal["equals", "not_equals"]
    value: int | float | str


class Order(Strict):
    """The fact is a number; compare it."""

    fact: FactName
    op: Literal["at_least", "at_most", "more_than", "less_than"]
    value: int | float


class Membership(Strict):
    """The fact is a text that is one of these (or none of these)."""

    fact: FactName
    op: Literal["one_of", "none_of"]
    value: tuple[str, ...] = Field(min_length=1, strict=False)


class Containment(Strict):
    """The fact is a set that contains this (or is empty / not empty, which takes no value)."""

    fact: FactName
    op: Literal["contains", "lacks"]
    value: str


class Emptiness(Strict):
    """The fact is a set or a text; is it empty?"""

    fact: FactName
    op: Literal["is_empty", "is_not_empty"]


class Matching(Strict):
    """The fact is a text in which this RE2 pattern is found."""

    fact: FactName
    op: Literal["matches", "does_not_match"]
    value: str


class Version(Strict):
    """The fact is an image tag; compare it with a version range such as `<2.7.0` or `>=1.7,<2.6`.

    A tag that is not a version (`latest`, a digest) leaves the condition unknown.
    """

    fact: FactName
    op: Literal["version_in"]
    value: str


class All(Strict):
    """Every one of these holds."""

    all: tuple[Condition, ...] = Field(min_length=1, strict=False)


class AnyOf(Strict):
    """At least one of these holds."""

    any: tuple[Condition, ...] = Field(min_length=1, strict=False)


class Not(Strict):
    """This does not hold."""

    not_: Condition = Field(alias="not")


_TAGS: dict[str, str] = {}
for _model in (Truth, Equality, Order, Membership, Containment, Emptiness, Matching, Version):
    for _operator in _model.model_fields["op"].annotation.__args__:  # type: ignore[union-attr]
        _TAGS[_operator] = _model.__name__


def _which(data: Any) -> str | None:
    """Which kind of condition this is: by its combining key, else by its operator."""
    if isinstance(data, BaseModel):
        return type(data).__name__
    if not isinstance(data, dict):
        return None
    for key, tag in (("all", "All"), ("any", "AnyOf"), ("not", "Not")):
        if key in data:
            return tag
    return _TAGS.get(str(data.get("op")))


OPERATORS = tuple(_TAGS)

Comparison = Truth | Equality | Order | Membership | Containment | Emptiness | Matching | Version

Condition = Annotated[
    Annotated[Truth, Tag("Truth")]
    | Annotated[Equality, Tag("Equality")]
    | Annotated[Order, Tag("Order")]
    | Annotated[Membership, Tag("Membership")]
    | Annotated[Containment, Tag("Containment")]
    | Annotated[Emptiness, Tag("Emptiness")]
    | Annotated[Matching, Tag("Matching")]
    | Annotated[Version, Tag("Version")]
    | Annotated[All, Tag("All")]
    | Annotated[AnyOf, Tag("AnyOf")]
    | Annotated[Not, Tag("Not")],
    Discriminator(
        _which,
        custom_error_type="condition",
        custom_error_message="a condition is `all`, `any`, `not`, or a `fact` with an `op` of: " + ", ".join(OPERATORS),
    ),
]

for _combined in (All, AnyOf, Not):
    _combined.model_rebuild()
