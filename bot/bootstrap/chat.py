"""Builds the Slack bot over what all parts share."""

from __future__ import annotations

from collections.abc import Callable

from bot.adapters.slack.bot import SlackBot
from bot.adapters.slack.options import ChangeOptions, ModelDeps, Options, SlackStores
from bot.adapters.slack.settings import SlackSettings
from bot.bootstrap.core import Core, utc_now
from bot.bootstrap.home import HomeOfBot
from bot.bootstrap.narration import build_wording
from bot.diagnosis.worker import Worker
from bot.monitors.loader import MonitorSet


def build_bot(core: Core, slack: SlackSettings, monitors: Callable[[], MonitorSet]) -> SlackBot:
    """The bot: triages, changes as the policy allows them, and the words of a model where one is configured.

    `monitors` are those in force, for the Home tab. Raises `ConfigurationError` when a model is half configured.
    """
    settings, store = core.settings, core.store
    worker = Worker(settings.workers, settings.queue, "triage", core.measures.thread_failed)
    stores = SlackStores(store.buttons, store.incidents, store.questions, store.seen, store.inbox)
    wording = build_wording(settings, core.boundary, store.budget, core.measures)
    options = Options(
        boundary=core.boundary,
        changes=ChangeOptions(core.changes, store.changes, core.policy),
        model=ModelDeps(wording, core.playbooks.current) if wording is not None else None,
        facts=HomeOfBot(core, monitors),
        measures=core.measures,
    )
    return SlackBot(slack, core.triage, stores, worker, utc_now, options)
