"""Where playbooks are looked for: those that come with the program, and the directories of whoever runs it.

Own directories add to the built-in ones. A file of a later directory replaces the one of an earlier directory that
stands at the same path (`onyx/app.yaml`) or describes the same thing (`kind: app`, `id: onyx`), with its cases. Nothing
is left out in silence: `no-builtin` has to be said.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from bot.playbook.location import default_playbooks
from bot.yamlfile.files import CASES_SUFFIX, SUFFIX, SourceFile, Stamp, read_directory, stamps

BUILTIN = "builtin"
NO_BUILTIN = "no-builtin"
SEPARATOR = os.pathsep
_SAID = re.compile(rb"""^(kind|app|id):[ ]*["']?([a-z][a-z0-9_-]*)""", re.MULTILINE)
"""The first lines of a playbook, read before it is known whether the rest can be."""


@dataclass(frozen=True)
class Places:
    """Directories of playbooks, the built-in one among them unless it is left out on purpose.

    As `bot.yamlfile.reloading` follows files: `stamps` is cheap, `read` never raises.
    """

    own: tuple[Path, ...] = ()
    builtin: bool = True

    @property
    def directories(self) -> tuple[Path, ...]:
        """All of them; the later ones have the last word."""
        return ((default_playbooks(),) if self.builtin else ()) + self.own

    def stamps(self) -> tuple[Stamp, ...]:
        """What shows that nothing has changed."""
        return tuple(item for directory in self.directories for item in stamps(directory))

    def read(self) -> tuple[SourceFile, ...]:
        """All files that count, those of each directory in order of their names."""
        return tuple(file for _, file in self._by_directory())

    def own_files(self) -> frozenset[str]:
        """Names of the files that are not built in."""
        builtin = default_playbooks() if self.builtin else None
        return frozenset(file.name for directory, file in self._by_directory() if directory != builtin)

    def replaced(self) -> tuple[str, ...]:
        """Names of the files that stand in for one of an earlier directory."""
        seen: set[str] = set()
        found: list[str] = []
        for directory in self.directories:
            files = [file for file in read_directory(directory) if not file.holds_cases]
            here = {file.name: _marks(directory, file) for file in files}
            found += [name for name, marks in here.items() if marks & seen]
            seen |= set().union(*here.values())
        return tuple(found)

    def _by_directory(self) -> list[tuple[Path, SourceFile]]:
        kept: list[tuple[Path, SourceFile]] = []
        for directory in self.directories:
            here = () if self._is_empty(directory) else read_directory(directory)
            taken = set().union(*(_marks(directory, file) for file in here))
            gone = {file.name for place, file in kept if _marks(place, file) & taken}
            gone |= {name.removesuffix(SUFFIX) + CASES_SUFFIX for name in gone if not name.endswith(CASES_SUFFIX)}
            kept = [(place, file) for place, file in kept if file.name not in gone]
            names = {file.name for _, file in kept}
            clear = names.isdisjoint(file.name for file in here)
            kept += [(directory, file if clear else _with_whole_path(file)) for file in here]
        return kept

    def _is_empty(self, directory: Path) -> bool:
        """Whether an own directory is there and holds nothing, as an optional volume without its ConfigMap does."""
        return directory in self.own and directory.is_dir() and not stamps(directory)


def _marks(directory: Path, file: SourceFile) -> set[str]:
    """By what a file is known again in another directory: its path there, and what it says that it describes."""
    if file.path == directory:  # refused as a whole
        return set()
    path = file.path.relative_to(directory).as_posix()
    said = {found[1].decode("ascii"): found[2].decode("ascii") for found in _SAID.finditer(file.content)}
    if file.holds_cases or not {"kind", "id"} <= said.keys():
        return {path}
    return {path, f"{said['kind']} {said.get('app', '')} {said['id']}"}


def _with_whole_path(file: SourceFile) -> SourceFile:
    """Two directories are called the same: then only whole paths tell their files apart."""
    return SourceFile(file.path, str(file.path), file.content, file.refusal, file.absent)


def parse_places(words: Iterable[str]) -> Places:
    """The places that a setting or options name: directories, `builtin` and `no-builtin`, each word maybe a list.

    The built-in directory named by its path is the built-in one. The program's playbooks are there unless
    `no-builtin` is said.
    """
    parts = [part.strip() for word in words for part in word.split(SEPARATOR) if part.strip()]
    standard = default_playbooks().resolve()
    own: list[Path] = []
    for part in parts:
        path = Path(part).expanduser()
        if part not in (BUILTIN, NO_BUILTIN) and path.resolve() != standard and path not in own:
            own.append(path)
    return Places(tuple(own), NO_BUILTIN not in parts)
