"""Whole pastes of public reports: whose error, which symptom, which objects they name, and something to go by."""

from bot.engine.match.matcher import Matcher
from tests.support.shipped import pastes
from tests.unit.onyx_matcher import playbooks


def _wrong(paste, matcher):
    """What is wrong with the reading of a paste, in words; empty if nothing is."""
    reading = matcher.read(paste["text"])
    found = [
        (one.id if one.app == "onyx" else f"{one.app}/{one.id}", str(one.attribution.owner)) for one in reading.symptoms
    ]
    named = {one.said for one in reading.mentions} | {f"namespace/{one.namespace}" for one in reading.mentions}
    helped = reading.meanings or reading.calls or reading.mentions
    missing = set(paste.get("names", ())) - named
    if missing:
        return f"not named: {sorted(missing)}"
    if paste["owner"] == ["foreign"]:
        return f"found {found}" if found else "" if helped or not paste.get("helps", True) else "nothing to go by"
    if not found:
        return "" if "none" in paste["expect"] else "nothing found"
    return "" if found[0][0] in paste["expect"] and found[0][1] in paste["owner"] else f"found {found}"


def test_public_reports_are_answered():
    known = playbooks()
    matcher = Matcher(known.apps, known.symptoms, known.lines, checked=True)
    reports = pastes("public-reports.yaml")
    assert {paste["id"]: wrong for paste in reports if (wrong := _wrong(paste, matcher))} == {}
