"""Secrets that are planted where a change looks, types and fails surface in no outlet of it: answers, database, audit,
logs, command line, Slack, metrics, readiness, doctor.

Everything is the real thing, but for an admission webhook whose words the simulated cluster cannot say (`Webhook`).
"""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from argparse import Namespace
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.adapters.metrics.prometheus import PrometheusMeasures
from bot.bootstrap.doctor import Doctor, lenient_boundary
from bot.bootstrap.pages import Pages
from bot.changes.ports import ClusterWriter, Impersonation, Preview
from bot.changes.results import Previewed, Refusal, Undoing
from bot.cli.apply import Bench, apply
from bot.cli.arguments import build_parser
from bot.cli.output import print_error
from bot.domain.changes import ChangeState, Write
from bot.domain.errors import StoreError, TriageError, UsageError, WriteRefused
from bot.domain.remedies import Step, StepKind
from bot.redaction import Boundary
from bot.runtime import doctor
from bot.runtime.readiness import Probes
from bot.sandbox.workspace.state.seed import INCIDENTS, ONCALL
from bot.settings import load_settings
from tests import canaries
from tests.canaries import MARK, assert_none, assert_none_in_slack
from tests.contract.kube.simulated_cluster_client import API as CORE
from tests.contract.kube.simulated_cluster_client import STRATEGIC_PATCH, Api
from tests.scenario.changing import BEN, Stage, person, stage
from tests.scenario.planted import logged, plant
from tests.scenario.slack_changing import scene

pytestmark = pytest.mark.slow

WORDS = f"admission webhook denied the request: cannot reach {canaries.url('policy-db:5432')}"
TYPED = (f"password={MARK}typed1", canaries.url(), f"Bearer {MARK}.typed.3", canaries.aws_key())


class Webhook:
    """A writer to a cluster whose admission webhook objects, in words with a secret: to dry runs, or to writes."""

    def __init__(self, writer: ClusterWriter, objects_to: str) -> None:
        self._writer, self._objects_to = writer, objects_to

    def __getattr__(self, name: str) -> Any:
        return getattr(self._writer, name)

    def preview(self, acting_as: Impersonation | None, write: Write) -> Preview:
        if self._objects_to == "preview":
            raise WriteRefused(WORDS, "Ask whoever runs the webhook.")
        seen = self._writer.preview(acting_as, write)
        return Preview(seen.write, seen.before, seen.after, (*seen.warnings, WORDS))

    def apply(self, acting_as: Impersonation | None, write: Write, change_id: str) -> None:
        if self._objects_to == "apply":
            raise WriteRefused(WORDS, "Ask whoever runs the webhook.")
        self._writer.apply(acting_as, write, change_id)


@pytest.fixture
def broken(tmp_path: Path) -> Iterator[Stage]:
    """An Onyx that is killed for memory, full of canaries, and a database in a file."""
    with stage("api-oom-killed", tmp_path, url=f"sqlite:///{tmp_path / 'triage.db'}") as made:
        plant(made.cluster, tmp_path)
        yield made


def assert_nothing_is_kept(made: Stage) -> None:
    """Neither the tables nor the files of the database, the audit included, hold a canary."""
    assert made.store.audit.entries()
    assert_none("the audit", (str(entry) for entry in made.store.audit.entries()))
    files = sorted(made.folder.glob("triage.db*"))
    assert files
    for part in files:
        assert_none(f"the database file {part.name}", part.read_bytes())


def test_a_change_from_its_preview_to_its_undo(broken: Stage) -> None:
    with logged(Boundary()) as said:
        logging.getLogger("bot").info("listening to %s", canaries.url())
        service = broken.another(writer=lambda _: Webhook(broken.writer, "nothing"))
        offered = broken.offered("raise_memory")
        seen = service.preview(offered.id, person(), {"memory_limit": "3Gi"})
        assert isinstance(seen, Previewed), seen
        assert any(str(field).endswith("1Gi → 3Gi") for field in seen.fields[0])
        assert "‹url-password:1›" in seen.warnings[-1]
        assert_none("the preview", [str(field) for step in seen.fields for field in step] + list(seen.warnings))
        service.request(offered.id, person(), seen.change.digest)
        done = broken.until_done(offered.id, service)
        assert done.state is ChangeState.FIXED, done.outcome
        undone = service.undo(offered.id, person(BEN))
        assert isinstance(undone, Undoing), undone
        broken.until_done(undone.change.id, service)
    assert "‹url-password:1›" in said.getvalue()
    assert_none("the logs", said.getvalue())
    assert_nothing_is_kept(broken)


@pytest.mark.parametrize("typed", TYPED, ids=["assignment", "url", "bearer", "aws key"])
def test_what_a_person_types(broken: Stage, typed: str) -> None:
    answer = broken.service.preview(broken.offered("raise_memory").id, person(), {"memory_limit": typed, typed: "1"})
    assert isinstance(answer, Refusal)
    assert answer.code == "wrong_value"
    assert_none("the refusal", str(answer))
    answer = broken.service.preview(broken.offered("raise_memory").id, person(), {"memory_limit": typed})
    assert isinstance(answer, Refusal)
    assert "‹" in answer.sentence
    assert_none("the refusal", str(answer))
    assert len(broken.store.audit.entries()) >= 3
    assert_nothing_is_kept(broken)


def test_what_the_cluster_says_when_it_refuses_a_dry_run(broken: Stage) -> None:
    service = broken.another(writer=lambda _: Webhook(broken.writer, "preview"))
    answer = service.preview(broken.offered("raise_memory").id, person())
    assert isinstance(answer, Refusal)
    assert answer.sentence.startswith("The cluster would refuse it. admission webhook denied the request")
    assert_none("the refusal", str(answer))
    assert_nothing_is_kept(broken)


def test_what_the_cluster_says_when_it_refuses_the_write(broken: Stage) -> None:
    service = broken.another(writer=lambda _: Webhook(broken.writer, "apply"))
    told: list[str] = []
    service.watch(lambda change: told.append(change.outcome))
    change = broken.previewed("raise_memory")
    answer = service.request(change.id, person(), change.digest)
    assert not isinstance(answer, Refusal)
    assert answer.change.state is ChangeState.FAILED
    assert "admission webhook denied the request" in answer.sentence
    assert_none("the answer", [str(answer), *told])
    assert_nothing_is_kept(broken)


def test_a_config_value_that_holds_a_secret_is_left_alone_and_not_kept(tmp_path: Path) -> None:
    with stage("internal-url-wrong", tmp_path, url=f"sqlite:///{tmp_path / 'triage.db'}") as made:
        offered = made.offered("set_config")
        (name,) = {step.target.split("/")[1] for step in offered.remedy.steps if step.target.startswith("configmap/")}
        key = next(iter(offered.remedy.patch["data"]))
        patch = {"data": {key: f"http://svc:{MARK}c0@nowhere:8080"}}
        api = Api(made.cluster, tmp_path, "admin")
        done = api("PATCH", f"{CORE}/configmaps/{name}", patch, headers={"Content-Type": STRATEGIC_PATCH})
        assert done.status == 200
        answer = made.service.preview(offered.id, person())
        assert isinstance(answer, Refusal)
        assert "looks like a secret: Triage keeps no such values" in answer.sentence
        assert_none("the refusal", str(answer))
        assert_nothing_is_kept(made)
        for value in (f"http://svc:{MARK}c1@api-server:8080", "http://svc:‹url-password:1›@api-server:8080"):
            step = Step(StepKind.PATCH, f"configmap/{name}", {"data": {"OTHER_URL": value}})
            with pytest.raises(WriteRefused, match="OTHER_URL, whose value looks like a secret"):
                made.writer.prepare(step, "onyx", "")


# ---------------------------------------------------------------------- the command line


def applied(made: Stage, capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """Everything that `triage apply` prints, errors included."""
    settings = load_settings(kubeconfig=str(made.folder / "kubeconfig"), state=made.folder / "state")
    arguments: Namespace = build_parser().parse_args(["apply", words[0], "onyx", *words[1:], "-n", "onyx"])
    bench = Bench(settings, lambda app, place: made.diagnose("", app, place), made.cluster.now, made.cluster.advance)
    try:
        apply(arguments, bench, arguments.namespace, made.diagnose)
    except TriageError as error:
        print_error(error, as_json=arguments.output == "json")
    out, err = capsys.readouterr()
    return f"{out}{err}"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("raise-memory-api",), "1Gi → 2Gi"),
        (("raise-memory-api", "-o", "json", "--yes"), '"state": "fixed"'),
        (("raise-memory-api", "--set", f"memory_limit={TYPED[0]}"), "‹password:1›"),
        (("raise-memory-api", "--set", TYPED[2]), "names no value"),
        ((canaries.url(),), "‹url-password:1›"),
    ],
    ids=["preview", "apply", "typed value", "typed nonsense", "typed remedy"],
)
def test_the_command_line(broken: Stage, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], says: str) -> None:
    said = applied(broken, capsys, *words)
    assert says in said
    assert_none("triage apply", said)
    for part in (broken.folder / "state").glob("triage.db*"):
        assert_none(f"its database file {part.name}", part.read_bytes())


def test_an_error_on_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    for as_json in (True, False):
        print_error(UsageError(f"{WORDS}.", f"Try {canaries.url()}."), as_json=as_json)
        out, err = capsys.readouterr()
        assert "‹url-password:1›" in err
        assert ("‹url-password:" in out) is as_json
        assert_none("an error", out + err)


SITE = """\
schema: triage/redaction/v1
kind: redaction
rules:
  - id: badge
    pattern: '\\bACME-([0-9A-Z]{11,14})\\b'
    cases:
      - {text: 'badge ACME-12345678901 refused', hides: ['12345678901']}
      - {text: 'ticket ACME-42', hides: []}
"""


@pytest.mark.parametrize("variable", ["TRIAGE_REDACTION", "TRIAGE_CONFIG"])
def test_the_rules_of_the_site_count_for_match_too(tmp_path: Path, variable: str) -> None:
    site, config = tmp_path / "site.yaml", tmp_path / "settings.yaml"
    site.write_text(SITE)
    config.write_text(f"redaction: {site}\n")
    done = subprocess.run(
        [sys.executable, "-m", "bot", "match", "-o", "json"],
        input=f"Error: connect ECONNREFUSED 172.30.154.48:8080 badge ACME-{MARK}\n",
        env={"LC_ALL": "C.UTF-8", variable: str(site if variable == "TRIAGE_REDACTION" else config)},
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert "ACME-‹badge:1›" in done.stdout, done.stderr
    assert_none("triage match", done.stdout + done.stderr)


# ---------------------------------------------------------------------- Slack


def test_every_message_and_form_in_slack(tmp_path: Path) -> None:
    with logged(Boundary()) as said, scene("api-oom-killed", tmp_path, url=f"sqlite:///{tmp_path}/triage.db") as made:
        plant(made.stage.cluster, tmp_path)
        made.stage.writer = Webhook(made.stage.writer, "apply")  # type: ignore[assignment]
        ts = made.workspace.post_message(INCIDENTS, f"```{canaries.paste()}```")
        card = made.shows(ts, "Fault found", "change_look_0")
        assert "‹url-password" in str(made.previewed(card))
        made.submitted(memory_limit=TYPED[0])
        assert "‹password:1›" in str(made.modal(ONCALL, "is not an amount of memory"))
        made.submitted(memory_limit="3Gi")
        made.modal(ONCALL, "1Gi → 3Gi")
        made.submitted()
        made.modal(ONCALL, "admission webhook denied the request")
        made.shows(ts, "admission webhook denied the request")
        made.quiet()
        assert_none_in_slack(made.workspace)
        assert made.stage.refusals(made.change("raise_memory", made.incident().id).id) == ["wrong_value"]
        assert_nothing_is_kept(made.stage)
    assert_none("the logs", said.getvalue())


# ---------------------------------------------------------------------- operations


def test_metrics_and_readiness() -> None:
    measures = PrometheusMeasures("1", Boundary())
    for text in (*TYPED, WORDS):
        measures.symptom(text)
        measures.diagnosis(text, "fault_found", 1, gaps=1)
        measures.refusal(text)
        measures.slack_error(text)
        measures.cluster_error(text)
        measures.job_ran(text, 1, failed=True)
        measures.job_skipped(text)
        measures.step(text, 1)
        measures.change(text)
        measures.approval(text)
    page = measures.expose().decode()
    assert "‹url-password›" in page
    assert_none("the metrics", page)
    pages = Pages(None, measures, Boundary())
    pages.started(
        Probes({"database": lambda: WORDS}, {"jobs": lambda: f"digest: {TYPED[0]}"}), lambda: f"lost: {TYPED[0]}"
    )
    found = pages.readiness()
    assert not found.ready
    assert_none("readiness", str(found))
    assert "‹" in found.reasons["database"]
    assert "‹" in found.notes["jobs"]


def test_the_doctor(tmp_path: Path) -> None:
    (tmp_path / "monitors").mkdir()
    (tmp_path / "monitors" / "m.yaml").write_text(f"kind: monitors\nmonitors: [{{{TYPED[1]}: 1}}]\n")
    (tmp_path / "policy.yaml").write_text(f"schema: triage/policy/v1\nkind: policy\nroles: {{'{TYPED[0]}': 7}}\n")
    settings = load_settings(
        state=tmp_path / "state",
        kubeconfig=str(tmp_path / "nowhere"),
        monitors=tmp_path / "monitors",
        policy=tmp_path / "policy.yaml",
        redaction=tmp_path / "absent.yaml",
        database=f"postgresql://triage:{MARK}pw@127.0.0.1:9/triage",
        slack_bot_token=f"xoxb-{MARK}-1",
        slack_app_token=f"xapp-{MARK}-1",
        slack_api_url="http://127.0.0.1:9/api/",
        model_url=f"http://u:{MARK}m1@127.0.0.1:9/v1",
        model_name="small-1",
    )

    def failing() -> Any:
        raise StoreError(WORDS, f"Look at {canaries.url()}.")

    boundary = lenient_boundary(settings)
    checks = {**Doctor(settings, lambda: datetime.now(UTC), boundary=boundary).checks(), "webhook": failing}
    results = doctor.examine(checks, boundary)
    failed = {item.name for item in results if item.status is doctor.Status.FAILED}
    assert {"slack", "database", "monitors", "policy", "redaction", "webhook"} <= failed
    assert_none("the doctor", doctor.text(results))
    assert_none("the doctor's JSON", json.dumps(doctor.report(results), ensure_ascii=False))
