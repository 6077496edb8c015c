"""From the paste to the fix, in Slack: what people press really repairs the cluster, once, in their name."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest

from bot.diagnosis.diagnosis_codec import decode
from bot.domain.changes import ChangeState
from bot.domain.incidents import IncidentState
from bot.sandbox.workspace.rules.validate import check_home
from bot.sandbox.workspace.state.seed import GUEST, ONCALL, SECOND
from tests.scenario.changing import person
from tests.scenario.slack_bench import valid, valid_modal
from tests.scenario.slack_changing import ADMIN, TWO_PAIRS_OF_EYES, Scene, buttons_of, scene, started

pytestmark = pytest.mark.slow

MEMORY = "spec.template.spec.containers[api-server].resources.limits.memory"


def written_as(made: Scene) -> list[str]:
    """In whose name the cluster was written to, write by write."""
    return [dict(seen.extra)["slack-user"][0] for seen in made.stage.writes()]


def requested(made: Scene, ts: str, card: dict, user: str = ONCALL) -> dict:
    """Ask for the first fix; the request in the thread."""
    made.previewed(card, user)
    made.submitted(user)
    made.modal(user, "must approve it")
    return valid(made.shows(ts, "Approval needed", "change_approve"))


def test_one_press_repairs_it_and_the_card_turns_green(tmp_path: Path) -> None:
    with scene("api-oom-killed", tmp_path) as made:
        ts, card = made.pasted()
        since = decode(dict(made.incident().diagnosis)).since
        assert since is not None
        # A rollback needs one who approves it, and only one person here holds the role: it is not offered.
        labels = [(one["text"]["text"], one.get("style")) for one in buttons_of(card)][:1]
        assert labels == [("Raise memory to 2Gi …", "primary")]
        view = valid_modal(made.previewed(card))
        assert f"{MEMORY}: 1Gi → 2Gi" in str(view)
        assert "nothing is changed yet" in str(view)
        assert view["submit"]["text"] == "Apply"
        assert made.stage.writes() == []
        made.submitted()
        made.modal(ONCALL, "Applied to deployment/api-server")
        assert written_as(made) == [f"T0MERIDIAN/{ONCALL}"]
        running = valid(made.shows(ts, "Being fixed", "asked by robin"))
        assert running["ts"] == card["ts"]
        change = made.change("raise_memory", made.incident().id)
        assert made.time_passes(change.id).state is ChangeState.FIXED
        green = valid(made.shows(ts, "large_green_circle", "Fixed", "It was down"))
        assert green["ts"] == card["ts"]
        assert f"Onyx is healthy now. It was down from {since.strftime('%H:%M:%S UTC')} to" in green["text"]
        assert green["text"].count("It was down") == 1  # the fixed card tells the outage once
        assert "replaced" not in json.dumps(green)
        assert "Before: Onyx: the API server is being killed for memory." in green["text"]
        assert not made.store.incidents.open_incidents()
        made.quiet()
        assert next(one["action_id"] for one in buttons_of(green)) == "change_undo"
        assert len(made.thread(ts)) == 1

        made.press(green, "change_undo", SECOND)
        made.whispered(SECOND, "Applied to deployment/api-server")
        assert written_as(made)[-1] == f"T0MERIDIAN/{SECOND}"
        (undo,) = [one for one in made.store.changes.of_incident(change.incident) if one.undoes]
        made.time_passes(undo.id)
        made.shows(ts, "Fault found", "Undone", "Taken back: deployment/api-server as before.", "change_look_0")
        assert made.incident().id == change.incident


def test_another_person_approves_and_it_is_done_in_their_name(tmp_path: Path) -> None:
    with scene("api-oom-killed", tmp_path, TWO_PAIRS_OF_EYES) as made:
        ts, card = made.pasted()
        assert made.previewed(card)["submit"]["text"] == "Ask for approval"
        made.submitted()
        request = valid(made.shows(ts, "Approval needed", "change_approve"))
        said = request["text"]
        assert "Raise the memory limit of the API server to 2Gi" in said
        assert f"deployment/api-server: {MEMORY}: 1Gi → 2Gi" in said
        assert "asked by robin" in said
        assert "0 of 1 given" in said
        assert "Who may: the user group oncall, ada, sam" in said
        assert f"<@{ONCALL}>" not in json.dumps(request)  # approvers are called, the one who asks is not
        made.quiet()
        assert made.facts is not None
        waiting = made.facts.approvals("T0MERIDIAN", SECOND)
        assert [item.sentence for item in waiting] == [
            (
                "Raise the memory limit of the API server to 2Gi (onyx in onyx of sandbox), asked by robin; "
                "1 other person must approve it"
            )
        ]
        assert waiting[0].buttons[0]["url"].endswith(f"thread_ts={ts}&cid=C0INCIDENT")
        assert not made.facts.approvals("T0MERIDIAN", ONCALL)
        assert made.stage.writes() == []

        made.press(request, "change_review", SECOND)
        assert made.modal(SECOND, "What will be changed")["submit"]["text"] == "Approve"
        made.press(request, "change_approve", SECOND)
        made.whispered(SECOND, "Applied to deployment/api-server")
        assert written_as(made) == [f"T0MERIDIAN/{SECOND}"]
        done = valid(made.shows(ts, "Approved · Raise", "1 of 1 given · by sam"))
        assert done["ts"] == request["ts"]
        assert not buttons_of(done)
        made.shows(ts, "Being fixed", "asked by robin, approved by sam")
        change = made.change("raise_memory", made.incident().id)
        audit = {one.event: one for one in made.store.audit.entries(about=change.id, newest=50)}
        assert audit["change.requested"].by == f"T0MERIDIAN/{ONCALL}"
        assert audit["change.requested"].detail["detail"].startswith("view V")
        assert audit["change.approval"].by == f"T0MERIDIAN/{SECOND}"
        assert audit["change.claimed"].detail["names"] == ["robin", "sam"]
        assert made.store.audit.verify().broken is None
        made.submitted(SECOND)
        made.modal(SECOND, "approved this already")


def test_who_presses_on_a_card_of_a_resolved_incident_is_told_so(tmp_path: Path) -> None:
    with scene("api-oom-killed", tmp_path) as made:
        _, card = made.pasted()
        made.stage.store.incidents.update(made.incident(), state=IncidentState.RESOLVED)
        made.previewed(card)
        assert "This incident is resolved. Check again" in str(valid_modal(made.modal(ONCALL, "is resolved")))
        assert made.stage.writes() == []


def test_edited_values_are_previewed_before_they_can_be_asked_for(tmp_path: Path) -> None:
    with scene("api-oom-killed", tmp_path) as made:
        _, card = made.pasted()
        made.previewed(card)
        made.submitted(memory_limit="64Gi")
        wrong = valid_modal(made.modal(ONCALL, "64Mi to 8Gi, not 64Gi"))
        assert wrong["submit"]["text"] == "Preview"
        made.submitted(memory_limit="lots")
        made.modal(ONCALL, "is not an amount of memory")
        made.submitted(memory_limit="3Gi")
        view = valid_modal(made.modal(ONCALL, f"{MEMORY}: 1Gi → 3Gi"))
        assert "with your values" in str(view)
        assert made.stage.writes() == []
        made.submitted()
        made.modal(ONCALL, "Applied to deployment/api-server")
        made.quiet()
        assert "3Gi" in str(made.change("raise_memory", made.incident().id).writes[0].body)


def test_two_people_press_at_once_and_one_change_is_made(tmp_path: Path) -> None:
    with scene("api-oom-killed", tmp_path, TWO_PAIRS_OF_EYES) as made:
        ts, card = made.pasted()
        request = requested(made, ts, card)
        together = threading.Barrier(2)

        def approve(user: str) -> None:
            together.wait(120)
            made.press(request, "change_approve", user)

        pressing = [threading.Thread(target=approve, args=(user,)) for user in (SECOND, ADMIN)]
        for one in pressing:
            one.start()
        for one in pressing:
            one.join(120)
        made.quiet()
        answers = [made.whispered(user, "") for user in (SECOND, ADMIN)]
        assert sum("Applied to deployment/api-server" in one["text"] for one in answers) == 1
        assert len(made.stage.writes()) == 1
        (change,) = [one for one in made.store.changes.of_incident(made.incident().id) if one.requester]
        assert len(change.approvers) == 1
        assert len(made.refusals(change.id)) == 1


def test_two_people_who_look_at_the_same_fix_do_not_apply_what_they_have_not_seen(tmp_path: Path) -> None:
    with scene("api-oom-killed", tmp_path) as made:
        _, card = made.pasted()
        made.previewed(card, ONCALL)
        made.previewed(card, SECOND)
        made.stage.cluster.advance(1)
        made.submitted(ONCALL)
        made.quiet()
        if not made.stage.writes():
            made.modal(ONCALL, "Somebody else has looked at it meanwhile")
            made.submitted(ONCALL)
        made.modal(ONCALL, "Applied to deployment/api-server")
        made.submitted(SECOND)
        made.modal(SECOND, "robin")
        made.quiet()
        assert len(made.stage.writes()) == 1


def test_the_buttons_work_after_a_restart(tmp_path: Path) -> None:
    with scene("api-oom-killed", tmp_path) as made:
        ts, card = made.pasted()
        made.previewed(card)
        made.quiet()
        made.bot.close(4)
        made.bot, made.fixes, _ = started(made.workspace, made.stage)
        made.submitted()
        made.modal(ONCALL, "Applied to deployment/api-server")
        made.shows(ts, "Being fixed")


def test_what_a_process_that_died_has_left_is_done_by_the_next_one(tmp_path: Path) -> None:
    """It died after the card was posted, after a request, and after an outcome."""
    with scene("api-oom-killed", tmp_path, TWO_PAIRS_OF_EYES) as made:
        ts, _card = made.pasted()
        made.quiet()
        incident = made.incident()
        made.bot.close(4)
        # Without a bot: the request is made, and nobody draws it.
        silent = made.stage.another()
        (change,) = [one for one in made.store.changes.of_incident(incident.id) if one.remedy.kind == "raise_memory"]
        previewed = silent.preview(change.id, person(SECOND, team="T0MERIDIAN"))
        silent.request(change.id, person(SECOND, team="T0MERIDIAN"), previewed.change.digest)
        made.stage.cluster.advance(60)
        made.bot, made.fixes, _ = started(made.workspace, made.stage)
        request = made.shows(ts, "Approval needed", "change_approve")
        made.press(request, "change_approve", ADMIN)
        made.whispered(ADMIN, "Applied to deployment/api-server")
        made.quiet()
        made.bot.close(4)
        made.stage.until_done(change.id, made.stage.another())
        made.stage.cluster.advance(60)
        made.bot, made.fixes, _ = started(made.workspace, made.stage)
        made.shows(ts, "large_green_circle", "Fixed")


def test_two_replicas_post_one_request_and_make_one_change(tmp_path: Path) -> None:
    with scene("api-oom-killed", tmp_path, TWO_PAIRS_OF_EYES) as made:
        other, fixes, _ = started(made.workspace, made.stage)
        try:
            ts, card = made.pasted()
            request = requested(made, ts, card)
            made.press(request, "change_approve", SECOND)
            made.whispered(SECOND, "Applied to deployment/api-server")
            change = made.change("raise_memory", made.incident().id)
            fixes.tick()
            made.fixes.tick()
            made.time_passes(change.id)
            made.shows(ts, "large_green_circle", "Fixed")
            made.quiet()
            assert len(made.stage.writes()) == 1
            assert len(made.thread(ts)) == 2
        finally:
            other.close(4)


def test_the_home_tab_says_what_each_person_may(tmp_path: Path) -> None:
    with scene("api-oom-killed", tmp_path) as made:
        assert made.facts is not None
        rights = {user: " ".join(made.facts.rights("T0MERIDIAN", user)) for user in (ONCALL, SECOND, ADMIN, GUEST)}
        assert "as operator (your user group): restart" in rights[ONCALL]
        assert "as operator (you): restart" in rights[SECOND]
        assert "as admin (you)" in rights[ADMIN]
        assert "nobody else could approve it" in rights[ADMIN]
        assert rights[GUEST] == ""
        made.workspace.open_home(ADMIN)
        assert made.workspace.wait_for(lambda: made.workspace.home(ADMIN))
        view = made.workspace.home(ADMIN)
        assert view is not None
        assert "as admin (you)" in str(view)
        assert check_home({"type": "home", "blocks": view["blocks"]}) is None
