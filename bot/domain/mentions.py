"""What a paste names: objects of Kubernetes that a question can be about."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MentionedObject:
    """One object that a paste names.

    `kind` as Kubernetes writes it (`Image` for an image), `namespace` empty where the paste does not say it. `state` is
    what the paste says of it (`CrashLoopBackOff`, `0/1 Running`, `Readiness probe failed: …`), `in_trouble` whether
    that is bad. `line` is the number of the first line that names it, `count` how many lines do.
    """

    kind: str
    name: str
    namespace: str = ""
    state: str = ""
    in_trouble: bool = False
    line: int = 1
    count: int = 1

    @property
    def said(self) -> str:
        """`pod/api-0`: how a question about it is written."""
        return f"{self.kind.lower()}/{self.name}"
