"""What a file of cases beside a playbook may say."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Literal

from pydantic import Field

from bot.playbook.schema_names import SchemaVersion, Strings, Title
from bot.yamlfile.model import Strict

GapName = Literal["forbidden", "timed_out", "failed", "absent", "malformed", "not_read", "cut_off"]
Others = Literal["possible", "ruled_out", "unknown"]


class PasteCase(Strict):
    """A paste, and whether the symptom must (`match`) or must not (`none`) be found in it.

    `maybe`: found, with nothing that says that it is this app's. `foreign`: not found, or known as another program's.
    """

    name: Title
    text: str
    expect: Literal["match", "none", "maybe", "foreign"]
    fields: dict[str, str] = Field(default={})
    count: int | None = None


class FactCase(Strict):
    """Facts and gaps, and what the playbook's causes must be. Causes that are not named are not checked.

    A fact that is neither in `facts` nor in `gaps` counts as not read. Sets are written as lists. `gaps` gives a reason
    (`forbidden`, `timed_out`…). `symptoms` are ids; they set `symptoms.<id>.present`. The facts of the file's `base`
    hold too, but for those that the case names itself, as a fact or a gap, or in `without`; a gap that ends in `*`
    stands for all of them that begin so. `others`: the verdict of every cause that the case does not name; the file's
    own `others` where the case says nothing.
    """

    name: Title
    facts: dict[str, bool | int | float | str | list[str]] = Field(default={})
    gaps: dict[str, GapName] = Field(default={})
    without: Strings = ()
    symptoms: Strings = ()
    others: Others | None = None
    confirmed: Strings = ()
    likely: Strings = ()
    possible: Strings = ()
    ruled_out: Strings = ()
    unknown: Strings = ()


class CaseFile(Strict):
    """`*.test.yaml` beside a playbook: its cases. Generic playbooks are tried with component and route names of their
    own. `base`: facts that hold in every case that does not say otherwise, so that a case states only what differs;
    `others`: the verdict of causes that no case names, likewise.
    """

    schema_: SchemaVersion = Field(alias="schema")
    kind: Literal["cases"]
    pastes: Annotated[tuple[PasteCase, ...], Field(strict=False)] = ()
    base: dict[str, bool | int | float | str | list[str]] = Field(default={})
    others: Others | None = None
    causes: Annotated[tuple[FactCase, ...], Field(strict=False)] = ()

    def completed(self, causes: Iterable[str]) -> CaseFile:
        """The same cases, each with the facts of `base` and all its verdicts. `causes` are those of its playbook."""
        names = tuple(causes)
        return self.model_copy(update={"causes": tuple(self._completed(case, names) for case in self.causes)})

    def _completed(self, case: FactCase, causes: tuple[str, ...]) -> FactCase:
        gaps: dict[str, GapName] = {}
        for pattern, reason in case.gaps.items():
            fitting = (name for name in self.base if name.startswith(pattern[:-1]) and name not in case.facts)
            gaps |= dict.fromkeys(fitting if pattern.endswith("*") else (pattern,), reason)
        facts = {name: value for name, value in self.base.items() if name not in {*gaps, *case.without}}
        update: dict[str, object] = {"facts": {**facts, **case.facts}, "gaps": gaps}
        others = case.others or self.others
        if others is not None:
            verdicts = (case.confirmed, case.likely, case.possible, case.ruled_out, case.unknown)
            named = {name.replace("{", "").replace("}", "") for group in verdicts for name in group}
            rest = tuple(name for name in causes if name.replace("{", "").replace("}", "") not in named)
            update[others] = getattr(case, others) + rest
        return case.model_copy(update=update)
