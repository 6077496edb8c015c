"""Builds the change service for the command line: the caller's own rights, and a database of the caller's."""

from __future__ import annotations

from collections.abc import Callable

from bot.adapters.kube.client import connect, connect_for_writing
from bot.adapters.kube.writer import KubernetesWriter
from bot.adapters.store.store import Store
from bot.domain.diagnosis import Diagnosis
from bot.settings import Settings
from bot.triage.changes.authority import OwnRights
from bot.triage.changes.journal import Journal
from bot.triage.changes.policy.source import PolicySource
from bot.triage.changes.ports import ClusterWriter
from bot.triage.changes.service import ChangeService
from bot.triage.ports import Clock
from bot.triage.redact import Boundary


def connect_writer(settings: Settings, boundary: Boundary) -> KubernetesWriter:
    """What writes to the cluster that the settings name. Raises `ConfigurationError`."""
    in_cluster = settings.kubeconfig is None and settings.context is None and bool(settings.kubernetes_service_host)
    reads = connect(kubeconfig=settings.kubeconfig, context=settings.context, in_cluster=in_cluster)
    writes = connect_for_writing(kubeconfig=settings.kubeconfig, context=settings.context, in_cluster=in_cluster)
    return KubernetesWriter(reads, writes, boundary=boundary)


def changes_by_hand(
    settings: Settings,
    store: Store,
    writer: ClusterWriter,
    diagnose: Callable[[str, str], Diagnosis],
    clock: Clock,
    user: str,
) -> ChangeService:
    """Changes with the own rights of `user`, the caller. A policy, if there is one, sets bounds, freezes and closes."""

    source = PolicySource(settings.policy) if settings.policy is not None else None
    return ChangeService(
        Journal(store.changes, store.audit, store.boundary),
        lambda _cluster: writer,
        OwnRights(source, user),
        lambda _cluster, app, place: diagnose(app, place),
        clock,
    )
