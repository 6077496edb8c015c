"""Diagnoses and symptoms as JSON: the stable interface `triage/v1`. Fields may be added, never changed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bot.domain.calls import FailedCall
from bot.domain.diagnosis import Cause, Cost, Diagnosis, ExplainedSymptom
from bot.domain.facts import Check, Gap
from bot.domain.remedies import Remedy
from bot.domain.symptoms import Symptom

SCHEMA = "triage/v1"

Json = dict[str, Any]


def failed_call_json(call: FailedCall) -> Json:
    """One failed call; what its text does not say is null."""
    return {
        "kind": call.kind.value,
        "also": [kind.value for kind in call.also],
        "host": call.host,
        "address": call.address,
        "port": call.port,
        "status": call.status,
        "client": call.client,
        "count": call.count,
        "line": call.line,
        "line_number": call.line_number,
        "first_at": _time(call.first_at),
        "at": _time(call.at),
        "where": call.where,
    }


def symptom_json(symptom: Symptom) -> Json:
    """One symptom; times are ISO 8601, null where the paste states none."""
    return {
        "id": symptom.id,
        "title": symptom.title,
        "app": symptom.app,
        "count": symptom.count,
        "fields": dict(symptom.fields),
        "lines": list(symptom.lines),
        "line_numbers": list(symptom.line_numbers),
        "first_seen": _time(symptom.first_seen),
        "last_seen": _time(symptom.last_seen),
        "over": symptom.over or None,
        "over_line_number": symptom.over_line or None,
        "attribution": symptom.attribution.owner.value,
        "attribution_evidence": list(symptom.attribution.evidence),
    }


def diagnosis_report(diagnosis: Diagnosis, cost: Cost) -> Json:
    """What `triage diagnose -o json` prints."""
    remedies: dict[str, Json] = {}
    for cause in diagnosis.causes:
        for remedy in cause.remedies:
            remedies.setdefault(remedy.id, {**remedy_json(remedy), "for": cause.id})
    return {
        "schema": SCHEMA,
        "app": diagnosis.app,
        "namespace": diagnosis.namespace,
        "cluster": diagnosis.cluster,
        "collected_at": _time(diagnosis.collected_at),
        "verdict": diagnosis.verdict.value,
        "headline": diagnosis.headline,
        "impact": diagnosis.impact.value,
        "since": _time(diagnosis.since),
        "until": _time(diagnosis.until),
        "root_causes": list(dict.fromkeys(cause.id for cause in diagnosis.root_causes)),
        "symptoms": [_explained(item) for item in diagnosis.symptoms],
        "failed_calls": [failed_call_json(item) for item in diagnosis.failed_calls],
        "failed_calls_left_out": diagnosis.more_failed_calls,
        "addresses": dict(diagnosis.addresses),
        "causes": [_cause(item) for item in diagnosis.causes],
        "checks": [_check(item) for item in diagnosis.checks],
        "gaps": [_gap(item) for item in diagnosis.gaps],
        "notes": list(diagnosis.notes),
        "looked_at": diagnosis.looked_at,
        "graph": list(diagnosis.graph),
        "ruled_out": list(diagnosis.ruled_out),
        "components": dict(diagnosis.components),
        "hidden": dict(diagnosis.hidden),
        "remedies": list(remedies.values()),
        "cost": {"api_requests": cost.api_requests, "seconds": round(cost.seconds, 3)},
    }


def _explained(item: ExplainedSymptom) -> Json:
    return {
        **symptom_json(item.symptom),
        "explained_by": item.explained_by,
        "fit": item.fit.value if item.fit else None,
        "fit_reason": item.fit_reason,
    }


def _cause(cause: Cause) -> Json:
    return {
        "id": cause.id,
        "verdict": cause.verdict.value,
        "title": cause.title,
        "sentence": cause.sentence,
        "component": cause.component,
        "because": list(cause.because),
        "against": list(cause.against),
        "explains": list(cause.explains),
        "explained_by": cause.explained_by,
        "separated_by": list(cause.separated_by),
        "impact": cause.impact.value,
        "affected": cause.affected,
        "held_by": list(cause.held_by),
        "chain": list(cause.chain),
        "shared_with": list(cause.shared_with),
    }


def _check(check: Check) -> Json:
    return {
        "id": check.id,
        "status": check.status.value,
        "summary": check.summary,
        "command": check.command,
        "gap": _gap(check.gap) if check.gap else None,
        "nothing_to_check": check.nothing_to_check,
    }


def _gap(gap: Gap) -> Json:
    found: Json = {"reason": gap.reason.value, "what": gap.what, "detail": gap.detail}
    if gap.verb:
        found |= {"verb": gap.verb, "resource": gap.resource, "namespace": gap.namespace}
    return found


def remedy_json(remedy: Remedy) -> Json:
    """One remedy, with what it would do."""
    return {
        "id": remedy.id,
        "kind": remedy.kind,
        "title": remedy.title,
        "target": remedy.target,
        "role": remedy.role,
        "patch": dict(remedy.patch),
        "command": remedy.command,
        "note": remedy.note,
        "risk": remedy.risk.value,
        "steps": [{"kind": item.kind.value, "target": item.target, "patch": dict(item.patch)} for item in remedy.steps],
        "parameters": [
            {"name": item.name, "label": item.label, "value": item.value, "current": item.current}
            for item in remedy.parameters
        ],
    }


def _time(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
