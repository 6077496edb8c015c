"""What the parts of a diagnosis are called, and what its own texts say in other words. Pure. Called by `statements`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from bot.domain.diagnosis import Cause, Diagnosis
from bot.narration.entailment.reading import Names

_LABEL = re.compile(r"\b(?:[Tt]he )?(\w+ (?:server|worker|proxy|gateway|store|index))\b")
ROUTE = re.compile(r"^(?P<caller>.+)-to-(?P<called>.+)$")
_REFUSED = re.compile(r"ECONNREFUSED|[Cc]onnection refused|refuses the connection")
_UNREACHED = (
    "{called} cannot be reached",
    "{called} cannot be reached by {caller}",
    "{called} is not reachable",
    "{called} cannot be reached from {caller}",
    "{caller} gets no answer from {called}",
    "{caller} loses {called}",
    "connections from {caller} to {called} fail",
    "requests from {caller} to {called} fail",
    "{caller} cannot connect to {called}",
    "calls from {caller} to {called} fail",
)
_CONNECTION_REFUSED = (
    "connections from {caller} to {called} are refused",
    "{caller} connection to {called} is refused",
    "connections to {called} are refused",
    "{caller} gets connection refused from {called}",
    "{caller} gets connection refused",
)


def labels_of(diagnosis: Diagnosis) -> dict[str, str]:
    """What people call each component; guessed from the texts where a diagnosis does not say."""
    if diagnosis.labels:
        return dict(diagnosis.labels)
    names = {cause.component for cause in diagnosis.causes} | set(diagnosis.components)
    texts = " ".join([diagnosis.headline, *(cause.title for cause in diagnosis.causes),
                      *(item.symptom.title for item in diagnosis.symptoms)])  # fmt: skip
    found = {one.lower(): one for one in _LABEL.findall(texts)}
    labels = {one.split()[0]: label for one, label in found.items()}
    return {**{name: name for name in names if name and not ROUTE.match(name)}, **labels}


def names_of(diagnosis: Diagnosis, labels: Mapping[str, str]) -> Names:
    """Labels, workloads and the app, with what each of them names."""
    ids = {label.lower(): name for name, label in labels.items()}
    for name, target in diagnosis.components.items():
        kind, _, own = target.partition("/")
        if own:
            ids.setdefault(target.lower(), name)
            ids.setdefault(own.lower(), name)
            ids.setdefault(f"{kind.lower()} {own.lower()}", name)
    ids |= {diagnosis.app_title.lower(): "app", diagnosis.app.lower(): "app", "the app": "app"}
    kinds = frozenset(target.partition("/")[0].lower() for target in diagnosis.components.values() if "/" in target)
    return Names(ids, kinds, tuple(labels.values()))


def of_its_sentence(cause: Cause, label: str) -> list[str]:
    """What a cause's sentence says in other words, by the kinds of objects and probes that it names."""
    said, also = cause.sentence.lower(), []
    if not label:
        return []
    if cause.id == f"{cause.component}-config-missing":
        for kind in ("configmap", "secret"):
            if kind in said:
                also += [f"a {kind} that {label} needs does not exist", f"the {kind} of {label} does not exist",
                         f"{label} needs a {kind}"]  # fmt: skip
                also += [f"{kind} {name} does not exist" for name in re.findall(rf'{kind} "?([\w./-]+)"?', said)]
        also += [f"key {name} of the configmap does not exist" for name in re.findall(r"find key (\w+)", said)]
    if cause.id == f"{cause.component}-liveness-killing" and "liveness probe failed" in said:
        also += [f"liveness probe of {label} fails", f"{label} fails its liveness probe",
                 f"the liveness probe kills {label}", f"{label} is killed by its liveness probe",
                 f"liveness probe keeps killing {label}"]  # fmt: skip
    if limit := re.search(r"its limit is (\S+?)\.?$", said):
        also += [f"memory limit of {label} is {limit[1]}", f"{label} has memory limit {limit[1]}"]
    if "insufficient memory" in said:
        also += [f"no node has enough memory for {label}", f"no node has enough memory for the pods of {label}"]
    if code := re.search(r"statuscode: (\d+)", said):
        also += [f"probe of {label} gets status {code[1]}", f"health check of {label} answers {code[1]}"]
    return also


def of_a_symptom(title: str, lines: Sequence[str]) -> list[str]:
    """The other side of "X cannot reach Y", and that the connection is refused where its lines say so."""
    match = re.match(r"(?:The )?(.+?) cannot reach (?:the )?(.+)$", title)
    if match is None:
        return []
    refused = any(_REFUSED.search(line) for line in lines)
    rows = (*_UNREACHED, *(_CONNECTION_REFUSED if refused else ()))
    return [row.format(caller=match[1], called=match[2]) for row in rows]
