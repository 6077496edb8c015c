"""The four errors in the containers that people paste, in any order and in pieces: still one cause, or its residue."""

import json
import random
from collections.abc import Callable
from datetime import datetime, timedelta, timezone

import pytest

from bot.diagnosis.ports import TriageRequest
from tests.scenario.test_recorded_views import recorded, service
from tests.unit.engine.test_four_errors import FOUR_OLD, FOUR_TODAY, OLD, TODAY

pytestmark = pytest.mark.slow


def records(text: str) -> list[str]:
    """The lines of a log, each with what belongs to it below."""
    found: list[str] = []
    for line in text.rstrip("\n").split("\n"):
        if found and line.startswith((" ", "}", "Traceback", "ValueError")):
            found[-1] += f"\n{line}"
        else:
            found.append(line)
    return found


def pod(record: str) -> str:
    of_api = "[API" in record or "h11_impl" in record
    return "onyx-api-server-6b7c5d9f4-tq2wn" if of_api else "onyx-web-server-6c9d7f8b5-x2x7q"


def utc(when: datetime) -> str:
    return when.strftime("%Y-%m-%dT%H:%M:%S.000Z")


def each_line(text: str, shown: Callable[[str, str], str]) -> str:
    return "\n".join(shown(line, record) for record in records(text) for line in record.split("\n"))


def cloud(record: str, when: datetime) -> dict[str, object]:
    labels = {"pod_name": pod(record), "namespace_name": "onyx"}
    return {"textPayload": record, "resource": {"type": "k8s_container", "labels": labels}, "timestamp": utc(when)}


EAST = timezone(timedelta(hours=2))
PACKED: dict[str, Callable[[str, datetime], str]] = {
    "as it is": lambda text, _: text,
    "newest first": lambda text, _: "\n".join(reversed(records(text))),
    "shuffled": lambda text, _: "\n".join(random.Random(4).sample(records(text), len(records(text)))),
    "a fence for each": lambda text, _: "\n".join(
        f"{number}.\n```\n{one}\n```" for number, one in enumerate(records(text))
    ),
    "quoted": lambda text, _: each_line(text, lambda line, __: f"> {line}"),
    "kubectl --prefix": lambda text, _: each_line(text, lambda line, one: f"[pod/{pod(one)}/app] {line}"),
    "kubectl --timestamps": lambda text, when: each_line(text, lambda line, _: f"{utc(when)} {line}"),
    "stern": lambda text, _: each_line(text, lambda line, one: f"{pod(one)} app {line}"),
    "another zone": lambda text, when: each_line(text, lambda line, _: f"{when.astimezone(EAST).isoformat()} {line}"),
    "CRI": lambda text, when: each_line(text, lambda line, _: f"{utc(when)[:-1]}123456Z stdout F {line}"),
    "JSON lines": lambda text, when: each_line(text, lambda line, _: json.dumps({"ts": utc(when), "msg": line})),
    "JSON records": lambda text, when: "\n".join(
        json.dumps({"time": utc(when), "message": one, "pod": pod(one)}) for one in records(text)
    ),
    "Cloud console": lambda text, when: json.dumps([cloud(one, when) for one in records(text)], indent=2),
    "Cloud console, newest first": lambda text, when: json.dumps(
        [cloud(one, when) for one in reversed(records(text))], indent=2
    ),
    "Cloud console, a record a line": lambda text, when: json.dumps(
        [cloud(line, when) for line in text.rstrip("\n").split("\n")], indent=2
    ),
    "Kibana": lambda text, when: json.dumps(
        {"hits": {"hits": [{"_source": {"message": one, "@timestamp": utc(when)}} for one in records(text)]}}, indent=2
    ),
    "Datadog": lambda text, when: json.dumps(
        {"data": [{"attributes": {"message": one, "timestamp": utc(when)}} for one in records(text)]}
    ),
    "logfmt": lambda text, when: "\n".join(
        f"ts={utc(when)} pod={pod(one)} msg={json.dumps(one)}" for one in records(text)
    ),
    "CSV": lambda text, when: (
        "@timestamp,message\n"
        + "\n".join('"{}","{}"'.format(utc(when), one.replace('"', '""')) for one in records(text))
    ),
    "RFC 5424": lambda text, when: each_line(
        text, lambda line, _: f"<11>1 {utc(when)} node-1 containerd 812 - - {line}"
    ),
    "escaped": lambda text, _: text.rstrip("\n").replace("\n", "\\n"),
}
VIEWS = {"chart-oom": "api-oom-killed", "recovered-oom": "recovered"}


def explained(name: str, paste: str, packed: Callable[[str, datetime], str]) -> tuple[dict[str, str | None], list[str]]:
    """What explains each symptom of the paste, and the root causes that are no harmless ones."""
    view = recorded(name).view
    when = view.collected_at - timedelta(seconds=45)
    api = next(item for item in view.services if "api" in item.metadata.name)
    text = packed(paste.format(t=when.strftime("%m/%d/%Y %I:%M:%S %p"), ip=api.spec.cluster_ip), when)
    found = service().replay(view, TriageRequest("onyx", view.namespace, service().match(text, "onyx")))
    roots = [cause.id for cause in found.root_causes if not cause.benign]
    return {entry.symptom.id: entry.explained_by for entry in found.symptoms}, roots


@pytest.mark.parametrize("name", VIEWS)
@pytest.mark.parametrize(("paste", "four"), [(OLD, FOUR_OLD), (TODAY, FOUR_TODAY)], ids=["old", "today"])
def test_however_they_are_packed_one_cause_explains_them(name, paste, four):
    expected = dict.fromkeys(four, VIEWS[name]) | {"mcp_not_configured": "mcp-not-configured"}
    wrong = {}
    for way, packed in PACKED.items():
        found = explained(name, paste, packed)
        if found != (expected, [VIEWS[name]]):
            wrong[way] = found
    assert wrong == {}


@pytest.mark.parametrize("name", VIEWS)
@pytest.mark.parametrize("paste", [OLD, TODAY], ids=["old", "today"])
def test_a_piece_of_them_is_never_blamed_on_anything_else(name, paste):
    pieces = records(paste)
    for first in range(len(pieces)):
        for last in range(first + 1, len(pieces) + 1):
            causes, roots = explained(name, "\n".join(pieces[first:last]), PACKED["as it is"])
            assert set(causes.values()) <= {VIEWS[name], "mcp-not-configured"}
            assert roots == [VIEWS[name]]
