"""A snapshot holds the redacted view, replays to the identical diagnosis, and a file that is none says what to do."""

import gzip
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.diagnosis.ports import ListRequest, TriageRequest
from bot.diagnosis.report import diagnosis_report
from bot.diagnosis.service import RedactedView, TriageService
from bot.diagnosis.snapshot import (
    SCHEMA,
    Snapshot,
    SnapshotRejected,
    decode_snapshot,
    encode_snapshot,
    snapshot_report,
    snapshot_text,
)
from bot.domain.diagnosis import Cost, Diagnosis
from bot.domain.facts import Gap, GapReason
from bot.domain.kubernetes import EnvVar, Event, Workload
from bot.domain.view import ContainerLog, DetailRequest, HealthAnswer, View
from bot.redaction import Hidden
from tests.support.shipped import shipped_playbooks

VIEWS = Path(__file__).parents[2] / "views"
NOW = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)
CANARIES = ("hunter2canary", "Zx81canaryDEFghi", "s3cr3tcanary", "canary0123456789abcdef")
PASTE = """\
Error: connect ECONNREFUSED 172.30.154.48:8080 password=hunter2canary
    at TCPConnectWrap.afterConnect token=pasted0nlyCanary7
  code: 'ECONNREFUSED', address: '172.30.154.48', port: 8080
"""
playbooks = shipped_playbooks


class SavedReader:
    """A cluster that looks like a saved view: the first look shows the objects, the second everything."""

    cluster = "lab"
    default_namespace = ""

    def __init__(self, view: View) -> None:
        self.view = view

    def namespaces(self) -> list[str]:
        return [self.view.namespace]

    def workloads_everywhere(self) -> tuple[Workload, ...]:
        return self.view.deployments

    def list_resources(self, _request: ListRequest) -> View:
        return self.view.model_copy(update={"logs": (), "health": (), "foreign_services": ()})

    def fetch_details(self, view: View, _wanted: DetailRequest) -> View:
        return self.view.model_copy(update={"release": view.release})

    def cost(self) -> Cost:
        return Cost(12, 0.3)


def recorded(name: str) -> Snapshot:
    return decode_snapshot((VIEWS / f"{name}.json.gz").read_bytes(), name)


def with_secrets(view: View) -> View:
    """The view with a canary in a log, an event, an annotation, a variable, an argument, a health answer and a gap."""
    deployment = view.deployments[0]
    template = deployment.spec.template
    container = template.spec.containers[0].model_copy(
        update={
            "env": (EnvVar(name="DB_PASSWORD", value=CANARIES[2]), *template.spec.containers[0].env),
            "args": ("--api-key", CANARIES[1], "--port", "8080"),
        }
    )
    spec = template.spec.model_copy(update={"containers": (container,)})
    metadata = deployment.metadata.model_copy(update={"annotations": {"example.com/api-token": CANARIES[1]}})
    changed = deployment.model_copy(
        update={
            "metadata": metadata,
            "spec": deployment.spec.model_copy(
                update={"template": template.model_copy(update={"spec": spec})},
            ),
        }
    )
    log = view.logs[0]
    return view.model_copy(
        update={
            "deployments": (changed, *view.deployments[1:]),
            "logs": (log.model_copy(update={"text": f"{log.text}\npassword=hunter2canary\n"}), *view.logs[1:]),
            "events": (
                *view.events,
                Event(reason="Failed", message=f"pull of https://u:{CANARIES[2]}@registry/x failed"),
            ),
            "health": (*view.health, HealthAnswer(target="pod/x", port="1", path="/", detail=f"token={CANARIES[3]}")),
            "gaps": {"nodes": Gap(GapReason.FAILED, "nodes", f"Authorization: Bearer {CANARIES[3]}")},
        }
    )


def service_on(view: View) -> TriageService:
    reader = SavedReader(view)
    return TriageService(playbooks, lambda: reader)


def seen(service: TriageService, namespace: str) -> RedactedView:
    found = service.look(TriageRequest("onyx", namespace), lambda _: None)
    assert isinstance(found, RedactedView)
    return found


def saved(found: RedactedView) -> bytes:
    return encode_snapshot(Snapshot("onyx", found.view, "1.2.3", NOW, found.redactor.hidden), compress=True)


@pytest.mark.parametrize("name", ["oom", "chart-postgres", "healthy", "node-lost", "url-stale"])
@pytest.mark.parametrize("paste", ["", PASTE])
def test_a_replay_says_what_the_live_diagnosis_said_and_neither_shows_a_secret(name: str, paste: str) -> None:
    view = with_secrets(recorded(name).view)
    service = service_on(view)
    symptoms = service.match(paste, "onyx") if paste else ()
    live = service.diagnose(TriageRequest("onyx", view.namespace, symptoms), lambda _: None)
    data = saved(seen(service, view.namespace))
    replayed = service.replay(decode_snapshot(data, "it").view, TriageRequest("onyx", view.namespace, symptoms))
    assert isinstance(live, Diagnosis)
    texts = [json.dumps(diagnosis_report(item, Cost()), ensure_ascii=False) for item in (live, replayed)]
    # A secret of the paste that is also in the view is known live; a replay, which has no secrets, counts it as new.
    assert _without_numbers(texts[0]) == _without_numbers(texts[1])
    if not paste:
        assert texts[0] == texts[1]
    shown = texts[0] + texts[1] + gzip.decompress(data).decode()
    assert [canary for canary in (*CANARIES, "pasted0nlyCanary7") if canary in shown] == []


def _without_numbers(text: str) -> str:
    head, *rest = text.split("‹")
    return head + "".join(part.partition(":")[0] + part.partition("›")[2] for part in rest)


def test_what_was_hidden_is_in_the_header_and_in_what_is_printed() -> None:
    found = seen(service_on(with_secrets(recorded("oom").view)), "onyx-oom")
    snapshot = decode_snapshot(saved(found), "it")
    assert snapshot.hidden == found.redactor.hidden
    assert snapshot.hidden["url-password"] == Hidden(1, 2), "the variable and the URL have the same password"
    report = snapshot_report(snapshot, "f.json", 2048)
    assert report["hidden"]["url-password"] == {"secrets": 1, "places": 2}
    assert report["objects"]["pods"] == len(found.view.pods)
    assert report["gaps"] == [gap.sentence() for gap in found.view.gaps.values()]
    text = snapshot_text(snapshot, "f.json", 2048)
    assert "1 × url-password in 2 places" in text
    assert "triage diagnose onyx --snapshot f.json" in text


def test_a_view_without_secrets_is_not_copied() -> None:
    view = recorded("oom").view
    assert seen(service_on(view), view.namespace).view.pods is view.pods


def test_tokens_of_an_older_redaction_are_not_given_again() -> None:
    view = recorded("oom").view
    log = ContainerLog(pod="p", container="c", text="password=‹password:4›")
    first = seen(service_on(view.model_copy(update={"logs": (log,)})), view.namespace)
    assert first.redactor.text("password=other9") == "password=‹password:5›"


def test_packed_or_not_it_reads_the_same() -> None:
    snapshot = recorded("oom")
    assert decode_snapshot(encode_snapshot(snapshot, compress=False), "it") == snapshot
    assert decode_snapshot(encode_snapshot(snapshot, compress=True), "it") == snapshot
    assert encode_snapshot(snapshot, compress=True) == encode_snapshot(snapshot, compress=True)


def test_lone_surrogates_and_controls_survive() -> None:
    snapshot = recorded("oom")
    log = ContainerLog(pod="p", container="c", text="caf\u00e9 \x00 \x1b[0m \U0001f600")
    odd = replace(snapshot, view=snapshot.view.model_copy(update={"logs": (log,)}))
    assert decode_snapshot(encode_snapshot(odd, compress=False), "it") == odd


def document(**changes: Any) -> bytes:
    whole = json.loads(gzip.decompress((VIEWS / "healthy.json.gz").read_bytes()))
    return json.dumps({key: value for key, value in {**whole, **changes}.items() if value is not None}).encode()


@pytest.mark.parametrize(
    ("data", "message", "remedy"),
    [
        (lambda: b"", "it is not JSON", "Take it again"),
        (lambda: b"not json", "it is not JSON", "Take it again"),
        (lambda: b"[" * 100_000, "it is not JSON", "Take it again"),
        (lambda: b"[1, 2]", "is no snapshot", "Take it again"),
        (lambda: b'{"kind": "List"}', "its schema is not", "Take it again"),
        (lambda: (VIEWS / "healthy.json.gz").read_bytes()[:3000], "it cannot be unpacked", "Take it again"),
        (lambda: b"\x1f\x8bnonsense", "it cannot be unpacked", "Take it again"),
        (lambda: document(schema="triage/snapshot/v9", version="7.0.0"), "by version 7.0.0", "Upgrade"),
        (lambda: document(view=None), "is not a whole snapshot", "Take it again"),
        (lambda: document(view={"cluster": "x"}), "namespace cannot be understood", "Take it again"),
        (
            lambda: document(view={"cluster": "x", "namespace": "y", "collectedAt": "z"}),
            "collectedAt cannot",
            "Take it",
        ),
        (lambda: document(created_at="yesterday"), "is not a whole snapshot", "Take it again"),
        (lambda: document(app="shop"), "is a snapshot of shop, not of onyx", "triage diagnose shop"),
    ],
)
def test_a_file_that_cannot_be_used_says_why_and_what_to_do(
    data: Callable[[], bytes], message: str, remedy: str
) -> None:
    with pytest.raises(SnapshotRejected) as caught:
        decode_snapshot(data(), "it.json", "onyx")
    assert caught.value.message.startswith("it.json")
    assert message in caught.value.message
    assert remedy in caught.value.remedy


def test_the_header_says_what_it_is() -> None:
    whole = json.loads(encode_snapshot(recorded("oom"), compress=False))
    assert whole["schema"] == SCHEMA
    assert whole["app"] == "onyx"
    assert list(whole) == ["schema", "app", "version", "created_at", "hidden", "view"]
