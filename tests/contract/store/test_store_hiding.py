"""Nothing free-form is kept with a secret in it, whoever hands it to the store; what must not change does not."""

from __future__ import annotations

from typing import Any

import pytest

from bot.adapters.store.schema.tables import metadata
from bot.adapters.store.sql.hiding import FREE
from bot.adapters.store.store import Store
from bot.domain.changes import Change, Frozen
from bot.domain.incidents import Button, Incident, PendingRequest
from bot.monitors.state import Finding
from bot.redaction import Boundary
from bot.redaction.boundary import hidden_values
from bot.redaction.site import parse_site_rules
from tests import canaries
from tests.canaries import MARK, assert_none
from tests.databases import StoreCase
from tests.store_samples import BEN, NOW, S, a_button, a_change, a_question, a_remedy, a_write, an_incident

SAID = f"denied: connection to {canaries.url()} failed"
NESTED = {"note": SAID, "list": [SAID, {"token": f"{MARK}-t0"}], SAID: 1}
OURS = {"note": SAID, "list": [SAID, {"lines": [SAID]}], SAID: 1}
"""A document of the program's own, in which a key such as `token` announces nothing."""
ADDRESS = "https://hooks.slack.com/commands/T1/2/abcDEF0123456789abcDEF01"
STAYS: dict[type[Frozen], str] = {
    Change: "id app cluster namespace cause other_causes state version incident writes digest undoes requester "
    "approvers approvals_needed role rules offered_at expires_at due_at claimed_at verify_until calm_since owner "
    "owned_until",
    Incident: "id key app cluster namespace state team channel ts thread_ts origin asked_by opened_at updated_at "
    "closed_at version wanted shown",
    PendingRequest: "id asked_at owner owned_until attempts",
    Button: "kind card team channel ts private_to issued_at expires_at",
    Finding: "monitor key cause phase episode first_seen last_seen opened_at closed_at incident fingerprint version",
}
"""Fields that are kept to the letter: names of objects and people, ids, times, and what is sent to a cluster."""


@pytest.mark.parametrize("kind", STAYS, ids=lambda kind: kind.__name__)
def test_every_field_of_what_is_kept_is_free_text_or_stays(kind: type[Frozen]) -> None:
    """A new field belongs into `FREE`, or here when it is made by chance, by a clock, or from a fixed list."""
    assert sorted([*FREE[kind], *STAYS[kind].split()]) == sorted(kind.model_fields)
    assert set(FREE) == set(STAYS)


def everything(database: StoreCase) -> str:
    """All that is in the database."""
    return "\n".join(str(row) for name in metadata.tables for row in database.execute(f"SELECT * FROM {name}"))


def fill(store: Store) -> tuple[Change, Incident]:
    """Secrets in everything that callers may hand over as free text."""
    remedy = a_remedy(title=SAID, command=f"kubectl set env X={canaries.url()}", note=SAID)
    change = a_change(remedy=remedy, outcome=SAID, details=NESTED)
    store.changes.add(change, "triage")
    kept = store.changes.get(change.id)
    assert kept is not None
    for state in (S.PREVIEWED, S.REQUESTED):
        moved = store.changes.move(kept, state, "ANNA", SAID, outcome=SAID)
        assert moved is not None
        assert_none("what a move returns", str(moved))
        kept = moved
    approved = store.changes.approve(kept, BEN)
    assert approved is not None
    updated = store.changes.update(approved, details={"password": f"{MARK}pw"}, outcome=SAID)
    assert updated is not None
    assert updated.details == {"password": "‹password:1›"}
    store.audit.append("refused", "ANNA", "change-1", NESTED)
    opened, _ = store.incidents.open(an_incident(title=SAID, request=OURS, diagnosis=OURS, card=OURS))
    changed = store.incidents.update(opened, title=SAID, card=OURS, diagnosis={"headline": SAID})
    assert changed is not None
    store.incidents.feedback("incident-1", "ANNA", "helpful", NESTED, b"")
    store.questions.put(a_question(request=OURS, place={"response_url": ADDRESS, "unread": [SAID]}))
    store.buttons.issue(a_button(payload={"text": canaries.paste()}))
    finding = Finding(monitor="onyx", key="k", title=SAID, first_seen=NOW, last_seen=NOW)
    again = store.findings.save(finding)
    assert again is not None
    assert store.findings.save(again.model_copy(update={"title": SAID})) is not None
    return updated, changed


def test_no_free_text_is_kept_with_a_secret(database: StoreCase, store: Store) -> None:
    fill(store)
    assert_none("the database", everything(database))
    assert "‹url-password:" in everything(database) or "\\u2039url-password:" in everything(database)
    assert store.audit.verify().broken is None


def test_what_is_sent_counted_or_called_again_stays_as_it_is(store: Store) -> None:
    change, incident = fill(store)
    assert (change.writes, change.digest, change.remedy.steps) == ((a_write(),), "ab" * 32, a_remedy().steps)
    assert store.changes.get(change.id) == change
    assert store.incidents.get(incident.id) == incident
    assert incident.key == an_incident().key
    (question,) = store.questions.take_over("other", NOW.replace(year=2030), NOW.replace(year=2031))
    assert question.place["response_url"] == ADDRESS


def test_values_without_secrets_are_kept_to_the_letter(store: Store) -> None:
    for change in (a_change(1), a_change(2, details={"secret": "", "count": 3, "none": None})):
        store.changes.add(change, "triage")
        assert store.changes.get(change.id) == change
    facts: dict[str, Any] = {"checks": [{"facts": {"secret": "onyx-redis", "token": "absent", "key": "password"}}]}
    opened, _ = store.incidents.open(an_incident(diagnosis=facts))
    assert store.incidents.get(opened.id) == an_incident(diagnosis=facts)


BADGES = """\
schema: triage/redaction/v1
kind: redaction
rules:
  - id: badge
    pattern: '\\bACME-([0-9]{8})\\b'
    cases:
      - {text: 'badge ACME-12345678 refused', hides: ['12345678']}
      - {text: 'ticket ACME-42', hides: []}
"""


def test_the_rules_of_the_site_count_too(database: StoreCase) -> None:
    rules = parse_site_rules(BADGES.encode(), "site.yaml", hidden_values)
    store = database.open(boundary=Boundary(rules))
    store.audit.append("refused", "ANNA", "change-1", {"sentence": "badge ACME-12345678 is not known"})
    assert store.audit.entries()[0].detail == {"sentence": "badge ACME-‹badge:1› is not known"}
