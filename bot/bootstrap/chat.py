"""Builds the Slack bot over what all parts share."""

from __future__ import annotations

from collections.abc import Callable

from bot.adapters.slack.bot import SlackBot
from bot.adapters.slack.change_home import change_facts
from bot.adapters.slack.change_plugin import change_plugin
from bot.adapters.slack.plugin import Options, Plugin, SlackStores
from bot.adapters.slack.plugins import Plugins
from bot.adapters.slack.settings import SlackSettings
from bot.adapters.slack.wording_plugin import WordingPlugin
from bot.bootstrap.core import Core, utc_now
from bot.bootstrap.home import HomeOfBot
from bot.bootstrap.wording import build_wording
from bot.diagnosis.worker import Worker
from bot.monitors.loader import MonitorSet


def build_bot(core: Core, slack: SlackSettings, monitors: Callable[[], MonitorSet]) -> SlackBot:
    """The bot: triages, changes as the policy allows them, and the words of a model where one is configured.

    `monitors` are those in force, for the Home tab. Raises `ConfigurationError` when a model is half configured.
    """
    settings, store = core.settings, core.store
    worker = Worker(settings.workers, settings.queue, "triage")
    stores = SlackStores(store.buttons, store.incidents, store.questions, store.seen)
    changes = change_plugin(core.changes, store.changes, core.policy)
    parts: list[Plugin] = [changes]
    wording = build_wording(settings, core.boundary, store.budget, core.measures)
    if wording is not None:
        parts.append(WordingPlugin(wording, core.playbooks.current))
    facts = change_facts(changes, store.changes, core.policy, HomeOfBot(core, monitors))
    options = Options(boundary=core.boundary, plugin=Plugins(*parts), facts=facts, measures=core.measures)
    return SlackBot(slack, core.triage, stores, worker, utc_now, options)
