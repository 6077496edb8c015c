"""A question about a namespace or an object in it: two looks, the app that they show, and its diagnosis.

Called by `bot.diagnosis.service` for every subject that no playbook describes. It knows no vendor and no screen.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from bot.diagnosis.following import workload_name
from bot.diagnosis.ports import ClusterReader, ListRequest, Progress
from bot.diagnosis.subjects import Subject, narrowed, not_there
from bot.domain.diagnosis import CauseVerdict, Diagnosis, Verdict
from bot.domain.errors import ClusterError, NamespaceNotFound, UnknownApp, UsageError
from bot.domain.mentions import MentionedObject
from bot.domain.symptoms import Symptom
from bot.domain.view import View
from bot.engine.diagnose import Knowledge, diagnose
from bot.engine.discovery.chain import with_chains
from bot.engine.discovery.discover import Discovery, discover
from bot.engine.discovery.interest import fetch_details
from bot.engine.discovery.sketch import sketch
from bot.engine.discovery.summary import looked_at
from bot.playbook.schema import CausesPlaybook, LineSpec


@dataclass(frozen=True)
class Discovering:
    """Reads and answers. `apps` are the names of the apps that playbooks describe, for messages."""

    generic: Sequence[CausesPlaybook]
    lines: Sequence[LineSpec]
    apps: Sequence[str]
    reader: Callable[[], ClusterReader]

    def look(self, wanted: Subject, namespace: str | None, progress: Progress) -> View:
        """Both looks at the namespace of the subject. Raises `UsageError`, `NamespaceNotFound`, `UnknownWorkload`."""
        reader = self.reader()
        view = self._first(reader, wanted, namespace, progress)
        whole = discover(view)
        found = self._found(wanted, whole)
        progress("Reading logs and asking the health endpoints")
        return reader.fetch_details(view, fetch_details(found.binding(), whole.components.values()))

    def answer(self, wanted: Subject, view: View, symptoms: tuple[Symptom, ...]) -> Diagnosis:
        """The diagnosis of a view: pure, so a saved view gives the same one again."""
        whole = discover(view)
        found = self._found(wanted, whole)
        knowledge = Knowledge(found.app, (), tuple(self.generic))
        diagnosis = diagnose(knowledge, view, symptoms, found.binding(self.lines))
        if not found.components:
            return _empty(diagnosis, found, is_bare=not whole.components)
        asked = wanted.name if wanted.kind in (None, "Service") else ""
        seen = looked_at(found, diagnosis)
        note = f"No playbook describes it; looked at {seen}"
        told = replace(diagnosis, notes=(*diagnosis.notes, note), looked_at=seen, graph=sketch(found, diagnosis))
        return with_chains(found, told, asked)

    def _first(self, reader: ClusterReader, wanted: Subject, namespace: str | None, progress: Progress) -> View:
        if wanted.is_namespace:
            if namespace and namespace != wanted.name:
                raise UsageError(f"{wanted.said} is not in namespace {namespace}.", "Leave out -n.")
            return self._read(reader, wanted.name, progress)
        place = namespace or reader.default_namespace
        if wanted.kind is not None:
            return self._holding(reader, wanted, namespace, place, progress)
        if place:
            view = self._read(reader, place, progress)
            if namespace or narrowed(discover(view), wanted) is not None:
                return view
        try:
            return self._read(reader, wanted.name, progress)
        except NamespaceNotFound as exc:
            known = ", ".join(sorted(self.apps)) or "none"
            raise UnknownApp(
                f"“{wanted.said}” is no app of the playbooks ({known}), and no namespace.",
                "Say one of these, or name the object with its namespace: deployment/NAME -n NAMESPACE.",
            ) from exc

    def _holding(
        self, reader: ClusterReader, wanted: Subject, namespace: str | None, place: str, progress: Progress
    ) -> View:
        """The namespace of an object: the one that was named, the context's if the object is there, or where it is."""
        view = self._read(reader, place, progress) if place else None
        if view is not None and (namespace or narrowed(discover(view), wanted) is not None):
            return view
        places = _places_of(wanted, reader)
        if len(places) == 1:
            return self._read(reader, places[0], progress)
        if places:
            raise UsageError(f"{wanted.said} can be in several namespaces: {', '.join(places)}.", "Name it with -n.")
        if view is None:
            ask = "Of which namespace shall the pods on it be judged?" if wanted.kind == "Node" else ""
            raise UsageError(ask or f"In which namespace is {wanted.said}?", "Name it with -n NAMESPACE.")
        return view

    def _read(self, reader: ClusterReader, namespace: str, progress: Progress) -> View:
        progress(f"Reading workloads, pods, Services and events in {namespace}")
        return reader.list_resources(ListRequest(namespace, wide=True))

    def _found(self, wanted: Subject, whole: Discovery) -> Discovery:
        """The discovery as seen from the subject. Raises `UnknownWorkload` when it is not there."""
        found = narrowed(whole, wanted)
        if found is not None:
            return found
        if wanted.kind is None and wanted.name == whole.view.namespace:
            return whole
        error = not_there(wanted, whole)
        if wanted.kind is not None:
            raise error
        apps = ", ".join(sorted(self.apps))
        raise type(error)(f"{error.message} No playbook describes an app of this name either: {apps}.", error.remedy)


def _places_of(wanted: Subject, reader: ClusterReader) -> list[str]:
    """The namespaces that hold a Deployment of this name, or one that makes pods of this name."""
    if wanted.kind not in ("Pod", "Deployment", "ReplicaSet"):
        return []
    name = workload_name(MentionedObject(wanted.kind, wanted.name))
    try:
        everywhere = reader.workloads_everywhere()
    except ClusterError:
        return []
    return sorted({item.metadata.namespace for item in everywhere if item.metadata.name == name})


def _empty(diagnosis: Diagnosis, found: Discovery, *, is_bare: bool) -> Diagnosis:
    """Nothing runs there, or behind what was asked about: that is neither healthy nor a fault by itself.

    `is_bare`: nothing runs in the whole namespace.
    """
    if any(not cause.state for cause in diagnosis.root_causes):
        return diagnosis
    if not is_bare and any(cause.verdict is CauseVerdict.LIKELY for cause in diagnosis.causes):
        return diagnosis
    blind = {"pods", "deployments"} & set(found.view.gaps)
    what = "nothing runs there" if is_bare else f"nothing that runs there stands behind {found.app.title}"
    headline = f"Namespace {found.view.namespace}: {'nothing could be read' if blind else what}."
    return replace(diagnosis, verdict=Verdict.INCONCLUSIVE, headline=headline, root_causes=())
