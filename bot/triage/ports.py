"""What the use cases need from the outside world. Adapters implement these; tests bring their own."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.domain.diagnosis import Cost, Diagnosis
from bot.domain.kubernetes import Workload
from bot.domain.symptoms import Symptom
from bot.domain.view import SecondLook, View

Clock = Callable[[], datetime]
"""The current time, timezone-aware."""

Progress = Callable[[str], None]
"""Told what is being done now, as a short sentence ("Reading pods, services and events in onyx")."""


@dataclass(frozen=True, slots=True)
class FirstLook:
    """What the first step should read in a namespace.

    `variables` are the environment variables and ConfigMap keys whose values may be kept; all other values are dropped
    at the door, because they may be secrets.
    """

    namespace: str
    variables: frozenset[str] = frozenset()


class ClusterReader(Protocol):
    """Reads one cluster, and never writes to it. One instance serves many triages, from several threads.

    A read that fails becomes a gap in the view. Only when nothing can be read at all is a `ClusterError` raised.
    """

    cluster: str
    """A name for people: the context, or the API server's address."""

    default_namespace: str
    """The namespace of the kubeconfig's context; empty if it names none."""

    def namespaces(self) -> Sequence[str]:
        """Names of the namespaces this account can list; raises `ClusterError` when it cannot."""

    def workloads_everywhere(self) -> Sequence[Workload]:
        """The Deployments of all namespaces; raises `ClusterError` when this account cannot list them all."""

    def first_look(self, request: FirstLook) -> View:
        """List the resources of `bot.domain.view.Resource` in parallel, bounded in time and size.

        Raises `NamespaceNotFound`, `ClusterUnreachable` or `ClusterUnauthorized`.
        """

    def second_look(self, view: View, wanted: SecondLook) -> View:
        """The same view with logs, health answers and foreign Services added."""

    def cost(self) -> Cost:
        """Requests sent since this reader was made, and seconds spent in looks."""


@dataclass(frozen=True, slots=True)
class TriageRequest:
    """One question: an app, perhaps a namespace (None: find it), perhaps a paste or symptoms already found in it.

    `app` may also be a workload (`deployment/api-server`). `namespace` may name a release too (`prod/acme`), where a
    namespace holds several.
    """

    app: str
    namespace: str | None = None
    symptoms: tuple[Symptom, ...] = ()


@dataclass(frozen=True, slots=True)
class NamespaceChoice:
    """The app runs in several namespaces, or in one with several releases (`prod/acme`): the person must say which."""

    app: str
    namespaces: tuple[str, ...]


class Triage(Protocol):
    """The use case as chat adapters see it (implemented by `bot.triage.service.TriageService`)."""

    def apps(self) -> Sequence[tuple[str, str]]:
        """(id, title) of every app that playbooks describe."""

    def match(self, text: str, app: str | None = None) -> tuple[Symptom, ...]:
        """Symptoms found in a paste, most severe first. Raises `PasteRejected`."""

    def diagnose(self, request: TriageRequest, progress: Progress) -> Diagnosis | NamespaceChoice:
        """Read the cluster and decide. Raises `TriageError` with a remedy when that is impossible."""


class SeenEvents(Protocol):
    """Remembers which deliveries were handled, so that a retry is not answered twice."""

    def first_time(self, keys: Collection[str]) -> bool:
        """True if none of the keys was seen before; marks all of them as seen."""

    def forget(self, keys: Collection[str]) -> None:
        """Undo the mark, because the work could not be queued after all."""
