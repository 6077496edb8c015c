"""Slack's part of the settings, as its adapter takes it. Used by `program` and by `doctor`."""

from __future__ import annotations

from bot.adapters.slack.settings import SlackSettings
from bot.settings import Settings


def slack_settings(settings: Settings) -> SlackSettings:
    """Slack's part of the settings."""
    return SlackSettings(
        bot_token=settings.slack_bot_token.get_secret_value() if settings.slack_bot_token else "",
        app_token=settings.slack_app_token.get_secret_value() if settings.slack_app_token else "",
        api_url=settings.slack_api_url,
        channels=settings.channels,
        allow_bots=settings.allow_bots,
        answer_in_shared_channels=settings.answer_in_shared_channels,
        mode=settings.slack_mode,
        signing_secret=settings.slack_signing_secret.get_secret_value() if settings.slack_signing_secret else "",
        http_port=settings.http_port,
    )
