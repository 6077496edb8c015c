"""What a file of monitors may say.

Read by the loader. Strict: an unknown field is a mistake. The only people a monitor can name are ids in `mention`; no
other text of a monitor or of a log can ever ping anybody.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator

from bot.changes.policy.values import clock, duration, slack_channel, slack_group, slack_user, zone

MIN_INTERVAL = timedelta(seconds=10)


def _duration(value: Any) -> Any:
    return value if isinstance(value, timedelta) else duration(str(value))


def _minutes(value: Any) -> Any:
    return clock(str(value))


def _zone(value: str) -> str:
    return zone(value).key


Duration = Annotated[timedelta, BeforeValidator(_duration)]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]*$", max_length=60)]
ChannelId = Annotated[str, AfterValidator(slack_channel)]
UserId = Annotated[str, AfterValidator(slack_user)]
GroupId = Annotated[str, AfterValidator(slack_group)]
Namespace = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(/[a-z0-9][-a-z0-9.]*)?$")]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Mention(_Strict):
    """Whom a new finding pings: ids of users (`U…`) and user groups (`S…`)."""

    users: tuple[UserId, ...] = ()
    groups: tuple[GroupId, ...] = ()


class Digest(_Strict):
    """A summary of the last day, once a day. `at`: minutes since midnight, of `"08:30"`."""

    at: Annotated[int, BeforeValidator(_minutes)]
    channel: ChannelId


class Monitor(_Strict):
    """One app in one namespace, looked at again and again.

    causes:        ids of causes, globs (`api-*`) or `any`; benign ones count only by name
    every:         how often; lasting: how long a fault must have been seen before anybody hears of it
    reopen_within: a fault that comes back so soon after it went is the same incident
    deadline:      longest time of one run; what comes later is not used
    """

    id: Name
    app: str = Field(min_length=1)
    namespace: Namespace
    cluster: str = ""
    causes: tuple[str, ...] | Literal["any"] = "any"
    every: Duration = timedelta(minutes=1)
    lasting: Duration = timedelta(minutes=2)
    reopen_within: Duration = timedelta(minutes=30)
    deadline: Duration = timedelta(minutes=1)
    channel: ChannelId
    mention: Mention = Mention()

    @model_validator(mode="after")
    def _sensible(self) -> Self:
        if self.every < MIN_INTERVAL:
            raise ValueError("`every` is at least `10s`: each run reads the cluster")
        if self.causes == ():
            raise ValueError("`causes` is empty; name some, or write `any`")
        return self


class MonitorFile(_Strict):
    """One file. `zone` is the time zone of `digest.at`."""

    kind: Literal["monitors"]
    zone: Annotated[str, AfterValidator(_zone)] = "UTC"
    digest: Digest | None = None
    monitors: tuple[Monitor, ...] = Field(min_length=1)
