"""What a question is about when it names no app of the playbooks: a namespace, an object in it, or a bare name. Pure.

Called by `bot.diagnosis.service`. Words are kubectl's, short forms included.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches

from bot.diagnosis.following import workload_name
from bot.diagnosis.subject_words import KINDS, NAMESPACE
from bot.diagnosis.used_objects import is_leaving, users_of, why_unused
from bot.domain.errors import UnknownWorkload, UsageError
from bot.domain.kubernetes.kinds import WORKLOAD_KINDS
from bot.domain.mentions import MentionedObject
from bot.domain.view import View
from bot.engine.discovery.discover import Discovery
from bot.engine.discovery.services import backends

_NAME = re.compile(r"[a-z0-9]([-a-z0-9.]{0,250}[a-z0-9])?")
_NAMESPACE_NAME = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
_OWNER = re.compile(r"[A-Za-z][A-Za-z0-9]{1,60}")
_NAMES_SHOWN = 12
_TO_ASK_ABOUT = ", ".join(f"{row.names[0]}/NAME" for row in WORKLOAD_KINDS.values() if row.kind != "ReplicaSet")
_ASK_INSTEAD = (
    f"Name what makes the pods ({_TO_ASK_ABOUT}), a service/NAME or ingress/NAME, "
    "or the whole namespace: namespace/NAME."
)


@dataclass(frozen=True, slots=True)
class Subject:
    """What was named: `said` as the person wrote it, `kind` as Kubernetes writes it (None for a bare name)."""

    said: str
    kind: str | None
    name: str

    @property
    def is_namespace(self) -> bool:
        return self.kind == NAMESPACE


def parse_subject(said: str) -> Subject | None:
    """The object that a word names; None if it cannot be the name of one.

    Raises `UsageError` for a kind of which nothing can be said, and for a kind without a name that Kubernetes allows.
    """
    word, slash, name = said.partition("/")
    if not slash:
        return Subject(said, None, said) if _NAME.fullmatch(said) else None
    kind = KINDS.get(word.lower().partition(".")[0])
    if kind is None:
        what = f"nothing of the kind “{word}” can be diagnosed" if word else "what stands before the slash is missing"
        may_be_namespace = name and _NAMESPACE_NAME.fullmatch(word)
        further = f" If {word} is a namespace: {name} -n {word}." if may_be_namespace else ""
        raise UsageError(f"“{said}”: {what}.", _ASK_INSTEAD + further)
    fits = _NAMESPACE_NAME if kind == NAMESPACE else _NAME
    if not fits.fullmatch(name):
        problem = "is no name that Kubernetes allows" if name else "is missing"
        raise UsageError(f"“{said}” names no object: what stands after the slash {problem}.", _ASK_INSTEAD)
    return Subject(said, kind, name)


def narrowed(found: Discovery, wanted: Subject) -> Discovery | None:
    """The discovery as seen from the object that was named; None if it is not there."""
    if wanted.is_namespace:
        return found
    components = _workloads(found, wanted)
    if components:
        targets = [item.target for name in components if (item := found.components[name].workload)]
        if len(components) > 1 and wanted.kind is None:
            raise UsageError(
                f"Several objects of namespace {found.view.namespace} are called {wanted.name}.",
                f"Say which: {', '.join(targets)}.",
            )
        return found.about(components, targets[0] if targets else wanted.said)
    return _around(found, wanted)


def _workloads(found: Discovery, wanted: Subject) -> list[str]:
    """Components that are this object, or at the top of what owns it."""
    named = [
        name
        for name, item in found.components.items()
        if item.workload is not None
        and item.workload.metadata.name == wanted.name
        and wanted.kind in (None, item.workload.kind)
    ]
    if named or wanted.kind not in (None, "Pod", "ReplicaSet", "Job"):
        return named
    below = [name for name, item in found.components.items() if _owns(item, wanted)]
    return below[:1] or _makes(found, wanted)


def _makes(found: Discovery, wanted: Subject) -> list[str]:
    """What makes pods of this name, where the pod itself has been replaced since its name was written down."""
    base = workload_name(MentionedObject(wanted.kind or "Pod", wanted.name))
    workloads = ((name, item.workload) for name, item in found.components.items())
    return [
        name for name, item in workloads if base != wanted.name and item is not None and item.metadata.name == base
    ][:1]


def _owns(component: object, wanted: Subject) -> bool:
    from bot.engine.binding import BoundComponent  # noqa: PLC0415 - a type only

    if not isinstance(component, BoundComponent):
        return False
    pods = (*component.all_pods, *component.leaving, *component.finished)
    owned = (("Pod", pods), ("ReplicaSet", component.replica_sets), ("Job", component.jobs))
    return any(
        item.metadata.name == wanted.name for kind, items in owned if wanted.kind in (None, kind) for item in items
    )


def _around(found: Discovery, wanted: Subject) -> Discovery | None:
    """What stands behind a Service, an Ingress or an autoscaler, or uses a claim or a ConfigMap."""
    graph, title = found.graph, f"{wanted.kind.lower() if wanted.kind else 'service'}/{wanted.name}"
    if wanted.kind in (None, "Service"):
        scopes = [scope for scope, item in graph.services.items() if item.name == wanted.name]
        if scopes:
            targets = [name for scope in scopes for name in _behind(found, scope)]
            near = targets or [name for scope in scopes for name in graph.services[scope].callers]
            return found.about(near, title, scopes)
    if wanted.kind in (None, "Ingress"):
        for scope, ingress in graph.ingresses.items():
            if ingress.metadata.name == wanted.name:
                names = {item.service.name for item in backends(ingress) if item.service}
                scopes = [key for key, item in graph.services.items() if item.name in names]
                targets = [name for key in scopes for name in _behind(found, key)]
                return found.about(targets, title, [*scopes, scope])
    if wanted.kind == "HorizontalPodAutoscaler":
        for scope, scaler in graph.autoscalers.items():
            if scaler.metadata.name == wanted.name:
                target = scaler.spec.scale_target_ref
                near = [
                    name
                    for name, item in found.components.items()
                    if item.workload and (item.workload.kind, item.workload.metadata.name) == (target.kind, target.name)
                ]
                return found.about(near, title, [scope])
    if wanted.kind is None:
        return None
    users = users_of(found, wanted.kind, wanted.name)
    return found.about(users, title) if users or is_leaving(found.view, wanted.kind, wanted.name) else None


def _behind(found: Discovery, scope: str) -> tuple[str, ...]:
    service = found.graph.services[scope]
    return service.picked or ((service.meant,) if service.meant else ())


def not_there(wanted: Subject, found: Discovery) -> UnknownWorkload:
    """The error that says so, with objects whose names are alike."""
    view, kind = found.view, wanted.kind or "workload, Service or Ingress"
    unread = next((gap for name, gap in view.gaps.items() if name in _HOLDERS), None)
    if unread is not None:
        return UnknownWorkload(
            f"No {kind} {wanted.name} can be seen in namespace {view.namespace} ({unread.sentence()}).",
            "Let this account list workloads there, or check the name.",
        )
    names = {item.workload.metadata.name: item.workload.target for item in found.components.values() if item.workload}
    gone = _what_events_say(wanted, view)
    alike = [name for name in names if wanted.name in name or name in wanted.name]
    alike += [name for name in get_close_matches(wanted.name, names, n=3) if name not in alike]
    if alike:
        remedy = f"There is {_listed([names[name] for name in sorted(alike)[:_NAMES_SHOWN]])}. Did you mean that?"
    elif names:
        shown = sorted(names.values())[:_NAMES_SHOWN]
        more = f" and {len(names) - len(shown)} more" if len(names) > len(shown) else ""
        remedy = f"These are there: {', '.join(shown)}{more}."
    else:
        remedy = "No workload is there. Check the namespace (-n)."
    unused = why_unused(view, wanted.kind, wanted.name) if wanted.kind else ""
    place = "the cluster" if kind == "Node" else f"namespace {view.namespace}"
    return UnknownWorkload(unused or f"There is no {kind} {wanted.name} in {place}.{gone}", remedy)


_HOLDERS = frozenset(
    {*(row.plural for row in WORKLOAD_KINDS.values() if row.kind != "ReplicaSet"), "services", "ingresses"}
)


def _what_events_say(wanted: Subject, view: View) -> str:
    """The last event about an object that is gone."""
    about = [
        event
        for event in view.events
        if event.involved_object.name == wanted.name and wanted.kind in (None, event.involved_object.kind)
    ]
    last = max(about, key=lambda event: event.last_seen.timestamp() if event.last_seen else 0.0, default=None)
    return f" The last event about it: {last.reason}: {last.message}" if last is not None else ""


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
