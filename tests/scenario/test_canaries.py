"""Secrets that are planted wherever secrets turn up surface in no outlet: the whole program, with nothing faked but the
other ends of its connections.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.adapters.llm.client import ChatModel, ModelSettings
from bot.adapters.store.store import open_store
from bot.bootstrap.cluster import connect_reader
from bot.diagnosis.ports import TriageRequest
from bot.diagnosis.report import diagnosis_report
from bot.diagnosis.service import TriageService
from bot.diagnosis.snapshot import Snapshot, encode_snapshot, snapshot_text
from bot.domain.diagnosis import Diagnosis
from bot.domain.view import View
from bot.incidents.terminal import diagnosis_text
from bot.narration.budget import MemoryBudget
from bot.narration.draft import DraftRejected
from bot.narration.service import Wording
from bot.redaction import Boundary
from bot.redaction.view import redact_view
from bot.sandbox.cluster import SimulatedCluster
from bot.sandbox.workspace.state.seed import INCIDENTS, ONCALL
from bot.sandbox.workspace.workspace import Workspace
from bot.settings import load_settings
from tests import canaries
from tests.canaries import MARK, assert_none, assert_none_in_slack
from tests.contract.model.model_server import ModelServer, model_server, says
from tests.scenario.planted import logged, plant
from tests.scenario.slack_bench import make_bot
from tests.support.shipped import shipped_playbooks
from tests.support.workspaces import patient_workspace

Objects = dict[str, Any]


def utc_now() -> datetime:
    return datetime.now(UTC)


class Stage:
    """A broken Onyx full of canaries, and the service that diagnoses it."""

    def __init__(self, cluster: SimulatedCluster, folder: Path) -> None:
        self.folder = folder
        self.cluster = cluster
        self.kubeconfig = str(cluster.write_kubeconfig(folder / "kubeconfig"))
        self.reader = connect_reader(load_settings(kubeconfig=self.kubeconfig))
        self.playbooks = shipped_playbooks()
        self.boundary = Boundary()
        self.service = TriageService(lambda: self.playbooks, lambda: self.reader, self.boundary)

    def request(self) -> TriageRequest:
        return TriageRequest("onyx", "onyx", self.service.match(canaries.paste(), "onyx"))

    def diagnosis(self) -> Diagnosis:
        found = self.service.diagnose(self.request(), lambda _: None)
        assert isinstance(found, Diagnosis)
        return found


@pytest.fixture(scope="module")
def staged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    folder = tmp_path_factory.mktemp("canaries")
    with SimulatedCluster() as cluster:
        cluster.inject("api-crash-looping")
        plant(cluster, folder)
        yield Stage(cluster, folder)


def test_what_is_read_is_full_of_canaries(staged: Stage) -> None:
    """Otherwise all other tests here would prove nothing."""
    app = staged.service.app("onyx")
    raw: View = staged.service.collect(app, "onyx", staged.reader, lambda _: None)
    assert len(canaries.found_in(raw.model_dump_json())) > 10
    assert f"{MARK}s3" not in raw.model_dump_json(), "what is in a Secret is not even read"
    redacted = redact_view(raw, Boundary().redactor())
    assert_none("the redacted view", redacted.model_dump_json())
    assert len(canaries.found_in(canaries.paste())) > 5


def test_no_canary_is_in_the_diagnosis(staged: Stage) -> None:
    found = staged.diagnosis()
    cost = staged.service.cost()
    assert_none("the JSON", json.dumps(diagnosis_report(found, cost), ensure_ascii=False))
    assert_none("the text", diagnosis_text(found, cost, every_check=True))
    assert_none("the object itself", repr(found))
    assert found.hidden["url-password"] >= 1
    assert "Hidden" in diagnosis_text(found, cost)


def test_no_canary_is_in_a_snapshot(staged: Stage) -> None:
    seen = staged.service.look(staged.request(), lambda _: None)
    taken = Snapshot("onyx", seen.view, "1", utc_now(), seen.redactor.hidden)  # type: ignore[union-attr]
    packed = encode_snapshot(taken, compress=True)
    assert_none("the snapshot", gzip.decompress(packed))
    assert_none("its report", snapshot_text(taken, "file", len(packed)))


def test_no_canary_is_in_slack_the_database_or_the_logs(staged: Stage) -> None:
    store = open_store(f"sqlite:///{staged.folder / 'triage.db'}", utc_now)
    with logged(staged.boundary) as said, patient_workspace() as place:
        bot = make_bot(place, staged.service, store, clock=utc_now)
        bot.connect()
        try:
            _talk(place)
        finally:
            bot.close(5)
        assert_none_in_slack(place)
        assert "‹" in str(place.calls), "there was something to hide"
        assert len([call for call in place.calls if call.method.startswith("chat.")]) >= 2
    incidents = store.incidents.open_incidents()
    assert incidents
    for incident in incidents:
        view = store.incidents.view_of(incident.id)
        assert view is not None
        assert_none("the view in the database", gzip.decompress(view))
    store.close()
    for part in sorted(staged.folder.glob("triage.db*")):
        assert_none(f"the database file {part.name}", part.read_bytes())
    assert said.getvalue()
    assert_none("the logs", said.getvalue())


def _talk(place: Workspace) -> None:
    """A paste, its card, the details, and a message nobody understands."""
    ts = place.post_message(INCIDENTS, f"```{canaries.paste()}```")

    def card() -> list[Objects]:
        mine = [one for one in place.messages(INCIDENTS, ts) if one.get("bot_id") == place.bot_id]
        return [one for one in mine if "Fault found" in one["text"]]

    assert place.wait_for(card), "no card"
    elements = [item for block in card()[-1]["blocks"] for item in block.get("elements", ()) if "action_id" in item]
    details = next(item["action_id"] for item in elements if "details" in item["action_id"])
    place.click(INCIDENTS, card()[-1]["ts"], details)
    assert place.wait_for(lambda: any("kubectl" in str(view["blocks"]) for view in place.views(ONCALL)))
    place.slash_command("/triage", f"what is {canaries.url()}", channel=INCIDENTS)
    assert place.wait_for(lambda: place.in_flight == 0)


def test_no_canary_reaches_a_model(staged: Stage) -> None:
    with model_server(says({"sentences": [], "symptom": "none", "why": "", "lines": []})) as server:
        model = ChatModel(ModelSettings(server.url, "small-1"), MemoryBudget())
        wording = Wording(model, staged.boundary, lambda: "delimiter-1")
        wording.explain(staged.diagnosis())
        wording.resembling(canaries.paste(), staged.playbooks)
        with pytest.raises(DraftRejected):
            wording.draft(canaries.paste(), "onyx", staged.playbooks)
        model.close()
        _assert_asked(server)


def _assert_asked(server: ModelServer) -> None:
    sent = [json.dumps(request.body, ensure_ascii=False) for request in server.requests]
    assert len(sent) == 4
    assert_none("what the model was sent", sent)
    assert all("‹" in one for one in sent), "there was something to hide"


def test_no_secret_object_is_ever_asked_for(staged: Stage) -> None:
    staged.diagnosis()
    reads = [seen.path for seen in staged.cluster.requests if seen.method == "GET"]
    assert any("/configmaps" in path for path in reads)
    assert [path for path in reads if "/secrets" in path] == []
