"""Collects what is wrong with a Block Kit payload, in the words and with the JSON pointers Slack uses.

Called by the rule modules of the validator. Pure: it knows no workspace and decides no error code.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Surface = Literal["message", "modal", "home"]
Json = dict[str, Any]


def kind_of(value: object) -> str | None:
    """The `type` of a block or element; None when it has none that could be one."""
    kind = value.get("type") if isinstance(value, Mapping) else None
    return kind if isinstance(kind, str) else None


@dataclass
class Complaints:
    """The state of one validation: the surface, what was wrong so far, and the ids already used."""

    surface: Surface
    messages: list[str] = field(default_factory=list)
    block_ids: set[str] = field(default_factory=set)
    characters: int = 0
    markdown_characters: int = 0

    def add(self, pointer: str, complaint: str) -> None:
        """Note one defect found at the JSON pointer."""
        self.messages.append(f"{complaint} [json-pointer:{pointer}]")

    def is_object(self, value: object, pointer: str, required: Collection[str], optional: Collection[str]) -> bool:
        """True when `value` is an object that has every required field; unknown fields are noted as Slack does."""
        if not isinstance(value, Mapping):
            self.add(pointer, "must provide an object")
            return False
        missing = [name for name in required if value.get(name) is None]
        for name in missing:
            self.add(pointer, f"missing required field: {name}")
        for name in value:
            if name not in required and name not in optional:
                self.add(pointer, f"invalid additional property: {name}")
        return not missing

    def is_list(self, value: object, pointer: str, *, least: int, most: int) -> list[Any]:
        """The items of a list whose length lies within the bounds; an empty list after a complaint otherwise."""
        if not isinstance(value, list):
            self.add(pointer, "must provide an array")
            return []
        if len(value) < least:
            self.add(pointer, f"no fewer than {least} items allowed")
        if len(value) > most:
            self.add(pointer, f"no more than {most} items allowed")
            return []
        return value

    def string(self, value: object, pointer: str, *, most: int, least: int = 0) -> None:
        """A string of `least` to `most` characters (Unicode code points)."""
        if not isinstance(value, str):
            self.add(pointer, "must be a string")
        elif len(value) > most:
            self.add(pointer, f"must be less than {most + 1} characters")
        elif len(value) < least:
            self.add(pointer, f"must be more than {least - 1} characters")

    def optional_string(self, holder: Mapping[str, Any], name: str, pointer: str, *, most: int, least: int = 0) -> None:
        """Like `string`, for a field that may be left out."""
        if holder.get(name) is not None:
            self.string(holder[name], f"{pointer}/{name}", most=most, least=least)

    def optional_flags(self, holder: Mapping[str, Any], names: Collection[str], pointer: str) -> None:
        """Fields that are true or false where given."""
        for name in names:
            if holder.get(name) is not None and not isinstance(holder[name], bool):
                self.add(f"{pointer}/{name}", "must be a boolean")

    def one_of(self, value: object, pointer: str, allowed: Collection[str]) -> None:
        """A value out of a closed set."""
        if value not in allowed:
            self.add(pointer, "must be a valid enum value")

    def url(self, value: object, pointer: str) -> None:
        """An absolute web address of at most 3,000 characters."""
        self.string(value, pointer, most=3000, least=1)
        if isinstance(value, str) and value and not value.startswith(("http://", "https://", "mailto:")):
            self.add(pointer, "invalid url")

    def text_object(
        self, value: object, pointer: str, *, most: int, plain_only: bool = False, least: int = 1, counted: bool = True
    ) -> None:
        """A `plain_text` or `mrkdwn` object."""
        if not self.is_object(value, pointer, ("type", "text"), ("emoji", "verbatim")) or not isinstance(
            value, Mapping
        ):
            return
        kind = value["type"]
        if kind not in (("plain_text",) if plain_only else ("plain_text", "mrkdwn")):
            self.add(f"{pointer}/type", "must be a valid enum value")
        if kind == "mrkdwn" and "emoji" in value:
            self.add(pointer, "invalid additional property: emoji")
        if kind == "plain_text" and "verbatim" in value:
            self.add(pointer, "invalid additional property: verbatim")
        self.optional_flags(value, ("emoji", "verbatim"), pointer)
        self.string(value["text"], f"{pointer}/text", most=most, least=least)
        if counted and isinstance(value["text"], str):
            self.characters += len(value["text"])
