"""Reads secrets from files: `SLACK_BOT_TOKEN_FILE=/run/secrets/bot-token` stands for `SLACK_BOT_TOKEN=…`.

Works for every setting that is a secret, in the environment, in `.env` and in the settings file. A file keeps a secret
out of `kubectl describe`, of crash reports and of child processes.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args

from pydantic import AliasChoices, SecretStr
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, EnvSettingsSource, PydanticBaseSettingsSource

from bot.domain.errors import ConfigurationError

SUFFIX = "_FILE"
MAX_BYTES = 64 * 1024


def names_of(name: str, field: FieldInfo) -> tuple[str, ...]:
    """The environment variables that set a setting; the first is the one to show."""
    alias = field.validation_alias
    if isinstance(alias, AliasChoices):
        return tuple(str(choice) for choice in alias.choices)
    return (str(alias),) if alias else (name.upper(),)


def is_secret(field: FieldInfo) -> bool:
    """Whether the setting is one that must not be shown."""
    return field.annotation is SecretStr or SecretStr in get_args(field.annotation)


def read_secret(variable: str, path: str) -> str:
    """The secret in a file, without the line end. Raises `ConfigurationError`."""
    file = Path(path).expanduser()
    try:
        with file.open("rb") as stream:
            content = stream.read(MAX_BYTES + 1)
    except OSError as exc:
        raise ConfigurationError(
            f"{variable} names {file}, which cannot be read ({exc.strerror}).", "Correct the path or its permissions."
        ) from exc
    secret = content.decode("utf-8", errors="replace").strip()
    if not secret or len(content) > MAX_BYTES:
        raise ConfigurationError(
            f"{variable} names {file}, which {'holds nothing' if not secret else 'is too large for a secret'}.",
            "Write the secret alone into the file.",
        )
    return secret


class SecretFiles(PydanticBaseSettingsSource):
    """The secrets whose `…_FILE` variable is in the environment, or in `.env`."""

    def __init__(self, settings_cls: type[BaseSettings], variables: PydanticBaseSettingsSource) -> None:
        super().__init__(settings_cls)
        found: Mapping[str, str | None] = variables.env_vars if isinstance(variables, EnvSettingsSource) else {}
        self._variables = {name.upper(): value for name, value in found.items()}

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        """The secret and the name of the variable that it stands for. Raises `ConfigurationError`."""
        names = names_of(field_name, field)
        if is_secret(field):
            for name in names:
                path = self._variables.get(name + SUFFIX)
                if path:
                    return read_secret(name + SUFFIX, path), names[0], False
        return None, names[0], False

    def __call__(self) -> dict[str, Any]:
        """Every secret that a file holds."""
        values = (self.get_field_value(field, name) for name, field in self.settings_cls.model_fields.items())
        return {key: value for value, key, _ in values if value is not None}
