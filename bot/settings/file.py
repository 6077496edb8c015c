"""The settings file: one YAML mapping whose keys are the names of the settings.

Read by the loader of the settings, once, at start. Refuses what it does not know, and secrets, each with file and line:
a settings file ends up in a ConfigMap or a repository.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource

from bot.domain.errors import ConfigurationError
from bot.settings.secret_files import is_secret, names_of, read_secret
from bot.yamlfile.files import read_file
from bot.yamlfile.positions import Position
from bot.yamlfile.recipe import Checked, open_file
from bot.yamlfile.spelling import short, unknown

_NOT_IN_THE_FILE = frozenset({"config", "kubernetes_service_host"})
_FILE_KEY = "_file"


class SettingsFile(PydanticBaseSettingsSource):
    """What the settings file says, as far as nothing before it in the order has said it."""

    def __init__(self, settings_cls: type[BaseSettings], before: Sequence[PydanticBaseSettingsSource]) -> None:
        super().__init__(settings_cls)
        self._before = before

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        """Nothing: the file is read as a whole."""
        return None, names_of(field_name, field)[0], False

    def __call__(self) -> dict[str, Any]:
        """Values by variable name. Raises `ConfigurationError` with every mistake of the file."""
        said: dict[str, Any] = {}
        for source in self._before:
            said = {**source(), **said}
        fields = self.settings_cls.model_fields
        path = next((said[name] for name in _all_names("config", fields["config"]) if said.get(name)), None)
        if path is None:
            return {}
        values = read_settings_file(Path(str(path)).expanduser(), fields)
        return {
            names_of(name, fields[name])[0]: value
            for name, value in values.items()
            if not any(key in said for key in _all_names(name, fields[name]))
        }


def _all_names(name: str, field: FieldInfo) -> tuple[str, ...]:
    return (*names_of(name, field), name)


def read_settings_file(path: Path, fields: dict[str, FieldInfo]) -> dict[str, Any]:
    """The file's values by setting. Raises `ConfigurationError`."""
    source = read_file(path, str(path))
    if source.refusal:
        raise ConfigurationError(
            f"The settings file {path} is of no use: {source.refusal}.", "Correct --config or TRIAGE_CONFIG."
        )
    opened = open_file(source) if source.content.strip() else Checked[Any](source)
    document = opened.document
    problems = list(document.problems)
    values: dict[str, Any] = {}
    for key, value in (document.data or {}).items():
        name, problem = _setting(key, fields)
        if problem:
            problems.append((document.positions.of_key((key,)), problem))
        elif key == name:
            values[name] = value
        else:
            values[name] = read_secret(key, str(value))
    if problems:
        raise ConfigurationError(_listed(path, problems), "Correct the settings file.")
    return values


def _setting(key: str, fields: dict[str, FieldInfo]) -> tuple[str, str]:
    """Which setting a key means, and what is wrong with it, if anything."""
    known = [name for name in fields if name not in _NOT_IN_THE_FILE]
    secret_files = [name + _FILE_KEY for name in known if is_secret(fields[name])]
    if key in secret_files:
        return key.removesuffix(_FILE_KEY), ""
    if key not in known:
        plain = [name for name in known if not is_secret(fields[name])]
        return "", unknown("setting", short(key), [*plain, *secret_files])
    if is_secret(fields[key]):
        return (
            "",
            f"a secret does not belong here; write `{key}{_FILE_KEY}: PATH`, or set {names_of(key, fields[key])[0]}",
        )
    return key, ""


def _listed(path: Path, problems: list[tuple[Position, str]]) -> str:
    lines = sorted(problems, key=lambda item: item[0])
    return "; ".join(f"{path}:{at.line}:{at.column}: {message}" for at, message in lines) + "."
