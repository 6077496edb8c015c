"""What a policy file may say: pydantic models, strict and frozen. `triage policy schema` prints their JSON Schema.

Read by the loader, which checks with `rules` what one field alone cannot show. Nothing is allowed by leaving it out:
what a role may do and where has no default, and the other defaults are careful ones.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, WithJsonSchema

from bot.changes.policy import values
from bot.playbook.json_schema import DIALECT
from bot.playbook.schema_names import Identifier, Title
from bot.yamlfile.model import Strict

PolicyVersion = Literal["triage/policy/v1"]
RiskName = Literal["low", "medium", "high"]
Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


def _checked(check: Callable[[str], object]) -> AfterValidator:
    """Keep the text; refuse it with the words of `check` if that raises."""

    def keep(text: str) -> str:
        check(text)
        return text

    return AfterValidator(keep)


def _number_as_text(value: Any) -> Any:
    """A plain YAML number as it would be written: quantities may be numbers or texts."""
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


def _text(pattern: str) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "pattern": pattern})


_QUANTITY = WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "number", "exclusiveMinimum": 0}]})

Duration = Annotated[str, BeforeValidator(_number_as_text), _checked(values.duration), _text(values.DURATION)]
Clock = Annotated[str, _checked(values.clock), _text(values.CLOCK)]
Zone = Annotated[str, _checked(values.zone), WithJsonSchema({"type": "string", "examples": ["Europe/Berlin", "UTC"]})]
UserId = Annotated[str, _checked(values.slack_user), _text(values.USER)]
GroupId = Annotated[str, _checked(values.slack_group), _text(values.GROUP)]
ChannelId = Annotated[str, _checked(values.slack_channel), _text(values.CHANNEL)]
TeamId = Annotated[str, _checked(values.slack_team), _text(values.TEAM)]
Name = Annotated[str, _checked(values.glob), _text(values.GLOB)]
Memory = Annotated[str, BeforeValidator(_number_as_text), _checked(values.memory), _QUANTITY]
Cpu = Annotated[str, BeforeValidator(_number_as_text), _checked(values.cpu), _QUANTITY]
Grantable = Annotated[
    str,
    _checked(values.grantable),
    WithJsonSchema({"type": "string", "enum": [*values.CHANGE_KINDS, *values.RISKS]}),
]
KindName = Annotated[
    str, _checked(values.remedy_kind), WithJsonSchema({"type": "string", "enum": list(values.CHANGE_KINDS)})
]


class PolicyPart(Strict):
    """Base of everything in a policy file: the docstrings below fields are their descriptions in the JSON Schema."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, use_attribute_docstrings=True)


class HeldBy(PolicyPart):
    """Who holds a role: any of these. Empty: nobody. Only full members of the bot's own workspace ever count."""

    users: Annotated[tuple[UserId, ...], Field(strict=False)] = ()
    """Slack user ids (`U…`, `W…`), never names: people change names."""
    groups: Annotated[tuple[GroupId, ...], Field(strict=False)] = ()
    """Ids of Slack user groups (`S…`): whoever is in one when they press."""
    channels: Annotated[tuple[ChannelId, ...], Field(strict=False)] = ()
    """Ids of channels (`C…`, `G…`): whoever presses in one. Whoever may join the channel gives themselves the role."""


class RoleSpec(PolicyPart):
    """A role: what it may do, where, and who holds it. The cluster's group for it is `triage:NAME`."""

    may: Annotated[tuple[Grantable, ...], Field(strict=False)] = ()
    """Kinds of remedies, or `low`, `medium`, `high` for every kind of that risk."""
    apps: Annotated[tuple[Name, ...], Field(strict=False)] = ()
    """Ids of apps, or workloads (`deployment/api`); `*` and `?` are wildcards. Needed with `may`; all: `["*"]`."""
    namespaces: Annotated[tuple[Name, ...], Field(strict=False)] = ()
    """Names of namespaces, with wildcards. Needed with `may`; all: `["*"]`."""
    clusters: Annotated[tuple[Name, ...], Field(strict=False)] = ()
    """Names of clusters as the bot shows them, with wildcards. Needed with `may`; all: `["*"]`."""
    includes: Annotated[tuple[str, ...], Field(strict=False)] = ()
    """Roles whose rights, in their own places, this one has too; who holds this one holds them as well."""
    level: Literal["operator", "admin"] | None = None
    """What it counts as where a playbook asks for `operator` or `admin`; `admin` counts as both. Left out: `admin` for
    the role of that name and for those that include it, else `operator`."""
    held_by: HeldBy = HeldBy()
    """Who holds it."""


class ApprovalsSpec(PolicyPart):
    """How many people besides the requester must approve, by class of risk. 0: the requester's confirmation is enough.

    An approver needs a role that may do the same, and nobody counts twice.
    """

    low: int = Field(default=0, ge=0, le=5)
    """For remedies of low risk."""
    medium: int = Field(default=1, ge=0, le=5)
    """For remedies of medium risk."""
    high: int = Field(default=1, ge=0, le=5)
    """For remedies of high risk."""


class MemoryBound(PolicyPart):
    """Between which amounts of memory a value may be."""

    min: Memory = "1Mi"
    """Least."""
    max: Memory
    """Greatest: also the cap for what the diagnosis proposes."""


class CpuBound(PolicyPart):
    """Between which amounts of CPU a value may be."""

    min: Cpu = "1m"
    """Least."""
    max: Cpu
    """Greatest."""


class ReplicasBound(PolicyPart):
    """Between which numbers of replicas a value may be."""

    min: int = Field(default=1, ge=1, le=10_000)
    """Least. Never 0: that would switch the workload off."""
    max: int = Field(ge=1, le=10_000)
    """Greatest."""


class PortBound(PolicyPart):
    """Between which numbers a port may be."""

    min: int = Field(default=1, ge=1, le=65_535)
    """Least."""
    max: int = Field(default=65_535, ge=1, le=65_535)
    """Greatest."""


class SecondsBound(PolicyPart):
    """Between which times a value may be."""

    min: int = Field(default=1, ge=1, le=3_600)
    """Least."""
    max: int = Field(default=600, ge=1, le=3_600)
    """Greatest."""


class UrlBound(PolicyPart):
    """Where a URL may lead: always to a Service of the namespace that is changed, and to those of these namespaces."""

    namespaces: Annotated[tuple[Name, ...], Field(strict=False)] = ()
    """Names of namespaces, with wildcards."""


class BoundsSpec(PolicyPart):
    """How far the values of a remedy may go, whoever sets them. An amount without a bound may not be set at all."""

    memory_limit: MemoryBound | None = None
    """Memory limit of a container. Without it no memory limit is raised."""
    memory_request: MemoryBound | None = None
    """Memory request of a container."""
    cpu_limit: CpuBound | None = None
    """CPU limit of a container."""
    cpu_request: CpuBound | None = None
    """CPU request of a container."""
    replicas: ReplicasBound | None = None
    """Replicas of a workload. Without it nothing is scaled."""
    port: PortBound = PortBound()
    """Port of a Service or a probe."""
    seconds: SecondsBound = SecondsBound()
    """How long a probe waits, in seconds."""
    url: UrlBound = UrlBound()
    """URL in a ConfigMap or a variable."""


class BudgetsSpec(PolicyPart):
    """Most changes that may be done within an hour: a circuit breaker."""

    per_person_per_hour: int = Field(default=10, ge=1, le=1_000)
    """By one person."""
    per_workload_per_hour: int = Field(default=3, ge=1, le=1_000)
    """To one object."""
    per_hour: int = Field(default=30, ge=1, le=1_000)
    """In all."""


class FreezeSpec(PolicyPart):
    """A time in which nothing is changed. With `days` it comes every week, without it is between two dates."""

    name: Title
    """What people are told."""
    days: Annotated[tuple[Day, ...], Field(min_length=1, strict=False)] | None = None
    """On which days it begins. Left out: it is between two dates."""
    from_: str = Field(alias="from")
    """When it begins: with `days` a time of day ("18:00"), else a date ("2026-12-24", or "2026-12-24 18:00")."""
    until: str
    """When it ends: a time of day (to "24:00"; no later than `from`: on the next day), or a date (one without a time
    counts in full)."""
    zone: Zone
    """Whose clocks count, e.g. `Europe/Berlin`."""
    except_roles: Annotated[tuple[str, ...], Field(strict=False)] = ()
    """Roles that may act nevertheless."""
    apps: Annotated[tuple[Name, ...], Field(min_length=1, strict=False)] = ("*",)
    """Which apps it holds for. Left out: all."""
    namespaces: Annotated[tuple[Name, ...], Field(min_length=1, strict=False)] = ("*",)
    """Which namespaces it holds for. Left out: all."""
    clusters: Annotated[tuple[Name, ...], Field(min_length=1, strict=False)] = ("*",)
    """Which clusters it holds for. Left out: all."""


class ExpirySpec(PolicyPart):
    """How long people may act."""

    offer: Duration = "30m"
    """On a button, from the diagnosis on; 1m to 24h. After a preview as long again, at most twice as long in all."""
    approval: Duration = "10m"
    """On a request for approval; 1m to 24h. Nobody agrees in time: it is refused."""


class VerifySpec(PolicyPart):
    """How a change shows that it helped."""

    for_: Duration = Field(default="5m", alias="for")
    """How long the checks are repeated; 30s to 2h."""


class PolicyFile(PolicyPart):
    """`kind: policy`: who may change what, where, how far and when. There is one file."""

    schema_: PolicyVersion = Field(alias="schema")
    """Version of this format."""
    kind: Literal["policy"]
    """Always `policy`."""
    enabled: bool
    """The kill switch: with `false` nobody may act."""
    team: TeamId | None = None
    """Id of the workspace whose people the ids are. Left out: the one the bot is installed in."""
    roles: dict[Identifier, RoleSpec]
    """Roles by name. None: nobody may act."""
    risks: dict[KindName, RiskName] = Field(default={})
    """Kinds of remedies whose risk you see differently than the playbooks."""
    approvals: ApprovalsSpec = ApprovalsSpec()
    """How many other people must agree."""
    bounds: BoundsSpec = BoundsSpec()
    """How far values may go."""
    budgets: BudgetsSpec = BudgetsSpec()
    """How much may be done within an hour."""
    freeze: Annotated[tuple[FreezeSpec, ...], Field(strict=False)] = ()
    """When nothing is done."""
    expiry: ExpirySpec = ExpirySpec()
    """How long offers and requests wait for people."""
    verify: VerifySpec = VerifySpec()
    """How long a change has to show that it helped."""
    withdraw_after: int = Field(default=2, ge=1, le=10)
    """After so many tries that did not help, a remedy is no longer offered for that incident."""


def json_schema() -> dict[str, Any]:
    """The JSON Schema of a policy file, for editors that check and complete YAML."""
    schema = PolicyFile.model_json_schema(by_alias=True)
    return {"$schema": DIALECT, **schema, "title": "Triage policy"}
