"""Settings of how the bot runs: threads, ports, logs, monitors, replicas, retention."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

from pydantic import AliasChoices, Field
from pydantic_settings import BaseSettings

from bot.settings.unit import unit


class LogFormat(StrEnum):
    """How log lines look."""

    TEXT = "text"
    JSON = "json"


class Election(StrEnum):
    """How the replica that runs the schedule is chosen."""

    AUTO = "auto"
    LEASE = "lease"
    DATABASE = "database"


class OperationsPart(BaseSettings):
    """What its operators set."""

    config: Path | None = Field(default=None, validation_alias="TRIAGE_CONFIG")
    """Settings file in YAML (also `--config FILE`); its keys are the names in this table. The environment wins over
    it. Tokens and other secrets are refused in it: name files for them."""
    workers: int = Field(default=8, ge=1, le=64, validation_alias="TRIAGE_WORKERS", json_schema_extra=unit("threads"))
    """Triages that run at the same time. Each keeps one thread; a cluster read takes about a second."""
    queue: int = Field(default=100, ge=1, validation_alias="TRIAGE_QUEUE", json_schema_extra=unit("triages"))
    """Triages that may wait. Beyond, the person is told at once that the bot is busy."""
    port: int = Field(default=8765, ge=0, le=65535, validation_alias="TRIAGE_PORT", json_schema_extra=unit("TCP port"))
    """Port of the sandbox page on 127.0.0.1. If it is taken, a free one is used."""
    operations_port: int | None = Field(
        default=None, ge=0, le=65535, validation_alias="TRIAGE_OPERATIONS_PORT", json_schema_extra=unit("TCP port")
    )
    """Port of `/healthz`, `/readyz` and `/metrics`, on all addresses. Unset: none is opened. It shows no secrets and
    no log text, and has no password: let only the kubelet and Prometheus reach it."""
    log: LogFormat = Field(default=LogFormat.TEXT, validation_alias="TRIAGE_LOG")
    """Log lines for people (`text`) or one JSON object per line (`json`)."""
    monitors: Path | None = Field(default=None, validation_alias="TRIAGE_MONITORS")
    """Directory of monitors (YAML). Unset: nothing is watched."""
    election: Election = Field(default=Election.AUTO, validation_alias="TRIAGE_ELECTION")
    """How the replica that runs monitors and housekeeping is chosen: by a Kubernetes `lease`, by a lock in the
    `database`, or `auto`: the lease inside a cluster, else the database."""
    lease: str = Field(
        default="triage", validation_alias="TRIAGE_LEASE", pattern=r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$"
    )
    """Name of the Lease."""
    lease_namespace: str | None = Field(default=None, validation_alias="TRIAGE_LEASE_NAMESPACE")
    """Namespace of the Lease; unset: the one of the pod, or of the kubeconfig's context."""
    identity: str | None = Field(default=None, validation_alias=AliasChoices("TRIAGE_IDENTITY", "POD_NAME"))
    """Name of this replica, each its own; unset: host name and process id."""
    retention_days: int = Field(
        default=90, ge=1, le=3650, validation_alias="TRIAGE_RETENTION_DAYS", json_schema_extra=unit("days")
    )
    """How long closed incidents, finished changes and feedback are kept. The audit log is never cut by the bot."""
