"""Presses that must come to nothing: each gets an answer of its own, costs nobody anything, and stands in the audit.

One broken cluster serves all rows: none of them may write to it, and each has an incident of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from bot.changes.actor import Actor
from bot.changes.results import Approved, Previewed, Refusal, Requested
from bot.changes.service import ChangeService
from bot.domain.changes import Change, ChangeState
from bot.domain.errors import AuditUnwritable, StoreError
from tests.scenario.changing import ANNA, BEN, CARL, EVE, POLICY, Stage, person, stage

S = ChangeState


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with stage("api-oom-killed", tmp_path_factory.mktemp("clicks")) as made:
        yield made


@pytest.fixture
def broken(shared: Stage) -> Iterator[Stage]:
    """The shared stage; the policy and the cluster's rights are put right again afterwards."""
    before = len(shared.writes())
    yield shared
    assert len(shared.writes()) == before, "a press that was refused wrote to the cluster"
    (shared.folder / "policy.yaml").write_text(POLICY)
    shared.policy.refresh()
    shared.cluster.behave()


Press = Callable[[ChangeService, Change], Any]


def request(who: Actor | None = None, digest: str | None = None) -> Press:
    return lambda service, change: service.request(
        change.id, who or person(), change.digest if digest is None else digest
    )


def preview(who: Actor | None = None, **parameters: str) -> Press:
    return lambda service, change: service.preview(change.id, who or person(), parameters)


def approve(who: Actor) -> Press:
    return lambda service, change: service.approve(change.id, who)


def decline(who: Actor) -> Press:
    return lambda service, change: service.decline(change.id, who)


def undo(who: Actor | None = None) -> Press:
    return lambda service, change: service.undo(change.id, who or person())


Meanwhile = Callable[[Stage, Change], Any]


def nothing(_stage: Stage, _change: Change) -> None:
    """Nothing happens between the preview and the press."""


def policy_says(old: str, new: str) -> Meanwhile:
    return lambda made, _change: made.set_policy((old, new))


def policy_is_broken(made: Stage, _change: Change) -> None:
    (made.folder / "policy.yaml").write_text("roles: [")
    made.policy.refresh()


def policy_is_deleted(made: Stage, _change: Change) -> None:
    (made.folder / "policy.yaml").unlink()
    made.policy.refresh()


def rights_are_withdrawn(made: Stage, _change: Change) -> None:
    made.cluster.deny("patch", "deployments", "onyx")


def reviews_fail(made: Stage, _change: Change) -> None:
    made.cluster.fail("selfsubjectaccessreviews", 500)


def reads_fail(made: Stage, _change: Change) -> None:
    made.cluster.fail("/namespaces/onyx/deployments", 503, method="GET")


def newer_diagnosis(made: Stage, change: Change) -> None:
    made.service.offer(made.diagnose(), incident_id=change.incident, details={})


def declined_by_ben(made: Stage, change: Change) -> None:
    made.service.decline(change.id, person(BEN))


def approved_by_carl(made: Stage, change: Change) -> None:
    assert isinstance(made.service.approve(change.id, person(CARL)), Approved)


@dataclass(frozen=True)
class Row:
    """After these `states` of a remedy of this `kind`, `meanwhile`, a press: the code of the answer."""

    claim: str
    press: Press
    code: str
    kind: str = "raise_memory"
    reached: str = "previewed"
    meanwhile: Meanwhile = nothing
    says: str = ""
    becomes: ChangeState | None = None
    policy: tuple[tuple[str, str], ...] = field(default=())


TWO_NEEDED = (("medium: 0", "medium: 2"),)
ONE_NEEDED = (("medium: 0", "medium: 1"),)
FREEZE = """withdraw_after: 2
freeze:
  - {name: always, from: "2026-03-01", until: "2026-03-09", zone: UTC}"""

ROWS = (
    Row("a person without a role may not request", request(person(EVE)), "no_role"),
    Row("a person without a role may not look at the preview", preview(person(EVE)), "no_role", reached="offered"),
    Row("a guest may not", request(person(is_guest=True)), "not_member"),
    Row("an external person may not", request(person(is_external=True)), "not_member"),
    Row(
        "somebody of another workspace may not, though the user id is the same",
        request(person(team="T0OTHER00")),
        "not_member",
    ),
    Row("a bot may not", request(person(is_bot=True)), "not_member"),
    Row("somebody who is not known to be a full member may not", request(person(is_full_member=False)), "not_member"),
    Row("a copy of the message has no buttons", request(person(original=False)), "copied_message"),
    Row("an offer cannot be requested unseen", request(digest=""), "not_previewed", reached="offered"),
    Row("what is requested is the newest preview", request(digest="0" * 64), "other_preview"),
    Row(
        "a person who loses the role meanwhile may not",
        request(),
        "no_role",
        meanwhile=policy_says("users: [U0ANNA0000, U0BEN00000]", "users: [U0BEN00000]"),
    ),
    Row(
        "a kind that is taken out of the policy meanwhile is refused",
        request(),
        "kind_not_granted",
        meanwhile=policy_says("raise_memory, ", ""),
    ),
    Row(
        "a namespace that is taken out of the policy meanwhile is refused",
        request(),
        "wrong_scope",
        meanwhile=policy_says("namespaces: [onyx]", "namespaces: [other]"),
    ),
    Row("a policy that breaks meanwhile closes everything", request(), "no_policy", meanwhile=policy_is_broken),
    Row("a policy that is deleted meanwhile closes everything", request(), "no_policy", meanwhile=policy_is_deleted),
    Row(
        "the kill switch closes everything",
        request(),
        "disabled",
        meanwhile=policy_says("enabled: true", "enabled: false"),
    ),
    Row(
        "a freeze that begins meanwhile holds it up",
        request(),
        "frozen",
        meanwhile=policy_says("withdraw_after: 2", FREEZE),
    ),
    Row(
        "a bound that is lowered meanwhile holds it up",
        request(),
        "out_of_bounds",
        meanwhile=policy_says("max: 8Gi", "max: 1Gi"),
    ),
    Row(
        "RBAC that is withdrawn meanwhile has the last word",
        request(),
        "cluster_denies",
        meanwhile=rights_are_withdrawn,
        says="RBAC",
    ),
    Row("RBAC that does not answer counts as no", request(), "cluster_unknown", meanwhile=reviews_fail),
    Row("an object that cannot be read counts as no", request(), "cluster_unknown", meanwhile=reads_fail),
    Row(
        "an offer of an older diagnosis is out of date",
        request(),
        "superseded",
        meanwhile=newer_diagnosis,
        becomes=S.SUPERSEDED,
    ),
    Row("a value beyond the bounds is refused", preview(memory_limit="64Gi"), "out_of_bounds"),
    Row("a value that raises nothing is refused", preview(memory_limit="512Mi"), "out_of_bounds"),
    Row("a value that is none is refused", preview(memory_limit="much"), "wrong_value"),
    Row("a value that the remedy does not have is refused", preview(image="evil:latest"), "wrong_value"),
    Row(
        "a dry run that the cluster refuses is refused in its words",
        preview(),
        "cluster_denies",
        reached="offered",
        meanwhile=rights_are_withdrawn,
    ),
    Row("nobody approves what nobody has requested", approve(person(CARL)), "not_requested"),
    Row("nobody approves the own request", approve(person()), "own_request", kind="roll_back", reached="requested"),
    Row("a stranger's approval does not count", approve(person(EVE)), "no_role", kind="roll_back", reached="requested"),
    Row(
        "an operator's approval does not count for an admin's remedy",
        approve(person(BEN)),
        "kind_not_granted",
        kind="roll_back",
        reached="requested",
    ),
    Row(
        "a guest's approval does not count",
        approve(person(CARL, is_guest=True)),
        "not_member",
        kind="roll_back",
        reached="requested",
    ),
    Row(
        "nobody approves from a copy of the message",
        approve(person(CARL, original=False)),
        "copied_message",
        reached="requested",
        policy=ONE_NEEDED,
    ),
    Row(
        "nobody approves twice",
        approve(person(CARL)),
        "already_approved",
        reached="requested",
        policy=TWO_NEEDED,
        meanwhile=approved_by_carl,
    ),
    Row(
        "what waits for approval cannot be requested again",
        request(),
        "already_requested",
        reached="requested",
        policy=ONE_NEEDED,
    ),
    Row(
        "what was declined stays declined",
        approve(person(CARL)),
        "declined",
        reached="requested",
        policy=ONE_NEEDED,
        meanwhile=declined_by_ben,
        becomes=S.REFUSED,
    ),
    Row("a stranger does not decline", decline(person(EVE)), "no_role", reached="requested", policy=ONE_NEEDED),
    Row("what is not requested is not declined", decline(person(BEN)), "not_requested"),
    Row("what was not done is not undone", undo(), "not_requested"),
)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.claim)
def test_refused(row: Row, broken: Stage, request: pytest.FixtureRequest) -> None:
    incident = request.node.name
    if row.policy:
        broken.set_policy(*row.policy)
    change = _reach(broken, row, incident)
    row.meanwhile(broken, change)
    before = broken.change(change.id)
    answer = row.press(broken.service, change)
    assert isinstance(answer, Refusal), answer
    assert answer.code == row.code, answer
    assert answer.sentence.strip()
    assert row.says in answer.sentence
    assert broken.refusals(change.id)[-1:] == [row.code]
    now = broken.change(change.id)
    assert now.state is (row.becomes or before.state)
    assert (now.approvers, now.requester, now.digest) == (before.approvers, before.requester, before.digest)


def _reach(made: Stage, row: Row, incident: str) -> Change:
    requester = person(CARL) if row.kind == "roll_back" else person()
    if row.kind == "roll_back":
        # Somebody else than Carl approves, so Carl's own request needs another requester: Anna, as an admin for once.
        made.set_policy(("users: [U0CARL0000]", "users: [U0CARL0000, U0ANNA0000]"))
        requester = person()
    change = made.offered(row.kind, incident)
    if row.reached == "offered":
        return change
    change = made.previewed(row.kind, requester, incident)
    if row.reached == "previewed":
        return change
    answer = made.service.request(change.id, requester, change.digest)
    assert isinstance(answer, Requested), answer
    assert answer.change.state is S.REQUESTED
    return answer.change


def test_a_button_of_a_change_that_is_not_there_any_more_is_answered(broken: Stage) -> None:
    answer = broken.service.request("gone", person(), "")
    assert isinstance(answer, Refusal)
    assert answer.code == "unknown_change"
    assert broken.refusals("gone") == ["unknown_change"]


def test_a_refusal_says_who_could(broken: Stage) -> None:
    change = broken.previewed("raise_memory", incident="who")
    answer = broken.service.request(change.id, person(EVE), change.digest)
    assert isinstance(answer, Refusal)
    assert {holder.id for holder in answer.who_can} == {"U0ANNA0000", "U0BEN00000", "U0CARL0000"}


def test_who_presses_what_waits_for_approval_is_told_who_could_approve(broken: Stage) -> None:
    broken.set_policy(("medium: 0", "medium: 1"))
    change = broken.requested("raise_memory", incident="waits")
    answer = broken.service.request(change.id, person(), change.digest)
    assert isinstance(answer, Refusal)
    assert answer.code == "already_requested"
    assert {holder.id for holder in answer.who_can} == {"U0BEN00000", "U0CARL0000"}


def test_a_strangers_press_does_not_take_the_button_from_those_who_may(broken: Stage) -> None:
    broken.set_policy(("medium: 0", "medium: 1"))
    change = broken.previewed("raise_memory", incident="stranger")
    for stranger in (person(EVE), person(is_guest=True), person(is_bot=True), person(original=False)):
        assert isinstance(broken.service.request(change.id, stranger, change.digest), Refusal)
    assert isinstance(broken.service.request(change.id, person(), change.digest), Requested)


def test_of_two_approvals_the_first_alone_changes_nothing(broken: Stage) -> None:
    broken.set_policy(("medium: 0", "medium: 2"))
    change = broken.requested("raise_memory", incident="two")
    answer = broken.service.approve(change.id, person(BEN))
    assert isinstance(answer, Approved)
    assert answer.change.state is S.REQUESTED
    assert "1 other person" in answer.sentence


def test_what_was_asked_for_under_another_policy_must_be_asked_for_anew(broken: Stage) -> None:
    broken.set_policy(("medium: 0", "medium: 1"))
    change = broken.requested("raise_memory", incident="more")
    broken.set_policy(("medium: 1", "medium: 2"))
    stranger = broken.service.approve(change.id, person(EVE))
    assert isinstance(stranger, Refusal)
    assert broken.change(change.id).state is S.REQUESTED
    answer = broken.service.approve(change.id, person(BEN))
    assert isinstance(answer, Refusal)
    assert answer.code == "superseded"
    assert "The policy has changed since Ann asked for it." in answer.sentence
    assert broken.writes() == []


class DeafAudit:
    """An audit log on a full disk."""

    def append(self, *_: Any) -> None:
        raise AuditUnwritable("The audit log cannot be written.", "Free space on its disk.")


class Failing:
    """A change store of which the named methods raise this error."""

    def __init__(self, store: Any, error: StoreError, *methods: str) -> None:
        self._store, self._error, self._methods = store, error, methods

    def __getattr__(self, name: str) -> Any:
        if name not in self._methods:
            return getattr(self._store, name)

        def fail(*_: Any, **__: Any) -> Any:
            raise self._error

        return fail


DOWN = StoreError("The database does not answer.", "Start it.")
FULL = AuditUnwritable("The audit log cannot be written.", "Free space on its disk.")


def test_nothing_is_done_when_the_audit_cannot_be_written(broken: Stage) -> None:
    change = broken.previewed("raise_memory", incident="audit")
    store: Any = Failing(broken.store.changes, FULL, "move", "approve", "add")
    service = broken.another(store=store, audit=DeafAudit())
    for answer in (
        service.request(change.id, person(), change.digest),
        service.preview(change.id, person()),
        service.request(change.id, person(EVE), change.digest),
    ):
        assert isinstance(answer, Refusal)
        assert answer.code == "audit_unwritable"
        assert "Nothing was done" in answer.sentence
    assert broken.change(change.id) == change


def test_nothing_is_done_when_the_database_is_down(broken: Stage) -> None:
    change = broken.previewed("raise_memory", incident="down")
    store: Any = Failing(broken.store.changes, DOWN, "get", "move", "update", "add", "of_incident", "count", "useless")
    service = broken.another(store=store, audit=DeafAudit())
    answer = service.request(change.id, person(), change.digest)
    assert isinstance(answer, Refusal)
    assert answer.code == "store_down"
    offers = service.offer(broken.diagnose(), incident_id="down", details={})
    assert not offers.changes
    assert all("database does not answer" in item.reason for item in offers.withheld)
    assert broken.change(change.id) == change


def test_a_press_is_too_late_even_before_the_ticker_has_noticed(broken: Stage) -> None:
    broken.set_policy(("offer: 30m", "offer: 1m"))
    change = broken.previewed("raise_memory", incident="late")
    broken.cluster.advance(61)
    answer = broken.service.request(change.id, person(), change.digest)
    assert isinstance(answer, Refusal)
    assert answer.code == "expired"
    assert broken.change(change.id).state is S.EXPIRED
    assert broken.refusals(change.id) == ["expired"]


def test_what_nobody_presses_expires_by_itself(broken: Stage) -> None:
    broken.set_policy(("offer: 30m", "offer: 1m"))
    change = broken.offered("raise_memory", "nobody")
    broken.cluster.advance(61)
    told: list[Change] = []
    service = broken.another()
    service.watch(told.append)
    assert service.tick(broken.cluster.now()) >= 1
    assert broken.change(change.id).state is S.EXPIRED
    assert change.id in {item.id for item in told}


def test_an_approval_that_comes_too_late_changes_nothing(broken: Stage) -> None:
    broken.set_policy(("medium: 0", "medium: 1"), ("approval: 10m", "approval: 1m"))
    change = broken.requested("raise_memory", incident="slow")
    broken.cluster.advance(61)
    answer = broken.service.approve(change.id, person(BEN))
    assert isinstance(answer, Refusal)
    assert answer.code == "expired"
    assert broken.change(change.id).approvers == ()


def withheld(broken: Stage) -> str:
    """Why there is no button now."""
    offers = broken.service.offer(broken.known("raise_memory"), incident_id="card", details={})
    assert offers.changes == ()
    return " ".join(item.reason for item in offers.withheld)


def test_a_button_is_withheld_with_its_reason(broken: Stage) -> None:
    broken.cluster.deny("patch", "deployments", "onyx")
    assert "The cluster allows it to none of the roles" in withheld(broken)
    broken.cluster.behave()
    broken.set_policy(("raise_memory, ", ""), ("may: [low, medium, high]", "may: [low]"))
    assert "The policy lets nobody do this" in withheld(broken)
    broken.set_policy(("may: [low]", "may: [low, medium]"), ("medium: 0", "medium: 1"))
    assert "It takes 2 people who may do this, one of them to ask, and the policy names fewer" in withheld(broken)
    broken.set_policy(("enabled: true", "enabled: false"))
    assert "kill switch" in withheld(broken)
    (broken.folder / "policy.yaml").unlink()
    broken.policy.refresh()
    assert "nobody may change anything" in withheld(broken)


def test_nobody_waits_for_an_approval_that_nobody_can_give(broken: Stage) -> None:
    group = "S0ONCALL00"
    broken.set_policy(
        ("medium: 0", "medium: 1"),
        ("users: [U0ANNA0000, U0BEN00000]", f"groups: [{group}]"),
        ("held_by: {users: [U0CARL0000]}", "held_by: {users: [U0ANNA0000]}"),
    )
    offered = broken.offered("raise_memory")  # who is in the group is not known, so there may be somebody
    alone = person(members={group: frozenset({ANNA})})
    answer = broken.service.preview(offered.id, alone)
    assert isinstance(answer, Refusal)
    assert answer.code == "nobody_could_agree"
    assert "Whoever looks after the policy file can give one more person the role" in answer.sentence
    both = person(members={group: frozenset({ANNA, BEN})})
    assert isinstance(broken.service.preview(offered.id, both), Previewed)


def test_what_is_proposed_beyond_the_bounds_is_capped_or_withheld(broken: Stage) -> None:
    broken.set_policy(("max: 8Gi", "max: 1536Mi"))
    assert broken.offered("raise_memory", "capped").remedy.parameters[0].value == "1536Mi"
    broken.set_policy(("max: 1536Mi", "max: 1Gi"))
    assert "bounds" in withheld(broken)
