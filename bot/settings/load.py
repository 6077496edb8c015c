"""Puts the settings together: command line, environment, `.env`, settings file, defaults; the first that says wins."""

from __future__ import annotations

import os
from pathlib import Path

from pydantic import ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from bot.domain.errors import ConfigurationError
from bot.settings.cluster import ClusterPart
from bot.settings.file import SettingsFile
from bot.settings.model import ModelPart
from bot.settings.operations import OperationsPart
from bot.settings.secret_files import SecretFiles, names_of
from bot.settings.slack import SlackPart
from bot.settings.state import StatePart


class Settings(SlackPart, ClusterPart, StatePart, ModelPart, OperationsPart):
    """Everything that can be set from outside."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", env_ignore_empty=True)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - handed over by name
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The order in which settings are looked for."""
        given = (init_settings, env_settings, SecretFiles(settings_cls, env_settings), dotenv_settings)
        return (*given, SecretFiles(settings_cls, dotenv_settings), SettingsFile(settings_cls, given))


def load_settings(**overrides: object) -> Settings:
    """Settings from the environment, `.env` and the settings file, with command line options on top.

    Raises `ConfigurationError` naming every wrong variable, and for the settings file every line that is wrong.
    """
    given = {_variable(name): value for name, value in overrides.items() if value is not None}
    try:
        settings = Settings(**given)  # type: ignore[arg-type]
    except ValidationError as exc:
        wrong = "; ".join(f"{_where(item['loc'])}{item['msg']}" for item in exc.errors())
        raise ConfigurationError(
            f"The settings are wrong: {wrong}.", "Correct the variables, the settings file, or the command's options."
        ) from exc
    return settings.model_copy(update={"state": _state(settings)})


def _state(settings: Settings) -> Path:
    """The state directory. One that an earlier version made is kept: `XDG_STATE_HOME` was not looked at then."""
    state = Path(settings.state).expanduser()
    base = Path(os.environ.get("XDG_STATE_HOME", ""))
    if "state" in settings.model_fields_set or not base.is_absolute():
        return state
    wanted = base / "triage"
    return state if state.is_dir() and not wanted.is_dir() else wanted


def _variable(name: str) -> str:
    """The variable that sets a setting. Settings are never found by their bare names: `PORT` or `STATE` in an
    environment are somebody else's."""
    return names_of(name, Settings.model_fields[name])[0]


def _where(location: tuple[int | str, ...]) -> str:
    return ".".join(str(part) for part in location) + ": " if location else ""


def check_tokens(settings: Settings) -> None:
    """Raises `ConfigurationError` when only one of the two Slack secrets is set, or each is the other."""
    if (settings.slack_bot_token is None) != (settings.way_in is None):
        other = "SLACK_SIGNING_SECRET" if settings.slack_mode == "http" else "SLACK_APP_TOKEN"
        missing = other if settings.way_in is None else "SLACK_BOT_TOKEN"
        raise ConfigurationError(
            f"Only one of the two Slack tokens is set: {missing} is missing.",
            "Set both for Slack, or neither for the sandbox.",
        )
    if settings.slack_bot_token is not None and settings.slack_app_token is not None:
        _not_swapped(settings.slack_bot_token.get_secret_value(), settings.slack_app_token.get_secret_value())


def _not_swapped(bot: str, app: str) -> None:
    """Slack's tokens say by their beginning what they are: `xoxb-` the bot token, `xapp-` the app-level one."""
    where = "Bot token: OAuth & Permissions, begins with xoxb-. App-level token: Basic Information, begins with xapp-."
    if bot.startswith("xapp-") and app.startswith("xoxb-"):
        raise ConfigurationError("SLACK_BOT_TOKEN and SLACK_APP_TOKEN are swapped.", f"Exchange them. {where}")
    if bot.startswith("xapp-"):
        raise ConfigurationError("SLACK_BOT_TOKEN holds an app-level token (xapp-…).", where)
    if app.startswith(("xoxb-", "xoxp-")):
        raise ConfigurationError("SLACK_APP_TOKEN holds a token of the Web API (xoxb-… or xoxp-…).", where)
