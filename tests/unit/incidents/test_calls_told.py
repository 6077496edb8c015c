"""Failed calls that logs tell of stand in the terminal and the JSON, counted and bounded; a card has no room."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from bot.diagnosis.report import diagnosis_report
from bot.domain.calls import CallFailure, FailedCall
from bot.domain.diagnosis import Cost, Diagnosis, ExplainedSymptom
from bot.domain.symptoms import Symptom
from bot.incidents.cards import card
from bot.incidents.terminal import diagnosis_text
from tests.scenario.test_recorded_views import NAMES, recorded_diagnosis

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
LABEL = "Calls that failed"


def call(kind: CallFailure = CallFailure.REFUSED, **fields: Any) -> FailedCall:
    shown = {"host": "smtp", "port": 25, "where": "api-1/api", "at": NOON, **fields}
    return FailedCall(kind, **shown)


def with_calls(*calls: FailedCall, more: int = 0, symptoms: tuple[ExplainedSymptom, ...] = ()) -> Diagnosis:
    return replace(recorded_diagnosis(NAMES[0]), failed_calls=calls, more_failed_calls=more, symptoms=symptoms)


def text(diagnosis: Diagnosis) -> str:
    return " ".join(diagnosis_text(diagnosis, Cost(), width=200).split())


def test_a_call_that_belongs_to_no_symptom_is_told_once_and_counted() -> None:
    found = with_calls(call(count=4), call(count=2, where="api-1/api, previous run"), call(host="ldap", port=389))
    assert f"{LABEL} • refused at smtp:25 ×6, last 2026-03-02 12:00 UTC, says api-1" in text(found)
    assert "• refused at ldap:389 ×1" in text(found)
    assert LABEL not in [section.label for section in card(found).sections]


def test_a_component_is_called_what_people_call_it() -> None:
    found = with_calls(call(where="prod-web-server-7d9-x/web"))
    named = {"components": {"web": "deployment/prod-web-server"}, "labels": {"web": "web server"}}
    assert "×1, last 2026-03-02 12:00 UTC, says the web server" in text(replace(found, **named))


def test_an_address_is_called_what_it_is() -> None:
    found = replace(with_calls(call(host="10.96.4.2")), addresses={"10.96.4.2": "Service mail"})
    assert "refused at 10.96.4.2:25 (Service mail) ×1, last" in text(found)
    assert diagnosis_report(found, Cost())["addresses"] == {"10.96.4.2": "Service mail"}


def test_what_the_paste_tells_already_is_not_told_again() -> None:
    symptom = Symptom("x", "x", "onyx/x", "onyx", 1, ("line",), calls=(call(where=""),))
    found = with_calls(call(where=""), call(), symptoms=(ExplainedSymptom(symptom, None),))
    assert LABEL not in text(found)


def test_what_says_only_that_something_failed_is_left_out() -> None:
    vague = call(also=tuple(CallFailure)[:6])
    assert LABEL not in text(with_calls(vague))


def test_thousands_of_hosts_are_bounded_and_counted() -> None:
    found = with_calls(*(call(host=f"host-{number}") for number in range(50)), more=950)
    assert "and 31 more (--output json has all)" in text(found)
    assert "and 950 further failed calls that were left out" in text(found)
    report = diagnosis_report(found, Cost())
    assert (len(report["failed_calls"]), report["failed_calls_left_out"]) == (50, 950)
