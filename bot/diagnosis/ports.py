"""What the use cases need from the outside world. Adapters implement these; tests bring their own."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from bot.domain.diagnosis import Cost, Diagnosis
from bot.domain.kubernetes import Workload
from bot.domain.symptoms import PasteReading, Symptom
from bot.domain.view import DetailRequest, View

if TYPE_CHECKING:  # a diagnosis on the command line has no incidents
    from bot.domain.incidents import Button, Incident, PendingRequest, Received

Clock = Callable[[], datetime]
"""The current time, timezone-aware."""

Progress = Callable[[str], None]
"""Told what is being done now, as a short sentence ("Reading pods, services and events in onyx")."""


@dataclass(frozen=True, slots=True)
class ListRequest:
    """What the first step should read in a namespace.

    `variables` are the environment variables and ConfigMap keys whose values may be kept; all other values are dropped
    at the door, because they may be secrets.
    """

    namespace: str
    variables: frozenset[str] = frozenset()
    wide: bool = False
    """Every kind that makes pods, and what stands around them: for a question about a namespace or a workload."""


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

    def list_resources(self, request: ListRequest) -> View:
        """List the resources of `bot.domain.view.Resource` in parallel, bounded in time and size.

        Raises `NamespaceNotFound`, `ClusterUnreachable` or `ClusterUnauthorized`.
        """

    def fetch_details(self, view: View, wanted: DetailRequest) -> View:
        """The same view with logs, health answers and foreign SlackDeps added."""

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


@dataclass(frozen=True, slots=True)
class Examined:
    """A diagnosis, and the redacted view it was made of, packed as a snapshot when it is asked for."""

    diagnosis: Diagnosis
    snapshot: Callable[[], bytes]


class Triage(Protocol):
    """The use case as chat adapters see it (implemented by `bot.diagnosis.service.TriageService`)."""

    def apps(self) -> Sequence[tuple[str, str]]:
        """(id, title) of every app that playbooks describe."""

    def match(self, text: str, app: str | None = None) -> tuple[Symptom, ...]:
        """Symptoms found in a paste, most severe first. Raises `PasteRejected`."""

    def read(self, text: str, bound: Collection[str] = ()) -> PasteReading:
        """Everything that a paste says: symptoms and whose they are, failed calls, objects that it names.

        `bound`: the apps whose place it is where it was pasted. Raises `PasteRejected`.
        """

    def diagnose(self, request: TriageRequest, progress: Progress) -> Diagnosis | NamespaceChoice:
        """Read the cluster and decide. Raises `TriageError` with a remedy when that is impossible."""

    def examine(self, request: TriageRequest, progress: Progress) -> Examined | NamespaceChoice:
        """The same, together with what was read."""


class SeenEvents(Protocol):
    """Remembers which deliveries were handled, so that a retry is not answered twice."""

    def first_time(self, keys: Collection[str]) -> bool:
        """True if none of the keys was seen before; marks all of them as seen."""

    def forget(self, keys: Collection[str]) -> None:
        """Undo the mark, because the work could not be queued after all."""

    def has(self, key: str) -> bool:
        """Whether the key is marked. Marks nothing."""


class Inbox(Protocol):
    """Messages that were acknowledged and not dealt with yet, durable and shared by all replicas. All methods raise
    `StoreError`."""

    def receive(self, item: Received, keys: Collection[str], overtakes: Collection[str] = ()) -> Received | None:
        """Keep it, unless one of the keys was seen before; marks all of them as seen. None: it was there already.

        overtakes: keys of earlier versions of the message, which are marked as well: one that is delivered after this
                   version is not kept. Where none of them was seen, this is the first that is heard of the message: it
                   is given back as no edit, and its row keeps its time, by which older edits know that they are over.
        """

    def drop(self, item_id: str) -> None:
        """It was dealt with."""

    def set_free(self, item_id: str, now: datetime) -> None:
        """Anybody may take it over at once; it does not count as an attempt."""

    def extend(self, owner: str, until: datetime, held: Collection[str] | None = None) -> None:
        """The owner lives: nobody takes its messages over before then; those of them that it holds, if it says so."""

    def let_lapse(self, item_id: str, owner: str, now: datetime, *, counts: bool = True) -> None:
        """The owner could not deal with it: anybody may take it over at once. `counts`: it was an attempt."""

    def release(self, owner: str, now: datetime) -> None:
        """The owner ends: anybody may take its messages over at once."""

    def about(self, channel: str, ts: str) -> Sequence[Received]:
        """Everything about one message that is not dealt with yet: itself, its edits, its deletion."""

    def take_over(self, owner: str, now: datetime, until: datetime, limit: int = 10) -> Sequence[Received]:
        """Those whose owner let the time pass, oldest first, now `owner`'s until then, with one attempt more. Exactly
        one caller gets each."""

    def heard(self, team: str, at: datetime) -> None:
        """Some replica could hear this workspace then."""

    def last_heard(self, team: str) -> datetime | None:
        """When some replica could last hear it; None: never yet."""


class ButtonStore(Protocol):
    """What opaque tokens stand for, durable and shared by all replicas. All methods raise `StoreError`."""

    def issue(self, button: Button) -> str:
        """Keep the button and return its new token."""

    def find(self, token: str) -> Button | None:
        """The button, which stays; None when it is unknown, expired or used."""

    def claim(self, token: str) -> Button | None:
        """Take the button, and with it every other one of the same card: exactly one caller gets it."""

    def restore(self, token: str) -> None:
        """Undo a claim with all it took, because nothing came of it."""

    def place(self, card: str, ts: str) -> None:
        """Say where the card stands, once it has been posted."""


class IncidentStore(Protocol):
    """Incidents and what people said about them, durable and shared by all replicas. All methods raise `StoreError`."""

    def open(self, incident: Incident) -> tuple[Incident, bool]:
        """The open incident with this key in this channel, or this one, now kept; True when it is new.

        One that comes already resolved (an all-clear) is just kept: it is new whatever else there is.
        """

    def get(self, incident_id: str) -> Incident | None:
        """One incident."""

    def update(self, incident: Incident, /, **fields: Any) -> Incident | None:
        """Compare-and-swap on `version`; None when somebody else was faster."""

    def open_incidents(self, limit: int = 50) -> Sequence[Incident]:
        """Those that are open, newest first."""

    def unshown(self, limit: int = 50) -> Sequence[Incident]:
        """Those, open or resolved, whose card is not what it should be (`wanted` above `shown`), oldest first."""

    def keep_view(self, incident_id: str, snapshot: bytes) -> None:
        """Keep the redacted view behind the newest diagnosis (see `bot.diagnosis.snapshot`), in place of an older."""

    def view_of(self, incident_id: str) -> bytes | None:
        """The view that was kept."""

    def mute(self, key: str, by: str, until: datetime) -> None:
        """Post nothing more by itself about this incident key until then."""

    def muted(self, now: datetime) -> Mapping[str, tuple[str, datetime]]:
        """Muted keys: by whom, and until when."""

    def unmute(self, key: str) -> None:
        """End a mute."""

    def feedback(self, incident_id: str, by: str, verdict: str, detail: Mapping[str, Any], snapshot: bytes) -> None:
        """Keep an opinion (`helpful`, `not_helpful`, `not_this`) with the redacted view it is about."""


class QuestionStore(Protocol):
    """Questions under way, durable and shared by all replicas. All methods raise `StoreError`."""

    def put(self, question: PendingRequest) -> None:
        """Keep it, in place of the one with its id."""

    def add(self, question: PendingRequest) -> bool:
        """Keep it, unless there is one with its id; then False."""

    def drop(self, question_id: str) -> None:
        """It was answered."""

    def extend(self, owner: str, until: datetime, held: Collection[str] | None = None) -> None:
        """The owner lives: nobody takes its questions over before then; those of them that it holds, if it says so."""

    def let_lapse(self, question_id: str, owner: str, now: datetime, *, counts: bool = True) -> None:
        """The owner could not deal with it: anybody may take it over at once. `counts`: it was an attempt."""

    def release(self, owner: str, now: datetime) -> None:
        """The owner ends: anybody may take its questions over at once."""

    def take_over(self, owner: str, now: datetime, until: datetime, limit: int = 10) -> Sequence[PendingRequest]:
        """Questions whose owner let the time pass, oldest first, now `owner`'s until then, with one attempt more.
        Exactly one caller gets each."""

    def under_way(self, channel: str, source_ts: str) -> bool:
        """Whether a question about what was pasted there is not answered yet."""
