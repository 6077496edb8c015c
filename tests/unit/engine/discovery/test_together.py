"""Who fails whenever a program passes on another one's error: the same moments, again and again, and no chance."""

from datetime import UTC, datetime, timedelta

from bot.domain.view import ContainerLog
from bot.engine.discovery.together import Failed, _timed, failing_together

BEGIN = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)


def lines(depth: int, *, count: int = 10, every: float = 2.0, late: float = 0.0) -> list[Failed]:
    return [Failed(BEGIN + timedelta(seconds=number * every + late), depth) for number in range(count)]


def test_times_are_read_to_the_microsecond() -> None:
    said = ("2026-11-29T12:00:00.104000123Z ERROR no price", "2026-11-29T12:00:00.9Z INFO served",
            "2026-99-99T99:99:99.1Z ERROR", "ERROR")  # fmt: skip
    text = "\n".join(said)
    log = ContainerLog(pod="orders-1", container="orders", text=text)

    assert list(_timed(log)) == [
        (BEGIN + timedelta(microseconds=104_000), "ERROR no price"),
        (BEGIN + timedelta(microseconds=900_000), "INFO served"),
    ]


def test_the_nearest_of_those_that_fail_with_it_is_called() -> None:
    said = {"gate": lines(2, late=0.004), "middle": lines(1, late=0.002), "store": lines(0)}

    assert failing_together("gate", said) == ["middle"]
    assert failing_together("middle", said) == ["store"]


def test_what_fails_at_other_moments_or_at_another_pace_is_not_called() -> None:
    own = lines(1, late=0.002)

    assert failing_together("gate", {"gate": own, "store": lines(0, late=-0.9)}) == []
    assert failing_together("gate", {"gate": own, "store": lines(0, late=0.4)}) == []
    assert failing_together("gate", {"gate": own, "store": lines(0, every=0.2, count=100)}) == []
    assert failing_together("gate", {"gate": own, "store": lines(0, every=3.0)}) == []


def test_a_few_errors_are_chance_and_errors_of_its_own_lead_nowhere() -> None:
    assert failing_together("gate", {"gate": lines(1, count=4), "store": lines(0, count=4)}) == []
    assert failing_together("gate", {"gate": lines(0), "store": lines(0)}) == []
    assert failing_together("gate", {"gate": lines(1)}) == []


def test_what_passes_on_as_much_is_not_what_it_calls() -> None:
    assert failing_together("gate", {"gate": lines(1), "side": lines(1)}) == []
