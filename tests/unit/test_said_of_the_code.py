"""What texts say of the code is so: who uses a module, which documents there are; and nothing is kept that nobody uses.

Docstrings outlive what they tell of: a module that is used by another one now, a document that is elsewhere, a type
whose last reader has gone.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
_NAMES = r"((?:(?:the|bot's)\s+)?`[^`]+`(?:(?:,|\s+and|,\s+and|\s+or)\s+`[^`]+`)*)"
_USED_BY = re.compile(rf"\b(?:called|used|read|registered)\s+(?:only\s+)?(?:by|with)\s+{_NAMES}", re.IGNORECASE)
_WORD = re.compile(r"\w+")
_DEFINED = re.compile(r"^(?:(?:def|class) (\w+)|([A-Za-z_]\w*)(?:: .*)? = )", re.MULTILINE)
_MODULE = re.compile(r"[a-z_]+(?:\.[a-z_]+)*")
_DOCUMENT = re.compile(r"[A-Z][A-Z-]{4,}(?:\.md)?\s*§|\bsection \d+ of [A-Z]{4,}|\b([A-Z][A-Z_-]{3,}\.md)\b")


@cache
def sources() -> dict[str, str]:
    """The text of each module of the bot, by its dotted name."""
    found = {}
    for path in sorted((ROOT / "bot").rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        found[".".join(part for part in parts if part != "__init__")] = path.read_text(encoding="utf-8")
    return found


def defined(module: str) -> Iterator[str]:
    """The names that it defines at its top."""
    return (found[1] or found[2] for found in _DEFINED.finditer(sources()[module]))


def said_to_be_used_by() -> Iterator[tuple[str, str]]:
    """Each module, with a module that its docstring says uses it."""
    for module, text in sources().items():
        told = text.split('"""', 2)[1] if text.startswith('"""') else ""
        for clause in _USED_BY.finditer(told):
            yield from ((module, name) for name in re.findall(r"`([^`]+)`", clause[1]) if _MODULE.fullmatch(name))


@cache
def words_of(name: str) -> frozenset[str]:
    """All words of the modules, or packages, that a docstring can mean by this name."""
    meant = (text for module, text in sources().items() if f".{name}." in f".{module}.")
    return frozenset(word for text in meant for word in _WORD.findall(text))


def test_who_is_said_to_use_a_module_is_there_and_names_it() -> None:
    said = list(said_to_be_used_by())
    assert len(said) > 100
    wrong = []
    for module, user in said:
        if words_of(user).isdisjoint({module.rpartition(".")[2], *defined(module)}):
            wrong.append(f"{module}: {user}")
    assert wrong == []


def test_no_text_cites_a_document_that_the_repository_does_not_hold() -> None:
    ours = {path.name for path in ROOT.glob("*.md")} | {path.name for path in (ROOT / "deploy").rglob("*.md")}
    kinds = {"bot": "*.py", "tests": "*.py", "deploy": "*.md", ".github": "*.md"}
    places = [*ROOT.glob("*.md"), *(path for folder, kind in kinds.items() for path in (ROOT / folder).rglob(kind))]
    cited = [
        f"{path.relative_to(ROOT)}: {found[0]}"
        for path in places
        if path != Path(__file__)
        for found in _DOCUMENT.finditer(path.read_text(encoding="utf-8"))
        if found[1] not in {*ours, "MIGRATION.md"}  # Onyx has one
    ]
    assert len(places) > 700
    assert cited == []


def test_nothing_is_defined_that_nobody_uses() -> None:
    texts = [*sources().values(), (ROOT / "pyproject.toml").read_text(encoding="utf-8")]
    texts += [path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("*.py")]
    used = Counter(word for text in texts for word in _WORD.findall(text))
    dead = [f"{module}: {name}" for module in sources() for name in defined(module) if used[name] < 2]
    assert dead == []
