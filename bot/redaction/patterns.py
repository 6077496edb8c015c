"""The patterns of the passes that `scan` makes over a text. RE2 on bytes, compiled at first use.

Each names its groups by position; the comments at the use in `scan` say which is which.
"""

from __future__ import annotations

from functools import cached_property

import re2

from bot.redaction.arguments import LISTED
from bot.redaction.coarse import Coarse, Group, begins_open, compiled
from bot.redaction.nearby import ALONE, STRUCT
from bot.redaction.rules.commands import COMMANDS
from bot.redaction.rules.formats import FORMATS, Format
from bot.redaction.rules.names import ANY_NAME
from bot.redaction.rules.phrases import PHRASES
from bot.redaction.rules.phrases_apart import IN_OBJECTS, IN_PROSE
from bot.redaction.rules.told import FOUR_GROUPS, IN_LINKS, LOGIN_CUE, TOLD

_PAINT = r"(?:\x1b\[[0-9;]*m)*"
_QUOTES = r"(?:\\{0,7}[\"'`]|%22|&quot;|&#34;)"
_SEPARATOR = (
    rf"{_QUOTES}?\]?{_PAINT}[ \t]{{0,24}}(?:=>|:{{1,3}}=|[?+|]{{1,2}}=|=|::?|%3D|%3A|\\u003[dD]|&#61;)"
    rf"{_PAINT}[ \t]{{0,24}}{_PAINT}(?:[&!][\w!.-]*[ \t]+)?"
)
_UNQUOTED = (
    r"(?:[^\s\"'`<>,;&)}\]\\=%\x1b|]|%[0-9A-Fa-f]{2})"
    r"(?:[^\s\"'`<>,;&)}\]\\%\x1b]|%(?:[013-9A-Fa-f][0-9A-Fa-f]|2[0-15-9A-Fa-f])|\\[^nrt\"'\s\\])*"
)
_WRAPPED = r"(?:string\(\d+\)[ \t]+|(?:Some|Just|Option|Secret|SecretStr|SecretString|Sensitive|Redacted|Password)\()?"
"""How PHP, Rust and pydantic write a value that has a type around it."""
_VALUE = "|".join(
    (
        r"\\{1,3}\"((?:[^\"\\\n]|\\{2,}\"|\\\\[^\"\\]|\\[^\"\\])*)\\{1,3}\"",
        _WRAPPED + r"[\[(]{0,2}[bruf@$]{0,2}(?:\"\")?\"((?:[^\"\\\n]|\\.|\"[A-Za-z0-9!@#$%^&*_-])*)(?:\"|$|\n|\z)",
        _WRAPPED + r"[\[(]{0,2}[bruf@$]{0,2}(?:'')?'((?:[^'\\\n]|\\.|''|'[A-Za-z0-9!@#$%^&*_-])*)(?:'|$|\n|\z)",
        r"`([^`\n]*)`",
        r"%22(.*?)%22",
        r"&(?:quot|#34);(.*?)&(?:quot|#34);",
        r"[|>][+-]?[ \t]*\n[ \t]+(\S[^\n]*)",
        rf"({_UNQUOTED})",
    )
)
UNQUOTED_GROUP = 8
_NAMED = rf"(?m)(?i:({ANY_NAME}))\d{{0,2}}({_SEPARATOR})(?:{_VALUE})"
_PAIR = (
    rf"(?m)(?i:\b(?:name|key)){_QUOTES}?[ \t]*[:=][ \t]*{_QUOTES}?[\w.-]*?(?i:({ANY_NAME}))\d{{0,2}}{_QUOTES}?"
    rf"((?:,\s{{0,40}}|\s{{1,40}}){_QUOTES}?(?:[\w.\[\]-]{{1,60}}\.)?(?i:value){_QUOTES}?[ \t]*[:=][ \t]*)(?:{_VALUE})"
)
_REJECTED = rf"(?m)^[ \t|]*[\w.]*?(?i:({ANY_NAME}))\d{{0,2}}([ \t]*\r?\n[ \t|]+[^\n]{{0,200}}?input_value=)(?:{_VALUE})"
"""A setting that pydantic refuses: its name on one line, its value on the next."""
_FLAG = (
    rf"(?:^|[\s\"'=(,\[])--?(?i:[a-z0-9-]*?({ANY_NAME}))"
    rf"([ \t]+|[ \t]*\r?\n[ \t]{{2,}}(?:- )?|\\?[\"'],[ \t]*\\?[\"']|[\"'][ \t]+[\"'])(?:{_VALUE})"
)
_USERINFO = r"://([^\s/?#:@\"'<>]*):(?:([^\s/\"'<>]*)@|([^\s\"'<>]*?)@)"
_USER_ONLY = r"://([^\s/?#:@\"'<>]{8,})@(?:[A-Za-z0-9.-]+)(?:[:/?\s\"']|$)"
_USERINFO_ENCODED = r"(?i)%3A%2F%2F[^\s%]*%3A((?:[^\s%&\"']|%[0-35-9a-f][0-9a-f]|%4[1-9a-f])+?)%40"
_COOKIE = (
    r"(?:(?i:\b(set-)?cookies?)[\"'\\\])]*[ \t]*[:=,][ \t]*|--cookie[ =]|\bcurl\b[^\n]*?[ ]-b[ ])[\"'\\b(\[{]*([^\n]+)"
)
_COOKIE_PAIR = r"([\w.!#$%&*+^|~-]+)(?:=|[\"']: ?[\"'])([^;,\s\"'\\})]+)"
_SHAPED = (
    r"\b((?:[a-z][a-z0-9]{1,11}|[A-Z]{2,8})(?:[_-][a-z0-9]{1,12}){0,2}[_~-][A-Za-z0-9_-]{30,240})"
    r"(?:[^A-Za-z0-9_/.-]|\.?(?:\s|$))"
)


def _digits_of(bit: int) -> str:
    """The digits of Base64 in which this bit is not set, as a class."""
    return "[" + "".join(digit for value, digit in enumerate(_BASE64) if not value & bit) + "]"


_BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_ENCODED_TEXT = (
    r"(?m)(?:^|[^A-Za-z0-9+/_.-])("
    rf"(?:{_digits_of(32)}{_digits_of(8)}{_digits_of(2)}[A-Za-z0-9+/]){{6,}}[A-Za-z0-9+/]{{0,3}}={{0,2}})(?:[^A-Za-z0-9+/_=-]|$)"
)
"""Base64 of eighteen bytes and more of ASCII: no byte's highest bit is set, which three of four digits show."""


class Passes:
    """The patterns, each compiled when it is first needed. One that finds all of it is slower than these."""

    @cached_property
    def named(self) -> re2._Regexp:
        return compiled(_NAMED)

    @cached_property
    def pair(self) -> re2._Regexp:
        return compiled(_PAIR)

    @cached_property
    def flag(self) -> re2._Regexp:
        return compiled(_FLAG)

    @cached_property
    def rare(self) -> Coarse:
        """What few lines have. Each has passes of its own in `scan` and `sentences`, where this finds something."""
        return Coarse(
            (_PAIR, _REJECTED, _FLAG, _USERINFO_ENCODED, _COOKIE, COMMANDS, IN_LINKS, FOUR_GROUPS, STRUCT, LISTED)
        )

    @cached_property
    def by_form(self) -> list[tuple[tuple[Format, ...], Group]]:
        """Some formats each, and what finds them."""
        told = tuple(form for form in FORMATS if not begins_open(form[1]))
        rest = tuple(form for form in FORMATS if begins_open(form[1]))
        parts = (told, rest[: len(rest) // 2], rest[len(rest) // 2 :])
        return [(part, Group([form for _, form in part], 20)) for part in parts]

    @cached_property
    def by_phrase(self) -> Group:
        return Group([phrase for _, phrase in PHRASES], 8)

    @cached_property
    def in_objects(self) -> Group:
        return Group([phrase for _, phrase in IN_OBJECTS], 1)

    @cached_property
    def shaped(self) -> re2._Regexp:
        return compiled(f"(?m){_SHAPED}")

    @cached_property
    def encoded(self) -> re2._Regexp:
        return compiled(_ENCODED_TEXT)

    @cached_property
    def alone(self) -> re2._Regexp:
        return compiled(f"(?m){ALONE}", capture=False)

    @cached_property
    def struct(self) -> re2._Regexp:
        return compiled(STRUCT)

    @cached_property
    def in_groups(self) -> re2._Regexp:
        return compiled(f"(?m){FOUR_GROUPS}")

    @cached_property
    def login_cue(self) -> re2._Regexp:
        return compiled(LOGIN_CUE)

    @cached_property
    def in_prose(self) -> Group:
        return Group([sentence for _, sentence in IN_PROSE], 5)

    @cached_property
    def told(self) -> Group:
        return Group(TOLD, 3)

    @cached_property
    def links(self) -> re2._Regexp:
        return compiled(IN_LINKS)

    @cached_property
    def rejected(self) -> re2._Regexp:
        return compiled(_REJECTED)

    @cached_property
    def cookie(self) -> re2._Regexp:
        return compiled(_COOKIE)

    @cached_property
    def cookie_pair(self) -> re2._Regexp:
        return compiled(_COOKIE_PAIR)

    @cached_property
    def commands(self) -> re2._Regexp:
        return compiled(COMMANDS)

    @cached_property
    def listed(self) -> re2._Regexp:
        return compiled(LISTED)

    @cached_property
    def userinfo(self) -> re2._Regexp:
        return compiled(_USERINFO)

    @cached_property
    def user_only(self) -> re2._Regexp:
        return compiled(_USER_ONLY)

    @cached_property
    def userinfo_encoded(self) -> re2._Regexp:
        return compiled(_USERINFO_ENCODED)

    @cached_property
    def whole_name(self) -> re2._Regexp:
        return compiled(rf"(?i:({ANY_NAME}))\d{{0,2}}$")


_PASSES = Passes()


def passes() -> Passes:
    """The patterns of all passes, shared by all redactors."""
    return _PASSES
