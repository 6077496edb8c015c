"""What all tests share: the profile of generated tests that `make fuzz` runs for long."""

from collections.abc import Iterator

import pytest
from hypothesis import settings

from tests.canaries import listening
from tests.databases import database, empty_file, own_database, postgres, store

__all__ = ["database", "empty_file", "own_database", "postgres", "store"]

# No example has a deadline: how long one takes on a busy machine says nothing.
settings.register_profile("quick", deadline=None)
settings.register_profile("long", max_examples=2000, deadline=None, print_blob=True)
settings.load_profile("quick")


@pytest.fixture(autouse=True)
def no_canary_is_sent_to_slack() -> Iterator[None]:
    """Whatever a test is about: what its bots send holds none of the secrets that are planted everywhere."""
    with listening():
        yield
