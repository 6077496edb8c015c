"""A snapshot of a whole namespace answers questions about the objects in it; others are still refused."""

from pathlib import Path

import pytest

from bot.cli import main
from bot.diagnosis.snapshot import decode_snapshot
from bot.domain.errors import UsageError
from tests.scenario.test_shop_views import asked

VIEWS = Path(__file__).parents[2] / "shop" / "views"
ZERO = (VIEWS / "zero.json.gz").read_bytes()


@pytest.mark.parametrize("subject", ["namespace/anyns-zero", "deployment/front", "service/db", "deploy/orders"])
def test_it_is_asked_about_an_object_in_it(subject: str) -> None:
    view = decode_snapshot(ZERO, "zero", subject).view
    assert "scaled to zero" in asked(view, subject).headline


@pytest.mark.parametrize("subject", ["onyx", "front", "namespace/shop", "ns/shop"])
def test_it_is_not_asked_about_anything_else(subject: str) -> None:
    with pytest.raises(UsageError):
        decode_snapshot(ZERO, "zero", subject)


def test_a_bare_name_is_an_object_in_it_where_no_app_has_that_name(capsys: pytest.CaptureFixture[str]) -> None:
    file = str(VIEWS / "zero.json.gz")
    assert main(["diagnose", "front", "--snapshot", file]) == 1
    assert "scaled to zero" in capsys.readouterr().out
    assert main(["diagnose", "onyx", "--snapshot", file]) == 3
    assert "is a snapshot of namespace/anyns-zero, not of onyx" in capsys.readouterr().err


def test_the_way_goes_through_what_suffers_and_not_over_a_setting_that_all_share() -> None:
    view = decode_snapshot(ZERO, "zero", "deployment/front").view
    (cause,) = asked(view, "deployment/front").root_causes
    assert cause.chain == ("front", "orders", "db")
