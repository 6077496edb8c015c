"""A diagnosis as JSON and back, exactly. Used by whoever keeps one with an incident, a change or a question.

Not the interface of `-o json` (see `bot.diagnosis.report`): this one loses nothing, and only this program reads it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter, ValidationError

from bot.domain.diagnosis import Diagnosis
from bot.domain.errors import StoreError
from bot.domain.facts import FactValue, Gap

_DIAGNOSIS: TypeAdapter[Diagnosis] = TypeAdapter(Diagnosis)
_GAP: TypeAdapter[Gap] = TypeAdapter(Gap)


def encode(diagnosis: Diagnosis) -> dict[str, Any]:
    """The diagnosis as plain JSON data; about 50 KB as text."""
    data: dict[str, Any] = _DIAGNOSIS.dump_python(diagnosis, mode="json")
    for check, kept in zip(diagnosis.checks, data["checks"], strict=True):
        kept["facts"] = {name: _encode_fact(value) for name, value in check.facts.items()}
    return data


def decode(data: Mapping[str, Any]) -> Diagnosis:
    """The diagnosis that `encode` was given. Raises `StoreError` when another version has written it otherwise."""
    try:
        checks = [{**check, "facts": _decode_facts(check["facts"])} for check in data["checks"]]
        return _DIAGNOSIS.validate_python({**data, "checks": checks})
    except (ValidationError, KeyError, TypeError, ValueError, AttributeError) as exc:
        raise StoreError(
            "The diagnosis that was kept was written by another version of this program.",
            "Check again; let all replicas run the same version.",
        ) from exc


def _encode_fact(value: FactValue | Gap) -> Any:
    """JSON's own types stand for themselves; what it has no word for is an object with one key."""
    match value:
        case Gap():
            return {"gap": _GAP.dump_python(value, mode="json")}
        case frozenset():
            return {"set": sorted(value)}
        case datetime():
            return {"time": value.isoformat()}
        case float() if not math.isfinite(value):
            return {"float": str(value)}
    return value


def _decode_facts(facts: Mapping[str, Any]) -> dict[str, FactValue | Gap]:
    return {name: _decode_fact(value) for name, value in facts.items()}


def _decode_fact(value: Any) -> FactValue | Gap:
    match value:
        case {"gap": gap}:
            return _GAP.validate_python(gap)
        case {"set": names}:
            return frozenset(names)
        case {"time": moment}:
            return datetime.fromisoformat(moment)
        case {"float": number}:
            return float(number)
        case bool() | int() | float() | str():
            return value
    raise ValueError(f"no fact has a value like {value!r}")
