"""What a playbook file may say: pydantic models, strict and frozen. `triage playbooks schema` prints their JSON Schema.

Three kinds of file: `app` describes an application, `symptom` one of its errors, `causes` the causes that any workload,
route or dependency can have. docs: README, "Write a playbook for another app".
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, model_validator

from bot.playbook.conditions import Condition
from bot.playbook.remedy_kinds import REMEDY_KINDS
from bot.yamlfile.model import Strict

Identifier = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]*$", max_length=80)]
_SCOPE = r"\{(workload|route|dependency|service|edge|ingress|autoscaler)\}"
CAUSE_ID = rf"^({_SCOPE}-)?[a-z][a-z0-9_-]*$"
TARGET = rf"^({_SCOPE}|[a-z][a-z0-9_-]*)$"
REMEDY_ID = rf"^[a-z][a-z0-9-]*({_SCOPE})?(-[a-z0-9-]+)?$"
CauseId = Annotated[str, Field(pattern=CAUSE_ID, max_length=80)]
"""May start with `{workload}-`: filled in with the component's name, e.g. `api-oom-killed`."""
Sentence = Annotated[str, Field(min_length=1, max_length=600)]
Title = Annotated[str, Field(min_length=1, max_length=150)]
Pattern = Annotated[str, Field(min_length=1, max_length=1000)]
"""A regular expression for RE2: linear time, no look-around and no back-references."""
Glob = Annotated[str, Field(min_length=1, max_length=200)]
Strings = Annotated[tuple[str, ...], Field(strict=False)]
FOUND = r"^([a-z][a-z0-9_-]*|\*)$"
Found = Annotated[str, Field(pattern=FOUND, max_length=80)]
"""A symptom of the same app; `*` is any other critical one that does not itself give way to `*`."""
SchemaVersion = Literal["triage/playbook/v1"]


class Finder(Strict):
    """One way to find a component's workload in a namespace. All that is given must hold; ways are tried in order.

    `labels`: the pod template has these labels. `container`: one of its containers has this name. `name`: the
    workload's name. `image`: a container's image. `command`: some word of a container's command. `service`: the Service
    whose selector picks it has this name. `route`: it is what the URL of this route leads to.
    """

    labels: dict[str, str] | None = None
    container: Glob | None = None
    name: Glob | None = None
    image: Glob | None = None
    command: Glob | None = None
    service: Glob | None = None
    route: Identifier | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Finder:
        if not self.model_fields_set:
            raise ValueError("says nothing: give labels, container, name, image, command, service or route")
        return self


Importance = Literal["essential", "background", "degrades"]


class Component(Strict):
    """A part of the app. `role: service` gets every generic workload cause; `role: dependency` is judged as up or down.

    `port` is what its process listens on, `health` the path of a health endpoint. `log_names` are globs of pod,
    container or compose names in log prefixes. The `…_when_log_says` patterns read its own log, except
    `unreachable_when_log_says` of a dependency, which reads the logs of the components in `needed_by`.
    `host_env` names the variables of those components that hold the dependency's host. `keeps_sessions`: logins live
    there, so its restart logs people out. `proves` names the dependencies that `health` asks too; without, it shows
    that the process answers, and nothing of what that needs. `importance`: nobody is served without an `essential` one,
    work in the `background` stands still, or the app `degrades`; `without` says what does not work then.
    """

    label: Title
    role: Literal["service", "dependency"] = "service"
    importance: Importance = "essential"
    without: str = Field(default="", max_length=200)
    find: Annotated[tuple[Finder, ...], Field(min_length=1, strict=False)]
    port: int | None = Field(default=None, ge=1, le=65535)
    health: str | None = Field(default=None, pattern=r"^/")
    proves: Annotated[tuple[Identifier, ...], Field(strict=False)] = ()
    services: Annotated[tuple[Glob, ...], Field(strict=False)] = ()
    log_names: Annotated[tuple[Glob, ...], Field(strict=False)] = ()
    started_when_log_says: Annotated[tuple[Pattern, ...], Field(strict=False)] = ()
    overloaded_when_log_says: Annotated[tuple[Pattern, ...], Field(strict=False)] = ()
    unreachable_when_log_says: Annotated[tuple[Pattern, ...], Field(strict=False)] = ()
    needed_by: Annotated[tuple[Identifier, ...], Field(strict=False)] = ()
    host_env: Annotated[tuple[str, ...], Field(strict=False)] = ()
    keeps_sessions: bool = False


class Entrance(Strict):
    """The path by which browsers call the called component, under the host of the caller's page.

    `missed_as` are symptoms that tell that nothing leads it there; only then Ingresses are read.
    """

    path: str = Field(pattern=r"^/")
    missed_as: Annotated[tuple[Identifier, ...], Field(min_length=1, strict=False)]


class Route(Strict):
    """One component calls another at the URL in an environment variable.

    The causes of the `primary` route have plain ids (`service-missing`); those of the others start with the route's
    name. `default`: the URL that the program uses where the variable is not set; `default_source` says where that is
    written. `passes_on` are globs of the paths in the caller's log that lead to the called one: what the caller answers
    on others proves nothing.
    """

    label: Title
    from_: Identifier = Field(alias="from")
    to: Identifier
    env: str = Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")
    primary: bool = False
    default: str = Field(default="", max_length=500)
    default_source: str = Field(default="", max_length=500)
    passes_on: Annotated[tuple[Glob, ...], Field(strict=False)] = ()
    entrance: Entrance | None = None


class OtherWorkload(Strict):
    """A workload of a release that has no route or health of its own here: its name, and what it is for.

    `names` are globs of its name or of the label `app`. `importance` and `without` as in a component.
    """

    label: Title
    names: Annotated[tuple[Glob, ...], Field(min_length=1, strict=False)]
    importance: Importance = "degrades"
    without: str = Field(default="", max_length=200)


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
    `needs_source`: only lines that name the symptom's `source` component in their log prefix count. `unless_found`: it
    says nothing where one of these symptoms of the app is found in the same text, which says more (see `Matcher`).
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
    discovery knows; the nearest first. `when` limits it to some facts.
    """

    cause: CauseId | None = None
    along: Literal["calls"] | None = None
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
    one cause that names them all.
    """

    id: CauseId
    title: Title
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


class Versions(Strict):
    """Which versions of a component show the error (a range such as `<2.7.0`), and which one no longer does."""

    component: Identifier
    affected: str
    fixed_in: str | None = None
    advice: str = Field(default="", max_length=400)


class Marks(Strict):
    """What shows in a log that it is this app's.

    `texts`: patterns of what only this app prints: module paths, its own sentences, its format of log lines. `names`:
    globs of pods, containers, images, charts and Services that only this app has. `code`: patterns of paths where its
    code may lie too, although others' may as well. `companions`: programs that it speaks of or runs beside. `runtimes`:
    which of java, php, ruby, perl, rust and dotnet it has parts in; errors in the words of the others are not its.
    """

    texts: Annotated[tuple[Pattern, ...], Field(strict=False)] = ()
    names: Annotated[tuple[Glob, ...], Field(strict=False)] = ()
    code: Annotated[tuple[Pattern, ...], Field(strict=False)] = ()
    companions: Strings = ()
    runtimes: Annotated[tuple[Literal["java", "php", "ruby", "perl", "rust", "dotnet"], ...], Field(strict=False)] = ()


class AppPlaybook(Strict):
    """`kind: app`: an application, its components and the routes between them."""

    schema_: SchemaVersion = Field(alias="schema")
    kind: Literal["app"]
    id: Identifier
    title: Title
    description: Sentence
    namespaces: Annotated[tuple[Glob, ...], Field(strict=False)] = ()
    components: dict[Identifier, Component] = Field(min_length=1)
    routes: dict[Identifier, Route] = Field(default={})
    others: dict[Identifier, OtherWorkload] = Field(default={})
    marks: Marks = Marks()
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
    `triage playbooks check`. `own`: it is trouble of the program itself, whatever it calls.
    """

    id: Identifier
    what: Title
    pattern: Pattern
    unless: Annotated[tuple[Pattern, ...], Field(strict=False)] = ()
    own: bool = False
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


Playbook = Annotated[AppPlaybook | SymptomPlaybook | CausesPlaybook | LinesPlaybook, Field(discriminator="kind")]


class PasteCase(Strict):
    """A paste, and whether the symptom must (`match`) or must not (`none`) be found in it.

    `maybe`: found, with nothing that says that it is this app's. `foreign`: not found, or known as another program's.
    """

    name: Title
    text: str
    expect: Literal["match", "none", "maybe", "foreign"]
    fields: dict[str, str] = Field(default={})
    count: int | None = None


GapName = Literal["forbidden", "timed_out", "failed", "absent", "malformed", "not_read", "cut_off"]


class FactCase(Strict):
    """Facts and gaps, and what the playbook's causes must be. Causes that are not named are not checked.

    A fact that is neither in `facts` nor in `gaps` counts as not read. Sets are written as lists. `gaps` gives a reason
    (`forbidden`, `timed_out`…). `symptoms` are ids; they set `symptoms.<id>.present`. The facts of the file's `base`
    hold too, but for those that the case names itself, as a fact or a gap, or in `without`; a gap that ends in `*`
    stands for all of them that begin so. `others`: the verdict of every cause that the case does not name.
    """

    name: Title
    facts: dict[str, bool | int | float | str | list[str]] = Field(default={})
    gaps: dict[str, GapName] = Field(default={})
    without: Strings = ()
    symptoms: Strings = ()
    others: Literal["possible", "ruled_out", "unknown"] | None = None
    confirmed: Strings = ()
    likely: Strings = ()
    possible: Strings = ()
    ruled_out: Strings = ()
    unknown: Strings = ()


class CaseFile(Strict):
    """`*.test.yaml` beside a playbook: its cases. Generic playbooks are tried with component and route names of their
    own. `base`: facts that hold in every case that does not say otherwise, so that a case states only what differs.
    """

    schema_: SchemaVersion = Field(alias="schema")
    kind: Literal["cases"]
    pastes: Annotated[tuple[PasteCase, ...], Field(strict=False)] = ()
    base: dict[str, bool | int | float | str | list[str]] = Field(default={})
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
        if case.others is not None:
            verdicts = (case.confirmed, case.likely, case.possible, case.ruled_out, case.unknown)
            named = {name.replace("{", "").replace("}", "") for group in verdicts for name in group}
            rest = tuple(name for name in causes if name.replace("{", "").replace("}", "") not in named)
            update[case.others] = getattr(case, case.others) + rest
        return case.model_copy(update=update)
