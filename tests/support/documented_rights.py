"""The tables of deploy/docs/security.md, in which rights the bot's account has."""

from __future__ import annotations

import re
from pathlib import Path

Right = tuple[str, str, str]
"""API group, resource, verb."""

_SECURITY = Path(__file__).parents[2] / "deploy" / "docs" / "security.md"


def documented_rights() -> list[set[Right]]:
    """The three tables of rights: in the app's namespaces, in its own, in the whole cluster."""
    chapter = _SECURITY.read_text(encoding="utf-8").partition("## What the bot's account may do")[2]
    chapter = chapter.partition("\n## ")[0]
    tables = [table for table in re.split(r"\n\n", chapter) if table.startswith("| group")]
    return [
        {
            (group.replace("core", ""), resource, verb)
            for group, resource, verbs in re.findall(r"^\| ([\w.]+) \| ([\w/-]+) \| ([\w, ]+) \|", table, re.MULTILINE)
            if group != "group"
            for verb in verbs.split(", ")
        }
        for table in tables
    ]
