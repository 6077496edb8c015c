"""Whose error a paste shows: marks of the app, marks of others, claims, and what the cluster says about addresses."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.domain.attribution import Attribution, Owner
from bot.domain.symptoms import Symptom
from bot.domain.view import View
from bot.engine.attribution.claims import claimed
from bot.engine.attribution.view import attribution_notes, comparable, settled
from bot.engine.match.matcher import Matcher
from bot.playbook.app_schema import AppPlaybook
from bot.playbook.schema import SymptomPlaybook

APP = AppPlaybook.model_validate(
    {
        "schema": "triage/playbook/v1",
        "kind": "app",
        "id": "shop",
        "title": "Shop",
        "description": "A shop.",
        "components": {"web": {"label": "web", "find": [{"name": "web"}], "log_names": ["*web-server*", "web"]}},
        "marks": {"texts": ["/srv/shop/", "shelf is empty"], "names": ["corner-*"], "companions": ["grafana"]},
    }
)
SOLD_OUT = {
    "schema": "triage/playbook/v1",
    "kind": "symptom",
    "app": "shop",
    "id": "sold_out",
    "title": "Sold out",
    "description": "Nothing left.",
    "severity": "warning",
    "signatures": [{"id": "one", "pattern": r"too many clients(?: at (?P<address>[\d.]+))?"}],
}
ERROR = "FATAL: too many clients"


def read(text, app=None, bound=(), **more):
    playbook = SymptomPlaybook.model_validate({**SOLD_OUT, **more})
    return Matcher({"shop": APP}, [playbook]).read(text, app, bound)


def owner(text, **more):
    reading = read(text, **more)
    (found,) = (*reading.symptoms, *reading.foreign)
    assert (found.attribution.owner is Owner.FOREIGN) == bool(reading.foreign)
    return found.attribution.owner


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (ERROR, Owner.MAYBE),
        # marks of the app: in the record, in its prefix, elsewhere in the paste
        (f'{ERROR}\n  File "/srv/shop/orders.py", line 3', Owner.OURS),
        (f"[pod/corner-web-7d9c4b6f5d-q8k2z/web] {ERROR}", Owner.OURS),
        (f"shelf is empty\n{ERROR}", Owner.OURS),
        (f"$ kubectl logs shop-web-1\n{ERROR}", Owner.MAYBE),
        # names that the app's containers have, and others' too
        (f"web  | {ERROR}\nweb  | x", Owner.MAYBE),
        (f"[pod/my-web-server-7d9c4b6f5d-q8k2z/main] {ERROR}", Owner.MAYBE),
        # of another program: by name, by prefix, by its code
        (f"[pod/billing-7d9c4b6f5d-q8k2z/billing] {ERROR}", Owner.FOREIGN),
        (f"[pod/billing-7d9c4b6f5d-q8k2z/web] {ERROR}", Owner.FOREIGN),
        (f"superset_app  | {ERROR}", Owner.FOREIGN),
        (f"{ERROR}\n    at org.keycloak.Db.open(Db.java:3)", Owner.FOREIGN),
        (f'{ERROR}\n  File "/home/me/app/db.py", line 3', Owner.FOREIGN),
        (f'{ERROR}\n  File "/usr/lib/python3/dist-packages/psycopg2/x.py", line 3', Owner.MAYBE),
        (f"{ERROR} grafana", Owner.MAYBE),
        # both
        (f"superset_app  | {ERROR}\nshelf is empty", Owner.FOREIGN),
        (f"{ERROR}\nshelf is empty\nsuperset starts", Owner.MAYBE),
        # a mark in the row of another pod says nothing about this one
        (f"web-1  0/1  Error {ERROR}\ncorner-1  1/1  Running shelf is empty", Owner.MAYBE),
    ],
)
def test_the_paste_says_whose_it_is(text, expected):
    assert owner(text) is expected


def test_a_text_that_only_this_app_prints_needs_no_other_mark():
    own = [{**SOLD_OUT["signatures"][0], "own_text": True}]
    assert owner(ERROR, signatures=own) is Owner.OURS
    assert owner(ERROR, own_text=True) is Owner.OURS
    assert owner(f"[pod/billing-7d9c4b6f5d-q8k2z/billing] {ERROR}", own_text=True) is Owner.OURS  # pods have any name


def test_the_evidence_names_the_line_and_the_mark():
    (found,) = read(f'x\n{ERROR}\n  File "/srv/shop/orders.py", line 3').symptoms
    assert found.attribution.evidence == ("line 3: “srv/shop”",)


def test_a_claim_decides_what_the_text_leaves_open_and_nothing_else():
    (asked,) = read(ERROR, app="shop").symptoms
    assert (asked.attribution.owner, asked.attribution.claimed) == (Owner.OURS, True)
    assert asked.attribution.evidence[0] == "the question is about Shop"
    (bound,) = read(ERROR, bound=["shop"]).symptoms
    assert bound.attribution.evidence[0] == "this channel is bound to Shop"
    assert read(f"superset_app  | {ERROR}", app="shop").symptoms == ()
    certain = Attribution(Owner.OURS, ("a mark",))
    assert claimed(certain, "somebody says so") is certain


def test_a_log_of_ones_own_container_is_nobody_elses():
    matcher = Matcher({"shop": APP}, [SymptomPlaybook.model_validate(SOLD_OUT)])
    (found,) = matcher.in_own_log(f"superset says: {ERROR}", "shop")
    assert found.attribution == Attribution(Owner.OURS, ("read from a log of its own",))


VIEW = View.model_validate(
    {
        "cluster": "c",
        "namespace": "shop",
        "collected_at": datetime(2026, 5, 4, tzinfo=UTC),
        "services": [{"metadata": {"name": "db", "namespace": "shop"}, "spec": {"clusterIP": "10.96.0.7"}}],
    }
)
CLAIMED = Attribution(Owner.OURS, ("the question is about Shop", "nothing says so"), claimed=True)
MAYBE = Attribution(Owner.MAYBE, ("nothing says so",))


def pasted(attribution=CLAIMED, **fields):
    return Symptom("sold_out", "Sold out", "shop/sold_out", "shop", 1, (ERROR,), fields=fields, attribution=attribution)


@pytest.mark.parametrize(
    ("symptom", "expected", "is_claim"),
    [
        (pasted(address="10.96.0.7"), Owner.OURS, False),
        (pasted(MAYBE, address="10.96.0.7"), Owner.OURS, False),
        (pasted(MAYBE, address="172.19.0.3"), Owner.FOREIGN, False),
        (pasted(MAYBE, address="8.8.8.8"), Owner.MAYBE, False),
        (pasted(MAYBE, host="db"), Owner.MAYBE, False),
        (pasted(host="db"), Owner.OURS, False),
        (pasted(MAYBE, host="db.shop.svc"), Owner.OURS, False),
        (pasted(MAYBE, host="db.other.svc"), Owner.MAYBE, False),
        (pasted(address="172.19.0.3"), Owner.MAYBE, False),
        (pasted(address="127.0.0.1"), Owner.OURS, True),
        (pasted(address="8.8.8.8"), Owner.OURS, True),
        (pasted(), Owner.OURS, True),
        (pasted(Attribution(Owner.OURS, ("a mark",)), address="172.19.0.3"), Owner.OURS, False),
    ],
)
def test_addresses_of_the_paste_are_compared_with_the_cluster(symptom, expected, is_claim):
    found = settled(symptom, VIEW).attribution
    assert (found.owner, found.claimed) == (expected, is_claim)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"address": "10.96.0.7"}, True),
        ({"pod": "web-1"}, True),
        ({"host": "db.shop.svc"}, True),
        ({"host": "db"}, False),
        ({"port": "8080"}, False),
    ],
)
def test_what_a_view_can_decide(fields, expected):
    assert comparable(pasted(MAYBE, **fields)) is expected


def test_what_may_not_be_seen_contradicts_nothing():
    blind = VIEW.model_copy(update={"services": ()})
    assert settled(pasted(MAYBE, address="172.19.0.3"), blind).attribution == MAYBE
    assert settled(pasted(address="172.19.0.3"), blind).attribution == CLAIMED


def test_what_could_be_ours_is_said_not_to_be_blamed():
    (note,) = attribution_notes([settled(pasted(address="172.19.0.3"), VIEW)], "Shop")
    assert "could be Shop's" in note
    assert "172.19.0.3" in note
    assert attribution_notes([replace(pasted(), attribution=Attribution())], "Shop") == ()


def test_what_stands_beside_a_mark_is_not_quoted():
    (found,) = read(f"{ERROR} at shelf is empty:hunter2@db").symptoms
    assert found.attribution.evidence == ("line 1: “shelf is empty”",)
