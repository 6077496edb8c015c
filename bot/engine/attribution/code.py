"""Whose code a stack trace goes through: the files of its frames that belong to no library and no runtime."""

from __future__ import annotations

import re
from collections.abc import Iterator

_FRAMES = re.compile(
    r'File "(?P<python>[^"\n]{1,300}\.py)", line \d'
    r"|\(?(?:file://|webpack-internal:///|webpack://[\w-]{0,40}/)?"
    r"(?P<node>(?<![\w.\]])/[^\s():'\"]{1,300}\.[cm]?[jt]sx?)(?:\?\d+)?:\d+:\d+\)?"
    r"|(?P<php>/[^\s():'\"]{1,300}\.php)(?:[(:]\d+| on line \d)"
    r"|\bat (?P<java>[a-z][\w$]{0,60}(?:\.[\w$<>]{1,80}){2,12})"
    r"\((?:[\w$]{1,80}\.(?:java|kt|scala)(?::\d+)?|Native Method|Unknown Source)\)"
    r"|(?P<ruby>/[^\s():'\"]{1,300}\.rb):\d+:in "
    r"|(?P<go>/[^\s():'\"]{1,300}\.go):\d+"
    r"| in (?P<net>(?:/|[A-Z]:\\)[^\s():'\"]{1,300}\.(?:cs|fs|vb)):line \d"
)
_OF_LIBRARIES = re.compile(
    r"site-packages|dist-packages|node_modules|^node:|/\.next/|^/usr/(?:local/)?lib|/lib/python3|/vendor/|/gems/|^/usr/local/go/"
    r"|/go/pkg/|/\.rustup/|/\.cargo/|/internal/deps/|^<|/python3\.\d+/|^/opt/(?:bitnami|venv)/|^/nix/"
    r"|^(?:java|javax|jdk|sun|com\.sun|org\.(?:springframework|hibernate|apache|postgresql|eclipse|jboss|slf4j)|io\.netty|reactor"
    r"|com\.zaxxer|com\.mysql|kotlin|scala)\."
)


def own_files(text: str) -> Iterator[tuple[str, int]]:
    """The files and classes of the frames in a text that are of the program itself, and where in it they stand."""
    for found in _FRAMES.finditer(text):
        place = next(value for value in found.groups() if value)
        if not _OF_LIBRARIES.search(place):
            yield place, found.start()
