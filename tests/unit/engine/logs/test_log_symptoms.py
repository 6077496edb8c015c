"""Logs that a diagnosis reads are matched like a paste: what the crashed run says is the cause, old lines are not."""

from datetime import timedelta

import pytest

from bot.diagnosis.ports import TriageRequest
from bot.domain.diagnosis import Diagnosis, Verdict
from bot.domain.view import ContainerLog, View
from tests.scenario.test_recorded_views import recorded, service
from tests.support.onyx_real import logs

SAID = {
    "start-cache-postgres/api.log": "settings-conflict",
    "start-db-not-migrated/api.log": "database-schema-mismatch",
    "start-ms-down-fresh-db/api.log": "dependency-down model-server",
    "start-no-user-auth-secret/api.log": "user-auth-secret-empty",
    "start-os-down/api.log": "dependency-down search",
    "start-os-plain-http/api.log": "document-index-tls-mismatch",
    "start-pg-password/alembic.log": "postgres-login-failed",
    "start-pg-password/api.log": "postgres-login-failed",
    "start-redis-down/api.log": "dependency-down redis",
    "start-redis-wrongpass/api.log": "redis-login-failed",
    "start-s3-nocreds/api.log": "object-store-access-denied",
    "old221-no-internet/api.log": "huggingface-unreachable",
    "old221-start-authtype-unknown/api.log": "auth-type-unknown",
}
"""The root cause of an API server whose crashed run wrote this, and, of a dependency that is down, which one."""

LINE = "redis.exceptions.AuthenticationError: invalid username-password pair or user is disabled."


def with_log(view: View, text: str, *, previous: bool) -> View:
    """The view with another log of its API server."""
    kept = tuple(log for log in view.logs if not log.container.startswith("api"))
    pod = next(item for item in view.pods if "api-server" in item.metadata.name)
    container = pod.status.container_statuses[0].name
    log = ContainerLog(pod=pod.metadata.name, container=container, previous=previous, text=text)
    return view.model_copy(update={"logs": (*kept, log)})


def asked(view: View) -> Diagnosis:
    return service().replay(view, TriageRequest("onyx", view.namespace))


def roots(view: View) -> set[str]:
    return {cause.id for cause in asked(view).root_causes}


@pytest.mark.parametrize("name", SAID)
def test_what_the_crashed_run_says_is_the_root_cause(name):
    text = next(sample.text for sample in logs() if sample.id == name)
    tail = "\n".join(text.splitlines()[-700:])  # as much as is read of a log
    found = asked(with_log(recorded("crash-no-secret").view, tail, previous=True))
    (root,) = found.root_causes
    cause, _, component = SAID[name].partition(" ")
    assert (root.id, component in ("", root.component)) == (cause, True)
    assert component or "the run before this one: " in root.sentence
    assert {item.id: item.explained_by for item in found.causes}["api-crash-looping"] == cause


def test_a_log_without_a_known_error_leaves_the_crash_loop():
    view = with_log(recorded("crash-no-secret").view, "ZeroDivisionError: division by zero", previous=True)
    assert roots(view) == {"api-crash-looping"}


def healthy() -> View:
    """An API server that was down and serves again."""
    return recorded("recovered-oom").view


def stamped(view: View, age: timedelta) -> str:
    return f"{(view.collected_at - age).strftime('%Y-%m-%dT%H:%M:%SZ')} {LINE}"


def test_an_old_line_of_a_server_that_serves_accuses_nobody():
    view = healthy()
    found = asked(with_log(view, stamped(view, timedelta(hours=2)), previous=False))
    assert "redis-login-failed" not in {cause.id for cause in found.causes}
    assert found.verdict is Verdict.RECOVERED


def test_a_line_of_some_minutes_ago_makes_the_cause_likely_only():
    view = healthy()
    found = asked(with_log(view, stamped(view, timedelta(minutes=5)), previous=False))
    assert {cause.id: cause.verdict.value for cause in found.causes}["redis-login-failed"] == "likely"
    assert found.verdict is Verdict.INCONCLUSIVE


def test_a_line_of_just_now_confirms_it():
    view = healthy()
    assert roots(with_log(view, stamped(view, timedelta(seconds=20)), previous=False)) == {"redis-login-failed"}


def test_a_line_without_a_time_of_a_server_that_serves_is_no_news():
    assert "redis-login-failed" not in {cause.id for cause in asked(with_log(healthy(), LINE, previous=False)).causes}


def test_the_run_before_of_a_server_that_serves_is_over():
    view = healthy()
    assert "redis-login-failed" not in {cause.id for cause in asked(with_log(view, LINE, previous=True)).causes}


AUTH_TYPE = "NOTICE:   11/29/2026 08:57:21 AM                       users.py  212: Using Auth Type: basic"


def hanging(view: View, seconds: int, last: str = AUTH_TYPE) -> set[str]:
    """The causes of a server whose log has ended in this line for so long."""
    stamp = (view.collected_at - timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")
    found = asked(with_log(view, f"{stamp} INFO:     Waiting for application startup.\n{stamp} {last}", previous=False))
    return {cause.id for cause in found.causes if cause.verdict.value in ("confirmed", "likely")}


def test_a_start_that_hangs_after_its_auth_type_hangs_in_redis():
    assert "redis-not-answering" in hanging(recorded("readiness-wrong-path").view, 120)


@pytest.mark.parametrize(
    ("asked_first", "cause"), [("Redis", "redis-not-answering"), ("Database", "postgres-unreachable")]
)
def test_a_worker_that_hangs_at_its_first_question_hangs_in_what_it_asks(asked_first, cause):
    starting = f"INFO:     11/29/2026 08:57:21 AM   app_base.py  339: {asked_first}: Readiness probe starting."
    assert cause in hanging(recorded("readiness-wrong-path").view, 120, starting)
    assert cause not in hanging(recorded("readiness-wrong-path").view, 20, starting)


@pytest.mark.parametrize(
    ("name", "seconds", "last"),
    [
        ("readiness-wrong-path", 20, AUTH_TYPE),  # it may just be on its way
        (
            "readiness-wrong-path",
            120,
            "NOTICE: variable_functionality.py 66: License enforcement is enabled",
        ),  # imports
        ("recovered-oom", 120, AUTH_TYPE),  # it serves, so its log goes on elsewhere
    ],
)
def test_silence_that_is_none(name, seconds, last):
    assert "redis-not-answering" not in hanging(recorded(name).view, seconds, last)
