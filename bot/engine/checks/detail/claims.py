"""Check on the volume claims of a workload's pods: do they exist, can they get a volume, can it be attached?"""

from __future__ import annotations

import re
from datetime import timedelta

from bot.domain.facts import Check, FactValue, Gap
from bot.domain.kubernetes import Event, PersistentVolumeClaim, Pod
from bot.engine.binding import Binding, BoundComponent
from bot.engine.checks.answer import CheckBuilder
from bot.engine.checks.containers import newest_first, pod_events, runs, shortened
from bot.engine.checks.probes import RECENT_SECONDS
from bot.playbook.catalogue import ScopeKind

_DEFAULT = "storageclass.kubernetes.io/is-default-class"
_NO_VOLUME = ("ProvisioningFailed", "FailedBinding")
_GONE = re.compile(r'persistentvolumeclaim "?([\w.-]+)"? (not found|is being deleted)')
_HANDED_OVER = timedelta(seconds=75)
"""How long a volume may need from the node of the pod before: that has to end, and to let it go."""
_NOT_THERE = re.compile(
    r'hostPath type check failed|path "[^"]+" does not exist|not found in the list of registered CSI'
)
_MADE_BESIDE = timedelta(seconds=20)
"""What a node itself has not, no other pod holds; another program may make it when the node begins."""
_CANNOT_ATTACH = ("FailedAttachVolume", "FailedMapVolume")
_SUMMED_UP = re.compile(r"^Unable to attach or mount volumes: .*timed out waiting for the condition", re.DOTALL)
_MOUNT = re.compile(r"MountVolume|Unable to attach or mount|timed out waiting for the condition|volume attachment")
_MISSING_OBJECT = re.compile(r'(configmap|secret)s? "')


def check_claims(binding: Binding, component: BoundComponent, kind: ScopeKind) -> Check:
    """Is there a claim that keeps a pod from starting?"""
    question = CheckBuilder(
        kind, component.name, "claims", binding.kubectl("get persistentvolumeclaims,storageclasses")
    )
    gap = binding.gap("pods")
    if gap is not None:
        return question.open(gap)
    facts: dict[str, FactValue | Gap] = {
        "claims.missing": False,
        "claims.pending": False,
        "claims.unattached": False,
        "claims.text": "",
        "claims.name": "",
    }
    waiting = tuple(pod for pod in component.all_pods if pod.status.phase in ("Pending", ""))
    if not waiting:
        return question.answered(True, "No pod waits for a volume.", facts)
    names = _claimed(waiting)
    missing = binding.gap("persistentvolumeclaims")
    known = {item.metadata.name: item for item in binding.view.persistentvolumeclaims}
    for name in names:
        claim = known.get(name)
        if claim is None and missing is None:
            others = ", ".join(sorted(known)) or "none"
            text = f"claim {name} does not exist (there are: {others})"
            return question.answered(False, f"{text}.", facts | _about("missing", text, name))
        trouble = _pending(binding, claim) if claim is not None else ""
        if trouble:
            return question.answered(False, f"{trouble}.", facts | _about("pending", trouble, name))
    gone = _gone(waiting)
    if gone is not None:
        name, text = gone
        return question.answered(False, f"{text}.", facts | _about("missing", text, name))
    if names and missing is not None:
        return question.open(missing)
    attach = _unattached(binding, component)
    if attach:
        return question.answered(False, attach, facts | {"claims.unattached": True, "claims.text": attach})
    return question.answered(True, "Its claims have volumes.", facts)


def _claimed(pods: tuple[Pod, ...]) -> list[str]:
    """Names of the claims that these pods name, each once."""
    claims = (volume.persistent_volume_claim for pod in pods for volume in pod.spec.volumes)
    return sorted({claim.claim_name for claim in claims if claim is not None})


def _gone(waiting: tuple[Pod, ...]) -> tuple[str, str] | None:
    """A claim that the scheduler misses, with what it says; None if it misses none."""
    for pod in waiting:
        condition = pod.condition("PodScheduled")
        found = _GONE.search(condition.message) if condition else None
        if found is not None:
            return found[1], f"claim {found[1]} {'does not exist' if found[2] == 'not found' else 'is being deleted'}"
    return None


def _about(trouble: str, text: str, name: str) -> dict[str, FactValue | Gap]:
    return {f"claims.{trouble}": True, "claims.text": text, "claims.name": name}


def _pending(binding: Binding, claim: PersistentVolumeClaim) -> str:
    """Why a claim gets no volume; empty if it has one, or only waits for its pod to be placed."""
    if claim.status.phase not in ("Pending", "Lost"):
        return ""
    name, wanted = claim.metadata.name, claim.spec.storage_class_name
    if claim.status.phase == "Lost":
        return f"claim {name} has lost its volume {claim.spec.volume_name}"
    view = binding.view
    classes = {item.metadata.name: item for item in view.storageclasses}
    unread = "storageclasses" in view.gaps or (not classes and not _listed_classes(binding))
    known = ", ".join(sorted(classes)) or "none"
    events = _events(binding, name)
    said = f"; it says: {shortened(events[0].message)}" if events else ""
    if wanted and not unread and wanted not in classes:
        # Volumes made by hand need no class object: one of that name would do, if it fitted.
        fits = f"no volume of that class fits it ({', '.join(claim.spec.access_modes)})"
        absent = f"storage class {wanted}, which does not exist (there are: {known})"
        return f"claim {name} asks for {absent}, and {fits}{said}"
    if wanted is None and not unread and not any(_is_default(item.metadata.annotations) for item in classes.values()):
        return f"claim {name} names no storage class, and none is the default (there are: {known}){said}"
    if events:
        modes = ", ".join(claim.spec.access_modes)
        about = f"class {wanted or 'default'}, {modes}"
        return f"claim {name} ({about}) gets no volume{said}"
    return ""


def _listed_classes(binding: Binding) -> bool:
    """Whether storage classes were asked for: they are, where a claim is pending in a discovered app."""
    return binding.graph is not None and bool(binding.view.logs or binding.view.health or binding.view.storageclasses)


def _is_default(annotations: dict[str, str]) -> bool:
    return annotations.get(_DEFAULT) == "true" or annotations.get(_DEFAULT.replace("is-", "beta.is-", 1)) == "true"


def _events(binding: Binding, claim: str) -> list[Event]:
    return newest_first(
        [
            event
            for event in binding.view.events
            if event.involved_object.kind == "PersistentVolumeClaim"
            and event.involved_object.name == claim
            and event.reason in _NO_VOLUME
        ]
    )


def _unattached(binding: Binding, component: BoundComponent) -> str:
    """What the attach-detach controller or the kubelet says about a volume."""
    begins = ("ContainerCreating", "PodInitializing")
    creating = [pod for pod in component.all_pods if any(run.waiting in begins for run in runs((pod,)))]
    late = tuple(pod for pod in creating if binding.lasts(pod.metadata.creation_timestamp, _HANDED_OVER))
    soon = tuple(pod for pod in creating if binding.lasts(pod.metadata.creation_timestamp, _MADE_BESIDE))
    events = list(pod_events(binding, late, *_CANNOT_ATTACH, "FailedMount"))
    events += [event for event in pod_events(binding, soon, "FailedMount") if _NOT_THERE.search(event.message)]
    # The kubelet sums up every two minutes that it waits for volumes, also where an object that one is made of is not
    # there: that is said by the events beside it.
    recent = [event for event in events if binding.within(event.last_seen, RECENT_SECONDS)]
    missing = any(_MISSING_OBJECT.search(event.message) for event in recent)
    for event in recent:
        if missing and event.reason == "FailedMount" and _SUMMED_UP.search(event.message):
            continue
        if _MISSING_OBJECT.search(event.message):
            continue
        if event.reason in _CANNOT_ATTACH or _MOUNT.search(event.message):
            return shortened(event.message, 300)
    return ""
