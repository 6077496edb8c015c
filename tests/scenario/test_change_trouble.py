"""When the cluster answers late, partly or not at all: what is reported is what happened, and nothing is guessed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.adapters.store.store import open_store
from bot.changes.results import Previewed, Refusal, Requested, Undoing
from bot.changes.service import ChangeService
from bot.domain.changes import Change, ChangeState, Write
from bot.domain.errors import ClusterUnreachable, OutcomeUnknown, TriageError, WriteRefused
from tests.scenario.crashing import ANNA, BEN, HEALED, Clock, Life, Theatre, policy_in
from tests.scenario.tiny_cluster import TinyCluster

S = ChangeState
REFUSED = WriteRefused("admission webhook “guard” denied the request: not on Mondays.", "Ask its owner.")
SILENT = OutcomeUnknown("The API server gave no answer within 12 s.", "Look at the object.")
DOWN = ClusterUnreachable("The API server refuses connections.", "Is it running?")


class Troubled:
    """A writer to the tiny cluster whose write number `at` goes wrong in this way."""

    def __init__(
        self, cluster: TinyCluster, at: int, error: TriageError, *, done: bool = False, late: float = 0
    ) -> None:
        self._cluster, self._at, self._error, self._done, self._late = cluster, at, error, done, late
        self.sent = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._cluster, name)

    def apply(self, acting_as: Any, write: Write, change_id: str) -> None:
        self.sent += 1
        if self.sent - 1 != self._at:
            self._cluster.apply(acting_as, write, change_id)
            return
        if self._done:
            self._cluster.apply(acting_as, write, change_id)
        if self._late:
            self._cluster.send_late(write, change_id, self._cluster.now() + timedelta(seconds=self._late))
        raise self._error


@pytest.fixture
def theatre(tmp_path: Path) -> Iterator[Theatre]:
    clock = Clock()
    made = Theatre(Life("two objects", steps=2), open_store("sqlite://", clock), clock, policy_in(tmp_path))
    yield made
    made.store.close()


def request(theatre: Theatre, service: ChangeService) -> Change:
    (change,) = service.offer(theatre.diagnose(), incident_id="i1", details={}).changes
    previewed = service.preview(change.id, ANNA)
    assert isinstance(previewed, Previewed)
    answer = service.request(change.id, ANNA, previewed.change.digest)
    assert isinstance(answer, Requested), answer
    return answer.change


def now(theatre: Theatre, change: Change) -> Change:
    found = theatre.store.changes.get(change.id)
    assert found is not None
    return found


def effects(theatre: Theatre) -> list[str]:
    return [effect.target for effect in theatre.cluster.effects]


def test_a_first_write_that_the_cluster_refuses_is_reported_in_its_words(theatre: Theatre) -> None:
    change = request(theatre, theatre.process(writer=Troubled(theatre.cluster, 0, REFUSED)))
    assert change.state is S.FAILED
    assert "nothing was changed" in change.outcome
    assert "not on Mondays" in change.outcome
    assert effects(theatre) == []


def test_a_second_write_that_is_refused_leaves_a_report_of_what_was_done_and_that_can_be_undone(
    theatre: Theatre,
) -> None:
    service = theatre.process(writer=Troubled(theatre.cluster, 1, REFUSED))
    change = request(theatre, service)
    assert change.state is S.FAILED
    assert "Done: configmap/env. Not done: deployment/web." in change.outcome
    undone = service.undo(change.id, BEN)
    assert isinstance(undone, Undoing), undone
    assert [write.target for write in undone.change.writes] == ["configmap/env"]
    theatre.wait(service)
    assert now(theatre, change).state is S.ROLLED_BACK
    assert theatre.cluster.things["configmap/env"].says == "wrong"


@pytest.mark.parametrize("at", [0, 1])
def test_a_write_whose_answer_is_lost_counts_when_the_cluster_shows_it(theatre: Theatre, at: int) -> None:
    writer = Troubled(theatre.cluster, at, SILENT, done=True)
    service = theatre.process(writer=writer)
    change = request(theatre, service)
    assert change.state is S.VERIFYING
    theatre.wait(service)
    assert now(theatre, change).state is S.FIXED
    assert (writer.sent, effects(theatre)) == (2, ["configmap/env", "deployment/web"])


def test_a_first_write_that_never_arrives_is_not_sent_again(theatre: Theatre) -> None:
    writer = Troubled(theatre.cluster, 0, SILENT)
    service = theatre.process(writer=writer)
    change = request(theatre, service)
    assert change.state is S.CLAIMED
    assert "not known yet" in change.outcome
    theatre.wait(service)
    assert now(theatre, change).state is S.FAILED
    assert "nothing was changed" in now(theatre, change).outcome
    assert (writer.sent, effects(theatre)) == (1, [])


@pytest.mark.parametrize("seconds", [1, 8, 14])
def test_a_write_that_arrives_late_is_waited_for_before_anything_is_said(theatre: Theatre, seconds: float) -> None:
    writer = Troubled(theatre.cluster, 0, SILENT, late=seconds)
    service = theatre.process(writer=writer)
    change = request(theatre, service)
    theatre.wait(service)
    assert now(theatre, change).state is S.FIXED
    assert (writer.sent, effects(theatre)) == (2, ["configmap/env", "deployment/web"])


def test_a_second_write_that_cannot_be_sent_is_finished_when_the_cluster_answers_again(theatre: Theatre) -> None:
    service = theatre.process(writer=Troubled(theatre.cluster, 1, DOWN))
    change = request(theatre, service)
    assert change.state is S.CLAIMED
    theatre.wait(service)
    assert now(theatre, change).state is S.FIXED
    assert effects(theatre) == ["configmap/env", "deployment/web"]


def close_policy(theatre: Theatre) -> None:
    theatre.set_policy("enabled: true", "enabled: false")


def let_it_expire(theatre: Theatre) -> None:
    theatre.clock.now += timedelta(minutes=11)


@pytest.mark.parametrize(
    ("meanwhile", "why"),
    [(close_policy, "kill switch"), (let_it_expire, "expired")],
)
def test_the_rest_of_a_change_is_not_made_when_it_is_not_certainly_still_wanted(
    theatre: Theatre, meanwhile: Any, why: str
) -> None:
    service = theatre.process(writer=Troubled(theatre.cluster, 1, DOWN))
    change = request(theatre, service)
    meanwhile(theatre)
    theatre.wait(service)
    after = now(theatre, change)
    assert after.state is S.FAILED
    assert "Done: configmap/env. Not done: deployment/web." in after.outcome
    assert why in after.outcome
    assert effects(theatre) == ["configmap/env"]


def test_the_rest_of_a_change_is_not_made_to_an_object_that_somebody_has_changed_meanwhile(theatre: Theatre) -> None:
    service = theatre.process(writer=Troubled(theatre.cluster, 1, DOWN))
    change = request(theatre, service)
    theatre.cluster.edit("deployment/web", "by hand")
    theatre.wait(service)
    after = now(theatre, change)
    assert after.state is S.FAILED
    assert "cannot be told whether deployment/web was changed" in after.outcome
    assert "Done: configmap/env." in after.outcome
    assert effects(theatre) == ["configmap/env"]


def test_what_cannot_be_told_is_said_to_be_unknown_and_a_person_is_asked_to_look(theatre: Theatre) -> None:
    service = theatre.process(writer=Troubled(theatre.cluster, 0, SILENT))
    change = request(theatre, service)
    theatre.cluster.edit(
        "configmap/env", "by hand"
    )  # the mark of this change is not there, but neither is the old object
    theatre.wait(service)
    after = now(theatre, change)
    assert after.state is S.FAILED
    assert "cannot be told" in after.outcome
    assert "kubectl -n onyx get configmap/env" in after.outcome


def fixed(theatre: Theatre, service: ChangeService) -> Change:
    change = request(theatre, service)
    theatre.wait(service)
    assert now(theatre, change).state is S.FIXED
    return change


def test_an_undo_puts_the_old_value_back_and_restarts_its_users_after_that(theatre: Theatre) -> None:
    service = theatre.process()
    change = fixed(theatre, service)
    undone = service.undo(change.id, BEN)
    assert isinstance(undone, Undoing)
    theatre.wait(service)
    assert [now(theatre, item).state for item in (change, undone.change)] == [S.ROLLED_BACK, S.FIXED]
    assert effects(theatre)[2:] == ["configmap/env", "deployment/web"]
    assert theatre.cluster.things["configmap/env"].says == "wrong"


def test_an_undo_takes_nothing_back_that_somebody_has_changed_since(theatre: Theatre) -> None:
    service = theatre.process()
    change = fixed(theatre, service)
    theatre.cluster.edit("configmap/env", "even better")
    answer = service.undo(change.id, BEN)
    assert isinstance(answer, Refusal)
    assert answer.code == "object_changed"
    assert theatre.cluster.things["configmap/env"].says == "even better"
    assert now(theatre, change).state is S.FIXED


def test_an_undo_happens_once_and_is_not_undone_itself(theatre: Theatre) -> None:
    service = theatre.process()
    change = fixed(theatre, service)
    undone = service.undo(change.id, BEN)
    assert isinstance(undone, Undoing)
    theatre.wait(service)
    for again in (change.id, undone.change.id):
        answer = service.undo(again, ANNA)
        assert isinstance(answer, Refusal)
        assert answer.code in ("finished", "nothing_to_undo")
    assert len(effects(theatre)) == 4


def test_when_the_database_goes_away_right_after_the_claim_nothing_is_written_and_nothing_is_claimed_to_be(
    theatre: Theatre,
) -> None:
    service = theatre.process(store=theatre.failing_after_claim())
    (change,) = service.offer(theatre.diagnose(), incident_id="i1", details={}).changes
    previewed = service.preview(change.id, ANNA)
    assert isinstance(previewed, Previewed)
    answer = service.request(change.id, ANNA, previewed.change.digest)
    assert isinstance(answer, Refusal)
    assert answer.code == "unfinished"
    assert "Nothing was done" not in answer.sentence
    theatre.wait(theatre.process())
    assert now(theatre, change).state is S.FAILED
    assert "nothing was changed" in now(theatre, change).outcome
    assert effects(theatre) == []


def test_a_listener_that_fails_stops_nothing(theatre: Theatre) -> None:
    told: list[str] = []

    def fails(change: Change) -> None:
        raise TriageError("Slack is down.", "Wait.")

    service = theatre.process()
    service.watch(fails)
    service.watch(lambda change: told.append(change.state.value))
    change = fixed(theatre, service)
    assert now(theatre, change).state is S.FIXED
    wanted = ["previewed", "requested", "approved", "claimed", "applied", "verifying", "fixed"]
    assert list(dict.fromkeys(told)) == wanted


def test_a_remedy_that_did_not_help_twice_is_withdrawn_for_the_incident(theatre: Theatre) -> None:
    theatre.healing = False
    service = theatre.process()
    for _ in range(2):
        change = request(theatre, service)
        theatre.wait(service)
        assert now(theatre, change).state is S.NOT_FIXED
        assert "the cause is still there" in now(theatre, change).outcome
    offers = service.offer(theatre.diagnose(), incident_id="i1", details={})
    assert offers.changes == ()
    assert "has not helped 2 times" in offers.withheld[0].reason
    assert len(service.offer(theatre.diagnose(), incident_id="another", details={}).changes) == 1


def test_a_diagnosis_without_the_cause_ends_what_waits_for_approval(theatre: Theatre) -> None:
    theatre.life = Life("two objects, one approval", steps=2, approvals=1)
    service = theatre.process()
    change = request(theatre, service)
    assert change.state is S.REQUESTED
    theatre.cluster.edit("configmap/env", HEALED)
    service.offer(theatre.diagnose(), incident_id="i1", details={})
    assert now(theatre, change).state is S.SUPERSEDED


def test_what_is_asked_for_already_is_not_offered_a_second_time(theatre: Theatre) -> None:
    theatre.life = Life("two objects, one approval", steps=2, approvals=1)
    service = theatre.process()
    request(theatre, service)
    offers = service.offer(theatre.diagnose(), incident_id="i1", details={})
    assert offers.changes == ()
    assert "asked for it already" in offers.withheld[0].reason


def test_the_budget_of_an_object_holds(theatre: Theatre) -> None:
    theatre.set_policy(
        "approvals:", "budgets: {per_person_per_hour: 9, per_workload_per_hour: 1, per_hour: 9}\napprovals:"
    )
    theatre.healing = False
    service = theatre.process()
    request(theatre, service)
    theatre.wait(service)
    (change,) = service.offer(theatre.diagnose(), incident_id="i2", details={}).changes
    answer = service.preview(change.id, ANNA)
    assert isinstance(answer, Refusal)
    assert answer.code == "budget_workload"


def test_the_bot_leaves_changes_of_the_command_line_alone(theatre: Theatre) -> None:
    by_hand = theatre.process(own_rights=True, writer=Troubled(theatre.cluster, 0, SILENT, done=True, late=0))
    (change,) = by_hand.offer(theatre.diagnose(), incident_id="", details={}).changes
    me = theatre.operating_system_user()
    previewed = by_hand.preview(change.id, me)
    assert isinstance(previewed, Previewed), previewed
    by_hand.request(change.id, me, previewed.change.digest)
    bot = theatre.process()
    theatre.clock.now += timedelta(seconds=60)
    assert bot.tick(theatre.clock.now) == 0
    assert now(theatre, change).state is S.VERIFYING
    assert by_hand.tick(theatre.clock.now) == 1


def test_while_a_change_is_being_written_nothing_else_is_done_for_the_incident(theatre: Theatre) -> None:
    service = theatre.process()
    done = fixed(theatre, service)
    theatre.healing = False
    written = request(theatre, theatre.process(writer=Troubled(theatre.cluster, 0, SILENT)))
    assert written.state is S.CLAIMED
    answer = service.undo(done.id, BEN)
    assert isinstance(answer, Refusal)
    assert answer.code == "busy_workload"


def test_a_writer_to_another_cluster_is_not_used(theatre: Theatre) -> None:
    elsewhere = TinyCluster(theatre.clock, configmap_env="wrong", deployment_web="wrong")
    elsewhere.cluster = "staging"
    offers = theatre.process(writer=elsewhere).offer(theatre.diagnose(), incident_id="i1", details={})
    assert offers.changes == ()
    assert "only staging is within reach" in offers.withheld[0].reason
    (change,) = theatre.process().offer(theatre.diagnose(), incident_id="i1", details={}).changes
    answer = theatre.process(writer=elsewhere).preview(change.id, ANNA)
    assert isinstance(answer, Refusal)
    assert answer.code == "cluster_unknown"


class Interrupted:
    """A change store that does something else right before (or after) the first call of this method."""

    def __init__(self, store: Any, method: str, deed: Any, *, after: bool = False) -> None:
        self._store, self._method, self._deed, self._after = store, method, deed, after

    def __getattr__(self, name: str) -> Any:
        call = getattr(self._store, name)
        if name != self._method or self._deed is None:
            return call

        def answer(*arguments: Any, **fields: Any) -> Any:
            deed, self._deed = self._deed, None
            if not self._after and deed:
                deed()
            result = call(*arguments, **fields)
            if self._after and deed:
                deed()
            return result

        return answer


def test_a_process_that_slept_past_its_lease_finds_out_before_it_writes(theatre: Theatre) -> None:
    def sleep_while_another_cleans_up() -> None:
        theatre.clock.now += timedelta(seconds=100)
        theatre.wait(theatre.process())

    sleepy = Interrupted(theatre.store.changes, "update", sleep_while_another_cleans_up)
    change = request(theatre, theatre.process(store=sleepy))
    assert change.state is S.FAILED
    assert "nothing was changed" in change.outcome
    assert effects(theatre) == []


def test_of_two_tickers_one_works_on_a_change(theatre: Theatre) -> None:
    first = theatre.process()
    change = request(theatre, first)
    theatre.clock.now += timedelta(seconds=3)
    looks: list[int] = []
    theatre.looked = lambda: looks.append(1)
    late = theatre.process(
        store=Interrupted(theatre.store.changes, "due", lambda: first.tick(theatre.clock.now), after=True)
    )
    assert late.tick(theatre.clock.now) == 1
    assert len(looks) == 1
    assert now(theatre, change).state is S.VERIFYING


def test_presses_that_slip_under_the_budget_together_are_stopped_after_the_claim(theatre: Theatre) -> None:
    theatre.set_policy(
        "approvals:", "budgets: {per_person_per_hour: 1, per_workload_per_hour: 9, per_hour: 9}\napprovals:"
    )
    service = theatre.process()
    (one,) = service.offer(theatre.diagnose(), incident_id="i1", details={}).changes
    (two,) = service.offer(theatre.diagnose(), incident_id="i2", details={}).changes
    digests = {}
    for change in (one, two):
        previewed = service.preview(change.id, ANNA)
        assert isinstance(previewed, Previewed)
        digests[change.id] = previewed.change.digest
    other = theatre.process(writer=Troubled(theatre.cluster, 0, SILENT))
    at_the_claim = Interrupted(
        theatre.store.changes, "count", lambda: other.request(two.id, ANNA, digests[two.id]), after=True
    )
    answer = theatre.process(store=at_the_claim).request(one.id, ANNA, digests[one.id])
    assert isinstance(answer, Requested), answer
    assert answer.change.state is S.FAILED
    assert "nothing was changed" in answer.sentence
    assert "within the hour" in answer.sentence
    assert effects(theatre) == []
