"""A database that the first edition wrote: its incident, buttons and pending approval go on working.

`old_database/` was made by the program of 2026-11-23 (commit 3859cd2): the API server was killed for memory, somebody
pasted the error, asked for more memory, and the request waits for an approval. `facts.json` has what stood on the
messages of that moment.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bot.changes.results import Approved, Code, Declined, Refusal
from bot.diagnosis.diagnosis_codec import decode
from bot.domain.changes import ChangeState
from bot.sandbox.cluster.state.kinds import DEPLOYMENTS, REPLICA_SETS
from bot.sandbox.workspace.state.seed import ONCALL, SECOND
from tests.scenario.changing import Stage, person, stage
from tests.scenario.slack_changing import scene
from tests.support.workspaces import PATIENCE_SECONDS

MADE_BY_THE_FIRST_EDITION = Path(__file__).parent / "old_database"
FACTS: dict[str, Any] = json.loads((MADE_BY_THE_FIRST_EDITION / "facts.json").read_text())
POLICY = (MADE_BY_THE_FIRST_EDITION / "policy.yaml").read_text()
APPROVER = FACTS["approver"]


@dataclass
class Old:
    """The old database under today's program."""

    stage: Stage
    change: str = FACTS["change"]

    def same_object(self) -> None:
        """Make the simulated Deployment the one that the old request was about."""
        cluster, (write,) = self.stage.cluster, self.stage.change(self.change).writes
        with cluster.lock:
            found = cluster.store.get(DEPLOYMENTS, "onyx", "api-server")
            uid = found["metadata"]["uid"]
            for replica_set in cluster.store.children(uid, REPLICA_SETS):
                owners = [{**one, "uid": write.uid} for one in replica_set["metadata"]["ownerReferences"]]
                cluster.store.put(REPLICA_SETS, with_metadata(replica_set, ownerReferences=owners))
            cluster.store.put(DEPLOYMENTS, with_metadata(found, uid=write.uid, generation=write.generation))


def with_metadata(item: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {**item, "metadata": {**item["metadata"], **fields}}


def copied(folder: Path) -> str:
    """The URL of a copy of the old database, with its key and its newest entry beside it."""
    database = folder / "triage.db"
    database.write_bytes(gzip.decompress((MADE_BY_THE_FIRST_EDITION / "triage.db.gz").read_bytes()))
    for name in ("audit-key", "audit-head"):
        beside = folder / f"triage.db.{name}"
        beside.write_bytes((MADE_BY_THE_FIRST_EDITION / f"{name}.txt").read_bytes())
        beside.chmod(0o600)
    return f"sqlite:///{database}"


@pytest.fixture
def old(tmp_path: Path) -> Iterator[Old]:
    with stage("api-oom-killed", tmp_path, url=copied(tmp_path), policy=POLICY) as place:
        yield Old(place)


def test_the_open_incident_is_read_with_its_diagnosis(old: Old) -> None:
    (incident,) = old.stage.store.incidents.open_incidents()
    assert incident.id == FACTS["incident"]
    assert [cause.id for cause in decode(dict(incident.diagnosis)).root_causes] == ["api-oom-killed"]


@pytest.mark.parametrize("action", FACTS["tokens"])
def test_its_buttons_are_known(old: Old, action: str) -> None:
    assert old.stage.store.buttons.find(FACTS["tokens"][action]) is not None


def test_its_audit_log_is_intact(old: Old) -> None:
    assert old.stage.store.audit.verify().broken is None


def test_the_pending_request_is_approved_and_heals(old: Old) -> None:
    old.same_object()
    answer = old.stage.service.approve(old.change, person(APPROVER, team="T0MERIDIAN"))
    assert isinstance(answer, Approved), getattr(answer, "sentence", answer)
    assert old.stage.until_done(old.change).state is ChangeState.FIXED


def test_a_pending_request_about_an_object_that_was_made_anew_is_refused_with_the_reason(old: Old) -> None:
    answer = old.stage.service.approve(old.change, person(APPROVER, team="T0MERIDIAN"))
    assert isinstance(answer, Refusal)
    assert answer.code in (Code.OBJECT_CHANGED, Code.SUPERSEDED)


def test_the_pending_request_can_be_declined(old: Old) -> None:
    answer = old.stage.service.decline(old.change, person(APPROVER, team="T0MERIDIAN"))
    assert isinstance(answer, Declined), answer


def test_buttons_of_messages_that_the_old_program_wrote_are_answered(tmp_path: Path) -> None:
    """Pressed in the chat: details are shown, a fix is judged by today's policy, and the request is declined."""
    with scene("api-oom-killed", tmp_path, url=copied(tmp_path)) as today:

        def press(action: str, user: str) -> None:
            token = FACTS["tokens"][action]
            button = today.store.buttons.find(token)
            assert button is not None
            today.forged(token, user, ts=button.ts, channel=button.channel)

        press("card_details", SECOND)
        assert today.modal(SECOND, "killed for memory")
        press("change_look_0", ONCALL)
        assert today.modal(ONCALL, "does not allow roll back")
        press("change_decline", SECOND)
        found = today.stage.change
        assert today.workspace.wait_for(lambda: found(FACTS["change"]).state is ChangeState.REFUSED, PATIENCE_SECONDS)
