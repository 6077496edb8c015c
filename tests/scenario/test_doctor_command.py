"""`triage doctor` against a Slack-like workspace, a simulated cluster and a real database, well and broken."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.bootstrap.clusters import Clusters
from bot.bootstrap.doctor import Doctor
from bot.bootstrap.storage import open_storage
from bot.cli import main
from bot.domain.errors import UsageError
from bot.runtime.doctor import Result, Status, examine
from bot.sandbox.account import ACCOUNT, grant_rights, rbac_folder
from bot.sandbox.cluster import SimulatedCluster
from bot.sandbox.workspace.state.seed import WorkspaceConfig
from bot.sandbox.workspace.workspace import Workspace
from bot.settings import Settings, load_settings
from tests.support.workspaces import patient_workspace

MONITORS = """kind: monitors
monitors:
  - {id: onyx, app: onyx, namespace: onyx, channel: C0000000001}
"""
POLICY = Path(__file__).parents[2] / "deploy" / "policy" / "policy.yaml"


def bind(role: str, namespace: str) -> str:
    return f"kubectl create rolebinding triage-{role} -n {namespace} --clusterrole=triage-{role} --group=triage:{role}"


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture(scope="module")
def workspace() -> Iterator[Workspace]:
    with patient_workspace() as running:
        yield running


@pytest.fixture(scope="module")
def kubeconfigs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str, str]]:
    """Of an administrator, of nobody, and of the bot's own account."""
    folder = tmp_path_factory.mktemp("cluster")
    with SimulatedCluster() as cluster:
        grant_rights(cluster, rbac_folder(), ("onyx",))
        yield (
            str(cluster.write_kubeconfig(folder / "admin")),
            str(cluster.write_kubeconfig(folder / "nobody", "nobody")),
            str(cluster.write_kubeconfig(folder / "bot", ACCOUNT)),
        )


@pytest.fixture
def settings(workspace: Workspace, kubeconfigs: tuple[str, str, str], tmp_path: Path) -> Settings:
    (tmp_path / "monitors").mkdir()
    (tmp_path / "monitors" / "m.yaml").write_text(MONITORS)
    return load_settings(
        slack_bot_token=workspace.bot_token,
        slack_app_token=workspace.app_token,
        slack_api_url=workspace.api_url,
        kubeconfig=kubeconfigs[0],
        state=tmp_path / "state",
        monitors=tmp_path / "monitors",
        policy=POLICY,
    )


def changed(settings: Settings, **fields: Any) -> Settings:
    """The same settings, but for these; checked like all others."""
    given = {name: value for name, value in dict(settings).items() if value is not None}
    return load_settings(**{**given, **fields})


def results(settings: Settings, *only: str, **doctor: Any) -> dict[str, Result]:
    """The results of these checks (or of all), by name."""
    checks = Doctor(settings, doctor.pop("clock", now), **doctor).checks()
    return {item.name: item for item in examine({name: checks[name] for name in only or checks})}


def test_everything_is_well(settings: Settings) -> None:
    open_storage(settings, now).close()
    found = results(settings)
    states = {name: item.status for name, item in found.items() if item.status is not Status.OK}
    assert states == {"policy": Status.WARNING, "model": Status.NOT_CONFIGURED, "field guard": Status.NOT_CONFIGURED}, (
        found
    )
    assert found["slack"].sentence.startswith("The bot token is @")
    assert found["monitors"].sentence == "1 monitors, 0 digests."
    assert found["rights in onyx"].status is Status.OK
    assert found["changes in onyx"].sentence == "The cluster lets these roles change deployments: admin, operator."
    assert found["audit chain"].status is Status.OK


@pytest.mark.parametrize(
    ("fields", "name", "words"),
    [
        ({"slack_bot_token": "xoxb-wrong"}, "slack", "Slack does not accept the bot token (invalid_auth)."),
        ({"slack_app_token": "xapp-wrong"}, "socket mode", "Slack does not accept the app-level token (invalid_auth)."),
        ({"slack_api_url": "http://127.0.0.1:9/api/"}, "slack", "Slack cannot be reached at http://127.0.0.1:9/api/"),
        ({"kubeconfig": "/nowhere"}, "cluster", "No kubeconfig was found at /nowhere."),
        ({"database": "sqlite:////proc/nowhere/triage.db"}, "database", ""),
        ({"database": "postgresql://triage:geheim@127.0.0.1:9/triage"}, "database", ""),
        ({"policy": Path("/nowhere")}, "policy", ""),
        ({"monitors": Path("/nowhere")}, "monitors", "The monitors have 1 mistake."),
        ({"playbooks": Path("/nowhere")}, "playbooks", "The playbooks have 1 mistake."),
        ({"model_url": "http://127.0.0.1:9/v1"}, "model", "The model is half configured: TRIAGE_MODEL is missing."),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else None,
)
def test_what_is_broken_fails_with_what_to_do(
    settings: Settings, fields: dict[str, Any], name: str, words: str
) -> None:
    (found,) = results(changed(settings, **fields), name).values()
    assert found.status is Status.FAILED
    assert words in found.sentence
    assert found.remedy
    assert "geheim" not in str(found)


def test_a_clock_an_hour_off_is_told(settings: Settings) -> None:
    found = results(settings, "cluster", "slack", clock=lambda: now() + timedelta(hours=1))
    assert found["clock (cluster)"].status is Status.FAILED
    assert "ahead of theirs" in found["clock (cluster)"].sentence


def test_a_missing_scope_is_told(settings: Settings) -> None:
    with patient_workspace(config=WorkspaceConfig(scopes=("chat:write",))) as poor:
        found = results(changed(settings, slack_api_url=poor.api_url, slack_bot_token=poor.bot_token), "slack")
    assert found["slack scopes"].status is Status.FAILED
    assert "users:read" in found["slack scopes"].sentence


def test_missing_rights_come_with_the_role_to_apply(settings: Settings, kubeconfigs: tuple[str, str, str]) -> None:
    found = results(changed(settings, kubeconfig=kubeconfigs[1]), "cluster rights", namespaces=("onyx",))
    assert found["rights in onyx"].status is Status.WARNING
    assert "kind: RoleBinding" in found["rights in onyx"].detail


@pytest.mark.parametrize(
    ("who", "namespace", "words", "to_apply"),
    [
        (2, "onyx", "lets these roles change deployments: admin, operator.", ()),
        (2, "default", "The policy lets no role change anything there.", ()),
        (
            2,
            "onyx-2",
            "does not let the role admin change deployments in onyx-2. The cluster does not let the role operator",
            (
                "kubectl apply -f deploy/rbac/roles.yaml",
                bind("admin", "onyx-2"),
                bind("operator", "onyx-2"),
            ),
        ),
        (1, "onyx", "The bot may not act in this role", ("kubectl apply -f deploy/rbac/impersonation.yaml",)),
    ],
)
def test_the_doctor_says_whether_the_bot_can_act_and_what_to_apply(
    settings: Settings,
    kubeconfigs: tuple[str, str, str],
    who: int,
    namespace: str,
    words: str,
    to_apply: tuple[str, ...],
) -> None:
    shown = results(changed(settings, kubeconfig=kubeconfigs[who]), "cluster changes", namespaces=(namespace,))
    found = shown[f"changes in {namespace}"]
    assert words in found.sentence
    assert found.status is (Status.WARNING if to_apply else Status.OK)
    assert found.detail.splitlines()[: len(to_apply)] == list(to_apply)


def test_without_a_policy_nobody_is_asked_whether_the_bot_can_act(settings: Settings) -> None:
    assert "cluster changes" not in Doctor(changed(settings, policy=None), now).checks()


def test_a_database_of_a_newer_version_is_told_and_left_alone(settings: Settings) -> None:
    store = open_storage(settings, now)
    with store.database.write() as transaction:
        transaction.connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    store.close()
    found = results(settings, "database")["database"]
    assert found.status is Status.FAILED
    assert "newer" in found.sentence


@pytest.mark.slow
def test_the_doctor_makes_nothing(settings: Settings) -> None:
    results(settings)
    assert not settings.state.exists()


@pytest.mark.slow
def test_the_command_prints_json_and_its_exit_code_says_whether_something_failed(
    kubeconfigs: tuple[str, str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "settings.yaml"
    config.write_text(f"state: {tmp_path / 'state'}\n")
    words = ["doctor", "--config", str(config), "--kubeconfig", kubeconfigs[0], "-n", "onyx", "-o", "json"]
    assert main(words) == 0
    shown = json.loads(capsys.readouterr().out)
    assert (shown["schema"], shown["ok"]) == ("triage/v1", True)
    config.write_text(f"state: {tmp_path / 'state'}\nmonitors: {tmp_path / 'nowhere'}\n")
    assert main(words[:-2]) == 1
    assert "FAILED   monitors" in capsys.readouterr().out
    config.write_text("stat: x\n")
    assert main(words[:-2]) == 3
    assert "did you mean `state`?" in capsys.readouterr().err


def test_each_of_several_clusters_is_looked_at_and_can_be_asked_for(
    settings: Settings, kubeconfigs: tuple[str, str, str]
) -> None:
    clusters = ({"name": "eu", "kubeconfig": kubeconfigs[0]}, {"name": "us", "kubeconfig": kubeconfigs[1]})
    several = changed(settings, clusters=clusters)
    found = results(several, "cluster eu", "cluster us")
    assert (found["cluster eu"].status, found["cluster us"].status) == (Status.OK, Status.OK)
    readers = Clusters(several)
    assert readers.names == ("eu", "us")
    assert "onyx" in readers.reader("eu")().namespaces()
    with pytest.raises(UsageError, match=r"There is no cluster “moon”\. Say one of these: eu, us\."):
        readers.reader("moon")


def test_run_takes_the_same_settings_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = tmp_path / "settings.yaml"
    config.write_text("wrokers: 4\n")
    assert main(["run", "--config", str(config)]) == 3
    assert "did you mean `workers`?" in capsys.readouterr().err
