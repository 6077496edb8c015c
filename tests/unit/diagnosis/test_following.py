"""A paste is followed to its app, to what it says is in trouble, and to what else it names."""

import pytest

from bot.diagnosis.following import Lead, leads, others_note, workload_name
from bot.domain.mentions import MentionedObject
from tests.unit.onyx_matcher import matcher

PODS = """$ kubectl -n chat get pods
NAME                         READY   STATUS             RESTARTS   AGE
librechat-79c455998f-s2tgx   0/1     CrashLoopBackOff   6          5m
librechat-79c455998f-zq8kd   0/1     CrashLoopBackOff   6          5m
mongodb-0                    1/1     Running            0          5m"""


def asked(text):
    return [(lead.subject, lead.namespace) for lead in leads(matcher().read(text))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (PODS, [("pod/librechat-79c455998f-s2tgx", "chat"), ("pod/mongodb-0", "chat")]),
        (
            "[pod/onyx-api-server-8dd784d9b-mbk94/api-server] RuntimeError: Could not trace chat message history",
            [("onyx", ""), ("pod/onyx-api-server-8dd784d9b-mbk94", "")],
        ),
        ("lookup orders-db.shop.svc: no such host", [("service/orders-db", "shop")]),
        ('namespace "shop" is not well', [("namespace/shop", "")]),
        ("FATAL:  sorry, too many clients already", []),
        ("node/worker-3 is not ready", []),
        ("nothing at all", []),
    ],
)
def test_a_paste_raises_questions(text, expected):
    assert asked(text) == expected


@pytest.mark.parametrize(
    ("kind", "name", "expected"),
    [
        ("Pod", "api-7c9f6d5b8-x2x7q", "api"),
        ("Pod", "my-api-server-79c455998f-s2tgx", "my-api-server"),
        ("Pod", "db-0", "db"),
        ("ReplicaSet", "api-7c9f6d5b8", "api"),
        ("Deployment", "api-7c9f6d5b8", "api-7c9f6d5b8"),
        ("Pod", "worker", "worker"),
        ("ReplicaSet", "db-0", "db-0"),
    ],
)
def test_the_name_of_a_pod_tells_its_workload(kind, name, expected):
    assert workload_name(MentionedObject(kind, name)) == expected


def test_what_else_is_named_is_offered_with_its_command():
    found = leads(matcher().read(PODS))
    note = others_note(found, found[0])
    assert note.startswith("The paste was followed to pod/librechat-79c455998f-s2tgx (line 3: 0/1 CrashLoopBackOff).")
    assert note.endswith("pod/mongodb-0, ask: triage diagnose pod/mongodb-0 -n chat.")
    assert others_note(found[:1], found[0]) == ""


def test_a_question_is_written_as_a_command():
    assert Lead("namespace/shop").command == "triage diagnose namespace/shop"
    assert Lead("pod/a-0", "shop").command == "triage diagnose pod/a-0 -n shop"
