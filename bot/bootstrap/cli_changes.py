"""Builds the change service for the command line: the caller's own rights, and a database of the caller's."""

from __future__ import annotations

from collections.abc import Callable

from bot.adapters.kube.access.client import connect, connect_for_writing
from bot.adapters.kube.write.writer import KubernetesWriter
from bot.adapters.store.store import Store
from bot.changes.authority import OwnRights
from bot.changes.journal import Journal
from bot.changes.policy.source import PolicySource
from bot.changes.ports import ClusterWriter
from bot.changes.service import ChangeService
from bot.diagnosis.ports import Clock
from bot.domain.diagnosis import Diagnosis
from bot.redaction import Boundary
from bot.runtime.steady import steady_seconds
from bot.settings import Settings


def connect_writer(settings: Settings, boundary: Boundary) -> KubernetesWriter:
    """What writes to the cluster that the settings name. Raises `ConfigurationError`."""
    in_cluster = settings.kubeconfig is None and settings.context is None and bool(settings.kubernetes_service_host)
    reads = connect(kubeconfig=settings.kubeconfig, context=settings.context, in_cluster=in_cluster)
    writes = connect_for_writing(kubeconfig=settings.kubeconfig, context=settings.context, in_cluster=in_cluster)
    return KubernetesWriter(reads, writes, boundary=boundary)


def changes_with_own_rights(
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
        monotonic=steady_seconds,
    )
