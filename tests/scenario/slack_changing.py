"""A Slack workspace, a real bot with fixes on its cards, and a broken Onyx that the fixes really repair.

Everything is the real thing: cluster API, database, policy, change service, bot. The clock is the simulated cluster's
and moves only when a test moves it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from slack_bolt import BoltRequest
from sqlalchemy import delete

from bot.adapters.slack.bot import SlackBot
from bot.adapters.slack.events.changes.home import ChangeFacts
from bot.adapters.slack.options import ChangeOptions, Options
from bot.adapters.slack.render.home_facts import NoFacts
from bot.adapters.slack.settings import SlackSettings
from bot.adapters.store.schema.tables import seen_events
from bot.changes.ports import AuditLog, ChangeStore
from bot.changes.service import ChangeService
from bot.diagnosis.worker import Worker
from bot.domain.changes import Change, ChangeState
from bot.domain.errors import TriageError
from bot.domain.incidents import Incident, IncidentState
from bot.incidents.fixes.follow import Fixes
from bot.sandbox.workspace.state.seed import (
    EXTERNAL,
    GUEST,
    INCIDENTS,
    ONCALL,
    ONCALL_GROUP,
    SECOND,
    SHARED,
    TEAM,
    Member,
    WorkspaceConfig,
)
from bot.sandbox.workspace.workspace import Workspace
from tests.scenario.changing import Stage, stage
from tests.scenario.slack_bench import AT_ONCE, PASTE, REFUSED_PAYLOADS, Bench, CannedTriage, slack_stores, valid
from tests.support.workspaces import PATIENCE_SECONDS, patient_workspace

ADMIN, VISITOR = "U0ADA00000", "U0VERA0000"
"""Two more full members: one who may do everything, and one who holds no role."""

POLICY = f"""\
schema: triage/policy/v1
kind: policy
enabled: true
team: {TEAM}
roles:
  operator:
    may: [restart, scale_up, raise_memory, fix_probe, set_config, restart_caller, fix_service_selector, allow_route]
    apps: [onyx]
    namespaces: [onyx]
    clusters: ["*"]
    held_by: {{users: [{SECOND}], groups: [{ONCALL_GROUP}]}}
  admin:
    includes: [operator]
    may: [low, medium, high]
    apps: ["*"]
    namespaces: ["*"]
    clusters: ["*"]
    held_by: {{users: [{ADMIN}]}}
approvals: {{low: 0, medium: 0, high: 1}}
bounds:
  memory_limit: {{min: 64Mi, max: 8Gi}}
  replicas: {{max: 5}}
  port: {{min: 1, max: 65535}}
budgets: {{per_person_per_hour: 10, per_workload_per_hour: 5, per_hour: 30}}
expiry: {{offer: 30m, approval: 10m}}
verify: {{for: 5m}}
withdraw_after: 2
"""
TWO_PAIRS_OF_EYES = ("approvals: {low: 0, medium: 0, high: 1}", "approvals: {low: 0, medium: 1, high: 1}")


def workspace() -> Workspace:
    """The sandbox's workspace with these two; everybody at home is in #incidents."""
    config = WorkspaceConfig()
    more = (Member(ADMIN, "ada", "Ada Lund"), Member(VISITOR, "vera", "Vera Holt"))
    channels = [
        replace(one, members=[*one.members, ADMIN, VISITOR] if one.id == INCIDENTS else list(one.members))
        for one in config.channels
    ]
    return patient_workspace(config=replace(config, people=(*config.people, *more), channels=tuple(channels)))


BEING_APPLIED = frozenset(
    {ChangeState.PREVIEWED, ChangeState.REQUESTED, ChangeState.APPROVED, ChangeState.CLAIMED, ChangeState.APPLIED}
)
"""Pressed, and not yet verified."""


class Switch:
    """A store or an audit log that works until it is broken: then each call raises, or those of these names."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner
        self._error: TriageError | None = None
        self._names: tuple[str, ...] = ()

    def breaks(self, error: TriageError | None, *names: str) -> None:
        self._error, self._names = error, names

    def __getattr__(self, name: str) -> Any:
        if self._error is not None and (not self._names or name in self._names):
            raise self._error
        return getattr(self._inner, name)


class Scene(Bench):
    """A bot with fixes, and short words for what a test does and sees."""

    def __init__(self, workspace: Workspace, place: Stage, bot: SlackBot, fixes: Fixes) -> None:
        super().__init__(workspace, CannedTriage(), bot, place.store)
        self.stage = place
        self.fixes = fixes
        self.audit: Switch | None = None
        self.changes: Switch | None = None
        self.facts: ChangeFacts | None = None
        self.policy_text = POLICY

    # ------------------------------------------------------------------ seeing

    def shows(self, ts: str, *says: str) -> dict:
        """Wait until the card in the thread of this message says all of this."""

        def look() -> list[dict]:
            return [one for one in self.thread(ts) if all(word in json.dumps(one, ensure_ascii=False) for word in says)]

        return self._found(look, f"{says}; {[one['text'] for one in self.thread(ts)]}")

    def button(self, message: dict, kind: str) -> dict:
        """A button of a message, by the beginning of its action id."""
        found = [one for one in buttons_of(message) if one["action_id"].startswith(kind)]
        assert found, (kind, [one["action_id"] for one in buttons_of(message)])
        return found[0]

    def incident(self) -> Incident:
        """The newest incident."""
        found = self.store.incidents.open_incidents()
        assert found
        return found[0]

    def change(self, kind: str, incident: str) -> Change:
        """The newest change of this kind of an incident."""
        return [one for one in self.store.changes.of_incident(incident) if one.remedy.kind == kind][-1]

    # ------------------------------------------------------------------ doing

    def pasted(self) -> tuple[str, dict]:
        """Paste the error, and wait for the card with its fix buttons."""
        ts = self.workspace.post_message(INCIDENTS, PASTE)
        return ts, valid(self.shows(ts, "Fault found", "change_look_0"))

    def press(self, message: dict, kind: str, user: str = ONCALL, channel: str = INCIDENTS) -> None:
        """Press a button of a message."""
        self.workspace.click(channel, message["ts"], self.button(message, kind)["action_id"], user=user)

    def previewed(self, message: dict, user: str = ONCALL, kind: str = "change_look_0") -> dict:
        """Press a fix button and wait for the preview."""
        self.press(message, kind, user)
        return self.modal(user, "What will be changed")

    def submitted(self, user: str = ONCALL, **values: str) -> None:
        """Submit the topmost modal."""
        assert self.workspace.submit_view(user, values)

    def forged(self, token: str, user: str, *, ts: str, channel: str = INCIDENTS, team: str = TEAM) -> None:
        """A press that the workspace itself would not make: on a copy, or by somebody who sees no such message."""
        core = self.workspace._core
        answers = core.response_urls.issue(user, channel, ts)
        body = {
            "type": "block_actions",
            "user": {"id": user, "team_id": team},
            "team": {"id": TEAM},
            "container": {"type": "message", "channel_id": channel, "message_ts": ts},
            "trigger_id": core.triggers.issue(user),
            "response_url": f"{core.address}/actions/{TEAM}/{answers}",
            "actions": [{"action_id": "change_look_0", "block_id": "b", "value": token}],
        }
        assert self.dispatch(body) == 200

    def time_passes(self, change_id: str, seconds: int = 900) -> Change:
        """Second by second, with a tick each, until the change has its outcome: first whoever applies it is let finish.

        The press returns before the change is applied, in a thread of its own; the cluster's clock, which knows no
        threads, would run past the request meanwhile.
        """

        assert self.workspace.wait_for(
            lambda: self.stage.change(change_id).state not in BEING_APPLIED, PATIENCE_SECONDS
        ), f"not applied: {self.stage.change(change_id)}"
        return self.stage.until_done(change_id, seconds=seconds)

    def refusals(self, change_id: str) -> list[str]:
        """The codes of the refusals in the audit log, oldest first."""
        return self.stage.refusals(change_id)

    def quiet(self) -> None:
        """Wait until nothing is at work any more, the offers included."""
        offers = self.fixes.offers._worker
        for _ in range(3):
            self.settled()
            with offers._changed:
                assert offers._changed.wait_for(lambda: not offers._busy and not offers._waiting, 120)

    def fresh(self) -> Scene:
        """The same with nothing open, and the policy as it was."""
        self.quiet()
        for switch in (self.audit, self.changes):
            if switch is not None:
                switch.breaks(None)
        self.stage.cluster.behave()
        (self.stage.folder / "policy.yaml").write_text(self.policy_text)
        self.stage.policy.refresh()
        for incident in self.store.incidents.open_incidents():
            self.store.incidents.update(incident, state=IncidentState.RESOLVED)
        with self.store.database.write() as transaction:  # nobody pasted anything a minute ago
            transaction.connection.execute(delete(seen_events))
        everybody = (ONCALL, SECOND, GUEST, ADMIN, VISITOR, EXTERNAL)
        self._said_before = {user: len(self.workspace.ephemerals(user)) for user in everybody}
        for user in everybody:
            if self.workspace.views(user):
                self.workspace.close_view(user, everything=True)
        return self

    def dispatch(self, body: dict) -> int:
        """See `Bench`."""
        assert self.bot._app is not None
        return self.bot._app.dispatch(BoltRequest(body=body, mode="socket_mode")).status


def buttons_of(message: dict) -> list[dict]:
    """All buttons of a message."""
    rows = [block["elements"] for block in message.get("blocks", ()) if block["type"] == "actions"]
    return [one for row in rows for one in row if one["type"] == "button"]


def started(
    workspace: Workspace, place: Stage, service: ChangeService | None = None
) -> tuple[SlackBot, Fixes, ChangeFacts]:
    """One more bot on this database; connected."""
    service = service or place.another()
    slack = SlackSettings(
        bot_token=workspace.bot_token,
        app_token=workspace.app_token,
        api_url=workspace.api_url,
        channels=("#incidents", SHARED),
    )
    options = Options(AT_ONCE, changes=ChangeOptions(service, place.store.changes, place.policy), facts=NoFacts())
    bot = SlackBot(slack, place.triage, slack_stores(place.store), Worker(4, 20), place.cluster.now, options)
    bot.connect()
    parts = bot._parts
    assert parts is not None
    assert parts.fixes is not None
    assert isinstance(parts.facts, ChangeFacts)
    return bot, parts.fixes, parts.facts


@contextmanager
def scene(fault: str, folder: Path, *changes: tuple[str, str], url: str = "sqlite://") -> Iterator[Scene]:
    """A workspace, a bot with fixes, and an Onyx with this fault. `changes` edit the policy."""
    text = POLICY
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    with stage(fault, folder, url=url, policy=text) as place, workspace() as slack:
        audit, store = Switch(place.store.audit), Switch(place.store.changes)
        place.service = place.another(store=cast("ChangeStore", store), audit=cast("AuditLog", audit))
        bot, fixes, facts = started(slack, place, place.service)
        made = Scene(slack, place, bot, fixes)
        made.audit, made.changes, made.facts, made.policy_text = audit, store, facts, text
        try:
            yield made
            refused = [call for call in slack.calls if call.error in REFUSED_PAYLOADS]
            assert not refused, refused
        finally:
            made.bot.close(4)
