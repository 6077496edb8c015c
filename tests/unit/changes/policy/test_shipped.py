"""The policies that come with the program, and the commands that check one."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from bot.changes.policy.access_request import Act, RequestedChange
from bot.changes.policy.decision import DenialReason, decide
from bot.changes.policy.loader import load
from bot.changes.policy.people import holders
from bot.changes.policy.values import CHANGE_KINDS
from bot.cli import main
from bot.domain.remedies import Risk
from bot.sandbox.policy import write_policy
from bot.sandbox.workspace.state.seed import (
    EXTERNAL,
    EXTERNAL_TEAM,
    GUEST,
    INCIDENTS,
    ONCALL,
    ONCALL_GROUP,
    SECOND,
    TEAM,
)
from tests.unit.policies import GOOD, HERE, member, memory, question

EXAMPLE = Path(__file__).parents[4] / "deploy" / "policy" / "policy.yaml"


def test_the_example_has_no_mistakes_and_lets_nobody_act() -> None:
    policy = load(EXAMPLE)

    assert policy.enabled
    assert sorted(policy.roles) == ["admin", "operator"]
    assert all(holders(policy, HERE, RequestedChange(kind, risk)) == () for kind in CHANGE_KINDS for risk in Risk)


def test_the_example_works_once_ids_are_filled_in(tmp_path: Path) -> None:
    path = tmp_path / "policy.yaml"
    path.write_text(EXAMPLE.read_text().replace("users: []       #", "users: [U0OPERATOR]  #"))

    assert decide(load(path), question()).role == "operator"


def test_the_commented_freezes_of_the_example_are_right(tmp_path: Path) -> None:
    path = tmp_path / "policy.yaml"
    path.write_text(EXAMPLE.read_text().replace("freeze: []", "freeze:").replace("#  - {name", "  - {name"))

    assert [freeze.name for freeze in load(path).freezes] == ["weekend", "nights", "end of year"]


def test_in_the_sandbox_the_person_on_call_repairs_and_the_admin_approves(tmp_path: Path) -> None:
    policy = load(write_policy(tmp_path / "policy.yaml"))
    robin = member(ONCALL, team=TEAM, groups=frozenset({ONCALL_GROUP}), channel=INCIDENTS)
    sam = member(SECOND, team=TEAM, channel=INCIDENTS)
    gale = member(GUEST, team=TEAM, is_full_member=False, is_guest=True, channel=INCIDENTS)
    noa = member(EXTERNAL, team=EXTERNAL_TEAM, is_full_member=False, is_external=True)
    risky = RequestedChange("roll_back", Risk.HIGH)

    raised = decide(policy, question(robin, ask=memory("4Gi")))
    rolled_back = decide(policy, question(robin, ask=risky))

    assert (raised.role, raised.approvals_needed) == ("operator", 0)
    assert (rolled_back.role, rolled_back.approvals_needed) == ("operator", 1)
    assert decide(policy, question(sam, ask=risky, act=Act.APPROVE, requester=robin.person)).allowed
    assert decide(policy, question(robin, ask=risky, act=Act.APPROVE, requester=sam.person)).allowed
    assert (
        decide(policy, question(robin, ask=risky, act=Act.APPROVE, requester=robin.person)).code
        is DenialReason.OWN_REQUEST
    )
    assert {decide(policy, question(person)).code for person in (gale, noa)} == {DenialReason.NOT_MEMBER}


def test_the_command_lists_every_mistake_and_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "policy.yaml"
    path.write_text(GOOD.replace("enabled: true", "enabled: on").replace("max: 8Gi", "max: lots"))

    assert main(["policy", "check", str(path)]) == 3
    errors = capsys.readouterr().err.splitlines()
    assert [line.split(": ")[0] for line in errors[:2]] == ["policy.yaml:3:10", "policy.yaml:21:34"]
    assert errors[2:] == ["triage: The policy has 2 mistakes.", "        Correct the file; until then nobody may act."]
    assert main(["policy", "check", "-o", "json", str(path)]) == 3
    assert len(json.loads(capsys.readouterr().out)["error"]["problems"]) == 2


def test_the_command_says_what_a_good_policy_lacks(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["policy", "check", str(EXAMPLE)]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "note: Nobody holds the role `admin`.",
        "note: Nobody holds the role `operator`.",
        f"{EXAMPLE}: no mistakes. Roles: admin, operator.",
    ]


def test_a_file_that_is_not_there_is_a_mistake(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["policy", "check", str(tmp_path / "none.yaml")]) == 3
    assert capsys.readouterr().err.startswith("none.yaml:1:1: ")


def test_the_schema_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["policy", "schema"]) == 0
    assert json.loads(capsys.readouterr().out)["title"] == "Triage policy"


def test_checking_a_policy_loads_no_client_of_anything() -> None:
    code = (
        "import sys; from bot.cli import main; "
        f"main(['policy', 'check', {str(EXAMPLE)!r}]); "
        "sys.exit(any(name.split('.')[0] in "
        "('kubernetes', 'slack_sdk', 'slack_bolt', 'sqlalchemy', 'aiohttp', 'httpx') for name in sys.modules))"
    )

    assert subprocess.run([sys.executable, "-c", code], check=False, capture_output=True).returncode == 0
