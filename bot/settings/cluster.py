"""Settings of the clusters that are read, and of what is known about the apps in them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode

from bot.settings.unit import unit


class ClusterSetting(BaseModel):
    """One cluster among several. `name` is what people type (`/triage onyx NAMESPACE@NAME`)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=r"^[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?$")
    context: str | None = None
    kubeconfig: str | None = None


class ClusterPart(BaseSettings):
    """Which cluster, and how it is read."""

    kubeconfig: str | None = Field(default=None, validation_alias=AliasChoices("TRIAGE_KUBECONFIG", "KUBECONFIG"))
    """Path of the kubeconfig; unset: in-cluster credentials if there are any, else ~/.kube/config."""
    context: str | None = Field(default=None, validation_alias="TRIAGE_CONTEXT")
    """Context of the kubeconfig; unset: its current one."""
    clusters: Annotated[tuple[ClusterSetting, ...], NoDecode] = Field(
        default=(), validation_alias=AliasChoices("TRIAGE_CLUSTERS", "TRIAGE_CONTEXTS")
    )
    """Further clusters. In the settings file a list of `{name, context, kubeconfig}`; in the environment
    `NAME=CONTEXT,…`, or only contexts, which are then the names too. People ask for one with `NAMESPACE@NAME`."""
    kubernetes_service_host: str | None = Field(default=None, validation_alias="KUBERNETES_SERVICE_HOST")
    """Set by Kubernetes inside a pod: then the pod's own account is used unless a kubeconfig is named."""
    allow_exec: bool = Field(default=False, validation_alias="TRIAGE_ALLOW_EXEC")
    """Whether the bot may run one fixed shell line in a calling container, to read the one variable that a route uses.
    Off: exec is not read-only, and needs the right `create pods/exec`."""
    playbooks: Annotated[tuple[str, ...], NoDecode] = Field(default=(), validation_alias="TRIAGE_PLAYBOOKS")
    """Directories of your own playbooks, separated by `:` (in the settings file: a list). They add to the ones that
    come with the program; a file at the same path replaces one of them. `no-builtin` leaves these out."""
    deadline_seconds: float = Field(
        default=20, gt=0, le=120, validation_alias="TRIAGE_DEADLINE_SECONDS", json_schema_extra=unit("seconds")
    )
    """Longest time for one look at the cluster: long enough for 5,000 pods, short enough for somebody waiting."""

    @field_validator("playbooks", mode="before")
    @classmethod
    def _paths(cls, value: Any) -> Any:
        """One text is a list like PATH; a single directory was all that earlier versions took."""
        return (str(value),) if isinstance(value, str | Path) else value

    @field_validator("clusters", mode="before")
    @classmethod
    def _named(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        pairs = [part.strip().partition("=") for part in value.split(",") if part.strip()]
        return tuple({"name": name.strip(), "context": context.strip() or name.strip()} for name, _, context in pairs)

    @model_validator(mode="after")
    def _each_name_once(self) -> Self:
        names = [cluster.name for cluster in self.clusters]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"two clusters are called {twice[0]}; give each a name of its own")
        return self
