"""Rules of one site: hidden with the others, checked with their cases, refused whole with places."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.redaction import Boundary, load_site_rules
from bot.redaction.boundary import hidden_values
from bot.redaction.site import NO_RULES, RedactionRulesRejected, parse_site_rules

NOW = datetime(2026, 11, 23, 10, 9, tzinfo=UTC)
GOOD = """\
schema: triage/redaction/v1
kind: redaction
rules:
  - id: badge
    pattern: '\\bACME-([0-9]{8})\\b'
    cases:
      - {text: 'badge ACME-12345678 refused', hides: ['12345678']}
      - {text: 'ticket ACME-42', hides: []}
shown:
  - pattern: 'changeme|onyx-dev'
    cases:
      - {text: 'password=onyx-dev1 and password=onyx-dev', hides: [onyx-dev1]}
"""


def rejected(text: str) -> list[str]:
    with pytest.raises(RedactionRulesRejected) as caught:
        parse_site_rules(text.encode(), "site.yaml", hidden_values)
    return list(caught.value.problems)


def test_a_site_rule_hides_beside_the_built_in_ones() -> None:
    rules = parse_site_rules(GOOD.encode(), "site.yaml", hidden_values)
    redactor = Boundary(rules).redactor()
    assert redactor.text("ACME-12345678 password=hunter2") == "ACME-‹badge:1› password=‹password:1›"
    assert redactor.text("password=onyx-dev") == "password=onyx-dev"
    assert redactor.value("DB_PASSWORD", "onyx-dev") == "onyx-dev"
    assert redactor.present == {"badge": 1, "password": 1}
    assert Boundary().text("ACME-12345678") == "ACME-12345678"


def test_a_badge_in_a_paste_is_a_credential_to_warn_about() -> None:
    rules = parse_site_rules(GOOD.encode(), "site.yaml", hidden_values)
    assert Boundary(rules).live_credentials("my badge is ACME-87654321", NOW) == ("badge",)
    assert Boundary().live_credentials("my badge is ACME-87654321", NOW) == ()


def test_no_path_means_no_rules() -> None:
    assert load_site_rules(None) is NO_RULES


def test_a_file_is_loaded(tmp_path: Path) -> None:
    file = tmp_path / "site.yaml"
    file.write_text(GOOD, encoding="utf-8")
    assert [rule.id for rule in load_site_rules(file).rules] == ["badge"]


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(RedactionRulesRejected) as caught:
        load_site_rules(tmp_path / "site.yaml")
    assert caught.value.problems[0].startswith("site.yaml:1:1: this cannot be read")


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("[0-9]{8}", "(?=x)", "site.yaml:5:14: RE2 has no look-ahead"),
        ("\\bACME-([0-9]{8})\\b", "([0-9]*)", "site.yaml:5:14: this pattern matches any text"),
        ("ACME-([0-9]{8})", "(ACME)-([0-9]{8})", "site.yaml:5:14: the pattern has several groups"),
        ("hides: ['12345678']", "hides: ['ACME-12345678']", "site.yaml:7:9: this case does not hold: “12345678”"),
        ("ticket ACME-42", "ticket ACME-42424242", "site.yaml:8:9: this case does not hold: “42424242” is hidden"),
        ("hides: [onyx-dev1]", "hides: []", "site.yaml:12:9: this case does not hold: “onyx-dev1” is hidden"),
        ("pattern: 'changeme|onyx-dev'", "patern: 'x'", "site.yaml:10:5: unknown field `patern`"),
        ("id: badge", "id: Badge", "site.yaml:4:9: `Badge` will not do"),
        ("kind: redaction", "kind: playbook", "site.yaml:2:7"),
        ("      - {text: 'ticket ACME-42', hides: []}\n", "", "site.yaml:7:7: `cases` needs at least 2 entries"),
    ],
)
def test_a_mistake_is_reported_with_its_place(old: str, new: str, problem: str) -> None:
    assert old in GOOD
    found = rejected(GOOD.replace(old, new))
    assert any(item.startswith(problem) for item in found), found


def test_a_rule_whose_cases_are_all_of_one_sort_is_refused() -> None:
    both = GOOD.replace("ticket ACME-42', hides: []", "ACME-12345679', hides: ['12345679']")
    assert "a rule needs a case in which it hides something" in rejected(both)[0]


def test_two_rules_of_one_name_are_refused() -> None:
    rule = GOOD[GOOD.index("  - id") : GOOD.index("shown:")]
    assert "there are two rules `badge`" in rejected(GOOD.replace("shown:", f"{rule}shown:"))[0]


def test_an_empty_file_is_refused() -> None:
    assert rejected("")[0].startswith("site.yaml:1:1:")
