"""Settings: where they come from, who wins, what is refused, and that the reference says all of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.domain.errors import ConfigurationError
from bot.settings import Settings, check_tokens, load_settings
from bot.settings.reference import TOPICS, descriptions, reference
from bot.settings.secret_files import is_secret, names_of
from tests.support.processes import lines_of

ROOT = Path(__file__).parents[3]


def loaded(folder: Path, *cases: dict[str, str], **options: str) -> list[dict[str, object]]:
    """The settings as another process sees them, with nothing in its environment but these variables; case by case."""
    program = (
        "import json, os, sys; from bot.settings import load_settings\n"
        "for case in json.loads(sys.argv[2]):\n"
        "  os.environ.clear(); os.environ.update(case)\n"
        "  settings = load_settings(**json.loads(sys.argv[1]))\n"
        "  secret = settings.slack_bot_token\n"
        "  print(json.dumps({'token': secret and secret.get_secret_value(), **json.loads(settings.model_dump_json())}))"
    )
    return lines_of(program, options, cases, folder=folder)


def test_the_first_that_says_something_wins(tmp_path: Path) -> None:
    """Option, environment, `.env`, settings file, default: each setting here is said by one of them less."""
    (tmp_path / "settings.yaml").write_text("workers: 2\nqueue: 2\nkubeconfig: two\ncontext: two\nlog: json\n")
    (tmp_path / ".env").write_text("TRIAGE_WORKERS=3\nTRIAGE_QUEUE=3\nKUBECONFIG=three\n")
    variables = {
        "TRIAGE_WORKERS": "4",
        "TRIAGE_QUEUE": "4",
        "TRIAGE_CONFIG": "settings.yaml",
        "PORT": "9",
        "STATE": "/x",
    }
    (found,) = loaded(tmp_path, variables, workers="5")
    shown = [found[name] for name in ("workers", "queue", "kubeconfig", "context", "log", "port")]
    assert shown == [5, 4, "three", "two", "json", 8765]
    assert str(found["state"]).endswith("triage"), "a bare STATE in the environment is somebody else's"


def test_secrets_from_files_and_clusters_from_a_variable(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("xoxb-a\n")
    (tmp_path / "b").write_text("xoxb-b")
    (tmp_path / "settings.yaml").write_text("slack_bot_token_file: b\n")
    config = {"TRIAGE_CONFIG": "settings.yaml", "TRIAGE_CONTEXTS": "eu=prod-eu, us"}
    cases = (config, {**config, "SLACK_BOT_TOKEN_FILE": "a"}, {**config, "SLACK_BOT_TOKEN": "xoxb-c"})
    found = loaded(tmp_path, *cases)
    assert [item["token"] for item in found] == ["xoxb-b", "xoxb-a", "xoxb-c"]
    assert found[0]["clusters"] == [
        {"name": "eu", "context": "prod-eu", "kubeconfig": None},
        {"name": "us", "context": "us", "kubeconfig": None},
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("worker: 4\n", "settings.yaml:1:1: unknown setting `worker`; did you mean `workers`?"),
        ("slack_bot_token: xoxb-1\n", "settings.yaml:1:1: a secret does not belong here; write `slack_bot_token_file"),
        ("log: json\nlog: text\n", "settings.yaml:2:1: the key `log` was already given in line 1"),
        ("log: [json\n", "settings.yaml:1:6: the bracket that opens here is not closed"),
        ("slack_bot_token_file: nowhere\n", "slack_bot_token_file names nowhere, which cannot be read"),
        ("slack_bot_token_file: settings.yaml\nlog: jason\n", "TRIAGE_LOG: Input should be 'text' or 'json'"),
        ("clusters:\n  - {name: eu}\n  - {name: eu}\n", "two clusters are called eu"),
        ("workers: many\n", "TRIAGE_WORKERS"),
    ],
)
def test_a_mistake_in_the_settings_file_is_a_clear_sentence(tmp_path: Path, text: str, problem: str) -> None:
    folder = tmp_path.relative_to(Path.cwd()) if tmp_path.is_relative_to(Path.cwd()) else tmp_path
    (folder / "settings.yaml").write_text(text.replace(" settings.yaml", f" {folder}/settings.yaml"))
    with pytest.raises(ConfigurationError) as error:
        load_settings(config=folder / "settings.yaml")
    assert problem in str(error.value)


def test_a_settings_file_that_is_not_there_is_a_clear_sentence() -> None:
    with pytest.raises(
        ConfigurationError, match=r"The settings file /nowhere is of no use: this cannot be read \(No such file"
    ):
        load_settings(config=Path("/nowhere"))


@pytest.mark.parametrize("content", [b"", b"\n", b"x" * 70_000])
def test_a_secret_file_without_a_secret_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "token").write_bytes(content)
    (tmp_path / "settings.yaml").write_text(f"slack_app_token_file: {tmp_path / 'token'}\n")
    with pytest.raises(ConfigurationError, match="Write the secret alone into the file"):
        load_settings(config=tmp_path / "settings.yaml")


def test_the_reference_is_current() -> None:
    written = (ROOT / "deploy" / "docs" / "settings.md").read_text(encoding="utf-8")
    assert written == reference(), "run: python -m bot.settings.reference > deploy/docs/settings.md"


def test_every_setting_belongs_to_one_topic_and_says_what_it_means_and_its_unit() -> None:
    described = {name: text for _, part in TOPICS for name, text in descriptions(part).items()}
    assert set(described) == set(Settings.model_fields)
    for name, field in Settings.model_fields.items():
        assert len(described[name]) > 10, name
        is_number = field.annotation in (int, float, int | None, float | None)
        has_unit = isinstance(field.json_schema_extra, dict) and "unit" in field.json_schema_extra
        assert is_number == has_unit, name


def test_no_two_settings_share_a_variable() -> None:
    names = [name for key, field in Settings.model_fields.items() for name in names_of(key, field)]
    names += [
        f"{name}_FILE"
        for key, field in Settings.model_fields.items()
        if is_secret(field)
        for name in names_of(key, field)
    ]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    ("bot", "app", "words"),
    [
        ("xapp-1-A-secret1", "xoxb-secret2", "are swapped"),
        ("xapp-1-A-secret1", "xapp-1-A-secret2", "SLACK_BOT_TOKEN holds an app-level token"),
        ("xoxb-secret1", "xoxb-secret2", "SLACK_APP_TOKEN holds a token of the Web API"),
        ("xoxb-secret1", "xapp-1-A-secret2", ""),
    ],
)
def test_swapped_tokens_are_recognised_by_how_they_begin(bot: str, app: str, words: str) -> None:
    settings = load_settings(slack_bot_token=bot, slack_app_token=app)
    if not words:
        check_tokens(settings)
        return
    with pytest.raises(ConfigurationError) as refused:
        check_tokens(settings)
    assert words in refused.value.message
    assert "secret" not in str(refused.value)
