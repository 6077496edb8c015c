"""An import within a function of the command line saves start-up time, or says why it stands there."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

CLI = Path(__file__).parents[3] / "bot" / "cli"
LAZY = frozenset({"bot.settings"})
"""Loaded, but made of what costs only when it is asked for."""


def modules_of_help() -> frozenset[str]:
    """What is loaded before any command runs."""
    code = "import sys; from bot.cli.arguments import build_parser; build_parser(); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    return frozenset(done.stdout.split())


def local_imports() -> Iterator[tuple[str, str]]:
    """The place and the module of each that gives no reason of its own."""
    for path in CLI.glob("*.py"):
        lines = path.read_text(encoding="utf-8").splitlines()
        for node in ast.walk(ast.parse("\n".join(lines))):
            if isinstance(node, ast.ImportFrom | ast.Import) and re.search(r"PLC0415$", lines[node.lineno - 1]):
                module = node.module if isinstance(node, ast.ImportFrom) else node.names[0].name
                yield f"{path.name}:{node.lineno}", str(module)


def test_what_is_loaded_anyway_is_not_imported_within_a_function() -> None:
    loaded = modules_of_help() - LAZY
    found = list(local_imports())
    assert len(found) > 20
    assert [(place, module) for place, module in found if module in loaded] == []
    assert not any(module.startswith(("pydantic", "sqlalchemy", "kubernetes", "slack")) for module in loaded)
