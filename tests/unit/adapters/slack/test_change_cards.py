"""Golden files of fixes in Slack: cards with buttons and outcomes, the preview, the request for approval, refusals.

After a change that is meant, `python -m tests.unit.adapters.slack.test_change_cards` writes them anew; read what
has changed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.adapters.slack.render.blocks import Message, characters
from bot.adapters.slack.render.change_views import (
    PreviewParts,
    answer_message,
    edit_view,
    outcome_view,
    preview_view,
    refusal_message,
    refusal_view,
    waiting_view,
)
from bot.adapters.slack.render.limits import MESSAGE_BLOCK_CHARACTERS, VIEW_BLOCK_CHARACTERS
from bot.changes.patches.diff import FieldChange
from bot.changes.policy.model import Holder, HolderKind
from bot.changes.ports import Preview
from bot.changes.results import Code, Previewed, Refusal
from bot.domain.changes import Change, ChangeState, Person, Write
from bot.domain.diagnosis import Diagnosis
from bot.domain.incidents import Incident, IncidentState
from bot.domain.remedies import Parameter, Remedy, Risk, Step, StepKind
from bot.incidents.card_facts import CHECK_AGAIN, DETAILS, CardFacts
from bot.incidents.fixes.card import extras_of
from bot.incidents.fixes.fix_state import FixState, card_with
from bot.incidents.fixes.offers import ROUND, is_due, subject_of
from bot.incidents.fixes.request import request_message, signature
from bot.incidents.fixes.words import asked_lines, label
from bot.playbook.remedy_kinds import REMEDY_KINDS
from bot.redaction import Redactor
from bot.sandbox.workspace.rules.validate import check_message, check_modal
from tests.support.drawn import card, drawn
from tests.unit import slack_samples as samples

S = ChangeState
GOLDEN = Path(__file__).parents[3] / "golden"
NOW = datetime(2026, 11, 23, 10, 10, tzinfo=UTC)
ROBIN = Person(user="U0ROBIN000", team="T0MERIDIAN", name="Robin")
SAM = Person(user="U0SAM00000", team="T0MERIDIAN", name="Sam")
HOLDERS = (
    Holder(HolderKind.USER, "U0SAM00000"),
    Holder(HolderKind.GROUP, "S0ONCALL00"),
    Holder(HolderKind.CHANNEL, "C0INCIDENT"),
)
PATH = "spec.template.spec.containers[api-server].resources.limits.memory"


def limited(memory: str) -> dict[str, Any]:
    containers = [{"name": "api-server", "resources": {"limits": {"memory": memory}}}]
    return {"spec": {"template": {"spec": {"containers": containers}}}}


WRITE = Write(
    api_version="apps/v1",
    kind="Deployment",
    namespace="prod",
    name="api-server",
    body=limited("4Gi"),
    before=limited("2Gi"),
    content_type="application/strategic-merge-patch+json",
)


def remedy(kind: str = "raise_memory", risk: Risk = Risk.MEDIUM, title: str = "", **more: Any) -> Remedy:
    parameters = (
        (Parameter("memory_limit", "Memory limit of api-server", "4Gi", "2Gi"),) if kind == "raise_memory" else ()
    )
    return Remedy(
        id="raise-api-memory" if kind == "raise_memory" else f"{kind}-api",
        kind=kind,
        title=title or "Raise the memory limit of the API server to 4Gi",
        target="deployment/api-server",
        role="operator",
        command="kubectl -n prod set resources deployment/api-server --limits=memory=4Gi",
        note="A process that leaks will need more again.",
        steps=(Step(StepKind.PATCH, "deployment/api-server", WRITE.body),),
        parameters=parameters,
        risk=risk,
        **more,
    )


def change(state: ChangeState = S.OFFERED, what: Remedy | None = None, **more: Any) -> Change:
    pressed = state not in (S.OFFERED, S.PREVIEWED)
    fields: dict[str, Any] = {
        "id": f"c-{state}-{(what or remedy()).kind}",
        "app": "onyx",
        "cluster": "prod-eu",
        "namespace": "prod",
        "cause": "api_oom",
        "remedy": what or remedy(),
        "state": state,
        "incident": "i1",
        "writes": (WRITE,) if state is not S.OFFERED else (),
        "requester": ROBIN if pressed else None,
        "offered_at": NOW,
        "expires_at": NOW + timedelta(minutes=10),
        **more,
    }
    return Change(**fields)


RESTART = remedy("restart", Risk.LOW, "Restart deployment/api-server")
ROLL_BACK = remedy("roll_back", Risk.HIGH, "Roll the API server back to its previous revision")
PROBE = remedy("fix_probe", Risk.MEDIUM, "Point the probe of the API server at /health")
RELAX = remedy("relax_probe", Risk.MEDIUM, "Give the API server 60 s to start")


def incident(kept: FixState | None = None, state: IncidentState = IncidentState.OPEN) -> Incident:
    names = {"id": "i1", "key": "k", "app": "onyx", "cluster": "prod-eu", "namespace": "prod", "title": "t"}
    made = Incident(**names, opened_at=NOW, updated_at=NOW, state=state)
    return made.model_copy(update={"card": card_with(made, kept)}) if kept is not None else made


def drawn_with(diagnosis: Diagnosis, *changes: Change, kept: FixState | None = None, resolved: bool = False) -> Message:
    """The whole card."""
    about = incident(kept, IncidentState.RESOLVED if resolved else IncidentState.OPEN)
    extras = extras_of(about, diagnosis, changes, NOW, lambda kind, data: f"token-{kind}-{data['change']}")
    closed = {"opened_at": NOW, "closed_at": NOW} if resolved else {}
    facts = CardFacts(asked_by="Robin", seconds=0.41, **closed)
    return card(diagnosis, facts, {DETAILS: "token-details", CHECK_AGAIN: "token-again"}, extras)


def previewed(warnings: tuple[str, ...] = (), **more: Any) -> Previewed:
    fields = (
        (
            FieldChange(PATH, "2Gi", "4Gi"),
            FieldChange("spec.template.metadata.annotations.injected", None, "yes", False),
        ),
    )
    return Previewed(change(S.PREVIEWED, digest="d", **more), (Preview(WRITE, {}, {}),), fields, warnings)


FIXED_WORDS = "Fixed. Before: Onyx: the API server is being killed for memory. Now: Onyx is healthy."
NOT_FIXED_WORDS = (
    "Not fixed: 5 minutes later the cause is still there. Onyx: the API server is being killed for memory. "
    "What was done can be taken back with “Undo”."
)
UNKNOWN_WORDS = (
    "It is not known yet whether deployment/api-server was changed: the API server gave no answer. "
    "The cluster is asked again."
)
HELM = "Helm owns deployment/api-server (release onyx): the next upgrade takes this back. Set its value as well."
CLAIMED: Mapping[str, Any] = {"claimed_at": NOW, "verify_until": NOW + timedelta(minutes=5), "role": "operator"}
WITHHELD = FixState(withheld=(("Roll the API server back", "The policy lets nobody do this for onyx in prod."),))
ALL = (change(), *(change(what=one) for one in (RESTART, ROLL_BACK, PROBE, RELAX)))
ROLLING = change(S.VERIFYING, outcome="Applied. 1 of 2 new pods is available.", approvers=(SAM,), **CLAIMED)
UNKNOWN = change(S.CLAIMED, outcome=UNKNOWN_WORDS, **CLAIMED)
FIXED = change(S.FIXED, outcome=FIXED_WORDS, approvers=(SAM,), **CLAIMED)
NOT_FIXED = change(S.NOT_FIXED, outcome=NOT_FIXED_WORDS, **CLAIMED)
WAITING = change(S.REQUESTED, approvals_needed=2, approvers=(SAM,))
APPROVED = change(S.VERIFYING, approvals_needed=1, approvers=(SAM,))
DECLINED = change(S.REFUSED, approvals_needed=1, outcome="Declined by Sam; nothing was changed.")
NO_ROLE = Refusal("no_role", "You hold no role in the policy. Ask somebody who holds a role for it.", HOLDERS)
DECIDING = {kind: f"token-{kind}" for kind in ("change_approve", "change_decline", "change_review")}
YOURS = "This is what it does with your values. Nothing has been done yet."
OWN = "You asked for this; somebody else must approve it."
BEYOND = "The memory limit may be from 64Mi to 8Gi, not 64Gi."


def request(about: Change) -> Message:
    tokens = DECIDING if about.state is S.REQUESTED else {}
    return drawn(request_message(about, Redactor(), "Ada, the user group oncall", tokens))


MESSAGES: Mapping[str, Callable[[], Message]] = {
    "buttons": lambda: drawn_with(samples.oom(), change(), change(what=RESTART), change(what=ROLL_BACK)),
    "many_buttons": lambda: drawn_with(samples.oom(), *ALL),
    "withheld": lambda: drawn_with(samples.oom(), change(), kept=WITHHELD),
    "waiting": lambda: drawn_with(samples.oom(), change(S.REQUESTED, approvals_needed=1), change(what=RESTART)),
    "applying": lambda: drawn_with(samples.oom(), ROLLING),
    "unknown": lambda: drawn_with(samples.oom(), UNKNOWN),
    "fixed": lambda: drawn_with(samples.healthy(), FIXED, resolved=True),
    "not_fixed": lambda: drawn_with(samples.oom(), NOT_FIXED, change(what=RESTART)),
    "request": lambda: request(WAITING),
    "request_approved": lambda: request(APPROVED),
    "request_declined": lambda: request(DECLINED),
    "refused": lambda: refusal_message(NO_ROLE),
    "answered": lambda: answer_message("Applied to deployment/api-server. Looking whether it helped."),
}
WARNED = PreviewParts(
    previewed((HELM,), approvals_needed=1), token="token", submit="Ask for approval", holders=HOLDERS, news=YOURS
)
VIEWS: Mapping[str, Callable[[], dict[str, Any]]] = {
    "preview": lambda: preview_view(PreviewParts(previewed(), token="token", submit="Apply")),
    "preview_warned": lambda: preview_view(WARNED),
    "preview_shown": lambda: preview_view(PreviewParts(previewed(requester=ROBIN), editable=False, news=OWN)),
    "edit": lambda: edit_view(change(S.PREVIEWED), BEYOND, {"memory_limit": "64Gi"}, None, "token"),
    "view_refused": lambda: refusal_view(Refusal(Code.EXPIRED, "Too late.", HOLDERS)),
    "view_waiting": lambda: waiting_view("One moment: the cluster is asked.", "name"),
    "view_done": lambda: outcome_view("Applied to deployment/api-server. Looking whether it helped."),
}


def content(message: Message) -> dict[str, Any]:
    message = drawn(message)
    return {"text": message.text.splitlines(), "blocks": message.blocks}


def update_golden_files() -> None:
    made = {name: content(build()) for name, build in MESSAGES.items()} | {
        name: build() for name, build in VIEWS.items()
    }
    for name, payload in made.items():
        text = json.dumps(payload, indent=1, ensure_ascii=False) + "\n"
        (GOLDEN / f"slack_change_{name}.json").write_text(text, encoding="utf-8")


@pytest.mark.parametrize("name", MESSAGES)
def test_messages_look_as_they_should(name: str) -> None:
    message = MESSAGES[name]()
    assert check_message(text=message.text, blocks=message.blocks, updating=True) is None
    assert characters(message.blocks) <= MESSAGE_BLOCK_CHARACTERS
    assert content(message) == json.loads((GOLDEN / f"slack_change_{name}.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", VIEWS)
def test_modals_look_as_they_should(name: str) -> None:
    view = VIEWS[name]()
    assert check_modal(view) is None
    assert characters(view["blocks"]) <= VIEW_BLOCK_CHARACTERS
    assert view == json.loads((GOLDEN / f"slack_change_{name}.json").read_text(encoding="utf-8"))


def test_what_stands_in_a_channel_pings_nobody() -> None:
    for name in set(MESSAGES) - {"refused", "answered"}:
        said = json.dumps(content(MESSAGES[name]()))
        assert not any(ping in said for ping in ("<@", "subteam", '"user_id"', "usergroup_id", "broadcast"))


def test_hostile_names_and_texts_stay_text() -> None:
    mean = Person(user="U1", name="Eve\u202e <!channel> *Approved by* @here\nApproved by Sam")
    bad = remedy(title="`rm -rf` <!here> " + "x" * 5_000)
    long = change(S.NOT_FIXED, bad, requester=mean, approvers=(mean,) * 9, outcome="<@U2> " + "y" * 20_000, **CLAIMED)
    for message in (
        drawn_with(samples.oom(), long, long, long),
        drawn(request_message(long, Redactor(), "z" * 5_000, {})),
    ):
        assert check_message(text=message.text, blocks=message.blocks, updating=True) is None
        assert "<!" not in message.text.replace("<!date", "")
        assert "<@" not in message.text
        assert "\u202e" not in json.dumps(message.blocks, ensure_ascii=False)
    view = preview_view(
        PreviewParts(
            Previewed(long, (Preview(WRITE, {}, {}),), ((FieldChange("p", "a" * 9_000, "b"),),), ("w" * 9_000,) * 50),
            token="t",
            submit="Apply",
        )
    )
    assert check_modal(view) is None


@pytest.mark.parametrize("kind", [kind for kind in REMEDY_KINDS if kind != "advice"])
def test_every_kind_of_remedy_has_a_short_label(kind: str) -> None:
    parameters = tuple(Parameter(name, name, "4") for name in REMEDY_KINDS[kind].parameters)
    assert len(label(replace(remedy(kind), parameters=parameters))) <= 40
    assert label(replace(remedy(kind), parameters=())).endswith(" …")


def test_a_request_shows_what_is_written_and_hides_secrets() -> None:
    assert asked_lines(change(S.REQUESTED), Redactor()) == [f"deployment/api-server: {PATH}: 2Gi → 4Gi"]
    secret = WRITE.model_copy(
        update={"body": {"data": {"PASSWORD": "hunter2-hunter2"}}, "before": {"data": {"PASSWORD": None}}}
    )
    assert "hunter2" not in " ".join(asked_lines(change(S.REQUESTED, writes=(secret,)), Redactor()))


def test_the_message_of_a_request_is_drawn_anew_exactly_when_it_says_something_else() -> None:
    said = [signature(change(state)) for state in (S.REQUESTED, S.APPROVED, S.CLAIMED, S.FIXED, S.EXPIRED, S.REFUSED)]
    assert said == ["requested 0", "approved", "approved", "approved", "expired", "refused"]
    assert signature(change(S.REQUESTED, approvers=(SAM,))) == "requested 1"


LATER = samples.COLLECTED + timedelta(minutes=1)
STEPS = tuple(
    replace(one, steps=(Step(StepKind.RESTART, "deployment/api-server"),))
    for one in (samples.RESTART, samples.RAISE_MEMORY)
)


def found(at: datetime = samples.COLLECTED, remedies: tuple[Remedy, ...] = STEPS) -> Diagnosis:
    base = samples.oom()
    roots = tuple(replace(cause, remedies=remedies) for cause in base.root_causes)
    return replace(base, root_causes=roots, collected_at=at)


def offered(state: ChangeState = S.OFFERED, **more: Any) -> Change:
    return change(state, details={ROUND: samples.COLLECTED.isoformat()}, **more)


DONE = FixState(offered_for=subject_of(found()), offered_at=samples.COLLECTED)
SHORT = DONE.but(withheld=(("t", "r"),))


@pytest.mark.parametrize(
    ("claim", "kept", "diagnosis", "changes", "due"),
    [
        ("nothing was offered yet", FixState(), found(), (), True),
        ("nothing can be offered, and nothing was", FixState(), found(remedies=()), (), False),
        ("it was offered for this diagnosis", DONE, found(), (offered(),), False),
        ("the same again, later, leaves offers alone", DONE, found(LATER), (offered(), offered(S.PREVIEWED)), False),
        ("one of the offers has expired", DONE, found(LATER), (offered(S.EXPIRED),), True),
        ("one of the offers is past its time", DONE, found(LATER), (offered(expires_at=NOW),), True),
        ("one of them did not help", DONE, found(LATER), (offered(S.NOT_FIXED), offered()), True),
        ("one of them is under way", DONE, found(LATER), (offered(S.VERIFYING), offered()), False),
        ("something was withheld, perhaps not any more", SHORT, found(LATER), (offered(),), True),
        ("something was withheld, but somebody looks at another", SHORT, found(LATER), (offered(S.PREVIEWED),), False),
        ("other fixes fit now", DONE, found(LATER, STEPS[:1]), (offered(),), True),
        ("nothing is broken any more", DONE, found(LATER, ()), (offered(),), True),
        (
            "an older diagnosis comes late",
            DONE,
            found(samples.COLLECTED - timedelta(minutes=1), ()),
            (offered(),),
            False,
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_when_fixes_are_offered(
    claim: str, kept: FixState, diagnosis: Diagnosis, changes: tuple[Change, ...], due: bool
) -> None:
    assert is_due(kept, diagnosis, changes, NOW) is due, claim


if __name__ == "__main__":
    update_golden_files()
