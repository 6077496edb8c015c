"""Finds the playbook files of a directory and reads their bytes.

Called by the loader and by the reload. Decides which files count as playbooks; knows nothing of what they say.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from bot.yamlfile.document import MAX_BYTES

SUFFIX = ".yaml"
CASES_SUFFIX = ".test.yaml"


@dataclass(frozen=True)
class SourceFile:
    """One file. `name` is how messages call it; `refusal` says why `content` was not read, if it was not; `absent`
    that there is no such file.
    """

    path: Path
    name: str
    content: bytes = b""
    refusal: str = ""
    absent: bool = False

    @property
    def holds_cases(self) -> bool:
        return self.name.endswith(CASES_SUFFIX)


@dataclass(frozen=True, slots=True)
class Stamp:
    """What shows, without reading a file, that it is still the same."""

    path: str
    inode: int
    bytes: int
    modified_ns: int
    changed_ns: int


class Files(Protocol):
    """What is read together and followed together."""

    def stamps(self) -> tuple[Stamp, ...]:
        """Cheap to ask: what shows that nothing has changed."""

    def read(self) -> tuple[SourceFile, ...]:
        """The contents as they are now. Never raises: a file that cannot be read has a refusal."""


@dataclass(frozen=True)
class Directory:
    """Every YAML file below a directory, in order of their names."""

    path: Path

    def stamps(self) -> tuple[Stamp, ...]:
        """Stamps of the files that would be read."""
        return stamps(self.path)

    def read(self) -> tuple[SourceFile, ...]:
        """See `read_directory`."""
        return read_directory(self.path)


@dataclass(frozen=True)
class OneFile:
    """A single file."""

    path: Path

    def stamps(self) -> tuple[Stamp, ...]:
        """Empty while it is not there."""
        found = stamp(self.path)
        return () if found is None else (found,)

    def read(self) -> tuple[SourceFile, ...]:
        """The file, refused if it is not there."""
        return (read_file(self.path, self.path.name),)


def stamps(directory: Path) -> tuple[Stamp, ...]:
    """Stamps of all files that would be read now, in order of their paths; without files that vanish meanwhile."""
    found = (stamp(path) for path in _paths(directory))
    return tuple(item for item in found if item is not None)


def stamp(path: Path) -> Stamp | None:
    """The stamp of one file; None if it is not there."""
    try:
        status = path.stat()
    except OSError:
        return None
    return Stamp(str(path), status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)


def read_directory(directory: Path) -> tuple[SourceFile, ...]:
    """Every playbook and case file below the directory, in order of their names.

    Hidden files and folders are left out: editors and ConfigMap volumes keep copies there. A directory without
    playbooks, or one that is not there, yields one refused file, so that it is reported like any other mistake.
    """
    if not directory.is_dir():
        return _nothing(directory, "there is no such file or directory; give the directory that holds the playbooks")
    found = tuple(_read(path, directory) for path in _paths(directory))
    return found or _nothing(directory, "there is no playbook here; give the directory that holds them")


def _nothing(directory: Path, reason: str) -> tuple[SourceFile, ...]:
    return (SourceFile(directory, directory.name or str(directory), refusal=reason),)


def _paths(directory: Path) -> list[Path]:
    return sorted(_walk(directory, set()))


def _walk(directory: Path, visited: set[str]) -> Iterator[Path]:
    """Files with a YAML suffix. Follows links (ConfigMap volumes consist of them), but enters no folder twice."""
    real = os.path.realpath(directory)
    if real in visited:
        return
    visited.add(real)
    try:
        entries = sorted(os.scandir(directory), key=lambda entry: entry.name)
    except OSError:
        yield directory
        return
    for entry in entries:
        if entry.name.startswith("."):
            continue
        if entry.is_dir():
            yield from _walk(directory / entry.name, visited)
        elif entry.name.endswith((SUFFIX, ".yml")):
            yield directory / entry.name


def _read(path: Path, directory: Path) -> SourceFile:
    name = path.relative_to(directory.parent).as_posix()
    if path.name.endswith(".yml"):
        return SourceFile(path, name, refusal="playbooks end in `.yaml`; rename the file")
    return read_file(path, name)


def read_file(path: Path, name: str) -> SourceFile:
    """One file, which messages call `name`."""
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            return SourceFile(path, name, refusal="this is not a regular file that can be read")
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except FileNotFoundError as error:
        return SourceFile(path, name, refusal=f"this cannot be read ({error.strerror}); check its path", absent=True)
    except OSError as error:
        return SourceFile(path, name, refusal=f"this cannot be read ({error.strerror}); check its permissions")
    if len(content) > MAX_BYTES:
        return SourceFile(path, name, refusal=f"the file is larger than {MAX_BYTES // 1_000_000} MB; split it")
    return SourceFile(path, name, content)
