"""What people expect of any command line: version, completion, colour, width, JSON errors, a full disk."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from shutil import which

import pytest

from bot.cli import main, wants_json
from bot.cli.arguments import build_parser
from bot.cli.colour import painted
from bot.cli.completion import Candidate, candidates
from bot.version import VERSION

ROOT = Path(__file__).parents[3]
VIEW = ROOT / "tests/views/chart-oom.json.gz"
SHELL = {"PATH": os.defpath, "PYTHONPATH": str(ROOT), "LANG": "C.UTF-8"}


def triage(*words: str, into: int = subprocess.PIPE, cwd: Path = ROOT, **env: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "bot", *words]
    return subprocess.run(
        command, env={**SHELL, **env}, stdout=into, stderr=subprocess.PIPE, text=True, cwd=cwd, timeout=120, check=False
    )


def test_the_version_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["--version"])
    assert left.value.code == 0
    assert capsys.readouterr().out.startswith(f"triage {VERSION} (Python 3.")


@pytest.mark.parametrize(
    ("words", "json_wanted"),
    [
        (["diagnose", "-o", "json"], True),
        (["diagnose", "-ojson", "x"], True),
        (["match", "--output=json"], True),
        (["match", "--output", "json"], True),
        (["match", "-o", "text"], False),
        (["match", "-o"], False),
        ([], False),
    ],
)
def test_json_is_recognised_in_a_command_line_that_is_wrong(words: list[str], json_wanted: bool) -> None:
    assert wants_json(words) is json_wanted


@pytest.mark.parametrize(
    "words", [["diagnose", "x", "y", "z"], ["nonsense"], ["diagnose", "x", "--timeout", "soon"], ["match", "--x"]]
)
def test_wrong_usage_is_json_where_json_was_asked_for(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*words, "-o", "json"]) == 3
    error = json.loads(capsys.readouterr().out)["error"]
    assert error["message"]
    assert "--help" in error["remedy"]
    assert main(words) == 3
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("usage: triage")


@pytest.mark.slow
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize("words", [("playbooks", "list"), ("--help",), ("--version",), ("diagnose", "-o", "json")])
def test_a_full_disk_has_its_own_exit_code_and_no_traceback(words: tuple[str, ...]) -> None:
    with Path("/dev/full").open("w") as full:
        done = triage(*words, into=full.fileno())
    assert done.returncode == 74
    assert "could not be written to standard output: No space left" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_closed_standard_output_has_its_own_exit_code() -> None:
    words = [sys.executable, "-m", "bot", "playbooks", "list"]
    line = "exec " + " ".join(f"'{word}'" for word in words) + " >&-"
    done = subprocess.run(["sh", "-c", line], env=SHELL, cwd=ROOT, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 74
    assert done.stderr == "triage: The result could not be written to standard output: it is closed.\n"


def test_a_reader_that_leaves_is_no_fault_of_the_cluster() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = triage("playbooks", "list", into=writing)
    os.close(writing)
    assert (done.returncode, done.stderr) == (74, "")


def test_a_misspelt_variable_is_told_and_service_links_are_not() -> None:
    links = {
        "TRIAGE_SERVICE_HOST": "10.0.0.1",
        "TRIAGE_PORT_80_TCP_ADDR": "10.0.0.1",
        "TRIAGE_PORT": "tcp://10.0.0.1:80",
    }
    done = triage("playbooks", "schema", TRIAGE_POLCY="x", TRIAGE_WHATEVER="y", **links)
    assert done.returncode == 0
    assert "TRIAGE_POLCY sets nothing; did you mean TRIAGE_POLICY?" in done.stderr
    assert "TRIAGE_WHATEVER sets nothing" in done.stderr
    assert done.stderr.count("sets nothing") == 2


def test_a_variable_that_exists_is_not_complained_about(tmp_path: Path) -> None:
    done = triage("playbooks", "schema", TRIAGE_LOG="json", TRIAGE_DATABASE_FILE="x", TRIAGE_CONTEXTS="a")
    assert done.stderr == ""
    (tmp_path / ".env").write_text("TRIAGE_CHANELS=C1\nOTHER=1\n")
    assert "did you mean TRIAGE_CHANNELS?" in triage("playbooks", "schema", cwd=tmp_path).stderr


@pytest.mark.slow
@pytest.mark.parametrize("columns", [60, 100])
def test_a_diagnosis_keeps_to_the_width_of_the_terminal(columns: int) -> None:
    text = triage("diagnose", "onyx", "--snapshot", str(VIEW), "--all-checks", COLUMNS=str(columns)).stdout
    prose = [line for line in text.splitlines() if not re.match(r" *\$ ", line)]
    assert max(len(line) for line in prose) <= columns
    assert max(len(line) for line in prose) > columns - 25


@pytest.mark.slow
def test_colour_is_for_terminals_and_only_adds() -> None:
    words = ("diagnose", "onyx", "--snapshot", str(VIEW))
    plain = triage(*words).stdout
    assert "\x1b" not in plain
    assert "\x1b" not in triage(*words, NO_COLOR="1", FORCE_COLOR="1").stdout
    forced = triage(*words, FORCE_COLOR="1").stdout
    assert forced.startswith("\x1b[31m[FAULT]")
    assert re.sub(r"\x1b\[\d+m", "", forced) == plain
    assert painted("") == ""


def test_the_state_goes_where_the_desktop_standard_says(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    home = {"HOME": str(tmp_path / "home"), "XDG_STATE_HOME": str(tmp_path / "state")}
    show = "from bot.settings import load_settings; print(load_settings().state)"

    def state(**env: str) -> str:
        words = [sys.executable, "-c", show]
        return subprocess.check_output(words, env={**SHELL, **env}, cwd=tmp_path, text=True).strip()

    assert state(**home) == str(tmp_path / "state/triage")
    assert state(**home, TRIAGE_STATE="/elsewhere") == "/elsewhere"
    assert state(HOME=home["HOME"], XDG_STATE_HOME="relative") == str(tmp_path / "home/.local/state/triage")
    (tmp_path / "home/.local/state/triage").mkdir(parents=True)  # an earlier version has made it: its database is there
    assert state(**home) == str(tmp_path / "home/.local/state/triage")


APPS = [Candidate("immich", "Immich"), Candidate("onyx", "Onyx")]


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("diag", ["diagnose"]),
        ("diagnose ", ["immich", "onyx"]),
        ("diagnose on", ["onyx"]),
        ("diagnose -n shop on", ["onyx"]),
        ("diagnose onyx ", []),
        ("diagnose onyx -o ", ["text", "json"]),
        ("diagnose onyx --output=json --all", ["--all-checks"]),
        ("match --app im", ["immich"]),
        ("match ", []),
        ("playbooks ch", ["check"]),
        ("audit verify --o", ["--output"]),
        ("completion f", ["fish"]),
        ("nonsense x ", None),
    ],
)
def test_what_may_come_next(line: str, wanted: list[str] | None) -> None:
    found = [item.word for item in candidates(build_parser(), line.split(" "), lambda: APPS)]
    if wanted is None:
        assert "diagnose" in found
    else:
        assert found == wanted


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_gets_a_script_that_asks_the_program(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", shell]) == 0
    script = capsys.readouterr().out
    assert "triage completion words --" in script
    if shell == "bash":
        check = subprocess.run(["bash", "-n"], input=script, text=True, capture_output=True, check=False)
        assert check.returncode == 0, check.stderr


def test_bash_completes_with_the_script(tmp_path: Path) -> None:
    called = tmp_path / "triage"
    called.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m bot "$@"\n')
    called.chmod(0o755)
    typed = "COMP_WORDS=(triage playbooks che); COMP_CWORD=2"
    ask = f'eval "$(triage completion bash)"; {typed}; _triage; echo "${{COMPREPLY[@]}}"'
    path = f"{tmp_path}:{os.defpath}"
    said = subprocess.check_output(["bash", "-c", ask], env={**SHELL, "PATH": path}, cwd=ROOT, text=True)
    assert said == "check\n"


@pytest.mark.skipif(which("fish") is None, reason="there is no fish here")
@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("triage playbooks che", ["check\tfind every mistake and run every case"]),
        ("triage diagnose onyx -o ", ["json", "text"]),
        ("triage diagnose --snapshot saved", ["saved.json"]),
    ],
)
def test_fish_completes_words_and_files_only_where_there_are_no_words(
    typed: str, offered: list[str], tmp_path: Path
) -> None:
    called = tmp_path / "triage"
    called.write_text(f'#!/bin/sh\nPYTHONPATH="{ROOT}" exec "{sys.executable}" -m bot "$@"\n')
    called.chmod(0o755)
    (tmp_path / "saved.json").touch()
    ask = f"triage completion fish | source; complete --do-complete '{typed}'"
    environment = {**SHELL, "PATH": f"{tmp_path}:{os.defpath}", "HOME": str(tmp_path)}
    said = subprocess.check_output(["fish", "--no-config", "-c", ask], env=environment, cwd=tmp_path, text=True)
    assert [line for line in said.splitlines() if line] == offered


@pytest.mark.skipif(which("zsh") is None, reason="there is no zsh here")
def test_zsh_gives_a_word_its_meaning_and_none_where_it_has_none(tmp_path: Path) -> None:
    called = tmp_path / "triage"
    called.write_text(f'#!/bin/sh\nPYTHONPATH="{ROOT}" exec "{sys.executable}" -m bot "$@"\n')
    called.chmod(0o755)
    shown = '_describe() { print -l -- "${found[@]}" }; compdef() { }; _files() { print files }'
    ask = f'{shown}; eval "$(triage completion zsh)"; words=(triage diagnose onyx -o ""); CURRENT=5; _triage'
    ask += "; words=(triage playbooks che); CURRENT=3; _triage"
    environment = {**SHELL, "PATH": f"{tmp_path}:{os.defpath}"}
    said = subprocess.check_output(["zsh", "-f", "-c", ask], env=environment, cwd=tmp_path, text=True)
    assert said.splitlines() == ["text", "json", "check:find every mistake and run every case"]


def test_a_paste_that_could_be_an_apps_is_answered_with_how_to_ask(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = tmp_path / "the error.log"
    log.write_text("Error: connect ECONNREFUSED 172.30.154.48:8080\n")
    assert main(["diagnose", "--paste", str(log)]) == 3
    said = capsys.readouterr().err
    assert "This could be an error of Onyx, and nothing in the text says whose it is." in said
    assert f"triage diagnose onyx --paste '{log}'" in said
    assert main(["match", str(log)]) == 0
    assert f"if it is, ask: triage diagnose onyx --paste '{log}'" in capsys.readouterr().out
    log.write_text("hello\n")
    assert main(["diagnose", "--paste", str(log)]) == 3
    assert "names no app that is known and no object" in capsys.readouterr().err
