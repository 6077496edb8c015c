"""Settings of Slack."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AliasChoices, Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode

from bot.settings.unit import unit


class SlackPart(BaseSettings):
    """How to reach Slack, and whom to listen to."""

    slack_bot_token: SecretStr | None = Field(default=None, validation_alias="SLACK_BOT_TOKEN")
    """Bot token (`xoxb-…`). Without it and the app token, `triage run` starts the sandbox."""
    slack_app_token: SecretStr | None = Field(default=None, validation_alias="SLACK_APP_TOKEN")
    """App-level token (`xapp-…`) with `connections:write`, for Socket Mode."""
    slack_mode: Literal["socket", "http"] = Field(default="socket", validation_alias="TRIAGE_SLACK_MODE")
    """How Slack's deliveries arrive: over a WebSocket that the bot opens, or as HTTP requests to `/slack/events`."""
    slack_signing_secret: SecretStr | None = Field(default=None, validation_alias="SLACK_SIGNING_SECRET")
    """Signing secret, by which a delivery over HTTP is known to be Slack's. Needed in HTTP mode only."""
    http_port: int = Field(
        default=3000, ge=0, le=65535, validation_alias="TRIAGE_HTTP_PORT", json_schema_extra=unit("TCP port")
    )
    """Port for Slack's deliveries in HTTP mode. Put an ingress with TLS in front of it."""
    slack_api_url: str = Field(
        default="https://slack.com/api/",
        validation_alias=AliasChoices("SLACK_API_URL", "SLACK_API_BASE_URL", "SLACK_BASE_URL"),
    )
    """Web API of Slack, or of a server that speaks the same."""
    channels: Annotated[tuple[str, ...], NoDecode] = Field(default=(), validation_alias="TRIAGE_CHANNELS")
    """Channels (ids or names, comma-separated) in which every message is looked at, not only mentions. `=APP` binds one
    to an app, `=APP/NAMESPACE+APP` to several and to where they run: an error pasted there is theirs if it can be."""
    allow_bots: Annotated[tuple[str, ...], NoDecode] = Field(default=(), validation_alias="TRIAGE_ALLOW_BOTS")
    """Ids of other bots whose messages are looked at, e.g. an alert manager's. Others are ignored, so bots never
    loop."""
    answer_in_shared_channels: bool = Field(default=False, validation_alias="TRIAGE_ANSWER_IN_SHARED_CHANNELS")
    """Whether to answer in channels shared with other organisations, whose members then read the diagnosis."""

    @field_validator("channels", "allow_bots", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @property
    def has_slack(self) -> bool:
        """Whether everything is set that the mode needs."""
        return self.slack_bot_token is not None and self.way_in is not None

    @property
    def way_in(self) -> SecretStr | None:
        """The secret that the mode needs beside the bot token: the app-level token, or the signing secret."""
        return self.slack_signing_secret if self.slack_mode == "http" else self.slack_app_token
