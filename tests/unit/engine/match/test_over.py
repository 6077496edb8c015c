"""What a log itself shows to be over comes after what goes on, and says so; in doubt nothing is over."""

import random

import pytest

from bot.diagnosis.paste_report import paste_report, paste_text
from bot.incidents.card_sections import symptom_line
from tests.support.onyx_real import MOST_SYMPTOMS
from tests.support.onyx_two_faults import two_faults
from tests.unit.onyx_matcher import matcher

CUTS = 2


def _row(time, file, text, day="11/29/2026"):
    return f"ERROR:    {day} {time} AM {file:>27}  489: {text}\n"


REDIS = _row(
    "09:01:19", "redis_pool.py", "Could not read Redis INFO for server diagnostics: Error 111 connecting to cache"
)
REDIS_AGAIN = REDIS.replace("09:01:19", "09:09:19")
SERVES = "INFO:     Uvicorn running on http://172.18.0.8:8080 (Press CTRL+C to quit)\n"
WELL = _row("09:05:00", "file_store.py", "S3 bucket 'onyx-file-store-bucket' already exists") + SERVES
DENIED = _row(
    "09:06:00", "api.py", "An error occurred (AccessDenied) when calling the PutObject operation: Access Denied."
)
BEGINS = "INFO:     Started server process [471]\n"


def _named(pod, text):
    return "".join(f"[pod/{pod}/api-server] {line}\n" for line in text.splitlines())


def _seen(text):
    return [(one.id, one.over_line) for one in matcher().match(text)]


def test_a_start_that_failed_is_over_when_the_next_one_serves_and_what_goes_on_comes_first():
    assert _seen(REDIS + WELL + DENIED) == [("object_store_access_denied", 0), ("redis_unreachable", 3)]
    assert _seen(REDIS + WELL) == [("redis_unreachable", 3)]


@pytest.mark.parametrize(
    "text",
    [
        WELL + REDIS,
        REDIS + WELL + REDIS_AGAIN,
        # the process that serves did so before, by its clock: the runs were pasted the other way round
        REDIS + WELL.replace("09:05:00", "08:05:00"),
        # another pod serves, or nobody knows which one
        _named("api-6f7c9d8b5-aaaaa", REDIS) + _named("api-6f7c9d8b5-bbbbb", WELL),
        _named("api-6f7c9d8b5-aaaaa", REDIS) + WELL,
        _named("api-6f7c9d8b5-aaaaa", REDIS)
        + _named("api-6f7c9d8b5-bbbbb", REDIS)
        + _named("api-6f7c9d8b5-aaaaa", WELL),
        # the log of another process, by the command or the heading before it
        REDIS + "$ kubectl logs onyx-api-server-7d9c6b5f8-x2k4p\n" + WELL,
        REDIS + "==> model.log <==\n" + WELL,
        # the model server's uvicorn
        REDIS + WELL.replace(":8080", ":9000"),
        # begun anew, and not come so far
        REDIS + BEGINS,
    ],
)
def test_in_doubt_nothing_is_over(text):
    assert _seen(text) == [("redis_unreachable", 0)]


def test_of_one_pod_the_other_one_does_not_matter():
    one, other = _named("api-6f7c9d8b5-aaaaa", REDIS), _named("api-6f7c9d8b5-bbbbb", DENIED)
    assert _seen(one + other + _named("api-6f7c9d8b5-aaaaa", WELL)) == [
        ("object_store_access_denied", 0),
        ("redis_unreachable", 4),
    ]


def test_what_the_last_run_tells_of_comes_before_what_an_earlier_one_told_of():
    password = 'psycopg2.OperationalError: FATAL:  password authentication failed for user "onyx" (sqlalchemy.exc)\n'
    secret = "ValueError: USER_AUTH_SECRET is empty. Set it.\n"
    assert _seen(secret + BEGINS + password) == [("postgres_login_failed", 0), ("user_auth_secret_empty", 0)]
    # A lesser thing that every start says displaces nothing.
    inert = _row("09:07:00", "users.py", "AUTH_TYPE='disabled' is no longer supported; running as basic")
    assert next(one.id for one in matcher().match(secret + BEGINS + inert)) == "user_auth_secret_empty"


def test_what_was_told_before_a_run_that_serves_displaces_nothing_of_that_run_and_is_not_said_to_be_over():
    keys = "botocore.exceptions.NoCredentialsError: Unable to locate credentials\n"
    model = _row("09:07:00", "utils.py", "Failed to call LLM with the following error: litellm.AuthenticationError: no")
    assert _seen(keys + BEGINS + SERVES + model) == [("llm_login_failed", 0), ("object_store_access_denied", 0)]
    assert _seen(keys + BEGINS + model) == [("object_store_access_denied", 0), ("llm_login_failed", 0)]


def test_the_line_that_shows_it_is_printed():
    assert symptom_line(matcher().match(REDIS + WELL)[0]).endswith("×1, over as of line 3")
    reading = matcher().read(REDIS + WELL)
    assert f"  over: the same log goes on with\n       3: {SERVES.strip()}" in paste_text(reading, {})
    (symptom,) = paste_report(reading)["symptoms"]
    assert (symptom["over"], symptom["over_line_number"]) == (SERVES.strip(), 3)
    (symptom,) = paste_report(matcher().read(REDIS))["symptoms"]
    assert (symptom["over"], symptom["over_line_number"]) == (None, None)


@pytest.mark.slow
def test_of_two_faults_in_one_log_the_one_that_goes_on_comes_first_also_in_a_log_that_was_cut():
    wrong = {}
    for one in two_faults():
        found = matcher().match(one.text)
        names, over = [symptom.id for symptom in found], {symptom.id for symptom in found if symptom.over}
        if (names or ["none"])[0] not in one.first or len(names) > MOST_SYMPTOMS or over != one.over:
            wrong[one.id] = (names, over)
        lines, chance = one.text.splitlines(), random.Random(one.id)
        for _ in range(CUTS):
            begin, end = sorted(chance.sample(range(len(lines) + 1), 2))
            for symptom in matcher().match("\n".join(lines[begin:end])):
                if symptom.over and (symptom.over_line <= max(symptom.line_numbers) or symptom.id not in one.over):
                    wrong[one.id, begin, end] = symptom
    assert wrong == {}
