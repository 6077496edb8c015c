"""Makes false sentences of true ones: each row of `FAULTS` says what is true of a recorded view, and what is not.

A mutation changes one thing, so that what comes out is as near to the truth as a lie can be.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

SERVERS = ("API server", "web server", "Postgres", "Redis")
STATES = {
    "oom": "is killed for memory",
    "image": "cannot pull its image",
    "config": "cannot start because a ConfigMap is missing",
    "zero": "is scaled to zero",
    "probe": "is killed by its liveness probe",
    "schedule": "cannot be scheduled on any node",
    "quota": "exceeds the quota of the namespace",
    "hang": "accepts connections, but does not answer",
    "listen": "runs, but nothing listens on its port",
    "node": "runs on a node that does not report",
    "overload": "is overloaded",
    "crash": "keeps crashing",
    "healthy": "is healthy",
    "missing": "does not exist",
    "rollout": "is stuck in a rollout",
}
ADVICE = (
    "You should restart the {0}.",
    "Restart the {0}.",
    "The {0} {1} and should be restarted.",
    "The {0} {1}, so increase its memory limit.",
    "Roll the {0} back to its previous revision.",
    "Delete the pods of the {0}.",
    "Please contact the team that owns the {0}.",
)
FORECASTS = (
    "The {0} will recover by itself.",
    "The {0} {1}, but it will soon be fixed.",
    "The {0} is going to crash again.",
    "It is safe to ignore that the {0} {1}.",
    "Nobody is affected, although the {0} {1}.",
)
CAUSES = (
    "The {0} {1} because of a memory leak.",
    "The {0} {1} because the disk is full.",
    "The {0} {1} due to a bug in the last release.",
    "The {0} {1} because somebody changed its configuration.",
    "The {0} {1} because the web server cannot reach it.",
    "The {0} {1} because a certificate has expired.",
    "Because the {0} {1}, data was lost.",
    "The {0} {1}, which causes the node to fail.",
)
TIMES = (
    "The {0} {1} since 03:14 UTC.",
    "The fault began at 04:20 UTC.",
    "The {0} no longer {2}.",
    "The {0} was fixed and is healthy again.",
    "The {0} {1} since yesterday.",
)
OTHERS = (
    "The disk of the {0} is full.",
    "The {0} was attacked.",
    "The certificate of the {0} has expired.",
    "The {0} has a bug.",
    "Kafka is down.",
    "The load balancer drops the requests to the {0}.",
    "The {0} runs out of file descriptors.",
)


@dataclass(frozen=True)
class Fault:
    """A recorded view: who suffers from what, in the words of `STATES`; what else is true of it; who else is struck."""

    view: str
    component: str
    states: tuple[str, ...]
    struck: tuple[str, ...] = ()
    true: tuple[str, ...] = ()


API = "API server"
FAULTS = (
    Fault("oom", API, ("oom", "crash"), true=("The API server was restarted 4 times.", "Its memory limit is 128Mi.")),
    Fault("oom-at-start", API, ("oom", "crash"), true=("The API server was restarted 4 times.",)),
    Fault("chart-oom", API, ("oom", "crash"), true=("Its memory limit is 96Mi.",)),
    Fault("image-absent", API, ("image",), true=("0 of 1 pods are ready.",)),
    Fault("config-map-absent", API, ("config",), true=("0 of 1 pods are ready.",)),
    Fault("crash-no-secret", API, ("crash",), true=("It ended with exit code 3 at 17:44:27 UTC.",)),
    Fault("crash-migration", API, ("crash",), true=("It ended with exit code 1 at 17:44:30 UTC.",)),
    Fault("scaled-to-zero", API, ("zero",), true=("The API server asks for 0 replicas.",)),
    Fault("liveness-wrong-path", API, ("probe", "crash"), true=("The container was restarted 5 times.",)),
    Fault("unschedulable-memory", API, ("schedule",), true=("0 of 1 pods are ready.",)),
    Fault("over-quota", API, ("quota",), true=("0 of 1 pods are ready.",)),
    Fault("hangs", API, ("hang",), true=("The API server accepts connections.",)),
    Fault("never-listens", API, ("listen",), true=("The containers are stable, with 0 restarts.",)),
    Fault("node-lost", API, ("node",), ("web server",), true=("Node lab-node does not report.",)),
    Fault("saturated", API, ("overload", "hang"), true=("The API server is overloaded.",)),
    Fault("postgres-crashing", "Postgres", ("crash",), (API,), true=("Postgres is down.",)),
    Fault("redis-scaled-to-zero", "Redis", ("zero",), true=("Redis is down.",)),
    Fault("selector-wrong", API, (), true=("The Service of the API server selects no pods.",)),
    Fault(
        "policy-denies-api", API, (), true=("A NetworkPolicy blocks traffic from the web server to the API server.",)
    ),
    Fault("target-port-number", API, (), true=("The Service of the API server leads to a wrong port.",)),
    Fault("url-wrong-port", API, (), true=("INTERNAL_URL is wrong.", "Service api-server serves port 8080.")),
    Fault("dns-failing", API, (), true=("The web server cannot resolve the name of the API server.",)),
)
_NEGATED = """
    is|is not; are|are not; was|was not; cannot|can; selects no|selects; does not|does; blocks|does not block;
    leads to|does not lead to; keeps|never keeps; accepts|does not accept; exceeds|does not exceed;
    asks|does not ask; serves|does not serve; ended|did not end; runs|does not run
"""
NEGATED = tuple(tuple(f" {word.strip()} " for word in row.split("|")) for row in _NEGATED.split(";"))


def false_sentences(fault: Fault) -> Iterator[tuple[str, str]]:
    """What is false of a view, with the kind of mutation."""
    who = fault.component
    state = STATES[fault.states[0]] if fault.states else "cannot be reached"
    told = [*(f"The {who} {STATES[name]}." for name in fault.states), *fault.true]
    for other in SERVERS:
        if other != who and other not in fault.struck:
            yield from (("other component", f"The {other} {STATES[name]}.") for name in fault.states)
    for name, words in STATES.items():
        if name not in fault.states:
            yield "other state", f"The {who} {words}."
    for text in told:
        yield from (("other number", found) for found in _other_numbers(text))
        for plain, negated in NEGATED:
            if plain in text:
                yield "negated", text.replace(plain, negated, 1)
                break
    struck = state.split()[0]
    for kind, rows in (
        ("advice", ADVICE),
        ("forecast", FORECASTS),
        ("cause", CAUSES),
        ("time", TIMES),
        ("other", OTHERS),
    ):
        yield from ((kind, row.format(who, state, struck)) for row in rows)
    yield "mixed", f"The web server {state} because the {who} cannot reach it."
    yield "mixed", f"The {who} and the node {state}."
    yield "mixed", f"The {who} cannot reach the web server."


def _other_numbers(text: str) -> Iterator[str]:
    for match in re.finditer(r"\d+", text):
        for number in (int(match.group()) + 3, int(match.group()) * 2 + 1):
            yield f"{text[: match.start()]}{number}{text[match.end() :]}"
