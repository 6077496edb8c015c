"""Which questions a paste raises: about the app whose error it shows, and about the objects that it names. Pure.

Used where somebody asks about a paste and names nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.attribution import Owner
from bot.domain.kubernetes.kinds import WORKLOAD_KINDS
from bot.domain.mentions import MentionedObject
from bot.domain.symptoms import PasteReading
from bot.engine.mentions.words import POD_ENDING

_ASKED_ABOUT = (
    *("Pod", *(kind for kind in WORKLOAD_KINDS if kind != "Pod")),
    *("PersistentVolumeClaim", "Service", "Ingress", "HorizontalPodAutoscaler", "Namespace"),
)
"""Kinds of which a diagnosis can be made, those first that say most."""
_MOST = 6
_OF_DEPLOYMENT = re.compile(rf"(?P<base>.+)-{POD_ENDING}{{6,10}}(?:-{POD_ENDING}{{5}})?\Z")
_OF_SET = re.compile(r"(?P<base>.+)-\d{1,3}\Z")


@dataclass(frozen=True, slots=True)
class Lead:
    """One question: the `subject` as it is asked (`onyx`, `pod/api-0`), its namespace (empty: not said), and why."""

    subject: str
    namespace: str = ""
    because: str = ""

    @property
    def command(self) -> str:
        """How it is asked on the command line."""
        return f"triage diagnose {self.subject}" + (f" -n {self.namespace}" if self.namespace else "")


def leads(reading: PasteReading) -> tuple[Lead, ...]:
    """The questions that a paste raises, the best first: its app, what is in trouble, what else it names."""
    ours = [item for item in reading.symptoms if item.attribution.owner is Owner.OURS]
    found = [Lead(item.app, because=f"{item.title}: {'; '.join(item.attribution.evidence[:1])}") for item in ours]
    found = list({lead.subject: lead for lead in reversed(found)}.values())[::-1]
    asked: set[tuple[str, str]] = set()
    for item in sorted(reading.mentions, key=_rank):
        of = (workload_name(item), item.namespace)
        if item.kind in _ASKED_ABOUT and of not in asked:
            asked.add(of)
            where = "" if item.kind == "Namespace" else item.namespace
            found.append(Lead(item.said, where, f"line {item.line}" + (f": {item.state}" if item.state else "")))
    return tuple(found[:_MOST])


def workload_name(mention: MentionedObject) -> str:
    """The name of what makes a pod, by the pod's name; any other object's own name."""
    if mention.kind not in ("Pod", "ReplicaSet"):
        return mention.name
    found = _OF_DEPLOYMENT.match(mention.name) or (_OF_SET.match(mention.name) if mention.kind == "Pod" else None)
    return found["base"] if found else mention.name


def _rank(item: MentionedObject) -> tuple[bool, int, int]:
    kind = _ASKED_ABOUT.index(item.kind) if item.kind in _ASKED_ABOUT else len(_ASKED_ABOUT)
    return not item.in_trouble, kind, item.line


def others_note(found: Sequence[Lead], asked: Lead) -> str:
    """What else the paste names, and how to ask about it; empty if nothing."""
    rest = [lead for lead in found if lead != asked]
    if not rest:
        return ""
    listed = "; ".join(f"{lead.subject}, ask: {lead.command}" for lead in rest)
    return f"The paste was followed to {asked.subject} ({asked.because}). It also names {listed}."
