"""Verdicts: the rule for one cause, who explains whom, and which causes are roots."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.domain.diagnosis import Cause, CauseVerdict, Diagnosis, Verdict
from bot.domain.facts import Check, CheckStatus, FactValue, Gap, GapReason
from bot.domain.symptoms import Symptom
from bot.domain.view import View
from bot.engine.diagnose import Knowledge, diagnose
from bot.engine.judge.hypotheses import Hypothesis
from bot.engine.judge.verdicts import Judged, fill, judge_all, symptom_causes
from bot.playbook.app_schema import AppPlaybook
from bot.playbook.schema import CauseSpec, SymptomPlaybook

GAP = Gap(GapReason.FORBIDDEN, "it", verb="list", resource="pods", namespace="onyx")
CONFIRMED, LIKELY, POSSIBLE, UNKNOWN, RULED_OUT = CauseVerdict

FACTS: dict[str, FactValue | Gap] = {"s.yes": True, "s.no": False, "s.gap": GAP}
OF: Mapping[bool | None, str] = {True: "s.yes", False: "s.no", None: "s.gap"}


def is_true(fact: str) -> dict[str, Any]:
    return {"fact": fact, "op": "is_true"}


def cause(name: str, **fields: Any) -> Hypothesis:
    """A hypothesis that is confirmed, unless `confirm` is given."""
    data = {"id": name, "title": name, "sentence": name, "confirm": is_true("s.yes"), **fields}
    return Hypothesis(CauseSpec.model_validate(data), "")


def judged(*items: Hypothesis, facts: Mapping[str, FactValue | Gap] = FACTS) -> dict[str, Judged]:
    return {item.spec.id: item for item in judge_all(items, facts, ())}


def verdict_of(confirm: bool | None, likely: bool | str | None = "", refute: bool | str | None = "") -> CauseVerdict:
    """The verdict where these conditions are true, false or open; an empty text leaves the condition out."""
    fields = {"confirm": is_true(OF[confirm])}
    fields |= {"likely": is_true(OF[likely])} if not isinstance(likely, str) else {}
    fields |= {"refute": is_true(OF[refute])} if not isinstance(refute, str) else {}
    return judged(cause("it", **fields))["it"].verdict


@pytest.mark.parametrize(
    ("confirm", "refute", "verdict"),
    [
        (True, "", CONFIRMED),
        (None, "", UNKNOWN),
        (False, "", RULED_OUT),
        (True, False, CONFIRMED),
        (True, None, LIKELY),
        (True, True, RULED_OUT),
        (None, False, UNKNOWN),
        (None, None, UNKNOWN),
        (None, True, RULED_OUT),
        (False, False, POSSIBLE),
        (False, None, POSSIBLE),
        (False, True, RULED_OUT),
    ],
)
def test_refutation_wins_and_an_open_one_forbids_certainty(
    confirm: bool | None, refute: bool | str | None, verdict: CauseVerdict
) -> None:
    assert verdict_of(confirm, refute=refute) is verdict


@pytest.mark.parametrize(
    ("confirm", "likely", "refute", "verdict"),
    [
        (True, False, False, CONFIRMED),
        (None, True, False, LIKELY),
        (False, True, False, LIKELY),
        (False, True, "", LIKELY),
        (None, True, None, LIKELY),
        (None, True, True, RULED_OUT),
        (None, None, False, UNKNOWN),
        (None, False, False, UNKNOWN),
        (False, None, False, POSSIBLE),
        (False, None, "", RULED_OUT),
        (False, False, False, POSSIBLE),
    ],
)
def test_weaker_evidence_counts_where_the_stronger_is_missing(
    confirm: bool | None, likely: bool | None, refute: bool | str | None, verdict: CauseVerdict
) -> None:
    assert verdict_of(confirm, likely, refute) is verdict


@pytest.mark.parametrize(("when", "applies"), [(True, True), (False, False), (None, True)])
def test_a_cause_is_left_out_only_where_it_is_known_not_to_apply(when: bool | None, applies: bool) -> None:
    assert ("it" in judged(cause("it", when=is_true(OF[when])))) is applies


def test_evidence_names_the_checks_that_gave_it_and_what_is_missing() -> None:
    checks = [Check("s.one", CheckStatus.FAIL, "", "", facts={"s.yes": True, "s.no": False})]
    open_refute = cause("it", refute=is_true("s.gap"))
    denied = cause("not-it", refute={"fact": "s.no", "op": "is_false"})
    unknown = cause("who-knows", confirm={"all": [is_true("s.yes"), is_true("s.gap")]})
    likely, ruled_out, left_open = judge_all([open_refute, denied, unknown], FACTS, checks)
    assert (likely.because, likely.missing) == (("s.one",), ("s.gap",))
    assert (ruled_out.against, ruled_out.because) == (("s.one",), ())
    assert left_open.missing == ("s.gap",)


def test_a_cause_that_a_confirmed_one_explains_is_only_a_consequence() -> None:
    found = judged(cause("crash", caused_by=[{"cause": "database"}]), cause("database"))
    assert found["database"].verdict is CONFIRMED
    assert (found["crash"].verdict, found["crash"].explained_by) == (RULED_OUT, "database")
    assert found["crash"].because == ()
    assert set(found["database"].because) <= set(found["crash"].against)


@pytest.mark.parametrize("confirm", [False, None])
def test_what_is_not_confirmed_explains_nothing(confirm: bool | None) -> None:
    upstream = cause("database", confirm=is_true(OF[confirm]), likely=is_true("s.yes"))
    found = judged(cause("crash", caused_by=[{"cause": "database"}]), upstream)
    assert (found["crash"].verdict, found["crash"].explained_by) == (CONFIRMED, None)


def test_a_likely_cause_is_explained_too_and_an_open_one_keeps_its_verdict() -> None:
    above = [{"cause": "database"}]
    likely = cause("slow", confirm=is_true("s.no"), likely=is_true("s.yes"), caused_by=above)
    unknown = cause("odd", confirm=is_true("s.gap"), caused_by=above)
    found = judged(likely, unknown, cause("database"))
    assert (found["slow"].verdict, found["slow"].explained_by) == (RULED_OUT, "database")
    assert (found["odd"].verdict, found["odd"].explained_by) == (UNKNOWN, None)


@pytest.mark.parametrize(("when", "explained"), [(True, True), (False, False), (None, False)])
def test_an_explanation_holds_only_where_its_condition_is_known_to_hold(when: bool | None, explained: bool) -> None:
    found = judged(cause("crash", caused_by=[{"cause": "database", "when": is_true(OF[when])}]), cause("database"))
    assert (found["crash"].explained_by == "database") is explained
    assert (found["crash"].verdict is CONFIRMED) is not explained


def test_whatever_breaks_a_component_explains_what_depends_on_it() -> None:
    above = [{"breaks": "api"}]
    found = judged(
        cause("errors", caused_by=above),
        cause("stuck-rollout"),
        cause("web-down", breaks="web"),
        cause("api-down", breaks="api"),
    )
    assert found["errors"].explained_by == "api-down"
    assert {name for name, item in found.items() if item.verdict is CONFIRMED} == {
        "stuck-rollout",
        "web-down",
        "api-down",
    }


def test_a_chain_of_consequences_is_explained_by_its_most_upstream_cause() -> None:
    found = judged(
        cause("not-ready", caused_by=[{"cause": "hangs"}]),
        cause("hangs", caused_by=[{"cause": "overloaded"}]),
        cause("overloaded"),
    )
    assert [found[name].explained_by for name in ("not-ready", "hangs", "overloaded")] == [
        "overloaded",
        "overloaded",
        None,
    ]


def test_the_first_entry_that_holds_explains() -> None:
    above = [{"cause": "a", "when": is_true("s.no")}, {"cause": "b"}, {"cause": "c"}]
    found = judged(cause("c"), cause("b"), cause("a"), cause("it", caused_by=above))
    assert found["it"].explained_by == "b"


def test_a_cause_that_breaks_what_explains_it_does_not_explain_itself() -> None:
    found = judged(cause("api-down", breaks="api", caused_by=[{"breaks": "api"}]))
    assert (found["api-down"].verdict, found["api-down"].explained_by) == (CONFIRMED, None)


def test_a_circle_of_causes_does_not_keep_anyone_waiting() -> None:
    found = judged(cause("a", caused_by=[{"cause": "b"}]), cause("b", caused_by=[{"cause": "a"}]))
    explained = [found["a"].explained_by, found["b"].explained_by]
    assert explained in (["b", None], [None, "a"])  # one of a circle stays a root, or nothing would be


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("{s.count} restarts", "5 restarts"),
        ("is it up: {s.yes}, {s.no}", "is it up: yes, no"),
        ("limit {s.gap}, {s.never}", "limit unknown, unknown"),
        ("labels {s.set}, {s.none}", "labels a, b, none"),
        ("{workload.label} {}", "unknown {}"),
        (
            "it says: {s.stop}. {s.stop}, {s.dots}.",
            "it says: in use. in use., and then....",
        ),
    ],
)
def test_texts_say_unknown_where_a_fact_is_missing(text: str, filled: str) -> None:
    values: dict[str, FactValue | Gap] = {**FACTS, "s.count": 5, "s.set": frozenset("ba"), "s.none": frozenset()}
    values |= {"s.stop": "in use.", "s.dots": "and then..."}
    assert fill(text, values) == filled


# Which of the confirmed causes are roots. Causes here are confirmed by what was pasted, so that an empty view will do.

NAMES = ("one", "two", "three")


APP = AppPlaybook.model_validate(
    {
        "schema": "triage/playbook/v1",
        "kind": "app",
        "id": "shop",
        "title": "Shop",
        "description": "An app.",
        "components": {"api": {"label": "API", "find": [{"name": "api"}]}},
    }
)


def a_symptom(name: str, **fields: Any) -> SymptomPlaybook:
    base = {
        "schema": "triage/playbook/v1",
        "kind": "symptom",
        "app": "shop",
        "id": name,
        "title": name,
        "description": name,
        "severity": "critical",
        "signatures": [{"id": "it", "pattern": name}],
    }
    return SymptomPlaybook.model_validate(base | fields)


def diagnosis(causes: Mapping[str, Mapping[str, Any]], pasted: Iterable[str], **first: Any) -> Diagnosis:
    """The diagnosis of an empty namespace with these causes; each is confirmed by its own symptom in the paste."""
    specs = [
        {"id": name, "title": name, "sentence": name, "confirm": is_true(f"symptoms.{symptom}.present"), **fields}
        for (name, fields), symptom in zip(causes.items(), NAMES, strict=False)
    ]
    playbooks = (a_symptom("one", causes=specs, **first), a_symptom("two"), a_symptom("three"))
    symptoms = tuple(Symptom(name, name, name, "shop", 1, (name,)) for name in pasted)
    view = View(cluster="c", namespace="shop", collected_at=datetime(2026, 1, 31, 10, tzinfo=UTC))
    return diagnose(Knowledge(APP, playbooks, ()), view, symptoms)


def ids(causes: Iterable[Cause]) -> list[str]:
    return [item.id for item in causes]


STATES = {"recovered": {"state": True}, "healthy": {"state": True}}


@pytest.mark.parametrize(
    ("causes", "pasted", "roots", "verdict"),
    [
        ({"fault": {}, "other": {}}, ["one"], ["fault"], Verdict.FAULT_FOUND),
        ({"fault": {}, "other": {}}, ["one", "two"], ["fault", "other"], Verdict.FAULT_FOUND),
        ({"fault": {"caused_by": [{"cause": "other"}]}, "other": {}}, ["one", "two"], ["other"], Verdict.FAULT_FOUND),
        ({"fault": {}}, [], [], Verdict.INCONCLUSIVE),
        ({"fault": {}, "known": {"benign": True}}, ["one", "two"], ["fault"], Verdict.FAULT_FOUND),
        ({"healthy": {"state": True}, "fault": {}}, ["one", "two"], ["fault"], Verdict.FAULT_FOUND),
        ({"healthy": {"state": True}, "fault": {}}, ["one"], ["healthy"], Verdict.HEALTHY),
        ({"healthy": {"state": True}, "known": {"benign": True}}, ["one", "two"], ["known"], Verdict.HEALTHY),
        (STATES, ["one"], ["recovered"], Verdict.RECOVERED),
        (STATES, ["one", "two"], ["recovered"], Verdict.RECOVERED),
        ({**STATES, "known": {"benign": True}}, ["one", "three"], ["recovered", "known"], Verdict.RECOVERED),
        (
            {"healthy": {"state": True}, "fault": {"likely": is_true("symptoms.one.present")}},
            ["one"],
            [],
            Verdict.INCONCLUSIVE,
        ),
    ],
)
def test_roots_are_the_faults_that_nothing_explains_and_states_only_where_there_is_none(
    causes: Mapping[str, Mapping[str, Any]], pasted: list[str], roots: list[str], verdict: Verdict
) -> None:
    found = diagnosis(causes, pasted)
    assert (ids(found.root_causes), found.verdict) == (roots, verdict)


def test_a_root_lists_what_follows_from_it_and_the_symptoms_it_explains() -> None:
    causes = {"crash": {"caused_by": [{"cause": "database"}]}, "database": {}}
    found = diagnosis(causes, ["one", "two"], caused_by=[{"cause": "crash"}, {"cause": "database"}])
    (root,) = found.root_causes
    assert (root.id, root.explains) == ("database", ("one", "crash"))
    assert {item.symptom.id: item.explained_by for item in found.symptoms} == {"one": "database", "two": None}


def test_a_symptom_is_explained_by_the_first_root_that_its_playbook_names() -> None:
    playbook = a_symptom("one", caused_by=[{"cause": "a", "when": is_true("s.gap")}, {"breaks": "api"}, {"cause": "c"}])
    roots = tuple(judged(cause("a"), cause("c"), cause("b", breaks="api")).values())
    assert [item.spec.id for item in symptom_causes(playbook, roots, FACTS)] == ["b", "c"]
    assert symptom_causes(playbook, roots[:1], FACTS) == []
