"""A shop that no playbook describes, broken on a real cluster and saved: each fault is named from wherever one asks.

The right answers stand in tests/shop, written before the program was asked; the views beside them are what it saw.
"""

from functools import cache
from pathlib import Path
from typing import NoReturn

import pytest
from _pytest.mark import ParameterSet

from bot.diagnosis.ports import TriageRequest
from bot.diagnosis.service import TriageService
from bot.diagnosis.snapshot import decode_snapshot
from bot.domain.diagnosis import Diagnosis
from bot.domain.view import View
from tests.shop.depot import Depot
from tests.shop.gazette import Gazette
from tests.shop.row import Row
from tests.shop.rows import ROWS
from tests.shop.tickets import Tickets
from tests.support.sampling import sampled
from tests.support.shipped import shipped_playbooks

VIEWS = Path(__file__).parents[1] / "shop" / "views"
MAX_BYTES = 3_500_000
MOST_ROOTS = 3
"""One fault each: what else is named beside it must not bury it."""


def no_cluster() -> NoReturn:
    raise AssertionError("a snapshot must not ask for a cluster")


@cache
def service() -> TriageService:
    return TriageService(shipped_playbooks, no_cluster)


def recorded(row: Row) -> View:
    data = (VIEWS / f"{row.id}.json.gz").read_bytes()
    return decode_snapshot(data, row.id, f"namespace/anyns-{row.id}").view


def asked(view: View, subject: str) -> Diagnosis:
    return service().replay(view, TriageRequest(subject, view.namespace, ()))


def names_it(row: Row, found: Diagnosis) -> bool:
    """Whether one root cause says all that the right answer says."""
    texts = [f"{one.title} {one.sentence} {' '.join(one.chain)}".lower() for one in found.root_causes if not one.state]
    return any(all(word.lower() in text for word in row.words) for text in texts)


def check(row: Row, view: View, subject: str) -> None:
    found = asked(view, subject)
    roots = [f"{one.id}: {one.title}: {one.sentence}" for one in found.root_causes]
    said = f"asked about {subject}: {found.headline}\n" + "\n".join(roots)
    assert found.verdict.value not in ("healthy", "recovered"), said
    if row.unsure and subject.startswith("namespace/"):
        assert all(word in found.headline for word in row.words), said
        return
    assert names_it(row, found), said
    assert len(roots) <= MOST_ROOTS, said
    assert not row.strict or accused(row, found) == [], said


def accused(row: Row, found: Diagnosis) -> list[str]:
    """Root causes of something else than what is broken; that a Service is missing accuses nobody."""
    name = row.about.partition("/")[2]
    allowed = {one for it in (name, *row.also) for one in (it, f"{it}-service", f"{it}-{row.about.partition('/')[0]}")}
    begins = tuple(item for item in allowed if item)
    return [
        one.id
        for one in found.root_causes
        if one.component and not one.id.endswith("-missing") and not one.component.startswith(begins)
    ]


def cases() -> list[ParameterSet]:
    """Every fault; a part of them, and none of the apps after the second, where there is little time."""
    quick = [row for row in ROWS if not row.well and row.shop not in (Depot, Tickets, Gazette)][::3]
    slow = pytest.mark.slow
    return [pytest.param(row, id=row.id, marks=() if row in quick else slow) for row in ROWS if not row.well]


@pytest.mark.parametrize("row", cases())
def test_a_fault_of_the_shop_is_named_from_where_people_see_it(row: Row) -> None:
    """From the front, three calls away, where that is possible; else from the namespace."""
    view = recorded(row)
    check(row, view, row.entrance if row.front else f"namespace/{view.namespace}")


@pytest.mark.slow
@pytest.mark.parametrize("row", [item for item in ROWS if not item.well], ids=lambda row: row.id)
def test_a_fault_of_the_shop_is_named_from_the_namespace_and_from_the_object(row: Row) -> None:
    view = recorded(row)
    for subject in (f"namespace/{view.namespace}", row.about):
        check(row, view, subject)


@pytest.mark.parametrize("row", sampled((item for item in ROWS if item.well), 2), ids=lambda row: row.id)
def test_a_shop_that_is_well_is_accused_of_nothing(row: Row) -> None:
    view = recorded(row)
    for subject in (f"namespace/{view.namespace}", row.about, row.entrance):
        found = asked(view, subject)
        assert [one.id for one in found.root_causes if not (one.state or one.benign)] == [], found.headline
        assert found.verdict.value in ("healthy", "recovered"), found.headline


def test_every_row_has_a_view_and_nothing_else_has() -> None:
    assert sorted(row.id for row in ROWS) == sorted(path.name.removesuffix(".json.gz") for path in VIEWS.iterdir())
    assert sum(path.stat().st_size for path in VIEWS.iterdir()) < MAX_BYTES
