"""The zone in which an app writes is read from its own logs, and what is pasted from it is read in that zone."""

from datetime import timedelta

import pytest

from bot.diagnosis.ports import TriageRequest
from bot.domain.view import ContainerLog
from bot.engine.explain.clocks import zone_of
from tests.scenario.test_recorded_views import recorded, service

LINE = (
    "2026-11-23T17:43:{s:02d}.350Z "
    "ERROR:    11/23/2026 {h:02d}:{m:02d}:{w:02d} PM                        main.py  319: x"
)
SAID = "ERROR:    {t}             process_message.py  812: [API:Qm7_pL0x] Could not trace chat message history\n"


def log(*texts: str) -> ContainerLog:
    return ContainerLog(pod="api-0", container="api", text="\n".join(texts))


def lines(hour: int, minute: int = 43, *, late: int = 0, count: int = 2) -> list[str]:
    return [LINE.format(s=40 + number, h=hour, m=minute, w=40 + number - late) for number in range(count)]


@pytest.mark.parametrize(
    ("logs", "zone"),
    [
        ([log(*lines(5))], timedelta(0)),
        ([log(*lines(7))], timedelta(hours=2)),
        ([log(*lines(11, 13))], timedelta(hours=5, minutes=30)),
        ([log(*lines(7, late=30))], timedelta(hours=2)),
        ([log(*lines(7)), log("2026-11-23T17:43:40Z started")], timedelta(hours=2)),
        ([log(*lines(7, count=1))], None),
        ([log(*lines(7)), log(*lines(5))], None),
        ([log(*lines(7, 38))], None),
        ([log("2026-11-23T17:43:40Z 2026-11-23T19:43:40+02:00 x")] * 2, None),
        ([log("ERROR 11/23/2026 07:43:40 PM x")] * 2, None),
        ([], None),
    ],
    ids=[
        "UTC",
        "two hours",
        "India",
        "late",
        "a silent one",
        "once",
        "two zones",
        "old",
        "says it",
        "no kubelet",
        "none",
    ],
)
def test_the_zone_is_what_stands_between_both_clocks(logs, zone):
    assert zone_of(logs) == zone


def said(hours: int, zone: int, carrier: str = "") -> list[str]:
    """The notes on a chat's error of so many hours before the view, from containers in this zone."""
    view = recorded("recovered-oom").view
    written = view.collected_at - timedelta(hours=hours, seconds=45)
    own = (view.collected_at + timedelta(hours=zone)).strftime("%m/%d/%Y %I:%M:%S %p")
    kubelet = view.collected_at.strftime("%Y-%m-%dT%H:%M:%SZ")
    text = f"{kubelet} INFO:     {own}                        main.py  319: ready\n" * 2
    logs = tuple(
        item.model_copy(update={"text": (item.text or "") + text}) if item.container == "api-server" else item
        for item in view.logs
    )
    view = view.model_copy(update={"logs": logs})
    paste = SAID.format(t=(written + timedelta(hours=zone)).strftime("%m/%d/%Y %I:%M:%S %p"))
    if carrier:
        packed = (written + timedelta(hours=zone)).strftime(carrier)
        paste = "".join(f"{packed}\t{line}\n" for line in paste.splitlines())
    found = service().replay(view, TriageRequest("onyx", view.namespace, service().match(paste, "onyx")))
    return [note for note in found.notes if "last seen" in note]


@pytest.mark.parametrize("zone", [-8, 0, 2])
def test_a_paste_is_compared_in_the_zone_of_the_containers(zone):
    (now,) = said(0, zone)
    assert now.startswith("The paste is from that time")
    assert now.endswith("17:44 UTC.")
    (before,) = said(5, zone)
    assert before.endswith("not the time of the outage that is recorded.")


def test_what_packed_the_paste_up_has_a_clock_of_its_own():
    """Kibana writes the times of whoever looks, not those of the container."""
    (note,) = said(5, 2, "%b %d, %Y @ %H:%M:%S.000")
    assert note.endswith("by a clock that names no time zone: that may be the time of the outage.")
