"""Changes from the offer to the outcome, on a simulated cluster in which Onyx is really broken and really recovers."""

from __future__ import annotations

from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import pytest

from bot.changes.results import Approved, Previewed, Refusal, Requested, Undoing
from bot.changes.service import ChangeService
from bot.domain.changes import Change, ChangeState
from bot.domain.errors import StoreError
from tests.scenario.changing import BEN, CARL, Stage, person, stage

S = ChangeState


def test_a_limit_raised_to_an_edited_value_repairs_the_app_in_the_name_of_who_pressed(tmp_path: Path) -> None:
    with stage("api-oom-killed", tmp_path) as made:
        told: list[str] = []
        made.service.watch(lambda change: told.append(change.state.value))
        offer, since = made.offered("raise_memory"), made.diagnose().since
        looked = made.service.preview(offer.id, person(), {"memory_limit": "3Gi"})
        assert isinstance(looked, Previewed)
        assert "3Gi" in looked.change.remedy.title
        asked = made.service.request(offer.id, person(), looked.change.digest)
        assert isinstance(asked, Requested), asked
        change = asked.change
        assert change.state is S.VERIFYING
        container = made.cluster.get("Deployment", "api-server")["spec"]["template"]["spec"]["containers"][0]
        assert container["resources"]["limits"]["memory"] == "3Gi"
        done = made.until_done(change.id)
        assert done.state is S.FIXED
        assert "killed for memory" in done.outcome.partition("Now:")[0]
        assert since is not None
        healthy = f" Onyx is healthy now. It was down from {since.strftime('%H:%M:%S UTC')} to "
        assert done.outcome.partition("Now:")[2].startswith(healthy)
        assert "replaced" not in done.outcome
        (write,) = made.writes()
        assert (write.user, write.authenticated) == ("triage:operator", "admin")
        assert ("slack-user", ("T0HOME0000/U0ANNA0000",)) in write.extra
        wanted = ["previewed", "requested", "approved", "claimed", "applied", "verifying", "fixed"]
        assert list(dict.fromkeys(told)) == wanted
        assert made.states(change.id) == ["offered", *wanted]
        assert made.store.audit.verify().broken is None

        late = made.service.request(change.id, person(BEN), change.digest)
        assert isinstance(late, Refusal)
        assert late.code == "finished"
        assert len(made.writes()) == 1


def test_a_config_value_is_put_right_its_users_restart_and_both_can_be_taken_back(tmp_path: Path) -> None:
    with stage("internal-url-wrong", tmp_path) as made:
        change = made.requested("set_config")
        assert [write.kind for write in change.writes] == ["ConfigMap", "Deployment"]
        done = made.until_done(change.id)
        assert done.state is S.FIXED, done.outcome
        name = change.writes[0].name
        good = made.cluster.get("ConfigMap", name)["data"]
        undone = made.service.undo(change.id, person(BEN))
        assert isinstance(undone, Undoing), undone
        made.until_done(undone.change.id)
        assert made.change(change.id).state is S.ROLLED_BACK
        assert made.cluster.get("ConfigMap", name)["data"] != good
        made.cluster.advance(60)  # until calls fail again: a URL that only reads wrong accuses nobody
        assert made.diagnose().root_causes[0].id == change.cause
        assert [write.asked.resource for write in made.writes()] == ["configmaps", "deployments"] * 2


def test_an_undo_that_brings_a_crash_loop_back_has_succeeded_and_does_not_wait_for_it(tmp_path: Path) -> None:
    with stage("api-oom-killed", tmp_path) as made:
        change = made.requested("raise_memory")
        assert made.until_done(change.id).state is S.FIXED
        undone = made.service.undo(change.id, person(BEN))
        assert isinstance(undone, Undoing), undone
        done = made.until_done(undone.change.id, seconds=25)
        assert done.state is S.FIXED
        note = "Taken back: deployment/api-server as before. Note: its pods are not all ready yet. 0 of 1"
        assert done.outcome.startswith(note)
        assert made.change(change.id).state is S.ROLLED_BACK


def test_a_service_that_is_created_is_deleted_again_by_the_undo(tmp_path: Path) -> None:
    with stage("service-missing", tmp_path) as made:
        made.set_policy(("high: 1", "high: 0"))
        change = made.requested("create_service", person(CARL))
        assert made.until_done(change.id).state is S.FIXED
        (write,) = change.writes
        undone = made.service.undo(change.id, person(CARL))
        assert isinstance(undone, Undoing), undone
        made.until_done(undone.change.id)
        assert made.cluster.get("Service", write.name) is None
        assert made.change(change.id).state is S.ROLLED_BACK


def test_the_last_approver_makes_the_change_and_with_their_own_role(tmp_path: Path) -> None:
    with stage("api-oom-killed", tmp_path) as made:
        made.set_policy(("medium: 0", "medium: 1"))
        change = made.requested("raise_memory")
        assert change.state is S.REQUESTED
        seen = made.service.preview(change.id, person(CARL))
        assert isinstance(seen, Previewed)
        assert seen.change.digest == change.digest
        answer = made.service.approve(change.id, person(CARL))
        assert isinstance(answer, Approved)
        (write,) = made.writes()
        assert ("slack-user", ("T0HOME0000/U0CARL0000",)) in write.extra
        again = made.service.approve(change.id, person(BEN))
        assert isinstance(again, Refusal)
        assert again.code == "under_way"


def test_what_the_cluster_refuses_at_the_write_fails_in_its_words(tmp_path: Path) -> None:
    with stage("api-oom-killed", tmp_path) as made:
        change = made.previewed("raise_memory")
        made.cluster.fail("/deployments/api-server", 403, method="PATCH", message="admission webhook says no")
        answer = made.service.request(change.id, person(), change.digest)
        assert isinstance(answer, Requested)
        assert answer.change.state is S.FAILED
        assert "nothing was changed" in answer.sentence
        assert "admission webhook says no" in answer.sentence


def test_an_answer_that_is_lost_is_looked_up_and_not_sent_again(tmp_path: Path) -> None:
    with stage("api-oom-killed", tmp_path) as made:
        change = made.previewed("raise_memory")
        made.cluster.lose_answer("/deployments/api-server", method="PATCH", times=1)
        answer = made.service.request(change.id, person(), change.digest)
        assert isinstance(answer, Requested), answer
        assert answer.change.state is S.VERIFYING
        assert len(made.writes()) == 1


def test_an_object_that_somebody_has_changed_supersedes_the_offer(tmp_path: Path) -> None:
    with stage("api-oom-killed", tmp_path) as made:
        change = made.previewed("raise_memory")
        item = made.cluster.get("Deployment", "api-server")
        made.cluster.apply({
            "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "api-server", "namespace": "onyx"},
            "spec": {**item["spec"], "minReadySeconds": 3},
        })  # fmt: skip
        answer = made.service.request(change.id, person(), change.digest)
        assert isinstance(answer, Refusal)
        assert answer.code == "object_changed"
        assert "Check again" in answer.sentence
        assert made.change(change.id).state is S.SUPERSEDED
        assert made.refusals(change.id) == ["object_changed"]
        assert made.writes() == []


def test_a_change_of_what_is_not_the_spec_supersedes_nothing(tmp_path: Path) -> None:
    with stage("api-oom-killed", tmp_path) as made:
        change = made.previewed("raise_memory")
        before = made.cluster.get("Deployment", "api-server")["metadata"]
        meta = {"name": "api-server", "namespace": "onyx", "annotations": {"seen-by": "a controller"}}
        made.cluster.apply({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": meta})
        after = made.cluster.get("Deployment", "api-server")["metadata"]
        assert (after["generation"], after["resourceVersion"] != before["resourceVersion"]) == (
            before["generation"],
            True,
        )
        answer = made.service.request(change.id, person(), change.digest)
        assert isinstance(answer, Requested), answer
        assert answer.change.state is S.VERIFYING


def test_a_press_after_a_restart_counts(tmp_path: Path) -> None:
    with stage("api-oom-killed", tmp_path, url=f"sqlite:///{tmp_path}/triage.db") as made:
        change = made.previewed("raise_memory")
        restarted = made.another()
        answer = restarted.request(change.id, person(), change.digest)
        assert isinstance(answer, Requested), answer
        assert answer.change.state is S.VERIFYING


@pytest.mark.parametrize("who", [(person(), person()), (person(), person(BEN))])
def test_of_two_presses_at_the_same_moment_on_two_replicas_one_counts(who: Any, tmp_path: Path) -> None:
    with stage("api-oom-killed", tmp_path, url=f"sqlite:///{tmp_path}/triage.db") as made:
        change = made.previewed("raise_memory")
        answers = at_once(made, change, who)
        assert len([item for item in answers if isinstance(item, Requested)]) == 1, answers
        (refusal,) = [item for item in answers if isinstance(item, Refusal)]
        assert refusal.code in ("overtaken", "under_way", "already_requested", "no_role")
        assert len(made.writes()) == 1
        assert made.refusals(change.id) == [refusal.code]
        assert made.store.audit.verify().broken is None


def at_once(made: Stage, change: Change, who: tuple[Any, Any]) -> list[Any]:
    from bot.adapters.store.store import open_store  # noqa: PLC0415 - a second replica

    other = open_store(made.url, made.cluster.now)
    services = (made.service, made.another(store=other.changes, audit=other.audit))
    barrier, answers = Barrier(2), list[Any]()

    def press(service: ChangeService, actor: Any) -> None:
        barrier.wait(120)
        answers.append(service.request(change.id, actor, change.digest))

    threads = [Thread(target=press, args=pair) for pair in zip(services, who, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    other.close()
    return answers


def test_a_fix_of_one_of_two_faults_says_that_the_other_remains(tmp_path: Path) -> None:
    with stage("two-faults", tmp_path) as made:
        roots = [cause.id for cause in made.diagnose().root_causes]
        assert len(roots) == 2
        kinds = {item.kind for cause in made.diagnose().root_causes[:1] for item in cause.remedies if item.steps}
        change = made.requested(min(kinds), person(CARL))
        done = made.until_done(change.id)
        assert done.state is S.FIXED, done.outcome
        assert "Another fault remains" in done.outcome


def test_an_unwritable_audit_stops_the_ticker_before_it_moves_anything(tmp_path: Path) -> None:
    with stage("api-oom-killed", tmp_path) as made:
        change = made.offered("raise_memory")
        made.store.close()
        with pytest.raises(StoreError):
            made.service.tick(change.expires_at)
