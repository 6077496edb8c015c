"""`triage run`: puts the bot together, on Slack or in the sandbox, and runs it until it is told to stop.

A loop, a thread or a signal starts here or nowhere.
"""

from __future__ import annotations

import logging
import shlex
import shutil
import sys
import tempfile
import threading
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from bot.adapters.metrics.prometheus import PrometheusMeasures
from bot.adapters.slack.settings import SlackSettings
from bot.adapters.store.store import Store, open_store
from bot.bootstrap.chat import build_bot
from bot.bootstrap.chat_settings import slack_settings
from bot.bootstrap.core import Core, build_core, utc_now
from bot.bootstrap.logs import set_up_logs
from bot.bootstrap.narration import build_boundary
from bot.bootstrap.operations import Operations
from bot.bootstrap.pages import Pages
from bot.bootstrap.stopping import stop_signal
from bot.bootstrap.storage import open_storage
from bot.diagnosis.ports import TriageRequest
from bot.diagnosis.snapshot import program_version
from bot.domain.diagnosis import Diagnosis
from bot.domain.errors import ConfigurationError, SlackError, StoreError, TriageError
from bot.incidents.terminal import diagnosis_text
from bot.redaction import Boundary
from bot.runtime.loops import watch_threads
from bot.settings import Settings, check_tokens
from bot.settings.operations import LogFormat

if TYPE_CHECKING:
    from bot.sandbox.start import Sandbox

Say = Callable[[str], None]

SANDBOX_CHANNEL = "incidents"
"""Every message there is looked at, so that a person can paste without a mention."""
STOPPING_SECONDS = 20.0
"""Kubernetes gives a pod 30 before it kills it."""


def run_bot(settings: Settings, *, real_cluster: bool, say: Say) -> int:
    """`triage run`: Slack with tokens, else the sandbox. Returns when the process is told to stop."""
    boundary = build_boundary(settings)
    # A person reads the sandbox's terminal; who asks for JSON collects lines and wants them all.
    for_people = not settings.has_slack and settings.log is LogFormat.TEXT
    set_up_logs(settings.log, boundary, logging.WARNING if for_people else logging.INFO)
    check_tokens(settings)
    # From here on no signal is lost: what has begun to start is finished, and then closed.
    stop = stop_signal()

    def say_safely(text: str) -> None:
        say(boundary.text(text))

    with ExitStack() as stack:
        if settings.has_slack:
            _run_on_slack(stack, settings, boundary, say_safely, stop)
        else:
            sandbox = start_in_sandbox(stack, settings, boundary, say_safely, real_cluster=real_cluster)
            if not real_cluster:
                _prepare(sandbox)
            say(f"\nOpen the page: {sandbox.address}   (Ctrl-C stops it)")
            stop.wait()
    return 0


def _run_on_slack(stack: ExitStack, settings: Settings, boundary: Boundary, say: Say, stop: threading.Event) -> None:
    measures = PrometheusMeasures(program_version(), boundary)
    watch_threads(measures.thread_failed)
    pages = Pages(settings.operations_port, measures, boundary)
    stack.callback(pages.close)
    store = pages.patiently(lambda: open_storage(settings, utc_now, boundary), StoreError, stop)
    stack.callback(store.close)
    core = build_core(settings, boundary, store, measures)
    bot = build_bot(core, slack_settings(settings), core.monitors)
    operations = Operations(core, bot)
    stack.callback(lambda: operations.stop(timeout=STOPPING_SECONDS / 2))
    stack.callback(lambda: bot.close(timeout=STOPPING_SECONDS / 2))
    pages.patiently(bot.connect, SlackError, stop)
    operations.start()
    pages.started(operations.probes(), bot.lost)
    say(f"Connected to Slack as @{bot.name} in {bot.team}. {_cluster(core)}")
    say("Mention the bot with an error, or type /triage. Ctrl-C stops it.")
    stop.wait()


def start_in_sandbox(
    stack: ExitStack, settings: Settings, boundary: Boundary, say: Say, *, real_cluster: bool
) -> Sandbox:
    """The workspace, the simulated cluster (unless a real one is used) and the bot between them; the stack ends it."""
    try:
        from bot.sandbox.start import start_sandbox  # noqa: PLC0415 - only the sandbox needs its web server
    except ModuleNotFoundError as missing:
        raise ConfigurationError(
            "No Slack tokens are set, and the sandbox that would run instead is not part of this installation.",
            "Set SLACK_BOT_TOKEN and SLACK_APP_TOKEN, or install the sandbox: pip install 'triage[sandbox]'.",
        ) from missing
    sandbox = start_sandbox(stack, port=settings.port, simulate=not real_cluster)
    directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="triage-sandbox-")))
    say("No Slack tokens are set, so this is the sandbox: a Slack-like page on this machine.")
    if not real_cluster:
        settings = _on_the_simulated_cluster(sandbox, directory, settings, say)
    measures = PrometheusMeasures(program_version(), boundary)
    watch_threads(measures.thread_failed)
    pages = Pages(settings.operations_port, measures, boundary)
    stack.callback(pages.close)
    core = build_core(settings, boundary, _sandbox_store(stack, settings, boundary), measures)
    if real_cluster:
        say(_cluster(core))
    bot = build_bot(core, _of_the_workspace(sandbox, settings), core.monitors)
    operations = Operations(core, bot)
    bot.connect()
    stack.callback(lambda: operations.stop(timeout=3))
    stack.callback(lambda: bot.close(timeout=3))
    operations.start()
    pages.started(operations.probes(), bot.lost)
    if not real_cluster:
        _first_diagnosis(core, say)
    return sandbox


def _of_the_workspace(sandbox: Sandbox, settings: Settings) -> SlackSettings:
    """The settings of Slack with the sandbox's workspace in them."""
    workspace = sandbox.workspace
    return replace(
        slack_settings(settings),
        bot_token=workspace.bot_token,
        app_token=workspace.app_token,
        api_url=workspace.api_url,
        channels=settings.channels or (SANDBOX_CHANNEL,),
    )


def _on_the_simulated_cluster(sandbox: Sandbox, directory: Path, settings: Settings, say: Say) -> Settings:
    """The settings with the simulated cluster in them; says how a person reaches it with kubectl."""
    from bot.sandbox.policy import write_policy  # noqa: PLC0415 - only the sandbox needs it

    kubeconfig = sandbox.write_kubeconfig(directory / "kubeconfig")
    sandbox.workspace.say_how_to_paste(f"export KUBECONFIG={shlex.quote(str(kubeconfig))}")
    own = sandbox.write_bot_kubeconfig(directory / "bot.kubeconfig")
    policy = settings.policy or write_policy(directory / "policy.yaml")
    say("The cluster is simulated, with a broken Onyx in it. Nothing leaves this machine.")
    say(f"Who may press what: {policy}")
    say("In another terminal, so that every command that you see here or on the page can be pasted:\n")
    say(f"  export KUBECONFIG={shlex.quote(str(kubeconfig))}")
    say("  kubectl -n onyx get pods")
    return settings.model_copy(update={"kubeconfig": str(own), "context": None, "policy": policy})


def _prepare(sandbox: Sandbox) -> None:
    from bot.sandbox.start import prepare  # noqa: PLC0415 - only the sandbox needs its web server

    prepare(sandbox)


def _sandbox_store(stack: ExitStack, settings: Settings, boundary: Boundary) -> Store:
    """What happens in the sandbox ends with it, unless a database is named."""
    if settings.database is None:
        store = open_store("sqlite://", utc_now, boundary=boundary)
    else:
        store = open_storage(settings, utc_now, boundary)
    stack.callback(store.close)
    return store


def _cluster(core: Core) -> str:
    """Which cluster is read, or why there is none yet."""
    try:
        return f"Cluster: {core.clusters.reader()().cluster}."
    except TriageError as error:
        return f"Cluster: none yet. {error}"


def _program() -> str:
    """How a person calls this program in another terminal: by its name only where that is found."""
    called = Path(sys.argv[0])
    found = shutil.which("triage")
    if found is not None or not called.exists() or called.name == "__main__.py":
        return "triage" if found is not None else f"{shlex.quote(sys.executable)} -m bot"
    return shlex.quote(str(called.absolute()))


def _first_diagnosis(core: Core, say: Say) -> None:
    """What the bot would answer to `/triage onyx` now, printed in the terminal."""
    say(f"  {_program()} diagnose onyx -n onyx\n\nThe last of these says:\n")
    try:
        result = core.triage.diagnose(TriageRequest("onyx", "onyx"), lambda _: None)
    except TriageError as error:
        say(str(error))
        return
    if isinstance(result, Diagnosis):
        say(diagnosis_text(result, core.clusters.reader()().cost()))
