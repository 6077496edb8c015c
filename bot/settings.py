"""Settings, and the only reader of the environment. Loaded by the commands that need them (`triage run`).

Each setting's docstring says its unit, and why its default is what it is.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from pydantic import AliasChoices, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot.domain.errors import ConfigurationError


class Settings(BaseSettings):
    """Everything that can be set from outside. Names of variables are in the README."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", env_ignore_empty=True, populate_by_name=True)

    slack_bot_token: SecretStr | None = Field(default=None, validation_alias="SLACK_BOT_TOKEN")
    """Bot token (`xoxb-…`). Without it and the app token, `triage run` starts the sandbox."""
    slack_app_token: SecretStr | None = Field(default=None, validation_alias="SLACK_APP_TOKEN")
    """App-level token (`xapp-…`) with `connections:write`, for Socket Mode."""
    slack_api_url: str = Field(
        default="https://slack.com/api/",
        validation_alias=AliasChoices("SLACK_API_URL", "SLACK_API_BASE_URL", "SLACK_BASE_URL"),
    )
    """Web API of Slack, or of a server that speaks the same."""
    channels: Annotated[tuple[str, ...], NoDecode] = Field(default=(), validation_alias="TRIAGE_CHANNELS")
    """Channels (ids or names, comma-separated) in which every message is looked at, not only mentions."""
    allow_bots: Annotated[tuple[str, ...], NoDecode] = Field(default=(), validation_alias="TRIAGE_ALLOW_BOTS")
    """Ids of other bots whose messages are looked at, e.g. an alert manager's. Others are ignored, so bots never
    loop.
    """
    answer_in_shared_channels: bool = Field(default=False, validation_alias="TRIAGE_ANSWER_IN_SHARED_CHANNELS")
    """Whether to answer in channels shared with other organisations, whose members then read the diagnosis."""
    kubeconfig: str | None = Field(default=None, validation_alias=AliasChoices("TRIAGE_KUBECONFIG", "KUBECONFIG"))
    """Path of the kubeconfig; unset: in-cluster credentials if there are any, else ~/.kube/config."""
    context: str | None = Field(default=None, validation_alias="TRIAGE_CONTEXT")
    """Context of the kubeconfig; unset: its current one."""
    kubernetes_service_host: str | None = Field(default=None, validation_alias="KUBERNETES_SERVICE_HOST")
    """Set by Kubernetes inside a pod: then the pod's own account is used unless a kubeconfig is named."""
    allow_exec: bool = Field(default=False, validation_alias="TRIAGE_ALLOW_EXEC")
    """Whether the bot may run one fixed shell line in a calling container, to read the one variable that a route uses.
    Off: exec is not read-only, and needs the right `create pods/exec`."""
    playbooks: Path | None = Field(default=None, validation_alias="TRIAGE_PLAYBOOKS")
    """Directory of playbooks; unset: the ones that come with the program."""
    workers: int = Field(default=8, ge=1, le=64, validation_alias="TRIAGE_WORKERS")
    """Triages that run at the same time. Each keeps one thread; a cluster read takes about a second."""
    queue: int = Field(default=100, ge=1, validation_alias="TRIAGE_QUEUE")
    """Triages that may wait. Beyond, the person is told at once that the bot is busy."""
    deadline_seconds: float = Field(default=20, gt=0, le=120, validation_alias="TRIAGE_DEADLINE_SECONDS")
    """Longest time for one look at the cluster: long enough for 5,000 pods, short enough for somebody waiting."""
    port: int = Field(default=8765, ge=0, le=65535, validation_alias="TRIAGE_PORT")
    """Port of the sandbox page on 127.0.0.1. If it is taken, a free one is used."""

    @field_validator("channels", "allow_bots", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @property
    def has_slack(self) -> bool:
        """Whether both tokens are set."""
        return self.slack_bot_token is not None and self.slack_app_token is not None


def load_settings(**overrides: object) -> Settings:
    """Settings from the environment and `.env`, with command line options on top.

    Raises `ConfigurationError` naming every wrong variable.
    """
    given = {name: value for name, value in overrides.items() if value is not None}
    try:
        settings = Settings(**given)  # type: ignore[arg-type]
    except ValidationError as exc:
        wrong = "; ".join(f"{'.'.join(str(part) for part in item['loc'])}: {item['msg']}" for item in exc.errors())
        raise ConfigurationError(
            f"The settings are wrong: {wrong}.", "Correct the variables, or the options of the command."
        ) from exc
    return settings


def check_tokens(settings: Settings) -> None:
    """Raises `ConfigurationError` when only one of the two Slack tokens is set: nobody can mean that."""
    if (settings.slack_bot_token is None) != (settings.slack_app_token is None):
        missing = "SLACK_APP_TOKEN" if settings.slack_app_token is None else "SLACK_BOT_TOKEN"
        raise ConfigurationError(
            f"Only one of the two Slack tokens is set: {missing} is missing.",
            "Set both for Slack, or neither for the sandbox.",
        )
