"""The good set of playbooks in `tests/unit/good`, and the same with files replaced. Used by the tests of playbooks."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from bot.domain.errors import PlaybooksRejected
from bot.playbook.loader import PlaybookSet, parse
from bot.yamlfile.files import SourceFile

HERE = Path(__file__).parent
GOOD = HERE / "good"


def good_files() -> dict[str, str]:
    """Every file of the good set: its name below `playbooks/`, and its text."""
    return {path.relative_to(GOOD).as_posix(): path.read_text() for path in sorted(GOOD.rglob("*.yaml"))}


def parse_files(files: Mapping[str, str | bytes]) -> PlaybookSet:
    """The set that these files make up, as if they were below `playbooks/`."""
    return parse(
        SourceFile(Path(name), f"playbooks/{name}", text.encode() if isinstance(text, str) else text)
        for name, text in sorted(files.items())
    )


def problems_of(files: Mapping[str, str | bytes]) -> tuple[str, ...]:
    """What is wrong with these files."""
    try:
        parse_files(files)
    except PlaybooksRejected as error:
        return error.problems
    return ()


def problems_with(**changed: tuple[str, str]) -> tuple[str, ...]:
    """What is wrong with the good set after one replacement per file (`order_failed`, `app`, `workload`, …_cases)."""
    files = good_files()
    for key, (old, new) in changed.items():
        stem = key.removesuffix("_cases")
        ending = ".test.yaml" if key.endswith("_cases") else ".yaml"
        name = next(name for name in files if name.split("/")[-1] == stem + ending)
        assert files[name].count(old) == 1, f"{old!r} stands {files[name].count(old)} times in {name}"
        files[name] = files[name].replace(old, new)
    return problems_of(files)


def write(directory: Path, files: Mapping[str, str]) -> Path:
    """Write the files below `directory/playbooks`, and return that."""
    for name, text in files.items():
        path = directory / "playbooks" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return directory / "playbooks"
