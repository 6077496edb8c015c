"""The matcher's rules, tried with small playbooks: parts, sources, exceptions, counts, order."""

# ruff: noqa: E501, ISC004 - log lines are as long as they are

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.engine.match.clean import BLOCK_CHARACTERS
from bot.engine.match.matcher import Matcher
from bot.playbook.app_schema import AppPlaybook
from bot.playbook.schema import SymptomPlaybook
from tests.unit.match_shapes import ACCESS, BROKEN, IPV4, LOGIN, NEXT, REFUSED_VISITOR, WEB, dump, refused
from tests.unit.onyx_matcher import matcher

APP = AppPlaybook.model_validate(
    {
        "schema": "triage/playbook/v1",
        "kind": "app",
        "id": "shop",
        "title": "Shop",
        "description": "A shop.",
        "components": {"web": {"label": "web", "find": [{"name": "web"}], "log_names": ["web-*", "front?nd"]}},
    }
)


def symptom(*signatures, severity="warning", **more):
    return SymptomPlaybook.model_validate(
        {
            "schema": "triage/playbook/v1",
            "kind": "symptom",
            "app": "shop",
            "id": "sold_out",
            "title": "Sold out",
            "description": "Nothing left.",
            "severity": severity,
            "signatures": [{"id": f"s{number}", **signature} for number, signature in enumerate(signatures)],
            **more,
        }
    )


def found(text, *signatures, **more):
    return Matcher({"shop": APP}, [symptom(*signatures, **more)]).match(text)


def count(text, *signatures, **more):
    return sum(one.count for one in found(text, *signatures, **more))


SOLD = {"pattern": r"sold\s+out:\s+(?P<item>\w+)"}
PAIR = {"parts": [{"pattern": r"order (?P<order>\d+) begun"}, {"pattern": r"order (?P<order>\d+) lost"}]}


def test_named_groups_become_fields_of_the_first_occurrence():
    (one,) = found("sold out: tea\nsold out: milk", SOLD)
    assert one.fields == {"item": "tea"}
    assert (one.count, one.lines, one.line_numbers) == (2, ("sold out: tea", "sold out: milk"), (1, 2))
    assert (one.id, one.app, one.playbook, one.signature) == ("sold_out", "shop", "shop/sold_out", "s0")


def test_words_may_be_on_two_lines():
    assert count("sold\nout: tea", SOLD) == 1


def test_circumflex_and_dollar_are_the_ends_of_a_line():
    assert count("x\nsold\nx sold", {"pattern": "^sold$"}) == 1


def test_unless_looks_at_the_own_line_only():
    rule = {**SOLD, "unless": ["joking"]}
    assert count("joking: sold out: tea", rule) == 0
    assert count("joking\nsold out: tea", rule) == 1
    assert count("joking: sold out: tea. But sold out: milk", rule) == 0


def test_unless_of_the_symptom_holds_for_every_signature():
    assert count("joking: sold out: tea", SOLD, unless=["joking"]) == 0


def test_unless_in_block_looks_at_the_message_and_no_further():
    rule = {**SOLD, "unless_in_block": ["joking"]}
    assert count("sold out: tea\n    at joking (x.js:1)", rule) == 0
    assert count("sold out: tea\njoking\n    at other (x.js:1)", rule) == 1
    assert count("sold out: tea\n    at joking (x.js:1)", SOLD, unless_in_block=["joking"]) == 0


def test_unless_nearby_looks_some_lines_around():
    rule = {**SOLD, "unless_nearby": ["joking"], "nearby_lines": 2}
    assert count("joking\nx\nsold out: tea", rule) == 0
    assert count("sold out: tea\nx\njoking", rule) == 0
    assert count("joking\nx\nx\nsold out: tea\nx\nx\njoking", rule) == 1


def test_parts_must_all_be_there():
    assert count("order 1 begun", PAIR) == 0
    assert count("order 1 begun\norder 1 lost", PAIR) == 1
    assert count("order 1 lost\norder 1 begun", PAIR) == 1


def test_parts_must_be_within_so_many_lines():
    rule = {**PAIR, "within": {"lines": 3}}
    assert count("order 1 begun\n\n\norder 1 lost", rule) == 1
    assert count("order 1 begun\n\n\n\norder 1 lost", rule) == 0


def test_parts_must_capture_the_same_where_the_rule_says_so():
    rule = {**PAIR, "within": {"same": "order"}}
    assert count("order 1 begun\norder 2 lost", rule) == 0
    assert count("order 1 begun\norder 2 begun\norder 2 lost\norder 1 lost", rule) == 2


def test_parts_must_be_within_so_many_seconds_where_both_lines_have_a_time():
    rule = {**PAIR, "within": {"seconds": 60}}
    assert count("2025-01-01T10:00:00Z order 1 begun\n2025-01-01T10:01:00Z order 1 lost", rule) == 1
    assert count("2025-01-01T10:00:00Z order 1 begun\n2025-01-01T10:01:01Z order 1 lost", rule) == 0
    assert count("2025-01-01T10:00:00Z order 1 begun\norder 1 lost", rule) == 1


def test_parts_must_be_in_one_message_where_the_rule_says_so():
    rule = {**PAIR, "within": {"block": True}}
    assert count("order 1 begun\n  order 1 lost", rule) == 1
    assert count("order 1 begun\norder 1 lost", rule) == 0


def test_every_line_is_used_for_one_pair_only():
    assert count("order 1 begun\n" * 3 + "order 1 lost\n" * 2, PAIR) == 2


SOURCED = {"source": "web"}


@pytest.mark.parametrize(
    ("line", "counts"),
    [
        ("sold out: tea", True),
        ("[pod/web-7d9c4b6f5d-q8k2z/main] sold out: tea", True),
        ("[pod/x-7d9c4b6f5d-q8k2z/frontend] sold out: tea", True),
        ("[pod/x-7d9c4b6f5d-q8k2z/front-end] sold out: tea", False),
        ("[pod/db-7d9c4b6f5d-q8k2z/main] sold out: tea", False),
        ('{"log":"sold out: tea","pod":"web-1"}', True),
        ('{"log":"sold out: tea","pod":"db-1"}', False),
        ("db-1  | sold out: tea", False),
    ],
)
def test_a_line_of_another_component_does_not_count(line, counts):
    assert count(line, SOLD, **SOURCED) == counts


def test_a_signature_may_need_a_source():
    rule = {**SOLD, "needs_source": True}
    assert count("sold out: tea", rule, **SOURCED) == 0
    assert count("web-1  | sold out: tea", rule, **SOURCED) == 1


def test_words_that_only_the_source_prints_count_under_any_name():
    rule = {**SOLD, "any_source": True}
    assert count("shop-db-1  | sold out: tea", SOLD, **SOURCED) == 0
    assert count("shop-db-1  | sold out: tea", rule, **SOURCED) == 1


def test_lines_of_interleaved_pods_are_put_together():
    text = "web-1  | sold\ndb-1   | joking\nweb-1  | out: tea\ndb-1   | sold\nweb-1  | x"
    (one,) = found(text, {**SOLD, "unless_in_block": ["joking"]})
    assert (one.count, one.line_numbers) == (1, (1,))


def test_a_record_in_json_is_one_line_with_lines_inside():
    (one,) = found('x\n{"log":"first\\nsold\\nout: tea\\n"}', {**SOLD, "unless": ["first"]})
    assert one.line_numbers == (2,)


def test_only_an_app_that_is_asked_for_is_looked_for():
    one = Matcher({"shop": APP}, [symptom(SOLD)])
    assert one.match("sold out: tea", app="shop")
    assert one.match("sold out: tea", app="onyx") == ()


def test_the_most_severe_comes_first_then_what_was_first_in_the_text():
    symptoms = [
        symptom({"pattern": "aaa"}, severity="info").model_copy(update={"id": "a"}),
        symptom({"pattern": "bbb"}, severity="critical").model_copy(update={"id": "b"}),
        symptom({"pattern": "ccc"}, severity="critical").model_copy(update={"id": "c"}),
    ]
    text = "aaa\naaa\naaa\nbbb\nccc\nccc"
    assert [one.id for one in Matcher({"shop": APP}, symptoms).match(text)] == ["b", "c", "a"]


@pytest.mark.parametrize("pattern", [r"(?=x)", r"(a)\1", "(", "x*"])
@pytest.mark.parametrize("place", ["pattern", "unless", "unless_in_block", "unless_nearby"])
def test_a_pattern_that_cannot_be_used_is_named(pattern, place):
    rule = {**SOLD, place: pattern if place == "pattern" else [pattern]}
    with pytest.raises(ValueError, match=r"sold_out\.s0"):
        Matcher({"shop": APP}, [symptom(rule)])


def test_no_playbooks_find_nothing():
    assert Matcher({}, []).match("anything") == ()


def test_a_symptom_of_an_unknown_app_takes_any_source():
    assert Matcher({}, [symptom(SOLD, **SOURCED)]).match("[pod/x/y] sold out: tea")


def test_shown_lines_are_few_and_short():
    (one,) = found("\n".join(f"{'x' * 900} {number} sold out: tea {'y' * 900}" for number in range(20)), SOLD)
    assert len(one.lines) == 5
    assert all(len(line) <= 500 and "sold out: tea" in line for line in one.lines)
    assert one.count == 20


def test_first_and_last_time_are_those_of_the_log():
    (one,) = found("2025-01-01T10:00:00Z sold out: tea\n2025-01-01T12:00:00+01:00 sold out: tea", SOLD)
    assert one.first_seen == datetime(2025, 1, 1, 10, tzinfo=UTC)
    assert one.last_seen == datetime(2025, 1, 1, 11, tzinfo=UTC)
    assert one.zone_known


def test_a_line_without_a_time_has_that_of_its_message():
    (one,) = found("11/12/2025 07:14:03 AM trouble\n    sold out: tea", SOLD)
    assert one.first_seen == datetime(2025, 11, 12, 7, 14, 3, tzinfo=UTC)
    assert not one.zone_known


def test_what_lies_across_two_blocks_is_found_once():
    for shift in (-14, -9, -5, -1, 0, 1):
        filler = "x" * 99
        lines = [filler] * (BLOCK_CHARACTERS // 100 - 1)
        text = "\n".join([*lines, "y" * (99 + shift), "sold", "out: tea", *lines])
        assert count(text, SOLD) == 1, shift


def test_a_dump_across_two_blocks_is_one_incident():
    one = dump(NEXT[0], refused(IPV4))
    for shift in range(0, len(one) + 40, 60):
        filler = ["z" * 63] * (BLOCK_CHARACTERS // 64 - 4)
        text = "\n".join([*filler, "z" * (256 - shift % 256), "z" * (len(one) - len(one) + 8), one, *filler])
        (symptom_found,) = matcher().match(text)
        assert (symptom_found.id, symptom_found.count) == ("api_unreachable", 1), shift


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (dump(NEXT[0], refused(IPV4)), 1),
        ("\n".join([dump(NEXT[0], refused(IPV4))] * 3), 3),
        ("\n".join([dump(NEXT[2], refused(IPV4))] * 3), 3),
        ("\n".join([dump(NEXT[0], refused(IPV4), indent="    ")] * 3), 3),
        ("\n".join([f"  [cause]: Error: connect ECONNREFUSED {IPV4}"] * 3), 3),
        ("\n".join(["Error fetching user: TypeError: fetch failed"] * 4), 4),
        (
            "fetchSettingsSS exception:  TypeError: fetch failed\n    at x {\n  [cause]: AggregateError [ECONNREFUSED]: \n"
            "      at internalConnectMultiple (node:net:1122:18) {\n    code: 'ECONNREFUSED',\n    [errors]: [\n"
            "      Error: connect ECONNREFUSED ::1:8080\n          at createConnectionError (node:net:1675:14) {\n"
            "        port: 8080\n      },\n      Error: connect ECONNREFUSED 127.0.0.1:8080\n"
            "          at createConnectionError (node:net:1675:14) {\n        port: 8080\n      }\n    ]\n  }\n}",
            1,
        ),
        (f"RuntimeError: {BROKEN}\nRuntimeError: {BROKEN}", 2),
        (
            f"ERROR:    11/12/2025 07:14:03 AM   main.py  319: [API:YCrqgDXa] {BROKEN}\n"
            f'  File "/app/onyx/chat/chat_utils.py", line 260, in create_chat_chain\n    raise RuntimeError("{BROKEN}")\n'
            "ERROR:    Exception in ASGI application\n  + Exception Group Traceback (most recent call last):\n"
            f'  |   File "x.py", line 1, in y\n  | RuntimeError: {BROKEN}\n  +-----\n\n'
            "During handling of the above exception, another exception occurred:\n\n"
            'Traceback (most recent call last):\n  File "/app/onyx/chat/chat_utils.py", line 260, in create_chat_chain\n'
            f'    raise RuntimeError("{BROKEN}")\nRuntimeError: {BROKEN}',
            1,
        ),
        ("\n".join([ACCESS.format(id=0)] * 5), 5),
        ("\n".join([REFUSED_VISITOR] * 3 + [LOGIN]), 1),
        ("\n".join([REFUSED_VISITOR, LOGIN] * 4), 4),
    ],
)
def test_incidents_are_counted_and_not_lines(text, expected):
    (one,) = matcher().match(text)
    assert one.count == expected


def test_incidents_of_interleaved_pods_are_counted_for_each():
    one = dump(NEXT[2], refused(IPV4)).split("\n")
    other = WEB.replace("x2x7q", "q8k2z")
    text = "\n".join(f"{WEB} web-server {line}\n{other} web-server {line}" for line in one)
    (found_symptom,) = matcher().match(text)
    assert found_symptom.count == 2


def test_frequent_errors_are_counted_like_rare_ones():
    one = dump(NEXT[0], refused(IPV4))
    text = "\n".join([one, "INFO: something else"] * 400)
    (found_symptom,) = matcher().match(text)
    assert found_symptom.count == 400
    assert found_symptom.fields == {"errno": "ECONNREFUSED", "address": "172.30.154.48", "port": "8080"}


def test_one_endless_line_is_one_incident():
    (one,) = matcher().match(f"connect ECONNREFUSED {IPV4} " * 40_000)
    assert (one.count, len(one.lines)) == (1, 1)
    assert len(one.lines[0]) <= 500


def test_one_matcher_serves_many_threads():
    texts = [f"connect ECONNREFUSED {IPV4}\n" * number for number in range(1, 40)]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(lambda text: matcher().match(text)[0].count, texts)) == list(range(1, 40))


@given(st.text(max_size=300))
def test_any_text_can_be_matched(text):
    matcher().match(text)
