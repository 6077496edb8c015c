"""The README is true: its settings exist, its commands parse, its example playbook passes the check."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest
from pydantic import AliasChoices

from bot.cli import main
from bot.cli.arguments import build_parser
from bot.playbook.location import default_playbooks
from bot.settings import Settings

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
ARCHITECTURE = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
COMMANDS = (
    "run", "match", "diagnose", "snapshot", "apply", "playbooks check", "playbooks list", "playbooks schema",
    "playbooks draft", "playbooks facts", "playbooks init", "playbooks try", "completion",
    "policy check", "policy schema", "audit list", "audit verify", "doctor",
)  # fmt: skip


def shell_lines() -> list[str]:
    """Every line of every shell block, without its comment."""
    blocks = re.findall(r"^ *```sh\n(.*?)^ *```", README, re.DOTALL | re.MULTILINE)
    return [line.partition("#")[0].strip() for block in blocks for line in block.splitlines() if line.strip()]


def triage_commands() -> list[str]:
    """The `triage …` part of every line and of every piece of inline code that shows a whole command."""
    parts = [part.strip() for line in shell_lines() for part in line.split(" | ")]
    inline = re.findall(r"`(triage (?!/)[a-z][^`]*)`", README)
    return sorted({part.partition(" > ")[0] for part in [*parts, *inline] if part.startswith("triage ")})


def variables(name: str) -> tuple[str, ...]:
    """The environment variables that set a setting."""
    alias = Settings.model_fields[name].validation_alias
    return tuple(str(item) for item in alias.choices) if isinstance(alias, AliasChoices) else (str(alias),)


def test_the_readme_leads_to_the_reference_of_settings() -> None:
    assert "(deploy/docs/settings.md)" in README


def test_every_variable_that_the_readme_names_exists() -> None:
    known = {variable for name in Settings.model_fields for variable in variables(name)}
    named = set(re.findall(r"\b(?:TRIAGE|SLACK)_[A-Z_]+\b", README))
    assert {"SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "TRIAGE_POLICY", "TRIAGE_MONITORS"} <= named
    assert {name.removesuffix("_FILE") for name in named} <= known


@pytest.mark.parametrize("command", triage_commands())
def test_every_command_in_the_readme_exists(command: str) -> None:
    if command == "triage diagnose":  # in a sentence, as the command's name
        command += " onyx"
    assert callable(build_parser().parse_args(shlex.split(command)[1:]).run)


def test_the_remedies_that_the_readme_applies_exist() -> None:
    applied = {name.removesuffix("-api") for name in re.findall(r"triage apply ([a-z][a-z-]+) onyx", README)}
    generic = (default_playbooks() / "kubernetes" / "workloads" / "workload.yaml").read_text(encoding="utf-8")
    assert applied
    assert [name for name in applied if f'id: "{name}-{{workload}}"' not in generic] == []


def test_every_command_is_in_the_readme() -> None:
    shown = " ".join(triage_commands())
    assert [name for name in COMMANDS if f"triage {name}" not in shown] == []


def test_every_make_target_in_the_readme_exists() -> None:
    targets = set(re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = set(re.findall(r"^make ([a-z-]+)", "\n".join(shell_lines()), re.MULTILINE))
    assert {"run", "test"} <= named <= targets


def test_every_file_that_the_readme_links_exists() -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", README)
    assert "deploy/images/card.png" in links
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_the_picture_is_small_enough_for_a_readme() -> None:
    assert (ROOT / "deploy" / "images" / "card.png").stat().st_size <= 250 * 1024


def test_every_scope_has_its_reason_in_the_manifest_that_the_readme_leads_to() -> None:
    manifest = (ROOT / "deploy" / "slack" / "manifest.yaml").read_text(encoding="utf-8")
    scopes = re.findall(r"^ +- ([a-z]+(?:_[a-z]+)*(?::[a-z.]+)+|commands)(.*)$", manifest, re.MULTILINE)
    assert "(deploy/slack/manifest.yaml)" in README
    assert len(scopes) > 5
    assert [scope for scope, rest in scopes if not re.match(r" +# (essential|useful): .", rest)] == []


def test_every_folder_and_file_that_the_architecture_names_exists() -> None:
    rows = re.findall(r"^\| `((?:bot|playbooks)[^`]*)` \|[^|]*\| ([^|]*) \|$", ARCHITECTURE, re.MULTILINE)
    assert len(rows) > 15
    missing = [
        f"{folder}/{file}"
        for folder, files in rows
        for file in re.findall(r"`([^`]+)`", files) or [""]
        if not (ROOT / folder / file).exists()
    ]
    assert missing == []
    named = re.findall(r"`((?:bot|deploy|tests|playbooks)/[\w/.-]+)`", ARCHITECTURE)
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_every_adapter_is_in_the_architecture() -> None:
    adapters = {path.name for path in (ROOT / "bot" / "adapters").iterdir() if (path / "__init__.py").exists()}
    drawn = re.search(r"adapters: ([a-z]+(?: │ [a-z]+)*)", ARCHITECTURE)
    assert drawn is not None
    assert set(drawn[1].split(" │ ")) == adapters


def example_playbook(directory: Path) -> Path:
    """The README's own playbook, written below the directory."""
    files = dict(re.findall(r"`(my-playbooks/shop/[^`]+)`[^\n]*\n\n```yaml\n(.*?)```", README, re.DOTALL))
    assert sorted(files) == [
        f"my-playbooks/shop/{name}" for name in ("app.yaml", "order-failed.test.yaml", "order-failed.yaml")
    ]
    (directory / "my-playbooks" / "shop").mkdir(parents=True)
    for name, text in files.items():
        (directory / name).write_text(text, encoding="utf-8")
    return directory / "my-playbooks"


@pytest.mark.slow
def test_the_example_playbook_passes_the_check(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["playbooks", "check", str(example_playbook(tmp_path))])
    shown = capsys.readouterr()
    assert (code, shown.err) == (0, "")
    assert "0 failed" in shown.out


def test_the_paste_of_the_example_is_an_error_of_the_shop(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    own = example_playbook(tmp_path)
    text = re.search(r'text: "(10:02:11 order 4711[^"]+)"', README)
    assert text is not None
    (tmp_path / "paste.log").write_text(text[1])
    assert main(["match", str(tmp_path / "paste.log"), "--playbooks", str(own), "-o", "json"]) == 0
    found = json.loads(capsys.readouterr().out)["symptoms"]
    assert "order_failed" in [item["id"] for item in found]
