"""The sandbox as `triage run` starts it, on free ports, for the length of a `with` block."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

from bot.bootstrap.cluster import LazyReader
from bot.bootstrap.program import SANDBOX_CHANNEL, build_bot, slack_settings
from bot.playbook.location import default_playbooks
from bot.sandbox.start import Sandbox, start_sandbox
from bot.settings import load_settings
from bot.triage.playbook_source import PlaybookSource
from bot.triage.service import TriageService


@contextmanager
def running_sandbox(directory: Path) -> Iterator[Sandbox]:
    """Workspace, simulated cluster and the real bot between them; `directory` takes the kubeconfig."""
    with ExitStack() as stack:
        sandbox = start_sandbox(stack, port=0, simulate=True)
        settings = load_settings(kubeconfig=str(sandbox.write_kubeconfig(directory / "kubeconfig")))
        playbooks = PlaybookSource(settings.playbooks or default_playbooks())
        workspace = sandbox.workspace
        slack = replace(
            slack_settings(settings),
            bot_token=workspace.bot_token,
            app_token=workspace.app_token,
            api_url=workspace.api_url,
            channels=(SANDBOX_CHANNEL,),
        )
        bot = build_bot(slack, settings, TriageService(playbooks.current, LazyReader(settings)))
        bot.connect()
        stack.callback(bot.close, timeout=5)
        yield sandbox
