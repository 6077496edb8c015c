"""One diagnosis, six places where people read it: the card, the answer in a thread, details, Home, text and JSON.

Each may say less than another; none may say something else: how it is in one sentence, the root causes, what is not
explained, the first fix, and whether anything is open. Each is compared with what the diagnosis says, in words.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from bot.adapters.slack.render.card import render
from bot.adapters.slack.render.details import pages_of
from bot.adapters.slack.render.home_page import HomeContent, home_page
from bot.diagnosis.ports import TriageRequest
from bot.diagnosis.report import diagnosis_report
from bot.domain.diagnosis import Cost, Diagnosis, ExplainedSymptom, Verdict
from bot.domain.incidents import IncidentState
from bot.domain.remedies import Remedy
from bot.incidents.card_sections import is_benign, symptom_line
from bot.incidents.cards import card
from bot.incidents.depth import ON_A_CARD
from bot.incidents.findings import QuestionResult, incident_of
from bot.incidents.notices import OpenIncident
from bot.incidents.pasted.answer import ExistingCard, answer_of, paste_message
from bot.incidents.questions.origin import QuestionOrigin
from bot.incidents.terminal import diagnosis_text
from tests.scenario.test_near_misses import CASES
from tests.scenario.test_near_misses import diagnosed as near_miss
from tests.scenario.test_recorded_views import NAMES, recorded_diagnosis
from tests.support.sampling import sampled
from tests.unit.slack_samples import OOM, REFUSED, oom, two_faults

DIAGNOSES: dict[str, Callable[[str], Diagnosis]] = dict.fromkeys(NAMES, recorded_diagnosis)
DIAGNOSES |= dict.fromkeys(CASES, near_miss)
NOT_EXPLAINED = "Not explained"
AS_MUCH = 70
"""So many characters of a sentence are compared: what is longer is cut in some places."""


def flat(text: str) -> str:
    """Without line ends, bullets and escapes."""
    for mark, plain in (("•", " "), ("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")):
        text = text.replace(mark, plain)
    return " ".join(text.split())


def words_of(blocks: object) -> str:
    """The words of blocks of Slack, one after the other."""
    if isinstance(blocks, dict):
        if blocks.get("type") == "date":
            return str(blocks["fallback"])
        ends = " " if blocks.get("type") in ("rich_text_section", "rich_text_preformatted") else ""
        return "".join(
            f"{value} " if name == "text" and blocks.get("type") != "text" and isinstance(value, str)
            else value if name == "text" and isinstance(value, str)
            else words_of(value)
            for name, value in blocks.items()
        ) + ends  # fmt: skip
    return "".join(map(words_of, blocks)) if isinstance(blocks, list | tuple) else ""


def finding(diagnosis: Diagnosis) -> QuestionResult:
    pasted = tuple(item.symptom for item in diagnosis.symptoms)
    asked = QuestionOrigin(team="T1", channel="C1", user="U1", asked_by="robin", ts="1.0", source_ts="1.0")
    request = TriageRequest(diagnosis.app, diagnosis.namespace, pasted)
    return QuestionResult("q1", asked, request, diagnosis, diagnosis.collected_at)


def in_json(diagnosis: Diagnosis) -> str:
    """What a program reads, in the words of the others."""
    found = json.loads(json.dumps(diagnosis_report(diagnosis, Cost())))
    roots = [item["sentence"] or item["title"] for item in found["causes"] if item["id"] in found["root_causes"]]
    open_ones = [one for one in found["symptoms"] if not one["explained_by"]]
    titles = [one["title"] for one in open_ones]
    said = [found["headline"], *roots]
    said += [item["title"] for item in found["remedies"]]
    return " ".join([*said, NOT_EXPLAINED, *titles] if titles else said)


def in_a_thread(diagnosis: Diagnosis) -> str:
    found = finding(diagnosis)
    known = ExistingCard(incident_of(found), "", True, diagnosis.collected_at)
    answer = answer_of(diagnosis, found.request.symptoms)
    return render(paste_message(answer, diagnosis, known, diagnosis.collected_at)).text


def at_home(diagnosis: Diagnosis) -> str:
    incident = incident_of(finding(diagnosis))
    listed = [OpenIncident(incident.app, incident.title, incident.opened_at)]
    shown = listed if incident.state is IncidentState.OPEN else []
    return words_of(home_page(HomeContent((), shown, 0, (), (), (), (), (), diagnosis.collected_at))["blocks"])


PLACES: dict[str, Callable[[Diagnosis], str]] = {
    "card": lambda found: words_of(render(card(found)).blocks),
    "thread": in_a_thread,
    "details": lambda found: words_of([block for page in pages_of(found) for block in page]),
    "home": at_home,
    "text": lambda found: diagnosis_text(found, Cost(), width=200),
    "json": in_json,
}


def begins(sentence: str) -> str:
    return flat(sentence)[:AS_MUCH].rstrip(". ")


def has_to_say(place: str, found: Diagnosis) -> Iterator[tuple[str, str]]:
    """What this place says of it: what that is about, and its first words."""
    answer = answer_of(found, [item.symptom for item in found.symptoms])
    is_open = incident_of(finding(found)).state is IncidentState.OPEN
    whole = place in ("card", "text", "details", "json")
    if whole or (place == "home" and is_open) or (place == "thread" and answer.explained and not answer.unexplained):
        yield "headline", begins(found.headline)
    roots = [cause for cause in found.root_causes if not cause.state]
    if whole:
        yield from (("root cause", begins(one.sentence or one.title)) for one in roots[: ON_A_CARD.root_causes])
        fixes = [remedy.title for cause in roots for remedy in cause.remedies][:1]
        if len(roots) == 1 and not is_benign(found):
            yield from (("fix", begins(one)) for one in fixes)


def not_explained(place: str, found: Diagnosis) -> bool:
    """Whether this place would say of some symptom that it is not explained."""
    return place != "home" and any(item.explained_by is None for item in found.symptoms)


def disagreements(found: Diagnosis, said: dict[str, str]) -> list[tuple[str, str]]:
    """Where something else is said than the diagnosis says: the place, and what about."""
    wrong = []
    for place, text in said.items():
        told = flat(text)
        wrong += [(place, what) for what, words in has_to_say(place, found) if words not in told]
        if place == "home":
            is_open = incident_of(finding(found)).state is IncidentState.OPEN
            wrong += [(place, "open")] if ("Nothing is open" in told) == is_open else []
            continue
        mark = "(not explained)" if place == "details" else NOT_EXPLAINED
        if (mark in told) != not_explained(place, found):
            wrong.append((place, "not explained"))
    return wrong


def told_everywhere(found: Diagnosis) -> dict[str, str]:
    return {place: make(found) for place, make in PLACES.items()}


@pytest.mark.parametrize("name", sampled(DIAGNOSES, 12))
def test_all_six_say_the_same(name: str) -> None:
    found = DIAGNOSES[name](name)
    assert disagreements(found, told_everywhere(found)) == []


def with_other_fix(found: Diagnosis) -> Diagnosis:
    other = Remedy("other", "restart", "Restart something else", "deployment/other", "operator", "kubectl x")
    roots = tuple(replace(one, remedies=(other,)) for one in found.root_causes)
    ids = {one.id for one in roots}
    return replace(found, root_causes=roots, causes=(*roots, *(one for one in found.causes if one.id not in ids)))


def with_other_cause(found: Diagnosis) -> Diagnosis:
    other = replace(OOM, id="other", title="Another cause", sentence="It is something else.", explains=())
    return replace(found, root_causes=(other,), causes=(other,))


CHANGES: dict[str, tuple[Callable[[Diagnosis], Diagnosis], set[str]]] = {
    "headline": (lambda one: replace(one, headline="All is well."), {*PLACES}),
    "root cause": (with_other_cause, {"card", "details", "text", "json"}),
    "not explained": (
        lambda one: replace(one, symptoms=(*one.symptoms, ExplainedSymptom(replace(REFUSED, id="new"), None))),
        {*PLACES} - {"home"},
    ),
    "fix": (with_other_fix, {"card", "details", "text", "json"}),
    "open": (lambda one: replace(one, verdict=Verdict.HEALTHY, root_causes=()), {"home"}),
}


@pytest.mark.parametrize("about", CHANGES)
def test_a_place_that_says_something_else_is_found(about: str) -> None:
    """Each place once with another diagnosis than the others have."""
    found = oom()
    assert disagreements(found, told_everywhere(found)) == []
    change, places = CHANGES[about]
    for place in places:
        said = told_everywhere(found) | {place: PLACES[place](change(found))}
        assert (place, about) in disagreements(found, said)


def test_two_faults_are_told_everywhere() -> None:
    found = two_faults()
    assert disagreements(found, told_everywhere(found)) == []
    assert flat(symptom_line(REFUSED)) in flat(PLACES["card"](found))
