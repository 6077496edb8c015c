"""What a playbook file may say: pydantic models, strict and frozen. `triage playbooks schema` prints their JSON Schema.

Four kinds of file: `app` (`app_schema`) describes an application, `symptom` one of its errors, `causes` the causes that
any workload, route or dependency can have, `lines` what log lines mean. Beside each lie its cases (`case_schema`).
Docs: README, "Write a playbook for another app".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, model_validator

from bot.playbook.app_schema import Versions
from bot.playbook.conditions import Condition
from bot.playbook.remedy_kinds import REMEDY_KINDS
from bot.playbook.schema_names import (
    REMEDY_ID,
    TARGET,
    CauseId,
    Found,
    Identifier,
    Pattern,
    SchemaVersion,
    Sentence,
    Strings,
    Title,
)
from bot.yamlfile.model import Strict


class Part(Strict):
    """One of several things that must occur together."""

    pattern: Pattern


class Within(Strict):
    """How close together the parts must be. `seconds` counts only where both lines carry a time.

    `same` names a field that every part must capture with an equal value, where it captures it at all. `block`: in the
    same block, that is a message with the indented lines and stack frames that belong to it.
    """

    lines: int = Field(default=200, ge=0, le=5000)
    seconds: float | None = Field(default=None, gt=0)
    same: Identifier | None = None
    block: bool = False


class Signature(Strict):
    """How one form of an error looks. Either `pattern`, or `parts` that must occur together `within` bounds.

    Patterns run over the cleaned text; `\\s+` spans a line break, `.` does not; letter case counts unless the pattern
    starts with `(?i)`; `^` and `$` are the ends of a line. Named groups become fields. A hit does not count if an
    `unless` pattern is found on its own lines, an `unless_in_block` pattern in the message it belongs to (its stack
    frames and indented lines included), or an `unless_nearby` pattern within `nearby_lines` lines around it.
    `needs_source`: only lines that name the symptom's `source` component in their log prefix count;
    `any_source`: words that only it prints, so that another name before them (of the whole app, say) does not matter.
    `unless_found`: it says nothing where one of these symptoms of the app is found in the same text, which says more
    (see `Matcher`).
    `own_text`: what the pattern finds is printed by this app alone; otherwise a mark of the app must be in the paste.
    """

    id: Identifier
    pattern: Pattern | None = None
    parts: Annotated[tuple[Part, ...], Field(strict=False)] = ()
    within: Within = Within()
    unless: Annotated[tuple[Pattern, ...], Field(strict=False)] = ()
    unless_in_block: Annotated[tuple[Pattern, ...], Field(strict=False)] = ()
    unless_nearby: Annotated[tuple[Pattern, ...], Field(strict=False)] = ()
    unless_found: Annotated[tuple[Found, ...], Field(strict=False)] = ()
    needs_source: bool = False
    any_source: bool = False
    own_text: bool = False
    nearby_lines: int = Field(default=8, ge=1, le=200)

    @model_validator(mode="after")
    def _one_or_the_other(self) -> Signature:
        if (self.pattern is None) == (not self.parts):
            raise ValueError("give either `pattern` or `parts`, not both")
        if self.parts and len(self.parts) < 2:
            raise ValueError("`parts` needs at least two; use `pattern` for one")
        return self


class CausedBy(Strict):
    """What explains a symptom or a cause: a cause by id, or any confirmed cause that `breaks` this component or route.

    `along: calls`: any confirmed cause that breaks what the component calls, or what that calls in turn, as far as the
    discovery knows; the nearest first. `along: log`: a critical cause of an app's own that the component's log tells
    of. `when` limits it to some facts.
    """

    cause: CauseId | None = None
    along: Literal["calls", "log"] | None = None
    breaks: str | None = Field(default=None, pattern=TARGET)
    when: Condition | None = None

    @model_validator(mode="after")
    def _one_or_the_other(self) -> CausedBy:
        if sum(item is not None for item in (self.cause, self.breaks, self.along)) != 1:
            raise ValueError("give one of `cause`, `breaks` and `along`")
        return self


if TYPE_CHECKING:
    RemedyKind = str
else:
    RemedyKind = Literal[tuple(REMEDY_KINDS)]
    """One of the kinds in `remedy_kinds.py`, the one place that lists them."""


class RemedySpec(Strict):
    """A fix that fits a cause. The engine computes target and patch; one that the facts rule out is not offered.

    `acts_on` is the component or route it changes. `advice` changes nothing: it is a sentence, with `command` to look
    further. A title may hold the remedy's own values in braces: `{memory_limit}`. `risk` overrides that of the kind.
    """

    id: Annotated[str, Field(pattern=REMEDY_ID, max_length=80)]
    kind: RemedyKind
    title: Title
    acts_on: str | None = Field(default=None, pattern=TARGET)
    role: Literal["operator", "admin", "anyone"] = "operator"
    risk: Literal["low", "medium", "high"] | None = None
    note: str = Field(default="", max_length=400)
    command: str = Field(default="", max_length=400)
    when: Condition | None = None


FailureKind = Literal[
    "name-unknown",
    "name-no-answer",
    "connect-timeout",
    "unreachable",
    "refused",
    "tls",
    "protocol",
    "reset",
    "closed-early",
    "response-timeout",
    "http-status",
    "login-refused",
    "limit",
    "starting",
    "missing-object",
    "resource",
]
"""How a call may fail: `bot.domain.calls.CallFailure`."""
Destination = Literal["service", "pod", "loopback", "name", "other", "kept"]
"""Where a failed call went: to an address of the called component, now or before (`service`, `pod`), to the caller's
own pod, to a name without an address, to another Service, to an address of Services that is nobody's in the
namespace."""


class Makes(Strict):
    """Failures of calls that a cause makes, by destination: `fits` it makes, `possible` it may make, others it cannot.

    `depends` says what a possible one depends on. `when` limits the entry to some facts.
    """

    to: Annotated[tuple[Destination, ...], Field(min_length=1, strict=False)]
    fits: Annotated[tuple[FailureKind, ...], Field(strict=False)] = ()
    possible: Annotated[tuple[FailureKind, ...], Field(strict=False)] = ()
    depends: str = Field(default="", max_length=200)
    when: Condition | None = None


class CauseSpec(Strict):
    """A hypothesis, the conditions that confirm it and those that refute it.

    `when` says where it applies at all. `likely` is weaker evidence than `confirm`. Without `refute`, a `confirm`
    that is false rules it out; with it, only `refute` does. `breaks` names what cannot serve while it lasts.
    `caused_by` names upstream causes: with one of them confirmed, this is a consequence. `leads_to` says the same from
    the other end: it lets an app's own cause explain a generic one, which knows no app. Texts may hold facts in braces:
    `{workload.pods.ready}`. `makes` says which failures of calls the cause makes: the name of a row of
    `bot/playbook/failed_calls/table.yaml`, or entries of its own. A cause with `breaks` must say it; an app's own cause
    inherits it from those in its `leads_to`. `takes_all`: everything goes with it, so every other is its consequence.
    `shared` says what it is that several components may have in common: where they have the same, and this cause, it is
    one cause that names them all. `title_if_likely`: the title where it is only likely, which tells what is certain.
    """

    id: CauseId
    title: Title
    title_if_likely: str = Field(default="", max_length=150)
    sentence: Sentence
    confirm: Condition
    likely: Condition | None = None
    refute: Condition | None = None
    when: Condition | None = None
    breaks: str | None = Field(default=None, pattern=TARGET)
    caused_by: Annotated[tuple[CausedBy, ...], Field(strict=False)] = ()
    leads_to: Annotated[tuple[CauseId, ...], Field(strict=False)] = ()
    makes: Identifier | Annotated[tuple[Makes, ...], Field(strict=False)] | None = None
    takes_all: bool = False
    benign: bool = False
    state: bool = False
    severity: Literal["critical", "warning", "info"] = "critical"
    shared: str = Field(default="", max_length=100)
    separated_by: Strings = ()
    remedies: Annotated[tuple[RemedySpec, ...], Field(strict=False)] = ()
    references: Strings = ()


class Silence(Strict):
    """A log that has ended in this line for so many seconds, while its container runs and may not get traffic.

    Then the process hangs in what comes next; only a diagnosis, which sees the log's end and its age, can tell.
    """

    after: Pattern
    seconds: int = Field(default=60, ge=1, le=3600)


class SymptomPlaybook(Strict):
    """`kind: symptom`: one error of an app: how it looks, what explains it, which causes only it has.

    `unless`, `unless_in_block`, `unless_found` and `own_text` hold for every one of its signatures. `reads_go_on`: only
    writing fails while it lasts, so calls that read (GET) and are answered say nothing against it.
    `over_when_log_says`: lines of the same process that show, further down, that it is over.
    """

    schema_: SchemaVersion = Field(alias="schema")
    kind: Literal["symptom"]
    app: Identifier
    id: Identifier
    title: Title
    description: Sentence
    severity: Literal["critical", "warning", "info"]
    source: Identifier | None = None
    calls: Identifier | None = None
    signatures: Annotated[tuple[Signature, ...], Field(min_length=1, strict=False)]
    own_text: bool = False
    unless: Annotated[tuple[Pattern, ...], Field(strict=False)] = ()
    unless_in_block: Annotated[tuple[Pattern, ...], Field(strict=False)] = ()
    unless_found: Annotated[tuple[Found, ...], Field(strict=False)] = ()
    silences: Annotated[tuple[Silence, ...], Field(strict=False)] = ()
    reads_go_on: bool = False
    over_when_log_says: Annotated[tuple[Pattern, ...], Field(strict=False)] = ()
    caused_by: Annotated[tuple[CausedBy, ...], Field(strict=False)] = ()
    causes: Annotated[tuple[CauseSpec, ...], Field(strict=False)] = ()
    versions: Annotated[tuple[Versions, ...], Field(strict=False)] = ()
    advice: str = Field(default="", max_length=600)
    references: Strings = ()


class CausesPlaybook(Strict):
    """`kind: causes`: generic causes of any `workload`, `route` or `dependency`, written once and used by every app.

    `service`, `edge`, `ingress` and `autoscaler` are what the discovery finds: a Service, a call from one component, an
    Ingress, an autoscaler. Apps with a playbook have none of these, and none of the causes with `discovered: true`:
    they say more precisely what others say of an app that somebody knows.
    """

    schema_: SchemaVersion = Field(alias="schema")
    kind: Literal["causes"]
    id: Identifier
    discovered: bool = False
    for_: Literal["workload", "route", "dependency", "app", "service", "edge", "ingress", "autoscaler"] = Field(
        alias="for"
    )
    title: Title
    description: Sentence
    causes: Annotated[tuple[CauseSpec, ...], Field(min_length=1, strict=False)]
    references: Strings = ()


class LineSpec(Strict):
    """One thing that programs of any kind say in their logs: `id` names the kind, `what` says it in a few words.

    `pattern` is looked for in one line; a line with an `unless` pattern does not count. Named groups (`host`, `port`,
    `what`) become fields. `says` are lines that must be recognised, `never` some that must not; both are tried by
    `triage playbooks check`. `own`: it is trouble of the program itself, whatever it calls. `until`: the line is said
    once and holds until one with this pattern is said, however long that takes.
    """

    id: Identifier
    what: Title
    pattern: Pattern
    unless: Annotated[tuple[Pattern, ...], Field(strict=False)] = ()
    own: bool = False
    until: Pattern | None = None
    says: Annotated[tuple[str, ...], Field(min_length=1, strict=False)]
    never: Annotated[tuple[str, ...], Field(strict=False)] = ()


class LinesPlaybook(Strict):
    """`kind: lines`: log lines that mean the same in every program, the more telling first."""

    schema_: SchemaVersion = Field(alias="schema")
    kind: Literal["lines"]
    id: Identifier
    title: Title
    description: Sentence
    lines: Annotated[tuple[LineSpec, ...], Field(min_length=1, strict=False)]
    references: Strings = ()
