"""Real views, made odd: what the fuzz test of the engine does to them. Every function takes and returns plain JSON.

Mutated items that the models refuse are left out and become a gap, as the reader does it.
"""

from __future__ import annotations

import copy
import gzip
import json
import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, get_args

from pydantic import ValidationError

from bot.domain.facts import Gap, GapReason
from bot.domain.view import Resource, View

Json = dict[str, Any]
VIEWS = Path(__file__).parents[1] / "views"
RESOURCES: tuple[str, ...] = get_args(Resource)
NAMES = tuple(sorted(path.name.removesuffix(".json.gz") for path in VIEWS.glob("*.json.gz")))
STRANGE: tuple[Any, ...] = (
    None, "", "?", "Unknown", "running", "\u202eesrever\u0000", "x" * 5000, [], {}, [None], {"": None},
    0, -1, 1, 65536, 2**31, 2**63, 10**30, -(10**30), 0.5, True, False,
    "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "2026-11-23T10:00:00", "1e400", "-5Mi", "٣",
)  # fmt: skip
LOG_TEXTS = (
    "",
    "\n" * 5000,
    "x" * 1_000_000,
    ("Error: connect ECONNREFUSED 10.0.0.1:8080 " * 25_000)[:1_000_000],
    "\u00c3\u00bc\u0000\ufffd\u202e\u2028" * 2000,
    "2026-13-45T99:99:99Z nonsense\n9999-12-31T23:59:59.999999999Z late\n2026-11-23T10:00:00.123+99:99 zone\n",
    "FATAL: terminating\n" * 4000,
)


@cache
def _recorded(name: str) -> str:
    document = json.loads(gzip.decompress((VIEWS / f"{name}.json.gz").read_bytes()))
    return json.dumps(document.get("view", document))


def recorded(name: str) -> Json:
    """A real view as JSON, fresh to be changed."""
    found: Json = json.loads(_recorded(name))
    return found


def as_view(document: Json) -> View:
    """The view, with a gap for each resource that has items the models refuse."""
    document = copy.deepcopy(document)
    gaps = dict(document.get("gaps") or {})
    for resource in RESOURCES:
        kept = [item for item in document.get(resource) or [] if _is_understood(resource, item)]
        if len(kept) < len(document.get(resource) or []):
            gaps.setdefault(resource, gap_json(resource, GapReason.MALFORMED))
        document[resource] = kept
    for name in ("logs", "health", "foreignServices"):
        document[name] = [item for item in document.get(name) or [] if _is_understood(name, item)]
    return View.model_validate(document | {"gaps": gaps})


def _is_understood(name: str, item: Any) -> bool:
    empty = {"cluster": "", "namespace": "", "collectedAt": "2026-11-23T10:00:00Z"}
    try:
        View.model_validate(empty | {name: [item]})
    except ValidationError:
        return False
    return name not in RESOURCES or name == "endpoints" or bool((item.get("metadata") or {}).get("name"))


def gap_json(resource: str, reason: GapReason = GapReason.FORBIDDEN) -> Json:
    """A gap about a list, as a saved view has it."""
    gap = Gap(reason, resource, "", "list", resource, "onyx")
    return {"reason": gap.reason.value, "what": gap.what, "verb": gap.verb, "resource": resource, "namespace": "onyx"}


def without(document: Json, resource: str) -> Json:
    """The view of an account that may not list this."""
    gaps = {**(document.get("gaps") or {}), resource: gap_json(resource)}
    return {**document, resource: [], "gaps": gaps}


def cut_short(document: Json, resource: str, kept: int) -> Json:
    """The view of a reader that was stopped after this many items."""
    gaps = {**(document.get("gaps") or {}), resource: gap_json(resource, GapReason.TIMED_OUT)}
    return {**document, resource: (document.get(resource) or [])[:kept], "gaps": gaps}


def without_details(document: Json, name: str) -> Json:
    """The view of an account that may read no logs, or may not ask for health."""
    gap = gap_json("pods/log" if name == "logs" else "pods/proxy")
    found = [{**item, "gap": gap, "text": None, "outcome": None} for item in document.get(name) or []]
    return {**document, name: [{k: v for k, v in item.items() if v is not None} for item in found]}


def shuffled(document: Json, chance: random.Random) -> Json:
    """The same view with every list of objects in another order."""
    return {
        **document,
        **{name: chance.sample(document[name], len(document[name])) for name in RESOURCES if name in document},
    }


def mutate(document: Json, chance: random.Random) -> Json:
    """The view with something about it changed: one of the ways in which clusters are odd."""
    ways = (_odd_field, _odd_field, _odd_field, _lost_field, _lost_object, _doubled, _shifted, _many_events, _odd_logs)
    return chance.choice(ways)(document, chance)


def _places(node: Any) -> Iterator[tuple[Any, Any]]:
    """Every (container, key) of a JSON tree."""
    items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in items:
        yield node, key
        yield from _places(value)


def _a_place(document: Json, chance: random.Random) -> tuple[Any, Any] | None:
    filled = [name for name in (*RESOURCES, "logs", "health") if document.get(name)]
    if not filled:
        return None
    items = document[chance.choice(filled)]
    places = list(_places(chance.choice(items)))
    return chance.choice(places) if places else None


def _odd_field(document: Json, chance: random.Random) -> Json:
    place = _a_place(document, chance)
    if place is not None:
        place[0][place[1]] = copy.deepcopy(chance.choice(STRANGE))
    return document


def _lost_field(document: Json, chance: random.Random) -> Json:
    place = _a_place(document, chance)
    if place is not None:
        del place[0][place[1]]
    return document


def _lost_object(document: Json, chance: random.Random) -> Json:
    """Deleted between two reads."""
    filled = [name for name in RESOURCES if document.get(name)]
    if filled:
        items = document[chance.choice(filled)]
        items.pop(chance.randrange(len(items)))
    return document


def _doubled(document: Json, chance: random.Random) -> Json:
    filled = [name for name in RESOURCES if document.get(name)]
    if filled:
        items = document[chance.choice(filled)]
        items.append(copy.deepcopy(chance.choice(items)))
    return document


def _shifted(document: Json, chance: random.Random) -> Json:
    """The API server's clock, or one node's, is wrong."""
    seconds = chance.choice((-(10**9), -86400, -600, -60, 60, 600, 86400, 10**9))
    moment = datetime.fromisoformat(document["collectedAt"]) + timedelta(seconds=seconds)
    return {**document, "collectedAt": moment.isoformat()}


def _many_events(document: Json, chance: random.Random) -> Json:
    events = document.get("events") or []
    if not events:
        return document
    more = [{**chance.choice(events), "metadata": {"name": f"e{n}", "namespace": "onyx"}} for n in range(4000)]
    return {**document, "events": events + more}


def _odd_logs(document: Json, chance: random.Random) -> Json:
    logs = [{**item, "text": chance.choice(LOG_TEXTS)} for item in document.get("logs") or []]
    return {**document, "logs": logs}
