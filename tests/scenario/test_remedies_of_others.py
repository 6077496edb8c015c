"""Who else has a say in a pod: no fix goes to the wrong container, and what would not last or not begin says so."""

import pytest

from tests.scenario.test_near_miss_variants import diagnosed


def roots(name: str) -> dict[str, tuple[str, ...]]:
    """Of each root cause: what its remedies that write say."""
    return {
        cause.id: tuple(f"{item.id}: {item.title} {item.note}" for item in cause.remedies if item.steps)
        for cause in diagnosed(name).root_causes
    }


@pytest.mark.parametrize(
    ("name", "cause"),
    [
        ("a native sidecar never starts", "api-liveness-killing"),
        ("an injected proxy is not ready, its program is", "api-not-ready"),
    ],
)
def test_the_main_containers_probe_is_not_changed_for_that_of_one_beside_it(name: str, cause: str) -> None:
    assert [words for words in roots(name)[cause] if words.startswith(("fix-probe", "give-time"))] == []


def test_a_paused_rollout_is_told_of_with_the_change_that_would_wait_for_it() -> None:
    (words,) = roots("killed for memory, and its Deployment is paused")["api-oom-killed"]
    assert "is paused: no pod changes before its rollout is resumed" in words


def test_a_url_that_is_right_is_not_written_again_where_an_alias_sends_it_astray() -> None:
    name = "a host alias leads the API's name to the caller itself, and calls are refused"
    (cause,) = diagnosed(name).root_causes
    assert "hostAliases of its pods send api-server to 127.0.0.1" in cause.sentence
    assert roots(name)["internal-url-wrong"] == ()


def test_last_words_are_those_of_the_container_that_ended() -> None:
    """The main one beside it complains of that one, which has said nothing."""
    causes = diagnosed("the pooler beside the API crashes, and the API is not ready of it").root_causes
    assert [cause.id for cause in causes] == ["api-crash-looping"]
    assert "6432" not in causes[0].sentence
