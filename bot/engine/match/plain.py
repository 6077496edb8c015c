"""Without what chats, terminals and keyboards add to a log: markup, colours, typographic and invisible characters.

Called by `clean` and `containers` on whole blocks, at the speed of C: a step runs only on a text that has a character
it is for. The text has as many lines afterwards as before.
"""

from __future__ import annotations

import re

_INVISIBLE = (
    "\u00ad\u061c\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e"
    "\u2060\u2066\u2067\u2068\u2069\ufe0f\ufeff"
)
_SPACES = (
    "\u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
)
_QUOTES = dict.fromkeys("\u201c\u201d\u201e\u201f\u00ab\u00bb\u2033\u300c\u300d\u300e\u300f\uff02", '"')
_LOOKALIKES = (
    dict.fromkeys(_INVISIBLE, "")
    | dict.fromkeys(_SPACES, " ")
    | dict.fromkeys("\u2018\u2019\u201a\u201b\u2032\u00b4", "'")
    | dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212\uff0d", "-")
    | {"\u2026": "...", "\uff1a": ":", "\uff0e": ".", "\uff08": "(", "\uff09": ")"}
)
_LOOKALIKE = re.compile("[" + "".join(re.escape(character) for character in _LOOKALIKES) + "]")
_QUOTE_SIGN = re.compile("[" + "".join(_QUOTES) + "]")
_ESCAPE_SEQUENCE = re.compile(
    r"\x1b(?:\[[0-9;:?]{0,40}[ -/]?[@-~]|\][^\x07\x1b\n]{0,2000}(?:\x07|\x1b\\)?|[()][A-Za-z0-9]|[=>78cDEHMNOZ])"
)
# The same after a program that dropped or spelled out the escape character.
_ESCAPE_REMAINS = re.compile(
    r"(?:\\u001[bB]|\\x1[bB]|\\033|\\e|\^\[|␛)?\[(?:0|1|2|22|3[0-9]|39|4[0-9]|9[0-7])(?:;\d{1,3}){0,4}m"
)
_COLOUR_START = re.compile(r"\[(?:[39]|0m|1[m;])")
_ENTITY = re.compile(r"&(?:gt|lt|amp|quot|nbsp|#39|#x27|#34);")
_ENTITIES = {
    "&gt;": ">",
    "&lt;": "<",
    "&amp;": "&",
    "&quot;": '"',
    "&nbsp;": " ",
    "&#39;": "'",
    "&#x27;": "'",
    "&#34;": '"',
}
_SLACK_LINK = re.compile(r"<((?:https?|mailto|ftp|tel):[^<>|\n]{1,2000})(?:\|([^<>\n]{0,2000}))?>")
_SLACK_MENTION = re.compile(r"<([@#!][A-Za-z0-9^_-]{1,60})(?:\|([^<>\n]{0,200}))?>")
_QUOTE = re.compile(r"\n[ \t]{0,8}(?:>[ \t]?){1,10}")
_BULLET = re.compile(r"\n[ \t]{0,16}(?:[•◦▪‣●○·]|\*(?= \S)) ?")


def _link_text(found: re.Match[str]) -> str:
    return found[2] or found[1]


def plain(block: str) -> str:
    """The block without chat markup, colours and typographic characters, but with its log prefixes."""
    return straight(packed(block))


def packed(block: str) -> str:
    """The same, but quotation marks in a block that has straight ones stay: they would end the strings of JSON."""
    block = _ascii_signs(block)
    if '"' not in block:
        block = straight(block)
    return _without_markup(_without_colours(block))


def straight(block: str) -> str:
    """The block with straight quotation marks."""
    return block if block.isascii() else _QUOTE_SIGN.sub('"', block)


def _ascii_signs(block: str) -> str:
    """Line breaks are line feeds, spaces are spaces, apostrophes are straight; what cannot be seen is gone."""
    if "\r" in block:
        block = block.replace("\r\n", "\n").removesuffix("\r").replace("\r", " ")
    if "\v" in block or "\b" in block or "\f" in block:
        block = block.replace("\v", " ").replace("\b", "").replace("\f", " ")
    if not block.isascii():
        block = _LOOKALIKE.sub(lambda found: _LOOKALIKES[found[0]], block)
    return block


def _without_colours(block: str) -> str:
    if "\x1b" in block:
        block = _ESCAPE_SEQUENCE.sub("", block).replace("\x1b", "")
    if "[" in block and _COLOUR_START.search(block):
        block = _ESCAPE_REMAINS.sub("", block)
    return block


def _without_markup(block: str) -> str:
    """The block without Slack's links and mentions, entities, quote marks, code marks and bullets."""
    if "<" in block:
        block = _SLACK_MENTION.sub(_link_text, _SLACK_LINK.sub(_link_text, block))
    if "&" in block:
        block = _ENTITY.sub(lambda found: _ENTITIES[found[0]], block)
    if "`" in block:
        block = block.replace("`", "")
    if ">" in block:
        block = _QUOTE.sub("\n", block)
    if "*" in block or not block.isascii():
        block = _BULLET.sub("\n", block)
    return block
