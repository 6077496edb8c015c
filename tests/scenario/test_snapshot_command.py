"""`triage snapshot` and `triage diagnose --snapshot` as a person types them, on the simulated cluster over HTTP."""

import json
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.cli import main
from bot.sandbox.cluster import SimulatedCluster

VIEWS = Path(__file__).parents[1] / "views"
OOM = str(VIEWS / "oom.json.gz")
PASTE = "Error: connect ECONNREFUSED 172.30.168.219:8080\n"
"""The address of the Service in that view."""


@pytest.fixture(scope="module")
def kubeconfig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    cluster = SimulatedCluster()
    cluster.start()
    cluster.inject("api-oom-killed")
    yield str(cluster.write_kubeconfig(tmp_path_factory.mktemp("cluster") / "kubeconfig"))
    cluster.stop()


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    code = main(words)
    out, err = capsys.readouterr()
    return code, out, err


@pytest.mark.parametrize("name", ["onyx.json", "onyx.json.gz"])
def test_what_is_saved_is_diagnosed_without_the_cluster(
    kubeconfig: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    file = tmp_path / name
    code, out, _ = run(capsys, "snapshot", "onyx", "-n", "onyx", "-f", str(file), "--kubeconfig", kubeconfig)
    assert code == 0, out
    assert f"triage diagnose onyx --snapshot {file}" in out
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [file], "no temporary file is left"
    assert file.read_bytes().startswith(b"\x1f\x8b" if name.endswith(".gz") else b'{"schema"')
    code, out, _ = run(capsys, "diagnose", "onyx", "--snapshot", str(file), "-o", "json")
    answer = json.loads(out)
    assert (code, answer["root_causes"]) == (1, ["api-oom-killed"])
    assert answer["cost"] == {"api_requests": 0, "seconds": 0.0}


def test_the_report_of_a_snapshot_is_also_json(
    kubeconfig: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = str(tmp_path / "s.json")
    code, out, _ = run(capsys, "snapshot", "onyx", "-n", "onyx", "-f", file, "--kubeconfig", kubeconfig, "-o", "json")
    report = json.loads(out)
    assert code == 0
    assert (report["schema"], report["file"], report["app"]) == ("triage/v1", file, "onyx")
    assert report["objects"]["deployments"] > 2
    assert report["bytes"] == Path(file).stat().st_size


@pytest.mark.slow
def test_a_snapshot_on_standard_output_is_read_from_standard_input(kubeconfig: str) -> None:
    words = [sys.executable, "-m", "bot"]
    save = [*words, "snapshot", "onyx", "-n", "onyx", "-f", "-", "--kubeconfig", kubeconfig]
    saved = subprocess.run(save, capture_output=True, timeout=120, check=True)
    assert b"Saved onyx" in saved.stderr
    replay = [*words, "diagnose", "onyx", "--snapshot", "-", "-o", "json"]
    found = subprocess.run(replay, input=saved.stdout, capture_output=True, timeout=120, check=False)
    assert json.loads(found.stdout)["root_causes"] == ["api-oom-killed"], found.stderr


def test_a_file_that_is_there_is_overwritten_only_by_force(
    kubeconfig: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "precious.json"
    file.write_text("precious")
    words = ("snapshot", "onyx", "-n", "onyx", "-f", str(file), "--kubeconfig", kubeconfig)
    code, _, err = run(capsys, *words)
    assert (code, file.read_text()) == (3, "precious")
    assert "is already there" in err
    assert "--force" in err
    code, _, _ = run(capsys, *words, "--force")
    assert code == 0
    assert json.loads(file.read_text())["app"] == "onyx"


@pytest.mark.parametrize(("file", "said"), [("no/such/s.json", "There is no directory"), (".", "is a directory")])
def test_a_file_that_cannot_be_written_is_refused_before_anything_is_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], file: str, said: str
) -> None:
    code, _, err = run(capsys, "snapshot", "onyx", "-f", str(tmp_path / file), "--kubeconfig", str(tmp_path / "none"))
    assert code == 3
    assert said in err


def test_a_paste_is_explained_by_a_snapshot(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    paste = tmp_path / "paste.txt"
    paste.write_text(PASTE)
    code, out, _ = run(capsys, "diagnose", "onyx", "--snapshot", OOM, "--paste", str(paste), "-o", "json")
    symptoms = json.loads(out)["symptoms"]
    assert code == 1
    assert [(item["id"], item["explained_by"]) for item in symptoms] == [("api_unreachable", "api-oom-killed")]


def test_the_text_says_that_it_is_from_a_snapshot(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "diagnose", "onyx", "--snapshot", OOM)
    assert code == 1
    assert "from a snapshot" in out
    assert "api-oom-killed" in out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("diagnose", "onyx", "--snapshot", "absent.json"), "There is no file absent.json"),
        (("diagnose", "onyx", "--snapshot", str(VIEWS)), "cannot be read"),
        (("diagnose", "onyx", "--snapshot", __file__), "is not JSON"),
        (("diagnose", "deployment/api-server", "--snapshot", OOM), "is a snapshot of onyx"),
        (("diagnose", "onyx", "--snapshot", OOM, "-n", "other"), "is of namespace onyx-oom, not of other"),
        (("diagnose", "onyx", "--snapshot", OOM, "--context", "prod"), "--snapshot looks at no cluster"),
        (("discover", "--snapshot", "absent.json"), "There is no file absent.json"),
        (("discover", "other", "--snapshot", OOM), "is of namespace onyx-oom, not of other"),
        (("discover", "--snapshot", OOM, "--context", "prod"), "--snapshot looks at no cluster"),
    ],
)
def test_a_wrong_use_says_what_to_do(capsys: pytest.CaptureFixture[str], words: tuple[str, ...], said: str) -> None:
    code, out, err = run(capsys, *words, "-o", "json")
    assert code == 3
    assert said in err
    assert json.loads(out)["error"]["remedy"]


def test_kind_and_name_may_be_two_words(capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = run(capsys, "diagnose", "deployment", "api-server", "--snapshot", OOM)
    assert (code, "of onyx, not of deployment/api-server" in err) == (3, True)
    code, _, err = run(capsys, "diagnose", "front", "orders", "db")
    assert (code, "one question is about one thing" in err) == (3, True)


def test_a_snapshot_is_drawn(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "discover", "--snapshot", OOM, "-o", "json")
    graph = json.loads(out)
    assert (code, graph["namespace"]) == (0, "onyx-oom")
    assert [item["name"] for item in graph["components"]] == ["api-server", "web-server"]


def test_a_bare_workload_is_saved_and_replayed(
    kubeconfig: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = ("--kubeconfig", kubeconfig)
    _, out, _ = run(capsys, "diagnose", "onyx", "-n", "onyx", "-o", "json", *config)
    target = json.loads(out)["components"]["api"]
    file = str(tmp_path / "s.json")
    code, _, err = run(capsys, "snapshot", target, "-n", "onyx", "-f", file, *config)
    assert code == 0, err
    code, out, _ = run(capsys, "diagnose", target, "--snapshot", file, "-o", "json")
    answer = json.loads(out)
    assert (code, answer["app"], answer["verdict"]) == (1, target, "fault_found")
    assert [cause for cause in answer["root_causes"] if cause.endswith("-oom-killed")]


@pytest.mark.slow
def test_a_replay_imports_nothing_that_talks_to_a_cluster_or_to_slack() -> None:
    program = (
        "import sys; from bot.cli import main; main(sys.argv[1:]); "
        "print(sorted({'kubernetes', 'slack_sdk', 'slack_bolt', 'aiohttp'} & set(sys.modules)), file=sys.stderr)"
    )
    words = [sys.executable, "-c", program, "diagnose", "onyx", "--snapshot", OOM]
    done = subprocess.run(words, capture_output=True, text=True, timeout=120, check=True)
    assert done.stderr.strip() == "[]"
