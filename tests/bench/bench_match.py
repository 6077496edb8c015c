"""How fast `match` is: by size, by kind of log, and by number of playbooks. Prints MB per second of processor time, ratios, counts."""

# ruff: noqa: E501, SIM905

import json
import random
import resource
import time

from bot.engine.match.matcher import Matcher
from bot.playbook.schema import SymptomPlaybook
from tests.unit.match_shapes import ACCESS, LOGIN, NEXT, REFUSED_VISITOR, WEB, dump, refused
from tests.unit.onyx_matcher import app, matcher, symptoms

MEGABYTE = 1_000_000
ERROR = dump(NEXT[0], refused("172.30.154.48:8080"))
WORDS = "chat message history index document search user session request tool model answer could not found trace api".split()


def main() -> None:
    print(f"{len(symptoms())} symptoms of Onyx, {sum(len(one.signatures) for one in symptoms())} signatures")
    _by_size()
    _by_kind()
    _by_playbooks()
    print(f"peak memory of this process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


def _by_size() -> None:
    print("\nby size, one error in 200 lines")
    log = _log(50 * MEGABYTE)
    first = 0.0
    for size in (1, 10, 50):
        seconds, found = _timed(matcher(), log[: size * MEGABYTE])
        first = first or seconds
        print(
            f"  {size:>3} MB  {size / seconds:6.1f} MB/s  {seconds / first:6.1f} times the time of 1 MB  {_counts(found)}"
        )


def _by_kind() -> None:
    print("\nby kind, 10 MB each")
    log = _log(10 * MEGABYTE)
    for name, text in {
        "no errors": "\n".join(_line(number) for number in range(90_000)),
        "errors": log,
        "kubectl --prefix": "\n".join(f"[pod/{WEB}/web-server] {line}" for line in log.split("\n")),
        "JSON records": "\n".join(_record(line) for line in log.split("\n")),
        "JSON, pretty-printed": _printed(log),
        "JSON, a list on one line": json.dumps([json.loads(_record(line)) for line in log.split("\n")[:50_000]]),
        "CSV of a console": "\n".join(
            '"2025-11-12T07:14:03Z","' + line.replace('"', '""') + '"' for line in log.split("\n")
        ),
        "logfmt": "\n".join(f"level=info msg={json.dumps(line)}" for line in log.split("\n")),
        "stacks in one string": "\n".join([ERROR.replace("\n", "\\n")] * 30_000),
        "stacks in JSON records": "\n".join([_record(ERROR)] * 30_000),
        "nothing but dumps": "\n".join([ERROR] * 30_000),
        "nothing but access lines": "\n".join([ACCESS.format(id=0)] * 90_000),
        "nothing but pairs": "\n".join([REFUSED_VISITOR, LOGIN] * 50_000),
        "one line": "x" * 9 * MEGABYTE + " connect ECONNREFUSED 10.0.0.1:8080 " + "y" * MEGABYTE,
        "very short lines": "abc def\n" * 1_300_000,
    }.items():
        cut = text[: 10 * MEGABYTE]
        seconds, found = _timed(matcher(), cut)
        print(f"  {name:<26}{len(cut) / MEGABYTE / seconds:6.1f} MB/s  {_counts(found)}")


def _by_playbooks() -> None:
    print("\nby number of further playbooks, 10 MB")
    log = _log(10 * MEGABYTE)
    first = 0.0
    for number in (10, 100, 1000):
        started = time.process_time()
        many = Matcher({"onyx": app()}, [*symptoms(), *(_invented(place) for place in range(number))])
        built = time.process_time() - started
        seconds, found = _timed(many, log + "\nERR-0007 the kettle 7 boiled over: 7 litres lost")
        first = first or seconds
        rate = len(log) / MEGABYTE / seconds
        print(
            f"  {number:>5}  {rate:6.1f} MB/s  {seconds / first:4.1f} times the time of 10  built in {built:.2f} s  {_counts(found)}"
        )


def _timed(one: Matcher, text: str) -> tuple[float, tuple]:
    one.match(text[:10_000])
    started = time.process_time()
    found = one.match(text)
    return time.process_time() - started, found


def _counts(found: tuple) -> str:
    return ", ".join(f"{one.id} x{one.count}" for one in found) or "nothing"


def _log(size: int) -> str:
    lines, length, number = [], 0, 0
    while length < size:
        line = _line(number) if number % 200 else ERROR
        lines.append(line)
        length += len(line) + 1
        number += 1
    return "\n".join(lines)


def _line(number: int) -> str:
    if number % 3:
        at = f"{number // 3600 % 12:02}:{number // 60 % 60:02}:{number % 60:02}"
        return (
            f"INFO:     10/07/2025 {at} AM                    h11_impl.py  473: [API:E{number % 10**7:07}] "
            f'10.42.0.61:59248 - "GET /persona/{number} HTTP/1.1" 200'
        )
    return "NOTICE:   10/07/2025 10:11:12 AM   run.py  33: " + " ".join(random.Random(number).choices(WORDS, k=12))


def _record(line: str) -> str:
    kubernetes = {"pod_name": WEB, "container_name": "web-server", "namespace_name": "onyx"}
    return json.dumps(
        {"log": line + "\n", "stream": "stdout", "kubernetes": kubernetes, "time": "2025-11-12T07:14:03.118Z"}
    )


def _printed(log: str) -> str:
    """As many records as make 10 MB, each over several lines."""
    return "\n".join(json.dumps(json.loads(_record(line)), indent=2) for line in log.split("\n")[:40_000])


def _invented(number: int) -> SymptomPlaybook:
    words = random.Random(number).sample(["kettle", "teapot", "spoon", "sugar", "milk", "cup", "saucer", "kitchen"], 2)
    return SymptomPlaybook.model_validate(
        {
            "schema": "triage/playbook/v1",
            "kind": "symptom",
            "app": "onyx",
            "id": f"invented_{number}",
            "title": "Invented",
            "description": "For measuring.",
            "severity": "info",
            "signatures": [
                {"id": "one", "pattern": rf"ERR-{number:04}\s+the\s+\w+\s+{number}\s+(?P<what>\w+)\s+over"},
                {"id": "two", "pattern": rf"{words[0]}\s+{number}\s+lost\s+(?P<what>\w+)", "unless": [words[1]]},
            ],
        }
    )


if __name__ == "__main__":
    main()
