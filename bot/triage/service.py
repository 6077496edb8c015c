"""The use case: from a question to a diagnosis. Called by the command line and by chat adapters.

Collects once through the `ClusterReader` port, then lets the engine decide. It knows no vendor and no screen.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fnmatch import fnmatchcase

from bot.domain.diagnosis import Cost, Diagnosis
from bot.domain.errors import NamespaceNotFound, UnknownApp
from bot.domain.symptoms import Symptom
from bot.domain.view import View
from bot.engine.binding import bind
from bot.engine.diagnose import Knowledge, diagnose
from bot.engine.interest import second_look
from bot.engine.match.matcher import Matcher
from bot.playbook.loaded import PlaybookSet
from bot.playbook.schema import AppPlaybook
from bot.triage.ports import ClusterReader, FirstLook, NamespaceChoice, Progress, TriageRequest

MAX_NAMESPACES_LOOKED_AT = 6


class TriageService:
    """Implements the `Triage` port. `reader` is called for each question, so that a lost cluster is an answer, not a
    crash.
    """

    def __init__(self, playbooks: Callable[[], PlaybookSet], reader: Callable[[], ClusterReader]) -> None:
        self._playbooks = playbooks
        self._reader = reader
        self._matcher: tuple[PlaybookSet, Matcher] | None = None

    def apps(self) -> Sequence[tuple[str, str]]:
        """(id, title) of every app that playbooks describe."""
        return tuple((app.id, app.title) for app in self._playbooks().apps.values())

    def match(self, text: str, app: str | None = None) -> tuple[Symptom, ...]:
        """Symptoms in a paste, most severe first."""
        playbooks = self._playbooks()
        if app is not None:
            self.app(app)
        if self._matcher is None or self._matcher[0] is not playbooks:
            self._matcher = (playbooks, Matcher(playbooks.apps, playbooks.symptoms))
        return self._matcher[1].match(text, app)

    def cost(self) -> Cost:
        """What the reads of the current reader have cost so far."""
        return self._reader().cost()

    def app(self, name: str) -> AppPlaybook:
        """The playbook of an app; raises `UnknownApp` with the names there are."""
        apps = self._playbooks().apps
        if name not in apps:
            known = ", ".join(sorted(apps)) or "none"
            raise UnknownApp(f"There is no app “{name}” in the playbooks.", f"Say one of these: {known}.")
        return apps[name]

    def diagnose(self, request: TriageRequest, progress: Progress) -> Diagnosis | NamespaceChoice:
        """Read the cluster and decide. Raises `TriageError` with a remedy when that is impossible."""
        app = self.app(request.app)
        reader = self._reader()
        if request.namespace is None:
            progress(f"Looking for {app.title} in {reader.cluster}")
            namespaces = self._find(app, reader)
            if len(namespaces) > 1:
                return NamespaceChoice(app.id, namespaces)
            namespace = namespaces[0]
        else:
            namespace = request.namespace
        view = self.collect(app, namespace, reader, progress)
        return self.decide(app, view, request.symptoms)

    def collect(self, app: AppPlaybook, namespace: str, reader: ClusterReader, progress: Progress) -> View:
        """Both looks at a namespace. Raises `NamespaceNotFound` when the app is certainly not there."""
        progress(f"Reading pods, Services, events and policies in {namespace}")
        view = reader.first_look(FirstLook(namespace, variables_of(app)))
        binding = bind(app, view)
        if not binding.found and not ({"pods", "deployments", "statefulsets"} & set(view.gaps)):
            raise NamespaceNotFound(
                f"There is no {app.title} in namespace {namespace} of {view.cluster}.",
                f"Name the namespace it runs in, or check how its components are found: playbooks, app {app.id}.",
            )
        progress("Reading logs and asking the health endpoints")
        return reader.second_look(view, second_look(binding))

    def decide(self, app: AppPlaybook, view: View, symptoms: tuple[Symptom, ...]) -> Diagnosis:
        """The diagnosis of a view: pure, so a saved view gives the same one again."""
        playbooks = self._playbooks()
        return diagnose(Knowledge(app, tuple(playbooks.symptoms_of(app.id)), playbooks.generic), view, symptoms)

    def _find(self, app: AppPlaybook, reader: ClusterReader) -> tuple[str, ...]:
        """Namespaces that hold the app: those with a fitting name first, looked into when there are only a few."""
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
        holding = [name for name in named if bind(app, reader.first_look(FirstLook(name, variables))).found]
        return tuple(sorted(holding or named))


def variables_of(app: AppPlaybook) -> frozenset[str]:
    """Environment variables and ConfigMap keys whose values the app's checks need; nothing else is kept."""
    hosts = {name for component in app.components.values() for name in component.host_env}
    return frozenset(hosts | {route.env for route in app.routes.values()})
