"""In one text, what breaks something is told before what follows from it."""

from tests.unit.onyx_matcher import matcher

WEB = "web_server-1  | Error fetching user: TypeError: fetch failed\n"
SECRET = "api_server-1  | ValueError: USER_AUTH_SECRET is empty. Set it.\n"
PASSWORD = 'api_server-1  | FATAL:  password authentication failed for user "onyx" (psycopg2.OperationalError)\n'


def _ids(text):
    return [one.id for one in matcher().match(text)]


def test_the_server_that_does_not_start_comes_before_those_who_cannot_reach_it():
    for cause, word in ((SECRET, "user_auth_secret_empty"), (PASSWORD, "postgres_login_failed")):
        assert _ids(WEB + cause) == [word, "api_unreachable"]
        assert _ids(cause + WEB) == [word, "api_unreachable"]


def test_of_two_that_do_not_follow_from_each_other_the_first_in_the_text_comes_first():
    assert _ids(PASSWORD + SECRET) == ["postgres_login_failed", "user_auth_secret_empty"]
    assert _ids(SECRET + PASSWORD) == ["user_auth_secret_empty", "postgres_login_failed"]
