"""`triage run`: puts the bot together, on Slack or in the sandbox, and runs it until it is told to stop.

A loop, a thread or a signal starts here or nowhere.
"""

from __future__ import annotations

import logging
import signal
import tempfile
import threading
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from bot.adapters.slack.bot import SlackBot
from bot.adapters.slack.settings import SlackSettings
from bot.bootstrap.cluster import LazyReader
from bot.domain.diagnosis import Diagnosis
from bot.domain.errors import TriageError
from bot.playbook.location import default_playbooks
from bot.settings import Settings, check_tokens
from bot.triage.playbook_source import PlaybookSource
from bot.triage.ports import TriageRequest
from bot.triage.seen import MemorySeenEvents
from bot.triage.service import TriageService
from bot.triage.text_report import diagnosis_text
from bot.triage.worker import Worker

Say = Callable[[str], None]

SANDBOX_CHANNEL = "incidents"
"""Every message there is looked at, so that a person can paste without a mention."""

_log = logging.getLogger(__name__)


def utc_now() -> datetime:
    """The current time."""
    return datetime.now(UTC)


def run_bot(settings: Settings, *, real_cluster: bool, say: Say) -> int:
    """`triage run`: Slack with tokens, else the sandbox. Returns when the process is told to stop."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    # At DEBUG these two write whole response bodies, log lines of the cluster among them.
    logging.getLogger("kubernetes.client.rest").setLevel(logging.WARNING)
    logging.getLogger("slack_sdk").setLevel(logging.WARNING)
    logging.getLogger("slack_bolt").setLevel(logging.WARNING)
    check_tokens(settings)
    # While it starts, SIGTERM does what Ctrl-C does: everything that was opened is closed, then the program ends.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    playbooks = PlaybookSource(settings.playbooks or default_playbooks())
    if settings.has_slack:
        return _run_on_slack(settings, playbooks, say)
    return _run_in_sandbox(settings, playbooks, say, real_cluster=real_cluster)


def build_bot(slack: SlackSettings, settings: Settings, service: TriageService) -> SlackBot:
    """The Slack bot over a triage service."""
    worker = Worker(settings.workers, settings.queue, "triage")
    return SlackBot(slack, service, MemorySeenEvents(utc_now), worker, utc_now)


def slack_settings(settings: Settings) -> SlackSettings:
    """Slack's part of the settings."""
    return SlackSettings(
        bot_token=settings.slack_bot_token.get_secret_value() if settings.slack_bot_token else "",
        app_token=settings.slack_app_token.get_secret_value() if settings.slack_app_token else "",
        api_url=settings.slack_api_url,
        channels=settings.channels,
        allow_bots=settings.allow_bots,
        answer_in_shared_channels=settings.answer_in_shared_channels,
    )


def _run_on_slack(settings: Settings, playbooks: PlaybookSource, say: Say) -> int:
    reader = LazyReader(settings)
    bot = build_bot(slack_settings(settings), settings, TriageService(playbooks.current, reader))
    bot.connect()
    say(f"Connected to Slack as @{bot.name} in {bot.team}. {_cluster(reader)}")
    say("Mention the bot with an error, or type /triage. Ctrl-C stops it.")
    _wait_for_stop(playbooks)
    bot.close()
    return 0


def _run_in_sandbox(settings: Settings, playbooks: PlaybookSource, say: Say, *, real_cluster: bool) -> int:
    from bot.sandbox.start import start_sandbox  # noqa: PLC0415 - only the sandbox needs its web server

    with ExitStack() as stack:
        sandbox = start_sandbox(stack, port=settings.port, simulate=not real_cluster)
        workspace = sandbox.workspace
        say("No Slack tokens are set, so this is the sandbox: a Slack-like page on this machine.")
        if not real_cluster:
            directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="triage-sandbox-")))
            kubeconfig = sandbox.write_kubeconfig(directory / "kubeconfig")
            settings = settings.model_copy(update={"kubeconfig": str(kubeconfig), "context": None})
            say("The cluster is simulated, with a broken Onyx in it. Nothing leaves this machine.")
            say(f"  kubectl --kubeconfig {kubeconfig} -n onyx get pods")
        reader = LazyReader(settings)
        if real_cluster:
            say(_cluster(reader))
        service = TriageService(playbooks.current, reader)
        slack = replace(
            slack_settings(settings),
            bot_token=workspace.bot_token,
            app_token=workspace.app_token,
            api_url=workspace.api_url,
            channels=settings.channels or (SANDBOX_CHANNEL,),
        )
        bot = build_bot(slack, settings, service)
        bot.connect()
        if not real_cluster:
            _first_diagnosis(service, say)
        say(f"\nOpen the page: {sandbox.address}   (Ctrl-C stops it)")
        _wait_for_stop(playbooks)
        bot.close(timeout=5)
    return 0


def _cluster(reader: LazyReader) -> str:
    """Which cluster is read, or why there is none yet."""
    try:
        return f"Cluster: {reader().cluster}."
    except TriageError as error:
        return f"Cluster: none yet. {error}"


def _first_diagnosis(service: TriageService, say: Say) -> None:
    """What the bot would answer to `/triage onyx` now, printed in the terminal."""
    say("\n$ triage diagnose onyx -n onyx\n")
    try:
        result = service.diagnose(TriageRequest("onyx", "onyx"), lambda _: None)
    except TriageError as error:
        say(str(error))
        return
    if isinstance(result, Diagnosis):
        say(diagnosis_text(result, service.cost()))


def _wait_for_stop(playbooks: PlaybookSource) -> None:
    """Until SIGTERM or Ctrl-C; meanwhile changed playbooks are put in force."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    while not stop.wait(timeout=5):
        outcome = playbooks.refresh()
        for problem in outcome.problems:
            _log.warning("playbooks not reloaded: %s", problem)
