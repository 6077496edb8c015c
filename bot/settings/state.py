"""Settings of what the bot keeps, and of who may change things."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings


class StatePart(BaseSettings):
    """Database, state directory, policy."""

    database: SecretStr | None = Field(default=None, validation_alias="TRIAGE_DATABASE")
    """Database URL: `sqlite:///PATH` or `postgresql://USER:PASSWORD@HOST/NAME`; several replicas need PostgreSQL.
    Unset: `triage.db` in the state directory."""
    state: Path = Field(default=Path("~/.local/state/triage"), validation_alias="TRIAGE_STATE")
    """Directory for what must survive a restart (the SQLite file). Made if it is not there. Unset, and with
    `XDG_STATE_HOME` set: `triage` in that directory, unless only the default one is there already."""
    redaction: Path | None = Field(default=None, validation_alias="TRIAGE_REDACTION")
    """File of this site's own redaction rules, with cases. They come on top of the built-in rules, which are always
    on."""
    hide_personal_data: bool = Field(default=False, validation_alias="TRIAGE_HIDE_PERSONAL_DATA")
    """Hide e-mail addresses, phone numbers, card numbers and IBANs in pastes and in what is read from clusters, as
    secrets are hidden. Unset, people see them; a language model does not (`model_personal_data`)."""
    policy: Path | None = Field(default=None, validation_alias="TRIAGE_POLICY")
    """File of the policy that says who may change what. Unset: nobody may act, the bot only reads."""
    audit_key_file: Path | None = Field(default=None, validation_alias="TRIAGE_AUDIT_KEY_FILE")
    """File with the key of the audit log's chain; all replicas need the same one. Unset: `audit.key` in the state
    directory, made at the first start. Whoever has it can forge the log: keep it out of the database's backups."""
