"""Every sentence that a person can be sent in the chat, in one golden file, to be read as a stranger would.

The file is made of the program's own text: whatever is written there as a sentence, with its gaps as `{name}`. A new or
changed sentence shows up in the difference, where somebody reads it. After a change that is meant,
`python -m tests.unit.incidents.test_sentences` writes the file anew.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[3]
GOLDEN = ROOT / "tests" / "golden" / "sentences.txt"
SPEAKING = ("bot/incidents", "bot/adapters/slack", "bot/changes")
NOT_SPEAKING = re.compile(
    r"asking/(lexicon|spelling|slots|questions)|changes/guard/|policy/(rules|values|views|compiler)\\.py"
)
"""Words of a grammar; texts for whoever writes a policy."""
_SILENT = frozenset({"compile", "ValueError", "TypeError", "RuntimeError", "getattr", "TypeVar"})
_LOGS = frozenset({"debug", "info", "warning", "error", "exception", "critical"})
_KEY = re.compile(r"^[a-z]+:\{")
_SENTENCE = re.compile(r"[A-Za-z]{2,}[ ,;:]+\{?[A-Za-z]+\}?.*[ ,;:]+\{?[A-Za-z]")
"""Three words, or gaps for words."""


def spoken(path: Path) -> list[str]:
    """The sentences of one module, in the order in which they stand there."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    silent = {id(node) for node in _silent(tree)}
    found: list[str] = []

    def visit(node: ast.AST) -> None:
        if id(node) in silent:
            return
        if isinstance(node, ast.JoinedStr):
            found.append(_template(node))
            return
        if isinstance(node, ast.Constant):
            if isinstance(node.value, str):
                found.append(node.value)
            return
        for child in ast.iter_child_nodes(node):
            visit(child)

    visit(tree)
    return list(dict.fromkeys(" ".join(one.split()) for one in found if _SENTENCE.search(one) and not _KEY.match(one)))


def _silent(tree: ast.AST) -> Iterator[ast.AST]:
    """What nobody in the chat reads: docstrings, the log, annotations, patterns, mistakes of programmers."""
    for node in ast.walk(tree):
        documents = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        logs = isinstance(node, ast.Call) and _called(node) in _SILENT | _LOGS
        if documents or logs or isinstance(node, ast.Assert):
            yield node
        elif isinstance(node, ast.keyword) and node.arg == "name":
            yield node  # of a job, for the log
        elif isinstance(node, ast.AnnAssign | ast.arg):
            yield from [node.annotation] if node.annotation is not None else []


def _called(node: ast.Call) -> str:
    if isinstance(node.func, ast.Attribute):
        return node.func.attr if node.func.attr not in _LOGS or _is_log(node.func.value) else ""
    return node.func.id if isinstance(node.func, ast.Name) else ""


def _is_log(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and node.id in ("_log", "logging", "logger")


def _template(node: ast.JoinedStr) -> str:
    parts = []
    for value in node.values:
        if isinstance(value, ast.Constant):
            parts.append(str(value.value))
        elif isinstance(value, ast.FormattedValue):
            names = [one.attr if isinstance(one, ast.Attribute) else one.id for one in ast.walk(value.value)
                     if isinstance(one, ast.Attribute | ast.Name)]  # fmt: skip
            parts.append("{" + (names[0] if names else "value") + "}")
    return "".join(parts)


def everything() -> str:
    """The golden file as it should be."""
    parts = []
    for folder in SPEAKING:
        for path in sorted((ROOT / folder).rglob("*.py")):
            name = path.relative_to(ROOT).as_posix()
            if not NOT_SPEAKING.search(name) and (said := spoken(path)):
                parts.append("\n".join([f"# {name}", *said]))
    return "\n\n".join(parts) + "\n"


def test_every_sentence_stands_in_the_golden_file() -> None:
    assert everything() == GOLDEN.read_text(encoding="utf-8"), (
        "read what you changed as a stranger would, then run python -m tests.unit.incidents.test_sentences"
    )


WORDS_OF_THE_PROGRAM = re.compile(r"\b(None|True|False|null|tuple|dict|TypeError|traceback|exception|TODO|FIXME)\b")


def test_no_sentence_has_words_of_the_program_or_double_marks() -> None:
    for said in GOLDEN.read_text(encoding="utf-8").splitlines():
        if said.startswith("#"):
            continue
        assert not WORDS_OF_THE_PROGRAM.search(said), said
        assert ".." not in said, said
        assert " ." not in said.replace(" .gz", "").replace(" .zip", ""), said
        assert "  " not in said, said


if __name__ == "__main__":
    GOLDEN.write_text(everything(), encoding="utf-8")
