"""Records are taken out of every container before anything is looked for in them."""

import json

import pytest

from bot.engine.match.clean import GOES_ON, clean
from tests.support.containers import CONTAINERS
from tests.support.sampling import sampled
from tests.support.shipped import pastes
from tests.unit.match_shapes import E2, E4, SHAPES
from tests.unit.onyx_matcher import FOUR, ids, matcher

LABELLED = [paste for paste in pastes("labelled.yaml") if paste["tier"] != "ambiguous"]
NOT_SENSIBLE = {
    ("rsyslog", "e3-08-json-onyx"),  # rsyslog escapes the breaks between records, and JSON those within them
    ("rsyslog", "m-17-e1-e3-json"),
    ("string of Python", "e1-10-docker-json"),  # two kinds of escaping over each other
    ("string of Python", "m-17-e1-e3-json"),
}


def packed(name, text, expected):
    """The text in a container, as the component would have written it that has such errors."""
    web = bool({E2, E4} & set(expected))
    pod = "onyx-web-server-6b7c5d9f4-tq2wn/web-server" if web else "onyx-api-server-6b7c5d9f4-tq2wn/api-server"
    return CONTAINERS[name](text).replace("{pod}", pod).replace("{compose}", "web_server-1" if web else "api_server-1")


@pytest.mark.slow
@pytest.mark.parametrize("name", CONTAINERS)
def test_every_labelled_paste_is_recognised_in_this_container(name):
    wrong = {}
    for paste in LABELLED:
        expected, found = set(paste["expect"]), ids(packed(name, paste["text"], paste["expect"]))
        right = found & FOUR == expected & FOUR and ("other_known" not in expected or found - FOUR)
        if not right or (expected == {"none"} and found):
            wrong[paste["id"]] = found
    assert {key for key in wrong if (name, key) not in NOT_SENSIBLE} == set()


@pytest.mark.parametrize("name", sampled(CONTAINERS, 5))
def test_every_shape_of_the_four_errors_is_recognised_in_this_container(name):
    wrong = {
        shape: found
        for shape, (expected, text) in SHAPES.items()
        if (found := ids(packed(name, text, {expected}))) != {expected}
    }
    assert wrong == {}


@pytest.mark.parametrize(
    ("pasted", "rows", "lines"),
    [
        ('{"message": "first\\nsecond", "level": "error"}', ["first\f", "second"], [1, 1]),
        ('x\n{\n  "a": 1,\n  "message": "first\\nsecond"\n}\ny', ["x", "first\f", "second", "y"], [1, 4, 4, 6]),
        ('[\n  {"message": "one"},\n  {"message": "two"}\n]', ["one", "two"], [2, 3]),
        ("first\\n  at x\\n  at y", ["first\f", "  at x\f", "  at y"], [1, 1, 1]),
        ('level=error msg="first\\nsecond" url=/x', ["first\f", "second\f", "url=/x"], [1, 1, 1]),
        ("Nov 12 08:14:03 node-1 app[812]: first#012second", ["first\f", "second"], [1, 1]),
        ('{"msg":"a"}{"msg":"b"}', ["a", "b"], [1, 1]),
        (
            '{"log": "2025-01-01 10:00:00 one\\n2025-01-01 10:00:01 two"}',
            ["2025-01-01 10:00:00 one", "2025-01-01 10:00:01 two"],
            [1, 1],
        ),
        # left alone
        (r"cannot open C:\new\name", [r"cannot open C:\new\name"], [1]),
        ('{"detail":"no"}', ['{"detail":"no"}'], [1]),
        ('{\n  "apiVersion": "v1",\n  "kind": "Status",\n  "message": "no"\n}', None, [1, 2, 3, 4, 5]),
        ("level=info url=/x", ["level=info url=/x"], [1]),
    ],
)
def test_a_container_is_opened_and_every_row_knows_its_line(pasted, rows, lines):
    paste = clean(pasted)
    assert paste.text.split("\n") == (rows or pasted.split("\n"))
    assert [paste.line_of(number) for number in range(1, paste.row_count + 1)] == lines


@pytest.mark.parametrize(
    ("pasted", "names", "namespace"),
    [
        ('{"textPayload":"x","resource":{"labels":{"pod_name":"p","namespace_name":"n"}}}', ("p",), "n"),
        ('{\n "message": "x",\n "kubernetes": {"pod": {"name": "p"}, "namespace": "n"}\n}', ("p",), "n"),
        ('{"level":50,"time":1,"hostname":"chatui-7f75bfc479-zfqbg","msg":"x"}', ("chatui-7f75bfc479-zfqbg",), ""),
        ('{"content":{"message":"x","tags":["pod_name:p","env:prod"]}}', ("p",), ""),
        ('level=error pod=p namespace=n msg="x"', ("p",), "n"),
        ("web  | a\nweb  | b", ("web",), ""),
        ("onyx_api.1.k3j4h5g6f7d8s9a0q1w2e3r4t@node-1    | x", ("onyx_api",), ""),
        (r'{"log":"[pod/p-1/c] x\n[pod/p-2/c] y\n"}', ("p-1", "c"), ""),
    ],
)
def test_a_record_knows_its_source(pasted, names, namespace):
    paste = clean(pasted)
    assert paste.names(1, 1) == [names]
    assert paste.origin(1).names == names
    assert paste.origin(1).namespace == namespace


def test_a_mark_that_was_pasted_is_no_mark():
    assert GOES_ON not in clean("a\f\nb").text


@pytest.mark.parametrize(
    ("before", "number"),
    [("", 1), ("NAME   READY   STATUS\n", 2), ("$ kubectl get pods\n\nNAME   READY   STATUS\n", 4)],
)
def test_the_evidence_is_the_line_with_the_pod_and_not_the_one_before(before, number):
    pod = "onyx-api-server-8dd784d9b-mbk94   0/1   CrashLoopBackOff   7 (83s ago)   12m"
    (found,) = [one for one in matcher().match(before + pod) if one.id == "pod_failing"]
    assert (found.lines, found.line_numbers) == ((pod,), (number,))


def test_each_record_of_a_list_on_one_line_knows_its_pod_however_many_there_are():
    records = [{"log": f"line {number}", "pod": f"api-{number % 2}"} for number in range(4000)]
    paste = clean(json.dumps(records))
    assert paste.names(1, paste.row_count) == [(f"api-{number % 2}",) for number in range(4000)]


def test_containers_of_several_kinds_in_one_paste_are_all_opened():
    printed = json.dumps({"level": "error", "msg": "printed\nbelow"}, indent=2)
    pieces = ["plain", printed, "Error: one\\n    at two", '{"msg": "three"}', 'level=info msg="four\\nfive"', printed]
    rows = clean("\n".join(pieces)).text.replace(GOES_ON, "").split("\n")
    shown = ["printed", "below"]
    assert [row for row in rows if "level" not in row] == [
        *("plain", *shown, "Error: one", "    at two", "three", "four", "five", *shown)
    ]
