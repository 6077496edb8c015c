"""Presses that must come to nothing: each gets a private answer, why and who could, and stands in the audit."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import pytest

from bot.adapters.slack.events.people import CACHE_SECONDS
from bot.domain.changes import Change, ChangeState
from bot.domain.errors import AuditUnwritable, StoreError
from bot.sandbox.workspace.api.meter import MeteredFault
from bot.sandbox.workspace.state.seed import (
    BOT_USER,
    EXTERNAL,
    EXTERNAL_TEAM,
    GENERAL,
    GUEST,
    INCIDENTS,
    ONCALL,
    SECOND,
)
from tests.scenario.slack_bench import valid, valid_modal
from tests.scenario.slack_changing import ADMIN, TWO_PAIRS_OF_EYES, VISITOR, Scene, scene
from tests.support.sampling import sampled

FREEZE = """withdraw_after: 2
freeze:
  - {name: always, from: "2026-03-01", until: "2026-03-30", zone: UTC}"""
DOWN = StoreError("The database does not answer.", "Start it.")
FULL = AuditUnwritable("The audit log cannot be written.", "Free space on its disk.")


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    with scene("api-oom-killed", tmp_path_factory.mktemp("scene"), TWO_PAIRS_OF_EYES) as made:
        yield made


@pytest.fixture
def shared(running: Scene) -> Iterator[Scene]:
    """The one running bot with nothing open; nothing may have been written when the test ends."""
    yield running.fresh()
    running.quiet()
    assert running.stage.writes() == []


@dataclass
class Reached:
    """Where a test begins: a card, and perhaps a request for approval."""

    ts: str
    card: dict
    change: Change
    request: dict


@dataclass(frozen=True)
class Row:
    """A press by `user` on the card's first button, or with `approves` on the request in the thread."""

    claim: str
    user: str
    code: str
    says: str
    meanwhile: Callable[[Scene, Reached], None] = lambda _made, _at: None
    approves: bool = False
    team: str = ""
    copied: str = ""
    could: tuple[str, ...] = ()
    becomes: ChangeState | None = None


def policy(old: str, new: str) -> Callable[[Scene, Reached], None]:
    return lambda made, _: made.stage.set_policy((old, new))


def policy_breaks(made: Scene, _: Reached) -> None:
    (made.stage.folder / "policy.yaml").write_text("kind: [")
    made.stage.policy.refresh()


def time(seconds: int) -> Callable[[Scene, Reached], None]:
    return lambda made, _: made.stage.cluster.advance(seconds)


def rights_go(made: Scene, _: Reached) -> None:
    made.stage.cluster.deny("patch", "deployments", "onyx")


def audit_is_full(made: Scene, _: Reached) -> None:
    assert made.audit is not None
    assert made.changes is not None
    made.audit.breaks(FULL)
    made.changes.breaks(FULL, "move", "approve", "add")


def database_is_down(made: Scene, _: Reached) -> None:
    assert made.changes is not None
    made.changes.breaks(DOWN)


def newer_offer(made: Scene, at: Reached) -> None:
    made.stage.service.offer(made.stage.diagnose(), incident_id=at.change.incident, details={})


def declined(made: Scene, at: Reached) -> None:
    made.press(at.request, "change_decline", SECOND)
    made.whispered(SECOND, "Declined by sam")


ROWS = (
    Row("a guest", GUEST, "not_member", "Guests may not change anything", could=(SECOND, ADMIN)),
    Row("an external person", EXTERNAL, "not_member", "People of other workspaces", team=EXTERNAL_TEAM),
    Row("somebody whose payload says another team", SECOND, "not_member", "other workspaces", team="T0OTHER000"),
    Row("a bot", BOT_USER, "not_member", "Apps and bots may not"),
    Row("a member without a role", VISITOR, "no_role", "You hold no role in the policy", could=(SECOND, ADMIN)),
    Row("anybody on a copy in the same channel", SECOND, "copied_message", "copy of the message", copied=INCIDENTS),
    Row("a copy in another channel", SECOND, "copied_message", "copy of the message", copied=GENERAL),
    Row("a late press", SECOND, "expired", "Too late. ", time(1860), becomes=ChangeState.EXPIRED),
    Row("an older card", SECOND, "superseded", "of an older card", newer_offer, becomes=ChangeState.SUPERSEDED),
    Row("anybody in a freeze", SECOND, "frozen", "No changes now", policy("withdraw_after: 2", FREEZE)),
    Row("anybody with the kill switch", SECOND, "disabled", "switched off", policy("enabled: true", "enabled: false")),
    Row("anybody when the policy is broken", SECOND, "no_policy", "The policy is broken", policy_breaks),
    Row("whom the cluster denies it", SECOND, "cluster_denies", "the cluster's own RBAC does not", rights_go),
    Row("anybody when the audit cannot be written", SECOND, "", "audit log cannot be written", audit_is_full),
    Row("anybody when the database is down", SECOND, "", "database does not answer", database_is_down),
    Row("one's own request", ONCALL, "own_request", "asked for this yourself", approves=True, could=(SECOND, ADMIN)),
    Row("a guest, of an approval", GUEST, "not_member", "Guests may not", approves=True, could=(SECOND, ADMIN)),
    Row("a member without a role, of an approval", VISITOR, "no_role", "no role", approves=True, could=(SECOND, ADMIN)),
    Row("a copy of the request", SECOND, "copied_message", "copy of the message", approves=True, copied=INCIDENTS),
    Row("a late approval", SECOND, "expired", "Too late. ", time(660), approves=True, becomes=ChangeState.EXPIRED),
    Row("an approval after it was declined", ADMIN, "declined", "Declined by sam", declined, approves=True,
        becomes=ChangeState.REFUSED),
    Row("an approval that the cluster denies", SECOND, "cluster_denies", "RBAC does not", rights_go, approves=True),
    Row("an approval when the audit cannot be written", SECOND, "", "audit log cannot", audit_is_full, approves=True),
)  # fmt: skip


@pytest.mark.parametrize("row", sampled(ROWS, 2), ids=lambda row: row.claim)
def test_refused(row: Row, shared: Scene) -> None:
    at = reached(shared, approves=row.approves)
    message = at.request if row.approves else at.card
    button = shared.button(message, "change_approve" if row.approves else "change_look_0")
    row.meanwhile(shared, at)
    before = shared.store.changes.get(at.change.id)
    assert before is not None
    shared.forged(
        button["value"],
        row.user,
        ts="1.000001" if row.copied else message["ts"],
        channel=row.copied or INCIDENTS,
        team=row.team or "T0MERIDIAN",
    )
    said = told(shared, row)
    assert all(one in said for one in row.could), said
    now = shared.store.changes.get(at.change.id)
    assert now is not None
    assert now.state is (row.becomes or before.state)
    assert (now.approvers, now.requester) == (before.approvers, before.requester)
    if row.code:
        assert shared.refusals(at.change.id)[-1:] == [row.code]
    else:
        assert shared.refusals(at.change.id) == []


def reached(made: Scene, *, approves: bool) -> Reached:
    ts, card = made.pasted()
    change = made.change("raise_memory", made.incident().id)
    request = {}
    if approves:
        made.previewed(card)
        made.submitted()
        request = made.shows(ts, "Approval needed", "change_approve")
        made.quiet()
    return Reached(ts, card, change, request)


def told(made: Scene, row: Row) -> str:
    """What this person, and nobody else, was told."""
    if row.approves or row.copied:
        return json.dumps(valid(made.whispered(row.user, row.says)), ensure_ascii=False)
    return json.dumps(valid_modal(made.modal(row.user, row.says)), ensure_ascii=False)


def test_an_object_that_was_changed_since_the_preview_is_not_touched(shared: Scene) -> None:
    at = reached(shared, approves=True)
    item = shared.stage.cluster.get("Deployment", "api-server")
    meta = {"name": "api-server", "namespace": "onyx"}
    spec = {**item["spec"], "minReadySeconds": 3}
    shared.stage.cluster.apply({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": meta, "spec": spec})
    shared.press(at.request, "change_approve", SECOND)
    shared.whispered(SECOND, "deployment/api-server has changed since the preview")
    over = valid(shared.shows(at.ts, "Overtaken · Raise"))
    assert "change_approve" not in json.dumps(over)
    assert shared.refusals(at.change.id) == ["object_changed"]


def test_who_was_deactivated_between_request_and_approval_approves_nothing(shared: Scene) -> None:
    at = reached(shared, approves=True)
    people = shared.workspace._core.store.people
    before = people[SECOND]
    people[SECOND] = replace(before, deleted=True)
    try:
        shared.stage.cluster.advance(20)
        shared.press(at.request, "change_approve", SECOND)
        shared.whispered(SECOND, "may not change anything")
        assert shared.stage.writes() == []
        assert shared.change("raise_memory", shared.incident().id).state is ChangeState.REQUESTED
    finally:
        people[SECOND] = before
        shared.stage.cluster.advance(int(CACHE_SECONDS))  # until then the bot remembers the person as gone


def test_what_somebody_asked_for_who_was_deactivated_since_is_void(shared: Scene) -> None:
    at = reached(shared, approves=True)
    people, asked = shared.workspace._core.store.people, ONCALL
    before = people[asked]
    people[asked] = replace(before, deleted=True)
    try:
        shared.stage.cluster.advance(20)
        shared.press(at.request, "change_approve", SECOND)
        shared.whispered(SECOND, "who asked for this, may not change this any more")
        assert shared.stage.writes() == []
        assert shared.stage.store.changes.get(at.change.id).state is ChangeState.REFUSED
        assert "change_approve" not in json.dumps(valid(shared.shows(at.ts, "Void: ")))
        assert shared.refusals(at.change.id) == ["requester_gone"]
    finally:
        people[asked] = before
        shared.stage.cluster.advance(int(CACHE_SECONDS))


def test_a_requester_whom_nobody_can_look_up_now_keeps_the_request(shared: Scene) -> None:
    at = reached(shared, approves=True)
    shared.stage.cluster.advance(20)
    shared.workspace._core.faults.chance = lambda name: (
        MeteredFault(name, 500, None, None, drop=False, times=1) if name == "users.info" and next(looks) else None
    )
    looks = iter([False, *[True] * 20])  # the one who presses is found
    try:
        shared.press(at.request, "change_approve", SECOND)
        shared.whispered(SECOND, "I cannot find out now whether")
    finally:
        shared.workspace.fail_by_chance(None)
    assert shared.stage.writes() == []
    assert shared.stage.store.changes.get(at.change.id).state is ChangeState.REQUESTED


def test_only_the_one_who_presses_is_told_and_nobody_is_pinged(shared: Scene) -> None:
    at = reached(shared, approves=True)
    shared.press(at.request, "change_approve", GUEST)
    shared.whispered(GUEST, "Guests may not change anything")
    shared.quiet()
    assert not [one for one in shared.workspace.ephemerals(ONCALL) if "Guests may not" in one["text"]]
    request = at.request["ts"]
    others = json.dumps([one for one in shared.thread(at.ts) if one["ts"] != request])
    assert "<@" not in others
    assert '"user_id"' not in others
    assert "usergroup_id" not in others


def test_those_who_may_approve_are_called_once_and_the_requester_is_not(shared: Scene) -> None:
    at = reached(shared, approves=True)
    said = json.dumps(at.request)
    assert f'"user_id": "{SECOND}"' in said
    assert f'"user_id": "{ONCALL}"' not in said


def test_a_card_says_why_there_is_no_button(shared: Scene) -> None:
    shared.stage.set_policy(("enabled: true", "enabled: false"))
    ts = shared.workspace.post_message(INCIDENTS, "connect ECONNREFUSED 172.30.154.48:8080")
    card = valid(shared.shows(ts, "Fault found", "No button for"))
    assert "kill switch is set, so nobody may change anything" in card["text"]
    assert "change_look" not in json.dumps(card)


def test_a_declined_request_says_so_and_loses_its_buttons(shared: Scene) -> None:
    at = reached(shared, approves=True)
    declined(shared, at)
    over = valid(shared.shows(at.ts, "Not approved · Raise", "Declined by sam"))
    assert over["ts"] == at.request["ts"]
    assert "change_approve" not in json.dumps(over)
    shared.shows(at.ts, "Fault found", "Not approved", "Declined by sam; nothing was changed.")


def test_an_expired_request_says_so_and_loses_its_buttons(shared: Scene) -> None:
    at = reached(shared, approves=True)
    shared.stage.cluster.advance(660)
    while shared.stage.service.tick(shared.stage.cluster.now()):
        pass
    over = valid(shared.shows(at.ts, "Expired · Raise", "robin asked for it"))
    assert "change_approve" not in json.dumps(over)
