"""Builds the Slack bot over what all parts share."""

from __future__ import annotations

from bot.adapters.slack.bot import SlackBot
from bot.adapters.slack.plugin import Options, SlackStores
from bot.adapters.slack.settings import SlackSettings
from bot.bootstrap.core import Core, utc_now
from bot.settings import Settings
from bot.triage.worker import Worker


def build_bot(core: Core, slack: SlackSettings) -> SlackBot:
    """The bot: triages, and changes as the policy allows them."""
    settings, store = core.settings, core.store
    worker = Worker(settings.workers, settings.queue, "triage")
    core.measures.watch_queue("triage", worker.load)
    stores = SlackStores(store.buttons, store.incidents, store.questions, store.seen)
    return SlackBot(slack, core.triage, stores, worker, utc_now, Options(boundary=core.boundary))


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
