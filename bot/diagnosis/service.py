"""The use case: from a question to a diagnosis. Called by the command line and by chat adapters.

Collects once through the `ClusterReader` port, then lets the engine decide. It knows no vendor and no screen.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from importlib import import_module
from typing import TYPE_CHECKING

from bot.diagnosis.ports import ClusterReader, Examined, ListRequest, NamespaceChoice, Progress, TriageRequest
from bot.diagnosis.subjects import Subject, parse_subject
from bot.domain.diagnosis import Cost, Diagnosis
from bot.domain.errors import ClusterError, NamespaceNotFound, ReleaseUnclear, UnknownApp, UsageError
from bot.domain.symptoms import PasteReading, Symptom
from bot.domain.view import DetailRequest, View
from bot.engine.binding import Binding, bind
from bot.engine.binding.releases import holding_namespaces, releases_of
from bot.playbook.app_schema import AppPlaybook
from bot.playbook.loaded import PlaybookSet
from bot.redaction import Boundary, Redactor
from bot.redaction.symptoms import redact_symptoms, tokens_in
from bot.yamlfile.spelling import nearest

if TYPE_CHECKING:
    from bot.diagnosis.discovering import Discovering
    from bot.engine.match.matcher import Matcher

MAX_NAMESPACES_LOOKED_AT = 6


def import_ahead() -> None:
    """Import what a diagnosis needs only once the cluster has answered. The command line does so in a thread, while
    the first look waits for the cluster: together they take a tenth of a second.
    """
    for name in ("bot.engine.interest", "bot.redaction.view", "bot.engine.diagnose"):
        import_module(name)


def _wanted(binding: Binding, symptoms: Sequence[Symptom]) -> DetailRequest:
    from bot.engine.interest import fetch_details  # noqa: PLC0415 - see `import_ahead`

    return fetch_details(binding, frozenset(item.id for item in symptoms))


@dataclass(frozen=True, slots=True)
class RedactedView:
    """What a triage has read, redacted, and the redactor that knows which token stands for what."""

    view: View
    redactor: Redactor


class TriageService:
    """Implements the `Triage` port. `reader` is called for each question, so that a lost cluster is an answer, not a
    crash. `boundary` is the program's redaction boundary; by default one with the built-in rules.
    """

    def __init__(
        self,
        playbooks: Callable[[], PlaybookSet],
        reader: Callable[[], ClusterReader],
        boundary: Boundary | None = None,
    ) -> None:
        self._playbooks = playbooks
        self._reader = reader
        self._boundary = boundary or Boundary()
        self._matcher: tuple[PlaybookSet, Matcher] | None = None

    def apps(self) -> Sequence[tuple[str, str]]:
        """(id, title) of every app that playbooks describe, those first of which the most errors are known."""
        playbooks = self._playbooks()
        known = sorted(playbooks.apps.values(), key=lambda app: (-len(playbooks.symptoms_of(app.id)), app.id))
        return tuple((app.id, app.title) for app in known)

    def match(self, text: str, app: str | None = None, bound: Collection[str] = ()) -> tuple[Symptom, ...]:
        """Symptoms in a paste, most severe first. `bound`: the apps whose place it is where it was pasted."""
        if app is not None:
            self.app(app)
        return self._recognising().match(text, app, bound)

    def read(self, text: str, bound: Collection[str] = ()) -> PasteReading:
        """Everything that a paste says: symptoms and whose they are, failed calls, objects that it names."""
        return self._recognising().read(text, None, bound)

    def _recognising(self) -> Matcher:
        from bot.engine.match.matcher import Matcher  # noqa: PLC0415 - its expressions cost what a whole read costs

        playbooks = self._playbooks()
        if self._matcher is None or self._matcher[0] is not playbooks:
            self._matcher = (playbooks, Matcher(playbooks.apps, playbooks.symptoms, playbooks.lines, checked=True))
        return self._matcher[1]

    def cost(self) -> Cost:
        """What the reads of the current reader have cost so far."""
        return self._reader().cost()

    def app(self, name: str) -> AppPlaybook:
        """The playbook of an app; raises `UnknownApp` with the names there are."""
        apps = self._playbooks().apps
        if name not in apps:
            known = ", ".join(sorted(apps)) or "none"
            meant = nearest(name, apps)
            remedy = f"Did you mean {meant}? " if meant else ""
            raise UnknownApp(f"There is no app “{name}” in the playbooks.", f"{remedy}Say one of these: {known}.")
        return apps[name]

    def subject(self, word: str) -> AppPlaybook | Subject:
        """What a word may name: an app of the playbooks, else a namespace or an object in one. Raises `UsageError`."""
        if word in self._playbooks().apps:
            return self.app(word)
        return parse_subject(word) or self.app(word)

    def diagnose(self, request: TriageRequest, progress: Progress) -> Diagnosis | NamespaceChoice:
        """Read the cluster and decide. Raises `TriageError` with a remedy when that is impossible."""
        seen = self.look(request, progress)
        if isinstance(seen, NamespaceChoice):
            return seen
        return self._answer(request, seen)

    def examine(self, request: TriageRequest, progress: Progress) -> Examined | NamespaceChoice:
        """The diagnosis together with the view it was made of."""
        seen = self.look(request, progress)
        if isinstance(seen, NamespaceChoice):
            return seen

        def packed() -> bytes:
            from bot.diagnosis.snapshot import Snapshot, encode_snapshot, program_version  # noqa: PLC0415 - on request only

            view = seen.view
            taken = Snapshot(request.app, view, program_version(), view.collected_at, seen.redactor.hidden)
            return encode_snapshot(taken, compress=True)

        return Examined(self._answer(request, seen), packed)

    def look(self, request: TriageRequest, progress: Progress) -> RedactedView | NamespaceChoice:
        """Read the cluster. All secrets are hidden here, once, so that nothing made of the view can show one."""
        subject = self.subject(request.app)
        if isinstance(subject, Subject):
            return self._redacted(subject.said, self._discovering().look(subject, request.namespace, progress))
        app, reader = subject, self._reader()
        namespace = request.namespace
        if namespace is None:
            progress(f"Looking for {app.title} in {reader.cluster}")
            namespaces = self._find(app, reader)
            if len(namespaces) > 1:
                return NamespaceChoice(app.id, namespaces)
            namespace = namespaces[0]
        try:
            return self._redacted(app.id, self.collect(app, namespace, reader, progress, request.symptoms))
        except ReleaseUnclear as several:
            return NamespaceChoice(app.id, several.places)

    def replay(self, view: View, request: TriageRequest) -> Diagnosis:
        """The diagnosis of a view that was saved: what `diagnose` said when it had just been read."""
        from bot.redaction.view import adopt_view  # noqa: PLC0415 - see `import_ahead`

        redactor = self._boundary.redactor()
        adopt_view(view, redactor)
        return self._answer(request, RedactedView(view, redactor))

    def _answer(self, request: TriageRequest, seen: RedactedView) -> Diagnosis:
        subject, view = self.subject(request.app), seen.view
        hidden = Counter(seen.redactor.present)
        symptoms = redact_symptoms(request.symptoms, seen.redactor)
        hidden.update(tokens_in(symptoms))  # those of the paste by themselves: a replay cannot know which are the same
        counts = dict(sorted(hidden.items()))
        if isinstance(subject, AppPlaybook):
            return replace(self.decide(subject, view, symptoms), hidden=counts)
        return replace(self._discovering().answer(subject, view, symptoms), app=subject.said, hidden=counts)

    def _discovering(self) -> Discovering:
        from bot.diagnosis.discovering import Discovering  # noqa: PLC0415 - no part of a question about an app

        playbooks = self._playbooks()
        return Discovering(playbooks.generic, playbooks.lines, tuple(playbooks.apps), self._reader)

    def collect(
        self,
        app: AppPlaybook,
        namespace: str,
        reader: ClusterReader,
        progress: Progress,
        symptoms: Sequence[Symptom] = (),
    ) -> View:
        """Both looks at a namespace (`NAMESPACE` or `NAMESPACE/RELEASE`), with what the pasted symptoms ask for.

        Raises `NamespaceNotFound` when the app is certainly not there, `ReleaseUnclear` when it is there several times.
        """
        namespace, _, release = namespace.partition("/")
        progress(f"Reading pods, Services, events and policies in {namespace}")
        view = reader.list_resources(ListRequest(namespace, variables_of(app)))
        view = view.model_copy(update={"release": _release(app, view, release)})
        binding = bind(app, view)
        if not binding.found and not ({"pods", "deployments", "statefulsets"} & set(view.gaps)):
            raise NamespaceNotFound(
                f"There is no {app.title} in namespace {namespace} of {view.cluster}.",
                f"Name the namespace it runs in, or check how its components are found: playbooks, app {app.id}.",
            )
        progress("Reading logs and asking the health endpoints")
        return reader.fetch_details(view, _wanted(binding, symptoms))

    def decide(self, app: AppPlaybook, view: View, symptoms: tuple[Symptom, ...]) -> Diagnosis:
        """The diagnosis of a view: pure, so a saved view gives the same one again."""
        from bot.engine.diagnose import Knowledge, diagnose  # noqa: PLC0415 - see `import_ahead`

        playbooks = self._playbooks()
        knowledge = Knowledge(app, tuple(playbooks.symptoms_of(app.id)), playbooks.generic)
        return diagnose(knowledge, view, symptoms, match=lambda text: self._recognising().in_own_log(text, app.id))

    def _redacted(self, app: str, view: View) -> RedactedView:
        """The view without secrets. Equal secrets get equal tokens in all triages of the same app in the same place."""
        from bot.redaction.view import redact_view  # noqa: PLC0415 - see `import_ahead`

        redactor = self._boundary.redactor(f"{view.cluster}/{view.namespace}/{app}")
        return RedactedView(redact_view(view, redactor), redactor)

    def _find(self, app: AppPlaybook, reader: ClusterReader) -> tuple[str, ...]:
        """Namespaces that hold the app, by their Deployments; where these may not be listed, by their names."""
        try:
            holding = holding_namespaces(app, reader.workloads_everywhere())
        except ClusterError:
            holding = ()
        return holding or self._find_by_name(app, reader)

    def _find_by_name(self, app: AppPlaybook, reader: ClusterReader) -> tuple[str, ...]:
        """Namespaces with a fitting name, looked into when there are only a few."""
        named = [
            name for name in reader.namespaces() if any(fnmatchcase(name, glob) for glob in (app.id, *app.namespaces))
        ]
        if not named:
            raise NamespaceNotFound(
                f"No namespace of {reader.cluster} is named like {app.title}.",
                "Say which one it runs in: `triage diagnose APP -n NAMESPACE`, or `/triage APP NAMESPACE` in Slack.",
            )
        if len(named) == 1 or len(named) > MAX_NAMESPACES_LOOKED_AT:
            return tuple(sorted(named))
        variables = variables_of(app)
        holding = [name for name in named if bind(app, reader.list_resources(ListRequest(name, variables))).found]
        return tuple(sorted(holding or named))


def _release(app: AppPlaybook, view: View, wanted: str) -> str:
    """The release to look at: the one that was named, empty if there is nothing to choose."""
    names = [item.name for item in releases_of(app, view)]
    if wanted and names and wanted not in names:
        message = f"There is no release {wanted} of {app.title} in namespace {view.namespace}."
        raise UsageError(message, f"Say one of these: {', '.join(names)}.")
    if not wanted and len(names) > 1:
        message = f"Namespace {view.namespace} holds {app.title} several times: {', '.join(names)}."
        raise ReleaseUnclear(message, tuple(f"{view.namespace}/{name}" for name in names))
    return wanted


def variables_of(app: AppPlaybook) -> frozenset[str]:
    """Environment variables and ConfigMap keys whose values the app's checks need; nothing else is kept."""
    hosts = {name for component in app.components.values() for name in component.host_env}
    return frozenset(hosts | {route.env for route in app.routes.values()})
