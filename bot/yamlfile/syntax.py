"""Says in plain words why a text is not YAML, and what to write instead.

Called by the YAML reader with PyYAML's exception. The two parsers of PyYAML word the same mistake differently; what
they agree on is the place, and that decides most of the advice.
"""

from __future__ import annotations

import yaml

from bot.yamlfile.positions import START, Position

_QUOTE_IT = "put the text in quotes"


def position_of(error: yaml.YAMLError, text: str) -> Position:
    """Where the mistake is: for what is not closed or not complete, where it begins."""
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark is not None:
        mark = error.problem_mark
        context = error.context or ""
        if error.context_mark is not None and (_is_unclosed(error) or "alias" in context or "simple key" in context):
            mark = error.context_mark
        return Position(mark.line + 1, mark.column + 1)
    if isinstance(error, yaml.reader.ReaderError):
        index = next((at for at, char in enumerate(text) if ord(char) == error.character), 0)
        return Position(text.count("\n", 0, index) + 1, index - text.rfind("\n", 0, index))
    return START


def explain(error: yaml.YAMLError, text: str) -> str:
    """One sentence about the mistake."""
    if isinstance(error, yaml.reader.ReaderError):
        code = error.character if isinstance(error.character, int) else ord(error.character)
        return f"the character U+{code:04X} is not allowed in YAML; in double quotes write it as an escape"
    if not isinstance(error, yaml.MarkedYAMLError):
        return f"this is not valid YAML: {error}"
    context, problem = error.context or "", error.problem or ""
    at = position_of(error, text)
    lines = text.split("\n")
    line = lines[at.line - 1] if at.line <= len(lines) else ""
    return (
        _about_character(problem, line[at.column - 1 : at.column])
        or _about_quotes(error, context, problem)
        or _about_structure(context, problem, line)
        or f"this is not valid YAML: {problem}"
    )


def _is_unclosed(error: yaml.MarkedYAMLError) -> bool:
    problem = error.problem or ""
    return "unexpected end of stream" in problem or "',' or" in problem or "document indicator" in problem


def _about_character(problem: str, character: str) -> str | None:
    if "cannot start any token" not in problem:
        return None
    if character == "\t":
        return "a tab begins this line; indent with spaces"
    return f"a text cannot begin with `{character}`; {_QUOTE_IT}"


def _about_quotes(error: yaml.MarkedYAMLError, context: str, problem: str) -> str | None:
    if "quoted scalar" in context and _is_unclosed(error):
        return "the quote that opens here is never closed"
    if "escape" in problem or "expected escape sequence" in problem:
        return (
            "this backslash means nothing in double quotes; put patterns in single quotes, where it stands for itself"
        )
    return next((message for word, message in _SPECIAL_CHARACTERS.items() if word in context), None)


_SPECIAL_CHARACTERS = {
    "alias": f"`*` begins a YAML alias; {_QUOTE_IT}",
    "anchor": f"`&` begins a YAML anchor; {_QUOTE_IT}",
    "block scalar": f"a text cannot begin with `>` or `|`; {_QUOTE_IT}",
    "tag": f"`!` begins a YAML tag; {_QUOTE_IT}",
}


def _about_structure(context: str, problem: str, line: str) -> str | None:
    if "mapping values are not allowed" in problem:
        return "a `:` is not expected here; put a text that contains `: ` in quotes, or correct the indentation"
    if "mapping keys are not allowed" in problem:
        return "a `?` is not expected here; put the text in quotes"
    if "could not find expected ':'" in problem:
        return "a line without `key:`; does a text block end too early? Indent all of it deeper than its key"
    if "',' or" in problem:
        return "the bracket that opens here is not closed, or a comma is missing"
    if "block" in context or "node" in context:
        return _about_block(line)
    return None


def _about_block(line: str) -> str:
    _, colon, value = line.partition(":")
    value = (value if colon else line.strip().removeprefix("-")).strip()
    if value.startswith(("{", "[")):
        return "text after a closing bracket; put a text that begins with `{` or `[` in quotes"
    if value.startswith(('"', "'")):
        return "text after a closing quote; write a `'` inside single quotes twice"
    return "this does not belong to the lines above; is it indented as deep as its neighbours?"
